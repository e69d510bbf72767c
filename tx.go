package rowmill

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/retry"
)

// A Tx is a transaction. Its reads see one snapshot. It is used by one goroutine at a time.
type Tx struct {
	tx      *sqlx.Tx
	write   *sqlx.DB // where to begin again at the first write; nil once tx can write
	dialect dialect.Dialect
	failed  error // the first error of a statement: the transaction can only be rolled back
	reading *Rows // rows that have not been read to their end
}

// errReading is what a statement is told that comes while rows are being read.
var errReading = errors.New("rows of the transaction are still being read: read them to their end first, as query.Fetch does")

// Query runs a SELECT in the transaction. Nothing else can be run until its rows are closed or
// read to their end: a transaction is one conversation with the server.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if err := tx.ready(); err != nil {
		return nil, err
	}
	rows, err := runQuery(ctx, tx.dialect, tx.tx, query, args)
	if err != nil {
		return nil, tx.note(err)
	}
	rows.tx, tx.reading = tx, rows
	return rows, nil
}

func (tx *Tx) ready() error {
	if tx.failed == nil && tx.reading != nil {
		return errReading
	}
	return tx.failed
}

// Exec runs a statement in the transaction, and returns how many rows it affected. After an
// error the transaction can only be rolled back: whatever else is run on it fails with the
// same error.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.ready(); err != nil {
		return 0, err
	}
	n, err := tx.exec(ctx, query, args)
	return n, tx.note(err)
}

func (tx *Tx) exec(ctx context.Context, query string, args []any) (int64, error) {
	if err := tx.beginWriting(ctx); err != nil {
		return 0, err
	}
	return runExec(ctx, tx.dialect, tx.tx, query, args)
}

// Alone is false: statements are part of the transaction.
func (tx *Tx) Alone() bool { return false }

// Atomic runs do as a part of the transaction. Where do has changed something and fails, the
// transaction can only be rolled back.
func (tx *Tx) Atomic(_ context.Context, do func(Session) error) error {
	if err := tx.ready(); err != nil {
		return err
	}
	p := &part{Tx: tx}
	err := do(p)
	if p.changed {
		return tx.note(err)
	}
	return err
}

// A part of a Tx is a session in which statements may fail.
type part struct {
	*Tx

	changed bool // or has tried to
}

// Exec runs a statement. An error after which others can be run is not noted: it is do's affair.
func (p *part) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := p.ready(); err != nil {
		return 0, err
	}
	p.changed = true
	n, err := p.exec(ctx, query, args)
	if !isAny(err, harmless) {
		err = p.note(err)
	}
	return n, err
}

// Atomic runs do as what p is a part of.
func (p *part) Atomic(_ context.Context, do func(Session) error) error { return do(p) }

// harmless are the errors of statements that servers undo by themselves, and nothing else with them.
var harmless = []error{ErrDuplicate, ErrReferenced, ErrValue, ErrTooLarge}

// Dialect is how the server spells SQL; it is for the packages of Rowmill.
func (tx *Tx) Dialect() dialect.Dialect { return tx.dialect }

// Session lets a Tx be a Conn: it allows everything.
func (tx *Tx) Session(Use) (Session, error) { return tx, nil }

// Err is nil, or the error of the statement for which the transaction can only be rolled back.
func (tx *Tx) Err() error { return tx.failed }

func (tx *Tx) note(err error) error {
	if err != nil && tx.failed == nil {
		tx.failed = fmt.Errorf("the transaction has failed and is rolled back: %w", err)
	}
	return err
}

// beginWriting ends the snapshot of a deferred transaction and begins one that writes.
func (tx *Tx) beginWriting(ctx context.Context) error {
	if tx.write == nil {
		return nil
	}
	if err := tx.tx.Rollback(); err != nil {
		return explain(tx.dialect, err)
	}
	return again(ctx, func() error { // nothing has been written: what was computed need not be thrown away
		t, err := tx.write.BeginTxx(ctx, nil)
		if err != nil {
			return explain(tx.dialect, err)
		}
		tx.tx, tx.write = t, nil
		return nil
	}, ErrBusy)
}

// Transact runs do in a transaction, and commits it if do returns nil.
//
// Where other transactions stand in the way (a deadlock, a lock wait timeout, a busy file) or
// the connection is lost before COMMIT, everything is rolled back and do is run again, for up
// to half a minute: do must have no effect but through tx. (A write through the DB itself would
// wait for do's own transaction where only one can write.) The error of a COMMIT whose
// reply was lost wraps ErrCommitUnknown, and do is not run again. A panic in do rolls back and
// goes on.
func (db *DB) Transact(ctx context.Context, do func(tx *Tx) error) error {
	return again(ctx, func() error { return db.once(ctx, db.transact, nil, do) }, ErrBusy, ErrLost)
}

// TransactDeferred is Transact for functions that read, then work for long, then write. Where
// only one transaction can write at a time (SQLite), the turn is taken at the first write, so
// that others can write while do works: what was read until then may have changed by then, and
// what is read later is current. Elsewhere it is Transact.
func (db *DB) TransactDeferred(ctx context.Context, do func(tx *Tx) error) error {
	if !db.dialect.SingleWriter() {
		return db.Transact(ctx, do)
	}
	return again(ctx, func() error { return db.once(ctx, db.snapshot, db.transact, do) }, ErrBusy, ErrLost)
}

// once runs do in one transaction, begun on first and moved to later by its first write.
func (db *DB) once(ctx context.Context, first, later *sqlx.DB, do func(tx *Tx) error) error {
	if err := db.allowed(ctx); err != nil {
		return err
	}
	t, err := first.BeginTxx(ctx, nil)
	if err != nil {
		return explain(db.dialect, err)
	}
	tx := &Tx{tx: t, write: later, dialect: db.dialect}
	done := false
	defer func() {
		if !done {
			_ = tx.tx.Rollback() // what failed has been told; the server forgets the rest
		}
	}()
	if err := do(tx); err != nil {
		if transient(tx.failed) && !transient(err) {
			return errors.Join(err, tx.failed) // do may have told its error in words alone
		}
		return err
	}
	if tx.failed != nil {
		return tx.failed
	}
	done = true
	return tx.commit(ctx)
}

func (tx *Tx) commit(ctx context.Context) error {
	err := explain(tx.dialect, tx.tx.Commit())
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil:
		return ctx.Err() // rolled back when the context ended
	case errors.Is(err, ErrLost):
		// Not %w for the cause: a lost connection is otherwise worth another try.
		return fmt.Errorf("%w (%v)", ErrCommitUnknown, err) //nolint:errorlint // see above
	}
	return err
}

const (
	firstPause = 5 * time.Millisecond
	longPause  = time.Second
)

// again runs do until it succeeds or fails with an error that is none of these, for as long as
// patience lasts, with pauses that double and are drawn at random so that rivals part. The
// context's end is told together with what it kept from being tried again.
func again(ctx context.Context, do func() error, worth ...error) error {
	pause := firstPause
	var tried retry.Patience
	for {
		err := do()
		if err == nil || !isAny(err, worth) || tried.Ends(ctx) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, longPause)
	}
}

func transient(err error) bool { return isAny(err, []error{ErrBusy, ErrLost}) }

func isAny(err error, targets []error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}
