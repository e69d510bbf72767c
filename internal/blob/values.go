package blob

import (
	"regexp"
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

var decimalSyntax = regexp.MustCompile(
	`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(Inf(inity)?|s?NaN[0-9]*)$`)

// valid reports whether Python would read d.
func (d Decimal) valid() bool { return decimalSyntax.MatchString(string(d)) }

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
