package value

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/google/uuid"
)

// Match turns a value that an attribute is to have into what its column keeps; nil is NULL. It takes
// what For takes, behind a pointer or a sql.Null or not, and besides: a number of any Go type
// that is one of the attribute's, a date or time as columns spell it, and the text or the bytes of a
// UUID. Its error says what the attribute is and what was wanted.
func Match(typ Type, nullable bool, v any) (any, error) {
	rv, err := plain(reflect.ValueOf(v))
	if err != nil || !rv.IsValid() {
		return nil, err
	}
	if rv, err = closer(typ, rv); err != nil {
		return nil, err
	}
	switch rv.Kind() {
	case reflect.Slice, reflect.Map: // whose nil is NULL where there may be one
	default:
		nullable = false
	}
	c, err := For(typ, nullable, rv.Type())
	if err != nil {
		return nil, err
	}
	return c.Encode(rv)
}

// plain is what a value holds: behind pointers, in a sql.Null, or by its own account, as a
// driver.Valuer. Where that is nothing, it is not valid.
func plain(v reflect.Value) (reflect.Value, error) {
	for v.IsValid() {
		switch {
		case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
			if v = v.Elem(); !v.IsValid() {
				return v, nil
			}
		case v.Type().PkgPath() == "database/sql" && strings.HasPrefix(v.Type().Name(), "Null["):
			if !v.Field(1).Bool() {
				return reflect.Value{}, nil
			}
			v = v.Field(0)
		default:
			valuer, ok := reflect.TypeAssert[driver.Valuer](v)
			if !ok || v.Type() == uuidType {
				return v, nil
			}
			held, err := valuer.Value()
			return reflect.ValueOf(held), err
		}
	}
	return v, nil
}

// closer is a value as the Go type that For takes for the attribute, where it is of another.
func closer(typ Type, v reflect.Value) (reflect.Value, error) {
	if typ.Codec != "" {
		return v, nil
	}
	switch core := family(typ.Core); core {
	case "int8", "int16", "int32", "int64", "bool":
		return whole(typ, v)
	case "float32", "float64":
		return floating(typ, v)
	case "date", "datetime":
		if v.Kind() != reflect.String {
			return v, nil
		}
		t, err := parseTime(v.String())
		return reflect.ValueOf(t), err
	case "uuid":
		return identifier(v)
	}
	return v, nil
}

// whole widens an integer, which must be one of the type's.
func whole(typ Type, v reflect.Value) (reflect.Value, error) {
	width := max(bits[typ.Core], 8) // a bool is kept as an int8
	least, most := int64(-1)<<(width-1), int64(math.MaxInt64)>>(64-width)
	switch {
	case v.CanInt() && v.Int() >= least && v.Int() <= most:
		return reflect.ValueOf(v.Int()), nil
	case v.CanUint() && v.Uint() <= uint64(most):
		return reflect.ValueOf(int64(v.Uint())), nil
	case v.CanInt(), v.CanUint():
		return v, fmt.Errorf("is %s, which cannot be %v", typ.Spec, v)
	}
	return v, nil
}

// floating makes a float of a number. A float32 rounds a float64, as the column does that keeps
// one; an integer must be a float exactly.
func floating(typ Type, v reflect.Value) (reflect.Value, error) {
	const exact = 1 << 53 // the integers up to here are all floats
	var f float64
	switch {
	case v.CanFloat():
		f = v.Float()
	case v.CanInt() && v.Int() >= -exact && v.Int() <= exact:
		f = float64(v.Int())
	case v.CanUint() && v.Uint() <= exact:
		f = float64(v.Uint())
	case v.CanInt(), v.CanUint():
		return v, fmt.Errorf("is %s, which cannot be exactly %v", typ.Spec, v)
	default:
		return v, nil
	}
	if typ.Core == "float64" {
		return reflect.ValueOf(f), nil
	}
	if math.Abs(f) > math.MaxFloat32 && !math.IsInf(f, 0) {
		return v, fmt.Errorf("is %s, which cannot be %v", typ.Spec, v)
	}
	return reflect.ValueOf(float32(f)), nil
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
