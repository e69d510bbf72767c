package query

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/schema"
)

// All is the number of rows that keeps all of them.
const All = -1

// ordered are rows in an order, some of which are kept.
type ordered struct {
	of            node
	by            []orderBy
	limit, offset int // all rows where limit is All
}

// An orderBy orders by an attribute.
type orderBy struct {
	name       string
	descending bool
}

func (o ordered) heading() *schema.Heading { return o.of.heading() }
func (ordered) reads() []string            { return nil }
func (o ordered) operands() []node         { return []node{o.of} }

// OrderBy lets the relation's rows be fetched in an order: by attributes, each of which is
// "name" or "name DESC", or by "KEY" or "KEY DESC", all of the primary key. Rows that are alike in
// these are in the order of the key, and NULL comes before everything else. Restrictions and
// projections of the relation keep the order; what makes another relation of it, as a join, does not.
func (r Rel) OrderBy(order ...string) Rel { return r.Page(0, All, order...) }

// Top keeps the first limit rows in an order (see [Rel.OrderBy]); without one, in that which the
// relation has, or else in that of its primary key.
func (r Rel) Top(limit int, order ...string) Rel { return r.Page(0, limit, order...) }

// Page keeps limit rows, or [All], after the first offset of them, in an order (see [Rel.Top]).
func (r Rel) Page(offset, limit int, order ...string) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		if limit < All || offset < 0 {
			return nil, fmt.Errorf("%d rows after %d: neither can be negative", limit, offset)
		}
		o := ordered{of: r.node, limit: limit, offset: offset}
		for _, text := range order {
			by, err := parseOrder(text, h)
			if err != nil {
				return nil, fmt.Errorf("order by %q: %w", text, err)
			}
			o.by = append(o.by, by...)
		}
		return o, nil
	})
}

func parseOrder(text string, h *schema.Heading) ([]orderBy, error) {
	words := strings.Fields(text)
	descending := len(words) == 2 && strings.EqualFold(words[1], "DESC")
	if len(words) == 0 || len(words) > 2 || len(words) == 2 && !descending && !strings.EqualFold(words[1], "ASC") {
		return nil, fmt.Errorf(`"name", "name DESC", "KEY" or "KEY DESC" is wanted`)
	}
	if words[0] != "KEY" {
		name := words[0]
		if quoted, ok := strings.CutPrefix(name, "`"); ok && strings.HasSuffix(quoted, "`") {
			name = strings.TrimSuffix(quoted, "`")
		}
		if !h.Has(name) {
			return nil, unknown(words[0], h)
		}
		return []orderBy{{name, descending}}, nil
	}
	var by []orderBy
	for _, name := range h.Key() {
		by = append(by, orderBy{name, descending})
	}
	return by, nil
}

func (o ordered) compile(c *compiler) *selection {
	s := o.of.compile(c)
	if s.limited {
		s = c.nest(s)
	}
	if len(o.by) > 0 || len(s.order) == 0 {
		if slices.ContainsFunc(o.terms(s), s.misorders) {
			s = c.nest(s)
		}
		s.order = o.terms(s)
	}
	if o.limit != All || o.offset > 0 {
		s.limited, s.limit, s.offset = true, o.limit, o.offset
		if o.limit == All {
			s.limit = math.MaxInt64
		}
	}
	return s
}

// misorders tells whether a selection cannot be ordered by a term: a number would be the place of a column, and SQLite (3.53)
// makes one of "a AND FALSE" when it reads it; and it takes groups that it makes of ordered rows for ordered down where they
// are ordered up.
func (s *selection) misorders(t term) bool {
	return constant(t.column) && !slices.Contains(s.sums, t.column) || conjoined(t.column) || (t.descending || s.sorted) && slices.Contains(s.group, t.column)
}

// constant tells whether no table's column is in a column.
func constant(column string) bool {
	return !strings.Contains(quotedText.ReplaceAllString(column, ""), "`")
}

// conjoined tells whether there is an AND in a column.
func conjoined(column string) bool {
	return conjunction.MatchString(quotedName.ReplaceAllString(quotedText.ReplaceAllString(column, ""), ""))
}

var (
	conjunction = regexp.MustCompile(`(?i)\bAND\b`)
	quotedName  = regexp.MustCompile("`[^`]*`")
)

var quotedText = regexp.MustCompile(`'(?:[^']|'')*'`)

// terms are the columns of the order.
func (o ordered) terms(s *selection) []term {
	var terms []term
	for _, by := range o.by {
		terms = append(terms, term{s.columns[by.name], by.descending})
	}
	for _, name := range o.rest() {
		terms = append(terms, term{column: s.columns[name]})
	}
	return terms
}

// rest is the key as far as the order does not mention it.
func (o ordered) rest() []string {
	mentioned := map[string]bool{}
	for _, by := range o.by {
		mentioned[by.name] = true
	}
	var names []string
	for _, name := range o.heading().Key() {
		if !mentioned[name] {
			names = append(names, name)
		}
	}
	return names
}
