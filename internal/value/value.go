// Package value carries values between Go and the columns of a database: what an attribute
// of a core type or codec stores, and what a Go type can hold.
package value

import (
	"database/sql"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A Type is the type of an attribute.
type Type struct {
	Spec  string // as the definition spells it: "int32", "varchar(16)", "<blob>"
	Core  string // the core type that is stored: "bytes" for "<blob>"; empty for a type that is not known
	Codec string // the codec's name: "blob"; empty for none
}

// bare are the core types without parameters.
var bare = []string{
	"int8", "int16", "int32", "int64", "float32", "float64", "bool",
	"date", "datetime", "json", "uuid", "bytes",
}

var parametric = regexp.MustCompile(`^(?:datetime\([0-6]\)|(?:var)?char\([1-9]\d*\)|decimal\(\d+(?:,\s*\d+)?\)|enum\(.+\))$`)

// enumMembers checks what stands between the parentheses of an enum.
var enumMembers = regexp.MustCompile(`(?s)^\s*(?:'(?:[^']|'')*'|"(?:[^"]|"")*")(?:\s*,\s*(?:'(?:[^']|'')*'|"(?:[^"]|"")*"))*\s*$`)

// CoreTypes lists the names of the core types and codecs, for guesses.
var CoreTypes = append([]string{"char(n)", "varchar(n)", "datetime(n)", "decimal(p,s)", "enum('a','b')", "<blob>"}, bare...)

// ParseType reads a type as a definition spells it. The second result is false where there
// is no such type.
func ParseType(spec string) (Type, bool) {
	if spec == "<blob>" {
		return Type{Spec: spec, Core: "bytes", Codec: "blob"}, true
	}
	if slices.Contains(bare, spec) {
		return Type{Spec: spec, Core: spec}, true
	}
	if !parametric.MatchString(spec) {
		return Type{}, false
	}
	if members, ok := strings.CutPrefix(spec, "enum("); ok && !enumMembers.MatchString(strings.TrimSuffix(members, ")")) {
		return Type{}, false
	}
	return Type{Spec: spec, Core: spec}, true
}

// family is a core type without its parameters.
func family(core string) string {
	name, _, _ := strings.Cut(core, "(")
	return name
}

// fraction is how many digits of a second a datetime keeps.
func fraction(core string) int {
	var digits int
	if _, err := fmt.Sscanf(core, "datetime(%d)", &digits); err != nil {
		return 0
	}
	return digits
}

// Time spells a time as columns keep it: the wall clock, whatever its zone, with as many
// digits of a second as are not zero, so that equal times are equal texts.
func Time(t time.Time, digits int) string {
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	unit := time.Second
	for range digits {
		unit /= 10
	}
	return t.Truncate(unit).Format("2006-01-02 15:04:05.999999")
}

// Date spells a day.
func Date(t time.Time) string { return t.Format("2006-01-02") }

var layouts = []string{"2006-01-02 15:04:05", "2006-01-02", "2006-01-02T15:04:05", "15:04:05"}

// parseTime reads a time as a column keeps it.
func parseTime(text string) (time.Time, error) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date or time", text)
}

// Arg turns an argument of a condition into what columns keep: a time into its text, a UUID
// into its bytes, whether it can be NULL or not. Everything else is left to the driver.
func Arg(v any) any {
	switch v := v.(type) {
	case time.Time:
		return Time(v, 6)
	case uuid.UUID:
		return v[:]
	case *time.Time:
		if v != nil {
			return Arg(*v)
		}
		return nil
	case *uuid.UUID:
		if v != nil {
			return Arg(*v)
		}
		return nil
	case sql.Null[time.Time]:
		if v.Valid {
			return Arg(v.V)
		}
		return nil
	case sql.Null[uuid.UUID]:
		if v.Valid {
			return Arg(v.V)
		}
		return nil
	}
	return v
}

// integer reads an integer from any form in which a driver hands it over.
func integer(src any) (int64, error) {
	switch v := src.(type) {
	case int64:
		return v, nil
	case uint64:
		if v > 1<<63-1 {
			return 0, fmt.Errorf("%d is larger than an int64 holds", v)
		}
		return int64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float32:
		return integer(float64(v))
	case float64:
		if v != math.Trunc(v) || v < -1<<63 || v >= 1<<63 {
			return 0, fmt.Errorf("%v is no integer that an int64 holds", v)
		}
		return int64(v), nil
	case []byte:
		return integer(string(v))
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is no integer that an int64 holds", v)
		}
		return n, nil
	}
	return 0, fmt.Errorf("a %T was found, an integer wanted", src)
}

// float reads a number from any form in which a driver hands it over.
func float(src any) (float64, error) {
	switch v := src.(type) {
	case float64:
		return v, nil
	case float32:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case []byte:
		return float(string(v))
	case string:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is no number that a float64 holds", v)
		}
		return f, nil
	}
	return 0, fmt.Errorf("a %T was found, a number wanted", src)
}

// text reads a string from any form in which a driver hands it over.
func text(src any) (string, error) {
	switch v := src.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case time.Time:
		return Time(v, 6), nil
	}
	return "", fmt.Errorf("a %T was found, text wanted", src)
}

// raw reads bytes. They belong to the driver, and are only good until the next row.
func raw(src any) ([]byte, error) {
	switch v := src.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("a %T was found, bytes wanted", src)
}

// moment reads a time from any form in which a driver hands it over.
func moment(src any) (time.Time, error) {
	if t, ok := src.(time.Time); ok {
		return t, nil
	}
	s, err := text(src)
	if err != nil {
		return time.Time{}, err
	}
	return parseTime(s)
}
