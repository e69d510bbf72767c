package mysql

import (
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// marker finds the type that a column's comment begins with. An enum's members may hold
// colons, so quoted text counts as one piece.
var marker = regexp.MustCompile(`(?s)^:((?:[^:'"]|'(?:[^']|'')*'|"[^"]*")+):(.*)$`)

// codecMark is the mark of a codec.
var codecMark = regexp.MustCompile(`^<(.+)>$`)

// typeOf is the type of a column: that which its comment tells, if it does. rest is the comment
// without it.
func typeOf(columnType, comment string) (t datatype.Type, rest string, unmarked bool) {
	stored := widths.ReplaceAllString(columnType, "$1")
	m := marker.FindStringSubmatch(comment)
	if m == nil {
		return parse(stored), comment, true
	}
	if codec := codecMark.FindStringSubmatch(m[1]); codec != nil {
		t, _ = datatype.OfCodec(codec[1], coreOf(stored))
		return t, m[2], false
	}
	if t, ok := datatype.Parse(m[1]); ok {
		return t, m[2], false
	}
	return parse(stored), comment, true
}

// widths are the display widths of types, which mean nothing to values, and which MySQL no longer adds.
var widths = regexp.MustCompile(`^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)`)

// parse reads the server's own type. MariaDB's uuid is a text, and not the core type.
func parse(spec string) datatype.Type {
	if spec == "uuid" {
		return datatype.Type{Spec: spec, Stored: spec, Native: true}
	}
	t, _ := datatype.Parse(spec)
	return t
}

// coreOf is the core type that codecs know by another name than the server.
func coreOf(stored string) string {
	for _, core := range []string{"bytes", "uuid", "int8", "int16", "int32", "int64", "float32", "float64"} {
		if native[core] == stored {
			return core
		}
	}
	if stored == "longtext" { // as which MariaDB keeps json
		return "json"
	}
	return stored
}

var (
	currentTime = regexp.MustCompile(`(?i)^current_timestamp(?:\((\d*)\))?$`)
	quotedText  = regexp.MustCompile(`(?s)^'((?:[^'\\]|''|\\.)*)'$`)
	number      = regexp.MustCompile(`^-?[\d.]+(?:[eE][-+]?\d+)?$`)
	bits        = regexp.MustCompile(`^b'([01]*)'$`)
	hexadecimal = regexp.MustCompile(`^0x([0-9a-f]*)$`)
)

// defaultOfSQL reads a default that the server tells as SQL, as MariaDB tells them all.
func defaultOfSQL(t datatype.Type, text string) string {
	if strings.EqualFold(text, "NULL") {
		return "NULL"
	}
	if m := currentTime.FindStringSubmatch(text); m != nil {
		if m[1] == "" || m[1] == "0" {
			return "CURRENT_TIMESTAMP"
		}
		return "CURRENT_TIMESTAMP(" + m[1] + ")"
	}
	if m := quotedText.FindStringSubmatch(text); m != nil {
		return defaultOfText(t, unescape(strings.ReplaceAll(m[1], "''", "'")))
	}
	if number.MatchString(text) || bits.MatchString(text) {
		return defaultOfText(t, text)
	}
	return "(" + text + ")"
}

// defaultOfText reads a default that the server tells as a text, without quotes.
func defaultOfText(t datatype.Type, text string) string {
	switch t.Kind {
	case datatype.Bit:
		if m := bits.FindStringSubmatch(text); m != nil {
			n, _ := strconv.ParseUint("0"+m[1], 2, 64)
			b := binary.BigEndian.AppendUint64(nil, n)
			return dialect.Bytes(b[8-(t.Size+7)/8:])
		}
	case datatype.Binary, datatype.Varbinary, datatype.UUID:
		if m := hexadecimal.FindStringSubmatch(text); m != nil {
			b, _ := hex.DecodeString(m[1])
			text = string(b)
		}
		if t.Kind == datatype.Binary {
			text = strings.TrimRight(text, "\x00") // with which servers fill it up
		}
		return dialect.Bytes([]byte(text))
	default:
	}
	return literal(text)
}

// literal quotes text for sessions in which a backslash escapes.
func literal(text string) string { return strings.ReplaceAll(dialect.Literal(text), `\`, `\\`) }

// escaped is a letter with a backslash before it.
var escaped = regexp.MustCompile(`(?s)\\.`)

// unescape reads a text in which the server escapes letters.
func unescape(text string) string {
	return escaped.ReplaceAllStringFunc(text, func(e string) string {
		if letter, ok := map[string]string{"0": "\x00", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}[e[1:]]; ok {
			return letter
		}
		return e[1:]
	})
}

// pathExpression is how the server spells the value in a document that indexPart asks for.
var pathExpression = regexp.MustCompile("(?s)^json_value\\(`([^`]+)`, _[a-z0-9]+'\\$\\.([\\w.*\\[\\]]+)' returning ([\\w(), ]+)\\)$")

// withoutReturning is the type that the server adds where none was given.
const withoutReturning = "char(512)"

// partOf reads a part of an index.
func partOf(column, expression string) dialect.IndexPart {
	if column != "" {
		return dialect.IndexPart{Column: column}
	}
	m := pathExpression.FindStringSubmatch(expression)
	if m == nil {
		return dialect.IndexPart{Expression: "(" + expression + ")"}
	}
	p := dialect.IndexPart{Column: m[1], Path: m[2], Returns: strings.ReplaceAll(m[3], ", ", ",")}
	if p.Returns == withoutReturning {
		p.Returns = ""
	}
	return p
}
