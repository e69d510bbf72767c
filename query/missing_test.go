package query

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
)

// TestInsertMissing enters the rows whose key is not there, and leaves the others as they are.
func TestInsertMissing(t *testing.T) {
	there := []Desk{{1, 1, "a", new(int32(11)), "old"}, {1, 2, "b", nil, ""}, {2, 1, "c", nil, ""}}
	fresh, other := Desk{3, 1, "d", nil, "new"}, Desk{3, 2, "e", nil, "new"}
	cases := []struct {
		name   string
		rows   []Desk
		n      int
		wanted []Desk // of the fresh ones
		failed string // empty for none
	}{
		{"none", nil, 0, nil, ""},
		{"all", []Desk{fresh, other}, 2, []Desk{fresh, other}, ""},
		{"some", []Desk{there[1], fresh, there[0]}, 1, []Desk{fresh}, ""},
		{"those that are there", there, 0, nil, ""},
		{"those that are there, with other values", []Desk{{1, 1, "z", nil, "changed"}}, 0, nil, ""},
		{"those that are there, with another's value", []Desk{{1, 1, "b", nil, "changed"}, fresh}, 1, []Desk{fresh}, ""},
		{"one twice", []Desk{fresh, {3, 1, "f", nil, "again"}, other, other}, 2, []Desk{fresh, other}, ""},
		{"another's value", []Desk{fresh, {3, 2, "b", nil, ""}}, 0, nil, "insert missing into Desk: floor=3 desk=2: another row has label=b, which is unique: "},
		{"a value twice", []Desk{fresh, {3, 2, "d", nil, ""}}, 0, nil, "insert missing into Desk: floor=3 desk=2: "},
		{"another's phone", []Desk{fresh, {3, 2, "e", new(int32(11)), ""}, there[0]}, 0, nil, "insert missing into Desk: floor=3 desk=2: "},
	}
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				for _, alone := range []bool{true, false} {
					enter := func(conn rowmill.Conn) error {
						n, err := InsertMissing(t.Context(), conn, desks, c.rows...)
						require.Equal(t, c.n, n)
						if err == nil {
							require.Equal(t, append(there[:3:3], c.wanted...), allDesks(t, conn))
						}
						return err
					}
					var err error
					if alone {
						err = enter(db)
					} else {
						err = db.Transact(t.Context(), func(tx *rowmill.Tx) error { return enter(tx) })
					}
					if c.failed == "" {
						require.NoError(t, err)
					} else {
						require.ErrorIs(t, err, rowmill.ErrDuplicate)
						require.ErrorContains(t, err, c.failed)
						require.Equal(t, there, allDesks(t, db))
					}
					_, err = Delete(t.Context(), db, From(desks).Where("floor = 3"), nil)
					require.NoError(t, err)
				}
			})
		}
	})
}

// TestInsertMissingErrors are those of Insert.
func TestInsertMissingErrors(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		_, err := InsertMissing(ctx, db, sessions, Session{SessionKey: SessionKey{1, 1}}, Session{SessionKey: SessionKey{3, 1}}, Session{SessionKey: SessionKey{9, 1}})
		require.ErrorIs(t, err, rowmill.ErrReferenced)
		require.ErrorContains(t, err, "insert missing into Session: subject_id=9 session=1: there is no Subject with subject_id=9: ")
		_, err = InsertMissing(ctx, db, tags, Tag{"new"}, Tag{"t"}, Tag{"123456789"})
		require.ErrorIs(t, err, rowmill.ErrValue)
		require.ErrorContains(t, err, `insert missing into Tag: tag=123456789: `)
		_, err = InsertMissing(ctx, db, spectra, Spectrum{})
		require.ErrorIs(t, err, rowmill.ErrRefused)
		_, err = InsertMissing(ctx, db, exacts, Exact{})
		require.ErrorIs(t, err, rowmill.ErrNoTable)
		_, err = InsertMissing(ctx, refusing{}, tags, Tag{"new"})
		require.ErrorIs(t, err, errNo)
		n, err := InsertMissing[Tag](ctx, refusing{}, tags)
		require.NoError(t, err, "no rows are no statement")
		require.Zero(t, n)
		require.Equal(t, []int{3, 1}, []int{countOf(t, db, sessions), countOf(t, db, tags)})

		n, err = InsertMissing(ctx, db, setups, Setup{8})
		require.NoError(t, err)
		require.Zero(t, n, "the only row is there")
		n, err = InsertMissing(ctx, stamped{db}, spectra, Spectrum{SpectrumKey{SessionKey{1, 1}, "fft"}, 0}, Spectrum{SpectrumKey{SessionKey{1, 2}, "welch"}, 0})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, 1, countOf(t, db, spectra)-3)
		require.Len(t, texts(t, db, From(spectra).Where("_job_version = ?", "it's v1")), 1)
	})
}

// TestInsertMissingInFewStatements looks for many keys at once, of any type, and enters many rows at once.
func TestInsertMissingInFewStatements(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		rows := manySubjects(2*maxRows + 500)
		_, err := InsertMissing(t.Context(), db, subjects, rows[:maxRows+200]...)
		require.NoError(t, err)
		conn := &spy{DB: db}
		n, err := InsertMissing(t.Context(), conn, subjects, rows...)
		require.NoError(t, err)
		require.Equal(t, len(rows)-maxRows-200, n)
		require.Equal(t, []int{len(rows) / lookAtOnce, 2}, []int{conn.queries, conn.execs})
		n, err = InsertMissing(t.Context(), conn, subjects, rows...)
		require.NoError(t, err)
		require.Zero(t, n)
		require.Equal(t, 2, conn.execs, "nothing more")
	})
}

