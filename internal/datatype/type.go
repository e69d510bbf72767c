// Package datatype reads the types of attributes: DataJoint's core types, the types of codecs, and
// the types of MySQL and MariaDB themselves, which definitions may name too.
package datatype

import (
	"slices"
	"strings"
)

// A Kind is what types have in common, whatever their parameters.
type Kind int

// The kinds, each with the parameters that matter to it.
const (
	Unknown   Kind = iota // of a computed attribute, or of a server that has types of its own
	Integer               // Bits (8, 16, 24, 32 or 64), Unsigned, Auto
	Float                 // Bits (32 or 64), Unsigned; Size and Scale as of Decimal if it is rounded so, or 0
	Bool                  // kept as an integer of 8 Bits
	Decimal               // Size digits, Scale of them after the point, Unsigned
	Char                  // Size letters; spaces at the end do not count
	Varchar               // at most Size letters
	Text                  // at most Size bytes
	Enum                  // one of Members
	Set                   // any of Members
	Date                  //
	DateTime              // Fraction
	Timestamp             // Fraction
	Time                  // Fraction
	Year                  //
	JSON                  //
	UUID                  // kept as 16 bytes
	Binary                // Size bytes
	Varbinary             // at most Size bytes
	Bytes                 // at most Size bytes
	Bit                   // Size bits
	Spatial               // bytes that the server understands
)

// A Type is the type of an attribute. Its zero value is that of a computed attribute, of which
// nothing is known.
type Type struct {
	Spec   string // as the definition spells it: "int32", "varchar(16)", "<blob>", "int unsigned"
	Stored string // what is stored, spelled so too: Spec, or for a codec the core type that it uses
	Codec  string // what stands between the angle brackets: "blob"; empty for none
	Native bool   // a server's own type, of which DataJoint makes no note in the column's comment

	Kind     Kind
	Bits     int
	Size     int
	Scale    int
	Fraction int // how many digits of a second are kept
	Unsigned bool
	Auto     bool     // the server numbers rows that come without a number
	Members  []string // without spaces at their ends
}

// Same tells whether two types are stored in the same way, whatever codecs make of it.
func Same(a, b Type) bool {
	a, b = a.plain(), b.plain()
	return a.Kind == b.Kind && a.Bits == b.Bits && a.Size == b.Size && a.Scale == b.Scale &&
		a.Fraction == b.Fraction && a.Unsigned == b.Unsigned && a.Auto == b.Auto && a.name() == b.name() &&
		slices.Equal(a.Members, b.Members)
}

// plain is the type as which servers keep it.
func (t Type) plain() Type {
	if t.Kind == Bool {
		t.Kind, t.Bits = Integer, 8
	}
	if t.Kind == UUID {
		t.Kind, t.Size = Binary, 16
	}
	return t
}

// name is what tells types apart that have nothing else.
func (t Type) name() string {
	if t.Kind != Unknown && t.Kind != Spatial {
		return ""
	}
	return strings.Replace(strings.ToLower(t.Stored), "geometrycollection", "geomcollection", 1)
}

// Temporal tells whether values of the type are moments, which a clock's time can be.
func (t Type) Temporal() bool { return t.Kind == DateTime || t.Kind == Timestamp }

// Large tells whether values of the type are of any size, so that none can be a key or a default. It
// holds of bits, too, which servers compare with numbers and hand over as bytes.
func (t Type) Large() bool {
	return t.Codec != "" || slices.Contains([]Kind{Text, JSON, Bytes, Bit, Spatial}, t.Kind)
}
