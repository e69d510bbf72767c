package sqlite

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// in puts a column's name where @ stands in a condition, unless in quotes: a member of an enum may hold one.
func in(column, condition string) string {
	pieces := strings.Split(condition, "'")
	for i := 0; i < len(pieces); i += 2 {
		pieces[i] = strings.ReplaceAll(pieces[i], "@", dialect.Quote(column))
	}
	return strings.Join(pieces, "'")
}

func integerCheck(t datatype.Type) string {
	switch {
	case t.Unsigned && t.Bits == 64:
		return "@ >= 0" // SQLite has no larger integers than int64
	case t.Unsigned:
		return fmt.Sprintf("@ BETWEEN 0 AND %d", int64(1)<<t.Bits-1)
	case t.Bits == 64:
		return ""
	}
	return fmt.Sprintf("@ BETWEEN %d AND %d", int64(-1)<<(t.Bits-1), int64(1)<<(t.Bits-1)-1)
}

// floatCheck keeps the infinities out, which 9e999 is to SQLite.
func floatCheck(t datatype.Type) string {
	switch {
	case t.Size > 0: // and rounded, as a decimal
		return decimalCheck(t)
	case t.Bits == 32:
		return fmt.Sprintf("abs(@) <= %v", math.MaxFloat32) + notNegative(t)
	}
	return "abs(@) < 9e999" + notNegative(t)
}

func decimalCheck(t datatype.Type) string {
	return fmt.Sprintf("abs(@) < 1e%d", t.Size-t.Scale) + notNegative(t)
}

func notNegative(t datatype.Type) string {
	if t.Unsigned {
		return " AND @ >= 0"
	}
	return ""
}

// digitsCheck is for a decimal that is kept as a text. Zero stands before the point where no digit can.
func digitsCheck(t datatype.Type) string {
	digits := "ltrim(@, '-')"
	if t.Unsigned {
		digits = "@"
	}
	check := digits + " NOT GLOB '*[^0-9.]*' AND "
	if t.Size == t.Scale {
		return check + digits + " || '.' GLOB '0.*'"
	}
	return check + fmt.Sprintf("instr(%s || '.', '.') BETWEEN 2 AND %d", digits, t.Size-t.Scale+1)
}

// longest is how many bytes SQLite keeps of anything.
const longest = 1_000_000_000

func atMost(length string, size int) string {
	if size >= longest {
		return ""
	}
	return fmt.Sprintf("%s <= %d", length, size)
}

// bitCheck compares the bytes with the largest that there are.
func bitCheck(t datatype.Type) string {
	most := bytes.Repeat([]byte{0xFF}, (t.Size+7)/8)
	if rest := t.Size % 8; rest > 0 {
		most[0] = 1<<rest - 1
	}
	return fmt.Sprintf("length(@) < %d OR length(@) = %d AND @ <= X'%X'", len(most), len(most), most)
}

// enumCheck has the members in single quotes: what is in double quotes is a column to SQLite where there
// is one of the name.
func enumCheck(t datatype.Type) string {
	members := make([]string, len(t.Members))
	for i, m := range t.Members {
		members[i] = dialect.Literal(m)
	}
	return "@ IN (" + strings.Join(members, ", ") + ")"
}

// setCheck puts commas around each member that is there, and takes all members out.
func setCheck(t datatype.Type) string {
	rest := "',' || replace(@, ',', ',,') || ','"
	for _, m := range t.Members {
		rest = "replace(" + rest + ", " + dialect.Literal(","+m+",") + ", '')"
	}
	return "@ = '' OR " + rest + " = ''"
}

// The functions of SQLite read more than dates and times, and the word now, of which a CHECK must not
// ask; they read what is no day as the day after, and know an hour 24. A fraction is digits.
const (
	dateCheck   = "@ GLOB '[0-9][0-9][0-9][0-9]-*' AND @ IS date(@)"
	momentCheck = "(@ GLOB '[0-9][0-9][0-9][0-9]-* [01][0-9]:*' OR @ GLOB '[0-9][0-9][0-9][0-9]-* 2[0-3]:*')" +
		" AND substr(@, 1, 19) IS datetime(@) AND rtrim(substr(@, 20), '0123456789') IN ('', '.')"
	timestampCheck = momentCheck + " AND @ BETWEEN '1970-01-01 00:00:01' AND '2038-01-19 03:14:08'"
	clockCheck     = "(@ GLOB '[0-9][0-9]:*' OR @ GLOB '[0-9][0-9][0-9]:*' OR @ GLOB '-[0-9][0-9]:*' OR @ GLOB '-[0-9][0-9][0-9]:*')" +
		" AND abs(CAST(@ AS INTEGER)) < 839 AND substr(@, instr(@, ':'), 6) GLOB ':[0-5][0-9]:[0-5][0-9]'" +
		" AND (substr(@, instr(@, ':') + 6) = '' OR substr(@, instr(@, ':') + 6) GLOB '.[0-9]*'" +
		" AND substr(@, instr(@, ':') + 7) NOT GLOB '*[^0-9]*')"
)
