package blob

import (
	"fmt"
	"math/big"
	"reflect"
	"time"
)

// assign stores v in what dst points to, unless it fails. size is the length of
// the body that v comes from.
func assign(dst, v any, size int) error {
	target := reflect.ValueOf(dst).Elem()
	fresh := reflect.New(target.Type()).Elem()
	if err := (&assigner{spare: 4 * size}).set(fresh, v); err != nil {
		return err
	}
	target.Set(fresh)
	return nil
}

// isPointer reports whether dst is a pointer that is not nil.
func isPointer(dst any) bool {
	rv := reflect.ValueOf(dst)
	return rv.Kind() == reflect.Pointer && !rv.IsNil()
}

// An assigner stores what Decode would return in variables of other types.
type assigner struct {
	// spare is how much more may be made of rows that no bytes stand for. There
	// are few where rows have elements, but a few bytes can claim billions of rows
	// without a column.
	spare int
}

// spend takes n rows of a cost from what is spare, and fails if they are not
// there. v is what has the rows.
func (a *assigner) spend(n, cost int, v any) error {
	if n > a.spare/cost {
		return fmt.Errorf("%s with %d rows found, fewer for so few bytes were wanted", describe(v), n)
	}
	a.spare -= n * cost
	return nil
}

// set stores v in dst, which is zero.
func (a *assigner) set(dst reflect.Value, v any) error {
	if v == nil {
		switch dst.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
			return nil
		default:
			return mismatch(v, dst)
		}
	}
	if rv := reflect.ValueOf(v); rv.Type().AssignableTo(dst.Type()) {
		dst.Set(rv)
		return nil
	}
	if target, ok := reflect.TypeAssert[arrayTarget](dst.Addr()); ok {
		return a.setArray(target, dst, v)
	}
	if n, ok := reflect.TypeAssert[*big.Int](dst.Addr()); ok {
		return setBigInt(n, dst, v)
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		return a.set(dst.Elem(), v)
	}
	if vector, ok := vectorOf(v); ok {
		v = vector
	}
	switch v := v.(type) {
	case array:
		return a.setFromArray(dst, v)
	case []any:
		return a.setFromList(dst, v, v)
	case Tuple:
		return a.setFromList(dst, v, v)
	case Set:
		return a.setFromList(dst, v, v)
	case CellArray:
		if flatShape(v.Shape) {
			return a.setFromList(dst, v.Data, v)
		}
		return a.setFromArray(dst, Array[any](v))
	case map[string]any:
		return a.setFromNames(dst, v, v)
	case Dict:
		return a.setFromDict(dst, v)
	case StructArray:
		return a.setFromStructs(dst, v)
	case []byte:
		return setBytes(dst, v)
	case RecordArray:
		return a.setFromRecords(dst, v)
	}
	return setScalar(dst, v)
}

func mismatch(v any, dst reflect.Value) error {
	return fmt.Errorf("%s found, %v was wanted", describe(v), dst.Type())
}

func isSequence(t reflect.Type) bool { return t.Kind() == reflect.Slice || t.Kind() == reflect.Array }

// setArray stores an array in an Array, of which target is the pointer.
func (a *assigner) setArray(target arrayTarget, dst reflect.Value, v any) error {
	if cells, ok := v.(CellArray); ok {
		v = Array[any](cells)
	}
	src, ok := v.(array)
	if !ok {
		if src, ok = vectorOf(v); !ok {
			return mismatch(v, dst)
		}
	}
	shape, data := target.target()
	*shape = src.shape()
	return a.setElements(reflect.ValueOf(data).Elem(), src)
}

// setFromArray stores an array in nested slices, in one slice if it has only
// one extent to speak of, or in a scalar.
func (a *assigner) setFromArray(dst reflect.Value, src array) error {
	switch {
	case !isSequence(dst.Type()):
		if src.size() != 1 {
			return mismatch(src, dst)
		}
		return a.set(dst, src.at(0))
	case len(src.shape()) > 1 && isSequence(dst.Type().Elem()):
		return a.setRows(dst, src)
	case len(src.shape()) == 0 || !flatShape(src.shape()):
		return mismatch(src, dst)
	}
	return a.setElements(dst, src)
}

