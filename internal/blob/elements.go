package blob

import (
	"slices"
	"time"
	"unicode/utf16"
)

// A char is an element of MATLAB's text. No caller sees one: they become strings.
type char uint16

// An elementReader reads n elements of one type into an array of a shape.
type elementReader func(d *decoder, shape []int, n uint64) array

// elementReaders has a reader for each element type of a fixed width.
var elementReaders = map[uint32]elementReader{
	typeBool:    readAs(1, getBools),
	typeChar:    readAs(2, get16[char]),
	typeFloat64: readAs(8, getFloat64s),
	typeFloat32: readAs(4, getFloat32s),
	typeInt8:    readAs(1, get8[int8]),
	typeUint8:   readAs(1, get8[uint8]),
	typeInt16:   readAs(2, get16[int16]),
	typeUint16:  readAs(2, get16[uint16]),
	typeInt32:   readAs(4, get32[int32]),
	typeUint32:  readAs(4, get32[uint32]),
	typeInt64:   readAs(8, get64[int64]),
	typeUint64:  readAs(8, get64[uint64]),
}

// readAs makes a reader of elements of a width in bytes.
func readAs[T any](width int, get func([]T, []byte)) elementReader {
	return func(d *decoder, shape []int, n uint64) array {
		data := make([]T, d.count(n, width))
		get(data, d.take(uint64(width*len(data))))
		return Array[T]{shape, rowMajor(data, shape)}
	}
}

// array reads an array whose tag has been read. It returns nil if it fails.
func (d *decoder) array() array {
	shape, n := d.shape()
	id, isComplex := d.uint32(), d.uint32() != 0
	if d.err != nil {
		return nil
	}
	a := d.elements(id, shape, n)
	if d.err != nil {
		return nil
	}
	if isComplex {
		im := d.elements(id, shape, n)
		if d.err != nil {
			return nil
		}
		return d.complexArray(a, im)
	}
	return a
}

func (d *decoder) elements(id uint32, shape []int, n uint64) array {
	if read, ok := elementReaders[id]; ok {
		return read(d, shape, n)
	}
	switch {
	case id == typeObject:
		if objects := d.values(d.count(n, minSized)); d.err == nil {
			return Array[any]{shape, rowMajor(objects, shape)}
		}
	case id >= typeDatetime && int(id-typeDatetime) < len(datetimeUnits):
		return d.datetimes(datetimeUnits[id-typeDatetime], shape, n)
	case id == typeFunction:
		d.failf("function array found, which is not supported")
	default:
		d.failf("array of the unknown element type %d found", id)
	}
	return nil
}

// complexArray joins the real and imaginary parts of an array.
func (d *decoder) complexArray(re, im array) array {
	if re, ok := re.flat().([]float32); ok {
		data := make([]complex64, len(re))
		for i, im := range im.flat().([]float32) {
			data[i] = complex(re[i], im)
		}
		return Array[complex64]{im.shape(), data}
	}
	reals, err := floats(re)
	if err != nil {
		d.failf("complex array: %w", err)
		return nil
	}
	imags, err := floats(im)
	if err != nil {
		d.failf("complex array: %w", err)
		return nil
	}
	data := make([]complex128, len(reals))
	for i := range data {
		data[i] = complex(reals[i], imags[i])
	}
	return Array[complex128]{im.shape(), data}
}

// oneText reports whether MATLAB's text of this shape is one string: a row, or
// the empty text.
func oneText(shape []int) bool {
	return len(shape) <= 1 || len(shape) == 2 && shape[0] == 1 || slices.Equal(shape, []int{0, 0})
}

func joined(chars []char) string {
	units := make([]uint16, len(chars))
	for i, c := range chars {
		units[i] = uint16(c)
	}
	return string(utf16.Decode(units))
}

// singly returns each character as a string.
func singly(chars Array[char]) Array[string] {
	data := make([]string, len(chars.Data))
	for i, c := range chars.Data {
		data[i] = string(rune(c))
	}
	return Array[string]{chars.Shape, data}
}

