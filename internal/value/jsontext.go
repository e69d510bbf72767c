package value

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/internal/blob"
)

// JSONText spells what a blob was decoded to as JSON, for programs that know no blobs: arrays and lists as lists,
// of as many levels as they have dimensions, and of one where nothing is in them; dicts as objects, or as lists of
// pairs where their keys are not all strings; NumPy's record arrays as objects of lists, MATLAB's struct arrays as
// lists of objects; complex numbers as pairs; times as "2006-01-02T15:04:05.999", and such as Go does not know as
// their count and its unit; bytes in base64. A number that is none, or infinite, is null, and so is NumPy's NaT.
func JSONText(v any) (string, error) {
	b, err := appendJSON(nil, reflect.ValueOf(v))
	return string(b), err
}

// CanonicalJSON spells a JSON text without spaces, and with the keys of objects in their order, as a server
// may or may not do.
func CanonicalJSON(text []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // keeps all digits
	var v any
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

func appendJSON(b []byte, v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return append(b, "null"...), nil
	}
	if b, ok := appendScalar(b, v.Interface()); ok {
		return b, nil
	}
	switch s := v.Interface().(type) {
	case blob.RecordArray:
		columns := make(blob.Dict, len(s.Fields))
		for i, name := range s.Fields {
			columns[i] = blob.Item{Key: name, Value: s.Columns[i]}
		}
		return appendDict(b, columns)
	case blob.StructArray:
		records := make([]blob.Dict, len(s.Data))
		for i, values := range s.Data {
			for j, name := range s.Fields {
				records[i] = append(records[i], blob.Item{Key: name, Value: values[j]})
			}
		}
		return appendShaped(b, s.Shape, reflect.ValueOf(records))
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(b, v.Float(), v.Type().Bits()), nil
	case reflect.Complex64, reflect.Complex128:
		c, bits := v.Complex(), v.Type().Bits()/2
		b = appendFloat(append(b, '['), real(c), bits)
		return append(appendFloat(append(b, ','), imag(c), bits), ']'), nil
	case reflect.String:
		return appendQuoted(b, v.String()), nil
	case reflect.Slice, reflect.Array:
		return appendList(b, v)
	case reflect.Map:
		return appendMap(b, v)
	case reflect.Pointer, reflect.Interface:
		return appendJSON(b, v.Elem())
	}
	if shape, ok := shapeOf(v); ok {
		return appendShaped(b, shape, v.FieldByName("Data"))
	}
	return nil, fmt.Errorf("a %s cannot be written as JSON", v.Type())
}

// appendScalar appends values that are structs, or no numbers, and have a text.
func appendScalar(b []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		b = append(base64.StdEncoding.AppendEncode(append(b, '"'), v), '"')
	case time.Time:
		b = v.AppendFormat(b, `"2006-01-02T15:04:05.999999999"`)
	case blob.Date:
		b = v.Time().AppendFormat(b, `"2006-01-02"`)
	case blob.TimeOfDay:
		b = time.Time{}.Add(time.Duration(v)).AppendFormat(b, `"15:04:05.999999"`)
	case blob.Decimal:
		b = appendQuoted(b, string(v))
	case blob.Datetime64:
		b = fmt.Appendf(b, "[%d,%q]", v.Count, v.Unit)
	case uuid.UUID:
		b = appendQuoted(b, v.String())
	case *big.Int:
		b = v.Append(b, 10)
	default:
		return b, false
	}
	return b, true
}

func appendFloat(b []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, f, 'g', -1, bits)
}

func appendQuoted(b []byte, s string) []byte {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) //nolint:errchkjson // of a string, into memory, it does not fail
	return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}

// appendList appends a list, or dicts and structured arrays, which are lists of something.
func appendList(b []byte, v reflect.Value) (_ []byte, err error) {
	if d, ok := reflect.TypeAssert[blob.Dict](v); ok && allStrings(d) {
		return appendDict(b, d)
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendElement(b, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// appendElement appends an element of a list. The zero time is NaT in an array of times, and a time elsewhere.
func appendElement(b []byte, v reflect.Value) ([]byte, error) {
	if item, ok := reflect.TypeAssert[blob.Item](v); ok {
		return appendJSON(b, reflect.ValueOf([]any{item.Key, item.Value}))
	}
	if v.Type() == timeType && v.IsZero() {
		return append(b, "null"...), nil
	}
	return appendJSON(b, v)
}

func allStrings(d blob.Dict) bool {
	return !slices.ContainsFunc(d, func(i blob.Item) bool { _, ok := i.Key.(string); return !ok })
}

func appendDict(b []byte, d blob.Dict) (_ []byte, err error) {
	b = append(b, '{')
	for i, item := range d {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, item.Key.(string)), ':')
		if b, err = appendJSON(b, reflect.ValueOf(item.Value)); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendMap(b []byte, v reflect.Value) ([]byte, error) {
	var d blob.Dict
	for _, key := range v.MapKeys() {
		d = append(d, blob.Item{Key: key.String(), Value: v.MapIndex(key).Interface()})
	}
	slices.SortFunc(d, func(x, y blob.Item) int { return strings.Compare(x.Key.(string), y.Key.(string)) })
	return appendDict(b, d)
}

// shapeOf is the shape of an array of the blob package.
func shapeOf(v reflect.Value) ([]int, bool) {
	if v.Kind() != reflect.Struct || !v.FieldByName("Data").IsValid() {
		return nil, false
	}
	return reflect.TypeAssert[[]int](v.FieldByName("Shape"))
}

// appendShaped appends an array of any number of dimensions, whose last index varies fastest.
func appendShaped(b []byte, shape []int, data reflect.Value) (_ []byte, err error) {
	switch {
	case len(shape) == 0 && data.Len() == 1:
		return appendElement(b, data.Index(0))
	case len(shape) < 2, data.Len() == 0: // whose extents may be as large as they like
		return appendList(b, data)
	}
	n := 1
	for _, extent := range shape[1:] {
		n *= extent
	}
	b = append(b, '[')
	for i := range shape[0] {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendShaped(b, shape[1:], data.Slice(i*n, (i+1)*n)); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}
