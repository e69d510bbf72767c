package query

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// The tables of the tests of changing and of entering what is missing: with indexes, and a key that the server numbers.
var office = schema.New("office")

type (
	Desk struct {
		Floor int8
		Desk  int16
		Label string
		Phone *int32
		Note  string
	}
	Badge  struct{ Owner string }
	Locker struct {
		Locker int32
		Owner  string
	}
	Doc struct {
		Doc   string
		Since time.Time
		Data  []float64
		More  any
	}
)

var (
	desks = schema.Manual[Desk](office, `
		floor : int8
		desk : int16
		---
		label : varchar(8)
		phone = null : int32
		note = "" : varchar(200)
		unique index (label)
		unique index (phone)
	`)
	badges  = schema.Manual[Badge](office, "badge : int auto_increment\n---\nowner : varchar(8)\nunique index (owner)")
	lockers = schema.Manual[Locker](office, "locker : int auto_increment\n---\nowner : varchar(8)\nunique index (owner)")
	docs    = schema.Manual[Doc](office, "doc : varchar(8)\n---\nsince : datetime(3)\ndata : <blob>\nmore = null : json")
)

// onOffices runs f on every kind of server, where there are three desks.
func onOffices(t *testing.T, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, office.Declare(t.Context(), db))
		require.NoError(t, Insert(t.Context(), db, desks, Desk{1, 1, "a", new(int32(11)), "old"}, Desk{1, 2, "b", nil, ""}, Desk{2, 1, "c", nil, ""}))
		f(t, db)
	})
}

// allDesks are the desks in the order of their keys.
func allDesks(t *testing.T, conn rowmill.Conn) []Desk {
	t.Helper()
	rows, err := Fetch[Desk](t.Context(), conn, From(desks).Top(1e9, "KEY"))
	require.NoError(t, err)
	return rows
}

// TestUpdate changes the attributes that the row has, of the one row that its key tells.
func TestUpdate(t *testing.T) {
	one := Desk{1, 1, "a", new(int32(11)), "old"}
	changed := func(change func(*Desk)) Desk {
		d := one
		change(&d)
		return d
	}
	cases := []struct {
		name   string
		row    any
		wanted Desk
	}{
		{"a struct of some attributes", struct {
			Floor int8
			Desk  int16
			Note  string
		}{1, 1, "new"}, changed(func(d *Desk) { d.Note = "new" })},
		{"fields in another order", struct {
			Note  string
			Desk  int16
			Phone *int32
			Floor int8
		}{"new", 1, new(int32(12)), 1}, changed(func(d *Desk) { d.Note, d.Phone = "new", new(int32(12)) })},
		{"a whole row", Desk{1, 1, "z", nil, ""}, Desk{1, 1, "z", nil, ""}},
		{"a pointer", &Desk{1, 1, "z", nil, "x"}, Desk{1, 1, "z", nil, "x"}},
		{"a map", map[string]any{"floor": 1, "desk": int64(1), "note": "it's"}, changed(func(d *Desk) { d.Note = "it's" })},
		{"NULL in a map", map[string]any{"floor": 1, "desk": 1, "phone": nil}, changed(func(d *Desk) { d.Phone = nil })},
		{"NULL in a struct", struct {
			Floor, Desk int16
			Phone       *int32
		}{1, 1, nil}, changed(func(d *Desk) { d.Phone = nil })},
		{"what it is already", one, one},
	}
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		others := allDesks(t, db)[1:]
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				require.NoError(t, Replace(t.Context(), db, desks, one))
				conn := &spy{DB: db}
				require.NoError(t, Update(t.Context(), conn, desks, c.row))
				require.Equal(t, 1, conn.execs)
				require.Equal(t, append([]Desk{c.wanted}, others...), allDesks(t, db))
			})
		}
	})
}

// TestUpdateOfAnyType stores what Insert stores.
func TestUpdateOfAnyType(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), db, docs, Doc{"x", at, []float64{1}, nil}, Doc{"y", at, nil, nil}))
		wanted := Doc{"x", at.Add(time.Hour).Truncate(time.Millisecond), []float64{2, 3}, map[string]any{"a": []any{1.5, "b"}}}
		require.NoError(t, Update(t.Context(), db, docs, Doc{"x", at.Add(time.Hour), wanted.Data, wanted.More}))
		got, err := One[Doc](t.Context(), db, From(docs).Where("doc = 'x'"))
		require.NoError(t, err)
		require.Equal(t, wanted, got)
		require.NoError(t, Update(t.Context(), db, docs, map[string]any{"doc": "y", "data": []float64{4}, "since": "2025-01-01", "more": true}))
		got, err = One[Doc](t.Context(), db, From(docs).Where("doc = 'y'"))
		require.NoError(t, err)
		require.Equal(t, Doc{"y", time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), []float64{4}, true}, got)
	})
}

