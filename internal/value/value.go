// Package value carries values between Go and the columns of a database: what an attribute
// of some type stores, and what a Go type can hold.
package value

import (
	"fmt"
	"reflect"

	"github.com/rowmill/rowmill/internal/datatype"
)

// A Converter carries the values of one attribute to and from a Go type. It is immutable.
type Converter struct {
	// Encode turns a Go value into what the driver takes.
	Encode func(v reflect.Value) (any, error)
	// Decode sets a Go value, which must be settable, to what the driver hands over. It
	// keeps nothing of src.
	Decode func(src any, dst reflect.Value) error
}

// For finds the converter between an attribute's type, with its codec if it has one, and a Go
// type. Its error says which Go types would do. The zero Type, as of a computed attribute, fits
// every plain Go type.
func For(typ datatype.Type, codec Codec, nullable bool, t reflect.Type) (Converter, error) {
	switch {
	case nullable:
		return forNullable(typ, codec, t)
	case codec != nil:
		return forCodec(typ, codec, t)
	case scans(typ, t):
		return scanned(typ), nil
	}
	switch typ.Kind {
	case datatype.Integer, datatype.Year:
		return forInteger(typ, t)
	case datatype.Bool:
		return forBool(typ, t)
	case datatype.Float:
		return forFloat(typ, t)
	case datatype.Decimal:
		return forDecimal(typ, t)
	case datatype.Char, datatype.Varchar, datatype.Text, datatype.Enum, datatype.Set:
		return forText(typ, t)
	case datatype.Date, datatype.DateTime, datatype.Timestamp:
		return forMoment(typ, t)
	case datatype.Time:
		return forClock(typ, t)
	case datatype.JSON:
		return forDocument(typ, t)
	case datatype.UUID, datatype.Bytes, datatype.Binary, datatype.Varbinary, datatype.Bit, datatype.Spatial:
		return forBytes(typ, t)
	default:
		return forUnknown(typ, t)
	}
}

func misfit(typ datatype.Type, t reflect.Type, wanted string) error {
	return fmt.Errorf("is %s, which %s cannot hold: %s is wanted", typ.Spec, t, wanted)
}

// forUnknown converts what has no known type by the Go type alone. It may be NULL.
func forUnknown(typ datatype.Type, t reflect.Type) (Converter, error) {
	switch {
	case t.Kind() == reflect.Pointer || isNull(t):
		return forNullable(typ, nil, t)
	case t == timeType:
		return moments(datatype.Type{Kind: datatype.DateTime, Fraction: 6}), nil
	case t == uuidType:
		return uuids, nil
	case t == bytesType:
		return rawBytes, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return bools, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integers, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return naturals(typ), nil
	case reflect.Float32, reflect.Float64:
		return floats, nil
	case reflect.String:
		return texts, nil
	}
	const wanted = "a number, a string, a time.Time or a []byte"
	if typ.Stored != "" {
		return Converter{}, misfit(typ, t, wanted)
	}
	return Converter{}, fmt.Errorf("is computed, and cannot be put into a %s: %s is wanted", t, wanted)
}

// addressOf is a pointer to a value, or to a copy of one that has no address.
func addressOf(v reflect.Value) any {
	if v.CanAddr() {
		return v.Addr().Interface()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface()
}
