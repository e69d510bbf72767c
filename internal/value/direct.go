package value

import (
	"database/sql"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/internal/datatype"
)

// A Target makes what scans one value after the other into the same place, of a Go type that a Target was
// found for: dst, which must be addressable. It takes the usual forms of values without reflection, and
// leaves the others, with all that is wrong, to general.
type Target func(dst reflect.Value, general sql.Scanner) sql.Scanner

// Direct finds the Target of an attribute's values in a Go type; nil where there is none, as for codecs. It
// takes what the Converter takes that For finds, and makes the same of it.
func Direct(typ datatype.Type, codec Codec, nullable bool, t reflect.Type) Target {
	if codec != nil || scans(typ, t) {
		return nil
	}
	mayBeNull := nullable || typ.Kind == datatype.Unknown
	switch {
	case mayBeNull && isNull(t) && t.NumField() == 2 && !scans(typ, t.Field(0).Type):
		return direct(typ, t, t.Field(0).Type, inNull)
	case mayBeNull && t.Kind() == reflect.Pointer && !scans(typ, t.Elem()):
		return direct(typ, t, t.Elem(), behindPointer)
	}
	return direct(typ, t, t, inPlace)
}

// A place says where in what a Target is made for the value lies.
type place int

const (
	inPlace       place = iota // is the value
	behindPointer              // a pointer to it; nil is NULL
	inNull                     // one of database/sql's structs, whose first field it is
)

// direct finds the Target for values of type held, in a place of type t.
func direct(typ datatype.Type, t, held reflect.Type, at place) Target {
	switch typ.Kind {
	case datatype.Integer, datatype.Year, datatype.Bool, datatype.Unknown:
		if target := directInteger(t, held, at); target != nil {
			return target
		}
		fallthrough
	case datatype.Float:
		if target := directFloat(t, held, at); target != nil {
			return target
		}
	default:
	}
	switch {
	case held.Kind() == reflect.Bool && (typ.Kind == datatype.Bool || typ.Kind == datatype.Unknown):
		return targetOf(t, at, setBool)
	case held.Kind() == reflect.String:
		return directText(typ, t, at)
	case held == timeType && (typ.Kind == datatype.Date || typ.Temporal()):
		return targetOf(t, at, setTime)
	case held == uuidType && (typ.Kind == datatype.UUID || typ.Kind == datatype.Binary):
		return targetOf(t, at, setUUID)
	case at == inPlace && held.ConvertibleTo(bytesType) && held.Kind() == reflect.Slice:
		return directBytes(typ, t)
	}
	return nil
}

func directInteger(t, held reflect.Type, at place) Target {
	switch held.Kind() {
	case reflect.Int:
		return targetOf(t, at, setInteger[int])
	case reflect.Int8:
		return targetOf(t, at, setInteger[int8])
	case reflect.Int16:
		return targetOf(t, at, setInteger[int16])
	case reflect.Int32:
		return targetOf(t, at, setInteger[int32])
	case reflect.Int64:
		return targetOf(t, at, setInteger[int64])
	case reflect.Uint:
		return targetOf(t, at, setInteger[uint])
	case reflect.Uint8:
		return targetOf(t, at, setInteger[uint8])
	case reflect.Uint16:
		return targetOf(t, at, setInteger[uint16])
	case reflect.Uint32:
		return targetOf(t, at, setInteger[uint32])
	case reflect.Uint64:
		return targetOf(t, at, setInteger[uint64])
	}
	return nil
}

func directFloat(t, held reflect.Type, at place) Target {
	switch held.Kind() {
	case reflect.Float32:
		return targetOf(t, at, setFloat32)
	case reflect.Float64:
		return targetOf(t, at, setFloat64)
	}
	return nil
}

// directText is for texts whose spelling is what they are. Those of a char are filled up with spaces by
// some servers, and those of decimals, sets and clocks spelled in several ways.
func directText(typ datatype.Type, t reflect.Type, at place) Target {
	switch typ.Kind {
	case datatype.Varchar, datatype.Text, datatype.Unknown:
		return targetOf(t, at, setText)
	case datatype.Char, datatype.Enum:
		return targetOf(t, at, setTrimmed)
	default:
		return nil
	}
}

func directBytes(typ datatype.Type, t reflect.Type) Target {
	switch typ.Kind {
	case datatype.Bytes, datatype.Binary, datatype.Varbinary, datatype.Bit, datatype.Spatial:
		return targetOf(t, inPlace, setBytes)
	default:
		return nil
	}
}

