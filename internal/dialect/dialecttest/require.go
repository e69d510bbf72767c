package dialecttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// requireTable wants that what Describe found is what CreateTable was given.
func requireTable(t *testing.T, given, found dialect.Table) {
	t.Helper()
	require.Equal(t, given.Schema, found.Schema)
	require.Equal(t, given.Name, found.Name)
	require.Equal(t, given.Comment, found.Comment, given.Name)
	require.Equal(t, given.Key, found.Key, given.Name)
	require.Equal(t, given.Foreign, found.Foreign, given.Name)
	require.Len(t, found.Columns, len(given.Columns), given.Name)
	for i, c := range given.Columns {
		requireColumn(t, c, found.Columns[i])
	}
	require.ElementsMatch(t, nameless(given.OwnIndexes()), nameless(found.Indexes), given.Name)
}

// requireColumn wants that what was found of a column is what was given.
func requireColumn(t *testing.T, given, found dialect.Column) {
	t.Helper()
	require.Equal(t, given.Name, found.Name)
	require.Equal(t, given.Nullable, found.Nullable, given.Name)
	require.Equal(t, given.Comment, found.Comment, given.Name)
	requireDefault(t, given, found)
	require.Equal(t, given.Unmarked, found.Unmarked, given.Name)
	switch {
	case given.Unmarked:
		require.True(t, datatype.Same(given.Type, found.Type), "%s: %+v is not %+v", given.Name, found.Type, given.Type)
	case given.Type.Codec != "": // of what it stores, the server knows no more than its own type
		require.Equal(t, given.Type.Codec, found.Type.Codec, given.Name)
		require.Equal(t, given.Type.Spec, found.Type.Spec, given.Name)
		require.True(t, datatype.Same(given.Type, found.Type), "%s: %+v is not %+v", given.Name, found.Type, given.Type)
	default:
		require.Equal(t, given.Type, found.Type, given.Name)
	}
}

// requireDefault wants the same text, or another of the same value.
func requireDefault(t *testing.T, given, found dialect.Column) {
	t.Helper()
	wanted := given.Default
	switch {
	case wanted == "" && given.Nullable:
		wanted = "NULL"
	case wanted == "TRUE":
		wanted = "'1'"
	}
	a, isText := strings.CutPrefix(wanted, "'")
	b, foundText := strings.CutPrefix(found.Default, "'")
	if isText && foundText && given.Type.SameText(strings.TrimSuffix(a, "'"), strings.TrimSuffix(b, "'")) {
		return
	}
	require.Equal(t, wanted, found.Default, given.Name)
}

// nameless are indexes without their names, which the server gives.
func nameless(indexes []dialect.Index) []dialect.Index {
	indexes = slices.Clone(indexes)
	for n := range indexes {
		indexes[n].Name = ""
	}
	return indexes
}
