package value

import (
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/internal/datatype"
)

var (
	uuidType  = reflect.TypeFor[uuid.UUID]()
	bytesType = reflect.TypeFor[[]byte]()
)

// forBytes lets a blob of a server's own type hold what DataJoint kept there before it had codecs:
// a field that is no []byte holds what the blob says.
func forBytes(typ datatype.Type, t reflect.Type) (Converter, error) {
	isBytes := t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	switch {
	case t == uuidType && (typ.Kind == datatype.UUID || typ.Kind == datatype.Binary && typ.Size == len(uuid.UUID{})):
		return uuids, nil
	case typ.Kind == datatype.UUID:
		return Converter{}, misfit(typ, t, "a uuid.UUID")
	case isBytes && (typ.Kind == datatype.Binary || typ.Kind == datatype.Bit):
		return padded(typ), nil
	case isBytes:
		return rawBytes, nil
	case typ.Kind == datatype.Bytes && typ.Native && Blob.Fits(t) == nil:
		return coded(typ, Blob), nil
	}
	return Converter{}, misfit(typ, t, "a []byte")
}

var rawBytes = Converter{
	Encode: func(v reflect.Value) (any, error) { return append([]byte{}, v.Bytes()...), nil },
	Decode: func(src any, dst reflect.Value) error {
		b, err := raw(src)
		dst.SetBytes(append([]byte{}, b...))
		return err
	},
}

// padded are bytes to which servers add zeros: behind those of a binary, before those of a bit.
func padded(typ datatype.Type) Converter {
	size, unused := typ.Size, 0
	if typ.Kind == datatype.Bit {
		size = (typ.Size + 7) / 8
		unused = 8*size - typ.Size
	}
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			b, missing := make([]byte, size), size-v.Len()
			if missing < 0 {
				return nil, fmt.Errorf("%d bytes are too many for %s, which has %d", v.Len(), typ.Spec, size)
			}
			if typ.Kind == datatype.Binary {
				missing = 0
			}
			copy(b[missing:], v.Bytes())
			if unused > 0 && b[0]>>(8-unused) != 0 {
				return nil, fmt.Errorf("%x has more bits than %s", b, typ.Spec)
			}
			return b, nil
		},
		Decode: rawBytes.Decode,
	}
}

var uuids = Converter{
	Encode: func(v reflect.Value) (any, error) {
		id := v.Interface().(uuid.UUID)
		return id[:], nil
	},
	Decode: func(src any, dst reflect.Value) error {
		b, err := raw(src)
		if err != nil {
			return err
		}
		id, err := uuid.FromBytes(b)
		if len(b) > len(id) {
			id, err = uuid.ParseBytes(b) // as MariaDB's own type comes
		}
		dst.Set(reflect.ValueOf(id))
		return err
	},
}
