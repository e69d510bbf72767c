package dialecttest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill/internal/dialect"
)

func testName(t *testing.T, x *suite) {
	require.Contains(t, []string{"mysql", "sqlite"}, x.d.Name())
}

// testTable creates tables whose names differ in where one ends and the other begins, and
// in characters that mean something to some server.
func testTable(t *testing.T, x *suite) {
	names := []string{"a", "a_b", "#a", "_a", "__a", "__a__b", "~a", "~~a", "a`b", "a b", "a.b", "a-b", "a%b", "größe"}
	seen := map[string]bool{}
	for i, schema := range []string{x.schema, x.schema + "_a", x.schema + "-b"} {
		x.run(t, x.d.CreateSchema(schema))
		for j, name := range names {
			quoted := x.d.Table(schema, name)
			require.False(t, seen[quoted], quoted)
			seen[quoted] = true
			def := dialect.Table{Schema: schema, Name: name, Key: []string{"id"}, Columns: []dialect.Column{column("id", "int32")}}
			x.run(t, x.d.CreateTable(def))
			_, err := x.Write.ExecContext(t.Context(), "INSERT INTO "+quoted+" (id) VALUES (?)", 100*i+j)
			require.NoError(t, err)
		}
	}
	for i, schema := range []string{x.schema, x.schema + "_a", x.schema + "-b"} {
		for j, name := range names {
			var n int
			require.NoError(t, x.Read.QueryRowContext(t.Context(), "SELECT id FROM "+x.d.Table(schema, name)).Scan(&n))
			require.Equal(t, 100*i+j, n, "%s of %s", name, schema)
			found := x.describe(t, schema, name)
			require.Len(t, found, 1)
			require.Equal(t, name, found[0].Name)
			require.Len(t, found[0].Columns, 1)
		}
	}
}

// parentAndChild are two tables with every kind of key and index.
func parentAndChild(schema string) (parent, child dialect.Table) {
	parent = dialect.Table{
		Schema: schema, Name: "parent", Key: []string{"a", "b"}, Comment: `it's "quoted" \ 100 % {x} ?`,
		Columns: []dialect.Column{column("a", "int32"), column("b", "varchar(8)"), nullable(column("note", "varchar(20)"))},
	}
	inherited := func(name, core string) dialect.Column { return unmarked(column(name, core)) }
	child = dialect.Table{
		Schema: schema, Name: "child", Key: []string{"a", "b", "c"},
		Columns: []dialect.Column{
			inherited("a", "int32"), inherited("b", "varchar(8)"), column("c", "int16"),
			column("once", "int32"), column("twice", "int32"),
			nullable(inherited("other_a", "int32")), nullable(inherited("other_b", "varchar(8)")),
		},
		Foreign: []dialect.ForeignKey{
			{Columns: []string{"a", "b"}, Schema: schema, Table: "parent", ReferenceColumns: []string{"a", "b"}},
			{Columns: []string{"other_a", "other_b"}, Schema: schema, Table: "parent", ReferenceColumns: []string{"a", "b"}},
		},
		Indexes: []dialect.Index{
			{Parts: dialect.OnColumns("other_a", "other_b"), Unique: true, Foreign: true},
			{Parts: dialect.OnColumns("twice")},
			{Parts: dialect.OnColumns("once")}, // of the same columns as the next, which must be there all the same
			{Parts: dialect.OnColumns("once"), Unique: true},
		},
	}
	return parent, child
}

func testCreateIsIdempotent(t *testing.T, x *suite) {
	parent, child := parentAndChild(x.schema)
	for range 3 {
		x.run(t, x.d.CreateSchema(x.schema))
		x.run(t, x.d.CreateTable(parent))
		x.run(t, x.d.CreateTable(child))
		x.exec(t, x.Write, "INSERT INTO %s (a, b) SELECT COUNT(*), 'x' FROM (SELECT 1) one", "parent")
		x.exec(t, x.Write, "DELETE FROM %s", "parent")
	}
	x.exec(t, x.Write, "INSERT INTO %s (a, b) VALUES (1, 'x')", "parent")
	before := x.describe(t, x.schema, "")
	require.Len(t, before, 2)
	different := parent
	different.Comment, different.Columns = "another", []dialect.Column{column("a", "int64"), column("b", "varchar(9)"), column("c", "int8")}
	x.run(t, x.d.CreateTable(different))
	require.Equal(t, before, x.describe(t, x.schema, ""), "a table that is there is not changed")
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "parent"))

	x.exec(t, x.Write, "DROP TABLE %s", "child")
	x.exec(t, x.Write, "DROP TABLE %s", "parent")
	x.run(t, x.d.CreateTable(different))
	requireTable(t, different, x.found(t, "parent")) // nothing is left of the table that was dropped
}

