package value

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/internal/blob"
)

// A Converter carries the values of one attribute to and from a Go type. It is immutable.
type Converter struct {
	// Encode turns a Go value into what the driver takes.
	Encode func(v reflect.Value) (any, error)
	// Decode sets a Go value, which must be settable, to what the driver hands over. It
	// keeps nothing of src.
	Decode func(src any, dst reflect.Value) error
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	uuidType    = reflect.TypeFor[uuid.UUID]()
	bytesType   = reflect.TypeFor[[]byte]()
	rawJSONType = reflect.TypeFor[json.RawMessage]()
)

// For finds the converter between an attribute's type and a Go type. Its error says which Go
// types would do. A Type without a Core, as a computed attribute has, fits every plain Go type.
func For(typ Type, nullable bool, t reflect.Type) (Converter, error) {
	if nullable {
		return forNullable(typ, t)
	}
	if typ.Codec == "blob" {
		return blobs, nil
	}
	switch family(typ.Core) {
	case "int8", "int16", "int32", "int64":
		return forInteger(typ, t)
	case "bool":
		if t.Kind() == reflect.Bool {
			return bools, nil
		}
		if c, err := forInteger(Type{Spec: typ.Spec, Core: "int8"}, t); err == nil {
			return c, nil
		}
		return misfit(typ, t, "a bool")
	case "float32", "float64":
		return forFloat(typ, t)
	case "char", "varchar", "enum", "decimal":
		if t.Kind() == reflect.String {
			return texts, nil
		}
		return misfit(typ, t, "a string")
	case "date", "datetime":
		if t == timeType {
			return times(typ.Core), nil
		}
		return misfit(typ, t, "a time.Time")
	case "uuid":
		if t == uuidType {
			return uuids, nil
		}
		return misfit(typ, t, "a uuid.UUID")
	case "bytes":
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			return rawBytes, nil
		}
		return misfit(typ, t, "a []byte")
	case "json":
		return documents(t), nil
	}
	return forKind(typ, t)
}

func misfit(typ Type, t reflect.Type, wanted string) (Converter, error) {
	return Converter{}, fmt.Errorf("is %s, which %s cannot hold: %s is wanted", typ.Spec, t, wanted)
}

// forNullable wants a type that knows of NULL: a pointer, a sql.Null[T], or what is nil anyway.
func forNullable(typ Type, t reflect.Type) (Converter, error) {
	if t.Kind() == reflect.Pointer {
		inner, err := For(typ, false, t.Elem())
		return throughPointer(inner), err
	}
	if t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null[") {
		inner, err := For(typ, false, t.Field(0).Type)
		return throughNull(inner), err
	}
	inner, err := For(typ, false, t)
	if err != nil {
		return inner, err
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		return throughNil(inner), nil
	}
	return misfit(Type{Spec: typ.Spec + " or NULL"}, t, fmt.Sprintf("a *%s or sql.Null[%s]", t, t))
}

func throughPointer(inner Converter) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if v.IsNil() {
				return nil, nil
			}
			return inner.Encode(v.Elem())
		},
		Decode: func(src any, dst reflect.Value) error {
			if src == nil {
				dst.SetZero()
				return nil
			}
			p := reflect.New(dst.Type().Elem())
			dst.Set(p)
			return inner.Decode(src, p.Elem())
		},
	}
}

// throughNull reads and writes the fields V and Valid of a sql.Null.
func throughNull(inner Converter) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if !v.Field(1).Bool() {
				return nil, nil
			}
			return inner.Encode(v.Field(0))
		},
		Decode: func(src any, dst reflect.Value) error {
			dst.SetZero()
			if src == nil {
				return nil
			}
			dst.Field(1).SetBool(true)
			return inner.Decode(src, dst.Field(0))
		},
	}
}

func throughNil(inner Converter) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if v.IsNil() {
				return nil, nil
			}
			return inner.Encode(v)
		},
		Decode: func(src any, dst reflect.Value) error {
			if src == nil {
				dst.SetZero()
				return nil
			}
			return inner.Decode(src, dst)
		},
	}
}

// bits are the widths of the integer types.
var bits = map[string]int{"int8": 8, "int16": 16, "int32": 32, "int64": 64}

func forInteger(typ Type, t reflect.Type) (Converter, error) {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if t.Bits() < bits[typ.Core] {
			return misfit(typ, t, "an "+typ.Core+" or wider")
		}
		return integers, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return unsigned, nil
	}
	return misfit(typ, t, "an "+typ.Core)
}

func forFloat(typ Type, t reflect.Type) (Converter, error) {
	switch {
	case t.Kind() == reflect.Float64, t.Kind() == reflect.Float32 && typ.Core == "float32":
		return floats, nil
	}
	return misfit(typ, t, "a "+typ.Core)
}

