package dialecttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// alter makes changes, after which the table is to be as def says, in one transaction.
func (x *suite) alter(t *testing.T, def dialect.Table, changes ...dialect.Change) {
	t.Helper()
	statements, err := x.d.Alter(def, changes)
	require.NoError(t, err)
	tx := x.begin(t, x.Write)
	require.NoError(t, x.try(t, tx, statements))
	require.NoError(t, tx.Commit())
	requireTable(t, def, x.found(t, def.Name))
}

// place puts a column behind another.
func place(def dialect.Table, after string, c dialect.Column) dialect.Table {
	var columns []dialect.Column
	for _, is := range def.Columns {
		if columns = append(columns, is); is.Name == after {
			columns = append(columns, c)
		}
	}
	def.Columns = columns
	return def
}

func testAlterAdds(t *testing.T, x *suite) {
	def := x.create(t, "grows", column("id", "int32"), commented(column("last", "int8"), "stays"))
	x.exec(t, x.Write, "INSERT INTO %s (id, last) VALUES (1, 7)", "grows")
	codec, _ := datatype.OfCodec("blob", "bytes")
	for _, c := range []struct {
		after string
		add   dialect.Column
	}{
		{"", commented(nullable(column("note", "varchar(10)")), `it's a "note"`)},
		{"", withDefault(column("tries", "int32"), "'3'")},
		{"id", withDefault(column("kind", "enum('a','b')"), "'b'")},
		{"", nullable(column("_token", "uuid"))},
		{"kind", nullable(unmarked(column("_lease", "datetime(3)")))},
		{"", withDefault(column("_host", "varchar(128)"), "''")},
		{"tries", withDefault(column("n", "int unsigned"), "'4294967295'")},
		{"", withDefault(column("d", "decimal(5,2)"), "'1.25'")},
		{"d", withDefault(column("on", "date"), "'2024-02-29'")},
		{"", nullable(dialect.Column{Name: "data", Type: codec})},
		{"last", withDefault(column("yes", "bool"), "TRUE")},
	} {
		after := c.after
		if after == "" {
			after = def.Columns[len(def.Columns)-1].Name
		}
		def = place(def, after, c.add)
		x.alter(t, def, dialect.Change{Add: &c.add, After: c.after})
	}
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE `last` = 7 AND note IS NULL AND tries = 3 AND kind = 'b'"+
		" AND _token IS NULL AND _host = '' AND n = 4294967295 AND d = 1.25 AND `on` = '2024-02-29' AND data IS NULL AND yes = 1", "grows"),
		"the row that was there has the defaults")
	_, err := x.Write.ExecContext(t.Context(), x.in("INSERT INTO %s (id, last, kind) VALUES (2, 1, 'c')", "grows"))
	require.Equal(t, dialect.Value, x.d.Classify(err), "%v", err)

	empty := x.create(t, "empty", column("id", "int32"))
	moment, name := withDefault(column("at", "datetime(3)"), "CURRENT_TIMESTAMP(3)"), column("name", "varchar(5)")
	empty.Columns = append(empty.Columns, moment, name)
	x.alter(t, empty, dialect.Change{Add: &moment}, dialect.Change{Add: &name, After: "at"})

	statements, err := x.d.Alter(def, nil)
	require.NoError(t, err)
	require.Empty(t, statements)
}

