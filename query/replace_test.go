package query

import (
	"fmt"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// A Lamp has no field for all attributes of its table.
type Lamp struct {
	Lamp  int32
	Color string
}

var (
	lampLab = schema.New("lamplab")
	lamps   = schema.Manual[Lamp](lampLab, "lamp : int32\n---\ncolor : varchar(8)\nstate = 'off' : varchar(8)")
)

// TestReplace gives rows that are there new values, enters the others, and removes nothing.
func TestReplace(t *testing.T) {
	cases := []struct {
		name   string
		rows   []Desk
		wanted []Desk
		failed string // empty for none
	}{
		{"none", nil, []Desk{{1, 1, "a", new(int32(11)), "old"}, {1, 2, "b", nil, ""}, {2, 1, "c", nil, ""}}, ""},
		{"one that is there, and one that is not", []Desk{{1, 1, "z", nil, "new"}, {3, 1, "d", nil, "new"}},
			[]Desk{{1, 1, "z", nil, "new"}, {1, 2, "b", nil, ""}, {2, 1, "c", nil, ""}, {3, 1, "d", nil, "new"}}, ""},
		{"one twice", []Desk{{1, 1, "y", nil, ""}, {1, 1, "z", nil, "last"}}, []Desk{{1, 1, "z", nil, "last"}, {1, 2, "b", nil, ""}, {2, 1, "c", nil, ""}}, ""},
		{"what is there already", []Desk{{1, 2, "b", nil, ""}}, []Desk{{1, 1, "a", new(int32(11)), "old"}, {1, 2, "b", nil, ""}, {2, 1, "c", nil, ""}}, ""},
		{"what another had before", []Desk{{1, 1, "z", nil, ""}, {1, 2, "a", new(int32(11)), ""}}, []Desk{{1, 1, "z", nil, ""}, {1, 2, "a", new(int32(11)), ""}, {2, 1, "c", nil, ""}}, ""},
		{"what another has", []Desk{{2, 1, "ok", nil, ""}, {1, 2, "a", nil, ""}}, nil, "replace in Desk: floor=1 desk=2: a row with this key is there already: "},
		{"what another has, in a new row", []Desk{{2, 1, "ok", nil, ""}, {3, 1, "a", nil, ""}}, nil, "replace in Desk: floor=3 desk=1: another row has label=a, which is unique: "},
		{"another's phone, in a new row", []Desk{{3, 1, "d", new(int32(11)), ""}}, nil, "replace in Desk: floor=3 desk=1: another row has phone=11, which is unique: "},
	}
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		there := allDesks(t, db)
		for _, c := range cases {
			for _, alone := range []bool{true, false} {
				t.Run(fmt.Sprint(c.name, " alone ", alone), func(t *testing.T) {
					_, err := Delete(t.Context(), db, From(desks), nil)
					require.NoError(t, err)
					require.NoError(t, Insert(t.Context(), db, desks, there...))
					replace := func(conn rowmill.Conn) error { return Replace(t.Context(), conn, desks, c.rows...) }
					if alone {
						err = replace(db)
					} else {
						err = db.Transact(t.Context(), func(tx *rowmill.Tx) error { return replace(tx) })
					}
					if c.failed == "" {
						require.NoError(t, err)
						require.Equal(t, c.wanted, allDesks(t, db))
						return
					}
					require.ErrorIs(t, err, rowmill.ErrDuplicate)
					require.ErrorContains(t, err, c.failed)
					require.Equal(t, there, allDesks(t, db))
				})
			}
		}
	})
}

// TestReplaceKeeps attributes without a field, rows that others refer to, and the rights of makes.
func TestReplaceKeeps(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		require.NoError(t, lampLab.Declare(ctx, db))
		require.NoError(t, Insert(ctx, db, lamps, Lamp{1, "red"}, Lamp{2, "red"}))
		require.NoError(t, Update(ctx, db, lamps, map[string]any{"lamp": 1, "state": "on"}))
		require.NoError(t, Replace(ctx, db, lamps, Lamp{1, "blue"}, Lamp{3, "blue"}))
		require.Equal(t, []string{"1 blue on", "2 red off", "3 blue off"}, texts(t, db, From(lamps)))

		require.NoError(t, Replace(ctx, db, subjects, Subject{1, "cat", nil}))
		require.Equal(t, []int{3, 3, 3, 3}, []int{countOf(t, db, subjects), countOf(t, db, sessions), countOf(t, db, spectra), countOf(t, db, pairs)})
		require.NoError(t, Replace(ctx, db, tags, Tag{"t"}, Tag{"u"}))
		require.Equal(t, []string{"t", "u"}, texts(t, db, From(tags)))
		require.NoError(t, Replace(ctx, db, setups, Setup{8}))
		require.Equal(t, []string{"8"}, texts(t, db, From(setups)))

		key := SpectrumKey{SessionKey{1, 1}, "fft"}
		require.ErrorIs(t, Replace(ctx, db, spectra, Spectrum{key, 77}), rowmill.ErrRefused)
		require.NoError(t, Replace(ctx, stamped{db}, spectra, Spectrum{key, 77}))
		require.Equal(t, []string{"1 1 fft 77"}, texts(t, db, From(spectra).Where("_job_version = ?", "it's v1")))

		err := Replace(ctx, db, sessions, Session{SessionKey: SessionKey{1, 1}}, Session{SessionKey: SessionKey{9, 1}})
		require.ErrorIs(t, err, rowmill.ErrReferenced)
		require.ErrorContains(t, err, "replace in Session: subject_id=9 session=1: there is no Subject with subject_id=9: ")
		require.ErrorIs(t, Replace(ctx, db, exacts, Exact{}), rowmill.ErrNoTable)
		require.ErrorIs(t, Replace(ctx, refusing{}, tags, Tag{"t"}), errNo)
		require.NoError(t, Replace[Tag](ctx, refusing{}, tags), "no rows are no statement")
		conn := &spy{DB: db}
		require.NoError(t, Replace(ctx, conn, subjects, manySubjects(2*maxRows+1)...))
		require.Equal(t, 3, conn.execs)
	})
}

