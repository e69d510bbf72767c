package rowmill

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jmoiron/sqlx"

	"github.com/rowmill/rowmill/internal/dialect"
)

// A DB is an open database: its pools of connections. It is safe for concurrent use, and a
// program may have any number of them.
type DB struct {
	read, write, transact, snapshot, brief *sqlx.DB
	dialect                                dialect.Dialect
}

// Open opens the database that dsn names:
//
//	sqlite:PATH                           a file, made if it is not there; "?synchronous=full"
//	                                      lets commits survive power cuts too
//	mysql://user:password@host:port/      a MySQL (8.0 or later) or MariaDB (10.6 or later)
//	                                      server; port 3306 unless given; "?tls=true"
//
// An empty dsn stands for the environment variable ROWMILL_DSN; where that is empty too, for
// DataJoint's DJ_HOST, DJ_PORT, DJ_USER and DJ_PASS. The server is asked for its version
// before Open returns. Errors say in one sentence what is wrong and what to do; neither they
// nor anything else ever shows the password.
func Open(ctx context.Context, dsn string) (*DB, error) {
	open, err := parseDSN(dsn, os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("rowmill: %w", err)
	}
	s, err := open.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("rowmill: %w", err)
	}
	name := s.Dialect.Name()
	return &DB{
		read:     sqlx.NewDb(s.Read, name),
		write:    sqlx.NewDb(s.Write, name),
		transact: sqlx.NewDb(s.Transact, name),
		snapshot: sqlx.NewDb(s.Snapshot, name),
		brief:    sqlx.NewDb(s.Brief, name),
		dialect:  s.Dialect,
	}, nil
}

// Close closes all connections. Transactions that are open are rolled back.
func (db *DB) Close() error {
	return errors.Join(db.read.Close(), db.write.Close(), db.transact.Close(), db.snapshot.Close(), db.brief.Close())
}

// Query runs a SELECT, with ? for each argument. It is run again, for up to half a minute,
// where the connection is lost before the first row.
func (db *DB) Query(ctx context.Context, query string, args ...any) (rows *Rows, err error) {
	err = again(ctx, func() error {
		rows, err = runQuery(ctx, db.dialect, db.read, query, args)
		return err
	}, ErrBusy, ErrLost)
	return rows, err
}

// Exec runs a statement in a transaction of its own, with ? for each argument, and returns
// how many rows it affected. It is run again, for up to half a minute, while other transactions
// stand in its way.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return db.execAgain(ctx, db.write, query, args, ErrBusy)
}

func (db *DB) execAgain(ctx context.Context, on sqlx.ExecerContext, query string, args []any, worth ...error) (n int64, err error) {
	if err := db.allowed(ctx); err != nil {
		return 0, err
	}
	err = again(ctx, func() error {
		n, err = runExec(ctx, db.dialect, on, query, args)
		return err
	}, worth...)
	return n, err
}

// forbidden is the key under which a context keeps why nothing is to be written through a DB.
type forbidden struct{ db *DB }

// Forbid returns a context in which statements that would write through db itself are refused,
// and told why. Package populate calls a make with one: what a make writes belongs into its
// transaction, and where one transaction writes at a time, another would wait for it for ever.
func (db *DB) Forbid(ctx context.Context, why string) context.Context {
	return context.WithValue(ctx, forbidden{db}, why)
}

func (db *DB) allowed(ctx context.Context) error {
	if why, ok := ctx.Value(forbidden{db}).(string); ok {
		return fmt.Errorf("%w: %s", ErrRefused, why)
	}
	return nil
}

// Dialect is how the server spells SQL; it is for the packages of Rowmill.
func (db *DB) Dialect() dialect.Dialect { return db.dialect }

// Alone is true: each statement is a transaction of its own.
func (db *DB) Alone() bool { return true }

// Atomic is Transact, for do to whom any Session is as good.
func (db *DB) Atomic(ctx context.Context, do func(Session) error) error {
	return db.Transact(ctx, func(tx *Tx) error { return tx.Atomic(ctx, do) })
}

// Session lets a DB be a Conn: it allows everything.
func (db *DB) Session(Use) (Session, error) { return db, nil }

// Brief returns a session for single statements that change a few rows of a table that many
// processes change, as a queue is. Each is a transaction of its own, at READ COMMITTED where
// the server knows it, so that it locks no more than the rows it changes. A statement is run
// again where its reply was lost, too: running it twice must do no more than running it once.
func (db *DB) Brief() Session { return brief{db} }

type brief struct{ *DB }

func (b brief) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return b.execAgain(ctx, b.DB.brief, query, args, ErrBusy, ErrLost)
}

// Hasty returns a session like Brief's, for statements that can be done without the rows that others have locked: they
// wait for a lock for a second, or a few on servers that cannot be told so, and then fail with ErrBusy, by which the caller
// does it otherwise.
// Where only one transaction at a time can write there are no such rows, and it is Brief.
func (db *DB) Hasty() Session {
	if db.dialect.SingleWriter() {
		return db.Brief()
	}
	return hasty{db}
}

type hasty struct{ *DB }

func (h hasty) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return h.execAgain(ctx, h.DB.brief, h.dialect.Hasty()+query, args, ErrLost)
}
