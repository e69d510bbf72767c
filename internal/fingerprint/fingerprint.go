// Package fingerprint tells whether a value is still what it was, without keeping it.
package fingerprint

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"reflect"
)

// seed is this process's own: fingerprints are not compared with those of others.
var seed = maphash.MakeSeed()

// Of is a number that is the same for values that are deeply equal, as reflect.DeepEqual has it, and another for others,
// but for one chance in 2^64. NaN is equal to itself. Functions and channels count by their address, and
// pointers by what they point to.
func Of(v any) uint64 {
	w := walker{}
	w.hash.SetSeed(seed)
	w.value(reflect.ValueOf(v))
	return w.hash.Sum64()
}

// A walker goes through a value.
type walker struct {
	hash maphash.Hash
	seen map[uintptr]bool // the pointers on the way here, which may lead back
	word [8]byte
}

func (w *walker) number(n uint64) {
	binary.LittleEndian.PutUint64(w.word[:], n)
	_, _ = w.hash.Write(w.word[:]) // it does not fail
}

func (w *walker) text(s string) {
	w.number(uint64(len(s)))
	_, _ = w.hash.WriteString(s)
}

func (w *walker) value(v reflect.Value) {
	if !v.IsValid() {
		w.number(0)
		return
	}
	w.number(uint64(v.Kind()))
	switch v.Kind() {
	case reflect.Bool:
		w.number(bit(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.number(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		w.number(v.Uint())
	case reflect.Float32, reflect.Float64:
		w.number(math.Float64bits(v.Float() + 0)) // -0 + 0 is 0
	case reflect.Complex64, reflect.Complex128:
		w.number(math.Float64bits(real(v.Complex()) + 0))
		w.number(math.Float64bits(imag(v.Complex()) + 0))
	case reflect.String:
		w.text(v.String())
	case reflect.Slice:
		w.slice(v)
	case reflect.Array:
		w.elements(v)
	case reflect.Map:
		w.mapping(v)
	case reflect.Struct:
		for i := range v.NumField() { //nolint:modernize // the iterator has to be allocated, for each value
			w.value(v.Field(i))
		}
	case reflect.Pointer:
		w.pointer(v)
	case reflect.Interface:
		if v.IsNil() {
			w.number(0)
			return
		}
		w.text(v.Elem().Type().String())
		w.value(v.Elem())
	default: // functions, channels, unsafe pointers
		w.number(uint64(v.Pointer()))
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (w *walker) slice(v reflect.Value) {
	w.number(bit(v.IsNil()))
	if v.Type().Elem().Kind() == reflect.Uint8 {
		w.number(uint64(v.Len()))
		_, _ = w.hash.Write(v.Bytes())
		return
	}
	w.elements(v)
}

func (w *walker) elements(v reflect.Value) {
	w.number(uint64(v.Len()))
	if bits := bitsOf(v.Type().Elem().Kind()); bits != nil {
		w.numbers(v, bits)
		return
	}
	for i := range v.Len() {
		w.value(v.Index(i))
	}
}

// bitsOf takes numbers of a kind for what they are; it is nil for what is no number.
func bitsOf(k reflect.Kind) func(v reflect.Value) uint64 {
	switch k {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) uint64 { return uint64(v.Int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return reflect.Value.Uint
	case reflect.Float32, reflect.Float64:
		return func(v reflect.Value) uint64 { return math.Float64bits(v.Float() + 0) } // -0 + 0 is 0
	default:
		return nil
	}
}

// numbers takes many numbers at once.
func (w *walker) numbers(v reflect.Value, bits func(reflect.Value) uint64) {
	const atOnce = 512
	buffer := make([]byte, 0, 8*atOnce)
	for i := range v.Len() {
		if buffer = binary.LittleEndian.AppendUint64(buffer, bits(v.Index(i))); len(buffer) == cap(buffer) {
			_, _ = w.hash.Write(buffer)
			buffer = buffer[:0]
		}
	}
	_, _ = w.hash.Write(buffer)
}

// mapping adds up the entries, which come in no order.
func (w *walker) mapping(v reflect.Value) {
	w.number(bit(v.IsNil()))
	w.number(uint64(v.Len()))
	var sum uint64
	for entries := v.MapRange(); entries.Next(); {
		e := walker{seen: w.seen}
		e.hash.SetSeed(seed)
		e.value(entries.Key())
		e.value(entries.Value())
		sum += e.hash.Sum64()
	}
	w.number(sum)
}

func (w *walker) pointer(v reflect.Value) {
	w.number(bit(v.IsNil()))
	at := v.Pointer()
	if v.IsNil() || w.seen[at] {
		return
	}
	if w.seen == nil {
		w.seen = map[uintptr]bool{}
	}
	w.seen[at] = true
	w.value(v.Elem())
	delete(w.seen, at)
}
