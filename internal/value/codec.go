package value

import (
	"fmt"
	"reflect"

	"github.com/rowmill/rowmill/internal/blob"
	"github.com/rowmill/rowmill/internal/datatype"
)

// A Codec keeps Go values in the core type of a codec's attributes.
type Codec interface {
	// Fits says what is wanted where a Go type cannot hold the codec's values.
	Fits(t reflect.Type) error
	// Encode turns a value of a type that fits into what is stored.
	Encode(v any) ([]byte, error)
	// Decode sets what dst points to, of a type that fits, to what was stored. It keeps
	// nothing of data.
	Decode(data []byte, dst any) error
}

// Blob is the codec <blob>: DataJoint's format, which holds values of nearly any Go type.
var Blob Codec = blobs{}

type blobs struct{}

func (blobs) Fits(t reflect.Type) error         { return dataWalk{tag: "db"}.check(t) }
func (blobs) Encode(v any) ([]byte, error)      { return blob.Encode(v) }
func (blobs) Decode(data []byte, dst any) error { return blob.Unmarshal(data, dst) }

func forCodec(typ datatype.Type, codec Codec, t reflect.Type) (Converter, error) {
	if err := codec.Fits(t); err != nil {
		return Converter{}, fmt.Errorf("is %s: %w", typ.Spec, err)
	}
	return coded(typ, codec), nil
}

// coded carries values through a codec. What is stored as text is handed over as text.
func coded(typ datatype.Type, codec Codec) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			data, err := codec.Encode(v.Interface())
			switch {
			case err != nil:
				return nil, err
			case typ.Kind != datatype.Bytes:
				return keep(typ, string(data))
			case data == nil:
				return []byte{}, nil // nil would be NULL
			}
			return data, nil
		},
		Decode: func(src any, dst reflect.Value) error {
			data, err := raw(src)
			if err != nil {
				return err
			}
			return codec.Decode(data, dst.Addr().Interface())
		},
	}
}
