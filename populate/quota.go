package populate

import (
	"context"
	"sync"
)

// A quota is how many keys may be begun, in one run or in all of a pipeline: a call of a make function each, or one of the keys of a
// call that makes many. Below, calls are such. A nil one is no limit.
// It is safe for concurrent use.
type quota struct {
	mu      sync.Mutex
	left    int           // calls that nobody has taken
	taken   int           // those of jobs that are held, which may turn out to need none
	changed chan struct{} // is closed when some are given back, or spent
}

func newQuota(calls int) *quota {
	if calls <= 0 {
		return nil
	}
	return &quota{left: calls, changed: make(chan struct{})}
}

// take takes up to n calls. It waits while there are none but may yet be, and returns 0 when all are spent.
func (q *quota) take(ctx context.Context, n int) (int, error) {
	if q == nil {
		return n, nil
	}
	for {
		q.mu.Lock()
		n := min(n, q.left)
		over, changed := q.left+q.taken == 0, q.changed
		q.left -= n
		q.taken += n
		q.mu.Unlock()
		if n > 0 || over {
			return n, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// spent tells whether there can be no more calls.
func (q *quota) spent() bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.left+q.taken == 0
}

// giveBack returns calls that are not needed.
func (q *quota) giveBack(n int) {
	q.settle(n, n)
}

// end settles one that was taken for a job: it was spent, or not needed.
func (q *quota) end(spent bool) {
	if spent {
		q.settle(1, 0)
	} else {
		q.settle(1, 1)
	}
}

func (q *quota) settle(taken, back int) {
	if q == nil || taken == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken -= taken
	q.left += back
	close(q.changed)
	q.changed = make(chan struct{})
}
