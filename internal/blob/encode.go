package blob

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// An encoder appends values to buf.
type encoder struct {
	buf    []byte
	depth  int
	python bool // something was written that MATLAB does not know
}

// tag begins a value that only Python knows.
func (e *encoder) tag(tag byte) {
	e.python = true
	e.buf = append(e.buf, tag)
}

func (e *encoder) uint64(n int) { e.buf = le.AppendUint64(e.buf, uint64(n)) }

// grow appends n zero bytes and returns them, to be filled.
func (e *encoder) grow(n int) []byte {
	e.buf = slices.Grow(e.buf, n)
	e.buf = e.buf[:len(e.buf)+n]
	return e.buf[len(e.buf)-n:]
}

// value writes v. What is not one of the types listed here is taken apart by
// reflection.
func (e *encoder) value(v any) error {
	if e.depth++; e.depth > maxDepth {
		return fmt.Errorf("values nested deeper than %d found", maxDepth)
	}
	defer func() { e.depth-- }()
	switch v := v.(type) {
	case []any:
		return e.list(tagList, v)
	case Tuple:
		return e.list(tagTuple, v)
	case Set:
		return e.list(tagSet, v)
	case Dict:
		return e.dict(v)
	case map[string]any:
		return e.namedValues(v)
	case CellArray:
		return e.cellArray(v)
	case StructArray:
		return e.structArray(v)
	case RecordArray:
		return e.recordArray(v)
	case arrayTarget: // a pointer, perhaps nil
		return e.reflected(v)
	case array:
		return v.encode(e)
	}
	if a, ok := vectorOf(v); ok {
		return a.encode(e)
	}
	return e.scalar(v)
}

// scalar writes a value that holds no others.
func (e *encoder) scalar(v any) error {
	switch v := v.(type) {
	case nil:
		e.tag(tagNone)
	case bool:
		e.bool(v)
	case int:
		e.int(int64(v))
	case int64:
		e.int(v)
	case float64:
		e.float(v)
	case complex128:
		e.complex(v)
	case string:
		return e.text(tagString, v)
	case []byte:
		e.bytes(v)
	case *big.Int:
		return e.bigInt(v)
	case big.Int:
		return e.bigInt(&v)
	case Decimal:
		return e.decimal(v)
	case time.Time:
		return e.datetime(v)
	case Datetime64:
		return e.datetime64s(nil, []Datetime64{v})
	case Date:
		return e.date(v)
	case TimeOfDay:
		return e.timeOfDay(v)
	case uuid.UUID:
		e.tag(tagUUID)
		e.buf = append(e.buf, v[:]...)
	default:
		return e.reflected(v)
	}
	return nil
}

func (e *encoder) bool(v bool) {
	e.tag(tagBool)
	putBools(e.grow(1), []bool{v})
}

// int writes v in one byte more than its magnitude fills, as Python does.
func (e *encoder) int(v int64) {
	magnitude := uint64(v)
	if v < 0 {
		magnitude = -magnitude
	}
	n := bits.Len64(magnitude)/8 + 1
	e.tag(tagInt)
	e.buf = le.AppendUint16(e.buf, uint16(n))
	for i := range n {
		e.buf = append(e.buf, byte(v>>(8*i)))
	}
}

func (e *encoder) bigInt(v *big.Int) error {
	if v == nil {
		e.tag(tagNone)
		return nil
	}
	n := v.BitLen()/8 + 1
	if n > math.MaxUint16 {
		return fmt.Errorf("int of %d bytes found, at most %d were wanted", n, math.MaxUint16)
	}
	if v.Sign() < 0 {
		v = new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
	}
	e.tag(tagInt)
	e.buf = le.AppendUint16(e.buf, uint16(n))
	b := v.FillBytes(e.grow(n))
	slices.Reverse(b)
	return nil
}

func (e *encoder) float(v float64) {
	e.tag(tagFloat)
	putFloat64s(e.grow(8), []float64{v})
}

func (e *encoder) complex(v complex128) {
	e.tag(tagComplex)
	putFloat64s(e.grow(16), []float64{real(v), imag(v)})
}

func (e *encoder) text(tag byte, v string) error {
	if !utf8.ValidString(v) {
		return fmt.Errorf("string %.40q found, UTF-8 was wanted", v)
	}
	e.tag(tag)
	e.uint64(len(v))
	e.buf = append(e.buf, v...)
	return nil
}

func (e *encoder) bytes(v []byte) {
	e.tag(tagBytes)
	e.uint64(len(v))
	e.buf = append(e.buf, v...)
}

