package schema

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// noSuch stands for an attribute that is not there.
const noSuch = "no such attribute"

// describeSchema reads the tables of a schema, or the one of a name, by their names.
func describeSchema(ctx context.Context, on rowmill.Session, schema, table string) (map[string]dialect.Table, error) {
	query := func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return on.Query(ctx, query, args...)
	}
	tables, err := on.Dialect().Describe(ctx, query, schema, table)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]dialect.Table, len(tables))
	for _, t := range tables {
		byName[t.Name] = t
	}
	return byName, nil
}

// A Difference is something that a table has otherwise in the database than in its definition.
type Difference struct {
	Table  *Table
	Of     string // the attribute's name, "primary key", "index (a, b)", "foreign key (a)" or "comment"
	Wanted string // by the definition
	Found  string // in the database
	// Harmless tells that a program with the definition works all the same: comments, indexes that
	// only make things fast, and what somebody added that rows can do without.
	Harmless bool

	mark bool // that of the type, which a column's comment begins with
}

// String says what differs in a line, without the table.
func (d Difference) String() string {
	return d.Of + ": wanted " + d.Wanted + ", found " + d.Found
}

// Compare tells how the tables of the schema that are in the database differ from their
// definitions, parents first. It changes nothing.
func (s *Schema) Compare(ctx context.Context, db *rowmill.DB) ([]Difference, error) {
	tables, err := describeSchema(ctx, db, s.name, "")
	if err != nil {
		return nil, fmt.Errorf("compare schema %s: %w", s.name, err)
	}
	var all []Difference
	for _, t := range s.Tables() {
		if found, ok := tables[t.name]; ok {
			all = append(all, t.compare(found)...)
		}
	}
	return all, nil
}

// compare tells every difference between the definition and the table that was found. Hidden
// columns are everybody's own affair.
func (t *Table) compare(found dialect.Table) []Difference {
	c := comparison{table: t, wanted: t.rendered(), found: found}
	c.columns()
	if w, f := c.wanted.Key, c.found.Key; !slices.Equal(w, f) {
		c.differ("primary key", list(w), list(f))
	}
	c.foreignKeys()
	c.indexes()
	if w, f := c.wanted.Comment, c.found.Comment; !sameLetters(w, f) {
		c.harmless("comment", quoted(w), quoted(f))
	}
	return c.differences
}

// A comparison collects the differences of one table.
type comparison struct {
	table         *Table
	wanted, found dialect.Table
	differences   []Difference
}

func (c *comparison) differ(of, wanted, found string) {
	c.differences = append(c.differences, Difference{Table: c.table, Of: of, Wanted: wanted, Found: found})
}

func (c *comparison) harmless(of, wanted, found string) {
	c.differ(of, wanted, found)
	c.differences[len(c.differences)-1].Harmless = true
}

func (c *comparison) columns() {
	for _, w := range c.wanted.Columns {
		if !w.Hidden() {
			c.column(w)
		}
	}
	for _, f := range c.found.Columns {
		switch {
		case f.Hidden() || indexOf(c.wanted.Columns, f.Name) >= 0:
		case dispensable(f):
			c.harmless(f.Name, noSuch, show(f))
		default:
			c.differ(f.Name, noSuch, show(f)+", without which no row can be entered")
		}
	}
}

// dispensable tells whether rows can be entered without a column.
func dispensable(c dialect.Column) bool { return c.Nullable || c.Default != "" || c.Type.Auto }

func (c *comparison) column(w dialect.Column) {
	i := indexOf(c.found.Columns, w.Name)
	if i < 0 {
		c.differ(w.Name, show(w), noSuch)
		return
	}
	f := c.found.Columns[i]
	if !sameColumn(w, f) {
		c.differ(w.Name, show(w), show(f))
		return
	}
	if !sameLetters(w.Comment, f.Comment) {
		c.harmless(w.Name, "the comment "+quoted(w.Comment), quoted(f.Comment))
	}
	if !sameLetters(mark(w), mark(f)) {
		c.harmless(w.Name, "the type "+quoted(mark(w))+" beside the comment", quoted(mark(f)))
		c.differences[len(c.differences)-1].mark = true
	}
}

func (c *comparison) foreignKeys() {
	for _, w := range c.wanted.Foreign {
		if !hasForeign(c.found, w) {
			c.differ("foreign key "+list(w.Columns), showForeign(w), c.otherForeign(w))
		}
	}
	for _, f := range c.found.Foreign {
		if !hasForeign(c.wanted, f) {
			c.harmless("foreign key "+list(f.Columns), "none", showForeign(f))
		}
	}
}

func hasForeign(t dialect.Table, wanted dialect.ForeignKey) bool {
	return slices.ContainsFunc(t.Foreign, func(f dialect.ForeignKey) bool { return sameForeign(wanted, f) })
}

// otherForeign is the foreign key of the same columns that was found instead.
func (c *comparison) otherForeign(w dialect.ForeignKey) string {
	for _, f := range c.found.Foreign {
		if slices.Equal(f.Columns, w.Columns) {
			return showForeign(f)
		}
	}
	return "none"
}