// setRows stores an array in slices of slices.
func (a *assigner) setRows(dst reflect.Value, src array) error {
	n := src.shape()[0]
	if err := a.spend(n, 1, src); err != nil {
		return err
	}
	if !makeSequence(dst, n) {
		return mismatch(src, dst)
	}
	for i := range n {
		if err := a.set(dst.Index(i), src.row(i)); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// makeSequence makes dst a slice of n zeros; a Go array has its length already.
func makeSequence(dst reflect.Value, n int) (ok bool) {
	if dst.Kind() == reflect.Array {
		return dst.Len() == n
	}
	dst.Set(reflect.MakeSlice(dst.Type(), n, n))
	return true
}

// setElements stores the elements of an array of any shape in a slice or Go
// array: all at once where both are numbers.
func (a *assigner) setElements(dst reflect.Value, src array) error {
	if dst.Kind() == reflect.Slice {
		if flat := reflect.ValueOf(src.flat()); flat.Type().AssignableTo(dst.Type()) {
			dst.Set(flat)
			return nil
		}
		plain := reflect.PointerTo(reflect.SliceOf(dst.Type().Elem()))
		if ok, err := convert(dst.Addr().Convert(plain).Interface(), src); ok {
			return err
		}
	}
	if !makeSequence(dst, src.size()) {
		return mismatch(src, dst)
	}
	for i := range src.size() {
		if err := a.set(dst.Index(i), src.at(i)); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

// setFromList stores values in a slice or Go array; v is what held them.
func (a *assigner) setFromList(dst reflect.Value, values []any, v any) error {
	if !isSequence(dst.Type()) {
		return mismatch(v, dst)
	}
	return a.setElements(dst, vector(values))
}

// setFromNames stores values with names in a struct or map; v is what held them.
func (a *assigner) setFromNames(dst reflect.Value, values map[string]any, v any) error {
	if dst.Kind() == reflect.Map {
		dict := make(Dict, 0, len(values))
		for name, value := range values {
			dict = append(dict, Item{name, value})
		}
		return a.setFromDict(dst, dict)
	}
	if dst.Kind() != reflect.Struct {
		return mismatch(v, dst)
	}
	fields, err := fieldsOf(dst.Type())
	if err != nil {
		return err
	}
	for _, f := range fields {
		target := dst.FieldByIndex(f.index)
		value, ok := values[f.name]
		if !ok && target.Kind() != reflect.Pointer && target.Kind() != reflect.Interface {
			return fmt.Errorf("%s without %q found, one for %v was wanted", describe(v), f.name, dst.Type())
		}
		if err := a.set(target, value); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// setFromDict stores pairs in a map.
func (a *assigner) setFromDict(dst reflect.Value, dict Dict) error {
	if dst.Kind() != reflect.Map {
		return mismatch(dict, dst)
	}
	dst.Set(reflect.MakeMapWithSize(dst.Type(), len(dict)))
	for _, item := range dict {
		key := reflect.New(dst.Type().Key()).Elem()
		if err := a.set(key, item.Key); err != nil {
			return fmt.Errorf("key: %w", err)
		}
		if !key.Comparable() {
			return fmt.Errorf("key: %s found, a value that can be compared was wanted", describe(item.Key))
		}
		value := reflect.New(dst.Type().Elem()).Elem()
		if err := a.set(value, item.Value); err != nil {
			return fmt.Errorf("key %s: %w", keyOf(item.Key), err)
		}
		dst.SetMapIndex(key, value)
	}
	return nil
}

// setFromStructs stores the elements of a struct array in slices, or the only
// one in a struct or map.
func (a *assigner) setFromStructs(dst reflect.Value, s StructArray) error {
	elements := s.elements()
	if isSequence(dst.Type()) || elements.size() == 1 {
		return a.setFromArray(dst, elements)
	}
	return mismatch(s, dst)
}

// setFromRecords stores the rows of a record array in a slice, or its columns in
// a struct or map.
func (a *assigner) setFromRecords(dst reflect.Value, r RecordArray) error {
	if !isSequence(dst.Type()) {
		return a.setFromNames(dst, r.columns(), r)
	}
	n, columns, ok := r.rows()
	if !ok {
		return mismatch(r, dst)
	}
	if err := a.spend(n, columns, r); err != nil {
		return err
	}
	if !makeSequence(dst, n) {
		return mismatch(r, dst)
	}
	for i := range n {
		if err := a.set(dst.Index(i), r.row(i)); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// setBytes stores bytes in a Go array of them; a slice takes them as they are.
func setBytes(dst reflect.Value, b []byte) error {
	if dst.Kind() != reflect.Array || dst.Type().Elem() != reflect.TypeFor[byte]() || dst.Len() != len(b) {
		return mismatch(b, dst)
	}
	reflect.Copy(dst, reflect.ValueOf(b))
	return nil
}

func setBigInt(n *big.Int, dst reflect.Value, v any) error {
	switch v := v.(type) {
	case *big.Int:
		n.Set(v)
	case int64:
		n.SetInt64(v)
	default:
		return mismatch(v, dst)
	}
	return nil
}

// setScalar stores a value that holds no others.
func setScalar(dst reflect.Value, v any) error {
	if t, ok := reflect.TypeAssert[*time.Time](dst.Addr()); ok {
		if date, ok := v.(Date); ok {
			*t = date.Time()
			return nil
		}
		return mismatch(v, dst)
	}
	if !setKind(dst, v) {
		return mismatch(v, dst)
	}
	return nil
}

// setKind stores v in a variable of a basic kind, if nothing is lost.
func setKind(dst reflect.Value, v any) (ok bool) {
	switch dst.Kind() {
	case reflect.Bool:
		var b bool
		b, ok = v.(bool)
		dst.SetBool(b)
	case reflect.String:
		var s string
		s, ok = textOf(v)
		dst.SetString(s)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, exact := scalarAs[int64](v)
		if t, isTime := v.(TimeOfDay); isTime {
			n, exact = int64(t), dst.Type() == reflect.TypeFor[time.Duration]()
		}
		ok = exact && !dst.OverflowInt(n)
		dst.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, exact := scalarAs[uint64](v)
		ok = exact && !dst.OverflowUint(n)
		dst.SetUint(n)
	case reflect.Float32:
		var x float32
		x, ok = scalarAs[float32](v)
		dst.SetFloat(float64(x))
	case reflect.Float64:
		var x float64
		x, ok = scalarAs[float64](v)
		dst.SetFloat(x)
	case reflect.Complex64, reflect.Complex128:
		var c complex128
		c, ok = complexOf(v, dst.Kind() == reflect.Complex64)
		dst.SetComplex(c)
	default: // stays as it is
	}
	return ok
}