func (e *encoder) decimal(v Decimal) error {
	if !v.valid() {
		return fmt.Errorf("Decimal %.40q found, a number was wanted", string(v))
	}
	return e.text(tagDecimal, string(v))
}

// sized writes v with its length before it.
func (e *encoder) sized(v any) error {
	start := len(e.buf)
	e.uint64(0)
	if err := e.value(v); err != nil {
		return err
	}
	le.PutUint64(e.buf[start:], uint64(len(e.buf)-start-8))
	return nil
}

func (e *encoder) values(values []any) error {
	for _, v := range values {
		if err := e.sized(v); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) list(tag byte, values []any) error {
	e.tag(tag)
	e.uint64(len(values))
	return e.values(values)
}

func (e *encoder) dict(d Dict) error {
	e.tag(tagDict)
	e.uint64(len(d))
	for _, item := range d {
		if err := e.sized(item.Key); err != nil {
			return err
		}
		if err := e.sized(item.Value); err != nil {
			return fmt.Errorf("key %s: %w", keyOf(item.Key), err)
		}
	}
	return nil
}

func (e *encoder) namedValues(m map[string]any) error {
	d := make(Dict, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		d = append(d, Item{key, m[key]})
	}
	return e.dict(d)
}

func (e *encoder) shape(shape []int) {
	e.uint64(len(shape))
	for _, extent := range shape {
		e.uint64(extent)
	}
}

// arrayHead writes what precedes the elements of an array. MATLAB knows neither
// arrays without dimensions nor objects and datetimes in them.
func (e *encoder) arrayHead(shape []int, id uint32, isComplex bool) {
	if len(shape) == 0 || id == typeObject || id >= typeDatetime {
		e.python = true
	}
	e.buf = append(e.buf, tagArray)
	e.shape(shape)
	flag := uint32(0)
	if isComplex {
		flag = 1
	}
	e.buf = le.AppendUint32(le.AppendUint32(e.buf, id), flag)
}

// encode writes the array; one of no numeric type becomes an array of objects.
func (a Array[T]) encode(e *encoder) error {
	if err := checkShape(a.Shape, len(a.Data)); err != nil {
		return err
	}
	data := columnMajor(a.Data, a.Shape)
	switch times := any(data).(type) {
	case []time.Time:
		return e.datetimes(a.Shape, times)
	case []Datetime64:
		return e.datetime64s(a.Shape, times)
	}
	if e.numbers(a.Shape, data) {
		return nil
	}
	e.arrayHead(a.Shape, typeObject, false)
	for _, v := range data {
		if err := e.sized(v); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) cellArray(c CellArray) error {
	if err := checkShape(c.Shape, len(c.Data)); err != nil {
		return err
	}
	e.buf = append(e.buf, tagCell)
	e.shape(c.Shape)
	return e.values(columnMajor(c.Data, c.Shape))
}

func (e *encoder) names(names []string) error {
	e.buf = le.AppendUint32(e.buf, uint32(len(names)))
	for _, name := range names {
		if strings.ContainsRune(name, 0) {
			return fmt.Errorf("name %q of a field found, one without a zero was wanted", name)
		}
		e.buf = append(append(e.buf, name...), 0)
	}
	return nil
}

func (e *encoder) structArray(s StructArray) error {
	elements := len(s.Data)
	if len(s.Fields) == 0 {
		elements, _ = product(s.Shape) // of which there is nothing to say
	}
	if err := checkShape(s.Shape, elements); err != nil {
		return err
	}
	e.buf = append(e.buf, tagStruct)
	e.shape(s.Shape)
	if err := e.names(s.Fields); err != nil || len(s.Fields) == 0 {
		return err
	}
	for _, element := range columnMajor(s.Data, s.Shape) {
		if len(element) != len(s.Fields) {
			return fmt.Errorf("struct array element of %d values found, one a field (%d) were wanted", len(element), len(s.Fields))
		}
		if err := e.values(element); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) recordArray(r RecordArray) error {
	if len(r.Columns) != len(r.Fields) {
		return fmt.Errorf("record array of %d columns found, one a field (%d) were wanted", len(r.Columns), len(r.Fields))
	}
	e.tag(tagRecord)
	if err := e.names(r.Fields); err != nil {
		return err
	}
	for i, column := range r.Columns {
		a, isVector := vectorOf(column)
		if isVector {
			column = a
		}
		switch column.(type) {
		case array, RecordArray:
		default:
			return fmt.Errorf("column %s of type %T found, an array was wanted", r.Fields[i], column)
		}
		if err := e.value(column); err != nil {
			return fmt.Errorf("column %s: %w", r.Fields[i], err)
		}
	}
	return nil
}
