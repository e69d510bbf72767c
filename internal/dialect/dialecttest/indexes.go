package dialecttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

func testIndexes(t *testing.T, x *suite) {
	def := x.table("has(indexes", column("id", "int32"), column("a", "int32"), nullable(column("b", "varchar(8)")), column("order", "date"),
		column("e", "enum('a','b')"))
	def.Indexes = []dialect.Index{
		{Parts: dialect.OnColumns("a")}, {Parts: dialect.OnColumns("a"), Unique: true}, {Parts: dialect.OnColumns("b", "a")},
		{Parts: dialect.OnColumns("a", "b")}, {Parts: dialect.OnColumns("order", "id"), Unique: true}, {Parts: dialect.OnColumns("e")},
		{Parts: dialect.OnColumns("id")},
	}
	x.run(t, x.d.CreateTable(def))
	found := x.found(t, def.Name)
	requireTable(t, def, found)
	for _, i := range found.Indexes {
		require.NotEmpty(t, i.Name)
	}
}

// testIndexesOfForeignKeys has indexes that a foreign key brings, and others that look like one.
func testIndexesOfForeignKeys(t *testing.T, x *suite) {
	x.create(t, "parent", column("id", "int32"))
	def := x.table("child", column("id", "int32"))
	for _, name := range []string{"plain", "unique", "own", "first"} {
		def.Columns = append(def.Columns, unmarked(column(name, "int32")))
		def.Foreign = append(def.Foreign, dialect.ForeignKey{
			Columns: []string{name}, Schema: x.schema, Table: "parent", ReferenceColumns: []string{"id"},
		})
	}
	def.Indexes = []dialect.Index{
		{Parts: dialect.OnColumns("unique"), Unique: true, Foreign: true},
		{Parts: dialect.OnColumns("own")},
		{Parts: dialect.OnColumns("first", "id")},
	}
	x.run(t, x.d.CreateTable(def))
	found := x.found(t, "child")
	requireTable(t, def, found)
	require.ElementsMatch(t, []dialect.Index{def.Indexes[0], def.Indexes[2]}, nameless(found.Indexes))
}

// expressions is a table with indexes of what is computed.
func (x *suite) expressions() dialect.Table {
	def := x.table("computed", column("id", "int32"), column("doc", "json"), column("a", "varchar(20)"), column("n", "int32"))
	path := func(path, returns string) dialect.IndexPart {
		return dialect.IndexPart{Column: "doc", Path: path, Returns: returns}
	}
	def.Indexes = []dialect.Index{
		{Parts: []dialect.IndexPart{path("a", "")}},
		{Parts: []dialect.IndexPart{path("a.b_c.D", "char(20)")}},
		{Parts: []dialect.IndexPart{path("list[0].name", "decimal(10,2)")}, Unique: true},
		{Parts: []dialect.IndexPart{path("n", "signed"), {Column: "n"}, path("m", "unsigned")}},
		{Parts: []dialect.IndexPart{path("at", "datetime(3)")}}, {Parts: []dialect.IndexPart{path("f", "double")}},
		{Parts: []dialect.IndexPart{path("d", "date")}}, {Parts: []dialect.IndexPart{path("t", "time")}},
		{Parts: []dialect.IndexPart{path("y", "year")}}, {Parts: []dialect.IndexPart{path("g", "float")}},
		{Parts: []dialect.IndexPart{{Expression: "(lower(`a`))"}, {Column: "n"}}},
		{Parts: []dialect.IndexPart{{Expression: "(replace(`a`, ',', 'it''s (\"'))"}}, Unique: true},
	}
	return def
}

// testExpressions has indexes of paths and expressions, where the server can. Elsewhere nothing is done.
func testExpressions(t *testing.T, x *suite) {
	def := x.expressions()
	if !x.can.Expressions {
		for _, i := range def.Indexes {
			one := def
			one.Indexes = []dialect.Index{{Parts: dialect.OnColumns("n")}, i}
			err := x.try(t, x.Write, x.d.CreateTable(one))
			require.Equal(t, dialect.Other, x.d.Classify(err), "%v", err)
			require.Error(t, err)
			require.Empty(t, x.describe(t, x.schema, ""), "nothing is created")
		}
		return
	}
	for range 2 {
		x.run(t, x.d.CreateTable(def))
	}
	found := x.found(t, def.Name)
	require.Len(t, found.Indexes, len(def.Indexes))
	spelled := 0
	for _, given := range nameless(def.Indexes) {
		if given.Parts[0].Expression == "" {
			require.Contains(t, nameless(found.Indexes), given)
		}
	}
	for _, i := range found.Indexes {
		if i.Parts[0].Expression != "" {
			require.Regexp(t, `^\(.*\)$`, i.Parts[0].Expression)
			spelled++
		}
	}
	require.Equal(t, 2, spelled)
	x.insertComputed(t)
}

func (x *suite) insertComputed(t *testing.T) {
	t.Helper()
	insert := "INSERT INTO %s (id, doc, a, n) VALUES (?, ?, ?, ?)"
	x.exec(t, x.Write, insert, "computed", 1, `{"a": "x", "list": [{"name": 1.5}], "n": 3}`, "A", 1)
	x.exec(t, x.Write, insert, "computed", 2, `{"list": [{"name": 2.5}]}`, "B", 1)
	x.exec(t, x.Write, insert, "computed", 3, `{}`, "C", 1)
	x.exec(t, x.Write, insert, "computed", 4, `[]`, "D", 1)
	for id, row := range [][]any{{`{"list": [{"name": 1.5}]}`, "E"}, {`{}`, "A"}} {
		_, err := x.Write.ExecContext(t.Context(), x.in(insert, "computed"), 10+id, row[0], row[1], 1)
		require.Equal(t, dialect.Duplicate, x.d.Classify(err), "%v: %v", row, err)
	}
}
