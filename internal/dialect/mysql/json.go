package mysql

import (
	"fmt"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// JSONValue extracts and converts. JSON_VALUE would cut texts after 512 letters on MySQL, and converts
// on MySQL alone.
func (Dialect) JSONValue(document, path string, t datatype.Type) string {
	extract := "JSON_EXTRACT(" + document + ", " + dialect.Literal(path) + ")"
	value := "(CASE WHEN JSON_TYPE(" + extract + ") <> 'NULL' THEN JSON_UNQUOTE(" + extract + ") END)"
	switch t.Kind {
	case datatype.Integer:
		if t.Unsigned {
			return "CAST(" + value + " AS UNSIGNED)"
		}
		return "CAST(" + value + " AS SIGNED)"
	case datatype.Float:
		return "(" + value + " + 0e0)"
	case datatype.Decimal:
		return fmt.Sprintf("CAST(%s AS DECIMAL(%d,%d))", value, t.Size, t.Scale)
	case datatype.Date:
		return "CAST(" + value + " AS DATE)"
	case datatype.DateTime:
		return fmt.Sprintf("CAST(%s AS DATETIME(%d))", value, t.Fraction)
	case datatype.Char, datatype.Varchar:
		return fmt.Sprintf("CAST(%s AS CHAR(%d))", value, t.Size)
	default:
	}
	return value
}
