package value

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/internal/datatype"
)

// Match turns a value that an attribute is to have into what its column keeps; nil is NULL. It takes
// what For takes, behind a pointer or a sql.Null or not, and besides: a number of any Go type
// that is one of the attribute's, a date or time as columns spell it, the text or the bytes of a
// UUID, and what a driver.Valuer says it is. Its error says what the attribute is and what was wanted.
func Match(typ datatype.Type, codec Codec, nullable bool, v any) (any, error) {
	if typ.Kind == datatype.Bit {
		return nil, fmt.Errorf("is %s, which servers do not compare with bytes", typ.Spec)
	}
	typ.Auto = false // that the server numbers rows is no reason to look for NULL
	rv := reflect.ValueOf(v)
	for rv.IsValid() {
		pointer := rv.Kind() == reflect.Pointer || rv.Kind() == reflect.Interface
		switch {
		case pointer && rv.IsNil() || isNull(rv.Type()) && nullStruct.isNull(rv):
			return nil, nil
		case codec != nil && codec.Fits(rv.Type()) == nil:
			return convert(typ, codec, nullable, rv)
		case pointer:
			rv = rv.Elem()
		case isNull(rv.Type()):
			rv = nullStruct.value(rv)
		case codec != nil:
			return convert(typ, codec, nullable, rv)
		default:
			return match(typ, nullable, rv)
		}
	}
	return nil, nil
}

// match is Match of what is not hidden behind anything and has no codec.
func match(typ datatype.Type, nullable bool, v reflect.Value) (any, error) {
	if valuer, ok := addressOf(v).(driver.Valuer); ok && typ.Kind != datatype.JSON && v.Type() != uuidType {
		held, err := valuer.Value()
		if err != nil {
			return nil, err
		}
		return account(typ, held)
	}
	v, err := closer(typ, v)
	if err != nil {
		return nil, err
	}
	return convert(typ, nil, nullable, v)
}

// convert encodes a value by its Go type. One that can be nil is NULL where there may be one.
func convert(typ datatype.Type, codec Codec, nullable bool, v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
	default:
		nullable = false
	}
	c, err := For(typ, codec, nullable, v.Type())
	if err != nil {
		return nil, err
	}
	return c.Encode(v)
}

// closer is a value as the Go type that For takes for the attribute, where it is of another.
func closer(typ datatype.Type, v reflect.Value) (reflect.Value, error) {
	switch typ.Kind {
	case datatype.Integer, datatype.Bool, datatype.Year:
		return whole(typ, v)
	case datatype.Float:
		return floating(typ, v)
	case datatype.Decimal:
		return digits(v), nil
	case datatype.Date, datatype.DateTime, datatype.Timestamp:
		if v.Kind() != reflect.String {
			return v, nil
		}
		t, err := parseTime(v.String())
		return reflect.ValueOf(t), err
	case datatype.UUID:
		return identifier(v)
	default:
		return v, nil
	}
}

// whole widens an integer, which must be one of the type's.
func whole(typ datatype.Type, v reflect.Value) (reflect.Value, error) {
	least, most := typ.Range()
	switch {
	case v.CanInt() && v.Int() >= least && (v.Int() < 0 || uint64(v.Int()) <= most):
		if typ.Unsigned {
			return reflect.ValueOf(uint64(v.Int())), nil
		}
		return reflect.ValueOf(v.Int()), nil
	case v.CanUint() && v.Uint() <= most:
		if typ.Unsigned {
			return reflect.ValueOf(v.Uint()), nil
		}
		return reflect.ValueOf(int64(v.Uint())), nil
	case v.CanInt(), v.CanUint():
		return v, fmt.Errorf("is %s, which cannot be %v", typ.Spec, v)
	}
	return v, nil
}

// floating makes a float of a number. An integer must be a float exactly.
func floating(typ datatype.Type, v reflect.Value) (reflect.Value, error) {
	const exact = 1 << 53 // the integers up to here are all floats
	switch {
	case v.CanFloat():
		return reflect.ValueOf(v.Float()), nil
	case v.CanInt() && v.Int() >= -exact && v.Int() <= exact:
		return reflect.ValueOf(float64(v.Int())), nil
	case v.CanUint() && v.Uint() <= exact:
		return reflect.ValueOf(float64(v.Uint())), nil
	case v.CanInt(), v.CanUint():
		return v, fmt.Errorf("is %s, which cannot be exactly %v", typ.Spec, v)
	}
	return v, nil
}

// digits makes a text of a number, but for those that are types for decimals.
func digits(v reflect.Value) reflect.Value {
	var s string
	switch {
	case isText(v.Type()):
		return v
	case v.CanInt():
		s = strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		s = strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		s = strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())
	default:
		return v
	}
	return reflect.ValueOf(s)
}

// identifier reads the text or the bytes of a UUID.
func identifier(v reflect.Value) (reflect.Value, error) {
	var id uuid.UUID
	var err error
	switch {
	case v.Kind() == reflect.String:
		id, err = uuid.Parse(v.String())
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		id, err = uuid.FromBytes(v.Bytes())
	default:
		return v, nil
	}
	return reflect.ValueOf(id), err
}
