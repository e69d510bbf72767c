package datatype

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits of servers that have any. Those of varchar and varbinary are a row's: 65535 bytes, four a
// letter, with their length and what tells NULL.
const (
	maxChar      = 255
	maxVarchar   = 16383
	maxBinary    = 255
	maxVarbinary = 65532
	maxDigits    = 65  // of a decimal
	maxScale     = 30  // of a number's digits after the point
	maxWidth     = 255 // of a number as people see it
	maxBits      = 64
	maxSet       = 64 // members
)

// Check says what is wrong with a type that Parse reads and a server would not take.
func (t Type) Check() error {
	switch t.Kind {
	case Char:
		return t.atMost(maxChar)
	case Varchar:
		return t.atMost(maxVarchar)
	case Binary:
		return t.atMost(maxBinary)
	case Varbinary:
		return t.atMost(maxVarbinary)
	case Bit:
		if t.Size < 1 {
			return fmt.Errorf("%s: at least one bit is wanted", t.Stored)
		}
		return t.atMost(maxBits)
	case Decimal:
		return t.checkDigits(maxDigits)
	case Float:
		if t.Size == 0 && t.Scale == 0 {
			return nil
		}
		return t.checkDigits(maxWidth)
	case Enum, Set:
		return t.checkMembers()
	default:
		return nil
	}
}

func (t Type) atMost(most int) error {
	if t.Size > most {
		name, _, _ := strings.Cut(t.Stored, "(")
		return fmt.Errorf("%s is too long: servers take at most %s(%d)", t.Stored, strings.TrimSpace(name), most)
	}
	return nil
}

func (t Type) checkDigits(most int) error {
	switch {
	case t.Size < 1 || t.Size > most:
		return fmt.Errorf("%s: from 1 to %d digits are wanted", t.Stored, most)
	case t.Scale > t.Size:
		return fmt.Errorf("%s: of %d digits no %d can stand after the point", t.Stored, t.Size, t.Scale)
	case t.Scale > maxScale:
		return fmt.Errorf("%s: at most %d digits can stand after the point", t.Stored, maxScale)
	}
	return nil
}

// checkMembers goes by what servers make of members: they pass over the size of letters.
func (t Type) checkMembers() error {
	seen := map[string]string{}
	for _, m := range t.Members {
		same := strings.ToLower(m)
		other, twice := seen[same]
		switch {
		case strings.Contains(m, `\`):
			return fmt.Errorf("the member %q has a backslash, which means one thing to one server and another to the next", m)
		case utf8.RuneCountInString(m) > maxChar:
			return fmt.Errorf("the member %q is too long: servers take at most %d letters", m, maxChar)
		case twice:
			return fmt.Errorf("the members %q and %q are the same to servers", other, m)
		case t.Kind == Set && strings.Contains(m, ","):
			return fmt.Errorf("the member %q has a comma, which parts the members of a set", m)
		case t.Kind == Set && m == "":
			return errors.New("the member \"\" is what a set without members is")
		}
		seen[same] = m
	}
	if t.Kind == Set && len(t.Members) > maxSet {
		return fmt.Errorf("the set has %d members; servers take at most %d", len(t.Members), maxSet)
	}
	return nil
}
