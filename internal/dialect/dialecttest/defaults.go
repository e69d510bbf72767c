package dialecttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// constants are types, defaults and, where that is not the same, what is then stored.
var constants = []struct{ spec, def, stored string }{
	{"int8", "'0'", ""}, {"int32", "'-5'", ""}, {"int32", "'+5'", "5"}, {"int64", "'9223372036854775807'", ""},
	{"int unsigned", "'4294967295'", ""}, {"bigint unsigned", "'7'", ""}, {"mediumint", "'-3'", ""},
	{"float32", "'0.5'", ""}, {"float64", "'-1.5'", ""}, {"float64", "'1e3'", "1000"}, {"double", "'2.5e-3'", "0.0025"}, {"float64", "'0'", ""},
	{"float64", "'0.1'", ""}, {"float(10,2)", "'1.5'", ""},
	{"bool", "TRUE", "1"}, {"bool", "'0'", ""}, {"bool", "'1'", ""}, {"tinyint(1)", "'1'", ""},
	{"decimal(5,2)", "'1.5'", "1.50"}, {"decimal(5,2)", "'-0.25'", ""}, {"decimal(30,10)", "'12345678901234567890.0123456789'", ""},
	{"numeric(6,2) unsigned", "'10'", "10.00"}, {"decimal(5,0)", "'7'", ""},
	{"varchar(20)", "''", ""}, {"varchar(20)", "'it''s'", ""}, {"varchar(20)", "''''", ""}, {"varchar(20)", "''''''", ""},
	{"varchar(20)", "'say \"hi\"'", ""}, {"varchar(20)", "'größe 中 ‰'", ""}, {"varchar(20)", "'%s {} ? `'", ""}, {"varchar(20)", "' spaces '", ""},
	{"varchar(20)", "'CURRENT_TIMESTAMP'", ""}, {"varchar(30)", "'current_timestamp(3)'", ""}, {"varchar(20)", "'NULL'", ""},
	{"varchar(20)", "'null'", ""}, {"varchar(20)", "'TRUE'", ""}, {"varchar(20)", "'5'", ""}, {"varchar(20)", "'1.50'", ""}, {"varchar(20)", "'0x41'", ""},
	{"varchar(20)", "'b''1'''", ""}, {"varchar(20)", "'(1 + 1)'", ""}, {"varchar(20)", "'uuid()'", ""}, {"varchar(20)", "'a'' = ''b'", ""},
	{"varchar(20)", "'two\nlines'", ""}, {"varchar(60)", "'strftime(''%Y-%m-%d %H:%M:%S'', ''now'')'", ""}, {"varchar(20)", "'X''41'''", ""},
	{"char(4)", "'ab'", ""}, {"char(4)", "'007'", ""},
	{"enum('a','it''s')", "'it''s'", ""}, {"enum('a','b')", "'b'", ""}, {"set('a','b')", "'a,b'", ""}, {"set('a','b')", "''", ""},
	{"date", "'2024-02-29'", ""}, {"year", "'2024'", ""}, {"year", "'0000'", "0"},
	{"binary(3)", "'ab'", "ab\x00"}, {"varbinary(9)", "'it''s'", ""}, {"varbinary(9)", "''", ""}, {"bit(8)", "'A'", ""}, {"bit(10)", "X'0105'", "\x01\x05"},
}

// defaults are a key, and columns with defaults.
func defaults() []dialect.Column {
	columns := []dialect.Column{column("id", "int32")}
	for i, c := range constants {
		columns = append(columns, withDefault(column(fmt.Sprintf("c%d", i), c.spec), c.def))
		or := withDefault(column(fmt.Sprintf("n%d", i), c.spec), c.def)
		or.Nullable = true
		columns = append(columns, or)
	}
	return columns
}

