package value

import (
	"encoding"
	"fmt"
	"math"
	"math/big"
	"reflect"

	"github.com/rowmill/rowmill/internal/datatype"
)

// forInteger wants an integer that holds all values; one without a sign does for what has one, too, of
// which little is negative.
func forInteger(typ datatype.Type, t reflect.Type) (Converter, error) {
	signed, unsigned := typ.Bits, 0 // how many bits are wanted of an int, and of a uint
	switch {
	case typ.Kind == datatype.Year:
		signed, unsigned = 16, 16
	case typ.Unsigned:
		signed, unsigned = typ.Bits+1, typ.Bits
	}
	wanted, wide := fmt.Sprintf("an int%d", goBits(signed)), signed > 32
	if typ.Unsigned {
		wanted, wide = fmt.Sprintf("a uint%d", goBits(unsigned)), unsigned > 32
	}
	var c Converter
	var fits bool
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c, fits = integers, t.Bits() >= signed
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		c, fits = naturals(typ), t.Bits() >= unsigned
	default:
		return Converter{}, misfit(typ, t, wanted)
	}
	switch {
	case !fits && wide:
		return Converter{}, misfit(typ, t, wanted)
	case !fits:
		return Converter{}, misfit(typ, t, wanted+" or wider")
	case typ.Kind == datatype.Year:
		return years(typ, c), nil
	case typ.Auto:
		return orNull(c, zeroValue), nil // the server numbers what comes without a number
	}
	return c, nil
}

// goBits is the width of the narrowest of Go's integers that has so many bits.
func goBits(width int) int {
	for _, bits := range []int{8, 16, 32} {
		if width <= bits {
			return bits
		}
	}
	return 64
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

func naturals(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			switch n := v.Uint(); {
			case n <= math.MaxInt64:
				return int64(n), nil
			case typ.Unsigned:
				return n, nil
			default:
				return nil, fmt.Errorf("%d is larger than an int64 holds", n)
			}
		},
		Decode: func(src any, dst reflect.Value) error {
			n, err := natural(src)
			if err == nil && dst.OverflowUint(n) {
				err = fmt.Errorf("%d does not fit %s", n, dst.Type())
			}
			if err == nil {
				dst.SetUint(n)
			}
			return err
		},
	}
}

// years are integers that no server takes for years of this century or the last, as it would 5.
func years(typ datatype.Type, inner Converter) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if err := typ.CheckText(fmt.Sprintf("%04d", v.Interface())); err != nil {
				return nil, err
			}
			return inner.Encode(v)
		},
		Decode: inner.Decode,
	}
}

func forBool(typ datatype.Type, t reflect.Type) (Converter, error) {
	if t.Kind() == reflect.Bool {
		return bools, nil
	}
	if c, err := forInteger(typ, t); err == nil {
		return c, nil
	}
	return Converter{}, misfit(typ, t, "a bool")
}

var bools = Converter{
	Encode: func(v reflect.Value) (any, error) { return v.Bool(), nil },
	Decode: func(src any, dst reflect.Value) error {
		n, err := integer(src)
		dst.SetBool(n != 0)
		return err
	},
}

func forFloat(typ datatype.Type, t reflect.Type) (Converter, error) {
	switch {
	case t.Kind() == reflect.Float64 && typ.Bits == 32:
		return rounded(typ), nil
	case t.Kind() == reflect.Float64 || t.Kind() == reflect.Float32 && typ.Bits == 32:
		return floats, nil
	}
	return Converter{}, misfit(typ, t, fmt.Sprintf("a float%d", typ.Bits))
}

// rounded are float64s of which the column keeps a float32, also where it could keep more.
func rounded(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			f := v.Float()
			if math.Abs(f) > math.MaxFloat32 && !math.IsInf(f, 0) {
				return nil, fmt.Errorf("%v is too large for %s", f, typ.Spec)
			}
			return floats.Encode(reflect.ValueOf(float32(f)))
		},
		Decode: floats.Decode,
	}
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

// forDecimal holds decimals in strings, or in types that others have as texts. A pointer to one that
// is only used through pointers, as a *big.Rat, is the type itself.
func forDecimal(typ datatype.Type, t reflect.Type) (Converter, error) {
	switch {
	case t.Kind() == reflect.String:
		return spelled(typ), nil
	case isText(t):
		return marshaled(typ), nil
	case t.Kind() == reflect.Pointer && isText(t.Elem()) && !t.Elem().Implements(marshalerType):
		return notNil(typ, orNull(marshaled(typ), pointer)), nil
	}
	return Converter{}, misfit(typ, t, "a string, or a type for decimals,")
}

func notNil(typ datatype.Type, inner Converter) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			if v.IsNil() {
				return nil, fmt.Errorf("nil is no %s", typ.Spec)
			}
			return inner.Encode(v)
		},
		Decode: inner.Decode,
	}
}

var (
	marshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// isText tells whether values of a type can be had as texts, and made of them.
func isText(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(marshalerType) && p.Implements(unmarshalerType) && t != timeType && t != uuidType
}

// marshaled carries decimals in a type of which isText holds.
func marshaled(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			p := addressOf(v)
			if r, ok := p.(*big.Rat); ok {
				digits, exact := r.FloatPrec()
				if !exact {
					return nil, fmt.Errorf("%v has no end as a decimal", r)
				}
				return typ.Canonical(r.FloatString(digits))
			}
			s, err := p.(encoding.TextMarshaler).MarshalText()
			if err != nil {
				return nil, err
			}
			return typ.Canonical(string(s))
		},
		Decode: func(src any, dst reflect.Value) error {
			s, err := exactText(typ, src)
			if err != nil {
				return err
			}
			return dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
		},
	}
}
