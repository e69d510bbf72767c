package populate

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Skip is an error for a make to return that has decided that there is nothing to make of its
// key: the key is left alone from now on, and the reason is kept with it.
func Skip(reason string) error { return &skip{reason} }

type skip struct{ reason string }

func (s *skip) Error() string { return "skipped: " + s.reason }

// Permanent is an error for a make to return that would fail again: its key is not tried again by itself, whatever
// Options.Retry says. It is nil where err is.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

// NotReady is an error for a make to return whose key cannot be made yet: it is tried again after a while, and no
// attempt is counted. Populate does not wait for it.
func NotReady(after time.Duration) error { return &notReadyError{after} }

type notReadyError struct{ after time.Duration }

func (n *notReadyError) Error() string { return fmt.Sprintf("not ready, perhaps in %v", n.after) }

// Continue is an error for a make to return that has not finished its key: it is called again, here or in another
// process, and [Job.State] is what it left, which must be something that encoding/json can write. What it has
// written is rolled back; no attempt is counted.
func Continue(state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return Permanent(fmt.Errorf("continue with a state: %w", err))
	}
	return &unfinishedError{text}
}

type unfinishedError struct{ state []byte }

func (*unfinishedError) Error() string { return "not finished" }

// A panicked is the panic of a make.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// errEnded is what a make is told that ended its goroutine, as t.FailNow does.
var errEnded = errors.New("the make ended its goroutine (runtime.Goexit) instead of returning")

// stackOf is the stack of a panic, or what an error says in full.
func stackOf(err error) string {
	if p, ok := errors.AsType[*panicked](err); ok {
		return fmt.Sprintf("%v\n\n%s", err, p.stack)
	}
	return fmt.Sprintf("%+v", err)
}
