package dialecttest

import (
	"fmt"
	"slices"
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
			require.Len(t, x.columns(t, schema, name), 1)
		}
	}
}

// parentAndChild are two tables with every kind of key and index.
func parentAndChild(schema string) (parent, child dialect.Table) {
	parent = dialect.Table{
		Schema: schema, Name: "parent", Key: []string{"a", "b"}, Comment: `it's "quoted" \ 100 % {x} ?`,
		Columns: []dialect.Column{column("a", "int32"), column("b", "varchar(8)"), nullable(column("note", "varchar(20)"))},
	}
	inherited := func(name, core string) dialect.Column {
		c := column(name, core)
		c.Unmarked = true
		return c
	}
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
			{Columns: []string{"other_a", "other_b"}, Unique: true, Foreign: true},
			{Columns: []string{"twice"}},
			{Columns: []string{"once"}}, // of the same columns as the next, which must be there all the same
			{Columns: []string{"once"}, Unique: true},
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
	before := x.columns(t, x.schema, "parent")
	for _, c := range before {
		require.Equal(t, slices.Contains(parent.Key, c.Name), c.Key, "%s is in the key", c.Name)
	}
	different := parent
	different.Columns = append([]dialect.Column{column("a", "int64")}, parent.Columns[1:]...)
	x.run(t, x.d.CreateTable(different))
	require.Equal(t, before, x.columns(t, x.schema, "parent"), "a table that is there is not changed")
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "parent"))
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
					for _, s := range statements {
						if _, err := x.Write.ExecContext(t.Context(), s.SQL, s.Args...); err != nil {
							return fmt.Errorf("%w, running %s", err, s.SQL)
						}
					}
				}
				return nil
			})
		}
		close(start)
		require.NoError(t, group.Wait())
		require.Len(t, x.columns(t, schema, "parent"), len(parent.Columns))
		require.Len(t, x.columns(t, schema, "child"), len(child.Columns))
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

func testAddColumn(t *testing.T, x *suite) {
	def := x.create(t, "grows", column("id", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id) VALUES (1)", "grows")
	added := []dialect.Column{
		{Name: "note", Type: "varchar(10)", Core: "varchar(10)", Nullable: true, Default: "NULL", Comment: `it's a "note"`},
		{Name: "tries", Type: "int32", Core: "int32", Default: "'3'"},
		{Name: "_token", Type: "uuid", Core: "uuid", Nullable: true, Default: "NULL"},
		{Name: "_lease", Type: "datetime(3)", Core: "datetime(3)", Nullable: true, Default: "NULL"},
		{Name: "_host", Type: "varchar(128)", Core: "varchar(128)", Default: "''"},
		{Name: "_kind", Type: "enum('a','b')", Core: "enum('a','b')", Default: "'b'"},
	}
	for _, c := range added {
		x.run(t, x.d.AddColumn(def, c))
		def.Columns = append(def.Columns, c)
	}
	found := x.columns(t, x.schema, "grows")
	require.Len(t, found, len(def.Columns))
	for i, want := range def.Columns {
		requireStored(t, want, found[i])
	}
	require.Equal(t, 1, x.number(t, x.Read,
		"SELECT COUNT(*) FROM %s WHERE note IS NULL AND tries = 3 AND _token IS NULL AND _host = '' AND _kind = 'b'", "grows"),
		"the row that was there has the defaults")
}

func testDefaults(t *testing.T, x *suite) {
	given := func(name, core, def string) dialect.Column {
		return dialect.Column{Name: name, Type: core, Core: core, Default: def}
	}
	x.create(t, "defaults", column("id", "int32"),
		given("i", "int32", "'-5'"), given("f", "float64", "'1.5'"), given("b", "bool", "TRUE"),
		given("s", "varchar(20)", "'it''s'"), given("e", "enum('a','b')", "'b'"),
		given("d", "date", "'2024-02-29'"), given("t", "datetime(3)", "CURRENT_TIMESTAMP(3)"),
		given("n", "decimal(5,2)", "'1.25'"))
	x.exec(t, x.Write, "INSERT INTO %s (id) VALUES (1)", "defaults")
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE i = -5 AND f = 1.5 AND b = 1"+
		" AND s = 'it''s' AND e = 'b' AND d = '2024-02-29' AND t IS NOT NULL AND n = '1.25'", "defaults"))
}
