package populate

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// Skip is an error for a make to return that has decided that there is nothing to make of its
// key: the key is left alone from now on, and the reason is kept with it.
func Skip(reason string) error { return &skip{reason} }

type skip struct{ reason string }

func (s *skip) Error() string { return "skipped: " + s.reason }

// A panicked is the panic of a make.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// catch turns a panic into an error with its stack.
func catch(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return do()
}

// stackOf is the stack of a panic, or what an error says in full.
func stackOf(err error) string {
	if p, ok := errors.AsType[*panicked](err); ok {
		return fmt.Sprintf("%v\n\n%s", err, p.stack)
	}
	return fmt.Sprintf("%+v", err)
}
