package query

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// An expression is SQL that the user wrote, over attributes of a relation: pieces of SQL, with
// attributes and arguments between them.
type expression struct {
	pieces []piece
	args   []any
	// aggregates tells that there is an aggregate function in it, and windows that there is a function of a
	// window: one with OVER, which aggregates nothing.
	aggregates, windows bool
}

// A piece is SQL, an attribute, or the place of an argument.
type piece struct {
	kind pieceKind
	text string // the SQL, or the attribute's name
	path string // into the document that the attribute holds: ".a.b[0]"; empty for none
	typ  string // the type of the value at path, as it was given; empty for none
	// inside tells that it stands in the parentheses of an aggregate function.
	inside bool
	// width is how many values the argument at this place has; -1 for one that is no list.
	width int
}

type pieceKind int

const (
	pieceSQL pieceKind = iota
	pieceAttr
	piecePlace
)

// token finds, in this order: quoted text, a quoted identifier, a placeholder, a number, a
// word, with a path into a document and the type there, and whether it is the name of a function.
// The rest of SQL is of no concern.
var token = regexp.MustCompile("(?s)('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|`((?:[^`]|``)*)`|(\\?)|(?:\\d[\\w.]*)|" +
	`([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\d+\])*)(?::([a-z]\w*(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?))?(\s*\()?`)

// The groups of token.
const (
	groupQuoted = iota + 1
	groupName
	groupPlace
	groupWord
	groupPath
	groupType
	groupCall
)

// forbidden are the beginnings of what is no expression.
var forbidden = regexp.MustCompile(`--|/\*|;|#`)

// parse reads a text that is one expression over attributes of the relation, with a placeholder for
// each argument. What it makes of it means the same to every server.
func parse(sql string, args []any, h *schema.Heading) (expression, error) {
	if strings.TrimSpace(sql) == "" {
		return expression{}, fmt.Errorf("an SQL expression is wanted, and it is empty")
	}
	if err := checkShape(sql); err != nil {
		return expression{}, err
	}
	var e expression
	var calls calls
	end := 0
	for _, at := range token.FindAllStringSubmatchIndex(sql, -1) {
		if at[0] < end { // what COUNT counts
			continue
		}
		groups := make([]string, len(at)/2)
		for i := range groups {
			if at[2*i] >= 0 {
				groups[i] = sql[at[2*i]:at[2*i+1]]
			}
		}
		p, err := parseToken(groups, h)
		if err != nil {
			return e, err
		}
		calls.text(sql[end:at[0]])
		calls.word(groups[groupWord])
		p.inside = calls.inside()
		e.pieces = append(e.pieces, piece{text: sql[end:at[0]]}, p)
		end = at[1]
		if groups[groupCall] == "" {
			continue
		}
		calls.begin(groups[groupWord])
		if all := countAll.FindStringSubmatch(sql[end:]); all != nil && strings.EqualFold(groups[groupWord], "COUNT") {
			e.pieces = append(e.pieces, piece{kind: pieceAttr, text: everything, inside: true})
			end += len(all[1])
		}
	}
	e.pieces = append(e.pieces, piece{text: sql[end:]})
	calls.text(sql[end:])
	e.aggregates, e.windows = calls.aggregates || calls.ended, calls.windows
	return e, e.take(args, h)
}

// parseToken makes a piece of a token.
func parseToken(groups []string, h *schema.Heading) (piece, error) {
	name, word, call := groups[groupName], groups[groupWord], groups[groupCall] != ""
	switch {
	case groups[groupQuoted] != "":
		return piece{text: singleQuotes(groups[groupQuoted])}, nil
	case groups[groupPlace] != "":
		return piece{kind: piecePlace, width: -1}, nil
	case strings.EqualFold(word, "SELECT"):
		return piece{}, fmt.Errorf("a SELECT cannot stand in an expression: restrict by another relation with In or NotIn")
	case groups[groupPath] != "" || groups[groupType] != "":
		return parsePath(groups, h)
	case name != "" || word != "" && !call && !keywords[strings.ToUpper(word)] || h.Has(word) && !call:
		if name += word; !h.Has(name) {
			return piece{}, unknown(name, h)
		}
		return piece{kind: pieceAttr, text: name}, nil
	}
	return piece{text: groups[0]}, nil
}

// parsePath makes a piece of the value in an attribute's document to which a path leads.
func parsePath(groups []string, h *schema.Heading) (piece, error) {
	a, ok := h.Attr(groups[groupWord])
	switch {
	case !ok:
		return piece{}, unknown(groups[groupWord], h)
	case a.Type.Kind != datatype.JSON:
		return piece{}, fmt.Errorf("%s: %q is %s; only a json attribute has values on paths", groups[0], a.Name, spec(a))
	case groups[groupPath] == "" || groups[groupCall] != "":
		return piece{}, fmt.Errorf("%s: a path into %q is written %s.name or %s.list[0].name:float64", groups[0], a.Name, a.Name, a.Name)
	}
	if t := groups[groupType]; t != "" {
		if _, ok := pathType(t); !ok {
			return piece{}, fmt.Errorf("%s: %q is no type of a value on a path: int64, float64, decimal(p,s), char(n), date and datetime are", groups[0], t)
		}
	}
	return piece{kind: pieceAttr, text: a.Name, path: groups[groupPath], typ: groups[groupType]}, nil
}

