package blob

import (
	"fmt"
	"math/big"
	"strings"
)

// typeOf names the type of v as Go code does.
func typeOf(v any) string {
	return strings.ReplaceAll(fmt.Sprintf("%T", v), "interface {}", "any")
}

// describe names a value that Decode returns, for an error.
func describe(v any) string {
	if a, ok := vectorOf(v); ok {
		v = a
	}
	switch v := v.(type) {
	case nil:
		return "None"
	case array:
		elem := typeOf(v.flat())[len("[]"):]
		if len(v.shape()) == 1 {
			return fmt.Sprintf("array of %d elements of %s", v.size(), elem)
		}
		return fmt.Sprintf("array of %d dimensions of %s", len(v.shape()), elem)
	case []any:
		return fmt.Sprintf("list of %d values", len(v))
	case Tuple:
		return fmt.Sprintf("tuple of %d values", len(v))
	case Set:
		return fmt.Sprintf("set of %d values", len(v))
	case map[string]any:
		return fmt.Sprintf("dict of %d keys", len(v))
	case Dict:
		return fmt.Sprintf("dict of %d keys", len(v))
	case CellArray:
		return fmt.Sprintf("cell array of shape %v", v.Shape)
	case StructArray:
		return fmt.Sprintf("struct array of shape %v", v.Shape)
	case RecordArray:
		return fmt.Sprintf("record array of %d columns", len(v.Columns))
	case string:
		return fmt.Sprintf("string %.40q", v)
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	case *big.Int:
		return fmt.Sprintf("int of %d bits", v.BitLen())
	}
	return fmt.Sprintf("%T %v", v, v)
}

// keyOf names a key of a dict, for an error.
func keyOf(key any) string {
	if s, ok := key.(string); ok {
		return fmt.Sprintf("%.40s", s)
	}
	return describe(key)
}
