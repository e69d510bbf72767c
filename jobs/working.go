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
		return q.end(ctx, db, r, postpone, after.Seconds(), reason)
	})
}

// Suspend gives a job back that is not finished, with a state from which whoever claims it next goes on.
// It counts no attempt. Where the queue has no room for a state, the job is an error that says so.
func (q *Queue) Suspend(ctx context.Context, db *rowmill.DB, r *Reservation, state []byte) error {
	if r.queue.bare {
		return q.Error(ctx, db, r, Failure{Message: "the make is to be continued, and the queue, which lacks Rowmill's hidden columns, cannot keep from where"})
	}
	return q.end(ctx, db, r, suspend, state)
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
// Where the queue has no room for that, it is lost.
func (q *Queue) Tell(ctx context.Context, session rowmill.Session, jobs []*Reservation, completeness *float64, log string) error {
	var lost error
	for some := range slices.Chunk(jobs, handful) {
		q := some[0].queue
		statement, told := tell, []any{completeness, valid(log[max(0, len(log)-maxLog):])}
		if q.bare {
			statement, told = hold, nil
		}
		n, err := q.execFor(ctx, session, statement, len(some), append(told, owned(some)...)...)
		if err != nil {
			return fmt.Errorf("tell of a job of %s: %w", q.table, err)
		}
		if n < len(some) {
			lost = ErrLeaseLost
		}
	}
	return lost
}

// maxLog is how many bytes of a log are kept.
const maxLog = 64 << 10

// Told is what earlier attempts at a job have logged.
func (q *Queue) Told(ctx context.Context, session rowmill.Session, r *Reservation) (string, error) {
	var log *string
	if r.queue.bare {
		return "", nil
	}
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
	rows, err := session.Query(ctx, r.queue.fill(session.Dialect(), statement, 1), r.own()...)
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
