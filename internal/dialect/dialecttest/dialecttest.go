// Package dialecttest holds a dialect to its contract: what package dialect promises of a
// Server and a Dialect, sentence by sentence. It is for tests only.
package dialecttest

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// Run runs the suite on a server that holds no tables yet. What takes more than SQL to
// provoke, as the loss of a connection does, is left to the tests of the dialect.
func Run(t *testing.T, s *dialect.Server) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"Name", testName},
		{"Table", testTable},
		{"CreateIsIdempotent", testCreateIsIdempotent},
		{"CreateConcurrently", testCreateConcurrently},
		{"KeysAndIndexes", testKeysAndIndexes},
		{"AddColumn", testAddColumn},
		{"Defaults", testDefaults},
		{"ColumnsOfCoreTypes", testColumnsOfCoreTypes},
		{"ColumnsOfForeignKeys", testColumnsOfForeignKeys},
		{"ColumnsOfOtherTypes", testColumnsOfOtherTypes},
		{"ColumnsKeepComments", testColumnsKeepComments},
		{"ColumnsOfNoTable", testColumnsOfNoTable},
		{"InsertIgnore", testInsertIgnore},
		{"Exact", testExact},
		{"After", testAfter},
		{"NowIsSpelledAsValuesAre", testNowIsSpelledAsValuesAre},
		{"NowAndDefaults", testNowAndDefaults},
		{"Identity", testIdentity},
		{"MaxArgs", testMaxArgs},
		{"SingleWriter", testSingleWriter},
		{"Snapshot", testSnapshot},
		{"BriefSeesTheLatest", testBriefSeesTheLatest},
		{"UpdateCountsWhatItFound", testUpdateCountsWhatItFound},
		{"ClassifyStatements", testClassifyStatements},
		{"ClassifyDeadlock", testClassifyDeadlock},
		{"ClassifyOther", testClassifyOther},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &suite{Server: s, d: s.Dialect, schema: "t_" + c.name}
			x.run(t, s.Dialect.CreateSchema(x.schema))
			c.test(t, x)
		})
	}
}

// A suite is a server, and a schema that one test has to itself.
type suite struct {
	*dialect.Server

	d      dialect.Dialect
	schema string
}

// run runs statements one by one, as the contract says they can be.
func (x *suite) run(t *testing.T, statements []dialect.Statement) {
	t.Helper()
	require.NotEmpty(t, statements)
	for _, s := range statements {
		_, err := x.Write.ExecContext(t.Context(), s.SQL, s.Args...)
		require.NoError(t, err, s.SQL)
	}
}

// create creates a table with these columns, of which the first is the key.
func (x *suite) create(t *testing.T, table string, columns ...dialect.Column) dialect.Table {
	t.Helper()
	def := dialect.Table{Schema: x.schema, Name: table, Key: []string{columns[0].Name}, Columns: columns}
	x.run(t, x.d.CreateTable(def))
	return def
}

// in puts a table's name where %s stands. A dialect's own SQL may hold other percent signs.
func (x *suite) in(statement, table string) string {
	return strings.Replace(statement, "%s", x.d.Table(x.schema, table), 1)
}

// exec runs a statement that must succeed, in which %s stands for a table's name.
func (x *suite) exec(t *testing.T, on execer, statement, table string, args ...any) int64 {
	t.Helper()
	result, err := on.ExecContext(t.Context(), x.in(statement, table), args...)
	require.NoError(t, err, statement)
	n, err := result.RowsAffected()
	require.NoError(t, err, statement)
	return n
}

// number asks for one number.
func (x *suite) number(t *testing.T, on queryer, query, table string, args ...any) int {
	t.Helper()
	var n int
	err := on.QueryRowContext(t.Context(), x.in(query, table), args...).Scan(&n)
	require.NoError(t, err, query)
	return n
}

// columns reads the columns of a table through the pool that only reads.
func (x *suite) columns(t *testing.T, schema, table string) []dialect.Column {
	t.Helper()
	query := func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return x.Read.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the dialect does
	}
	found, err := x.d.Columns(t.Context(), query, schema, table)
	require.NoError(t, err)
	return found
}

// begin begins a transaction that ends, at the latest, with t.
func (x *suite) begin(t *testing.T, on *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := on.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// column is a column of a core type.
func column(name, core string) dialect.Column {
	return dialect.Column{Name: name, Type: core, Core: core}
}

func nullable(c dialect.Column) dialect.Column {
	c.Nullable, c.Default = true, "NULL"
	return c
}
