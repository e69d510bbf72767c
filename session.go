package rowmill

import (
	"context"

	"github.com/jmoiron/sqlx"

	"github.com/rowmill/rowmill/internal/dialect"
)

// A Conn is what statements can be run on: a *[DB], on which each is a transaction of its
// own, a *[Tx], or the transaction that package populate hands to a make, which allows a make
// what it may do and refuses the rest.
type Conn interface {
	// Session returns what runs statements that use these tables, or an error that wraps
	// ErrRefused and says in a sentence why they may not be run here.
	Session(use Use) (Session, error)
}

// A Use says which tables statements read and write, each as "schema.table".
type Use struct {
	Reads  []string
	Writes []string
}

// A Session runs statements. *DB and *Tx are Sessions.
type Session interface {
	// Query runs a SELECT. The rows must be closed.
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	// Exec runs a statement that changes something, and returns how many rows it affected:
	// for an UPDATE, those that its condition found.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Atomic runs do, whose statements take effect together or, where do fails, not at all: in a
	// transaction of their own, for which do may be run again (see DB.Transact), or in the one that
	// the session is, which can then only be rolled back. do uses nothing but the session that it
	// is given. There a statement that fails with ErrDuplicate, ErrReferenced, ErrValue or
	// ErrTooLarge has done nothing, and others can be run after it: to find out why, or to do it otherwise.
	Atomic(ctx context.Context, do func(Session) error) error
	// Alone tells whether each statement is a transaction of its own.
	Alone() bool
	// Dialect is how the server spells SQL.
	Dialect() dialect.Dialect
}

// Rows are the rows of a SELECT. They are read by one goroutine, and closed by it; reading them
// to their end closes them too.
type Rows struct {
	rows    *sqlx.Rows
	dialect dialect.Dialect
	tx      *Tx // in which they are read; nil outside of one
}

// Next goes to the next row, and tells whether there is one.
func (r *Rows) Next() bool {
	if r.rows.Next() {
		return true
	}
	r.leave()
	return false
}

// Columns are the names of the columns.
func (r *Rows) Columns() ([]string, error) { return r.rows.Columns() }

// Types are the server's names for the types of the columns, in capitals, as far as its driver tells.
func (r *Rows) Types() ([]string, error) {
	columns, err := r.rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.DatabaseTypeName()
	}
	return names, nil
}

// Scan reads the row into what dest points to, as that of *sql.Rows does.
func (r *Rows) Scan(dest ...any) error { return r.rows.Scan(dest...) }

// Err is the error that ended the rows, if one did.
func (r *Rows) Err() error {
	err := explain(r.dialect, r.rows.Err())
	if r.tx != nil {
		return r.tx.note(err)
	}
	return err
}

// Close ends the reading.
func (r *Rows) Close() error {
	r.leave()
	return r.rows.Close()
}

func (r *Rows) leave() {
	if r.tx != nil && r.tx.reading == r {
		r.tx.reading = nil
	}
}

func runQuery(ctx context.Context, d dialect.Dialect, on sqlx.QueryerContext, query string, args []any) (*Rows, error) {
	rows, err := on.QueryxContext(ctx, query, args...)
	if err != nil {
		return nil, explain(d, err)
	}
	return &Rows{rows: rows, dialect: d}, nil
}

func runExec(ctx context.Context, d dialect.Dialect, on sqlx.ExecerContext, query string, args []any) (int64, error) {
	result, err := on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, explain(d, err)
	}
	return result.RowsAffected()
}
