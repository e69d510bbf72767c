package dialecttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// coreTypes is every core type, and enums whose members look like what surrounds them.
var coreTypes = []string{
	"int8", "int16", "int32", "int64", "float32", "float64", "bool",
	"date", "datetime", "datetime(3)", "datetime(6)", "json", "uuid", "bytes",
	"char(1)", "char(16)", "varchar(1)", "varchar(255)", "decimal(5)", "decimal(12, 4)", "decimal(12,4)",
	`enum('a','b')`, `enum('a', 'b')`, `enum("a","b")`, `enum('it''s', 'a:b', ':c:', 'd,e', '(f)', '"')`,
	`enum("it's", "a:b", "say ""hi""", ")")`, `enum('größe', '中', '%', '{}')`,
}

// requireStored wants that what was found of a column is what was given.
func requireStored(t *testing.T, given, found dialect.Column) {
	t.Helper()
	require.Equal(t, given.Name, found.Name)
	require.Equal(t, given.Nullable, found.Nullable, given.Name)
	require.Equal(t, given.Comment, found.Comment, given.Name)
	require.Empty(t, found.Default, given.Name)
	if given.Unmarked {
		require.Equal(t, stored(given.Type), stored(found.Type), given.Name)
		return
	}
	require.Equal(t, given.Type, found.Type, given.Name)
	require.Equal(t, given.Core, found.Core, given.Name)
	require.False(t, found.Unmarked, given.Name)
}

// stored is the type that stands for a core type in a column without a mark: such columns do
// not keep that they were made from a bool.
func stored(core string) string {
	if core == "bool" {
		return "int8"
	}
	return core
}

func testColumnsOfCoreTypes(t *testing.T, x *suite) {
	columns := []dialect.Column{column("id", "int32")}
	for i, core := range coreTypes {
		c := column(fmt.Sprintf("c%d", i), core)
		n := nullable(column(fmt.Sprintf("n%d", i), core))
		n.Comment = "may be NULL"
		columns = append(columns, c, n)
	}
	columns = append(columns,
		dialect.Column{Name: "blob", Type: "<blob>", Core: "bytes", Comment: "a codec"},
		nullable(dialect.Column{Name: "blob_or_null", Type: "<blob>", Core: "bytes"}),
		dialect.Column{Name: "select", Type: "int32", Core: "int32", Comment: "a word of SQL"})
	x.create(t, "core", columns...)
	found := x.columns(t, x.schema, "core")
	require.Len(t, found, len(columns))
	for i, c := range columns {
		requireStored(t, c, found[i])
	}
}

// testColumnsOfForeignKeys gives a child the columns of its parent's key, which have no
// type of their own.
func testColumnsOfForeignKeys(t *testing.T, x *suite) {
	for i, core := range []string{
		"int8", "int16", "int32", "int64", "bool", "uuid", "date", "datetime", "datetime(3)",
		"char(4)", "varchar(16)", "decimal(7,2)", `enum('a','b')`, `enum('it''s','a:b')`,
	} {
		parent, child := fmt.Sprintf("parent%d", i), fmt.Sprintf("child%d", i)
		x.create(t, parent, column("id", core))
		inherited := dialect.Column{Name: "parent_id", Type: core, Core: core, Unmarked: true, Comment: "whose child"}
		optional := nullable(inherited)
		optional.Name = "other_id"
		def := dialect.Table{
			Schema: x.schema, Name: child, Key: []string{"parent_id"}, Columns: []dialect.Column{inherited, optional},
			Foreign: []dialect.ForeignKey{
				{Columns: []string{"parent_id"}, Schema: x.schema, Table: parent, ReferenceColumns: []string{"id"}},
				{Columns: []string{"other_id"}, Schema: x.schema, Table: parent, ReferenceColumns: []string{"id"}},
			},
		}
		x.run(t, x.d.CreateTable(def))
		found := x.columns(t, x.schema, child)
		require.Len(t, found, 2)
		requireStored(t, inherited, found[0])
		requireStored(t, optional, found[1])
	}
}

// testColumnsOfOtherTypes has types that are the server's own, and hidden columns.
func testColumnsOfOtherTypes(t *testing.T, x *suite) {
	native := dialect.Column{Name: "id", Type: "VARCHAR(64)", Comment: "a server's type"}
	hidden := []dialect.Column{
		{Name: "_i", Type: "int32", Core: "int32", Unmarked: true},
		{Name: "_b", Type: "bool", Core: "bool", Unmarked: true, Default: "TRUE", Comment: "hidden"},
		{Name: "_m", Type: "bool", Core: "bool", Default: "TRUE", Comment: "hidden, and says what it is"},
		nullable(dialect.Column{Name: "_t", Type: "datetime(3)", Core: "datetime(3)", Unmarked: true}),
		nullable(dialect.Column{Name: "_f", Type: "float32", Core: "float32", Unmarked: true}),
		nullable(dialect.Column{Name: "_u", Type: "uuid", Core: "uuid", Unmarked: true}),
	}
	x.create(t, "others", append([]dialect.Column{native}, hidden...)...)
	found := x.columns(t, x.schema, "others")
	require.Len(t, found, 1+len(hidden))
	require.Equal(t, native.Name, found[0].Name)
	require.Equal(t, native.Comment, found[0].Comment)
	require.Empty(t, found[0].Core)
	require.True(t, strings.EqualFold(native.Type, found[0].Type), found[0].Type)
	for i, c := range hidden {
		requireStored(t, c, found[i+1])
	}
}

func testColumnsKeepComments(t *testing.T, x *suite) {
	columns := []dialect.Column{column("id", "int32")}
	for i, comment := range []string{
		"plain", "it's", `say "hi"`, "`tick`", `back\slash`, `\\`, `\n \' \" \0`, `trailing \`, `"`, `'`, `''`, "100 %", "%s %d %%",
		"{braces} {{x}}", "what?", "? ?", "-- no comment", "/* nor this */", "a; b", "# hash", "two\nlines", "tab\there", "cr\r\nlf",
		"µ – größe 中文 ‰ €", " spaces ", "a:b", "b : c :", "::", "enum('a'):", "@x := 1", "$1", ":int32:", ":", strings.Repeat("long ", 150),
	} {
		c := column(fmt.Sprintf("c%d", i), "varchar(5)")
		c.Comment = comment
		columns = append(columns, c)
		if !strings.HasPrefix(comment, ":") {
			h := dialect.Column{Name: fmt.Sprintf("_c%d", i), Type: "int32", Core: "int32", Unmarked: true, Comment: comment}
			columns = append(columns, h)
		}
	}
	x.create(t, "comments", columns...)
	found := x.columns(t, x.schema, "comments")
	require.Len(t, found, len(columns))
	for i, c := range columns {
		requireStored(t, c, found[i])
	}
}

func testColumnsOfNoTable(t *testing.T, x *suite) {
	x.create(t, "there", column("id", "int32"))
	require.Empty(t, x.columns(t, x.schema, "not_there"), "no such table")
	require.Empty(t, x.columns(t, x.schema+"_not_there", "there"), "no such schema")
}
