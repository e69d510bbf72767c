package query

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// A parquetColumn is how an attribute is written.
type parquetColumn struct {
	node parquet.Node
	// put makes what is written of a value that is not NULL.
	put func(v any) (parquet.Value, error)
}

func (c *parquetColumn) cell(v any) (parquet.Value, error) {
	switch {
	case v != nil:
		return c.put(v)
	case c.node.Optional():
		return parquet.NullValue(), nil
	}
	return parquet.Value{}, errors.New("it is NULL, and the attribute says that it never is")
}

// level is Parquet's definition level: how much of an optional value is there.
func (c *parquetColumn) level(v any) int {
	if v != nil && c.node.Optional() {
		return 1
	}
	return 0
}

// columnOf finds how an attribute is written, which for a computed one its values tell in the first rows.
func columnOf(a schema.Attr, first [][]any, i int) parquetColumn {
	if isComputed(a) {
		c := computedColumn(first, i)
		c.node = parquet.Optional(c.node)
		return c
	}
	c := plainColumn(a)
	if a.Nullable {
		c.node = parquet.Optional(c.node)
	}
	return c
}

// isComputed tells whether nothing is known of an attribute's type.
func isComputed(a schema.Attr) bool { return a.Type.Kind == datatype.Unknown && a.Codec == nil }

func plainColumn(a schema.Attr) parquetColumn {
	if isBlob(a) {
		return parquetColumn{parquet.JSON(), putText}
	}
	switch typ := a.Type; typ.Kind {
	case datatype.Integer:
		return integerColumn(typ)
	case datatype.Year:
		return parquetColumn{parquet.Int(16), putInt32}
	case datatype.Bool:
		return parquetColumn{parquet.Leaf(parquet.BooleanType), put(parquet.BooleanValue)}
	case datatype.Float:
		if typ.Bits == 32 {
			return parquetColumn{parquet.Leaf(parquet.FloatType), put(func(f float64) parquet.Value { return parquet.FloatValue(float32(f)) })}
		}
		return doubleColumn
	case datatype.Decimal:
		return decimalColumn(typ)
	case datatype.Date:
		return parquetColumn{parquet.Date(), put(func(t time.Time) parquet.Value { return parquet.Int32Value(int32(floorDiv(t.Unix(), secondsADay))) })}
	case datatype.DateTime, datatype.Timestamp:
		return parquetColumn{parquet.TimestampAdjusted(parquet.Microsecond, false), put(func(t time.Time) parquet.Value { return parquet.Int64Value(t.UnixMicro()) })}
	case datatype.Time:
		return parquetColumn{parquet.String(), put(func(d time.Duration) parquet.Value { return parquet.ByteArrayValue([]byte(value.Clock(d))) })}
	case datatype.UUID:
		return parquetColumn{parquet.UUID(), put(func(u uuid.UUID) parquet.Value { return parquet.FixedLenByteArrayValue(u[:]) })}
	case datatype.JSON:
		return parquetColumn{parquet.JSON(), putText}
	case datatype.Binary, datatype.Varbinary, datatype.Bytes, datatype.Bit, datatype.Spatial:
		return bytesColumn
	default:
		return stringColumn
	}
}

var (
	wholeColumn  = parquetColumn{parquet.Int(64), put(parquet.Int64Value)}
	doubleColumn = parquetColumn{parquet.Leaf(parquet.DoubleType), putNumber}
	bytesColumn  = parquetColumn{parquet.Leaf(parquet.ByteArrayType), putText}
	stringColumn = parquetColumn{parquet.String(), putText}
)

const secondsADay = 24 * 60 * 60

