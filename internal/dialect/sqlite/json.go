package sqlite

import (
	"fmt"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// JSONValue extracts and converts. What is cast last is compared as its type with an argument of any.
func (Dialect) JSONValue(document, path string, t datatype.Type) string {
	args := "(" + document + ", " + dialect.Literal(path) + ")"
	value := "(CASE json_type" + args + " WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE json_extract" + args + " END)"
	switch t.Kind {
	case datatype.Integer:
		return "CAST(" + value + " AS INTEGER)"
	case datatype.Float:
		return "CAST(" + value + " AS REAL)"
	case datatype.Decimal:
		return fmt.Sprintf("CAST(round(%s, %d) AS REAL)", value, t.Scale)
	case datatype.Date:
		return "date(" + value + ")"
	case datatype.DateTime:
		if t.Fraction > 0 {
			return clock(value)
		}
		return "datetime(" + value + ")"
	case datatype.Char, datatype.Varchar:
		return fmt.Sprintf("substr(CAST(%s AS TEXT), 1, %d)", value, t.Size)
	default:
		return value
	}
}
