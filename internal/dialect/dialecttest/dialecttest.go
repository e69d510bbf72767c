// Package dialecttest holds a dialect to its contract: what package dialect promises of a
// Server and a Dialect, sentence by sentence. It is for tests only.
package dialecttest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// Abilities are what a server can do that another cannot, and tells by an error.
type Abilities struct {
	Expressions bool // indexes of paths and expressions
	Modify      bool // columns get other types and defaults
	Capitals    bool // names of tables differ that differ in capitals
}

// Run runs the suite on a server that holds no tables yet, which each test opens: the same, or
// another. What takes more than SQL to provoke, as the loss of a connection does, is left to the
// tests of the dialect.
func Run(t *testing.T, can Abilities, open func(*testing.T) *dialect.Server) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"Name", testName},
		{"Table", testTable},
		{"CreateIsIdempotent", testCreateIsIdempotent},
		{"CreateConcurrently", testCreateConcurrently},
		{"KeysAndIndexes", testKeysAndIndexes},
		{"AutoIncrement", testAutoIncrement},
		{"CoreTypes", testCoreTypes},
		{"NativeTypes", testNativeTypes},
		{"SerialAndCapitals", testSerialAndCapitals},
		{"Codecs", testCodecs},
		{"HiddenColumns", testHiddenColumns},
		{"ForeignKeyColumns", testForeignKeyColumns},
		{"Comments", testComments},
		{"SecondPlane", testSecondPlane},
		{"Values", testValues},
		{"Defaults", testDefaults},
		{"DefaultsOfTime", testDefaultsOfTime},
		{"Keys", testKeys},
		{"ForeignKeys", testForeignKeys},
		{"Indexes", testIndexes},
		{"IndexesOfForeignKeys", testIndexesOfForeignKeys},
		{"Expressions", testExpressions},
		{"WhichTables", testWhichTables},
		{"Capitals", testCapitals},
		{"DescribeIsAFixedPoint", testDescribeIsAFixedPoint},
		{"Schemas", testSchemas},
		{"AlterAdds", testAlterAdds},
		{"AlterComments", testAlterComments},
		{"AlterModifies", testAlterModifies},
		{"AlterDrops", testAlterDrops},
		{"AlterIndexes", testAlterIndexes},
		{"AlterAllOrNothing", testAlterAllOrNothing},
		{"Tables", testTables},
		{"Referring", testReferring},
		{"DropTable", testDropTable},
		{"DeleteFrom", testDeleteFrom},
		{"AtMost", testAtMost},
		{"Scan", testScan},
		{"SkipLocked", testSkipLocked},
		{"InsertIgnore", testInsertIgnore},
		{"PassOver", testPassOver},
		{"Upsert", testUpsert},
		{"UpsertOfAnyKey", testUpsertOfAnyKey},
		{"UpsertOfParents", testUpsertOfParents},
		{"Exact", testExact},
		{"ExactDecimals", testExactDecimals},
		{"JSONValue", testJSONValue},
		{"After", testAfter},
		{"NowIsSpelledAsValuesAre", testNowIsSpelledAsValuesAre},
		{"NowAndDefaults", testNowAndDefaults},
		{"Identity", testIdentity},
		{"MaxArgs", testMaxArgs},
		{"SingleWriter", testSingleWriter},
		{"Snapshot", testSnapshot},
		{"Hasty", testHasty},
		{"BriefSeesTheLatest", testBriefSeesTheLatest},
		{"UpdateCountsWhatItFound", testUpdateCountsWhatItFound},
		{"ClassifyStatements", testClassifyStatements},
		{"ClassifyDeadlock", testClassifyDeadlock},
		{"ClassifyOther", testClassifyOther},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			x := &suite{Server: s, d: s.Dialect, can: can, schema: "t_" + c.name}
			x.run(t, s.Dialect.CreateSchema(x.schema))
			c.test(t, x)
		})
	}
}

// A suite is a server, and a schema that one test has to itself.
type suite struct {
	*dialect.Server

	d      dialect.Dialect
	can    Abilities
	schema string
}

// run runs statements one by one, as the contract says they can be.
func (x *suite) run(t *testing.T, statements []dialect.Statement) {
	t.Helper()
	require.NotEmpty(t, statements)
	require.NoError(t, x.try(t, x.Write, statements))
}

// try runs statements up to the first that fails.
func (x *suite) try(t *testing.T, on execer, statements []dialect.Statement) error {
	t.Helper()
	for _, s := range statements {
		if _, err := on.ExecContext(t.Context(), s.SQL, s.Args...); err != nil {
			return fmt.Errorf("%w, running %s", err, s.SQL)
		}
	}
	return nil
}

// create creates a table with these columns, of which the first is the key.
func (x *suite) create(t *testing.T, table string, columns ...dialect.Column) dialect.Table {
	t.Helper()
	def := x.table(table, columns...)
	x.run(t, x.d.CreateTable(def))
	return def
}

// table is a table with these columns, of which the first is the key.
func (x *suite) table(name string, columns ...dialect.Column) dialect.Table {
	return dialect.Table{Schema: x.schema, Name: name, Key: []string{columns[0].Name}, Columns: columns}
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

// describe reads the tables of a schema, or the one of a name, through the pool that only reads.
func (x *suite) describe(t *testing.T, schema, name string) []dialect.Table {
	t.Helper()
	found, err := x.d.Describe(t.Context(), x.query, schema, name)
	require.NoError(t, err)
	return found
}

func (x *suite) query(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
	return x.Read.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the dialect does
}

// found is the one table of a name.
func (x *suite) found(t *testing.T, name string) dialect.Table {
	t.Helper()
	tables := x.describe(t, x.schema, name)
	require.Len(t, tables, 1, name)
	return tables[0]
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

// column is a column of a type. Those of a server's own say no core type.
func column(name, spec string) dialect.Column {
	typ := datatype.MustParse(spec)
	return dialect.Column{Name: name, Type: typ, Unmarked: typ.Native}
}

func nullable(c dialect.Column) dialect.Column {
	c.Nullable, c.Default = true, "NULL"
	return c
}

func unmarked(c dialect.Column) dialect.Column {
	c.Unmarked = true
	return c
}

func withDefault(c dialect.Column, sql string) dialect.Column {
	c.Default = sql
	return c
}

func commented(c dialect.Column, comment string) dialect.Column {
	c.Comment = comment
	return c
}