// testAlterComments changes what no server keeps in rows: comments, and what columns say of their types.
func testAlterComments(t *testing.T, x *suite) {
	codec, _ := datatype.OfCodec("blob", "bytes")
	def := x.create(t, "t", column("id", "int unsigned auto_increment"), commented(withDefault(column("a", "int8"), "'3'"), "before"),
		nullable(unmarked(column("b", "bytes"))), commented(withDefault(column("c", "decimal(5,2)"), "'1.5'"), "c"), column("d", "enum('x','y')"))
	for i, change := range []func(c *dialect.Column){
		func(c *dialect.Column) { c.Comment = "a number" },
		func(c *dialect.Column) { c.Comment = ""; c.Type = datatype.MustParse("bool") },
		func(c *dialect.Column) { c.Type, c.Unmarked = codec, false },
		func(c *dialect.Column) { c.Default, c.Comment = "'1.50'", `it's "c" \ 100 %` },
		func(c *dialect.Column) { c.Type = datatype.MustParse(`enum("x", "y")`) },
	} {
		from := x.found(t, "t").Columns[i]
		change(&def.Columns[i])
		to := def.Columns[i]
		x.alter(t, def, dialect.Change{Modify: &to, From: &from})
	}
	child := x.table("child", unmarked(column("t_id", "int unsigned")), column("n", "int8"))
	child.Foreign = []dialect.ForeignKey{{Columns: []string{"t_id"}, Schema: x.schema, Table: "t", ReferenceColumns: []string{"id"}}}
	x.run(t, x.d.CreateTable(child))
	for _, table := range []dialect.Table{child, def} { // with keys that refer to others, and that others refer to
		from := x.found(t, table.Name).Columns[0]
		table.Columns[0].Comment = "which"
		x.alter(t, table, dialect.Change{Modify: &table.Columns[0], From: &from})
	}
	for _, comment := range comments {
		def.Comment = comment
		x.alter(t, def, dialect.Change{Comment: &comment})
	}
	def.Comment = ""
	x.alter(t, def, dialect.Change{Comment: &def.Comment})
}

// testAlterModifies changes types, defaults and whether there may be NULL. A server that cannot says so.
func testAlterModifies(t *testing.T, x *suite) {
	def := x.create(t, "t", column("id", "int32"), commented(column("a", "int32"), "stays"), nullable(column("b", "varchar(5)")))
	x.exec(t, x.Write, "INSERT INTO %s (id, a, b) VALUES (1, 5, 'five')", "t")
	for _, to := range []dialect.Column{
		column("a", "int64"), nullable(column("a", "int64")), withDefault(column("a", "int64"), "'7'"), withDefault(column("a", "int64"), "'8'"),
		column("a", "int64"), column("a", "decimal(20,2)"),
		column("b", "varchar(5)"), column("b", "varchar(50)"), withDefault(column("b", "varchar(50)"), "'it''s'"),
		column("b", "enum('five','six')"),
	} {
		i := map[string]int{"a": 1, "b": 2}[to.Name]
		found := x.found(t, "t")
		from := found.Columns[i]
		if !x.can.Modify {
			statements, err := x.d.Alter(def, []dialect.Change{{Comment: new(string)}, {Modify: &to, From: &from}})
			require.ErrorContains(t, err, to.Name+": ")
			require.ErrorContains(t, err, "cannot change")
			require.Nil(t, statements)
			require.Equal(t, found, x.found(t, "t"))
			continue
		}
		def.Columns[i] = to
		x.alter(t, def, dialect.Change{Modify: &to, From: &from})
		require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE a = 5 AND b = 'five'", "t"))
	}
}

func testAlterDrops(t *testing.T, x *suite) {
	def := x.table("t", column("id", "int32"), column("a", "int32"), nullable(column("b", "varchar(5)")),
		withDefault(column("c", "enum('a','b')"), "'a'"), column("d", "int8"))
	def.Indexes = []dialect.Index{{Parts: dialect.OnColumns("a")}, {Parts: dialect.OnColumns("b", "a"), Unique: true}, {Parts: dialect.OnColumns("d")}}
	x.run(t, x.d.CreateTable(def))
	x.exec(t, x.Write, "INSERT INTO %s (id, a, b, d) VALUES (1, 1, 'b', 1)", "t")
	found := x.found(t, "t")

	c := found.Columns[3]
	def.Columns = append(def.Columns[:3:3], def.Columns[4])
	x.alter(t, def, dialect.Change{Drop: &c})

	changes := []dialect.Change{{Drop: &found.Columns[1]}, {Drop: &found.Columns[2]}}
	for _, i := range found.Indexes {
		if i.Parts[0].Column != "d" {
			changes = append(changes, dialect.Change{DropIndex: &i})
		}
	}
	require.Len(t, changes, 4)
	def.Columns, def.Indexes = []dialect.Column{def.Columns[0], def.Columns[3]}, def.Indexes[2:]
	x.alter(t, def, changes...)
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE id = 1 AND d = 1", "t"))
}

