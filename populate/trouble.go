package populate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/retry"
	"github.com/rowmill/rowmill/jobs"
)

// transient tells trouble of the database that is not the job's failure.
func transient(err error) bool {
	return errors.Is(err, rowmill.ErrBusy) || errors.Is(err, rowmill.ErrLost)
}

// transact runs a function of a maker in a transaction, and then what else is to be in it. Where it fails, trouble
// tells that this is the database's doing, and not the function's own.
func (r *run) transact(m *making, do func(ctx context.Context, tx *Tx) error, then func(tx *rowmill.Tx) error) (trouble bool, err error) {
	var made error
	var last *rowmill.Tx
	err = r.db.TransactDeferred(m.ctx, func(tx *rowmill.Tx) error {
		last = tx
		m.calls++
		if made = r.callers.catch(func() error { return do(r.inside(m), r.tx(tx, m)) }); made != nil {
			return made
		}
		return then(tx)
	})
	return made == nil || last.Err() != nil, err
}

// untilKnown repeats a transaction of which it is not known whether it was committed, and which was not, as long as
// there is patience.
func (r *run) untilKnown(m *making, transact func() (trouble bool, err error)) (trouble bool, err error) {
	m.calls = 0
	var unknown retry.Patience
	for {
		trouble, err := transact()
		if !errors.Is(err, rowmill.ErrCommitUnknown) {
			return trouble, err
		}
		if holds, err := r.holds(m); err != nil || !holds {
			return true, err
		}
		if unknown.Ends(m.ctx) {
			return true, fmt.Errorf("%w during COMMIT, %d times in a row", rowmill.ErrLost, unknown.Tries)
		}
	}
}

// holds looks whether a job is still ours after a COMMIT whose reply was lost: the result and the completion are
// one, so that then neither is there. (Where it is gone, a heartbeat may have taken that for a lost lease, and
// ended the make's context.)
func (r *run) holds(m *making) (bool, error) {
	look, cancel := r.lasting(m.ctx)
	defer cancel()
	return r.ledger.holds(look, m.job)
}

// troubled decides about a job whose make met trouble of the database that did not pass. Where the database was there
// again since, and the make was called again and met it again, it may be the make that brings it about, as one does
// that outlasts the time after which the server ends idle connections: an attempt is counted, so that this comes to
// an end. Where the make was called only once, the database is gone, which is no key's fault: the job is given back, and
// where that lasts, it is the next claim that ends the run.
func (r *run) troubled(ctx context.Context, m *making, err error, took time.Duration) error {
	if m.calls > 1 {
		return r.fail(ctx, m.job, fmt.Errorf("the database was in trouble at each of %d calls of the make: %w", m.calls, err), took)
	}
	r.yield(ctx, m.job, err)
	return nil
}

// yield gives a job back for trouble of the database, with no attempt counted.
func (r *run) yield(ctx context.Context, job *jobs.Reservation, err error) {
	r.opts.Log.Warn("a job is given back, as the trouble of the database did not pass",
		"table", r.maker.String(), "key", r.maker.key.Format(job.Key), "error", err)
	r.release(ctx, job)
}