// indexes compares what indexes are over. What servers make of expressions is not compared.
func (c *comparison) indexes() {
	for _, w := range c.wanted.Indexes {
		switch {
		case hasIndex(c.found, w):
		case w.Unique:
			c.differ(showIndex(w), "that", "none")
		case !c.serves(w):
			c.harmless(showIndex(w), "that", "none")
		}
	}
	for _, f := range c.found.Indexes {
		if !hasIndex(c.wanted, f) {
			c.harmless(showIndex(f), "none", "that")
		}
	}
}

func hasIndex(t dialect.Table, wanted dialect.Index) bool {
	return slices.ContainsFunc(t.Indexes, func(i dialect.Index) bool { return sameIndex(wanted, i) })
}

// serves tells whether an index is there already, as that of a foreign key.
func (c *comparison) serves(i dialect.Index) bool {
	return slices.ContainsFunc(c.found.Foreign, func(f dialect.ForeignKey) bool {
		return len(f.Columns) == len(i.Parts) && slices.Equal(f.Columns, i.Columns())
	})
}

// indexOf is where the column of a name is, or -1.
func indexOf(columns []dialect.Column, name string) int {
	return slices.IndexFunc(columns, func(c dialect.Column) bool { return c.Name == name })
}

func sameColumn(w, f dialect.Column) bool {
	return sameType(w, f) && w.Nullable == f.Nullable && sameDefault(w, f)
}

// sameType tells whether a column keeps what is wanted. One that says nothing can be of any codec,
// as those are that were made before there were codecs, and a long text can be MariaDB's json.
func sameType(w, f dialect.Column) bool {
	if f.Unmarked {
		return sameStorage(w.Type, f.Type) || w.Type.Kind == datatype.JSON && datatype.Same(f.Type, longText)
	}
	return sameStorage(w.Type, f.Type) && w.Type.Codec == f.Type.Codec
}

var longText = datatype.MustParse("longtext")

// sameStorage is datatype.Same where a server may have lost letters of members.
func sameStorage(w, f datatype.Type) bool {
	if datatype.Same(w, f) {
		return true
	}
	told := make([]string, len(w.Members))
	for i, m := range w.Members {
		told[i] = asTold(m)
	}
	w.Members = told
	return datatype.Same(w, f)
}

// mark is the type that the column of a server tells in its comment; empty for none.
func mark(c dialect.Column) string {
	if c.Type.Native || c.Unmarked {
		return ""
	}
	return c.Type.Spec
}

// sameLetters compares texts as far as servers tell them: they keep every letter, and tell those
// beyond Unicode's first plane as question marks.
func sameLetters(wanted, found string) bool { return found == wanted || found == asTold(wanted) }

func asTold(text string) string {
	return strings.Map(func(r rune) rune {
		if r > lastOfFirstPlane {
			return '?'
		}
		return r
	}, text)
}

const lastOfFirstPlane = 0xFFFF

func sameDefault(w, f dialect.Column) bool {
	wanted, wantedText := defaultText(w)
	found, foundText := defaultText(f)
	return wantedText == foundText && (sameLetters(wanted, found) || wantedText && w.Type.SameText(wanted, found))
}

// defaultText is the text of a default, if it is one in quotes; otherwise what stands there.
func defaultText(c dialect.Column) (text string, isText bool) {
	switch d := c.Default; {
	case d == "" && c.Nullable:
		return "NULL", false
	case d == "TRUE":
		return "1", true
	case strings.HasPrefix(d, "'"):
		return strings.ReplaceAll(d[1:len(d)-1], "''", "'"), true
	default:
		return strings.TrimSuffix(strings.ToUpper(d), "(0)"), false
	}
}

// sameForeign does not go by the order of columns, nor by capitals, which some servers make small.
func sameForeign(a, b dialect.ForeignKey) bool {
	if !strings.EqualFold(a.Schema, b.Schema) || a.Table != b.Table || len(a.Columns) != len(b.Columns) {
		return false
	}
	for i, column := range a.Columns {
		j := slices.Index(b.Columns, column)
		if j < 0 || a.ReferenceColumns[i] != b.ReferenceColumns[j] {
			return false
		}
	}
	return true
}

func sameIndex(a, b dialect.Index) bool {
	return a.Unique == b.Unique && slices.EqualFunc(a.Parts, b.Parts, func(p, q dialect.IndexPart) bool {
		return p.Column == q.Column && p.Path == q.Path && (p.Expression == "") == (q.Expression == "")
	})
}

// show says what compare compares of a column.
func show(c dialect.Column) string {
	s := c.Type.Spec
	if c.Nullable {
		s += " or null"
	}
	if text, isText := defaultText(c); isText {
		s += ", by default " + quoted(text)
	} else if text != "" && text != "NULL" {
		s += ", by default " + text
	}
	return s
}

func showForeign(f dialect.ForeignKey) string {
	return "-> " + f.Schema + "." + f.Table + " " + list(f.ReferenceColumns)
}

func showIndex(i dialect.Index) string {
	parts := make([]string, len(i.Parts))
	for n, p := range i.Parts {
		parts[n] = p.String()
	}
	if i.Unique {
		return "unique index " + list(parts)
	}
	return "index " + list(parts)
}

func list(names []string) string { return "(" + strings.Join(names, ", ") + ")" }

func quoted(text string) string { return fmt.Sprintf("%q", text) }
