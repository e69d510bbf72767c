package populate

import (
	"context"
	"errors"
	"time"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// gonePause is the time between two looks whether what the running makes are made of is still there. Makes that take
// less are not looked at: they find out by themselves.
const gonePause = time.Second

// errGone ends makes whose key is gone.
var errGone = errors.New("what the key comes from was deleted while it was made")

// stopGone ends makes whose keys are gone, as those of a request that somebody has deleted, until ctx ends.
func (r *run) stopGone(ctx context.Context) {
	tick := time.NewTicker(gonePause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		gone, err := r.gone(ctx, r.long())
		if err != nil && ctx.Err() == nil {
			r.opts.Log.Warn("it was not looked whether the keys that are made are still there; it is tried again", "table", r.maker.String(), "error", err)
		}
		r.endGone(gone)
	}
}

// long are the jobs whose makes have been running for a while.
func (r *run) long() (running []*jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for job, h := range r.held {
		if h.cancel != nil && !h.closing && time.Since(h.begun) >= gonePause {
			running = append(running, job)
		}
	}
	return running
}

// gone are those of the jobs whose keys nothing upstream brings any more. One that has only left the relation given to From
// is let finish: it was due when it began.
func (r *run) gone(ctx context.Context, running []*jobs.Reservation) ([]*jobs.Reservation, error) {
	for _, source := range []query.Rel{r.maker.queue.Source(), r.maker.Source()} {
		if len(running) == 0 {
			return nil, nil
		}
		var err error
		if running, err = r.without(ctx, running, source); err != nil {
			return nil, err
		}
	}
	return running, nil
}

// without are those of the jobs whose keys a relation has not.
func (r *run) without(ctx context.Context, running []*jobs.Reservation, source query.Rel) (missing []*jobs.Reservation, err error) {
	keys := make([]any, len(running))
	for i, job := range running {
		keys[i] = job.Key
	}
	found, err := r.maker.read(ctx, r.db, source.Match(keys...))
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, key := range found {
		there[r.maker.identity(key)] = true
	}
	for i, job := range running {
		if !there[r.maker.identity(keys[i])] {
			missing = append(missing, job)
		}
	}
	return missing, nil
}

// endGone ends the makes of jobs whose keys are gone. In a batch others end with them, and are made by themselves.
func (r *run) endGone(gone []*jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range gone {
		if h := r.held[job]; h != nil { // else it has ended since
			h.cancel(errGone)
		}
	}
}

// settleGone settles a job whose key was gone when it was looked, and is not, or no longer has the job: whoever deletes rows
// deletes the jobs with them.
func (r *run) settleGone(ctx context.Context, job *jobs.Reservation) error {
	switch holds, err := r.ledger.holds(ctx, job); {
	case err != nil:
		return r.settle(ctx, job, err, nil)
	case holds:
		r.release(ctx, job)
	default:
		r.note(r.outcome(job, OutcomeWithdrawn))
	}
	return nil
}
