package populate

import (
	"context"
	"time"

	"github.com/rowmill/rowmill/jobs"
)

// claim reserves jobs and hands them to the workers, until none are left.
func (r *run) claim(ctx context.Context, ready chan<- []*jobs.Reservation) error {
	pause := firstPause
	for {
		room, err := r.room(ctx)
		if err != nil || room == 0 {
			r.short = err == nil
			return err
		}
		batch, err := r.reserve(ctx, room)
		r.calls.giveBack(room - len(batch))
		if err != nil {
			return err
		}
		if len(batch) > 0 {
			pause = firstPause
			if err := r.hand(ctx, batch, ready); err != nil {
				return err
			}
			continue
		}
		left, err := r.ledger.left(ctx)
		if err != nil {
			return err
		}
		if !left {
			more, err := r.more(ctx)
			if err != nil {
				return err
			}
			if more {
				continue
			}
			return r.ledger.close(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ended:
		case <-time.After(pause):
			pause = min(2*pause, longPause)
		}
	}
}

// reserve takes up to n jobs.
func (r *run) reserve(ctx context.Context, n int) ([]*jobs.Reservation, error) {
	if err := r.hall.enter(ctx); err != nil {
		return nil, err
	}
	batch, err := r.ledger.claim(ctx, n)
	if len(batch) > 0 {
		batch = r.hold(batch)
	}
	r.hall.add(len(batch) - 1)
	r.lookAhead(ctx, batch)
	return batch, err
}

// The pauses between looks at what other processes have reserved.
const (
	firstPause = 20 * time.Millisecond
	longPause  = time.Second
)

// hand gives jobs to the workers, as many as one call makes, as they become free. When the run ends before,
// the rest is given back.
func (r *run) hand(ctx context.Context, batch []*jobs.Reservation, ready chan<- []*jobs.Reservation) error {
	if batch[0].Deaths > 0 {
		return r.handAlone(ctx, batch[0], ready)
	}
	for len(batch) > 0 {
		n := min(r.together(), len(batch))
		select {
		case ready <- batch[:n]:
			batch = batch[n:]
		case <-ctx.Done():
			r.release(ctx, batch...)
			return ctx.Err()
		}
	}
	return nil
}

// handAlone has a job made while this process makes nothing else, and holds nothing else: if it is what killed its
// workers, it is to kill no other job with them. Where another maker's job waits for the same, this one is for later.
func (r *run) handAlone(ctx context.Context, job *jobs.Reservation, ready chan<- []*jobs.Reservation) error {
	switch alone, err := r.hall.alone(ctx); {
	case err != nil:
		r.release(ctx, job)
		return err
	case !alone:
		r.putBack(ctx, job)
		return nil
	}
	select {
	case ready <- []*jobs.Reservation{job}:
		return nil
	case <-ctx.Done():
		r.release(ctx, job)
		return ctx.Err()
	}
}

const (
	// batchTime is how much work one claim may fetch for each worker: enough that claims cost
	// little, and little enough that priorities count and others get their share.
	batchTime = 500 * time.Millisecond
	maxBatch  = 256
)

// batchSize is how many jobs to claim at once, by how long they take lately.
func (r *run) batchSize() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	each := 1
	if r.pace > 0 {
		each = int(batchTime/r.pace) + 1
	}
	each = max(each, r.together())
	return min(each*r.opts.Workers, max(maxBatch, r.together()*r.opts.Workers))
}

// room is how many jobs to claim at once, which Options.MaxCalls bounds: 0 when there can be no more calls.
func (r *run) room(ctx context.Context) (int, error) {
	if r.tooLate() {
		return 0, nil
	}
	return r.calls.take(ctx, r.batchSize())
}

// tooLate tells whether a make that began now would not end before the deadline.
func (r *run) tooLate() bool {
	if r.opts.deadline.IsZero() {
		return false
	}
	return time.Now().Add(r.told.longestMake()).After(r.opts.deadline)
}
