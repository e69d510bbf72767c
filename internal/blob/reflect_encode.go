package blob

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rowmill/rowmill/internal/spell"
)

// Reflection is in two files: here is what Encode takes apart and the names of a
// struct's fields, in reflect_decode.go what Unmarshal puts together.

// reflected writes a value of a type that the encoder does not list.
func (e *encoder) reflected(v any) error {
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer:
		if rv.IsNil() {
			return e.value(nil)
		}
		return e.value(rv.Elem().Interface())
	case reflect.Bool:
		e.bool(rv.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.int(rv.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return e.bigInt(new(big.Int).SetUint64(rv.Uint()))
	case reflect.Float32, reflect.Float64:
		e.float(rv.Float())
	case reflect.Complex64, reflect.Complex128:
		e.complex(rv.Complex())
	case reflect.String:
		return e.text(tagString, rv.String())
	case reflect.Struct:
		return e.structure(rv)
	case reflect.Map:
		return e.mapping(rv)
	case reflect.Slice, reflect.Array:
		return e.sequence(rv)
	default:
		return fmt.Errorf("%T found, which the format has nothing for", v)
	}
	return nil
}

// structure writes a struct as a dict of its fields.
func (e *encoder) structure(rv reflect.Value) error {
	fields, err := fieldsOf(rv.Type())
	if err != nil {
		return err
	}
	dict := make(Dict, len(fields))
	for i, f := range fields {
		dict[i] = Item{f.name, rv.FieldByIndex(f.index).Interface()}
	}
	return e.dict(dict)
}

// mapping writes a map, its keys sorted: by their bytes where Go has no order.
func (e *encoder) mapping(rv reflect.Value) error {
	dict := make(Dict, 0, rv.Len())
	for key, value := range rv.Seq2() {
		dict = append(dict, Item{key.Interface(), value.Interface()})
	}
	switch kind := rv.Type().Key().Kind(); {
	case kind == reflect.String:
		sortBy(dict, reflect.Value.String)
	case reflect.Int <= kind && kind <= reflect.Int64:
		sortBy(dict, reflect.Value.Int)
	case reflect.Uint <= kind && kind <= reflect.Uintptr:
		sortBy(dict, reflect.Value.Uint)
	case kind == reflect.Float32 || kind == reflect.Float64:
		sortBy(dict, reflect.Value.Float)
	default:
		if err := e.sortByBytes(dict); err != nil {
			return err
		}
	}
	return e.dict(dict)
}

func sortBy[K cmp.Ordered](dict Dict, key func(reflect.Value) K) {
	slices.SortFunc(dict, func(a, b Item) int {
		return cmp.Compare(key(reflect.ValueOf(a.Key)), key(reflect.ValueOf(b.Key)))
	})
}

// sortByBytes sorts a dict by what its keys are written as.
func (e *encoder) sortByBytes(dict Dict) error {
	type written struct {
		item  Item
		bytes []byte
	}
	all := make([]written, len(dict))
	for i, item := range dict {
		key := &encoder{depth: e.depth}
		if err := key.value(item.Key); err != nil {
			return fmt.Errorf("key: %w", err)
		}
		if !hashable(key.buf[0]) {
			return fmt.Errorf("key of type %T found, a value that Python can hash was wanted", item.Key)
		}
		all[i] = written{item, key.buf}
	}
	slices.SortFunc(all, func(a, b written) int { return bytes.Compare(a.bytes, b.bytes) })
	for i := range all {
		dict[i] = all[i].item
	}
	return nil
}

// hashable reports whether what the tag begins can be the key of a dict.
func hashable(tag byte) bool {
	return !slices.Contains([]byte{tagArray, tagCell, tagStruct, tagRecord, tagList, tagDict}, tag)
}

// sequence writes a slice or Go array: as an array if its elements, or those of
// slices nested in it, are numbers and the whole is rectangular; else as a list.
func (e *encoder) sequence(rv reflect.Value) error {
	if rv.Type().Elem() == reflect.TypeFor[byte]() {
		b := make([]byte, rv.Len())
		reflect.Copy(reflect.ValueOf(b), rv)
		e.bytes(b)
		return nil
	}
	if a, ok := rectangle(rv); ok {
		return a.encode(e)
	}
	e.tag(tagList)
	e.uint64(rv.Len())
	for i := range rv.Len() {
		if err := e.sized(rv.Index(i).Interface()); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

// numericTypes has the types of array elements by kind.
var numericTypes = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.Int: reflect.TypeFor[int](), reflect.Uint: reflect.TypeFor[uint](),
	reflect.Int8: reflect.TypeFor[int8](), reflect.Uint8: reflect.TypeFor[uint8](),
	reflect.Int16: reflect.TypeFor[int16](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Int32: reflect.TypeFor[int32](), reflect.Uint32: reflect.TypeFor[uint32](),
	reflect.Int64: reflect.TypeFor[int64](), reflect.Uint64: reflect.TypeFor[uint64](),
	reflect.Float32: reflect.TypeFor[float32](), reflect.Float64: reflect.TypeFor[float64](),
	reflect.Complex64: reflect.TypeFor[complex64](), reflect.Complex128: reflect.TypeFor[complex128](),
}

// elementType returns the type that elements of a type have in an array. It is
// not ok for those that stand in none: slices of bytes are bytes, and those of
// times of day, lists.
func elementType(t reflect.Type) (basic reflect.Type, ok bool) {
	switch t {
	case reflect.TypeFor[time.Time]():
		return t, true
	case reflect.TypeFor[byte](), reflect.TypeFor[TimeOfDay]():
		return nil, false
	}
	basic, ok = numericTypes[t.Kind()]
	return basic, ok
}

// rectangle returns nested slices of numbers or times as one array, if their
// lengths agree.
func rectangle(rv reflect.Value) (a array, ok bool) {
	var shape []int
	first, elem := rv, rv.Type()
	for ; elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array; elem = elem.Elem() {
		extent := 0
		if elem.Kind() == reflect.Array {
			extent = elem.Len()
		} else if first.IsValid() {
			extent = first.Len()
		}
		if shape = append(shape, extent); len(shape) > maxDims {
			return nil, false // or a type that is a slice of itself
		}
		if extent == 0 || !first.IsValid() {
			first = reflect.Value{}
		} else {
			first = first.Index(0)
		}
	}
	basic, ok := elementType(elem)
	if !ok || !hasShape(rv, shape) {
		return nil, false
	}
	size, _ := product(shape)
	flat := reflect.MakeSlice(reflect.SliceOf(basic), 0, size)
	return asArray(appendRows(flat, rv, len(shape)).Interface()).as(shape), true
}

// asArray returns a slice of one of the types of elements as an array.
func asArray(slice any) array {
	if b, ok := slice.([]byte); ok {
		return vector(b)
	}
	a, _ := vectorOf(slice)
	return a
}

// hasShape reports whether all slices nested in rv are as long as shape says.
func hasShape(rv reflect.Value, shape []int) bool {
	if rv.Len() != shape[0] {
		return false
	}
	for i := 0; i < rv.Len() && len(shape) > 1; i++ {
		if !hasShape(rv.Index(i), shape[1:]) {
			return false
		}
	}
	return true
}

// appendRows appends the elements nested dims deep in rv to flat: whole rows at
// a time, unless their type is one of the user's that must be converted.
func appendRows(flat, rv reflect.Value, dims int) reflect.Value {
	if dims > 1 {
		for i := range rv.Len() {
			flat = appendRows(flat, rv.Index(i), dims-1)
		}
		return flat
	}
	start := flat.Len()
	flat = flat.Slice(0, start+rv.Len())
	row := flat.Slice(start, flat.Len())
	if rv.Type().Elem() == flat.Type().Elem() {
		reflect.Copy(row, rv)
		return flat
	}
	for i := range rv.Len() {
		row.Index(i).Set(rv.Index(i).Convert(flat.Type().Elem()))
	}
	return flat
}

// A field is a struct's field and its name in a dict.
type field struct {
	name  string
	index []int
}

var fieldsByType sync.Map // from reflect.Type to []field

// fieldsOf returns the fields of a struct that a dict has keys for, those of
// embedded structs included.
func fieldsOf(t reflect.Type) ([]field, error) {
	if fields, ok := fieldsByType.Load(t); ok {
		return fields.([]field), nil
	}
	fields := appendFields(nil, t, nil)
	if len(fields) == 0 && t.NumField() > 0 {
		return nil, fmt.Errorf("%v found, a struct with exported fields was wanted", t)
	}
	names := map[string]bool{}
	for _, f := range fields {
		if names[f.name] {
			return nil, fmt.Errorf("%v found, a struct with only one field named %s was wanted", t, f.name)
		}
		names[f.name] = true
	}
	fieldsByType.Store(t, fields)
	return fields, nil
}

func appendFields(fields []field, t reflect.Type, path []int) []field {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(path), i)
		name, _, _ := strings.Cut(f.Tag.Get("db"), ",")
		if name == "-" {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct && name == "" {
			if inner := appendFields(nil, f.Type, index); len(inner) > 0 {
				fields = append(fields, inner...)
				continue
			}
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = spell.Snake(f.Name)
		}
		fields = append(fields, field{name, index})
	}
	return fields
}