// floorDiv is a division that rounds down, days before 1970 too.
func floorDiv(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

// computedColumn is of one of the types that computed attributes have.
func computedColumn(first [][]any, i int) parquetColumn {
	c := stringColumn
	for _, row := range first {
		switch row[i].(type) {
		case int64:
			c = wholeColumn // of whole numbers, as long as no other comes
			continue
		case float64:
			return doubleColumn
		case []byte:
			return bytesColumn
		case string:
			return stringColumn
		}
	}
	return c
}

func integerColumn(typ datatype.Type) parquetColumn {
	const narrow = 32 // what Parquet keeps in 32 bits
	bits := typ.Bits
	if bits == 24 { // MySQL's mediumint
		bits = narrow
	}
	switch {
	case typ.Unsigned && bits <= narrow:
		return parquetColumn{parquet.Uint(bits), put(func(n uint64) parquet.Value { return parquet.Int32Value(int32(uint32(n))) })}
	case typ.Unsigned:
		return parquetColumn{parquet.Uint(bits), put(func(n uint64) parquet.Value { return parquet.Int64Value(int64(n)) })}
	case bits <= narrow:
		return parquetColumn{parquet.Int(bits), putInt32}
	}
	return wholeColumn
}

// decimalColumn keeps the digits as an integer: in the narrowest of Parquet's types that holds them.
func decimalColumn(typ datatype.Type) parquetColumn {
	const digits32, digits64 = 9, 18
	var node parquet.Node
	var write func(n *big.Int) parquet.Value
	switch {
	case typ.Size <= digits32:
		node = parquet.Decimal(typ.Scale, typ.Size, parquet.Int32Type)
		write = func(n *big.Int) parquet.Value { return parquet.Int32Value(int32(n.Int64())) }
	case typ.Size <= digits64:
		node = parquet.Decimal(typ.Scale, typ.Size, parquet.Int64Type)
		write = func(n *big.Int) parquet.Value { return parquet.Int64Value(n.Int64()) }
	default:
		size := decimalBytes(typ.Size)
		node = parquet.Decimal(typ.Scale, typ.Size, parquet.FixedLenByteArrayType(size))
		write = func(n *big.Int) parquet.Value { return parquet.FixedLenByteArrayValue(twosComplement(n, size)) }
	}
	return parquetColumn{node, func(v any) (parquet.Value, error) {
		n, err := digitsOf(v, typ)
		if err != nil {
			return parquet.Value{}, err
		}
		return write(n), nil
	}}
}

// decimalBytes is how many bytes hold so many digits and a sign.
func decimalBytes(digits int) int {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	return most.BitLen()/8 + 1
}

// twosComplement is a number in so many bytes, the highest first.
func twosComplement(n *big.Int, size int) []byte {
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	return n.FillBytes(make([]byte, size))
}

// digitsOf is a decimal's text as an integer with the type's digits after the point.
func digitsOf(v any, typ datatype.Type) (*big.Int, error) {
	text, ok := v.(string)
	whole, part, _ := strings.Cut(text, ".")
	if zeros := typ.Scale - len(part); ok && zeros >= 0 {
		n, valid := new(big.Int).SetString(whole+part+strings.Repeat("0", zeros), 10)
		if valid && len(n.Text(10)) <= typ.Size+len("-") {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%v is no %s", v, typ.Spec)
}

// put makes what is written of values of one type.
func put[T any](of func(T) parquet.Value) func(v any) (parquet.Value, error) {
	return func(v any) (parquet.Value, error) {
		t, ok := v.(T)
		if !ok {
			return parquet.Value{}, otherType(v, reflect.TypeFor[T]())
		}
		return of(t), nil
	}
}

func otherType(v any, wanted reflect.Type) error {
	return fmt.Errorf("it is a %T, and in rows before it was a %s", v, wanted)
}

var putInt32 = put(func(n int64) parquet.Value { return parquet.Int32Value(int32(n)) })

// putNumber takes whole numbers, too: computed ones may be either.
func putNumber(v any) (parquet.Value, error) {
	switch v := v.(type) {
	case float64:
		return parquet.DoubleValue(v), nil
	case int64:
		return parquet.DoubleValue(float64(v)), nil
	}
	return parquet.Value{}, otherType(v, reflect.TypeFor[float64]())
}

func putText(v any) (parquet.Value, error) {
	switch v := v.(type) {
	case string:
		return parquet.ByteArrayValue([]byte(v)), nil
	case []byte:
		return parquet.ByteArrayValue(v), nil
	}
	return parquet.Value{}, otherType(v, reflect.TypeFor[string]())
}

// A rowLayout has its columns in the order of the attributes: the library's own groups sort them.
type rowLayout struct {
	parquet.Group

	fields []parquet.Field
}

// Fields implements parquet.Node.
func (l rowLayout) Fields() []parquet.Field { return l.fields }

// A rowField is a column under its name.
type rowField struct {
	parquet.Node

	name string
}

// Name implements parquet.Field.
func (f *rowField) Name() string { return f.name }

// Value implements parquet.Field. Rows are written as they are, and never taken from structs.
func (*rowField) Value(reflect.Value) reflect.Value { return reflect.Value{} }
