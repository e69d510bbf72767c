package populate

import (
	"context"
	"time"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/schema"
)

// An Observer is told what happens in this process as it happens: for metrics, traces, or a display of one's own.
// Package populate/metrics has one for Prometheus.
//
// The methods are called by several goroutines at once, those of one job one after the other: Claimed for the batch that
// it is in, Begun when its make begins, Ended. Each Begun has its Ended, so that the difference is how many makes
// run; and each claimed job has one, so that the difference is how many jobs are held. All calls have
// returned when Populate, All or Work returns. Workers wait for the methods, which should be quick, and must
// not panic. The maps that they get are theirs.
type Observer interface {
	// Claimed tells that this process has reserved n jobs or, with Options.Direct, has taken n keys.
	Claimed(table *schema.Table, n int)
	// Begun tells that the make of a job begins. A key that is tried again by another call, as one of a batch that has
	// failed together, has begun once.
	Begun(table *schema.Table)
	// Ended tells what became of a job that was claimed.
	Ended(table *schema.Table, e Ending)
	// Refreshed tells what was changed when this process brought the queue up to date, which may be nothing, or found
	// dead workers.
	Refreshed(table *schema.Table, did jobs.Refreshed)
	// Queued tells how many jobs of each state the queue has, over all processes. States without jobs are left out. It
	// is told when a run begins, when it ends because nothing is left, and once a minute in between; never with
	// Options.Direct, and at the end not with Options.Only.
	Queued(table *schema.Table, n map[jobs.Status]int)
}

// An Ending is how a job ended in this process.
type Ending struct {
	Outcome Outcome
	Began   bool          // its make had begun
	Took    time.Duration // the make, until it was known what became of it; 0 where it had not begun
}

// An Outcome is what became of a job in this process, by the name that it has in metrics and in the JSON of a
// [Report], whose fields say what each means.
type Outcome string

// The outcomes.
const (
	OutcomeMade         Outcome = "made"
	OutcomeAlreadyThere Outcome = "already_there"
	OutcomeSkipped      Outcome = "skipped"
	OutcomeFailed       Outcome = "failed"
	OutcomeNotReady     Outcome = "not_ready"
	OutcomeUnfinished   Outcome = "unfinished"
	OutcomeRetried      Outcome = "retried"
	OutcomeWithdrawn    Outcome = "withdrawn"
	OutcomeLostLease    Outcome = "lost_lease"
	OutcomeReleased     Outcome = "released"
	// OutcomeUnknown is of a job when the run ended with an error before it was recorded what became of it. No Report
	// counts it; its lease runs out.
	OutcomeUnknown Outcome = "unknown"
)

// nobody observes nothing.
type nobody struct{}

func (nobody) Claimed(*schema.Table, int)                {}
func (nobody) Begun(*schema.Table)                       {}
func (nobody) Ended(*schema.Table, Ending)               {}
func (nobody) Refreshed(*schema.Table, jobs.Refreshed)   {}
func (nobody) Queued(*schema.Table, map[jobs.Status]int) {}

// outcome counts what became of a job. It is for note.
func (r *run) outcome(job *jobs.Reservation, o Outcome) func(*Report) {
	return func(n *Report) {
		*n.counter(o)++
		took := r.mark(job, o)
		if o == OutcomeMade {
			n.Durations.add(took)
		}
	}
}

// failed counts a job that failed, with its error. It is for note.
func (r *run) failed(job *jobs.Reservation, err error) func(*Report) {
	e := r.keyError(job, err)
	return func(n *Report) {
		n.fail(e)
		r.mark(job, OutcomeFailed)
	}
}

// mark keeps what became of a job until it is let go, and tells how long its make took. r.mu is locked.
func (r *run) mark(job *jobs.Reservation, o Outcome) time.Duration {
	h := r.held[job]
	if h == nil {
		return 0
	}
	h.ending = h.end(o)
	return h.ending.Took
}

// end is the ending of a job that ends now.
func (h *holding) end(o Outcome) Ending {
	if h.begun.IsZero() {
		return Ending{Outcome: o}
	}
	return Ending{Outcome: o, Began: true, Took: time.Since(h.begun)}
}

// refreshed notes what was done to the queue.
func (r *run) refreshed(did jobs.Refreshed) {
	r.note(func(n *Report) { n.Refreshed = sum(n.Refreshed, did) })
	r.opts.Observer.Refreshed(r.maker.table, did)
}

// countPause is the time between two looks at the whole queue for an observer.
const countPause = time.Minute

// countQueue tells an observer of the queue now and then, until ctx ends. Where nobody observes it, or there is none,
// it is not asked.
func (r *run) countQueue(ctx context.Context) {
	q, has := r.ledger.(*queued)
	if _, none := r.opts.Observer.(nobody); none || !has {
		return
	}
	tick := time.NewTicker(countPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := q.count(ctx); err != nil && ctx.Err() == nil {
			r.opts.Log.Warn("the queue could not be counted; it is tried again", "table", r.maker.String(), "error", err)
		}
	}
}
