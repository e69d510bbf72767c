package blob

import (
	"fmt"
	"math"
	"math/big"
)

// A number is a real number of Go's.
type number interface {
	int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// exact converts x, and reports whether nothing is lost; bound is that of the
// two types. A NaN is kept by every float.
//
// Converting there and back is not enough: a float that is too large for an
// integer type becomes, on some machines, the type's largest number, which as a
// float is the same again.
func exact[D, S number](x S, bound float64) (D, bool) {
	d := D(x)
	same := S(d) == x && (d < 0) == (x < 0) && !(float64(x) >= bound) && !(float64(d) >= bound)
	return d, same || isNaN(d)
}

func isNaN[T number](x T) bool { return math.IsNaN(float64(x)) }

// exactBound returns the least number too large for the integer type, if one of
// D and S is an integer type and the other is not; otherwise a NaN, which
// bounds nothing.
func exactBound[D, S number]() float64 {
	switch {
	case isFloat[D]() && !isFloat[S]():
		return overflow[S]()
	case isFloat[S]() && !isFloat[D]():
		return overflow[D]()
	}
	return math.NaN()
}

func isFloat[T number]() bool { return T(1)/T(2) != 0 }

// overflow returns the least power of two that is too large for T.
func overflow[T number]() float64 {
	bound := 1.0
	for x := T(1); x > 0; x *= 2 {
		bound *= 2
	}
	return bound
}

// exactly converts numbers of one type to another, and fails if one of them is
// not the same then.
func exactly[D, S number](src []S) ([]D, error) {
	bound := exactBound[D, S]()
	dst := make([]D, len(src))
	for i, x := range src {
		d, ok := exact[D](x, bound)
		if !ok {
			return nil, fmt.Errorf("element %d is %v, which %T cannot hold exactly", i, x, d)
		}
		dst[i] = d
	}
	return dst, nil
}

// floats returns the elements of a real array as float64s.
func floats(a array) (data []float64, err error) {
	ok, err := convert(&data, a)
	if err == nil && !ok {
		err = fmt.Errorf("elements of %s found, numbers were wanted", typeOf(a.flat()))
	}
	return data, err
}

// convert stores the elements of a in *dst if dst points to a slice of numbers
// and a holds numbers; it is not ok if they are not. No element is boxed.
func convert(dst any, a array) (ok bool, err error) {
	switch dst := dst.(type) {
	case *[]complex128:
		*dst, ok, err = complexes(a)
		return ok, err
	case *[]complex64:
		*dst, ok, err = complexes64(a)
		return ok, err
	}
	switch src := a.flat().(type) {
	case []int8:
		return convertFrom(dst, src)
	case []uint8:
		return convertFrom(dst, src)
	case []int16:
		return convertFrom(dst, src)
	case []uint16:
		return convertFrom(dst, src)
	case []int32:
		return convertFrom(dst, src)
	case []uint32:
		return convertFrom(dst, src)
	case []int64:
		return convertFrom(dst, src)
	case []uint64:
		return convertFrom(dst, src)
	case []float32:
		return convertFrom(dst, src)
	case []float64:
		return convertFrom(dst, src)
	}
	return false, nil
}

func convertFrom[S number](dst any, src []S) (ok bool, err error) {
	switch dst := dst.(type) {
	case *[]int:
		*dst, err = exactly[int](src)
	case *[]int8:
		*dst, err = exactly[int8](src)
	case *[]int16:
		*dst, err = exactly[int16](src)
	case *[]int32:
		*dst, err = exactly[int32](src)
	case *[]int64:
		*dst, err = exactly[int64](src)
	case *[]uint:
		*dst, err = exactly[uint](src)
	case *[]uint8:
		*dst, err = exactly[uint8](src)
	case *[]uint16:
		*dst, err = exactly[uint16](src)
	case *[]uint32:
		*dst, err = exactly[uint32](src)
	case *[]uint64:
		*dst, err = exactly[uint64](src)
	case *[]float32:
		*dst, err = exactly[float32](src)
	case *[]float64:
		*dst, err = exactly[float64](src)
	default:
		return false, nil
	}
	return true, err
}

// complexes returns numbers of any type as complex128s.
func complexes(a array) (data []complex128, ok bool, err error) {
	switch src := a.flat().(type) {
	case []complex128:
		return src, true, nil
	case []complex64:
		data = make([]complex128, len(src))
		for i, c := range src {
			data[i] = complex128(c)
		}
		return data, true, nil
	}
	var reals []float64
	if ok, err = convert(&reals, a); !ok || err != nil {
		return nil, ok, err
	}
	data = make([]complex128, len(reals))
	for i, x := range reals {
		data[i] = complex(x, 0)
	}
	return data, true, nil
}

func complexes64(a array) (data []complex64, ok bool, err error) {
	wide, ok, err := complexes(a)
	if !ok || err != nil {
		return nil, ok, err
	}
	data = make([]complex64, len(wide))
	for i, c := range wide {
		if !fitsComplex64(c) {
			return nil, true, fmt.Errorf("element %d is %v, which complex64 cannot hold exactly", i, c)
		}
		data[i] = complex64(c)
	}
	return data, true, nil
}

func fitsComplex64(c complex128) bool {
	_, re := exact[float32](real(c), math.NaN())
	_, im := exact[float32](imag(c), math.NaN())
	return re && im
}

// scalarAs returns a single number as one of another type, if it is exactly
// that.
func scalarAs[D number](v any) (d D, ok bool) {
	switch v := v.(type) {
	case int8:
		return exact[D](v, exactBound[D, int8]())
	case uint8:
		return exact[D](v, exactBound[D, uint8]())
	case int16:
		return exact[D](v, exactBound[D, int16]())
	case uint16:
		return exact[D](v, exactBound[D, uint16]())
	case int32:
		return exact[D](v, exactBound[D, int32]())
	case uint32:
		return exact[D](v, exactBound[D, uint32]())
	case int64:
		return exact[D](v, exactBound[D, int64]())
	case uint64:
		return exact[D](v, exactBound[D, uint64]())
	case float32:
		return exact[D](v, exactBound[D, float32]())
	case float64:
		return exact[D](v, exactBound[D, float64]())
	case *big.Int:
		if v.IsUint64() {
			return exact[D](v.Uint64(), exactBound[D, uint64]())
		}
	}
	return 0, false
}

// complexOf returns a single number as a complex one, which must fit a complex64
// if narrow is set.
func complexOf(v any, narrow bool) (c complex128, ok bool) {
	switch v := v.(type) {
	case complex128:
		c = v
	case complex64:
		c = complex128(v)
	default:
		x, exact := scalarAs[float64](v)
		if !exact {
			return 0, false
		}
		c = complex(x, 0)
	}
	return c, !narrow || fitsComplex64(c)
}

// textOf returns the text of a string or a Decimal.
func textOf(v any) (s string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case Decimal:
		return string(v), true
	}
	return "", false
}
