package dialecttest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

func testTables(t *testing.T, x *suite) {
	tables := func(schema string) []string {
		names, err := x.d.Tables(t.Context(), x.query, schema)
		require.NoError(t, err)
		return names
	}
	require.Empty(t, tables(x.schema), "what a new schema has belongs to the dialect")
	require.Empty(t, tables(x.schema+"_not_there"))
	var names []string
	for _, name := range []string{"z", "a", "~~a", "~lineage", "#a", "_a", "__a__b", "a%", "a.b", "größe", "a`", "B"} {
		x.create(t, name, column("id", "int32"))
		names = append(names, name)
	}
	slices.Sort(names)
	x.exec(t, x.Write, "CREATE VIEW %s AS SELECT 1 AS id", "view")
	other := x.schema + "_other"
	x.run(t, x.d.CreateSchema(other))
	x.run(t, x.d.CreateTable(dialect.Table{Schema: other, Name: "elsewhere", Key: []string{"id"}, Columns: []dialect.Column{column("id", "int32")}}))
	require.Equal(t, names, tables(x.schema))
	require.Equal(t, []string{"elsewhere"}, tables(other))
}

func testReferring(t *testing.T, x *suite) {
	referring := func(schema, table string) []dialect.TableName {
		names, err := x.d.Referring(t.Context(), x.query, schema, table)
		require.NoError(t, err)
		return names
	}
	parent, far, child := x.createFamily(t)
	itself := dialect.TableName{Schema: child.Schema, Table: child.Name}
	require.Equal(t, []dialect.TableName{itself}, referring(parent.Schema, parent.Name), "each once")
	require.Equal(t, []dialect.TableName{itself}, referring(far.Schema, far.Name), "of another schema")
	require.Empty(t, referring(child.Schema, child.Name))
	require.Empty(t, referring(x.schema, "not_there"))
	require.Empty(t, referring(x.schema+"_not_there", "a"))

	tree := x.table("tree", column("id", "int32"), nullable(unmarked(column("up", "int32"))))
	tree.Foreign = []dialect.ForeignKey{{Columns: []string{"up"}, Schema: x.schema, Table: "tree", ReferenceColumns: []string{"id"}}}
	x.run(t, x.d.CreateTable(tree))
	require.Empty(t, referring(x.schema, "tree"), "but itself")
	for _, name := range []string{"leaf", "a_leaf"} {
		leaf := x.table(name, column("id", "int32"))
		leaf.Foreign = []dialect.ForeignKey{{Columns: []string{"id"}, Schema: x.schema, Table: "tree", ReferenceColumns: []string{"id"}}}
		x.run(t, x.d.CreateTable(leaf))
	}
	require.Equal(t, []dialect.TableName{{Schema: x.schema, Table: "a_leaf"}, {Schema: x.schema, Table: "leaf"}}, referring(x.schema, "tree"))
}

func testDropTable(t *testing.T, x *suite) {
	parent, child := parentAndChild(x.schema)
	x.run(t, x.d.DropTable(x.schema, "child")) // nothing is there
	x.run(t, x.d.CreateTable(parent))
	x.run(t, x.d.CreateTable(child))
	x.exec(t, x.Write, "INSERT INTO %s (a, b) VALUES (1, 'x')", "parent")
	x.exec(t, x.Write, "INSERT INTO %s (a, b, c, once, twice) VALUES (1, 'x', 1, 1, 1)", "child")
	before := x.describe(t, x.schema, "")

	err := x.try(t, x.Write, x.d.DropTable(x.schema, "parent"))
	require.Equal(t, dialect.Referenced, x.d.Classify(err), "%v", err)
	require.Equal(t, before, x.describe(t, x.schema, ""))

	for range 2 {
		x.run(t, x.d.DropTable(x.schema, "child"))
		requireTable(t, parent, x.found(t, "parent"))
		require.Empty(t, x.describe(t, x.schema, "child"))
	}
	x.run(t, x.d.DropTable(x.schema, "parent"))
	require.Empty(t, x.describe(t, x.schema, ""))

	different := x.table("parent", commented(column("a", "int64"), "another"))
	x.run(t, x.d.CreateTable(different))
	requireTable(t, different, x.found(t, "parent")) // nothing is left of the one that was dropped
}

func testDeleteFrom(t *testing.T, x *suite) {
	x.create(t, "one", column("id", "int32"), column("n", "int32"))
	x.create(t, "many", column("id", "int32"), column("n", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, n) VALUES (1, 1), (2, 2), (3, 2), (4, 4)", "one")
	x.exec(t, x.Write, "INSERT INTO %s (id, n) VALUES (1, 1), (2, 2), (3, 2), (4, 9)", "many")
	one, many := x.d.Table(x.schema, "one"), x.d.Table(x.schema, "many")
	before, after := x.d.DeleteFrom(one)
	remove := func(rest string, args ...any) int64 {
		result, err := x.Write.ExecContext(t.Context(), before+rest+after, args...)
		require.NoError(t, err)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		return n
	}
	require.Zero(t, remove("FROM "+one+" WHERE "+one+".id = ?", 9))
	require.EqualValues(t, 2, remove("FROM "+one+" JOIN "+many+" AS t1 ON t1.n = "+one+".n WHERE t1.n = ?", 2), "each once")
	require.EqualValues(t, 1, remove("FROM "+one+" JOIN "+many+" AS t1 ON t1.n = "+one+".n"))
	require.Equal(t, 4, x.number(t, x.Read, "SELECT SUM(id) FROM %s", "one"))
	require.EqualValues(t, 1, remove("FROM "+one+" WHERE EXISTS (SELECT 1 FROM "+many+" AS t1 WHERE t1.id = "+one+".id)"))
	require.Equal(t, 4, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "many"))
}

func testAtMost(t *testing.T, x *suite) {
	x.create(t, "one", column("id", "int32"), column("n", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, n) VALUES (1, 1), (2, 1), (3, 1), (4, 2)", "one")
	one := x.d.Table(x.schema, "one")
	before, after := x.d.AtMost(one)
	change := func(statement, conditions string, args ...any) int64 {
		result, err := x.Write.ExecContext(t.Context(), statement+" WHERE "+before+conditions+after, args...)
		require.NoError(t, err)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		return n
	}
	require.EqualValues(t, 2, change("UPDATE "+one+" SET n = 3", "n = ?", 1, 2))
	require.EqualValues(t, 1, change("UPDATE "+one+" SET n = 3", "n = ?", 1, 2))
	require.Zero(t, change("DELETE FROM "+one, "n = ?", 1, 2))
	require.EqualValues(t, 2, change("DELETE FROM "+one, "n = ? OR n = ?", 3, 9, 2))
	require.Equal(t, 2, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "one"))
}