// TestKeysOfAnyType are found again by what is missing, and by what is replaced.
func TestKeysOfAnyType(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, keyLab.Declare(t.Context(), db))
		rows := someKeys()
		n, err := InsertMissing(t.Context(), db, keyeds, rows...)
		require.NoError(t, err)
		require.Equal(t, len(rows), n)
		conn := &spy{DB: db}
		n, err = InsertMissing(t.Context(), conn, keyeds, rows...)
		require.NoError(t, err)
		require.Zero(t, n)
		require.Equal(t, []int{1, 0}, []int{conn.queries, conn.execs}, "each was seen to be there")
		require.NoError(t, Replace(t.Context(), db, keyeds, rows...))
		require.Equal(t, len(rows), countOf(t, db, keyeds))
		for i, row := range rows {
			err := Insert(t.Context(), db, keyeds, row)
			require.ErrorIs(t, err, rowmill.ErrDuplicate, "row %d", i)
		}
	})
}

// TestBlame names the one of thousands of rows that cannot be entered, and its attribute, in few statements.
func TestBlame(t *testing.T) {
	const n = 3*maxRows + 500
	type attempt struct {
		name   string
		enter  func(conn rowmill.Conn, rows []Desk) error
		begins string
	}
	attempts := []attempt{
		{"insert", func(conn rowmill.Conn, rows []Desk) error { return Insert(t.Context(), conn, desks, rows...) }, "insert into Desk: "},
		{"missing", func(conn rowmill.Conn, rows []Desk) error {
			_, err := InsertMissing(t.Context(), conn, desks, rows...)
			return err
		}, "insert missing into Desk: "},
		{"replace", func(conn rowmill.Conn, rows []Desk) error { return Replace(t.Context(), conn, desks, rows...) }, "replace in Desk: "},
	}
	places := []int{501, n - 1, 0, 1, maxRows - 1, maxRows}
	if raceDetector {
		places = places[:1]
	}
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		for _, a := range attempts {
			for _, at := range places {
				for what, spoil := range map[string]func(*Desk){
					"label": func(d *Desk) { d.Label = "a" }, "phone": func(d *Desk) { d.Phone = new(int32(11)) },
					"desk": func(d *Desk) { d.Floor, d.Desk = 1, 1 },
				} {
					if what == "desk" && a.name != "insert" {
						continue
					}
					rows := make([]Desk, n)
					for i := range rows {
						rows[i] = Desk{50, int16(i), fmt.Sprint("l", i), nil, ""}
					}
					spoil(&rows[at])
					conn := &spy{DB: db}
					err := a.enter(conn, rows)
					name := fmt.Sprintf("%s, %s of row %d", a.name, what, at)
					require.ErrorIs(t, err, rowmill.ErrDuplicate, name)
					require.ErrorContains(t, err, fmt.Sprintf("%sfloor=%d desk=%d: ", a.begins, rows[at].Floor, rows[at].Desk), name)
					if what != "desk" {
						require.ErrorContains(t, err, what)
					}
					require.LessOrEqual(t, conn.execs, 4+2*bits.Len(maxRows)+4, name)
					require.LessOrEqual(t, conn.queries, n/lookAtOnce+4, name)
				}
			}
		}
		require.Equal(t, 3, countOf(t, db, desks))
	})
}

// TestBlameOfOrphans says which row's parent is not there.
func TestBlameOfOrphans(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		rows := make([]Session, 2*maxRows)
		for i := range rows {
			rows[i] = Session{SessionKey: SessionKey{3, int16(i)}}
		}
		rows[1234].SubjectID = 77
		conn := &spy{DB: db}
		err := Insert(t.Context(), conn, sessions, rows...)
		require.ErrorIs(t, err, rowmill.ErrReferenced)
		require.ErrorContains(t, err, "insert into Session: subject_id=77 session=1234: there is no Subject with subject_id=77: a foreign key forbids it")
		require.LessOrEqual(t, conn.execs, 2+bits.Len(maxRows)+1)
		require.Equal(t, 1, conn.queries)
		require.Equal(t, 3, countOf(t, db, sessions))
	})
}

// TestReplaceOfNumberedKeys changes no key where another row has the value: one that numbers itself would be 0.
func TestReplaceOfNumberedKeys(t *testing.T) {
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), db, lockers, Locker{1, "ann"}, Locker{2, "bob"}))
		require.NoError(t, Replace(t.Context(), db, lockers, Locker{1, "eve"}, Locker{7, "gus"}))
		for _, row := range []Locker{{0, "bob"}, {9, "bob"}, {1, "bob"}} {
			err := Replace(t.Context(), db, lockers, Locker{8, "new"}, row)
			require.ErrorIs(t, err, rowmill.ErrDuplicate)
			require.ErrorContains(t, err, fmt.Sprintf("replace in Locker: locker=%d: ", row.Locker))
		}
		_, err := InsertMissing(t.Context(), db, lockers, Locker{9, "bob"})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.Equal(t, []string{"1 eve", "2 bob", "7 gus"}, texts(t, db, From(lockers)))
	})
}
