package dialecttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// comments look like what surrounds them, or like what some server or driver reads as more than text.
var comments = []string{
	"plain", "it's", `say "hi"`, "`tick`", `back\slash`, `\\`, `\n \' \" \0`, `trailing \`, `"`, `'`, `''`, "100 %", "%s %d %%",
	"{braces} {{x}}", "what?", "? ?", "-- no comment", "/* nor this */", "a; b", "# hash", "two\nlines", "tab\there", "cr\r\nlf",
	"µ – größe 中文 ‰ €", " spaces ", "a:b", "b : c :", "enum('a'):", "@x := 1", "$1", strings.Repeat("long ", 150),
}

func testComments(t *testing.T, x *suite) {
	columns := []dialect.Column{column("id", "int32")}
	for i, comment := range comments {
		columns = append(columns, commented(column(fmt.Sprintf("c%d", i), "varchar(5)"), comment),
			commented(unmarked(column(fmt.Sprintf("_c%d", i), "int32")), comment),
			commented(column(fmt.Sprintf("n%d", i), "int unsigned"), comment))
		def := x.table(fmt.Sprintf("t%d", i), column("id", "int32"))
		def.Comment = comment
		x.run(t, x.d.CreateTable(def))
		requireTable(t, def, x.found(t, def.Name))
	}
	for i, comment := range []string{"::", ":int32:", ":", ":<blob>:"} { // behind the type of a column that says it
		columns = append(columns, commented(column(fmt.Sprintf("colon%d", i), "int8"), comment))
	}
	requireTable(t, x.create(t, "comments", columns...), x.found(t, "comments"))
}

// testSecondPlane has characters that servers keep in rows, and need not in what they tell of tables.
func testSecondPlane(t *testing.T, x *suite) {
	def := x.table("t", column("id", "int32"), commented(withDefault(column("a", "varchar(5)"), "'x😀'"), "😀"), column("e", "enum('😀','b')"))
	def.Comment = "😀"
	x.run(t, x.d.CreateTable(def))
	require.Len(t, x.found(t, "t").Columns, 3)
	x.exec(t, x.Write, "INSERT INTO %s (id, e) VALUES (1, '😀')", "t")
	require.Equal(t, "x😀", x.text(t, "t", "a", "varchar(5)"))
	require.Equal(t, "😀", x.text(t, "t", "e", "enum('😀','b')"))
}

// testKeys has keys whose columns stand in another order than those of the table.
func testKeys(t *testing.T, x *suite) {
	for i, key := range [][]string{{"a"}, {"c"}, {"a", "b", "c"}, {"c", "a", "b"}, {"b", "a"}, {"d", "c", "b", "a"}} {
		def := x.table(fmt.Sprintf("keys%d", i), column("a", "int32"), column("b", "varchar(9)"), column("c", "uuid"), column("d", "date"))
		def.Key = key
		x.run(t, x.d.CreateTable(def))
		requireTable(t, def, x.found(t, def.Name))
	}
}

// family is a parent of a key of two columns, and a child that refers to it a dozen times, and to a
// table of another schema and of a name that has to be quoted.
func (x *suite) family() (parent, far, child dialect.Table) {
	parent = dialect.Table{
		Schema: x.schema, Name: "#parent", Key: []string{"b", "a"},
		Columns: []dialect.Column{column("a", "int32"), column("b", "int16"), column("c", "int8")},
	}
	far = dialect.Table{
		Schema: x.schema + "-far", Name: "a`b.c", Key: []string{"id"}, Columns: []dialect.Column{column("id", "uuid")},
	}
	child = dialect.Table{Schema: x.schema, Name: "__child", Key: []string{"id"}, Columns: []dialect.Column{column("id", "int32")}}
	refer := func(to dialect.Table, columns ...dialect.Column) {
		f := dialect.ForeignKey{Schema: to.Schema, Table: to.Name, ReferenceColumns: to.Key}
		for _, c := range columns {
			child.Columns = append(child.Columns, c)
			f.Columns = append(f.Columns, c.Name)
		}
		child.Foreign = append(child.Foreign, f)
	}
	for i := range 6 {
		refer(parent, unmarked(column(fmt.Sprintf("z%d_b", 9-i), "int16")), unmarked(column(fmt.Sprintf("z%d_a", 9-i), "int32")))
		refer(far, nullable(unmarked(column(fmt.Sprintf("far%d", 9-i), "uuid"))))
	}
	slices.Reverse(child.Columns[1:]) // which does not change the order of the foreign keys
	return parent, far, child
}

func (x *suite) createFamily(t *testing.T) (parent, far, child dialect.Table) {
	t.Helper()
	parent, far, child = x.family()
	x.run(t, x.d.CreateSchema(far.Schema))
	for _, def := range []dialect.Table{parent, far, child} {
		x.run(t, x.d.CreateTable(def))
	}
	return parent, far, child
}

