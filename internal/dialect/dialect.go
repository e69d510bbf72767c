// Package dialect states what Rowmill has to know of a database server beyond the SQL
// that all of them share. Each server family is a package below it, and one suite of
// tests (package dialecttest) holds every implementation to the contract written here.
package dialect

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
)

// A Server is an open database server: pools of connections and its dialect.
type Server struct {
	Dialect Dialect

	// Transact runs transactions, and nothing else. In each, all reads see one snapshot.
	Transact *sql.DB
	// Write runs single statements that change rows. It is the same as Transact where that may run them too.
	Write *sql.DB
	// Read runs single statements that only read.
	Read *sql.DB
	// Snapshot runs the transactions that read for long before they write, as many at once as
	// there are. It is the same as Transact where that runs any number.
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
	// its keys, indexes and comments, in an order in which they can be run one by one, by
	// several processes at once. Where the table is, they change nothing of it, but on servers
	// that create indexes one by one they add those that it lacks. A server that has no indexes
	// of paths or expressions fails, and creates nothing.
	CreateTable(t Table) []Statement

	// Alter returns the statements that change a table that is there; t is the table as it is to be.
	// Whoever drops a column drops the indexes over it, in whatever order. In one transaction, either all
	// changes are made or none. The error says, in a sentence that names the column, which change
	// the server cannot make. Where all of them add hidden columns, which nobody has asked for, they do not wait for
	// transactions that use the table, but fail as Busy, on a server that knows how: whoever comes later would wait
	// behind them, and those in transactions could wait for each other.
	Alter(t Table, changes []Change) ([]Statement, error)

	// Describe reads a schema's tables from the database, or only the one of a name if that is not
	// empty, whoever made them, in the order of their names. Views are none; tables and schemas
	// that are not there are left out, and so is what a Table has no word for.
	//
	// Columns come in their order, hidden ones included, the key in its order, foreign keys in the
	// order in which they were given, as far as the server keeps it, and indexes as
	// Table.OwnIndexes tells them. Of expressions in indexes the server's spelling is kept.
	//
	// Types are those that CreateTable was given, with the core types' spelling where the column says
	// it; of a codec, known or not, the name is. Where a column says nothing (Unmarked, as all of a
	// server's own types are), the type may be the server's own, and stores the same. A type that
	// package datatype cannot read has Kind Unknown.
	//
	// Defaults come as CreateTable takes them, as the same texts or as others of the same value. NULL is that
	// of what is nullable without another, and TRUE is '1'. Somebody else's expression stands in parentheses.
	// Bytes that are no text may be lost, and so may be, in comments, defaults and members of enums,
	// characters beyond Unicode's first plane. A comment that says no type begins with no colon.
	Describe(ctx context.Context, query Query, schema, table string) ([]Table, error)

	// Schemas reads the names of the schemas that are there, without the server's own, in their order.
	// A schema without tables may be left out.
	Schemas(ctx context.Context, query Query) ([]string, error)

	// Tables reads the names of a schema's tables, in their order, whoever made them; of a schema that is not
	// there there are none. Views are left out, and what belongs to the dialect.
	Tables(ctx context.Context, query Query, schema string) ([]string, error)

	// Referring reads which other tables, of any schema, refer to a table by foreign keys, in the order of
	// their names, as far as the user may see them. The table need not be there.
	Referring(ctx context.Context, query Query, schema, table string) ([]TableName, error)

	// DropTable returns the statements that drop a table that is there, with its indexes and whatever the
	// dialect keeps of it elsewhere. They do nothing where only the schema is. One to whose rows others refer is
	// kept, with an error of class Referenced; some servers keep one, too, to which tables without rows
	// refer. Some end the transaction in which they are run, as if it were committed.
	DropTable(schema, table string) []Statement

	// DeleteFrom is what stands before and after "FROM table JOIN … WHERE …" in a statement that deletes the
	// rows of a table that take part in the join. table is its name, as Table has it, and has no alias. A row
	// that does so several times is deleted, and counted, once.
	DeleteFrom(table string) (before, after string)

	// AtMost is what stands before and behind the conditions of an UPDATE or DELETE that is to change no more rows
	// of a table, which has no alias, than a number: the last placeholder. table is its name, as Table has it.
	AtMost(table string) (before, after string)

	// Hasty is what stands before an UPDATE or DELETE that is to fail as Busy if it has waited for a lock for a second, where
	// a server can be told so for one statement; elsewhere that takes as long as for others.
	Hasty() string

	// Scan stands behind the name of a table, or its alias, in the FROM of a SELECT that asks of most rows what no index
	// tells: the server is to read the rows, and not look for each by an index.
	Scan() string

	// SkipLocked is what stands behind a SELECT from one table, after its LIMIT, that is to leave out the rows that
	// transactions of others have locked, instead of waiting for them. It locks the rows that it finds until the
	// statement ends, or the transaction that it is in. It is empty where SingleWriter is true: what nobody
	// else can have locked is not waited for.
	SkipLocked() string

	// InsertIgnore is the verb of an INSERT that passes over rows whose key is there
	// already and counts only the rows it added. On some servers it makes other errors
	// warnings too: it is for rows that are known to fit.
	InsertIgnore() string

	// PassOver stands behind the SELECT of an INSERT, which has a WHERE, and passes over rows whose key is there already.
	// key is that of the table, whose name is as Table has it. Where SingleWriter is false, and so others may have entered
	// rows since the SELECT looked, these are counted with those that were added.
	PassOver(table string, key []string) string

	// Upsert stands behind the VALUES of an INSERT into a table whose primary key has these columns. A
	// row whose key is there already, or comes twice, gives the row that is there its values of the
	// columns set, or leaves it as it is where set is empty; nothing is deleted, and other columns
	// are kept. A row that another unique index keeps out fails the statement, which changes nothing
	// then, with the class Duplicate or Value. How many rows are affected means nothing.
	Upsert(key, set []string) string

	// Exact is an expression that reads a column of a type (zero where none is known)
	// without loss: what arrives is what is stored, to the last bit, and finds the row again
	// unless the type is Large or of bits. It is for the list of a SELECT. column is a qualified
	// column, or stands in parentheses.
	Exact(column string, t datatype.Type) string

	// JSONValue is an expression for the value to which a path ("$.a.list[0]") leads in a document, a
	// column of core type json: as the type, or where that is zero as it is, a text without its
	// quotes. It is NULL where there is no value, and where that is null. A bool is 'true' or 'false'.
	JSONValue(document, path string, t datatype.Type) string

	// Now is an expression for the present time by the server's clock, in the zone in
	// which datetime(3) columns are kept, to the millisecond.
	Now() string

	// After is an expression with one placeholder, a number of seconds (float64, to the
	// millisecond, negative for the past): Now and that much.
	After() string

	// Explain is what stands before a SELECT to ask for its plan, as rows for people to read.
	Explain() string

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

// Scan runs a SELECT and scan on each of its rows. It is for Describe.
func Scan(ctx context.Context, query Query, scan func(Rows) error, statement string, args ...any) error {
	rows, err := query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A Statement is SQL and the values of its placeholders.
type Statement struct {
	SQL  string
	Args []any
}

// Text is the statement with its values in it, which are strings, integers and bools: for people to
// read and run. No placeholder of it stands in a quoted text.
func (s Statement) Text() string {
	pieces := strings.Split(s.SQL, "?")
	if len(s.Args) == 0 {
		return s.SQL
	}
	var b strings.Builder
	for i, arg := range s.Args {
		b.WriteString(pieces[i])
		switch v := arg.(type) {
		case string:
			b.WriteString(Literal(v))
		default:
			fmt.Fprint(&b, v)
		}
	}
	b.WriteString(pieces[len(s.Args)])
	return b.String()
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
