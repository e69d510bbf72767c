package value

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"slices"

	"github.com/rowmill/rowmill/internal/datatype"
)

var (
	scannerType = reflect.TypeFor[sql.Scanner]()
	valuerType  = reflect.TypeFor[driver.Valuer]()
)

// scans tells whether a Go type reads and writes values of the attribute's type itself, as decimal types
// do. What is JSON is encoding/json's affair; types of database/sql are only for what may be NULL.
func scans(typ datatype.Type, t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return typ.Kind != datatype.JSON && t != uuidType && !isNull(t) && t.Kind() != reflect.Pointer &&
		p.Implements(valuerType) && p.Implements(scannerType)
}

// scansNull tells whether a type of which scans holds takes NULL, too.
func scansNull(t reflect.Type) (takes bool) {
	defer func() {
		if recover() != nil { // by a Scan that has never seen a NULL
			takes = false
		}
	}()
	return reflect.New(t).Interface().(sql.Scanner).Scan(nil) == nil
}

// scanned leaves the conversion to the type itself, but for the forms that drivers know.
func scanned(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			held, err := addressOf(v).(driver.Valuer).Value()
			if err != nil {
				return nil, err
			}
			return account(typ, held)
		},
		Decode: func(src any, dst reflect.Value) error {
			if src != nil {
				var err error
				if src, err = anyForm(typ, src); err != nil {
					return err
				}
			}
			return dst.Addr().Interface().(sql.Scanner).Scan(src)
		},
	}
}

// account is what a column keeps of what a value is by its own account. That may be a number's text, or a
// text's bytes, or bytes in a string: servers take these, too.
func account(typ datatype.Type, held any) (any, error) {
	switch h := held.(type) {
	case nil:
		return nil, nil
	case []byte:
		if !slices.Contains(inBytes, typ.Kind) && typ.Kind != datatype.UUID && typ.Kind != datatype.Unknown {
			return account(typ, string(h))
		}
	case string:
		if slices.Contains(numbers, typ.Kind) {
			return typ.Canonical(h)
		}
		if slices.Contains(inBytes, typ.Kind) {
			held = []byte(h)
		}
	}
	return match(typ, true, reflect.ValueOf(held))
}

var (
	numbers = []datatype.Kind{datatype.Integer, datatype.Bool, datatype.Year, datatype.Float}
	inBytes = []datatype.Kind{datatype.Bytes, datatype.Binary, datatype.Varbinary, datatype.Bit, datatype.Spatial}
)
