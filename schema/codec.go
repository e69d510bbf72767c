package schema

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"

	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/value"
)

// A Codec keeps Go values of its own choosing in attributes whose type is written <name>. Each
// schema knows <blob> and <attach>; others are given to [New]. [NewCodec] makes one of two
// functions. A codec is used by several goroutines at once. It does not see NULL: that is a nil
// pointer, slice, map or interface, or a sql.Null without a value, in a field of an attribute that
// may be null.
type Codec interface {
	// Name is what stands between the angle brackets, as "png" for <png>: small letters, digits
	// and underscores, a letter first, and at the end the store that DataJoint for Python keeps the
	// values in, as in "npy@raw", if it does.
	Name() string
	// Stored is the core type in which the values are kept: bytes, json, char(n) or varchar(n). A
	// json comes back with the same values, its spaces and keys in another order; a char(n) without
	// the spaces at its end.
	Stored() string
	// Fits says in a phrase which Go type is wanted where fields of type t cannot hold the values.
	Fits(t reflect.Type) error
	// Encode turns a value, whose type fits, into what is stored: the bytes, or a text in UTF-8. Where
	// the attribute may not be null, and the type that fits is an interface, v can be nil.
	Encode(v any) ([]byte, error)
	// Decode sets what dst points to, which is of a type that fits, to what was stored. The data
	// are not good after it has returned, and may be anything: others write to the database, too.
	Decode(data []byte, dst any) error
}

// NewCodec makes the codec <name> of two functions, for fields of type T, which may be an interface
// or a pointer: its nil is NULL where the attribute may be null, and refused elsewhere. The functions
// may keep what they are given. NewCodec panics, with the caller's file and line, where a codec cannot
// have that name, or cannot be kept in that core type.
//
//	var png = schema.NewCodec("png", "bytes", encodePNG, decodePNG) // of image.Image
//	var Schema = schema.New("lab", png)
func NewCodec[T any](name, stored string, encode func(T) ([]byte, error), decode func([]byte) (T, error)) Codec {
	c := codecOf[T]{name: name, stored: stored, encode: encode, decode: decode}
	err := checkCodec(c)
	if err == nil && (encode == nil || decode == nil) {
		err = fmt.Errorf("the codec <%s> is made of two functions, and one is nil", name)
	}
	if err != nil {
		panic(fmt.Sprintf("%s: %v", callsite.Of(1), err))
	}
	return c
}

type codecOf[T any] struct {
	name, stored string
	encode       func(T) ([]byte, error)
	decode       func([]byte) (T, error)
}

func (c codecOf[T]) Name() string   { return c.name }
func (c codecOf[T]) Stored() string { return c.stored }

func (c codecOf[T]) Fits(t reflect.Type) error {
	if wanted := reflect.TypeFor[T](); t != wanted {
		return fmt.Errorf("%s cannot hold it: %s is wanted", t, wanted)
	}
	return nil
}

func (c codecOf[T]) Encode(v any) ([]byte, error) {
	if held := reflect.ValueOf(v); !held.IsValid() || held.Kind() == reflect.Pointer && held.IsNil() {
		return nil, fmt.Errorf("it is nil, which is no %s", reflect.TypeFor[T]())
	}
	return c.encode(v.(T))
}

func (c codecOf[T]) Decode(data []byte, dst any) error {
	t, err := c.decode(append([]byte{}, data...))
	if err == nil {
		*dst.(*T) = t
	}
	return err
}

// Opaque is a codec that hands over what is stored, as a []byte or a json.RawMessage: for
// attributes of a codec that only programs of another language know. It panics as [NewCodec] does.
func Opaque(name, stored string) Codec {
	c := opaque{name, stored}
	if err := checkCodec(c); err != nil {
		panic(fmt.Sprintf("%s: %v", callsite.Of(1), err))
	}
	return c
}

type opaque struct{ name, stored string }

func (c opaque) Name() string   { return c.name }
func (c opaque) Stored() string { return c.stored }

func (c opaque) Fits(t reflect.Type) error {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uint8 {
		return fmt.Errorf("%s cannot hold it: a []byte or a json.RawMessage is wanted", t)
	}
	return nil
}

func (c opaque) Encode(v any) ([]byte, error) { return reflect.ValueOf(v).Bytes(), nil }

func (c opaque) Decode(data []byte, dst any) error {
	reflect.ValueOf(dst).Elem().SetBytes(append([]byte{}, data...))
	return nil
}

// Blob is the codec <blob>, DataJoint's format of nearly any value, which each schema knows. A codec
// that DataJoint for Python keeps in "<blob>" is kept in bytes here: those that Blob makes.
var Blob Codec = blobCodec{value.Blob}

type blobCodec struct{ value.Codec }

func (blobCodec) Name() string   { return "blob" }
func (blobCodec) Stored() string { return "bytes" }

var codecName = regexp.MustCompile(`^[a-z][a-z0-9_]*(@[A-Za-z0-9_.-]*)?$`)

// checkCodec says what is wrong with a codec.
func checkCodec(c Codec) error {
	if c == nil {
		return errors.New("one of the codecs is nil")
	}
	t, ok := datatype.Parse(c.Stored())
	switch {
	case !codecName.MatchString(c.Name()):
		return fmt.Errorf("%q is no name of a codec: small letters, digits and underscores are, a letter first", c.Name())
	case !ok || t.Native:
		return fmt.Errorf("the codec <%s> is kept in %q, which is no core type", c.Name(), c.Stored())
	}
	switch t.Kind {
	case datatype.Bytes, datatype.JSON, datatype.Char, datatype.Varchar:
		return t.Check()
	default:
		return fmt.Errorf("the codec <%s> is kept in %s; bytes, json, char(n) or varchar(n) is wanted", c.Name(), c.Stored())
	}
}

// codecs are those that a schema knows, by their names.
type codecs map[string]Codec

// newCodecs are those that ship, and others.
func newCodecs(others []Codec) (codecs, error) {
	all := codecs{"blob": Blob, "attach": attachCodec{}}
	for _, c := range others {
		if err := checkCodec(c); err != nil {
			return nil, err
		}
		if _, ok := all[c.Name()]; ok {
			return nil, fmt.Errorf("there are two codecs <%s>", c.Name())
		}
		all[c.Name()] = c
	}
	return all, nil
}

// names are the codecs as definitions write them.
func (all codecs) names() []string {
	names := slices.Sorted(maps.Keys(all))
	for i, name := range names {
		names[i] = "<" + name + ">"
	}
	return names
}