func testAlterIndexes(t *testing.T, x *suite) {
	def := x.create(t, "t", column("id", "int32"), column("a", "int32"), nullable(column("b", "varchar(5)")), column("doc", "json"))
	x.exec(t, x.Write, "INSERT INTO %s (id, a, b, doc) VALUES (1, 1, 'b', '{}')", "t")
	add := []dialect.Index{{Parts: dialect.OnColumns("a")}, {Parts: dialect.OnColumns("b", "a"), Unique: true}}
	if x.can.Expressions {
		add = append(add, dialect.Index{Parts: []dialect.IndexPart{{Column: "doc", Path: "a.b", Returns: "char(9)"}, {Column: "b"}}})
	}
	var changes []dialect.Change
	for _, i := range add {
		changes = append(changes, dialect.Change{AddIndex: &i})
	}
	def.Indexes = add
	x.alter(t, def, changes...)
	_, err := x.Write.ExecContext(t.Context(), x.in("INSERT INTO %s (id, a, b, doc) VALUES (2, 1, 'b', '{}')", "t"))
	require.Equal(t, dialect.Duplicate, x.d.Classify(err), "%v", err)

	changes = nil
	for _, i := range x.found(t, "t").Indexes {
		changes = append(changes, dialect.Change{DropIndex: &i})
	}
	c := commented(withDefault(column("c", "int32"), "'1'"), "several things at once")
	other := dialect.Index{Parts: dialect.OnColumns("c", "a")}
	def.Columns, def.Indexes, def.Comment = append(def.Columns, c), []dialect.Index{other}, "changed"
	x.alter(t, def, append(changes, dialect.Change{Add: &c}, dialect.Change{AddIndex: &other}, dialect.Change{Comment: &def.Comment})...)
	x.exec(t, x.Write, "INSERT INTO %s (id, a, b, doc) VALUES (2, 1, 'b', '{}')", "t")
}

// testAlterAllOrNothing has a change that can be made, and another that cannot.
func testAlterAllOrNothing(t *testing.T, x *suite) {
	def := x.create(t, "t", column("id", "int32"), column("a", "int32"), column("b", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, a, b) VALUES (1, 1, 1), (2, 1, 2)", "t")
	before := x.describe(t, x.schema, "")
	add, comment := nullable(column("c", "int32")), "changed"
	unique, plain := dialect.Index{Parts: dialect.OnColumns("a"), Unique: true}, dialect.Index{Parts: dialect.OnColumns("b")}
	missing := column("missing", "int8")
	for _, c := range []struct {
		impossible dialect.Change
		want       dialect.Class
	}{
		{dialect.Change{AddIndex: &unique}, dialect.Duplicate},
		{dialect.Change{Drop: &missing}, dialect.NoColumn},
	} {
		changed := place(def, "b", add)
		changed.Comment = comment
		statements, err := x.d.Alter(changed, []dialect.Change{{Comment: &comment}, {Add: &add}, {AddIndex: &plain}, c.impossible})
		require.NoError(t, err)
		tx := x.begin(t, x.Write)
		err = x.try(t, tx, statements)
		require.Error(t, err)
		if c.want == dialect.Duplicate {
			require.Equal(t, c.want, x.d.Classify(err), "%v", err)
		}
		require.NoError(t, tx.Rollback())
		require.Equal(t, before, x.describe(t, x.schema, ""), "nothing is changed")
	}
}
