package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/process"
	"github.com/rowmill/rowmill/query"
)

// RefreshOptions say how Refresh works; nil stands for the defaults.
type RefreshOptions struct {
	// Only restricts the keys that are added to those that are in it. The default, the zero
	// Rel, is no restriction. It never removes a job.
	Only query.Rel
	// Priority is that of the jobs that are added, -128…127, lower first; nil is DefaultPriority.
	Priority *int8
	// Delay is how long the jobs that are added wait before they may be claimed.
	Delay time.Duration
	// StaleTimeout is the age at which a job whose key is no longer due is removed. The
	// default, 0, is one hour; a negative one removes nothing.
	StaleTimeout time.Duration
}

// Refreshed is what a Refresh did, in jobs.
type Refreshed struct {
	Added    int // keys that are due and were not queued
	Repended int // kept successes whose result is gone
	Removed  int // jobs whose key is no longer due
	Rescued  int // reservations whose worker died: pending again
	Buried   int // the same, for the third time: errors now
}

const defaultStale = time.Hour

// Refresh brings the queue up to date with the data: each step one statement on the server,
// whatever the number of keys. source are the keys that are due, all of them. Several
// processes may refresh at once.
func (q *Queue) Refresh(ctx context.Context, db *rowmill.DB, source query.Rel, opts *RefreshOptions) (Refreshed, error) {
	if opts == nil {
		opts = &RefreshOptions{}
	}
	r, err := q.refresh(ctx, db, source, *opts)
	if err != nil {
		return r, fmt.Errorf("refresh %s: %w", q.table, err)
	}
	return r, nil
}

func (q *Queue) refresh(ctx context.Context, db *rowmill.DB, source query.Rel, opts RefreshOptions) (Refreshed, error) {
	r, err := q.rescue(ctx, db)
	if err != nil {
		return r, err
	}
	all, err := query.Select(db, source, q.key)
	if err != nil {
		return r, fmt.Errorf("the source: %w", err)
	}
	due := all
	if !opts.Only.IsZero() {
		if due, err = query.Select(db, source.In(opts.Only), q.key); err != nil {
			return r, fmt.Errorf("the restriction: %w", err)
		}
	}
	if r.Repended, err = q.exec(ctx, db, repend, all); err != nil {
		return r, err
	}
	if stale := opts.stale(); stale > 0 {
		if r.Removed, err = q.exec(ctx, db, sweep, -stale.Seconds(), all); err != nil {
			return r, err
		}
	}
	r.Added, err = q.exec(ctx, db, add, opts.priority(), opts.Delay.Seconds(), due)
	return r, err
}

func (o RefreshOptions) stale() time.Duration {
	if o.StaleTimeout == 0 {
		return defaultStale
	}
	return o.StaleTimeout
}

func (o RefreshOptions) priority() int8 {
	if o.Priority == nil {
		return DefaultPriority
	}
	return *o.Priority
}

// Rescue queues the jobs of dead workers again, as Refresh does among other things: those
// whose leases ran out, and at once those of processes that died on this machine.
func (q *Queue) Rescue(ctx context.Context, db *rowmill.DB) (Refreshed, error) {
	r, err := q.rescue(ctx, db)
	if err != nil {
		return r, fmt.Errorf("rescue jobs of %s: %w", q.table, err)
	}
	return r, nil
}

// rescueTime bounds a rescue: a worker that hangs in its COMMIT holds the lock of its job, and
// nobody else is to wait for him. He is looked for again the next time.
const rescueTime = 5 * time.Second

func (q *Queue) rescue(ctx context.Context, db *rowmill.DB) (Refreshed, error) {
	short, cancel := context.WithTimeout(ctx, rescueTime)
	defer cancel()
	r, err := q.rescueNow(short, db)
	if err != nil && ctx.Err() == nil && (short.Err() != nil || errors.Is(err, rowmill.ErrBusy)) {
		return r, nil
	}
	return r, err
}

func (q *Queue) rescueNow(ctx context.Context, db *rowmill.DB) (r Refreshed, err error) {
	dead, err := q.deadWorkers(ctx, db)
	if err != nil {
		return r, err
	}
	message := fmt.Sprintf("its worker died %d times", maxDeaths)
	if r.Buried, err = q.execFor(ctx, db, bury, len(dead), append([]any{message, maxDeaths - 1}, dead...)...); err != nil {
		return r, err
	}
	r.Rescued, err = q.execFor(ctx, db, rescue, len(dead), dead...)
	return r, err
}

// deadWorkers are the names of the processes that hold leases and are surely gone.
func (q *Queue) deadWorkers(ctx context.Context, db *rowmill.DB) ([]any, error) {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), workers, 0))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var dead []any
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if process.Dead(name) {
			dead = append(dead, name)
		}
	}
	return dead, rows.Err()
}

// Retry queues the jobs again that are errors, and returns how many they were.
func (q *Queue) Retry(ctx context.Context, db *rowmill.DB) (int, error) {
	n, err := q.exec(ctx, db, retry)
	if err != nil {
		return 0, fmt.Errorf("retry jobs of %s: %w", q.table, err)
	}
	return n, nil
}

// exec runs a statement about the whole queue.
func (q *Queue) exec(ctx context.Context, db *rowmill.DB, statement string, args ...any) (int, error) {
	return q.execFor(ctx, db, statement, 0, args...)
}

// execFor runs a statement that means n workers.
func (q *Queue) execFor(ctx context.Context, db *rowmill.DB, statement string, n int, args ...any) (int, error) {
	sql, values, err := squirrel.Expr(q.fill(db.Dialect(), statement, n), args...).ToSql()
	if err != nil {
		return 0, err
	}
	affected, err := db.Brief().Exec(ctx, sql, values...)
	return int(affected), err
}
