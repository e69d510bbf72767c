package blob

import (
	"strings"
	"time"
)

// A Tuple is a Python tuple. A slice would be written as a list.
type Tuple []any

// A Set is a Python set, in the order in which it was or will be written. Its
// values should be different ones; Python sees to that when it reads them.
type Set []any

// A Dict is a Python dict as pairs, in order. It is what Decode returns for
// keys that are not all strings, and what writes such keys, or an order.
type Dict []Item

// An Item is one key of a Dict and its value.
type Item struct {
	Key, Value any
}

// A Decimal is a decimal number as Python's Decimal prints it: "1.50",
// "-2E+3", "NaN".
type Decimal string

// valid reports whether Python would read d.
func (d Decimal) valid() bool {
	s := unsigned(string(d))
	if s == "Inf" || s == "Infinity" {
		return true
	}
	if payload, ok := strings.CutPrefix(strings.TrimPrefix(s, "s"), "NaN"); ok {
		return isDigits(payload)
	}
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		exponent := unsigned(s[e+1:])
		if exponent == "" || !isDigits(exponent) {
			return false
		}
		s = s[:e]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	return isDigits(whole+fraction) && whole+fraction != ""
}

// unsigned returns a number without its sign.
func unsigned(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

// isDigits reports whether there is nothing but digits in s.
func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// A Date is a day, in no time zone.
type Date struct {
	Year  int // 1…9999
	Month time.Month
	Day   int
}

// Time returns midnight of d in UTC.
func (d Date) Time() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// A TimeOfDay is a wall clock's time since midnight: at least 0, less than 24
// hours, in whole microseconds.
type TimeOfDay time.Duration

// A CellArray is a MATLAB cell array: an array of any values, in row-major
// order as in Array.
type CellArray Array[any]

// A StructArray is a MATLAB struct array: elements with the same fields.
type StructArray struct {
	Shape  []int    // the extent of each dimension
	Fields []string // the names of the fields
	Data   [][]any  // the elements in row-major order, each with one value a field; empty if there are no fields
}

// A RecordArray is a NumPy array with fields, kept as columns.
type RecordArray struct {
	Fields  []string // the names of the columns
	Columns []any    // as many, each an Array[T] or a RecordArray; to be written, a slice of numbers too
}

// A Datetime64 is a time of NumPy's that no time.Time stands for: finer than
// nanoseconds, farther away than 285,000 years, or the zero time, which is NaT.
type Datetime64 struct {
	Count int64  // since the beginning of 1970
	Unit  string // Y, M, W, D, h, m, s, ms, us, ns, ps, fs or as
}
