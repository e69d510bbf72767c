package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An Index is an index over columns, or over what is computed from them.
type Index struct {
	Name   string // as the server calls it; CreateTable leaves that to the server
	Parts  []IndexPart
	Unique bool
	// Foreign marks the index of a foreign key that is unique.
	Foreign bool
}

// An IndexPart is what an index sorts by: a column, a value in a column of JSON, or an expression.
type IndexPart struct {
	Column string
	// Path leads to the value in the column's documents: "a.b" or "list[0].name". Empty for the
	// column itself.
	Path string
	// Returns is the server's type of the value at Path, as "decimal(10,2)"; empty for the server's default.
	Returns string
	// Expression is SQL, in parentheses, with no column named beside it.
	Expression string
}

// OnColumns are the parts of an index over columns.
func OnColumns(columns ...string) []IndexPart {
	parts := make([]IndexPart, len(columns))
	for i, c := range columns {
		parts[i].Column = c
	}
	return parts
}

// OwnIndexes are the indexes of a table without those that a foreign key brings: which are not unique
// and over just its columns. Those that are unique over them are marked as Foreign.
func (t Table) OwnIndexes() []Index {
	var own []Index
	for _, i := range t.Indexes {
		i.Foreign = i.Unique && t.serves(i)
		if i.Unique || !t.serves(i) {
			own = append(own, i)
		}
	}
	return own
}

// serves tells whether an index is over just the columns of a foreign key.
func (t Table) serves(i Index) bool {
	return slices.ContainsFunc(t.Foreign, func(f ForeignKey) bool {
		return slices.Equal(OnColumns(f.Columns...), i.Parts)
	})
}

// Columns are the columns that an index is over, without those that expressions name.
func (i Index) Columns() []string {
	var columns []string
	for _, p := range i.Parts {
		if p.Column != "" {
			columns = append(columns, p.Column)
		}
	}
	return columns
}

var pathPart = regexp.MustCompile(`^([a-z_][a-z0-9_]*)(?:\.([\w.*\[\]]+)(?::\s*(\w[\w(), ]*))?)?$`)

// ParseIndex reads the parts of an index, as a definition spells them, with commas between: "a",
// "document.path.to.value:char(20)" or "(lower(a))".
func ParseIndex(text string) ([]IndexPart, error) {
	var parts []IndexPart
	for _, p := range cutAtCommas(text) {
		p = strings.TrimSpace(p)
		if m := pathPart.FindStringSubmatch(p); m != nil {
			parts = append(parts, IndexPart{Column: m[1], Path: m[2], Returns: strings.TrimSpace(m[3])})
			continue
		}
		if !enclosed(p) {
			return nil, fmt.Errorf("%q is no attribute: an index is written index(a, b), index(a.path.to.value) or index((expression))", p)
		}
		parts = append(parts, IndexPart{Expression: p})
	}
	return parts, nil
}

// String is the part as a definition spells it.
func (p IndexPart) String() string {
	switch {
	case p.Expression != "":
		return p.Expression
	case p.Returns != "":
		return p.Column + "." + p.Path + ":" + p.Returns
	case p.Path != "":
		return p.Column + "." + p.Path
	}
	return p.Column
}

// cutAtCommas cuts text at the commas that stand neither in parentheses nor in quotes.
func cutAtCommas(text string) []string {
	var pieces []string
	begin := 0
	for i, depth := range depths(text) {
		if text[i] == ',' && depth == 0 {
			pieces, begin = append(pieces, text[begin:i]), i+1
		}
	}
	return append(pieces, text[begin:])
}

// enclosed tells whether text stands in parentheses as a whole.
func enclosed(text string) bool {
	d := depths(text)
	open := slices.Index(d, 0)
	return strings.HasPrefix(text, "(") && open == len(text)-1
}

// depths are in how many parentheses each byte of a text stands. The last of them stands outside, and what is
// in quotes in one more.
func depths(text string) []int {
	d := make([]int, len(text))
	var quote byte
	depth := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		d[i] = depth
		if quote != 0 {
			d[i]++
		}
	}
	return d
}
