// Package dialect states what Rowmill has to know of a database server beyond the SQL
// that all of them share. Each server family is a package below it, and one suite of
// tests (package dialecttest) holds every implementation to the contract written here.
package dialect

import (
	"context"
	"database/sql"
	"strings"
)

// A Server is an open database server: pools of connections and its dialect.
type Server struct {
	Dialect Dialect

	// Write runs transactions, and single statements that change rows. In a
	// transaction of its own, all reads see one snapshot.
	Write *sql.DB
	// Read runs single statements that only read.
	Read *sql.DB
	// Snapshot runs the transactions that read for long before they write, as many at once as
	// there are. It is the same as Write where that runs any number.
	Snapshot *sql.DB
	// Brief runs single statements that change rows of a busy table: at READ COMMITTED
	// where the server knows it, so that they lock the rows they change and no gaps.
	Brief *sql.DB
}

// A Dialect is how one family of servers spells what others spell differently, beyond
// quoting: identifiers are in backticks everywhere (see Quote), and placeholders are ?.
// Implementations are immutable and safe for concurrent use.
type Dialect interface {
	// Name is the family's name, for messages and for golden files: "mysql" or "sqlite".
	// No code may decide anything by it.
	Name() string

	// Table is a table's quoted and qualified name. Two different pairs never have the
	// same name. (A schema's name has no dot, and names differ in more than case.)
	Table(schema, table string) string

	// CreateSchema returns the statements that create a schema that is not there.
	// They do nothing where it is.
	CreateSchema(schema string) []Statement

	// CreateTable returns the statements that create a table that is not there, with
	// its keys, indexes and comments, in an order in which they can be run one by one.
	// They change nothing where the table is, and may be run by several processes at once.
	CreateTable(t Table) []Statement

	// AddColumn returns the statements that add a column to a table that is there. The
	// column is nullable or has a default, which is a constant.
	AddColumn(t Table, c Column) []Statement

	// Columns reads the columns of a table in their order, hidden ones included, with the
	// types, comments and nullability that CreateTable was given (Default is left empty).
	// Those that are Unmarked may come without their Core, and as int8 where they are bool;
	// native types come as the server spells them. Of comments, which
	// begin with no colon there, characters beyond Unicode's first plane may be lost.
	// Key tells which are in the primary key. A table that is not there has no columns; that
	// is no error.
	Columns(ctx context.Context, query Query, schema, table string) ([]Column, error)

	// InsertIgnore is the verb of an INSERT that passes over rows whose key is there
	// already and counts only the rows it added. On some servers it makes other errors
	// warnings too: it is for rows that are known to fit.
	InsertIgnore() string

	// Exact is an expression that reads a column of a core type (empty where it has none)
	// without loss: what arrives is what is stored, to the last bit, and finds the row again.
	// It is for the list of a SELECT. column is a qualified column, or stands in parentheses.
	Exact(column, core string) string

	// Now is an expression for the present time by the server's clock, in the zone in
	// which datetime(3) columns are kept, to the millisecond.
	Now() string

	// After is an expression with one placeholder, a number of seconds (float64, to the
	// millisecond, negative for the past): Now and that much.
	After() string

	// Identity is a SELECT of one row: the user as the server sees him (a string), and
	// the number of the connection (an integer, 0 where connections have none).
	Identity() string

	// MaxArgs is how many placeholders one statement may have.
	MaxArgs() int

	// SingleWriter tells whether only one transaction at a time can have written anything.
	SingleWriter() bool

	// Classify says what kind of failure an error of this server's driver is. It decides
	// by numbers, by texts only where one number stands for several failures, and sees
	// through wrapped errors. The end of the caller's context is no failure of the server.
	Classify(err error) Class
}

// A Query runs a SELECT.
type Query func(ctx context.Context, query string, args ...any) (Rows, error)

// Rows are the rows of a SELECT, as *sql.Rows are.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// ScanColumns reads rows with scan to their end, and closes them. It is for Columns.
func ScanColumns(rows Rows, scan func(Rows) (Column, error)) ([]Column, error) {
	defer func() { _ = rows.Close() }()
	var columns []Column
	for rows.Next() {
		c, err := scan(rows)
		if err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// A Statement is SQL and the values of its placeholders.
type Statement struct {
	SQL  string
	Args []any
}

// Quote makes an identifier of any name.
func Quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// QuoteAll quotes names and joins them with commas.
func QuoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Quote(n)
	}
	return strings.Join(quoted, ", ")
}
