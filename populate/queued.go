package populate

import (
	"context"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A queued is a ledger that is the queue of the table, which other processes share.
type queued struct {
	run *run

	worker    jobs.Worker
	claimable query.Rel // the jobs that this run makes; zero for all

	mu       sync.Mutex
	retrying map[string]time.Time // keys that have failed here and are to be tried again, and when they are due by now
}

func (q *queued) queue() *jobs.Queue { return q.run.maker.queue }

// open brings the queue up to date.
func (q *queued) open(ctx context.Context) (int, error) {
	r := q.run
	if err := q.identify(ctx); err != nil {
		return 0, err
	}
	if err := q.queue().Declare(ctx, r.db); err != nil {
		return 0, err
	}
	if r.opts.RetryErrors {
		if _, err := q.queue().Retry(ctx, r.db, r.opts.Only); err != nil {
			return 0, err
		}
	}
	if err := q.refresh(ctx, 0); err != nil {
		return 0, err
	}
	n, err := q.count(ctx)
	if err != nil {
		return 0, err
	}
	r.note(func(report *Report) { report.FailedBefore = n[jobs.Error] - report.Refreshed.Buried })
	q.claimable = r.opts.claimable(q.queue())
	left, err := q.queue().Backlog(ctx, r.db, q.claimable)
	return left.Pending, err
}

// identify says who works here.
func (q *queued) identify(ctx context.Context) error {
	r := q.run
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	q.worker = jobs.Worker{Host: host, PID: os.Getpid(), Version: r.opts.Version, Lease: r.opts.Lease, KeepCompleted: r.opts.KeepCompleted}
	return q.worker.Identify(ctx, r.db)
}

func (q *queued) refresh(ctx context.Context, every time.Duration) error {
	o := &q.run.opts
	done, err := q.queue().Refresh(ctx, q.run.db, &jobs.RefreshOptions{
		Source: q.run.maker.Source(), Only: o.Only, Priority: o.Priority, Every: every,
		StaleTimeout: o.StaleTimeout, OrphanTimeout: o.OrphanTimeout, KeepCompleted: o.KeepCompleted,
	})
	q.run.refreshed(done)
	if err == nil && done.Added > 0 && q.run.maker.urgency != nil {
		return q.prioritize(ctx)
	}
	return err
}

func (q *queued) claim(ctx context.Context, n int) ([]*jobs.Reservation, error) {
	batch, err := q.queue().Claim(ctx, q.run.db, &q.worker, q.run.maker.key, n, q.claimable)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, job := range batch {
		delete(q.retrying, q.run.maker.key.Format(job.Key))
	}
	return batch, err
}

func (q *queued) left(ctx context.Context) (bool, error) {
	r := q.run
	held := r.holding() // before the look: what ends after it may come back
	left, err := q.queue().Backlog(ctx, r.db, q.claimable)
	if err != nil || left.Pending > 0 {
		return true, err
	}
	back := 0
	if left.Reserved > held { // others hold some, and may be dead
		if back, err = q.takeBack(ctx); err != nil {
			return false, err
		}
	}
	return back > 0 || held > 0 || left.Reserved > 0 && !r.opts.LeaveOthers || left.Later > 0 && q.retries(), nil
}

func (q *queued) rescue(ctx context.Context) error {
	_, err := q.takeBack(ctx)
	return err
}

// takeBack queues the jobs of dead workers again, and tells how many these are.
func (q *queued) takeBack(ctx context.Context) (int, error) {
	done, err := q.queue().Rescue(ctx, q.run.db)
	q.run.refreshed(done)
	return done.Rescued, err
}

// count asks how many jobs of each state there are, and tells the observer.
func (q *queued) count(ctx context.Context) (map[jobs.Status]int, error) {
	n, err := q.queue().Progress(ctx, q.run.db)
	if err == nil {
		q.run.opts.Observer.Queued(q.run.maker.table, maps.Clone(n))
	}
	return n, err
}

// close counts the jobs that are pending when none is due: they are scheduled for later.
func (q *queued) close(ctx context.Context) error {
	if !q.run.opts.Only.IsZero() {
		return nil
	}
	n, err := q.count(ctx)
	q.run.note(func(report *Report) { report.Later = n[jobs.Pending] })
	return err
}

func (q *queued) heartbeat(ctx context.Context, held []*jobs.Reservation) ([]*jobs.Reservation, error) {
	return q.queue().Heartbeat(ctx, q.run.db, &q.worker, q.run.maker.key, held)
}

func (q *queued) holds(ctx context.Context, job *jobs.Reservation) (bool, error) {
	return q.queue().Holds(ctx, q.run.db, job)
}

func (q *queued) state(ctx context.Context, job *jobs.Reservation) ([]byte, error) {
	return q.queue().State(ctx, q.run.db, job)
}

func (q *queued) tell(ctx context.Context, session rowmill.Session, batch []*jobs.Reservation, completeness *float64, log string) error {
	return q.queue().Tell(ctx, session, batch, completeness, log)
}

func (q *queued) told(ctx context.Context, session rowmill.Session, job *jobs.Reservation) (string, error) {
	return q.queue().Told(ctx, session, job)
}

func (q *queued) complete(ctx context.Context, tx *rowmill.Tx, job *jobs.Reservation) error {
	return q.queue().Complete(ctx, tx, job)
}

func (q *queued) completeAll(ctx context.Context, tx *rowmill.Tx, batch []*jobs.Reservation) error {
	return q.queue().CompleteAll(ctx, tx, batch)
}

func (q *queued) acknowledge(ctx context.Context, job *jobs.Reservation) error {
	return q.queue().Acknowledge(ctx, q.run.db, job)
}

func (q *queued) skip(ctx context.Context, job *jobs.Reservation, reason string) error {
	return q.queue().Skip(ctx, q.run.db, job, reason)
}

func (q *queued) fail(ctx context.Context, job *jobs.Reservation, f jobs.Failure) error {
	err := q.queue().Error(ctx, q.run.db, job, f)
	if err == nil && f.Again {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.retrying[q.run.maker.key.Format(job.Key)] = time.Now().Add(f.After)
	}
	return err
}

// dueBy is how long after a key is due it is waited for that another process may have taken.
const dueBy = time.Second

// retries tells whether there are keys to wait for that have failed here.
func (q *queued) retries() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, due := range q.retrying {
		if time.Since(due) < dueBy {
			return true
		}
	}
	return false
}

func (q *queued) withdraw(ctx context.Context, job *jobs.Reservation) (bool, error) {
	return q.queue().Withdraw(ctx, q.run.db, job, q.run.maker.Source())
}

func (q *queued) postpone(ctx context.Context, job *jobs.Reservation, after time.Duration, reason string) error {
	return q.queue().Postpone(ctx, q.run.db, job, after, reason)
}

func (q *queued) suspend(ctx context.Context, job *jobs.Reservation, state []byte) error {
	return q.queue().Suspend(ctx, q.run.db, job, state)
}

func (q *queued) release(ctx context.Context, batch ...*jobs.Reservation) error {
	return q.queue().Release(ctx, q.run.db, batch...)
}
