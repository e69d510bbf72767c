package populate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The kinds of errors that data from outside have.
const (
	// KindInvalid is of an answer whose form is wrong: fields are missing, or hold what they cannot.
	KindInvalid = "invalid"
	// KindCorrupted is of an answer whose form is right, and whose content cannot be: it begins on an impossible day, say, or
	// tells of days that it was not asked for.
	KindCorrupted = "corrupted"
)

// Kind gives an error a kind, for a make to return: it is kept beside the message, so that errors are counted
// ([jobs.Queue.Kinds], [Report.Kinds]) and listed by their kinds. A kind is a word of the user's, of at most
// jobs.MaxKind letters. What becomes of the key is decided as without it; of an error that has two kinds the outer one
// counts. It is nil where err is.
func Kind(kind string, err error) error {
	if err == nil {
		return nil
	}
	return &kinded{kind, err}
}

// Invalid is an error of [KindInvalid] that is not tried again by itself, as of [Permanent]: the same question has the
// same answer. It is nil where err is.
func Invalid(err error) error { return Kind(KindInvalid, Permanent(err)) }

// Corrupted is an error of [KindCorrupted] that is not tried again by itself. It is nil where err is.
func Corrupted(err error) error { return Kind(KindCorrupted, Permanent(err)) }

// KindOf is the kind of an error; "" where it has none.
func KindOf(err error) string {
	if k, ok := errors.AsType[*kinded](err); ok {
		return k.kind
	}
	return ""
}

type kinded struct {
	kind string
	err  error
}

// Error begins with the kind: "invalid: the answer has no field wind".
func (k *kinded) Error() string { return k.kind + ": " + k.err.Error() }

func (k *kinded) Unwrap() error { return k.err }

// countKind counts errors of a kind.
func (r *Report) countKind(kind string, n int) {
	if r.Kinds == nil {
		r.Kinds = map[string]int{}
	}
	r.Kinds[kind] += n
}

// addKinds tells of the last of the parts, which is how many keys failed, of which kinds the errors are.
func (r *Report) addKinds(parts []string) []string {
	if len(r.Kinds) == 0 {
		return parts
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(r.Kinds)) {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.Kinds[kind], kind))
	}
	parts[len(parts)-1] += " (" + strings.Join(kinds, ", ") + ")"
	return parts
}
