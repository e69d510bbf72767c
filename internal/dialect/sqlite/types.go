package sqlite

import (
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// columnLine is a column's line of CREATE TABLE: one of the types of a STRICT table, and a
// CHECK that lets in what the type lets in.
func columnLine(c dialect.Column) string {
	storage, check := storage(c)
	line := dialect.Quote(c.Name) + " " + storage
	if !c.Nullable {
		line += " NOT NULL"
	}
	if c.Default != "" {
		line += " DEFAULT " + defaultValue(c)
	}
	return line + check
}

// integer is the STRICT type of integers. A key of the type INTEGER, its synonym elsewhere,
// would be given a number of SQLite's choice in place of a NULL.
const integer = "INT"

// numberedLine is the line of a key that SQLite numbers.
func numberedLine(c dialect.Column) string {
	_, check := storage(c)
	return dialect.Quote(c.Name) + " INTEGER PRIMARY KEY AUTOINCREMENT" + check
}

// exactDigits is how many digits a decimal may have that a float holds: it then compares, and sums
// up, as a number. A longer one is a text.
const exactDigits = 15

// storage is the STRICT type of a column, and its CHECK; empty for none.
func storage(c dialect.Column) (typ, check string) {
	typ, condition := strict(c.Type)
	if condition == "" {
		return typ, ""
	}
	return typ, " CHECK (" + in(c.Name, condition) + ")"
}

// strict is the STRICT type of a column, and what its values must be, which @ stands for.
func strict(t datatype.Type) (typ, condition string) {
	switch t.Kind {
	case datatype.Integer, datatype.Bool:
		return integer, integerCheck(t)
	case datatype.Year:
		return integer, "@ = 0 OR @ BETWEEN 1901 AND 2155"
	case datatype.Float:
		return "REAL", floatCheck(t)
	case datatype.Decimal:
		if t.Size <= exactDigits {
			return "REAL", decimalCheck(t)
		}
		return "TEXT", digitsCheck(t)
	case datatype.Char, datatype.Varchar:
		return "TEXT", atMost("length(@)", t.Size)
	case datatype.Text:
		return "TEXT", atMost("octet_length(@)", t.Size)
	case datatype.Binary, datatype.Varbinary, datatype.Bytes:
		return "BLOB", atMost("length(@)", t.Size)
	case datatype.UUID:
		return "BLOB", "length(@) = 16"
	case datatype.Bit:
		return "BLOB", bitCheck(t)
	case datatype.Spatial:
		return "BLOB", ""
	case datatype.Enum:
		return "TEXT", enumCheck(t)
	case datatype.Set:
		return "TEXT", setCheck(t)
	case datatype.JSON:
		return "TEXT", "json_valid(@)"
	case datatype.Date:
		return "TEXT", dateCheck
	case datatype.DateTime:
		return "TEXT", momentCheck
	case datatype.Timestamp:
		return "TEXT", timestampCheck
	case datatype.Time:
		return "TEXT", clockCheck
	default:
		return "TEXT", ""
	}
}
