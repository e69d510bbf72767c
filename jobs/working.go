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
	if err := q.ask(ctx, session, state, r, &kept); err != nil {
		return nil, fmt.Errorf("read the state of a job of %s: %w", q.table, err)
	}
	return kept, nil
}

// Tell keeps how far jobs are, from 0 to 1 or nil if that is not known, and what they have logged, for whoever looks at
// the queue meanwhile. Of the log, the last 64 KiB are kept. It is ErrLeaseLost where one of the jobs is somebody else's by now.
func (q *Queue) Tell(ctx context.Context, session rowmill.Session, jobs []*Reservation, completeness *float64, log string) error {
	args := append([]any{completeness, valid(log[max(0, len(log)-maxLog):])}, tokens(jobs)...)
	n, err := session.Exec(ctx, q.fill(session.Dialect(), tell, len(jobs)), args...)
	switch {
	case err != nil:
		return fmt.Errorf("tell of a job of %s: %w", q.table, err)
	case int(n) < len(jobs):
		return ErrLeaseLost
	}
	return nil
}

// maxLog is how many bytes of a log are kept.
const maxLog = 64 << 10

// Told is what earlier attempts at a job have logged.
func (q *Queue) Told(ctx context.Context, session rowmill.Session, r *Reservation) (string, error) {
	var log *string
	if err := q.ask(ctx, session, told, r, &log); err != nil {
		return "", fmt.Errorf("read the log of a job of %s: %w", q.table, err)
	}
	if log == nil {
		return "", nil
	}
	return *log, nil
}

// ask reads something of a job that is held.
func (q *Queue) ask(ctx context.Context, session rowmill.Session, statement string, r *Reservation, dest any) error {
	rows, err := session.Query(ctx, q.fill(session.Dialect(), statement, 1), append(slices.Clone(r.values), r.token)...)
	if err != nil {
		return err
	}
	found := rows.Next()
	if found {
		err = rows.Scan(dest)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err == nil && !found {
		err = ErrLeaseLost
	}
	return err
}
