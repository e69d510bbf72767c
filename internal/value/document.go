package value

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/rowmill/rowmill/internal/datatype"
)

var (
	rawJSONType       = reflect.TypeFor[json.RawMessage]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
)

// forDocument takes what encoding/json takes.
func forDocument(typ datatype.Type, t reflect.Type) (Converter, error) {
	w := dataWalk{tag: "json", marshals: marshalsJSON, no: []reflect.Kind{reflect.Complex64, reflect.Complex128}}
	if err := w.check(t); err != nil {
		return Converter{}, fmt.Errorf("is %s: %w", typ.Spec, err)
	}
	return documents, nil
}

func marshalsJSON(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonMarshalerType) || p.Implements(marshalerType)
}

// documents are JSON texts.
var documents = Converter{
	Encode: func(v reflect.Value) (any, error) {
		if v.Type() == rawJSONType && v.Len() == 0 {
			return "null", nil
		}
		b, err := json.Marshal(addressOf(v))
		if err != nil {
			return nil, err
		}
		return keep(datatype.Type{Kind: datatype.JSON}, string(b))
	},
	Decode: func(src any, dst reflect.Value) error {
		b, err := raw(src)
		if err != nil {
			return err
		}
		dst.SetZero() // json would add to a map, and write over the slice of a row read before
		return json.Unmarshal(b, dst.Addr().Interface())
	},
}

// A dataWalk looks through what values of a type hold for what is no data.
type dataWalk struct {
	tag      string                  // of fields; that of one that is left out is "-"
	marshals func(reflect.Type) bool // whether values of a type write themselves; nil where none does
	no       []reflect.Kind          // is no data, besides channels and functions
}

// check wants a type whose values are data.
func (w dataWalk) check(t reflect.Type) error {
	switch found := w.find(t, map[reflect.Type]bool{}); {
	case isNull(t):
		return fmt.Errorf("%s is for what may be NULL: %s is wanted", t, t.Field(0).Type)
	case found == t:
		return fmt.Errorf("%s is no data", t)
	case found != nil:
		return fmt.Errorf("%s holds %s, which is no data", t, found)
	}
	return nil
}

// find is the first type that is no data; nil where there is none.
func (w dataWalk) find(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	if seen[t] || w.marshals != nil && w.marshals(t) {
		return nil
	}
	seen[t] = true
	for _, kind := range append(w.no, reflect.Chan, reflect.Func, reflect.UnsafePointer) {
		if t.Kind() == kind {
			return t
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return w.find(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.Tag.Get(w.tag) == "-" || !f.IsExported() && !f.Anonymous {
				continue
			}
			if found := w.find(f.Type, seen); found != nil {
				return found
			}
		}
	}
	return nil
}
