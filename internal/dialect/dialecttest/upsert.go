package dialecttest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// testUpsert enters rows over others, in a table of which another index is unique, too.
func testUpsert(t *testing.T, x *suite) {
	def := x.table("rows", column("a", "int32"), column("b", "varchar(9)"), column("tag", "varchar(9)"),
		nullable(column("v", "int64")), withDefault(column("kept", "int32"), "'7'"))
	def.Key = []string{"a", "b"}
	def.Indexes = []dialect.Index{{Unique: true, Parts: []dialect.IndexPart{{Column: "tag"}}}}
	x.run(t, x.d.CreateTable(def))
	insert := "INSERT INTO %s (a, b, tag, v) VALUES "
	set := x.d.Upsert(def.Key, []string{"tag", "v"})
	leave := x.d.Upsert(def.Key, nil)
	x.exec(t, x.Write, insert+"(1, 'x', 'one', 1), (1, 'y', 'two', 2)", "rows")
	x.exec(t, x.Write, "UPDATE %s SET kept = 8", "rows")
	for _, c := range []struct {
		name, rows, tail, want string
	}{
		{"there, missing, and twice", "(1, 'x', 'uno', 10), (2, 'x', 'three', 3), (2, 'x', 'tres', NULL)", set, "1 x uno 10 8|1 y two 2 8|2 x tres NULL 7|"},
		{"as it was", "(1, 'x', 'uno', 10)", set, "1 x uno 10 8|1 y two 2 8|2 x tres NULL 7|"},
		{"left as they are", "(1, 'x', 'changed', 0), (3, 'x', 'four', 4), (3, 'x', 'five', 5)", leave, "1 x uno 10 8|1 y two 2 8|2 x tres NULL 7|3 x four 4 7|"},
		{"the tag of a row that gets another", "(1, 'x', 'one', 1), (4, 'x', 'uno', 5)", set, "1 x one 1 8|1 y two 2 8|2 x tres NULL 7|3 x four 4 7|4 x uno 5 7|"},
	} {
		x.exec(t, x.Write, insert+c.rows+c.tail, "rows")
		require.Equal(t, c.want, x.rows(t, "rows"), c.name)
	}
	before := x.rows(t, "rows")
	for _, c := range []struct{ name, rows, tail string }{
		{"a new row with another's tag", "(8, 'x', 'eight', 8), (9, 'x', 'two', 9)", set},
		{"a new row with another's tag, left", "(8, 'x', 'eight', 8), (9, 'x', 'two', 9)", leave},
		{"a row that gets another's tag", "(8, 'x', 'eight', 8), (1, 'x', 'two', 9)", set},
		{"half of the key", "(9, 'y', 'two', 9)", set},
	} {
		_, err := x.Write.ExecContext(t.Context(), x.in(insert+c.rows+c.tail, "rows"))
		require.Contains(t, []dialect.Class{dialect.Duplicate, dialect.Value}, x.d.Classify(err), "%s: %v", c.name, err)
		require.Equal(t, before, x.rows(t, "rows"), c.name)
	}
}

// rows are the rows of the table of testUpsert.
func (x *suite) rows(t *testing.T, table string) string {
	t.Helper()
	found, err := x.Read.QueryContext(t.Context(), x.in("SELECT a, b, tag, v, kept FROM %s ORDER BY a, b", table))
	require.NoError(t, err)
	defer func() { require.NoError(t, found.Close()) }()
	text := ""
	for found.Next() {
		var a, kept int
		var b, tag string
		var v *int
		require.NoError(t, found.Scan(&a, &b, &tag, &v, &kept))
		number := "NULL"
		if v != nil {
			number = fmt.Sprint(*v)
		}
		text += fmt.Sprintln(a, b, tag, number, kept)
		text = text[:len(text)-1] + "|"
	}
	require.NoError(t, found.Err())
	return text
}

// testUpsertOfAnyKey enters each row twice, in tables with keys of every type that can be one.
func testUpsertOfAnyKey(t *testing.T, x *suite) {
	for i, c := range exactValues {
		def := x.table(fmt.Sprintf("keys%d", i), column("k", c.spec), column("v", "int32"))
		x.run(t, x.d.CreateTable(def))
		for round := range 2 {
			for _, v := range c.values {
				x.exec(t, x.Write, "INSERT INTO %s (k, v) VALUES (?, ?)"+x.d.Upsert(def.Key, []string{"v"}), def.Name, v, round)
			}
		}
		require.Equal(t, len(c.values), x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE v = 1", def.Name), c.spec)
		for _, v := range c.values {
			require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE k = ?", def.Name, v), "%v of %s is as it was", v, c.spec)
		}
	}
	def := x.table("singleton", withDefault(column("_singleton", "bool"), "TRUE"), column("v", "int32"))
	x.run(t, x.d.CreateTable(def))
	for v := range 3 { // of a key that the INSERT does not name
		x.exec(t, x.Write, "INSERT INTO %s (v) VALUES (?)"+x.d.Upsert(def.Key, []string{"v"}), def.Name, v)
	}
	require.Equal(t, 2, x.number(t, x.Read, "SELECT v FROM %s", def.Name))
}

// testUpsertOfParents changes rows to which others refer.
func testUpsertOfParents(t *testing.T, x *suite) {
	x.create(t, "parent", column("id", "int32"), column("v", "int32"))
	child := x.table("child", column("id", "int32"))
	child.Foreign = []dialect.ForeignKey{{Columns: []string{"id"}, Schema: x.schema, Table: "parent", ReferenceColumns: []string{"id"}}}
	x.run(t, x.d.CreateTable(child))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 1)", "parent")
	x.exec(t, x.Write, "INSERT INTO %s (id) VALUES (1)", "child")
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 5), (2, 6)"+x.d.Upsert([]string{"id"}, []string{"v"}), "parent")
	require.Equal(t, 11, x.number(t, x.Read, "SELECT SUM(v) FROM %s", "parent"))
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "child"))
	_, err := x.Write.ExecContext(t.Context(), x.in("INSERT INTO %s (id) VALUES (1), (3)"+x.d.Upsert([]string{"id"}, nil), "child"))
	require.Equal(t, dialect.Referenced, x.d.Classify(err), "%v", err)
}
