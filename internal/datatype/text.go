package datatype

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// CheckText says what is wanted where a text, as a default is one, is no value of the type. It lets
// everything pass for types whose values are no short texts: Text, JSON, UUID, Bytes, Bit, Spatial.
func (t Type) CheckText(text string) error {
	_, err := t.Canonical(text)
	return err
}

// SameText tells whether two texts, as of defaults, are the same value of the type.
func (t Type) SameText(a, b string) bool {
	x, errX := t.Canonical(a)
	y, errY := t.Canonical(b)
	return a == b || errX == nil && errY == nil && x == y
}

// Canonical spells a value of the type in one way, so that equal values are equal texts: a decimal has
// all digits after its point, a set its members in their order. Its error is CheckText's.
func (t Type) Canonical(text string) (string, error) {
	spelled, ok := t.spell(text)
	if !ok {
		return "", fmt.Errorf("%.99q is no %s: %s is wanted", text, t.Spec, t.wanted())
	}
	return spelled, nil
}

// spell is Canonical without its sentence.
func (t Type) spell(text string) (string, bool) {
	switch t.Kind {
	case Integer:
		return t.spellInteger(text)
	case Float:
		return t.spellFloat(text)
	case Bool:
		return spellBool(text)
	case Decimal:
		d, ok := readDecimal(text)
		if !ok || len(d.whole) > t.Size-t.Scale || len(d.part) > t.Scale || t.Scale > maxDigits || t.Unsigned && d.negative {
			return "", false
		}
		return d.spell(t.Scale), true
	case Char:
		return strings.TrimRight(text, " "), utf8.RuneCountInString(text) <= t.Size
	case Varchar:
		return text, utf8.RuneCountInString(text) <= t.Size
	case Binary, Varbinary:
		return text, len(text) <= t.Size
	case Enum:
		text = strings.TrimRight(text, " ")
		return text, slices.Contains(t.Members, text)
	case Set:
		return t.spellSet(text)
	case Date:
		_, err := time.Parse(time.DateOnly, text)
		return text, err == nil
	case DateTime, Timestamp:
		return t.spellMoment(text)
	case Time:
		return t.spellClock(text)
	case Year:
		return text, yearText.MatchString(text)
	default:
		return text, true
	}
}

// wanted is what the values of the type are.
func (t Type) wanted() string {
	switch t.Kind {
	case Integer:
		least, most := t.Range()
		return fmt.Sprintf("an integer from %d to %d", least, most)
	case Float:
		return "a number that a " + t.Spec + " holds"
	case Bool:
		return "true, false, 0 or 1"
	case Decimal:
		kind := "number"
		if t.Unsigned {
			kind = "number from 0 on"
		}
		return fmt.Sprintf("a %s with at most %d digits before the point and %d after it", kind, t.Size-t.Scale, t.Scale)
	case Char, Varchar:
		return fmt.Sprintf("a text of at most %d letters", t.Size)
	case Binary, Varbinary:
		return fmt.Sprintf("a text of at most %d bytes", t.Size)
	case Enum:
		return "one of its members"
	case Set:
		return "some of its members, with commas between,"
	case Date:
		return "a day as 2006-01-31"
	case DateTime:
		return fmt.Sprintf("a time as 2006-01-31 15:04:05, with at most %d digits after a point, or a day", t.Fraction)
	case Timestamp:
		return fmt.Sprintf("a time from 1970-01-01 00:00:01 to 2038-01-19 03:14:07, with at most %d digits after a point,", t.Fraction)
	case Time:
		return fmt.Sprintf("a time from -838:59:59 to 838:59:59, with at most %d digits after a point,", t.Fraction)
	default: // Year: of the others no text is wrong
		return "a year from 1901 to 2155, or 0000,"
	}
}

func spellBool(text string) (string, bool) {
	switch strings.ToLower(text) {
	case "true", "1":
		return "1", true
	case "false", "0":
		return "0", true
	}
	return "", false
}

// spellSet spells members of a set in their order, each once.
func (t Type) spellSet(text string) (string, bool) {
	if text == "" {
		return "", true
	}
	given := strings.Split(text, ",")
	for _, m := range given {
		if !slices.Contains(t.Members, m) {
			return "", false
		}
	}
	var sorted []string
	for _, m := range t.Members {
		if slices.Contains(given, m) {
			sorted = append(sorted, m)
		}
	}
	return strings.Join(sorted, ","), true
}

// yearText is a year in four digits: of fewer, servers guess the century.
var yearText = regexp.MustCompile(`^(?:0000|190[1-9]|19[1-9]\d|20\d\d|21[0-4]\d|215[0-5])$`)

func (t Type) spellMoment(text string) (string, bool) {
	whole, digits, _ := strings.Cut(text, ".")
	for _, layout := range []string{time.DateTime, time.DateOnly} {
		at, err := time.Parse(layout, text) // which takes a fraction, too, and less than two digits
		if err == nil && at.Format(layout) == whole && len(digits) <= t.Fraction {
			fits := t.Kind != Timestamp || at.After(time.Unix(0, 0)) && at.Before(time.Unix(1<<31, 0))
			return at.Format("2006-01-02 15:04:05.999999"), fits
		}
	}
	return "", false
}

// clockText is a time, which is a duration to servers: it can be negative, and have 838 hours.
var clockText = regexp.MustCompile(`^(-?)(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.(\d+))?$`)

// longestClock is the longest time that every server takes.
const longestClock = "838:59:59"

func (t Type) spellClock(text string) (string, bool) {
	m := clockText.FindStringSubmatch(text)
	if m == nil || len(m[5]) > t.Fraction {
		return "", false
	}
	hours, _ := strconv.Atoi(m[2])
	s := fmt.Sprintf("%02d:%s:%s", hours, m[3], m[4])
	if part := strings.TrimRight(m[5], "0"); part != "" {
		s += "." + part
	}
	if hours > 99 && s > longestClock {
		return "", false
	}
	if strings.Trim(s, "0:.") != "" { // -0 is 0
		s = m[1] + s
	}
	return s, true
}