func testDefaults(t *testing.T, x *suite) {
	def := x.create(t, "defaults", defaults()...)
	requireTable(t, def, x.found(t, "defaults"))
	x.exec(t, x.Write, "INSERT INTO %s (id) VALUES (1)", "defaults")
	for i, c := range constants {
		for _, name := range []string{fmt.Sprintf("c%d", i), fmt.Sprintf("n%d", i)} {
			want := c.stored
			if want == "" {
				want = strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(c.def, "'"), "'"), "''", "'")
			}
			require.Equal(t, want, x.text(t, "defaults", name, c.spec), "%s of %s", c.def, c.spec)
		}
	}
	// Nothing, of what may be NULL and of what may not.
	def = x.create(t, "none", column("id", "int32"), dialect.Column{Name: "a", Type: column("", "int32").Type, Nullable: true}, column("b", "int32"))
	found := x.found(t, "none")
	requireTable(t, def, found)
	require.Equal(t, "NULL", found.Columns[1].Default)
	require.Empty(t, found.Columns[2].Default)
}

// text reads a value of the one row of a table, spelled as MySQL spells it.
func (x *suite) text(t *testing.T, table, name, spec string) string {
	t.Helper()
	var v any
	typ := column(name, spec).Type
	query := x.in("SELECT "+x.d.Exact("t."+dialect.Quote(name), typ)+" FROM %s AS t", table)
	require.NoError(t, x.Read.QueryRowContext(t.Context(), query).Scan(&v))
	return spell(typ, v)
}

// testDefaultsOfTime has the present, and times that can be spelled in several ways.
func testDefaultsOfTime(t *testing.T, x *suite) {
	var columns []dialect.Column
	for i, c := range []struct{ spec, def string }{
		{"int32", ""},
		{"datetime", "CURRENT_TIMESTAMP"}, {"datetime(3)", "CURRENT_TIMESTAMP(3)"}, {"datetime(6)", "CURRENT_TIMESTAMP(6)"},
		{"timestamp", "CURRENT_TIMESTAMP"}, {"timestamp(3)", "CURRENT_TIMESTAMP(3)"}, {"datetime(0)", "CURRENT_TIMESTAMP"},
		{"datetime", "'2024-02-29 01:02:03'"}, {"datetime", "'2024-02-29'"}, {"datetime(3)", "'2024-02-29'"},
		{"datetime(3)", "'2024-02-29 01:02:03.5'"}, {"datetime(3)", "'2024-02-29 01:02:03.50'"}, {"timestamp(6)", "'2024-02-29 01:02:03'"},
		{"time", "'01:02:03'"}, {"time(3)", "'-838:00:00.5'"},
	} {
		columns = append(columns, withDefault(column(fmt.Sprintf("c%d", i), c.spec), c.def))
	}
	def := x.create(t, "times", columns...)
	requireTable(t, def, x.found(t, "times"))
	x.exec(t, x.Write, "INSERT INTO %s (c0) VALUES (1)", "times")
	for i, want := range map[int]string{
		7: "2024-02-29 01:02:03", 8: "2024-02-29 00:00:00", 9: "2024-02-29 00:00:00", 10: "2024-02-29 01:02:03.5", 11: "2024-02-29 01:02:03.5",
		12: "2024-02-29 01:02:03", 13: "01:02:03", 14: "-838:00:00.5",
	} {
		require.Equal(t, want, x.text(t, "times", columns[i].Name, columns[i].Type.Spec), columns[i].Default)
	}
	now, err := time.Parse("2006-01-02 15:04:05", x.text(t, "times", "c3", "datetime(6)"))
	require.NoError(t, err)
	for i := 1; i < 7; i++ {
		at, err := time.Parse("2006-01-02 15:04:05", x.text(t, "times", columns[i].Name, columns[i].Type.Spec))
		require.NoError(t, err)
		require.WithinDuration(t, now, at, time.Second)
		if columns[i].Type.Fraction == 0 {
			require.Zero(t, at.Nanosecond(), columns[i].Type.Spec)
		}
	}
}
