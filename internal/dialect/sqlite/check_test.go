package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

func column(name, spec, def string) dialect.Column {
	return dialect.Column{Name: name, Type: datatype.MustParse(spec), Nullable: def == "NULL", Default: def}
}

func run(t *testing.T, s *dialect.Server, statements []dialect.Statement) {
	t.Helper()
	for _, statement := range statements {
		_, err := s.Write.ExecContext(t.Context(), statement.SQL, statement.Args...)
		require.NoError(t, err, statement.SQL)
	}
}

// TestChecks has texts and numbers that SQLite could read as something, and that are not spelled as values
// are. What every server refuses is in dialecttest.
func TestChecks(t *testing.T) {
	s := open(t, Config{Path: filepath.Join(t.TempDir(), "test.db")})
	run(t, s, s.Dialect.CreateSchema("lab"))
	for i, c := range []struct {
		spec      string
		good, bad []any
	}{
		{"date", []any{"0000-01-01"}, []any{"2024-1-1", "24-01-01", "2024-01-01 ", "2024-01-01Z", "2024-01-01 00:00:00", "2460000.5", 2460000, "-001-01-01"}},
		{"datetime(6)", []any{"0000-01-01 00:00:00", "2024-01-01 00:00:00.000001", "2024-01-01 23:59:59.9"}, []any{
			"2024-01-01", "2024-01-01 10:00", "2024-01-01T10:00:00", "2024-01-01 10:00:00Z", "2024-01-01 10:00:00+00:00", "2024-01-01 10:00:00.5Z",
			"2024-01-01 10:00:00 ", "2024-01-01 24:00:00", "2024-01-01  10:00:00", "2024-01-01 10:00:00.", "2024-01-01 10:00:00.1.2", "now", "10:00:00",
			2460000.5, "2024-01-01 10:00:00 +1 day",
		}},
		{"timestamp", []any{"1970-01-01 00:00:01", "2038-01-19 03:14:07"}, []any{"1970-01-01 00:00:00", "2038-01-19 03:14:09"}},
		{"time(6)", []any{"838:59:59", "-00:00:00.5", "099:00:00"}, []any{
			"1:00:00", "10:00", "", "--10:00:00", "10:00:00.", "10:00:00.x", "10:00:00Z", " 10:00:00", "1000:00:00", "10:00:00.5.5", "10:00:0", "now",
		}},
		{"set('a','b','a b')", []any{"b,a", "a b,a"}, []any{",", "a,", ",a", "a,,b", "a, b", "ab"}},
		{"bit(12)", []any{[]byte{}, []byte{255}, []byte{15, 255}}, []any{[]byte{16, 0}, []byte{0, 0, 0}, "A", 1}},
		{"uuid", nil, []any{make([]byte, 15), "0123456789abcdef"}},
		{"decimal(20,2)", []any{"-0.5"}, []any{"1e5", ".5", "+1", "", "0x10", "1 000"}},
		{"decimal(5,2)", nil, []any{1e300, -1000, "1e5x", ""}},
		{"float(5,2)", []any{999.99}, []any{1000, -1000.5}},
		{"float64", []any{1.7976931348623157e308}, []any{"1e999", "-1e999", "nan"}},
		{"float32", nil, []any{"1e999"}},
		{"int32", nil, []any{"1e20", 1.5, []byte{1}}},
		{"varchar(3)", []any{"中中中"}, []any{[]byte("abc")}},
		{"bytes", nil, []any{"text"}},
		{"year", nil, []any{1, 1900.5}},
		{"json", nil, []any{"", "{a: 1}", "[1,]"}},
	} {
		name := fmt.Sprintf("t%d", i)
		run(t, s, s.Dialect.CreateTable(dialect.Table{
			Schema: "lab", Name: name, Key: []string{"id"}, Columns: []dialect.Column{column("id", "int32", ""), column("it's`@", c.spec, "NULL")},
		}))
		insert := "INSERT INTO " + s.Dialect.Table("lab", name) + " VALUES (?, ?)"
		for id, v := range append([]any{nil}, c.good...) {
			_, err := s.Write.ExecContext(t.Context(), insert, id, v)
			require.NoError(t, err, "%v as %s", v, c.spec)
		}
		for _, v := range c.bad {
			_, err := s.Write.ExecContext(t.Context(), insert, -1, v)
			require.Equal(t, dialect.Value, s.Dialect.Classify(err), "%v as %s: %v", v, c.spec, err)
		}
	}
}

// TestCreateTable has a column of each kind.
func TestCreateTable(t *testing.T) {
	table := dialect.Table{Schema: "lab", Name: "t", Key: []string{"id"}, Columns: []dialect.Column{
		column("id", "int unsigned auto_increment", ""), column("i", "int64", ""), column("b", "bool", "TRUE"), column("f", "float32", "NULL"),
		column("d", "decimal(5,2) unsigned", "'1.5'"), column("e", "enum('@','it''s')", ""), column("data", "bytes", ""), column("raw", "binary(3)", "'a'"),
		column("day", "date", "'2024-02-29'"), column("at", "datetime(3)", "CURRENT_TIMESTAMP(3)"), column("since", "datetime", "'2024-02-29'"),
	}}
	require.Equal(t, "CREATE TABLE IF NOT EXISTS `lab.t` (\n"+
		"`id` INTEGER PRIMARY KEY AUTOINCREMENT CHECK (`id` BETWEEN 0 AND 4294967295),\n"+
		"`i` INT NOT NULL,\n"+
		"`b` INT NOT NULL DEFAULT '1' CHECK (`b` BETWEEN -128 AND 127),\n"+
		"`f` REAL DEFAULT NULL CHECK (abs(`f`) <= 3.4028234663852886e+38),\n"+
		"`d` REAL NOT NULL DEFAULT '1.50' CHECK (abs(`d`) < 1e3 AND `d` >= 0),\n"+
		"`e` TEXT NOT NULL CHECK (`e` IN ('@', 'it''s')),\n"+
		"`data` BLOB NOT NULL,\n"+
		"`raw` BLOB NOT NULL DEFAULT X'610000' CHECK (length(`raw`) <= 3),\n"+
		"`day` TEXT NOT NULL DEFAULT '2024-02-29' CHECK (`day` GLOB '[0-9][0-9][0-9][0-9]-*' AND `day` IS date(`day`)),\n"+
		"`at` TEXT NOT NULL DEFAULT (rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', 'now'), '0'), '.')) CHECK ("+in("at", momentCheck)+"),\n"+
		"`since` TEXT NOT NULL DEFAULT '2024-02-29 00:00:00' CHECK ("+in("since", momentCheck)+")\n"+
		") STRICT", Dialect{}.createTable(table))
}
