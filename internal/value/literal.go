package value

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of servers that have any. A varchar's is that of a row: 65535 bytes, four a letter.
const (
	maxChar    = 255
	maxVarchar = 16383
	maxDigits  = 65
	maxScale   = 30
)

// Check says what is wrong with a type that ParseType reads and a server would not take.
func (t Type) Check() error {
	switch family(t.Core) {
	case "char":
		return atMost(t, maxChar)
	case "varchar":
		return atMost(t, maxVarchar)
	case "decimal":
		return t.checkDecimal()
	case "enum":
		return t.checkMembers()
	}
	return nil
}

func atMost(t Type, most int) error {
	if n := t.numbers()[0]; n > most {
		return fmt.Errorf("%s is too long: servers take at most %s(%d)", t.Spec, family(t.Core), most)
	}
	return nil
}

var number = regexp.MustCompile(`\d+`)

// numbers are those between the type's parentheses. One that is too large for an int is the largest.
func (t Type) numbers() []int {
	var all []int
	for _, digits := range number.FindAllString(strings.TrimPrefix(t.Core, family(t.Core)), -1) {
		n, err := strconv.Atoi(digits)
		if err != nil {
			n = math.MaxInt
		}
		all = append(all, n)
	}
	return all
}

// digits are how many a decimal has, and how many of them after the point.
func (t Type) digits() (all, scale int) {
	n := append(t.numbers(), 0)
	return n[0], n[1]
}

func (t Type) checkDecimal() error {
	switch all, scale := t.digits(); {
	case all < 1 || all > maxDigits:
		return fmt.Errorf("%s: a decimal has from 1 to %d digits", t.Spec, maxDigits)
	case scale > all:
		return fmt.Errorf("%s: of %d digits no %d can stand after the point", t.Spec, all, scale)
	case scale > maxScale:
		return fmt.Errorf("%s: at most %d digits can stand after the point", t.Spec, maxScale)
	}
	return nil
}

var member = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"`)

// Members are the members of an enum.
func (t Type) Members() []string {
	all := member.FindAllString(t.Core, -1)
	for i, m := range all {
		quote := m[:1]
		all[i] = strings.ReplaceAll(m[1:len(m)-1], quote+quote, quote)
	}
	return all
}

// checkMembers goes by what servers make of members: they pass over spaces at an end and the size
// of letters.
func (t Type) checkMembers() error {
	seen := map[string]string{}
	for _, m := range t.Members() {
		same := strings.ToLower(strings.TrimRight(m, " "))
		other, twice := seen[same]
		switch {
		case strings.Contains(m, `\`):
			return fmt.Errorf("the member %q has a backslash, which means one thing to one server and another to the next", m)
		case utf8.RuneCountInString(m) > maxChar:
			return fmt.Errorf("the member %q is too long: servers take at most %d letters", m, maxChar)
		case twice:
			return fmt.Errorf("the members %q and %q are the same to servers", other, m)
		}
		seen[same] = m
	}
	return nil
}

// decimals are numbers as databases read them: no hexadecimals, no infinities, no underscores.
var decimals = regexp.MustCompile(`^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$`)

// CheckText says what is wanted where a text, as a default is one, is no value of the type.
func (t Type) CheckText(text string) error {
	var wanted string
	switch family(t.Core) {
	case "int8", "int16", "int32", "int64":
		wanted = t.checkInteger(text)
	case "float32", "float64":
		f, err := strconv.ParseFloat(text, bits64[t.Core])
		if err != nil || math.IsInf(f, 0) || !decimals.MatchString(text) {
			wanted = "a number that a " + t.Core + " holds"
		}
	case "bool":
		if !slices.Contains([]string{"true", "false", "0", "1"}, strings.ToLower(text)) {
			wanted = "true, false, 0 or 1"
		}
	case "decimal":
		wanted = t.checkDigits(text)
	case "char", "varchar":
		if n := t.numbers()[0]; utf8.RuneCountInString(text) > n {
			wanted = fmt.Sprintf("a text of at most %d letters", n)
		}
	case "enum":
		wanted = t.checkMember(text)
	case "date":
		if _, err := time.Parse("2006-01-02", text); err != nil {
			wanted = "a day as 2006-01-31"
		}
	case "datetime":
		wanted = t.checkMoment(text)
	}
	if wanted != "" {
		return fmt.Errorf("%q is no %s: %s is wanted", text, t.Spec, wanted)
	}
	return nil
}

// bits64 are the widths of the floats.
var bits64 = map[string]int{"float32": 32, "float64": 64}

func (t Type) checkInteger(text string) string {
	width := bits[t.Core]
	if _, err := strconv.ParseInt(text, 10, width); err != nil {
		return fmt.Sprintf("an integer from %d to %d", int64(-1)<<(width-1), int64(math.MaxInt64)>>(64-width))
	}
	return ""
}

var plainDecimal = regexp.MustCompile(`^[+-]?0*(\d*)(?:\.(\d*))?$`)

func (t Type) checkDigits(text string) string {
	all, scale := t.digits()
	m := plainDecimal.FindStringSubmatch(text)
	if m == nil || !decimals.MatchString(text) || len(m[1]) > all-scale || len(m[2]) > scale {
		return fmt.Sprintf("a number with at most %d digits before the point and %d after it", all-scale, scale)
	}
	return ""
}

func (t Type) checkMember(text string) string {
	if slices.Contains(t.Members(), text) {
		return ""
	}
	return "one of its members"
}

func (t Type) checkMoment(text string) string {
	whole, digits, _ := strings.Cut(text, ".")
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02"} {
		at, err := time.Parse(layout, text) // which takes a fraction, too, and less than two digits
		if err == nil && at.Format(layout) == whole && len(digits) <= fraction(t.Core) {
			return ""
		}
	}
	return fmt.Sprintf("a time as 2006-01-31 15:04:05, with at most %d digits after a point, or a day", fraction(t.Core))
}