// TestUpdateErrors are those that a caller may test for. Nothing is changed, and a transaction goes on where it can.
func TestUpdateErrors(t *testing.T) {
	type row = map[string]any
	cases := []struct {
		name   string
		table  schema.Declared
		row    any
		is     error
		wanted string
	}{
		{"no such row", subjects, row{"subject_id": 9, "species": "cat"}, rowmill.ErrNotFound, "update Subject: subject_id=9: no such row"},
		{"half of the key", sessions, row{"subject_id": 1, "rig": "b"}, nil, `update Session: the primary key says which row it is, and "session" is missing`},
		{"nothing to change", sessions, SessionKey{1, 1}, nil, "update Session: there is nothing to change: the row has no attributes but the primary key"},
		{"a table of keys alone", tags, Tag{"t"}, nil, "update Tag: there is nothing to change"},
		{"an attribute that is not there", subjects, row{"subject_id": 1, "specis": "cat"}, rowmill.ErrNoAttribute, `update Subject: no such attribute: specis; did you mean "species"?`},
		{"a field that is not there", subjects, struct {
			SubjectID int32
			Specis    string
		}{1, "cat"}, nil, `update Subject: the field Specis stands for an attribute "specis", which is not there; did you mean "species"?`},
		{"a field that does not fit", subjects, struct {
			SubjectID int32
			Species   int
		}{1, 1}, nil, `update Subject: the field Species: "species" is varchar(16), which int cannot hold`},
		{"no row", subjects, 7, nil, "update Subject: a int cannot be matched: a struct or a map[string]any of attributes is wanted"},
		{"nil", subjects, nil, nil, "update Subject: a <nil> cannot be matched"},
		{"a value of another type", subjects, row{"subject_id": 1, "weight": "heavy"}, rowmill.ErrValue, `update Subject: subject_id=1: a value does not fit its attribute: "weight" is float64, which string cannot hold`},
		{"a number that is none", subjects, struct {
			SubjectID int32
			Weight    *float64
		}{1, new(math.NaN())}, rowmill.ErrValue, "update Subject: subject_id=1: a value does not fit its attribute: weight: "},
		{"a number that is none, in a map", subjects, row{"subject_id": 1, "weight": math.NaN()}, rowmill.ErrValue, `update Subject: subject_id=1: a value does not fit its attribute: "weight"`},
		{"a text that is too long", subjects, row{"subject_id": 1, "species": "a cat that is too long"}, rowmill.ErrValue, `update Subject: subject_id=1: a value does not fit its attribute: "species" "a cat that`},
		{"a key that fits not", sessions, row{"subject_id": 1, "session": 40000, "rig": "b"}, rowmill.ErrValue, `update Session: subject_id=1: a value does not fit its attribute: "session" is int16`},
		{"NULL where there is none", subjects, row{"subject_id": 1, "species": nil}, rowmill.ErrValue, "update Subject: subject_id=1: a value does not fit its attribute: "},
		{"no parent", pairs, row{"a": 1, "b": 2, "method": "none"}, rowmill.ErrReferenced, "update Pair: a=1 b=2: there is no Method with method=none: a foreign key forbids it"},
		{"a computed table", spectra, row{"subject_id": 1, "session": 1, "method": "fft", "peak_hz": 1}, rowmill.ErrRefused, "update Spectrum: refused: rows of computed tables are made by their make function"},
		{"a part of one", peaks, row{"subject_id": 1, "session": 1, "method": "fft", "peak": 1, "hz": 1}, rowmill.ErrRefused, "update Spectrum.Peak: refused: "},
		{"a table that is not there", exacts, row{"n": 1, "single": 1}, rowmill.ErrNoTable, "update Exact: n=1: "},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				check := func(err error) {
					t.Helper()
					require.ErrorContains(t, err, c.wanted)
					if c.is != nil {
						require.ErrorIs(t, err, c.is)
					}
				}
				check(Update(t.Context(), db, c.table, c.row))
				check(db.Transact(t.Context(), func(tx *rowmill.Tx) error { return Update(t.Context(), tx, c.table, c.row) }))
			})
		}
		require.ErrorIs(t, Update(t.Context(), refusing{}, methods, Method{"fft", 3}), errNo)
	})
}

// TestUpdateInATransaction goes on where no such row is there, or where another has the value: nothing was changed.
func TestUpdateInATransaction(t *testing.T) {
	onOffices(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		err := Update(ctx, db, desks, map[string]any{"floor": 1, "desk": 2, "label": "a"})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.ErrorContains(t, err, "update Desk: floor=1 desk=2: a row with this key is there already: ")

		cat := map[string]any{"floor": 9, "desk": 9, "label": "z"}
		require.NoError(t, db.Transact(ctx, func(tx *rowmill.Tx) error {
			require.ErrorIs(t, Update(ctx, tx, desks, cat), rowmill.ErrNotFound)
			require.NoError(t, Insert(ctx, tx, desks, Desk{9, 9, "y", nil, ""}))
			return Update(ctx, tx, desks, cat)
		}))
		require.Equal(t, Desk{9, 9, "z", nil, ""}, allDesks(t, db)[3])
		err = db.Transact(ctx, func(tx *rowmill.Tx) error {
			require.NoError(t, Update(ctx, tx, desks, map[string]any{"floor": 9, "desk": 9, "label": "x"}))
			require.Error(t, Update(ctx, tx, desks, map[string]any{"floor": 9, "desk": 9, "label": "a"}))
			return nil
		})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.Equal(t, "z", allDesks(t, db)[3].Label)
	})
}

// TestUpdateOfWhatIsMade is for makes, and of a table of one row without a key.
func TestUpdateOfWhatIsMade(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Update(t.Context(), made{db}, spectra, Spectrum{SpectrumKey{SessionKey{1, 1}, "fft"}, 11}))
		require.NoError(t, Update(t.Context(), made{db}, peaks, Peak{SpectrumKey{SessionKey{1, 1}, "fft"}, 1, 11}))
		hz, err := Column[float64](t.Context(), db, From(peaks).Where("peak = 1 AND session = 1"), "hz")
		require.NoError(t, err)
		require.Equal(t, []float64{11}, hz)
		require.NoError(t, Update(t.Context(), db, setups, Setup{8}))
		version, err := Column[int32](t.Context(), db, From(setups), "version")
		require.NoError(t, err)
		require.Equal(t, []int32{8}, version)
		var uses []rowmill.Use
		require.NoError(t, Update(t.Context(), witness{db, &uses}, setups, Setup{9}))
		require.Equal(t, []rowmill.Use{{Writes: []string{"lab.#setup"}}}, uses)
	})
}
