package dialect

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseIndex(t *testing.T) {
	for text, want := range map[string][]IndexPart{
		"a":                       {{Column: "a"}},
		" a , b_2,_c ":            {{Column: "a"}, {Column: "b_2"}, {Column: "_c"}},
		"doc.a":                   {{Column: "doc", Path: "a"}},
		"doc.a.B_c.list[0].n":     {{Column: "doc", Path: "a.B_c.list[0].n"}},
		"doc.a:char(20)":          {{Column: "doc", Path: "a", Returns: "char(20)"}},
		"doc.a: decimal(10,2) ,b": {{Column: "doc", Path: "a", Returns: "decimal(10,2)"}, {Column: "b"}},
		"(lower(a))":              {{Expression: "(lower(a))"}},
		"(a + b), (concat(a, ',')), c": {
			{Expression: "(a + b)"}, {Expression: "(concat(a, ','))"}, {Column: "c"},
		},
		`(concat(a, ')(', "it's", 'it''s ,'))`: {{Expression: `(concat(a, ')(', "it's", 'it''s ,'))`}},
		"(`)`)":                                {{Expression: "(`)`)"}},
	} {
		parts, err := ParseIndex(text)
		require.NoError(t, err, text)
		require.Equal(t, want, parts)

		spelled := make([]string, len(parts))
		for i, p := range parts {
			spelled[i] = p.String()
		}
		again, err := ParseIndex(strings.Join(spelled, ","))
		require.NoError(t, err)
		require.Equal(t, parts, again, "of what String spells")
	}
	for _, text := range []string{
		"", " ", "a,", ",", "A", "a b", "1", "lower(a)", "(a", "a)", "((a)", "(a))", "(a) + (b)", "(a), (b", "('a)", "doc.", "doc.a:", "doc:char(5)",
		"`a`", "a desc", "a(10)", "()(",
	} {
		_, err := ParseIndex(text)
		require.ErrorContains(t, err, "is no attribute: an index is written index(a, b), index(a.path.to.value) or index((expression))", text)
	}
}

func TestOwnIndexes(t *testing.T) {
	path := Index{Parts: []IndexPart{{Column: "a", Path: "b"}}}
	table := Table{
		Foreign: []ForeignKey{{Columns: []string{"a"}}, {Columns: []string{"b", "c"}}},
		Indexes: []Index{
			{Name: "served", Parts: OnColumns("a")}, {Name: "of a key", Parts: OnColumns("b", "c"), Unique: true},
			{Name: "other order", Parts: OnColumns("c", "b")}, {Name: "longer", Parts: OnColumns("a", "b"), Foreign: true}, path,
		},
	}
	require.Equal(t, []Index{
		{Name: "of a key", Parts: OnColumns("b", "c"), Unique: true, Foreign: true},
		{Name: "other order", Parts: OnColumns("c", "b")}, {Name: "longer", Parts: OnColumns("a", "b")}, path,
	}, table.OwnIndexes())
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]string{
		"": "''", "it's": "'it''s'", "größe": "'größe'", "\x00": "X'00'", "a\nb": "X'610A62'", `a\b`: "X'615C62'", "\xff\x01": "X'FF01'",
	} {
		require.Equal(t, want, Bytes([]byte(text)))
	}
}