func testCreateConcurrently(t *testing.T, x *suite) {
	for round := range 5 {
		schema := fmt.Sprintf("%s_%d", x.schema, round)
		parent, child := parentAndChild(schema)
		start := make(chan struct{})
		var group errgroup.Group
		for range 8 {
			group.Go(func() error {
				<-start
				for _, statements := range [][]dialect.Statement{
					x.d.CreateSchema(schema), x.d.CreateTable(parent), x.d.CreateTable(child),
				} {
					if err := x.try(t, x.Write, statements); err != nil {
						return err
					}
				}
				return nil
			})
		}
		close(start)
		require.NoError(t, group.Wait())
		found := x.describe(t, schema, "")
		require.Len(t, found, 2)
		requireTable(t, child, found[0])
		requireTable(t, parent, found[1])
	}
}

func testKeysAndIndexes(t *testing.T, x *suite) {
	parent, child := parentAndChild(x.schema)
	x.run(t, x.d.CreateTable(parent))
	x.run(t, x.d.CreateTable(child))
	x.exec(t, x.Write, "INSERT INTO %s (a, b) VALUES (1, 'x'), (1, 'y')", "parent")
	insert := "INSERT INTO " + x.d.Table(x.schema, "child") + " (a, b, c, once, twice, other_a, other_b) VALUES "
	for _, c := range []struct {
		values string
		want   dialect.Class
	}{
		{"(1, 'x', 1, 1, 1, NULL, NULL)", dialect.Other},
		{"(1, 'x', 2, 2, 1, NULL, NULL)", dialect.Other}, // NULL is unique any number of times
		{"(1, 'x', 3, 3, 1, 1, 'y')", dialect.Other},
		{"(1, 'x', 1, 9, 1, NULL, NULL)", dialect.Duplicate},  // key
		{"(1, 'x', 4, 1, 1, NULL, NULL)", dialect.Duplicate},  // unique index
		{"(1, 'x', 4, 4, 1, 1, 'y')", dialect.Duplicate},      // unique foreign key
		{"(2, 'x', 1, 4, 1, NULL, NULL)", dialect.Referenced}, // no such parent
		{"(1, 'x', 4, 4, 1, 2, 'x')", dialect.Referenced},
	} {
		_, err := x.Write.ExecContext(t.Context(), insert+c.values)
		require.Equal(t, c.want == dialect.Other, err == nil, "%s: %v", c.values, err)
		require.Equal(t, c.want, x.d.Classify(err), "%s: %v", c.values, err)
	}
	x.exec(t, x.Write, "UPDATE %s SET a = 7 WHERE b = 'x'", "parent") // goes on to the children
	require.Equal(t, 3, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE a = 7", "child"))
}

// testAutoIncrement has the server number rows that come without a number.
func testAutoIncrement(t *testing.T, x *suite) {
	for _, spec := range []string{"int unsigned auto_increment", "bigint auto_increment", "bigint unsigned auto_increment"} {
		name := "numbered " + spec
		def := x.create(t, name, column("id", spec), nullable(column("v", "int32")))
		requireTable(t, def, x.found(t, name))
		for _, row := range []string{"(id, v) VALUES (NULL, 1)", "(v) VALUES (2)", "(id, v) VALUES (10, 3)", "(id, v) VALUES (NULL, 4)"} {
			x.exec(t, x.Write, "INSERT INTO %s "+row, name)
		}
		x.exec(t, x.Write, "DELETE FROM %s WHERE id = 11", name)
		x.exec(t, x.Write, "INSERT INTO %s (v) VALUES (5)", name)
		require.Equal(t, 2*1+3*2+5*10+7*12, x.number(t, x.Read,
			"SELECT SUM(id * CASE v WHEN 1 THEN 2 WHEN 2 THEN 3 WHEN 3 THEN 5 ELSE 7 END) FROM %s", name), "no number comes twice")
		_, err := x.Write.ExecContext(t.Context(), x.in("INSERT INTO %s (id) VALUES (10)", name))
		require.Equal(t, dialect.Duplicate, x.d.Classify(err), "%v", err)
	}
	_, err := x.Write.ExecContext(t.Context(), x.in("INSERT INTO %s (id) VALUES (-1)", "numbered int unsigned auto_increment"))
	require.Equal(t, dialect.Value, x.d.Classify(err), "%v", err)
}
