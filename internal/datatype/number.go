package datatype

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A decimal is a number in digits, without those that say nothing.
type decimal struct {
	negative    bool
	whole, part string // before and after the point
}

// decimalText is a number as servers read it: no hexadecimals, no infinities, no underscores, and no exponent
// that would make more digits than any of them keeps.
var decimalText = regexp.MustCompile(`^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,3}))?$`)

// readDecimal reads a number exactly. The second result is false where the text is none.
func readDecimal(text string) (decimal, bool) {
	m := decimalText.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" {
		return decimal{}, false
	}
	exponent, _ := strconv.Atoi(m[4]) // none is 0
	digits, point := m[2]+m[3], len(m[2])+exponent
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if missing := point - len(digits); missing > 0 {
		digits += strings.Repeat("0", missing)
	}
	d := decimal{whole: strings.TrimLeft(digits[:point], "0"), part: strings.TrimRight(digits[point:], "0")}
	d.negative = m[1] == "-" && d.whole+d.part != "" // -0 is 0
	return d, true
}

// spell is the number with so many digits after the point at least.
func (d decimal) spell(scale int) string {
	s := d.whole
	if s == "" {
		s = "0"
	}
	if part := d.part + strings.Repeat("0", max(scale-len(d.part), 0)); part != "" {
		s += "." + part
	}
	if d.negative {
		s = "-" + s
	}
	return s
}

// Range is between which numbers values of the type are, which is Integer, Bool or Year.
func (t Type) Range() (least int64, most uint64) {
	switch {
	case t.Kind == Year:
		return 0, 2155
	case t.Unsigned:
		return 0, math.MaxUint64 >> (64 - t.Bits)
	}
	return math.MinInt64 >> (64 - t.Bits), math.MaxInt64 >> (64 - t.Bits)
}

func (t Type) spellInteger(text string) (string, bool) {
	least, most := t.Range()
	if t.Unsigned {
		n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 64)
		return strconv.FormatUint(n, 10), err == nil && n <= most
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return strconv.FormatInt(n, 10), err == nil && least <= n && n <= int64(most)
}

func (t Type) spellFloat(text string) (string, bool) {
	if _, ok := readDecimal(text); !ok {
		return "", false
	}
	f, err := strconv.ParseFloat(text, t.Bits)
	return strconv.FormatFloat(f+0, 'g', -1, t.Bits), err == nil && !(t.Unsigned && f < 0) // +0 is -0, too
}
