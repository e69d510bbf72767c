package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"github.com/rowmill/rowmill"
)

// A RetryPolicy says whether and when a job that failed is tried again. Its zero value stands for the defaults.
type RetryPolicy struct {
	// MaxAttempts is after how many attempts a job is an error whose failure may be its own: a mistake in the code
	// or the data. The default, 0, is 1: it is an error at once, until somebody retries it.
	MaxAttempts int
	// MaxTransient is the same for failures that pass (see [Transient]). The default, 0, is 3, or MaxAttempts if
	// that is more.
	MaxTransient int
	// Backoff is how long a job waits after its first attempt; after each other one it waits twice as long as after the
	// one before. The default, 0, is 1 s.
	Backoff time.Duration
	// MaxBackoff is the longest wait. The default, 0, is 5 min.
	MaxBackoff time.Duration
}

const (
	defaultAttempts   = 1
	defaultTransient  = 3
	defaultBackoff    = time.Second
	defaultMaxBackoff = 5 * time.Minute
)

// Again tells whether a job is tried again that has failed for the attempt-th time with err, and after which time:
// from half the backoff to the whole of it, so that jobs that failed together do not come again together.
func (p RetryPolicy) Again(err error, attempt int) (after time.Duration, again bool) {
	if attempt >= p.attempts(err) {
		return 0, false
	}
	wait, most := or(p.Backoff, defaultBackoff), or(p.MaxBackoff, defaultMaxBackoff)
	for range attempt - 1 {
		if wait *= 2; wait >= most {
			break
		}
	}
	wait = min(wait, most)
	return wait/2 + rand.N(wait/2+1), true
}

func (p RetryPolicy) attempts(err error) int {
	own := or(p.MaxAttempts, defaultAttempts)
	if Transient(err) {
		return max(own, or(p.MaxTransient, defaultTransient))
	}
	return own
}

// or is the value, or what stands for its zero.
func or[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// Transient tells whether a failure may pass by itself: one of the network, a time limit that was reached, a
// database that is busy or was lost, or an error with a method Temporary or Timeout that says so.
func Transient(err error) bool {
	if temporary, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err); ok && temporary.Temporary() {
		return true
	}
	if late, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && late.Timeout() {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, target := range []error{context.DeadlineExceeded, os.ErrDeadlineExceeded, rowmill.ErrBusy, rowmill.ErrLost} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
