package schema

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/rowmill/rowmill/internal/value"
)

// GoType is T.
func (c codecOf[T]) GoType() reflect.Type { return reflect.TypeFor[T]() }

// GoType is Attachment.
func (attachCodec) GoType() reflect.Type { return reflect.TypeFor[Attachment]() }

// BindWhole ties a Go type as a whole to one attribute.
func BindWhole(t reflect.Type, a Attr) (*Binding, error) {
	f, err := newField(t, nil, a)
	if err != nil {
		return nil, fmt.Errorf("%q %w", a.Name, err)
	}
	return &Binding{row: t, fields: []field{f}}, nil
}

// newField ties a Go type, found at an index of a struct, to an attribute.
func newField(t reflect.Type, index []int, a Attr) (field, error) {
	c, err := value.For(a.Type, a.Codec, a.Nullable, t)
	return field{attr: a, index: index, Converter: c, direct: value.Direct(a.Type, a.Codec, a.Nullable, t)}, err
}

// Natural is what the attribute's values are scanned into where no Go type is asked for: set is called with each,
// of the type that is natural for the attribute (see query.Fetch), or nil for NULL. column is the server's
// name for the type of the result's column.
func (a Attr) Natural(column string, set func(any)) any {
	return NewReading(a, value.NaturalReader(a.Type, a.Codec, column), set)
}

// NewReading scans an attribute's values by a reader.
func NewReading(a Attr, read func(src any) (any, error), set func(any)) any {
	return &reading{a.Name, read, set}
}

// A reading scans the values of an attribute.
type reading struct {
	name string
	read value.Reader
	set  func(any)
}

// Scan implements sql.Scanner.
func (r *reading) Scan(src any) (err error) {
	defer tellAttr(r.name, &err)
	if src == nil {
		r.set(nil)
		return nil
	}
	v, err := r.read(src)
	if err == nil {
		r.set(v)
	}
	return err
}

// A ScanError says which attribute's value does not fit, and why.
type ScanError struct{ error }

// Unwrap is what is wrong with the value.
func (e *ScanError) Unwrap() error { return errors.Unwrap(e.error) }

// tellAttr names the attribute in the error of a Scan. A panic of a user's type or codec is an error: database/sql holds
// the rows while it scans, so that the Close on a panic's way would wait forever.
func tellAttr(attr string, err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v\n\n%s", v, debug.Stack())
	}
	if *err != nil && !errors.As(*err, new(*ScanError)) {
		*err = &ScanError{fmt.Errorf("%s: %w", attr, *err)}
	}
}
