package populate

import (
	"context"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// fresh is how long the first stage may take what was read ahead for what is there. Jobs may wait for as long as makes take:
// where these are slow, little is saved, and much is lost if they work on what has changed.
const fresh = time.Second

// lookAhead reads what the first stage is going to ask for, for all jobs of a claim. By the time that it asks, that may have changed,
// of which the last stage takes care. Where it cannot be read, the stage asks for itself.
func (r *run) lookAhead(ctx context.Context, batch []*jobs.Reservation) {
	if r.maker.stages == nil {
		return
	}
	ahead, err := r.ahead(ctx, r.db, batch)
	if err != nil || ahead == nil {
		return
	}
	stale := time.Now().Add(fresh)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range batch {
		if h := r.held[job]; h != nil {
			h.ahead, h.stale = ahead, stale
		}
	}
}

// ahead reads what the first stage asks for, for some jobs. It is nil where that is not known.
func (r *run) ahead(ctx context.Context, conn rowmill.Conn, batch []*jobs.Reservation) (*query.Ahead, error) {
	keys := make([][]any, len(batch))
	for i, job := range batch {
		var err error
		if keys[i], err = r.maker.key.Values(job.Key); err != nil {
			return nil, err
		}
	}
	return r.habit.Ahead(ctx, conn, keys)
}

func jobsOf(group []*making) []*jobs.Reservation {
	batch := make([]*jobs.Reservation, len(group))
	for i, m := range group {
		batch[i] = m.job
	}
	return batch
}
