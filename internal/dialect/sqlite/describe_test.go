package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// describe reads the tables of the schema lab.
func describe(t *testing.T, s *dialect.Server) []dialect.Table {
	t.Helper()
	found, err := s.Dialect.Describe(t.Context(), func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return s.Read.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the dialect does
	}, "lab", "")
	require.NoError(t, err)
	return found
}

// written counts what ~attribute has of a table.
func written(t *testing.T, s *dialect.Server) int {
	t.Helper()
	var n int
	require.NoError(t, s.Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM `lab.~attribute` WHERE table_name = 't'").Scan(&n))
	return n
}

// TestAttributesAreThoseOfTheTable has what ~attribute says follow the table: that is dropped, created as another,
// half created, and altered.
func TestAttributesAreThoseOfTheTable(t *testing.T) {
	s := open(t, Config{Path: filepath.Join(t.TempDir(), "test.db")})
	run(t, s, s.Dialect.CreateSchema("lab"))
	table := dialect.Table{Schema: "lab", Name: "t", Key: []string{"id"}, Columns: []dialect.Column{column("id", "int32", ""), column("a", "bool", "")}}
	run(t, s, s.Dialect.CreateTable(table))
	first := describe(t, s)
	require.Equal(t, 3, written(t, s))

	other := table
	other.Comment, other.Columns = "other", []dialect.Column{column("id", "int64", ""), column("b", "uuid", ""), column("a", "int8", "")}
	run(t, s, s.Dialect.CreateTable(other))
	require.Equal(t, first, describe(t, s))
	require.Equal(t, 3, written(t, s), "nothing is written where the table is")

	_, err := s.Write.ExecContext(t.Context(), "DROP TABLE `lab.t`")
	require.NoError(t, err)
	require.Empty(t, describe(t, s))
	run(t, s, s.Dialect.CreateTable(other)[:3]) // and no further
	run(t, s, s.Dialect.CreateTable(other))
	require.Equal(t, 4, written(t, s))
	found := describe(t, s)[0]
	require.Equal(t, "other", found.Comment)
	require.Equal(t, other.Columns, found.Columns)

	dropped, other := other.Columns[2], found
	other.Columns = other.Columns[:2]
	statements, err := s.Dialect.Alter(other, []dialect.Change{{Drop: &dropped}})
	require.NoError(t, err)
	run(t, s, statements)
	require.Equal(t, 3, written(t, s))
	require.Equal(t, []dialect.Table{other}, describe(t, s))
}

// TestDescribeWhatOthersMake has tables of which ~attribute says nothing.
func TestDescribeWhatOthersMake(t *testing.T) {
	s := open(t, Config{Path: filepath.Join(t.TempDir(), "test.db")})
	require.Empty(t, describe(t, s))
	run(t, s, append(s.Dialect.CreateSchema("lab"),
		dialect.Statement{SQL: "CREATE TABLE `lab.p` (id INTEGER PRIMARY KEY)"},
		dialect.Statement{SQL: "CREATE TABLE `lab.t` (A INTEGER DEFAULT (1 + 1) REFERENCES `lab.p`, b TEXT NOT NULL DEFAULT 'x' UNIQUE, c anything," +
			" PRIMARY KEY (b, A))"},
		dialect.Statement{SQL: "CREATE INDEX `an index` ON `lab.t` (c, A)"}, dialect.Statement{SQL: "CREATE INDEX computed ON `lab.t` (lower(c))"},
		dialect.Statement{SQL: "CREATE TABLE `laboratory` (id INTEGER PRIMARY KEY)"}, dialect.Statement{SQL: "CREATE VIEW `lab.v` AS SELECT 1"},
	))
	found := describe(t, s)
	require.Len(t, found, 2)
	table := found[1]
	require.Equal(t, []string{"b", "A"}, table.Key)
	require.Equal(t, []dialect.ForeignKey{{Columns: []string{"A"}, Schema: "lab", Table: "p", ReferenceColumns: []string{""}}}, table.Foreign)
	require.Equal(t, []dialect.Index{
		{Name: "an index", Parts: dialect.OnColumns("c", "A")}, {Name: "sqlite_autoindex_lab.t_1", Parts: dialect.OnColumns("b"), Unique: true},
	}, table.Indexes)
	for i, want := range []dialect.Column{
		{Name: "A", Type: datatype.MustParse("INTEGER"), Nullable: true, Default: "(1 + 1)", Unmarked: true},
		{Name: "b", Type: datatype.MustParse("TEXT"), Default: "'x'", Unmarked: true},
		{Name: "c", Type: datatype.Type{Spec: "anything", Stored: "anything", Native: true}, Nullable: true, Default: "NULL", Unmarked: true},
	} {
		require.Equal(t, want, table.Columns[i])
	}
}

// TestAlterSaysWhatItCannot has the sentences.
func TestAlterSaysWhatItCannot(t *testing.T) {
	for _, c := range []struct {
		from, to dialect.Column
		want     string
	}{
		{column("n", "int32", ""), column("n", "int64", ""), "n: SQLite cannot change a column from int32 NOT NULL to int64 NOT NULL"},
		{column("n", "int32", "'3'"), column("n", "int32", "NULL"), "n: SQLite cannot change a column from int32 NOT NULL DEFAULT '3' to int32 DEFAULT NULL"},
		{column("n", "decimal(5,2)", "'1.5'"), column("n", "numeric(5,2)", "'1.50'"), ""},
		{column("n", "int8", "'1'"), column("n", "bool", "TRUE"), ""},
		{column("n", "varchar(5)", "'it''s'"), column("n", "varchar(5)", "'its'"),
			"n: SQLite cannot change a column from varchar(5) NOT NULL DEFAULT 'it''s' to varchar(5) NOT NULL DEFAULT 'its'"},
		{column("n", "datetime", "CURRENT_TIMESTAMP"), column("n", "datetime", ""),
			"n: SQLite cannot change a column from datetime NOT NULL DEFAULT CURRENT_TIMESTAMP to datetime NOT NULL"},
	} {
		_, err := Dialect{}.Alter(dialect.Table{}, []dialect.Change{{From: &c.from, Modify: &c.to}})
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, c.want)
	}
}
