package schema

import (
	"slices"

	"github.com/rowmill/rowmill/internal/datatype"
)

// widens tells whether the values of one type are values of another, and read the same there.
func widens(from, to datatype.Type) bool {
	if datatype.Same(from, to) {
		return true
	}
	if from.Auto != to.Auto {
		return false
	}
	switch to.Kind {
	case datatype.Integer:
		return wider(from, to)
	case datatype.Float:
		return from.Kind == datatype.Float && from.Bits <= to.Bits && (from.Unsigned || !to.Unsigned)
	case datatype.Decimal:
		return from.Kind == datatype.Decimal && from.Scale <= to.Scale && from.Size-from.Scale <= to.Size-to.Scale &&
			(from.Unsigned || !to.Unsigned)
	case datatype.Char:
		return from.Kind == datatype.Char && from.Size <= to.Size
	case datatype.Varchar:
		return (from.Kind == datatype.Char || from.Kind == datatype.Varchar) && from.Size <= to.Size
	case datatype.Text:
		return from.Kind == datatype.Text && from.Size <= to.Size ||
			(from.Kind == datatype.Char || from.Kind == datatype.Varchar) && from.Size*bytesOfLetter <= to.Size
	case datatype.Enum, datatype.Set:
		return from.Kind == to.Kind && contains(to.Members, from.Members)
	case datatype.DateTime, datatype.Timestamp, datatype.Time:
		return from.Kind == to.Kind && from.Fraction <= to.Fraction
	case datatype.Varbinary, datatype.Bytes:
		bytes := []datatype.Kind{datatype.Binary, datatype.Varbinary, datatype.Bytes}
		return slices.Contains(bytes, from.Kind) && from.Size <= to.Size
	default:
		return false
	}
}

// bytesOfLetter is how many bytes a letter has at most.
const bytesOfLetter = 4

// wider tells whether an integer type holds all that another does. A bool is an integer of 8 bits.
func wider(from, to datatype.Type) bool {
	if from.Kind != datatype.Integer && from.Kind != datatype.Bool {
		return false
	}
	if from.Unsigned == to.Unsigned {
		return from.Bits <= to.Bits
	}
	return from.Unsigned && from.Bits < to.Bits
}

// contains tells whether all members are among others, in the same order, by which rows are sorted.
func contains(all, members []string) bool {
	for _, m := range members {
		i := slices.Index(all, m)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}
