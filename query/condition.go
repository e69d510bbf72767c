package query

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// A condition restricts a relation.
type condition interface {
	// operands are the relations that it asks.
	operands() []node
	// restrict adds the condition to a SELECT.
	restrict(c *compiler, s *selection) *selection
}

type (
	// text is SQL that the user wrote.
	text struct {
		sql  string
		args []any
	}
	// match wants attributes to have values.
	match struct {
		names  []string
		values []any
	}
	// member wants a row of one of several relations that agrees in the common attributes.
	member struct {
		others []operand
		not    bool
	}
	operand struct {
		node   node
		common []string
	}
)

func (text) operands() []node  { return nil }
func (match) operands() []node { return nil }

func (m member) operands() []node {
	nodes := make([]node, len(m.others))
	for i, o := range m.others {
		nodes[i] = o.node
	}
	return nodes
}

// token finds, in this order: quoted text, a quoted identifier, a placeholder, a number, a
// word, and whether it is the name of a function. The rest of SQL is of no concern.
var token = regexp.MustCompile("(?s)('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|`((?:[^`]|``)*)`|(\\?)|(?:\\d[\\w.]*)|([A-Za-z_]\\w*)(\\s*\\()?")

// forbidden are the beginnings of what is no expression.
var forbidden = regexp.MustCompile(`--|/\*|;|#`)

// checkText checks that a text is one expression over attributes of the relation and has as
// many placeholders as there are arguments. What it returns means the same to every server.
func checkText(sql string, args int, h *schema.Heading) (string, error) {
	if strings.TrimSpace(sql) == "" {
		return "", fmt.Errorf("an SQL expression is wanted, and it is empty")
	}
	if err := checkShape(sql); err != nil {
		return "", err
	}
	placeholders := 0
	for _, m := range token.FindAllStringSubmatch(sql, -1) {
		quoted, name, word, isFunction := m[1], m[2], m[4], m[5] != ""
		switch {
		case quoted != "":
		case m[3] != "":
			placeholders++
		case strings.EqualFold(word, "SELECT"):
			return "", fmt.Errorf("a SELECT cannot stand in an expression: restrict by another relation with In or NotIn")
		case name != "" && !h.Has(name), word != "" && !isFunction && !h.Has(word) && !keywords[strings.ToUpper(word)]:
			return "", unknown(name+word, h)
		}
	}
	if placeholders != args {
		return "", fmt.Errorf("it has %d placeholders for %d arguments", placeholders, args)
	}
	return token.ReplaceAllStringFunc(sql, func(t string) string { return portable(t, h) }), nil
}

// checkShape lets nothing pass that would end the expression, and with it the parentheses
// around it.
func checkShape(sql string) error {
	rest := token.ReplaceAllStringFunc(sql, func(t string) string {
		if strings.HasSuffix(t, "(") { // a function's
			return " ("
		}
		return " "
	})
	depth := 0
	for _, r := range rest {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case '\'', '"', '`':
			return fmt.Errorf("a quoted text has no end")
		}
		if depth < 0 {
			return fmt.Errorf("its parentheses do not match")
		}
	}
	switch {
	case forbidden.MatchString(rest):
		return fmt.Errorf("comments and semicolons cannot stand in an expression")
	case strings.Contains(sql, `\`):
		return fmt.Errorf("a backslash means one thing to one server and another to the next: put ? and pass the text as an argument")
	case depth != 0:
		return fmt.Errorf("its parentheses do not match")
	}
	return nil
}

// arguments turns the arguments of a text into what columns keep. Where the text is over dates and
// over no datetimes, midnight is spelled as the day: a server that keeps times as texts does not
// find the one by the other.
func arguments(sql string, args []any, h *schema.Heading) []any {
	dates, times := false, false
	for _, m := range token.FindAllStringSubmatch(sql, -1) {
		a, _ := h.Attr(m[2] + m[4])
		dates, times = dates || a.Type.Core == "date", times || strings.HasPrefix(a.Type.Core, "datetime")
	}
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = value.Arg(arg)
		if text, ok := values[i].(string); ok && dates && !times && text != arg {
			values[i] = strings.TrimSuffix(text, " 00:00:00")
		}
	}
	return values
}

// portable spells a token so that all servers read it alike: an attribute may have the name of
// a word of theirs (window, rank), and what is in double quotes is text to some servers, and to
// others a column where there is one of the name.
func portable(token string, h *schema.Heading) string {
	switch {
	case h.Has(token):
		return dialect.Quote(token)
	case strings.HasPrefix(token, `"`):
		return dialect.Literal(strings.ReplaceAll(token[1:len(token)-1], `""`, `"`))
	}
	return token
}

// keywords are the words of SQL expressions that are not functions, with what may stand in
// their arguments (units of time, types of CAST).
var keywords = words(`
	AND OR NOT XOR DIV MOD IN IS NULL TRUE FALSE UNKNOWN BETWEEN LIKE ESCAPE REGEXP RLIKE GLOB MATCH
	CASE WHEN THEN ELSE END DISTINCT ASC DESC COLLATE BINARY INTERVAL AS USING FROM FOR
	CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP DATE TIME TIMESTAMP DATETIME
	MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR
	CHAR SIGNED UNSIGNED INTEGER DECIMAL DOUBLE FLOAT REAL TEXT JSON BLOB NUMERIC
	LEADING TRAILING BOTH SEPARATOR ORDER BY OVER PARTITION UTF8MB4 UTF8MB4_BIN UTF8MB4_GENERAL_CI NOCASE`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}
