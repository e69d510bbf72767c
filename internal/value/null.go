package value

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
)

// forNullable wants a type that knows of NULL: a pointer, a sql.Null[T] or its likes, what is nil
// anyway, or what scans NULL itself.
func forNullable(typ datatype.Type, codec Codec, t reflect.Type) (Converter, error) {
	switch {
	case codec == nil && scans(typ, t) && scansNull(t):
		return scanned(typ), nil
	case isNull(t):
		inner, err := For(typ, codec, false, t.Field(0).Type)
		return orNull(inner, nullStruct), err
	case t.Kind() == reflect.Pointer:
		inner, err := For(typ, codec, false, t.Elem())
		if err == nil || codec == nil || codec.Fits(t) != nil {
			return orNull(inner, pointer), err
		}
	}
	inner, err := For(typ, codec, false, t)
	if err != nil {
		return Converter{}, err
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface, reflect.Pointer:
		return orNull(inner, nilValue), nil
	}
	typ.Spec += " or NULL"
	return Converter{}, misfit(typ, t, fmt.Sprintf("a *%s or sql.Null[%s]", t, t))
}

// isNull tells whether a type is one of database/sql's, that of a value and of whether there is one.
func isNull(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null")
}

// A form is how Go values of some type tell NULL.
type form struct {
	isNull func(v reflect.Value) bool
	value  func(v reflect.Value) reflect.Value // what v, which is not NULL, holds
	room   func(v reflect.Value) reflect.Value // what v, which is zero, is to hold
}

var (
	pointer = form{reflect.Value.IsNil, reflect.Value.Elem, func(v reflect.Value) reflect.Value {
		v.Set(reflect.New(v.Type().Elem()))
		return v.Elem()
	}}
	nullStruct = form{func(v reflect.Value) bool { return !v.Field(1).Bool() }, firstField, func(v reflect.Value) reflect.Value {
		v.Field(1).SetBool(true)
		return v.Field(0)
	}}
	nilValue  = form{reflect.Value.IsNil, itself, itself}
	zeroValue = form{reflect.Value.IsZero, itself, itself}
)

func itself(v reflect.Value) reflect.Value     { return v }
func firstField(v reflect.Value) reflect.Value { return v.Field(0) }

// orNull carries NULL, too.
func orNull(inner Converter, f form) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if f.isNull(v) {
				return nil, nil
			}
			return inner.Encode(f.value(v))
		},
		Decode: func(src any, dst reflect.Value) error {
			dst.SetZero()
			if src == nil {
				return nil
			}
			return inner.Decode(src, f.room(dst))
		},
	}
}