func testForeignKeys(t *testing.T, x *suite) {
	parent, far, child := x.createFamily(t)
	requireTable(t, parent, x.found(t, parent.Name))
	requireTable(t, child, x.found(t, child.Name))
	found := x.describe(t, far.Schema, "")
	require.Len(t, found, 1)
	requireTable(t, far, found[0])
}

// testWhichTables looks for tables that are there, and others.
func testWhichTables(t *testing.T, x *suite) {
	var names []string
	for _, name := range []string{"z", "a", "~a", "#a", "_a", "__a__b", "a_", "a%", "a.b", "größe", "a`", "a'", "B"} {
		x.create(t, name, column("id", "int32"))
		names = append(names, name)
	}
	slices.Sort(names)
	x.exec(t, x.Write, "CREATE VIEW %s AS SELECT 1 AS id", "view")
	var found []string
	for _, def := range x.describe(t, x.schema, "") {
		found = append(found, def.Name)
	}
	require.Equal(t, names, found, "tables come in the order of their names, and no views")
	for _, name := range names {
		require.Equal(t, name, x.found(t, name).Name)
	}
	require.Empty(t, x.describe(t, x.schema, "view"))
	require.Empty(t, x.describe(t, x.schema, "not_there"), "no such table")
	require.Empty(t, x.describe(t, x.schema+"_not_there", "a"), "no such schema")
	require.Empty(t, x.describe(t, x.schema+"_not_there", ""), "no such schema")
	x.run(t, x.d.CreateSchema(x.schema+"_empty"))
	require.Empty(t, x.describe(t, x.schema+"_empty", ""), "no tables")
	require.Len(t, x.describe(t, x.schema, ""), len(names), "tables of the schema alone")
}

// testCapitals has tables whose names differ in capitals alone.
func testCapitals(t *testing.T, x *suite) {
	if !x.can.Capitals {
		t.Skip("names are the same to this server")
	}
	parent := x.create(t, "parent", column("id", "int32"))
	for i, name := range []string{"child", "Child", "CHILD"} {
		def := x.table(name, column("id", "int32"), column(fmt.Sprintf("c%d", i), "int8"), unmarked(column("p", "int32")), column("q", "int8"))
		if i == 0 { // MariaDB has one name for those of all three
			def.Foreign = []dialect.ForeignKey{{Columns: []string{"p"}, Schema: x.schema, Table: parent.Name, ReferenceColumns: []string{"id"}}}
		}
		def.Indexes = []dialect.Index{{Parts: dialect.OnColumns("q", "p")}, {Parts: dialect.OnColumns("q"), Unique: i == 0}}
		x.run(t, x.d.CreateTable(def))
		requireTable(t, def, x.found(t, name))
	}
	require.Len(t, x.describe(t, x.schema, ""), 4)
	require.Empty(t, x.describe(t, x.schema, "cHILD"))
}

// testDescribeIsAFixedPoint creates what was described once more elsewhere, and describes that.
func testDescribeIsAFixedPoint(t *testing.T, x *suite) {
	x.createFamily(t)
	parent, child := parentAndChild(x.schema)
	x.run(t, x.d.CreateTable(parent))
	x.run(t, x.d.CreateTable(child))
	x.create(t, "core", of(coreTypes)...)
	x.create(t, "native", of(nativeTypes)...)
	x.create(t, "defaults", defaults()...)
	if x.can.Expressions {
		x.run(t, x.d.CreateTable(x.expressions()))
	}
	first := x.describe(t, x.schema, "")
	for _, name := range []string{x.schema, x.schema + "-far"} {
		x.run(t, x.d.CreateSchema("again_"+name))
		for _, def := range x.describe(t, name, "") {
			if len(def.Foreign) == 0 {
				x.run(t, x.d.CreateTable(moved(def, "", "again_")))
			}
		}
	}
	for _, def := range first {
		x.run(t, x.d.CreateTable(moved(def, "", "again_"))) // those that are there do not change
	}
	var second []dialect.Table
	for _, def := range x.describe(t, "again_"+x.schema, "") {
		second = append(second, moved(def, "again_", ""))
	}
	require.Equal(t, first, second)
}

// moved is a table in another schema, whose name begins otherwise.
func moved(def dialect.Table, from, to string) dialect.Table {
	move := func(name string) string { return to + strings.TrimPrefix(name, from) }
	schema := def.Schema
	def.Schema, def.Foreign, def.Indexes = move(schema), slices.Clone(def.Foreign), slices.Clone(def.Indexes)
	for i, f := range def.Foreign {
		def.Foreign[i].Schema = move(f.Schema)
	}
	for i, index := range def.Indexes {
		if strings.HasPrefix(index.Name, schema+".") { // names that tell of what the index is
			def.Indexes[i].Name = move(index.Name)
		}
	}
	return def
}
