package populate

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rowmill/rowmill/internal/linger"
)

// releaseTime is how long giving jobs back may take when the run has been told to end.
const releaseTime = 5 * time.Second

// A farewell is the time in which a run gives back what it has when its time of grace is over: one releaseTime for all that is
// given back in a row. Once that was not enough, as beside a database that is dead, there is none for the rest. The zero
// farewell is ready; it is safe for concurrent use.
type farewell struct {
	mu    sync.Mutex // guards what follows
	until time.Time
	over  bool
}

// context is one for a part of it, with the values of ctx, whether that has ended or not.
func (f *farewell) context(ctx context.Context) (context.Context, context.CancelFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); !f.over && !now.Before(f.until) { // the makes that end later than others have theirs
		f.until = now.Add(releaseTime)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), f.until)
	return ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			f.mu.Lock()
			f.over = true
			f.mu.Unlock()
		}
		cancel()
	}
}

// graceOver tells whether makes that have not ended by now are to be given back.
func (r *run) graceOver() bool { return r.grace.Err() != nil }

// lasting is a context in which what became of a job is recorded, when ctx has ended, too.
func (r *run) lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.graceOver() {
		return r.farewell.context(ctx)
	}
	return linger.Context(ctx, releaseTime, nil)
}

// releasing is a context in which jobs are given back, when ctx has ended, too.
func (r *run) releasing(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.graceOver() {
		return r.farewell.context(ctx)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
}
