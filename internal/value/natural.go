package value

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/rowmill/rowmill/internal/datatype"
)

// A Reader makes a Go value of what a driver hands over, which is not nil. It keeps nothing of src.
type Reader func(src any) (any, error)

// Natural is the Go type that is natural for an attribute's values, where nobody asks for another: int64 or
// uint64, float64, bool, string (decimals too), time.Time, time.Duration, uuid.UUID, []byte, and any for
// documents. Of a codec it is the type that its method GoType tells, or else the first of any,
// string and []byte that fits. It is nil where nothing tells, as of computed attributes, and of a
// codec that takes none of these.
func Natural(typ datatype.Type, codec Codec) reflect.Type {
	if codec != nil {
		return naturalOf(codec)
	}
	switch typ.Kind {
	case datatype.Integer:
		if typ.Unsigned {
			return reflect.TypeFor[uint64]()
		}
		return reflect.TypeFor[int64]()
	case datatype.Year:
		return reflect.TypeFor[int64]()
	case datatype.Bool:
		return reflect.TypeFor[bool]()
	case datatype.Float:
		return reflect.TypeFor[float64]()
	case datatype.Decimal, datatype.Char, datatype.Varchar, datatype.Text, datatype.Enum, datatype.Set:
		return reflect.TypeFor[string]()
	case datatype.Date, datatype.DateTime, datatype.Timestamp:
		return timeType
	case datatype.Time:
		return durationType
	case datatype.JSON:
		return anyType
	case datatype.UUID:
		return uuidType
	case datatype.Bytes, datatype.Binary, datatype.Varbinary, datatype.Bit, datatype.Spatial:
		return bytesType
	default:
		return nil
	}
}

var anyType = reflect.TypeFor[any]()

// naturalOf is the Go type of a codec's values.
func naturalOf(codec Codec) reflect.Type {
	if c, ok := codec.(interface{ GoType() reflect.Type }); ok {
		return c.GoType()
	}
	for _, t := range []reflect.Type{anyType, reflect.TypeFor[string](), bytesType} {
		if codec.Fits(t) == nil {
			return t
		}
	}
	return nil
}

// NaturalReader makes values of the type that Natural finds. Where there is none, those of a codec are what it
// stores, a []byte, and others go by the server's name for the type of the result's column: see Computed.
func NaturalReader(typ datatype.Type, codec Codec, column string) Reader {
	t := Natural(typ, codec)
	switch {
	case codec != nil && t == nil:
		return stored
	case codec != nil:
		return decoded(coded(typ, codec), t)
	case t == nil:
		return Computed(column)
	}
	switch t {
	case uuidType:
		return decoded(uuids, t)
	case durationType:
		return decoded(clocks(typ), t)
	case anyType:
		return document
	}
	return plainReader(typ)
}

func stored(src any) (any, error) {
	b, err := raw(src)
	return append([]byte{}, b...), err
}

func document(src any) (v any, err error) {
	b, err := raw(src)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	return v, err
}

// decoded makes values of a type by its converter.
func decoded(c Converter, t reflect.Type) Reader {
	return func(src any) (any, error) {
		dst := reflect.New(t).Elem()
		err := c.Decode(src, dst)
		return dst.Interface(), err
	}
}

// plainReader reads what anyForm does, in the one type of each kind.
func plainReader(typ datatype.Type) Reader {
	switch typ.Kind {
	case datatype.Bool:
		return func(src any) (any, error) {
			n, err := integer(src)
			return n != 0, err
		}
	case datatype.Integer:
		if typ.Unsigned {
			return func(src any) (any, error) { return natural(src) }
		}
	default:
	}
	return func(src any) (any, error) { return anyForm(typ, src) }
}

// Computed reads what expressions give, whose type servers do not agree on: whole numbers are an int64, or a
// float64 where that does not hold them, numbers with decimals a float64, bytes a []byte, and everything
// else a string, times as columns spell them. column is the server's name for the type.
func Computed(column string) Reader {
	column = strings.TrimPrefix(column, "UNSIGNED ")
	switch {
	case column == "DECIMAL":
		return func(src any) (any, error) {
			s, err := text(src)
			if err != nil {
				return nil, err
			}
			return decimalNumber(s)
		}
	case column == "DATE":
		return computed(Date, false)
	case strings.HasSuffix(column, "BLOB"), strings.HasSuffix(column, "BINARY"), column == "BIT", column == "GEOMETRY", column == "":
		return computed(spellTime, true)
	}
	return computed(spellTime, false)
}

func spellTime(t time.Time) string { return Time(t, 6) }

func computed(spell func(time.Time) string, isBytes bool) Reader {
	return func(src any) (any, error) {
		switch v := src.(type) {
		case int64, float64, string:
			return v, nil
		case uint64:
			if v > math.MaxInt64 {
				return float64(v), nil
			}
			return int64(v), nil
		case float32:
			return float64(v), nil
		case time.Time:
			return spell(v), nil
		case []byte:
			if isBytes {
				return append([]byte{}, v...), nil
			}
			return string(v), nil
		}
		return anyForm(datatype.Type{}, src)
	}
}

// decimalNumber is the number in a decimal's text.
func decimalNumber(s string) (any, error) {
	if !strings.Contains(s, ".") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
	}
	return float(s)
}

// Clock spells a duration as columns keep a time.
func Clock(d time.Duration) string { return spellClock(d) }