// forKind converts what has no declared type by the Go type alone.
func forKind(typ Type, t reflect.Type) (Converter, error) {
	switch t.Kind() {
	case reflect.Bool:
		return bools, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integers, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return unsigned, nil
	case reflect.Float32, reflect.Float64:
		return floats, nil
	case reflect.String:
		return texts, nil
	case reflect.Pointer:
		inner, err := For(typ, false, t.Elem())
		return throughPointer(inner), err
	}
	switch t {
	case timeType:
		return times("datetime(6)"), nil
	case uuidType:
		return uuids, nil
	case bytesType:
		return rawBytes, nil
	}
	return Converter{}, fmt.Errorf("is computed, and cannot be put into a %s: a number, a string, a time.Time or a []byte is wanted", t)
}

var integers = Converter{
	Encode: func(v reflect.Value) (any, error) { return v.Int(), nil },
	Decode: func(src any, dst reflect.Value) error {
		n, err := integer(src)
		if err == nil && dst.OverflowInt(n) {
			err = fmt.Errorf("%d is too large for %s", n, dst.Type())
		}
		if err == nil {
			dst.SetInt(n)
		}
		return err
	},
}

var unsigned = Converter{
	Encode: func(v reflect.Value) (any, error) {
		if v.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("%d is larger than an int64 holds", v.Uint())
		}
		return int64(v.Uint()), nil
	},
	Decode: func(src any, dst reflect.Value) error {
		n, err := integer(src)
		if err == nil && (n < 0 || dst.OverflowUint(uint64(n))) {
			err = fmt.Errorf("%d does not fit %s", n, dst.Type())
		}
		if err == nil {
			dst.SetUint(uint64(n))
		}
		return err
	},
}

var bools = Converter{
	Encode: func(v reflect.Value) (any, error) { return v.Bool(), nil },
	Decode: func(src any, dst reflect.Value) error {
		n, err := integer(src)
		dst.SetBool(n != 0)
		return err
	},
}

var floats = Converter{
	Encode: func(v reflect.Value) (any, error) {
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%v is no number that a database keeps: make the attribute nullable, and leave it out", f)
		}
		if v.Kind() == reflect.Float32 {
			return float32(f), nil
		}
		return f, nil
	},
	Decode: func(src any, dst reflect.Value) error {
		f, err := float(src)
		if err == nil && dst.OverflowFloat(f) {
			err = fmt.Errorf("%v is too large for %s", f, dst.Type())
		}
		if err == nil {
			dst.SetFloat(f)
		}
		return err
	},
}

var texts = Converter{
	Encode: func(v reflect.Value) (any, error) { return v.String(), nil },
	Decode: func(src any, dst reflect.Value) error {
		s, err := text(src)
		dst.SetString(s)
		return err
	},
}

var rawBytes = Converter{
	Encode: func(v reflect.Value) (any, error) { return append([]byte{}, v.Bytes()...), nil },
	Decode: func(src any, dst reflect.Value) error {
		b, err := raw(src)
		dst.SetBytes(append([]byte{}, b...))
		return err
	},
}

var uuids = Converter{
	Encode: func(v reflect.Value) (any, error) {
		id := v.Interface().(uuid.UUID)
		return id[:], nil
	},
	Decode: func(src any, dst reflect.Value) error {
		b, err := raw(src)
		if err != nil {
			return err
		}
		id, err := uuid.FromBytes(b)
		dst.Set(reflect.ValueOf(id))
		return err
	},
}

var blobs = Converter{
	Encode: func(v reflect.Value) (any, error) { return blob.Encode(v.Interface()) },
	Decode: func(src any, dst reflect.Value) error {
		b, err := raw(src)
		if err != nil {
			return err
		}
		return blob.Unmarshal(b, dst.Addr().Interface())
	},
}

func times(core string) Converter {
	digits, day := fraction(core), core == "date"
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			t := v.Interface().(time.Time)
			if y := t.Year(); y < 0 || y > 9999 {
				return nil, fmt.Errorf("the year %d is not from 0 to 9999", y)
			}
			if day {
				return Date(t), nil
			}
			return Time(t, digits), nil
		},
		Decode: func(src any, dst reflect.Value) error {
			t, err := moment(src)
			dst.Set(reflect.ValueOf(t))
			return err
		},
	}
}

// documents are JSON texts.
func documents(t reflect.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if t == rawJSONType && v.Len() == 0 {
				return "null", nil
			}
			b, err := json.Marshal(v.Interface())
			return string(b), err
		},
		Decode: func(src any, dst reflect.Value) error {
			b, err := raw(src)
			if err != nil {
				return err
			}
			dst.SetZero() // json would add to a map, and write over the slice of a row read before
			return json.Unmarshal(b, dst.Addr().Interface())
		},
	}
}