// TestInsertMissingOfKeysThatOnlyServersKnow enters keys of which the server alone can tell whether they are there.
func TestInsertMissingOfKeysThatOnlyServersKnow(t *testing.T) {
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		var lower, upper []Doc
		for i := range 100 {
			name := strings.Repeat("x", i%7) + string(rune('a'+i/7))
			lower, upper = append(lower, Doc{Doc: name}), append(upper, Doc{Doc: strings.ToUpper(name)})
		}
		n, err := InsertMissing(t.Context(), db, docs, lower...)
		require.NoError(t, err)
		before := countOf(t, db, docs)
		require.Equal(t, n, before)
		n, err = InsertMissing(t.Context(), db, docs, append(upper, lower...)...)
		require.NoError(t, err)
		require.Equal(t, before+n, countOf(t, db, docs))
		require.Contains(t, []int{0, before}, n, "a server tells capitals, or does not")
	})
}

// TestInsertMissingOfNumberedKeys enters every row whose key the server gives: it is never there, and no other row's.
func TestInsertMissingOfNumberedKeys(t *testing.T) {
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		n, err := InsertMissing(t.Context(), db, badges, Badge{"ann"}, Badge{"bob"})
		require.NoError(t, err)
		require.Equal(t, 2, n)
		_, err = InsertMissing(t.Context(), db, badges, Badge{"cid"}, Badge{"bob"})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.ErrorContains(t, err, "insert missing into Badge: row 2: ")
		require.ErrorIs(t, Replace(t.Context(), db, badges, Badge{"cid"}, Badge{"bob"}), rowmill.ErrDuplicate)
		require.Equal(t, []string{"1 ann", "2 bob"}, texts(t, db, From(badges)))

		n, err = InsertMissing(t.Context(), db, lockers, Locker{0, "ann"}, Locker{0, "bob"}, Locker{7, "cid"}, Locker{7, "dot"})
		require.NoError(t, err)
		require.Equal(t, 3, n)
		n, err = InsertMissing(t.Context(), db, lockers, Locker{0, "dot"}, Locker{7, "cid"})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = InsertMissing(t.Context(), db, lockers, Locker{0, "eve"}, Locker{0, "bob"})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.ErrorContains(t, err, "insert missing into Locker: locker=0: ")
		owners, err := Column[string](t.Context(), db, From(lockers).OrderBy("owner"), "owner")
		require.NoError(t, err)
		require.Equal(t, []string{"ann", "bob", "cid", "dot"}, owners)
	})
}

// TestInsertMissingLargeRows divides rows by their bytes, and names the one that is too large.
func TestInsertMissingLargeRows(t *testing.T) {
	row := func(n int32, mib int) Big { return Big{n, make([]byte, mib<<20)} }
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, bigLab.Declare(t.Context(), db))
		require.NoError(t, Insert(t.Context(), db, bigs, row(3, 0)))
		rows := []Big{row(1, 1), row(2, 2), row(3, 4), row(4, 3), row(5, 6), row(1, 5)}
		conn := &spy{DB: db}
		n, err := InsertMissing(t.Context(), conn, bigs, rows...)
		require.NoError(t, err)
		require.Equal(t, 4, n)
		require.Equal(t, 3, conn.execs, "1, 2 | 3 | 6")
		require.NoError(t, Replace(t.Context(), conn, bigs, rows[2:5]...))
		sizes, err := Column[int64](t.Context(), db, From(bigs).Project("size = length(data)").OrderBy("n"), "size")
		require.NoError(t, err)
		require.Equal(t, []int64{1 << 20, 2 << 20, 4 << 20, 3 << 20, 6 << 20}, sizes)
		if db.Dialect().SingleWriter() {
			return // a file takes a gigabyte
		}
		packet := numberOf(t, db, "SELECT @@max_allowed_packet")
		rows = []Big{row(6, 1), {7, make([]byte, packet+1)}, row(8, 1)}
		_, err = InsertMissing(t.Context(), db, bigs, rows...)
		for _, err := range []error{err, Insert(t.Context(), db, bigs, rows...), Replace(t.Context(), db, bigs, rows...)} {
			require.ErrorIs(t, err, rowmill.ErrTooLarge)
			require.ErrorContains(t, err, fmt.Sprintf("n=7: it has %d bytes: ", packet+9))
		}
		require.Equal(t, 5, countOf(t, db, bigs))
	})
}

// TestInsertMissingAtOnce has several connections enter the same rows at the same time: each row is entered, and
// counted, once.
func TestInsertMissingAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, lab.Declare(t.Context(), db))
		const each, rounds = 700, 4
		for round := range rounds {
			rows := manySubjects(each * (round + 1))
			entered := make([]int, 4)
			var g errgroup.Group
			for i := range entered {
				other, err := rowmill.Open(t.Context(), dsn)
				require.NoError(t, err)
				t.Cleanup(func() { _ = other.Close() })
				mine := append([]Subject{}, rows...)
				rand.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
				g.Go(func() (err error) {
					entered[i], err = InsertMissing(t.Context(), other, subjects, mine...)
					return err
				})
			}
			require.NoError(t, g.Wait())
			require.Equal(t, each, entered[0]+entered[1]+entered[2]+entered[3], entered)
			require.Equal(t, len(rows), countOf(t, db, subjects))
		}
	})
}