// datetimes reads an array of times, or if one of them is none that a time.Time
// holds, of counts.
func (d *decoder) datetimes(unit datetimeUnit, shape []int, n uint64) array {
	counts := make([]int64, d.count(n, 8))
	get64(counts, d.take(uint64(8*len(counts))))
	data := make([]time.Time, len(counts))
	for i, count := range counts {
		t, ok := unit.time(count)
		if !ok {
			return Array[Datetime64]{shape, rowMajor(unit.counted(counts), shape)}
		}
		data[i] = t
	}
	return Array[time.Time]{shape, rowMajor(data, shape)}
}

// numeric writes an array of elements of a width in bytes.
func numeric[T any](e *encoder, shape []int, id uint32, width int, data []T, put func([]byte, []T)) {
	e.arrayHead(shape, id, false)
	put(e.grow(width*len(data)), data)
}

// planes writes a complex array: its real parts, then its imaginary ones.
func planes[C, F any](e *encoder, shape []int, id uint32, width int, data []C, split func(C) (re, im F), put func([]byte, []F)) {
	re, im := make([]F, len(data)), make([]F, len(data))
	for i, c := range data {
		re[i], im[i] = split(c)
	}
	e.arrayHead(shape, id, true)
	put(e.grow(width*len(re)), re)
	put(e.grow(width*len(im)), im)
}

// numbers writes an array if its elements, in column-major order, are of a
// numeric type.
func (e *encoder) numbers(shape []int, data any) (ok bool) {
	switch data := data.(type) {
	case []bool:
		numeric(e, shape, typeBool, 1, data, putBools)
	case []int8:
		numeric(e, shape, typeInt8, 1, data, put8[int8])
	case []uint8:
		numeric(e, shape, typeUint8, 1, data, put8[uint8])
	case []int16:
		numeric(e, shape, typeInt16, 2, data, put16[int16])
	case []uint16:
		numeric(e, shape, typeUint16, 2, data, put16[uint16])
	case []int32:
		numeric(e, shape, typeInt32, 4, data, put32[int32])
	case []uint32:
		numeric(e, shape, typeUint32, 4, data, put32[uint32])
	case []int64:
		numeric(e, shape, typeInt64, 8, data, put64[int64])
	case []uint64:
		numeric(e, shape, typeUint64, 8, data, put64[uint64])
	case []int:
		numeric(e, shape, typeInt64, 8, data, put64[int])
	case []uint:
		numeric(e, shape, typeUint64, 8, data, put64[uint])
	case []float32:
		numeric(e, shape, typeFloat32, 4, data, putFloat32s)
	case []float64:
		numeric(e, shape, typeFloat64, 8, data, putFloat64s)
	case []complex64:
		planes(e, shape, typeFloat32, 4, data, split64, putFloat32s)
	case []complex128:
		planes(e, shape, typeFloat64, 8, data, split128, putFloat64s)
	default:
		return false
	}
	return true
}

// vectorOf returns a slice of a type that is written as an array.
func vectorOf(v any) (a array, ok bool) {
	switch v := v.(type) {
	case []bool:
		return vector(v), true
	case []int8:
		return vector(v), true
	case []int16:
		return vector(v), true
	case []uint16:
		return vector(v), true
	case []int32:
		return vector(v), true
	case []uint32:
		return vector(v), true
	case []int64:
		return vector(v), true
	case []uint64:
		return vector(v), true
	case []int:
		return vector(v), true
	case []uint:
		return vector(v), true
	case []float32:
		return vector(v), true
	case []float64:
		return vector(v), true
	case []complex64:
		return vector(v), true
	case []complex128:
		return vector(v), true
	case []time.Time:
		return vector(v), true
	case []Datetime64:
		return vector(v), true
	}
	return nil, false
}

func split64(c complex64) (re, im float32)   { return real(c), imag(c) }
func split128(c complex128) (re, im float64) { return real(c), imag(c) }
