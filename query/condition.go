package query

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A condition restricts a relation.
type condition interface{ isCondition() }

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

func (text) isCondition()   {}
func (match) isCondition()  {}
func (member) isCondition() {}

// token finds, in this order: quoted text, a quoted identifier, a placeholder, a number, a
// word, and whether it is the name of a function. The rest of SQL is of no concern.
var token = regexp.MustCompile("(?s)('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|`((?:[^`]|``)*)`|(\\?)|(?:\\d[\\w.]*)|([A-Za-z_]\\w*)(\\s*\\()?")

// forbidden are the beginnings of what is no expression.
var forbidden = regexp.MustCompile(`--|/\*|;|#`)

// checkText checks that a text is over attributes of the relation and has as many placeholders
// as there are arguments.
func checkText(sql string, args int, h *schema.Heading) error {
	if strings.TrimSpace(sql) == "" {
		return fmt.Errorf("an SQL expression is wanted, and it is empty")
	}
	placeholders := 0
	for _, m := range token.FindAllStringSubmatch(sql, -1) {
		quoted, name, word, isFunction := m[1], m[2], m[4], m[5] != ""
		switch {
		case quoted != "":
		case m[3] != "":
			placeholders++
		case name != "" && !h.Has(name), word != "" && !isFunction && !h.Has(word) && !keywords[strings.ToUpper(word)]:
			return fmt.Errorf("%w: %w", rowmill.ErrNoAttribute, unknown(name+word, h))
		}
	}
	if rest := token.ReplaceAllString(sql, " "); forbidden.MatchString(rest) {
		return fmt.Errorf("comments and semicolons cannot stand in an expression")
	}
	if placeholders != args {
		return fmt.Errorf("it has %d placeholders for %d arguments", placeholders, args)
	}
	return nil
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
