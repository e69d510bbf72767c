package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// A queue that a Python worker has declared lacks the hidden columns. Whoever may alter it adds them; whoever may not
// works without: a reservation is known by host, process, connection and time, and a queue has what it has in
// Python, and no more. Both kinds of workers, and Python's, may share a queue.

// forms are the two forms of a queue, which share them, and which of them it has in databases: once that is known, it
// does not change, so that all reservations of a run are of one form.
type forms struct {
	whole, lacks *Queue
	known        sync.Map // *rowmill.DB to *Queue
}

// in is the queue in the form that it has in a database.
func (q *Queue) in(ctx context.Context, db *rowmill.DB) (*Queue, error) {
	if known, ok := q.forms.known.Load(db); ok {
		return known.(*Queue), nil
	}
	has, err := q.asks(ctx, db, hasHidden)
	switch {
	case errors.Is(err, rowmill.ErrNoTable):
		return q.forms.whole, nil // until it is there
	case err != nil:
		return q, fmt.Errorf("look at the columns: %w", err)
	case !has:
		return q.forms.lacks, nil // until somebody declares it
	}
	q.forms.known.LoadOrStore(db, q.forms.whole)
	return q.forms.whole, nil
}

// Declare creates the queue if it is not there, and adds the hidden columns to one that Python declared. The first Populate
// does so; the Declare of its schema does not. Before that, a queue is empty to Progress, ProgressBy and Kinds, and all else, be it to
// fetch the rows of [Queue.With] or to Retry, Clear or Ignore, fails with an error that wraps rowmill.ErrNoTable: who has a key ignored
// before anything is populated calls Declare first.
//
// Where the columns cannot be added, since the database's user may not, or others' transactions use the queue all the time, that goes to slog.Default, once, and the queue does without:
// its reservations have no leases, nothing counts attempts, and [Queue.Suspend] fails. A struct with a [Job] in it, which
// has fields for hidden columns, cannot be fetched then: one with a [Plain] can.
func (q *Queue) Declare(ctx context.Context, db *rowmill.DB) error {
	err := q.table.Declare(ctx, db)
	if err == nil {
		q.forms.known.LoadOrStore(db, q.forms.whole)
		return nil
	}
	if !errors.Is(err, rowmill.ErrDenied) && !errors.Is(err, rowmill.ErrBusy) {
		return err
	}
	form, e := q.in(ctx, db)
	if e != nil || !form.bare {
		return err
	}
	if _, told := q.forms.known.LoadOrStore(db, form); !told {
		slog.WarnContext(ctx, "the queue lacks Rowmill's hidden columns, and they cannot be added: there are no leases, "+
			"so that jobs whose workers die stay reserved until the OrphanTimeout, and nothing that failed is tried again by itself; "+
			"to have them added, run Populate once as a user who may alter the queue, while nobody uses it", "queue", q.table.FullName(), "error", err)
	}
	return nil
}

// Stamps tells whether the table that the queue is for has the hidden columns that tell when and by what its rows were
// made. One that a Python program declared may lack them. Its error wraps rowmill.ErrNoTable where the table is not there.
func (q *Queue) Stamps(ctx context.Context, db *rowmill.DB) (bool, error) {
	has, err := q.asks(ctx, db, hasStamps)
	if err != nil {
		return false, fmt.Errorf("look at the columns of %s: %w", q.target, err)
	}
	return has, nil
}

// Leases tells whether the queue has the hidden columns, or will have them when it is declared.
func (q *Queue) Leases(ctx context.Context, db *rowmill.DB) (bool, error) {
	form, err := q.in(ctx, db)
	if err != nil {
		return false, fmt.Errorf("queue %s: %w", q.table, err)
	}
	return !form.bare, nil
}

// asks tells whether a table has the columns that a statement asks for.
func (q *Queue) asks(ctx context.Context, db *rowmill.DB, statement string) (bool, error) {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), statement, 0))
	if err == nil {
		err = errors.Join(rows.Err(), rows.Close())
	}
	if errors.Is(err, rowmill.ErrNoAttribute) {
		return false, nil
	}
	return err == nil, err
}

// hiddenNames are the names of the hidden columns.
func hiddenNames() string {
	names := make([]string, len(hidden))
	for i, c := range hidden {
		names[i] = c.Name
	}
	return dialect.QuoteAll(names)
}
