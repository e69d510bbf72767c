package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// RefreshOptions say how Refresh works; nil stands for the defaults.
type RefreshOptions struct {
	// Source are the keys that ought to exist, all of them. The default, the zero Rel, is [Queue.Source].
	Source query.Rel
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
	// OrphanTimeout is after how long a reservation without a lease, that of a DataJoint for Python worker, is
	// taken to be his who died: the job is pending again, and an error the third time. The default, 0, leaves these alone.
	OrphanTimeout time.Duration
	// KeepCompleted keeps jobs as a success whose result was made without the queue being told, where
	// otherwise they are removed.
	KeepCompleted bool
	// Every is how long a refresh serves whoever asks: where one of any process has begun so lately, nothing is done.
	// The default, 0, has one done that begins after it is asked for.
	Every time.Duration
}

// Refreshed is what a Refresh did, in jobs.
type Refreshed struct {
	Added    int  // keys that are due and were not queued
	Repended int  // kept successes whose result is gone
	Removed  int  // jobs whose key is no longer due
	Settled  int  // jobs whose result somebody had made who did not tell the queue
	Rescued  int  // reservations whose worker died: pending again
	Buried   int  // the same, for the third time: errors now
	Shared   bool // all that was another process's doing, and is counted there
}

const (
	defaultStale = time.Hour
	// untold is how long a Python worker may take to tell the queue what it has made.
	untold = time.Minute
)

// Refresh brings the queue up to date with the data: each step one statement on the server, or a
// few where it is about hundreds of thousands of jobs, so that others have their turn in between. Nothing is
// read into memory, whatever the number of keys.
//
// One process at a time refreshes a queue. Others who ask meanwhile wait, and one of them does it for all
// (Refreshed.Shared).
func (q *Queue) Refresh(ctx context.Context, db *rowmill.DB, opts *RefreshOptions) (Refreshed, error) {
	if opts == nil {
		opts = &RefreshOptions{}
	}
	q, err := q.in(ctx, db)
	if err != nil {
		return Refreshed{}, fmt.Errorf("refresh %s: %w", q.table, err)
	}
	r, err := q.refreshInTurn(ctx, db, *opts)
	if err != nil {
		return r, fmt.Errorf("refresh %s: %w", q.table, err)
	}
	return r, nil
}

func (q *Queue) refreshInTurn(ctx context.Context, db *rowmill.DB, opts RefreshOptions) (Refreshed, error) {
	r, err := q.newRefreshing(db, opts)
	if err != nil {
		return Refreshed{}, err
	}
	done, err := q.inTurn(ctx, db, opts.Only.IsZero(), opts.Every, r.run)
	r.did.Shared = !done && err == nil
	return r.did, err
}

// A refreshing is one call of Refresh.
type refreshing struct {
	q        *Queue
	db       *rowmill.DB
	opts     RefreshOptions
	all, due squirrel.Sqlizer // the keys that ought to exist, and those of them that are to be added

	did Refreshed
}

func (q *Queue) newRefreshing(db *rowmill.DB, opts RefreshOptions) (*refreshing, error) {
	source := opts.Source
	if source.IsZero() {
		source = q.Source()
	}
	source, err := q.Keyed(source)
	if err != nil {
		return nil, fmt.Errorf("the source: %w", err)
	}
	r := &refreshing{q: q, db: db, opts: opts}
	if r.all, err = q.keysOf(db, source); err != nil {
		return nil, fmt.Errorf("the source: %w", err)
	}
	r.due = r.all
	if !opts.Only.IsZero() {
		if err := q.RestrictsBy(opts.Only); err != nil {
			return nil, err
		}
		if r.due, err = q.keysOf(db, source.In(opts.Only)); err != nil {
			return nil, fmt.Errorf("the restriction: %w", err)
		}
	}
	return r, nil
}

// keysOf are the keys that a relation has, each of them once.
func (q *Queue) keysOf(db *rowmill.DB, source query.Rel) (squirrel.Sqlizer, error) {
	keys, err := query.Select(db, source, q.key)
	if err != nil {
		return nil, err
	}
	h, err := source.Heading()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(h.Key(), func(name string) bool { return !slices.Contains(q.key, name) }) {
		keys = squirrel.Expr("SELECT DISTINCT * FROM (?) AS d", keys)
	}
	return keys, nil
}

// run does it, in an order in which no step makes work for one before it.
func (r *refreshing) run(ctx context.Context) error {
	rescued, err := r.q.rescue(ctx, r.db)
	if err != nil {
		return err
	}
	r.did.Rescued, r.did.Buried = rescued.Rescued, rescued.Buried
	for _, step := range r.steps() {
		n, err := r.q.do(ctx, r.db, step)
		*step.count += n
		if err != nil {
			return err
		}
	}
	return nil
}

// A step is a statement and what counts the jobs that it changes. It has arguments for what it sets, and for what it asks of
// the jobs themselves, and of other tables.
type step struct {
	count                *int
	statement            string
	sets, own, elsewhere []any
}

func (r *refreshing) steps() []step {
	var steps []step
	if t := r.opts.OrphanTimeout; t > 0 {
		steps = append(steps,
			step{count: &r.did.Buried, statement: buryOrphans, sets: []any{diedTooOften}, own: []any{maxDeaths - 1, -t.Seconds()}},
			step{count: &r.did.Rescued, statement: rescueOrphans, own: []any{-t.Seconds()}})
	}
	made := settle
	if r.opts.KeepCompleted {
		made = settleKept
	}
	steps = append(steps,
		step{count: &r.did.Settled, statement: made, own: []any{-untold.Seconds()}},
		step{count: &r.did.Repended, statement: repend, elsewhere: []any{r.all}})
	if stale := r.opts.stale(); stale > 0 {
		steps = append(steps, step{count: &r.did.Removed, statement: sweep, own: []any{-stale.Seconds()}, elsewhere: []any{r.all}})
	}
	return append(steps, step{count: &r.did.Added, statement: add, sets: []any{r.opts.priority(), r.opts.Delay.Seconds(), r.due}})
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
