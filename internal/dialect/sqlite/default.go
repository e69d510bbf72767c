package sqlite

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// wholeSeconds is the present time in columns that keep no fractions.
const wholeSeconds = "strftime('%Y-%m-%d %H:%M:%S', 'now')"

var (
	quotedText  = regexp.MustCompile(`(?s)^'((?:[^']|'')*)'$`)
	hexadecimal = regexp.MustCompile(`^[xX]'([0-9a-fA-F]*)'$`)
	number      = regexp.MustCompile(`^-?[\d.]+(?:[eE][-+]?\d+)?$`)
)

// defaultValue spells a default as SQLite does: of what a server would store for it.
func defaultValue(c dialect.Column) string {
	if strings.HasPrefix(c.Default, "CURRENT_TIMESTAMP") {
		if c.Type.Fraction == 0 {
			return "(" + wholeSeconds + ")"
		}
		return "(" + Dialect{}.Now() + ")"
	}
	if strings.EqualFold(c.Default, "TRUE") {
		return "'1'"
	}
	m := quotedText.FindStringSubmatch(c.Default)
	if m == nil {
		return c.Default
	}
	text := strings.ReplaceAll(m[1], "''", "'")
	if c.Type.Kind == datatype.Binary { // which servers fill up
		text += strings.Repeat("\x00", max(c.Type.Size-len(text), 0))
	}
	if typ, _ := storage(c); typ == "BLOB" {
		return fmt.Sprintf("X'%X'", text)
	}
	if canonical, err := c.Type.Canonical(text); err == nil {
		text = canonical
	}
	return dialect.Literal(text)
}

// defaultOf spells a default as CreateTable takes it.
func defaultOf(c dialect.Column, def sql.NullString) string {
	text := def.String
	switch {
	case !def.Valid && c.Nullable:
		return "NULL"
	case !def.Valid, quotedText.MatchString(text), strings.EqualFold(text, "NULL"):
		return text
	case number.MatchString(text):
		return dialect.Literal(text)
	case text == wholeSeconds:
		return "CURRENT_TIMESTAMP"
	case text == Dialect{}.Now():
		return fmt.Sprintf("CURRENT_TIMESTAMP(%d)", c.Type.Fraction)
	}
	if m := hexadecimal.FindStringSubmatch(text); m != nil {
		b, _ := hex.DecodeString(m[1])
		if c.Type.Kind == datatype.Binary {
			b = bytes.TrimRight(b, "\x00")
		}
		return dialect.Bytes(b)
	}
	return "(" + text + ")"
}
