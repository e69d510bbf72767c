package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// InsertFrom enters the rows of a relation into a table, on the server, and returns how many they are: all of them
// or, after an error, none. The relation's attributes are the table's of the same names, with types whose
// values the table's types hold; of a computed attribute the server judges the values. Attributes that the
// relation lacks have their defaults. An attribute that has a rule ([schema.TableOf.Ruled]) must not be among them. The errors are
// those of [Insert], without the row's key.
//
//	query.InsertFrom(ctx, db, lab.Controls, query.From(lab.Subjects).Where("species = 'mouse'").Project("since = '2024-01-01'"))
func InsertFrom(ctx context.Context, conn rowmill.Conn, table schema.Declared, rel Rel) (int, error) {
	t := table.Untyped()
	h, err := rel.Heading()
	if err == nil {
		err = checkColumns(t, h)
	}
	n := 0
	if err == nil {
		n, err = insertFrom(ctx, conn, t, rel, h.Names())
	}
	if err != nil {
		return 0, fmt.Errorf("insert into %s: %w", t, err)
	}
	return n, nil
}

func insertFrom(ctx context.Context, conn rowmill.Conn, t *schema.Table, rel Rel, attrs []string) (int, error) {
	hidden, stamp, stampArgs, err := stampFor(conn, t)
	if err != nil {
		return 0, err
	}
	session, err := conn.Session(rowmill.Use{Reads: rel.tables(), Writes: []string{t.FullName()}})
	if err != nil {
		return 0, err
	}
	c := &compiler{dialect: session.Dialect()}
	rows := rel.node.compile(c).sql(attrs)
	if len(hidden) > 0 {
		alias := c.alias()
		rows = squirrel.Expr("SELECT "+alias+".*? FROM (?) AS "+alias, verbatim{stamp, stampArgs}, rows)
	}
	into := "INSERT INTO " + tableName(session.Dialect(), t) +
		" (" + dialect.QuoteAll(slices.Concat(attrs, hidden)) + ") "
	sql, args, err := rows.ToSql()
	if err != nil {
		return 0, err
	}
	n, err := session.Exec(ctx, into+sql, args...)
	return int(n), err
}

// checkColumns wants the attributes of a heading to be a table's, and to be all that it cannot do without.
func checkColumns(t *schema.Table, h *schema.Heading) error {
	for _, a := range h.Attrs() {
		to, ok := t.Heading().Attr(a.Name)
		if !ok {
			return fmt.Errorf("the relation has an attribute that the table has not: %w", unknown(a.Name, t.Heading()))
		}
		if !holds(to, a) {
			return fmt.Errorf("%q is %s, which cannot hold %s", a.Name, spec(to), spec(a))
		}
		if to.Rule != nil {
			return fmt.Errorf("%q has a rule, which is for values that are entered by Insert, and which no server knows", a.Name)
		}
	}
	for _, a := range t.Heading().Attrs() {
		if !h.Has(a.Name) && a.Default == "" && !a.Nullable && !a.Type.Auto {
			return fmt.Errorf("the relation has no attribute %q (%s), and the table no default for it", a.Name, spec(a))
		}
	}
	if len(h.Attrs()) == 0 {
		return errors.New("the relation has no attributes")
	}
	return nil
}

// holds tells whether an attribute of a table holds all values of another. Servers convert more, and each in its way.
func holds(to, from schema.Attr) bool {
	a, b := to.Type, from.Type
	a.Auto, b.Auto = false, false
	switch {
	case b.Stored == "": // computed
		return true
	case a.Codec != b.Codec, a.Kind == datatype.Bool && b.Kind != datatype.Bool: // a 2 is neither true nor false
		return false
	case datatype.Same(a, b):
		return true
	case slices.Contains(wholeKinds, a.Kind) && slices.Contains(wholeKinds, b.Kind):
		least, most := a.Range()
		l, m := b.Range()
		return least <= l && m <= most
	case a.Kind == datatype.Float && b.Kind == datatype.Float:
		return a.Bits >= b.Bits && a.Size == 0 && (!a.Unsigned || b.Unsigned)
	case a.Kind == b.Kind && (a.Kind == datatype.DateTime || a.Kind == datatype.Time):
		return a.Fraction >= b.Fraction
	case a.Kind == datatype.Varchar || a.Kind == datatype.Text || a.Kind == datatype.Char && b.Kind != datatype.Varchar && b.Kind != datatype.Text:
		return longestText(b) >= 0 && longestText(b) <= roomForText(a)
	case slices.Contains(byteKinds, a.Kind) && slices.Contains(byteKinds, b.Kind):
		return a.Size >= b.Size
	}
	return false
}

var (
	wholeKinds = []datatype.Kind{datatype.Integer, datatype.Bool}
	byteKinds  = []datatype.Kind{datatype.Bytes, datatype.Varbinary}
)

// roomForText is how many letters a text type holds, whatever they are.
func roomForText(t datatype.Type) int {
	if t.Kind == datatype.Text {
		return t.Size / utf8.UTFMax
	}
	return t.Size
}

// longestText is how many letters a text of the type can have; -1 where its values are no texts.
func longestText(t datatype.Type) int {
	switch t.Kind {
	case datatype.Char, datatype.Varchar, datatype.Text:
		return t.Size
	case datatype.Enum, datatype.Set:
		return utf8.RuneCountInString(strings.Join(t.Members, ","))
	default:
		return -1
	}
}
