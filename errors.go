package rowmill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// The errors that a caller may test for with errors.Is. Each is wrapped with what was tried
// and with the server's own error.
var (
	// ErrNotFound: exactly one row was wanted, and there is none.
	ErrNotFound = errors.New("no such row")
	// ErrMultiple: exactly one row was wanted, and there are more.
	ErrMultiple = errors.New("more than one row")
	// ErrDuplicate: a row with this key, or this value of a unique index, is there already.
	ErrDuplicate = errors.New("a row with this key is there already")
	// ErrReferenced: a foreign key forbids it. A row refers to one that is not there, or a
	// row that others refer to was to be removed.
	ErrReferenced = errors.New("a foreign key forbids it")
	// ErrValue: a value does not fit its attribute.
	ErrValue = errors.New("a value does not fit its attribute")
	// ErrNoTable: the table is not declared in this database.
	ErrNoTable = errors.New("the table is not there (declare its schema first)")
	// ErrNoAttribute: the relation has no attribute of this name.
	ErrNoAttribute = errors.New("no such attribute")
	// ErrDenied: the database's user lacks the right.
	ErrDenied = errors.New("the database's user may not do this")
	// ErrBusy: other transactions stood in the way, again and again. Nothing was changed.
	ErrBusy = errors.New("other transactions stood in the way")
	// ErrLost: the connection to the server was lost.
	ErrLost = errors.New("the connection to the database was lost")
	// ErrCommitUnknown: the connection was lost during COMMIT. The transaction is there, whole,
	// or it is not: look before you repeat it.
	ErrCommitUnknown = errors.New("the connection was lost during COMMIT, which may or may not have happened")
	// ErrTooLarge: a row or statement is larger than the server takes.
	ErrTooLarge = errors.New("more data than the server takes at once")
	// ErrReadOnly: the database cannot be written to.
	ErrReadOnly = errors.New("the database cannot be written to")
	// ErrRefused: the connection does not allow it, as in a make that writes to a table not its own.
	ErrRefused = errors.New("refused")
)

// sentinels gives each class of failure its error.
var sentinels = map[dialect.Class]error{
	dialect.Duplicate:  ErrDuplicate,
	dialect.Referenced: ErrReferenced,
	dialect.Value:      ErrValue,
	dialect.NoTable:    ErrNoTable,
	dialect.NoColumn:   ErrNoAttribute,
	dialect.Denied:     ErrDenied,
	dialect.Busy:       ErrBusy,
	dialect.Lost:       ErrLost,
	dialect.TooLarge:   ErrTooLarge,
	dialect.ReadOnly:   ErrReadOnly,

	dialect.Interrupted: context.Canceled,
}

// errNoAuxiliary is ErrNoTable of a table that no schema declares: a queue, or the log of runs.
var errNoAuxiliary error = noAuxiliaryError{}

type noAuxiliaryError struct{}

func (noAuxiliaryError) Error() string { return "the table is not there (the first Populate makes it)" }

func (noAuxiliaryError) Is(target error) bool { return target == ErrNoTable }

// auxiliary is what the names begin with of tables that no schema declares, in a message that a table is not there.
var auxiliary = []string{".~~", ".~run"}

// explain wraps a driver's error into the error a caller may test for.
func explain(d dialect.Dialect, err error) error {
	sentinel := sentinels[d.Classify(err)]
	if sentinel == nil || errors.Is(err, sentinel) {
		return err
	}
	if errors.Is(sentinel, ErrNoTable) && slices.ContainsFunc(auxiliary, func(name string) bool { return strings.Contains(err.Error(), name) }) {
		sentinel = errNoAuxiliary
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}
