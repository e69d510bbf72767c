package value

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseType(t *testing.T) {
	for _, spec := range []string{
		"int8", "int16", "int32", "int64", "float32", "float64", "bool", "date", "datetime", "json", "uuid", "bytes",
		"datetime(0)", "datetime(6)", "char(1)", "char(255)", "varchar(16)", "decimal(5)", "decimal(12,4)", "decimal(12, 4)",
		"enum('a')", "enum('a','b')", "enum( 'a' , 'b' )", `enum("a","b")`, `enum('it''s', "say ""hi""")`, "enum('a,b', '(c)', 'd:e')",
	} {
		typ, ok := ParseType(spec)
		require.True(t, ok, spec)
		require.Equal(t, Type{Spec: spec, Core: spec}, typ)
	}
	typ, ok := ParseType("<blob>")
	require.True(t, ok)
	require.Equal(t, Type{Spec: "<blob>", Core: "bytes", Codec: "blob"}, typ)

	for _, spec := range []string{
		"", "int", "INT32", "int32 ", "int32(4)", "text", "blob", "<blob", "<attach>", "datetime(7)", "datetime()", "datetime(-1)",
		"char", "char(0)", "char()", "char(a)", "varchar", "varchar(1", "decimal", "decimal(5,)", "decimal(a,b)",
		"enum", "enum()", "enum(a)", "enum('a' 'b')", "enum('a',)", "enum('it's')", "enum('a','b') ", "enum('a'); DROP TABLE x; --')",
		"uuid(16)", "json()", "float", "bool(1)", "bytes(3)", "date(3)",
	} {
		_, ok := ParseType(spec)
		require.False(t, ok, spec)
	}
}

func TestFamilyAndFraction(t *testing.T) {
	for core, want := range map[string]int{"datetime": 0, "datetime(0)": 0, "datetime(3)": 3, "datetime(6)": 6, "date": 0} {
		require.Equal(t, want, fraction(core), core)
	}
	require.Equal(t, "varchar", family("varchar(16)"))
	require.Equal(t, "int8", family("int8"))
	for _, core := range CoreTypes {
		require.NotEmpty(t, family(core))
	}
}
