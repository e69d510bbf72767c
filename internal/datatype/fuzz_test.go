package datatype

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse reads types, and texts as values of them. Nothing panics; what is a type is so again,
// within the bounds that others reckon with; and the one spelling of a value is its own.
func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"int8", "bigint(20) unsigned zerofill auto_increment", "serial", "decimal(65,30)", "dec(0,99999999999999999999) unsigned", "float(7,3)", "double precision",
		"varchar(99999999999999999999)", "char( 3 )", "enum('a','it''s',\"\")", "set('a','b')", "timestamp(6)", "time(3)", "year(4)", "datetime (6)", "bit(0)", "longblob", "point",
	} {
		for _, text := range []string{"1", "-1e999", "1e1000000000", "0x1p-2", "1/2", "a,b", "838:59:59.9", "2024-02-29 23:59:58.123456", "\xff", "0000"} {
			f.Add(spec, text)
		}
	}
	f.Fuzz(func(t *testing.T, spec, text string) {
		typ, ok := Parse(spec)
		require.Equal(t, spec, typ.Stored)
		if !ok {
			require.Equal(t, Unknown, typ.Kind)
			return
		}
		again, ok := Parse(typ.Stored)
		require.True(t, ok)
		require.Equal(t, typ, again)
		require.True(t, Same(typ, again))
		if typ.Check() == nil {
			checkBounds(t, typ)
		}
		spelled, err := typ.Canonical(text)
		require.Equal(t, err == nil, typ.CheckText(text) == nil)
		require.True(t, typ.SameText(text, text))
		if err == nil {
			again, err := typ.Canonical(spelled)
			require.NoError(t, err)
			require.Equal(t, spelled, again)
		}
	})
}

func checkBounds(t *testing.T, typ Type) {
	t.Helper()
	if typ.Kind == Integer {
		require.Contains(t, []int{8, 16, 24, 32, 64}, typ.Bits)
	}
	if typ.Kind == Float {
		require.Contains(t, []int{32, 64}, typ.Bits)
	}
	require.GreaterOrEqual(t, typ.Size, 0)
	require.LessOrEqual(t, typ.Size, longest)
	require.GreaterOrEqual(t, typ.Scale, 0)
	require.LessOrEqual(t, typ.Scale, typ.Size)
	require.GreaterOrEqual(t, typ.Fraction, 0)
	require.LessOrEqual(t, typ.Fraction, 6)
	require.Equal(t, typ.Kind == Enum || typ.Kind == Set, len(typ.Members) > 0)
}
