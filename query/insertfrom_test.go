package query

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/schema"
)

// TestInsertFrom enters the rows of relations; attributes that these lack have their defaults.
func TestInsertFrom(t *testing.T) {
	swapped := From(pairs).Project("a = b", "b = a", "method", "note")
	cases := []struct {
		name   string
		table  schema.Declared
		rel    Rel
		n      int
		wanted []string // of the whole table
	}{
		{"a renamed key", tags, From(methods).Project("tag = method"), 2, []string{"fft", "t", "welch"}},
		{"distinct values", tags, Universal("method").In(From(peaks)).Project("tag = method"), 1, []string{"fft", "t"}},
		{"a union", tags, From(methods).Project("tag = method").Union(Universal("method").In(From(peaks)).Project("tag = method")), 2, []string{"fft", "t", "welch"}},
		{"the first", tags, From(methods).Top(1, "gain DESC").Project("tag = method"), 1, []string{"t", "welch"}},
		{"nothing", tags, From(methods).Where("gain > ?", 9).Project("tag = method"), 0, []string{"t"}},
		{"computed values, and defaults", sessions, From(subjects).Where("species = ?", "rat").Project("session = 9", "rate_hz = subject_id + 0.5"), 1,
			[]string{"1 1 100 a 3", "1 2 200 NULL 1", "2 1 100 NULL 2", "2 9 2.5 NULL 0"}},
		{"of itself", pairs, swapped, 3, []string{"1 2 fft x", "1 3 NULL it's", "2 1 fft x", "2 3 NULL ", "3 1 NULL it's", "3 2 NULL "}},
		{"by itself", pairs, swapped.NotIn(From(pairs).Where("note = 'x'").Project("a = b", "b = a")).Project("note = 'new'"), 2,
			[]string{"1 2 fft x", "1 3 NULL it's", "2 3 NULL ", "3 1 NULL new", "3 2 NULL new"}},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				conn := &spy{DB: db}
				errStop := errors.New("stop")
				require.ErrorIs(t, db.Transact(t.Context(), func(tx *rowmill.Tx) error {
					n, err := InsertFrom(t.Context(), tx, c.table, c.rel)
					require.NoError(t, err)
					require.Equal(t, c.n, n)
					return errStop
				}), errStop)
				before := texts(t, db, From(c.table))
				n, err := InsertFrom(t.Context(), conn, c.table, c.rel)
				require.NoError(t, err)
				require.Equal(t, c.n, n)
				require.Equal(t, []int{0, 1}, []int{conn.queries, conn.execs})
				require.Equal(t, c.wanted, texts(t, db, From(c.table)))
				for _, row := range before { // leave what was there
					require.Contains(t, c.wanted, row)
				}
				_, err = Delete(t.Context(), db, From(c.table), nil)
				require.NoError(t, err)
				_, err = Delete(t.Context(), db, From(subjects), nil)
				require.NoError(t, err)
				_, err = Delete(t.Context(), db, From(tags), nil)
				require.NoError(t, err)
				fillLab(t, db)
			})
		}
	})
}

// TestInsertFromErrors enters nothing, and says why.
func TestInsertFromErrors(t *testing.T) {
	one := From(subjects).Where("subject_id = 1")
	cases := []struct {
		name   string
		table  schema.Declared
		rel    Rel
		is     error
		wanted string
	}{
		{"an attribute too many", tags, From(methods).Project("tag = method", "gain"), rowmill.ErrNoAttribute,
			`insert into Tag: the relation has an attribute that the table has not: no attribute "gain" among tag`},
		{"an attribute too few", sessions, one.Project("session = 9"), nil,
			`insert into Session: the relation has no attribute "rate_hz" (float64), and the table no default for it`},
		{"a key too few", sessions, one.Project("rate_hz = 9"), nil, `insert into Session: the relation has no attribute "session" (int16)`},
		{"a text that is too long", tags, Universal("species").In(From(subjects)).Project("tag = species"), nil,
			`insert into Tag: "tag" is varchar(8), which cannot hold varchar(16)`},
		{"a number that is too large", reviews, Universal("subject_id", "gain").In(From(subjects, methods)).Project("subject = subject_id", "run = gain"), nil,
			`insert into Review: "run" is int16, which cannot hold int32`},
		{"another type", methods, Universal("weight").In(From(subjects)).Project("method = weight", "gain = 1"), nil,
			`insert into Method: "method" is varchar(8), which cannot hold float64`},
		{"a relation that is wrong", tags, From(methods).Where("spam = 1"), rowmill.ErrNoAttribute, `insert into Tag: condition "spam = 1"`},
		{"no relation", tags, Rel{}, nil, "insert into Tag: the relation is empty"},
		{"a key that is there", methods, Universal("method").Aggregate(From(spectra), "gain = count(*)"), rowmill.ErrDuplicate, "insert into Method: a row with this key is there already"},
		{"some keys that are there", pairs, From(subjects).Project("a = subject_id").Join(From(subjects).Project("b = subject_id")), rowmill.ErrDuplicate, "insert into Pair: "},
		{"no parent", pairs, From(subjects).Project("a = subject_id", "b = subject_id + 90"), rowmill.ErrReferenced, "insert into Pair: a foreign key forbids it"},
		{"a computed value that does not fit", sessions, one.Project("session = 9", "rate_hz = 1", "order = 1000"), rowmill.ErrValue, "insert into Session: a value does not fit its attribute"},
		{"a computed text that does not fit", tags, Universal("tag").In(one.Project("tag = 'longer than eight'")), rowmill.ErrValue, "insert into Tag: a value does not fit its attribute"},
		{"a computed text for a number", sessions, one.Project("session = 9", "rate_hz = 'fast'"), rowmill.ErrValue, "insert into Session: a value does not fit its attribute"},
		{"NULL where there is none", sessions, one.Project("session = 9", "rate_hz = NULL"), rowmill.ErrValue, "insert into Session: a value does not fit its attribute"},
		{"NULL of some", sessions, From(subjects).Project("session = 9", "rate_hz = weight"), rowmill.ErrValue, "insert into Session: "},
		{"a computed table", spectra, From(spectra), rowmill.ErrRefused, "insert into Spectrum: refused: rows of computed tables are made by their make function"},
		{"a part of one", peaks, From(peaks), rowmill.ErrRefused, "insert into Spectrum.Peak: refused: "},
		{"a table that is not there", tags, From(exacts).Project("n", "tag = 'x'"), rowmill.ErrNoAttribute, "insert into Tag: "},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := countOf(t, db, c.table)
				n, err := InsertFrom(t.Context(), db, c.table, c.rel)
				require.ErrorContains(t, err, c.wanted)
				require.Zero(t, n)
				if c.is != nil {
					require.ErrorIs(t, err, c.is)
				}
				require.Equal(t, before, countOf(t, db, c.table))
			})
		}
		_, err := InsertFrom(t.Context(), refusing{}, tags, From(methods).Project("tag = method"))
		require.ErrorIs(t, err, errNo)
		_, err = InsertFrom(t.Context(), db, exacts, From(exacts))
		require.ErrorIs(t, err, rowmill.ErrNoTable)
	})
}

