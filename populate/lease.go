package populate

import (
	"context"
	"slices"
	"time"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A holding is what the run knows of a job that it reserved.
type holding struct {
	ahead   *query.Ahead            // what was read ahead for its make; nil for nothing, and once that has begun
	stale   time.Time               // when that is too old to be used
	cancel  context.CancelCauseFunc // ends its make; nil before that has begun
	lost    bool                    // its lease no longer holds
	called  bool                    // the make function was
	telling *telling                // what its make tells; nil before that has begun
	begun   time.Time               // when it was called first; zero before
	ending  Ending                  // what became of the job, once that is known
	closing bool                    // what became of it is being recorded
}

// hold notes that jobs are this process's, and returns those that it does not make already: others were queued anew
// while it does, as DataJoint for Python does with what it takes for orphans, and are renewed.
func (r *run) hold(batch []*jobs.Reservation) []*jobs.Reservation {
	r.mu.Lock()
	batch = r.renew(batch)
	for _, job := range batch {
		r.held[job] = &holding{}
	}
	r.mu.Unlock()
	r.opts.Observer.Claimed(r.maker.table, len(batch))
	return batch
}

// renew leaves out the jobs that are being made.
func (r *run) renew(batch []*jobs.Reservation) []*jobs.Reservation {
	making := map[string]*jobs.Reservation{}
	for job, h := range r.held {
		if id := job.ID(); id != "" && !h.lost && !h.closing {
			making[id] = job
		}
	}
	return slices.DeleteFunc(batch, func(job *jobs.Reservation) bool {
		old := making[job.ID()]
		if old != nil {
			old.Renew(job)
		}
		return old != nil
	})
}

// closeHold notes that it is being recorded what became of jobs, after which anybody may claim them.
func (r *run) closeHold(batch ...*jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range batch {
		if h := r.held[job]; h != nil {
			h.closing = true
		}
	}
}

// closeHolds does so for makes that were committed together, of which one is counted after the other.
func (r *run) closeHolds(group []*making) {
	r.closeHold(jobsOf(group)...)
}

// begin notes how to cancel a make, and what it tells. It is false where the lease was lost before.
func (r *run) begin(m *making) bool {
	r.mu.Lock()
	h := r.held[m.job]
	h.cancel, h.telling, h.called = m.cancel, m.telling, !h.lost
	if time.Now().Before(h.stale) {
		m.ahead = h.ahead
	}
	h.ahead = nil
	lost, first := h.lost, !h.lost && h.begun.IsZero()
	if first {
		h.begun = time.Now()
	}
	r.mu.Unlock()
	if first {
		r.opts.Observer.Begun(r.maker.table)
	}
	return !lost
}

func (r *run) letGo(job *jobs.Reservation) {
	r.mu.Lock()
	h := r.held[job]
	if h != nil {
		r.calls.end(h.called)
	}
	delete(r.held, job)
	r.mu.Unlock()
	if h != nil {
		r.hall.add(-1)
		if h.ending.Outcome == "" {
			h.ending = h.end(OutcomeUnknown)
		}
		r.opts.Observer.Ended(r.maker.table, h.ending)
	}
	select {
	case r.ended <- struct{}{}:
	default: // it has been said
	}
}

// beat keeps the leases of all held jobs until ctx ends.
func (r *run) beat(ctx context.Context) {
	tick := time.NewTicker(r.opts.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		r.mu.Lock()
		var held []*jobs.Reservation
		for job := range r.held {
			held = append(held, job)
		}
		r.mu.Unlock()
		lost, err := r.ledger.heartbeat(ctx, held)
		if err != nil && ctx.Err() == nil {
			r.opts.Log.Warn("heartbeat failed; it is tried again", "table", r.maker.String(), "error", err)
		}
		r.cancelLost(lost)
	}
}

// rescue queues the jobs of dead workers again, once a lease until ctx ends: while there is enough to do, nobody else
// looks for them.
func (r *run) rescue(ctx context.Context) {
	tick := time.NewTicker(r.opts.Lease)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.ledger.rescue(ctx); err != nil && ctx.Err() == nil {
			r.opts.Log.Warn("jobs of dead workers were not looked for; it is tried again", "table", r.maker.String(), "error", err)
		}
	}
}

// cancelLost ends the makes of jobs that are somebody else's by now, and keeps those from
// beginning that have not.
func (r *run) cancelLost(lost []*jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range lost {
		h := r.held[job]
		if h == nil {
			continue // it has ended since
		}
		h.lost = true
		if h.cancel != nil {
			h.cancel(jobs.ErrLeaseLost)
		}
	}
}
