package populate

import (
	"context"
	"fmt"
	"time"
)

// An allowance is the time that a make may take, and ends it after that; nil is no limit. It stands while a make waits
// for others of its run: with what is computed, for the writer. It is used by one goroutine at a time.
type allowance struct {
	timer *time.Timer
	left  time.Duration // when it was last set going
	since time.Time
}

// newAllowance is one that is going. It is nil where d is 0.
func newAllowance(d time.Duration, end context.CancelCauseFunc) *allowance {
	if d == 0 {
		return nil
	}
	a := &allowance{left: d, since: time.Now()}
	a.timer = time.AfterFunc(d, func() { end(fmt.Errorf("the make took longer than %v", d)) })
	return a
}

func (a *allowance) pause() {
	if a != nil && a.timer.Stop() {
		a.left -= time.Since(a.since)
	}
}

// undo is a pause after which what was done since goOn does not count: it was done in vain, or is done.
func (a *allowance) undo() {
	if a != nil {
		a.timer.Stop()
	}
}

// goOn sets it going again after a pause. What it has ended stays so.
func (a *allowance) goOn() {
	if a != nil {
		a.since = time.Now()
		a.timer.Reset(max(a.left, 0))
	}
}
