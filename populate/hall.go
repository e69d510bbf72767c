package populate

import (
	"context"
	"sync"
)

// A hall is where the jobs are that this process has claimed, of one run or of all makers of a pipeline. A job that may
// have killed its workers has it to itself: whoever dies of it is to hold no others, which would be suspected, too. It
// is safe for concurrent use.
type hall struct {
	mu      sync.Mutex
	inside  int           // jobs, and claims under way
	wanted  bool          // by a job for itself, which is inside
	changed chan struct{} // is closed when that may let somebody go on
}

func newHall() *hall { return &hall{changed: make(chan struct{})} }

// enter is called before a claim. It waits while a job has the hall to itself, or wants to.
func (h *hall) enter(ctx context.Context) error {
	return h.await(ctx, func() bool {
		if h.wanted {
			return false
		}
		h.inside++
		return true
	})
}

// add adds to what is inside: after a claim, what came of it; -1 when a job is let go.
func (h *hall) add(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inside += n
	if !h.wanted { // nobody waits
		return
	}
	h.wanted = h.inside > 0 // the job that wanted it is the last
	h.tell()
}

// alone has a job that is inside be the only one: it waits until all others have left. It is false where another job
// wants the same: this one has to leave.
func (h *hall) alone(ctx context.Context) (bool, error) {
	h.mu.Lock()
	if h.wanted {
		h.mu.Unlock()
		return false, nil
	}
	h.wanted = true
	h.mu.Unlock()
	err := h.await(ctx, func() bool { return h.inside == 1 })
	if err != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.wanted = false
		h.tell()
	}
	return err == nil, err
}

// await waits until it may go on.
func (h *hall) await(ctx context.Context, may func() bool) error {
	for {
		h.mu.Lock()
		goOn, changed := may(), h.changed
		h.mu.Unlock()
		if goOn {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tell wakes up who waits. h.mu is locked.
func (h *hall) tell() {
	close(h.changed)
	h.changed = make(chan struct{})
}