// TestInsertFromInAMake stamps the rows, and asks for all tables.
func TestInsertFromInAMake(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		missing := From(sessions, methods).Project("peak_hz = rate_hz * gain").NotIn(From(spectra).Project())
		n, err := InsertFrom(t.Context(), stamped{db}, spectra, missing)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		type row struct {
			SpectrumKey
			PeakHz   float64
			Version  *string  `db:"_job_version"`
			Duration *float32 `db:"_job_duration"`
		}
		fresh, err := Fetch[row](t.Context(), db, From(spectra).Where("_job_version <> ''").OrderBy("KEY"))
		require.NoError(t, err)
		version, took := new("it's v1"), new(float32(1.5))
		require.Equal(t, []row{
			{SpectrumKey{SessionKey{1, 2}, "welch"}, 400, version, took}, {SpectrumKey{SessionKey{2, 1}, "fft"}, 100, version, took},
			{SpectrumKey{SessionKey{2, 1}, "welch"}, 200, version, took},
		}, fresh)
		var uses []rowmill.Use
		_, err = InsertFrom(t.Context(), witness{db, &uses}, tags, From(methods).In(From(spectra).In(From(subjects))).Project("tag = method"))
		require.NoError(t, err)
		require.Len(t, uses, 1)
		require.ElementsMatch(t, []string{"lab.#method", "lab.__spectrum", "lab.subject"}, uses[0].Reads)
		require.Equal(t, []string{"lab.tag"}, uses[0].Writes)
	})
}

// TestHolds has the types whose values another holds, all of them.
func TestHolds(t *testing.T) {
	attr := func(spec string) schema.Attr {
		if spec == "" {
			return schema.Attr{Name: "x"}
		}
		typ, ok := datatype.Parse(spec)
		require.True(t, ok, spec)
		return schema.Attr{Name: "x", Type: typ}
	}
	for _, c := range []struct{ to, from string }{
		{"int32", "int32"}, {"int32", "int8"}, {"int64", "int unsigned"}, {"int unsigned", "tinyint unsigned"}, {"int16", "bool"}, {"int32", "int auto_increment"},
		{"float64", "float32"}, {"float64", "float64"}, {"decimal(9,2)", "decimal(9,2)"}, {"uuid", "uuid"}, {"json", "json"}, {"date", "date"},
		{"varchar(8)", "varchar(8)"}, {"varchar(9)", "char(8)"}, {"varchar(3)", "enum('a','b')"}, {"char(8)", "char(4)"}, {"text", "varchar(100)"}, {"mediumtext", "text"},
		{"datetime(6)", "datetime(3)"}, {"time(3)", "time"}, {"bytes", "varbinary(8)"}, {"longblob", "bytes"}, {"varchar(3)", "set('a','b')"}, {"int32", ""},
	} {
		require.True(t, holds(attr(c.to), attr(c.from)), "%s holds %s", c.to, c.from)
	}
	for _, c := range []struct{ to, from string }{
		{"int8", "int16"}, {"int32", "int unsigned"}, {"int unsigned", "int32"}, {"float32", "float64"}, {"int32", "float64"}, {"float64", "int64"}, {"int64", "bigint unsigned"},
		{"bool", "int8"}, {"varchar(7)", "varchar(8)"}, {"char(8)", "varchar(8)"}, {"varchar(2)", "enum('abc')"}, {"enum('a','b')", "enum('a')"}, {"enum('a')", "varchar(1)"},
		{"date", "datetime"}, {"datetime", "date"}, {"datetime", "datetime(3)"}, {"decimal(9,2)", "decimal(8,2)"}, {"json", "varchar(8)"}, {"varchar(8)", "json"}, {"varchar(99)", "int8"},
		{"varchar(20)", "date"}, {"uuid", "bytes"}, {"varbinary(8)", "bytes"}, {"tinytext", "varchar(100)"}, {"bytes", "varchar(8)"}, {"timestamp", "datetime"},
	} {
		require.False(t, holds(attr(c.to), attr(c.from)), "%s holds no %s", c.to, c.from)
	}
}
