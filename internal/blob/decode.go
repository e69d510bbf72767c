package blob

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// A decoder reads values off the front of rest. It keeps its first error and
// from then on returns zeros, so that a reader of several parts need check only
// where it counts or allocates.
type decoder struct {
	rest   []byte
	narrow bool // counts have 32 bits
	depth  int
	err    error
}

// failf records an error, if it is the first.
func (d *decoder) failf(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
		d.rest = nil
	}
}

// take returns the next n bytes of the input itself.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.failf("%d bytes found, %d were wanted", len(d.rest), n)
	}
	if d.err != nil {
		return nil
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) uint8() byte {
	if b := d.take(1); d.err == nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	if b := d.take(2); d.err == nil {
		return le.Uint16(b)
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.take(4); d.err == nil {
		return le.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); d.err == nil {
		return le.Uint64(b)
	}
	return 0
}

func (d *decoder) float64() float64 { return math.Float64frombits(d.uint64()) }

// size reads a count, a length or an extent.
func (d *decoder) size() uint64 {
	if d.narrow {
		return uint64(d.uint32())
	}
	return d.uint64()
}

// isNarrow reports whether the counts of a value of MATLAB's have 32 bits, as the
// mYm of 32-bit machines wrote them.
//
// Its tag is followed by the number of dimensions, which is small: if it has 64
// bits, the upper half is 0. If it has 32, there stands the first extent. Where
// that is 0 too, the array is empty; the usual one, of numbers and 0 by 0, is
// shorter than the head of any of two dimensions in 64 bits.
func isNarrow(value []byte) bool {
	const dims, extent, empty = 1, 1 + 4, 1 + 5*4
	if len(value) < extent+4 || !strings.ContainsRune("ACS", rune(value[0])) {
		return false
	}
	isEmpty := value[0] == tagArray && le.Uint32(value[dims:]) == 2 && len(value) == empty
	return le.Uint32(value[extent:]) != 0 || isEmpty
}

// bytes returns a copy of as many bytes as the count before them says.
func (d *decoder) bytes() []byte { return append([]byte{}, d.take(d.size())...) }

// text is like bytes, for UTF-8.
func (d *decoder) text() string {
	b := d.take(d.size())
	if !utf8.Valid(b) {
		d.failf("str that is not UTF-8 found")
	}
	return string(b)
}

// count returns n if n things of at least width bytes each can still follow,
// and fails otherwise; what is to hold them may then be allocated.
func (d *decoder) count(n uint64, width int) int {
	if n > uint64(len(d.rest)/width) {
		d.failf("%d bytes found, %d elements of %d or more were wanted", len(d.rest), n, width)
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

// end fails unless everything was read.
func (d *decoder) end() {
	if len(d.rest) > 0 {
		d.failf("%d bytes follow a value that is complete", len(d.rest))
	}
}

// sized reads a value with its length before it, which it must fill.
func (d *decoder) sized() any {
	inner := d.take(d.size())
	outer := d.rest
	d.rest = inner
	v := d.value()
	d.end()
	if d.err == nil {
		d.rest = outer
	}
	return v
}

// value reads a value as the Go type that is natural for it.
func (d *decoder) value() any {
	if d.depth++; d.depth > maxDepth {
		d.failf("values nested deeper than %d found", maxDepth)
	}
	defer func() { d.depth-- }()
	switch tag := d.uint8(); tag {
	case tagNone:
		return nil
	case tagTuple:
		return Tuple(d.list())
	case tagList:
		return d.list()
	case tagSet:
		return Set(d.list())
	case tagDict:
		return d.dict()
	case tagArray:
		if a := d.array(); d.err == nil {
			return a.natural()
		}
	case tagCell:
		return d.cellArray()
	case tagStruct:
		return d.structArray()
	case tagRecord:
		return d.recordArray()
	case tagSparse:
		d.failf("sparse array found, which is not supported")
	default:
		return d.scalar(tag)
	}
	return nil
}

// scalar reads a value that holds no others.
func (d *decoder) scalar(tag byte) any {
	switch tag {
	case tagString:
		return d.text()
	case tagBytes:
		return d.bytes()
	case tagInt:
		return d.int()
	case tagBool:
		return d.uint8() != 0
	case tagComplex:
		re, im := d.float64(), d.float64()
		return complex(re, im)
	case tagFloat:
		return d.float64()
	case tagDecimal:
		return d.decimal()
	case tagDatetime:
		return d.datetime()
	case tagUUID:
		var id uuid.UUID
		copy(id[:], d.take(uint64(len(id))))
		return id
	}
	d.failf("tag %#02x found, which no value begins with", tag)
	return nil
}

// int reads an integer: an int64 if it fits, else a *big.Int.
func (d *decoder) int() any {
	b := slices.Clone(d.take(uint64(d.uint16())))
	if len(b) <= 8 {
		var n int64
		for i, x := range b {
			n |= int64(x) << (8 * i)
		}
		unused := 64 - 8*len(b)
		return n << unused >> unused // extends the sign
	}
	slices.Reverse(b)
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

func (d *decoder) decimal() Decimal {
	v := Decimal(d.text())
	if d.err == nil && !v.valid() {
		d.failf("Decimal %.40q found, a number was wanted", string(v))
	}
	return v
}

func (d *decoder) list() []any {
	return d.values(d.count(d.size(), minSized))
}

// values reads n values with their lengths.
func (d *decoder) values(n int) []any {
	list := make([]any, n)
	for i := 0; i < n && d.err == nil; i++ {
		list[i] = d.sized()
	}
	return list
}

// dict reads a map if all keys are strings and a Dict otherwise. The last of
// equal keys counts, as in Python.
func (d *decoder) dict() any {
	pairs := d.values(2 * d.count(d.size(), 2*minSized))
	byName := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return dictOf(pairs)
		}
		byName[name] = pairs[i+1]
	}
	return byName
}

// dictOf returns keys and values that alternate as a Dict.
func dictOf(pairs []any) Dict {
	dict := make(Dict, 0, len(pairs)/2)
	for pair := range slices.Chunk(pairs, 2) {
		dict = append(dict, Item{pair[0], pair[1]})
	}
	return dict
}

// shape reads the extents of an array and their product, the number of its
// elements. An array without elements may claim any other extents.
func (d *decoder) shape() (shape []int, n uint64) {
	dims := d.size()
	if dims > maxDims {
		d.failf("array of %d dimensions found, at most %d were wanted", dims, maxDims)
		return nil, 0
	}
	shape = make([]int, d.count(dims, 4))
	for i := range shape {
		extent := d.size()
		if extent > uint64(maxInt) {
			d.failf("array with an extent of %d found", extent)
		}
		shape[i] = int(extent)
	}
	size, ok := product(shape)
	if !ok {
		d.failf("array of shape %v found, which no memory holds", shape)
	}
	return shape, uint64(size)
}

func (d *decoder) cellArray() CellArray {
	shape, n := d.shape()
	cells := d.values(d.count(n, minSized))
	if d.err != nil {
		return CellArray{}
	}
	return CellArray{shape, rowMajor(cells, shape)}
}

// names reads the n names of an array's fields, for each of which there are at
// least width bytes.
func (d *decoder) names(n uint32, width int) []string {
	names := make([]string, d.count(uint64(n), width))
	for i := range names {
		end := bytes.IndexByte(d.rest, 0)
		if end < 0 {
			d.failf("name of a field without an end found")
			return nil
		}
		names[i] = string(d.take(uint64(end)))
		d.take(1)
	}
	return names
}

func (d *decoder) structArray() StructArray {
	shape, n := d.shape()
	fields := d.names(d.uint32(), 1)
	if d.err != nil || len(fields) == 0 {
		return StructArray{Shape: shape}
	}
	data := make([][]any, d.count(n, minSized*len(fields)))
	for i := range data {
		data[i] = d.values(d.count(uint64(len(fields)), minSized))
		if d.err != nil {
			return StructArray{}
		}
	}
	return StructArray{shape, fields, rowMajor(data, shape)}
}

// column reads a column of a record array, which is an array as such even where
// Decode would return something simpler, so that it keeps its type and shape.
func (d *decoder) column() array {
	a := d.array()
	if chars, ok := a.(Array[char]); ok {
		return singly(chars)
	}
	return a
}

func (d *decoder) recordArray() RecordArray {
	if d.depth++; d.depth > maxDepth {
		d.failf("values nested deeper than %d found", maxDepth)
	}
	defer func() { d.depth-- }()
	fields := d.names(d.uint32(), minColumn)
	columns := make([]any, len(fields))
	for i := range columns {
		switch tag := d.uint8(); {
		case d.err != nil:
			return RecordArray{}
		case tag == tagArray:
			columns[i] = d.column()
		case tag == tagRecord:
			columns[i] = d.recordArray()
		default:
			d.failf("column of a record array with tag %#02x found, an array was wanted", tag)
		}
	}
	return RecordArray{fields, columns}
}
