package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rowmill/rowmill"
)

// Postpone gives a job back that cannot be made yet, and lets it be claimed after a while. It counts no attempt.
func (q *Queue) Postpone(ctx context.Context, db *rowmill.DB, r *Reservation, after time.Duration, reason string) error {
	return plainly(reason, func(reason string) error {
		return q.end(ctx, db, r, Pending, reason, postpone, after.Seconds(), reason)
	})
}

// Suspend gives a job back that is not finished, with a state from which whoever claims it next goes on.
// It counts no attempt.
func (q *Queue) Suspend(ctx context.Context, db *rowmill.DB, r *Reservation, state []byte) error {
	return q.end(ctx, db, r, Pending, "", suspend, state)
}

// State is what a job is to go on from; nil if it is to begin.
func (q *Queue) State(ctx context.Context, session rowmill.Session, r *Reservation) (kept []byte, err error) {
	if !r.Unfinished {
		return nil, nil
	}
	rows, err := session.Query(ctx, q.fill(session.Dialect(), state, 1), append(slices.Clone(r.values), r.token)...)
	if err != nil {
		return nil, fmt.Errorf("read the state of a job of %s: %w", q.table, err)
	}
	found := rows.Next()
	if found {
		err = rows.Scan(&kept)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err == nil && !found {
		err = ErrLeaseLost
	}
	return kept, err
}

// Tell keeps how far a job is, from 0 to 1, and what it has logged, for whoever looks at the queue meanwhile.
func (q *Queue) Tell(ctx context.Context, db *rowmill.DB, r *Reservation, completeness float64, log string) error {
	args := []any{completeness, valid(log)}
	n, err := db.Brief().Exec(ctx, q.fill(db.Dialect(), tell, 1), append(append(args, r.values...), r.token)...)
	switch {
	case err != nil:
		return fmt.Errorf("tell of a job of %s: %w", q.table, err)
	case n == 0:
		return ErrLeaseLost
	}
	return nil
}
