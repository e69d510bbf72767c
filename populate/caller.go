package populate

import (
	"errors"
	"runtime/debug"
	"sync"
)

// callers call functions of makers, each in a goroutine beside the one that waits for it: a function can end its goroutine, as
// t.FailNow does, and that is not to be the worker's. They are kept for the next call, since a new goroutine begins with a
// small stack, and to make it larger takes a trivial make's time. They are safe for concurrent use.
type callers struct {
	mu   sync.Mutex
	idle []*caller
}

// A caller is such a goroutine.
type caller struct {
	do    chan func() error
	ended chan error
}

// catch runs a function and turns its panic into an error with its stack. An error that panics when it is looked at counts
// as a panic of the function.
func (c *callers) catch(do func() error) error {
	one := c.take()
	one.do <- do
	err := <-one.ended
	if err == errEnded { //nolint:errorlint // the very one
		return err // and its goroutine is no more
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, one)
	return err
}

func (c *callers) take() *caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.idle) - 1; last >= 0 {
		one := c.idle[last]
		c.idle = c.idle[:last]
		return one
	}
	one := &caller{do: make(chan func() error), ended: make(chan error)}
	go one.run()
	return one
}

// close ends the goroutines that are idle, which all are when nobody waits for one.
func (c *callers) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.idle {
		close(one.do)
	}
	c.idle = nil
}

// run calls functions until one ends the goroutine.
func (c *caller) run() {
	for do := range c.do {
		c.call(do)
	}
}

func (c *caller) call(do func() error) {
	err := errEnded
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
		c.ended <- err
	}()
	made := do()
	if made != nil {
		_, _ = made.Error(), errors.Is(made, errEnded)
	}
	err = made
}
