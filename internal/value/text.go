package value

import (
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/rowmill/rowmill/internal/datatype"
)

func forText(typ datatype.Type, t reflect.Type) (Converter, error) {
	if t.Kind() != reflect.String {
		return Converter{}, misfit(typ, t, "a string")
	}
	return spelled(typ), nil
}

// spelled are texts of which equal values are to be equal texts, on every server.
func spelled(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) { return keep(typ, v.String()) },
		Decode: func(src any, dst reflect.Value) error {
			s, err := exactText(typ, src)
			dst.SetString(s)
			return err
		},
	}
}

// keep is what a column keeps of a text, which must be one of the type's.
func keep(typ datatype.Type, s string) (any, error) {
	switch {
	case !utf8.ValidString(s):
		return nil, fmt.Errorf("%.99q is no text in UTF-8", s)
	case typ.Kind == datatype.Text && len(s) > typ.Size:
		return nil, fmt.Errorf("%d bytes are too many for %s, which has at most %d", len(s), typ.Spec, typ.Size)
	}
	return typ.Canonical(s)
}

// texts are those of which nothing is known.
var texts = Converter{
	Encode: func(v reflect.Value) (any, error) { return v.String(), nil },
	Decode: func(src any, dst reflect.Value) error {
		s, err := text(src)
		dst.SetString(s)
		return err
	},
}