// targetOf is the Target of values of type T, or of one whose underlying type that is. set tells whether it
// has set the value.
func targetOf[T any](t reflect.Type, at place, set func(p *T, src any) bool) Target {
	switch at {
	case behindPointer:
		if !reflect.PointerTo(t).ConvertibleTo(reflect.TypeFor[**T]()) {
			return nil // a pointer to a type of the user's
		}
		return func(dst reflect.Value, general sql.Scanner) sql.Scanner {
			return &pointed[T]{pointerTo[*T](dst), set, general}
		}
	case inNull:
		return func(dst reflect.Value, general sql.Scanner) sql.Scanner {
			return &nullable[T]{pointerTo[T](dst.Field(0)), pointerTo[bool](dst.Field(1)), set, general}
		}
	default:
		return func(dst reflect.Value, general sql.Scanner) sql.Scanner {
			return &placed[T]{pointerTo[T](dst), set, general}
		}
	}
}

// pointerTo is a pointer to a value of type T, or of one whose underlying type that is.
func pointerTo[T any](v reflect.Value) *T {
	return v.Addr().Convert(reflect.TypeFor[*T]()).Interface().(*T)
}

type placed[T any] struct {
	p       *T
	set     func(p *T, src any) bool
	general sql.Scanner
}

// Scan implements sql.Scanner.
func (s *placed[T]) Scan(src any) error {
	if s.set(s.p, src) {
		return nil
	}
	return s.general.Scan(src)
}

type pointed[T any] struct {
	p       **T
	set     func(p *T, src any) bool
	general sql.Scanner
}

// Scan implements sql.Scanner. Each value is behind a pointer of its own.
func (s *pointed[T]) Scan(src any) error {
	if src == nil {
		*s.p = nil
		return nil
	}
	if v := new(T); s.set(v, src) {
		*s.p = v
		return nil
	}
	return s.general.Scan(src)
}

type nullable[T any] struct {
	p       *T
	valid   *bool
	set     func(p *T, src any) bool
	general sql.Scanner
}

// Scan implements sql.Scanner.
func (s *nullable[T]) Scan(src any) error {
	if src != nil && s.set(s.p, src) {
		*s.valid = true
		return nil
	}
	return s.general.Scan(src)
}

type integral interface {
	int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64
}

func setInteger[T integral](p *T, src any) bool {
	n, ok := src.(int64)
	if t := T(n); ok && int64(t) == n && (n < 0) == (t < 0) {
		*p = t
		return true
	}
	return false
}

func setFloat32(p *float32, src any) bool {
	f, ok := src.(float64)
	if ok = ok && math.Abs(f) <= math.MaxFloat32; ok {
		*p = float32(f)
	}
	return ok
}

func setFloat64(p *float64, src any) bool {
	f, ok := src.(float64)
	if ok {
		*p = f
	}
	return ok
}

func setBool(p *bool, src any) bool {
	n, ok := src.(int64)
	if ok {
		*p = n != 0
	}
	return ok
}

func setText(p *string, src any) bool {
	switch v := src.(type) {
	case string:
		*p = v
	case []byte:
		*p = string(v)
	default:
		return false
	}
	return true
}

func setTrimmed(p *string, src any) bool {
	return setText(p, src) && !strings.HasSuffix(*p, " ")
}

func setBytes(p *[]byte, src any) bool {
	b, ok := src.([]byte)
	if ok {
		*p = append([]byte{}, b...) // nil would be NULL
	}
	return ok
}

func setUUID(p *uuid.UUID, src any) bool {
	b, ok := src.([]byte)
	if ok = ok && len(b) == len(p); ok {
		copy(p[:], b)
	}
	return ok
}

func setTime(p *time.Time, src any) bool {
	switch v := src.(type) {
	case time.Time:
		*p = v
		return true
	case string:
		t, ok := readTime(v)
		if ok {
			*p = t
		}
		return ok
	}
	return false
}

// readTime reads "2006-01-02" and "2006-01-02 15:04:05.999999" in a fraction of the time that a layout takes.
// It does not know every time, and reads none that is none.
func readTime(s string) (time.Time, bool) {
	var n [7]int // year, month, day, hour, minute, second, nanosecond
	at := 0
	for i, size := range [...]int{4, 2, 2, 2, 2, 2} {
		if i == 3 && at-1 == len(time.DateOnly) && len(s) == len(time.DateOnly) {
			break
		}
		if len(s) < at+size || i > 0 && s[at-1] != "--- ::"[i] {
			return time.Time{}, false
		}
		if n[i] = digits10(s[at : at+size]); n[i] < 0 {
			return time.Time{}, false
		}
		at += size + 1
	}
	if at-1 < len(s) {
		part := s[at:]
		if n[6] = digits10(part); s[at-1] != '.' || part == "" || len(part) > 9 || n[6] < 0 {
			return time.Time{}, false
		}
		for range 9 - len(part) {
			n[6] *= 10
		}
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6], time.UTC)
	same := t.Day() == n[2] && t.Month() == time.Month(n[1]) && t.Hour() == n[3] && t.Minute() == n[4] && t.Second() == n[5]
	return t, same
}

// digits10 is the number that digits are; -1 where they are none.
func digits10(s string) int {
	n := 0
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return -1
		}
		n = 10*n + int(d)
	}
	return n
}