// spec is the type of an attribute for people.
func spec(a schema.Attr) string {
	if a.Type.Spec == "" {
		return "computed"
	}
	return a.Type.Spec
}

// pathType is the type of a value on a path, by Rowmill's names or by those that DataJoint's users know
// from MySQL.
func pathType(text string) (datatype.Type, bool) {
	switch text {
	case "signed":
		text = "int64"
	case "unsigned":
		text = "bigint unsigned"
	}
	t, ok := datatype.Parse(text)
	switch t.Kind {
	case datatype.Integer, datatype.Float, datatype.Decimal, datatype.Char, datatype.Varchar, datatype.Date, datatype.DateTime:
		return t, ok
	default:
		return t, false
	}
}

// singleQuotes spells a quoted text so that all servers read it alike: what is in double quotes is
// text to some, and to others a column where there is one of the name.
func singleQuotes(quoted string) string {
	if !strings.HasPrefix(quoted, `"`) {
		return quoted
	}
	return dialect.Literal(strings.ReplaceAll(quoted[1:len(quoted)-1], `""`, `"`))
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
	case strings.Contains(sql, "\x00"):
		return fmt.Errorf("a zero byte cannot stand in an expression: put ? and pass the text as an argument")
	case strings.Contains(sql, `\`):
		return fmt.Errorf("a backslash means one thing to one server and another to the next: put ? and pass the text as an argument")
	case depth != 0:
		return fmt.Errorf("its parentheses do not match")
	}
	return nil
}

// take turns the arguments into what columns keep, lists into their values. Where the expression is
// over dates and over no datetimes, midnight is spelled as the day: a server that keeps times as
// texts does not find the one by the other.
func (e *expression) take(args []any, h *schema.Heading) error {
	dates, times, clocks, places := false, false, false, 0
	for _, p := range e.pieces {
		switch p.kind {
		case pieceAttr:
			a, _ := h.Attr(p.text) // none has the name of everything
			if p.path != "" {
				a.Type, _ = pathType(p.typ)
			}
			dates, times = dates || a.Type.Kind == datatype.Date, times || a.Type.Temporal()
			clocks = clocks || a.Type.Kind == datatype.Time
		case piecePlace:
			places++
		case pieceSQL:
		}
	}
	if places != len(args) {
		return fmt.Errorf("it has %d placeholders for %d arguments", places, len(args))
	}
	spelled := func(arg any) any {
		if d, ok := value.Duration(arg); ok && clocks {
			return value.Clock(d)
		}
		v := value.Arg(arg)
		if text, ok := v.(string); ok && dates && !times && v != arg {
			return strings.TrimSuffix(text, " 00:00:00")
		}
		return v
	}
	for i := range e.pieces {
		if e.pieces[i].kind != piecePlace {
			continue
		}
		list, ok := listOf(args[0])
		args = args[1:]
		if ok {
			e.pieces[i].width = len(list)
		}
		for _, v := range list {
			if !isFinite(v) {
				return fmt.Errorf("%v is no number that all servers know: leave the condition out, or want NULL", v)
			}
			e.args = append(e.args, spelled(v))
		}
	}
	return nil
}

// isFinite tells whether an argument is no float, or one with a value: MySQL's driver would spell others as names.
func isFinite(arg any) bool {
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	f, isFloat := v.(float64)
	return err != nil || !isFloat || !math.IsInf(f, 0) && !math.IsNaN(f)
}

// listOf are the values of an argument that is a list, and the value of one that is none.
func listOf(arg any) (values []any, isList bool) {
	v := reflect.ValueOf(arg)
	if _, isUUID := arg.(uuid.UUID); isUUID || v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
		return []any{arg}, false
	}
	for i := range v.Len() {
		values = append(values, v.Index(i).Interface())
	}
	return values, true
}

// compile is the expression as SQL, with its attributes in the place where they are; those in aggregate
// functions may be elsewhere: within.
func (e *expression) compile(d dialect.Dialect, outside, within map[string]string) verbatim {
	var b strings.Builder
	for _, p := range e.pieces {
		columns := outside
		if p.inside {
			columns = within
		}
		switch {
		case p.kind == pieceSQL:
			b.WriteString(p.text)
		case p.kind == piecePlace:
			b.WriteString(placeholders(p.width))
		case p.path != "":
			t, _ := pathType(p.typ)
			b.WriteString(d.JSONValue(columns[p.text], "$"+p.path, t))
		case p.text == everything && columns[everything] == "":
			b.WriteString(everything)
		default:
			b.WriteString(columns[p.text])
		}
	}
	return verbatim{"(" + b.String() + ")", e.args}
}

// placeholders are those of an argument. An empty list is one that holds nothing, not even NULL.
func placeholders(width int) string {
	switch {
	case width < 0:
		return "?"
	case width == 0:
		return "SELECT NULL FROM (SELECT 1) AS none WHERE 1 = 0"
	}
	return strings.Repeat(", ?", width)[2:]
}

// verbatim is SQL with a user's values. A squirrel.Expr would expand a value that is itself a
// piece of SQL.
type verbatim struct {
	sql  string
	args []any
}

func (v verbatim) ToSql() (string, []any, error) { return v.sql, v.args, nil } //nolint:staticcheck // squirrel's name

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
