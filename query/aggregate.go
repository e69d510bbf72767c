package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/schema"
)

// aggregated are the rows of a relation, each with what is computed over the rows of another that
// agree with it.
type aggregated struct {
	joined

	outputs []output
	head    *schema.Heading
	// sure is an attribute of right that is not NULL: where it is, there is no row of right.
	sure string
}

func (a aggregated) heading() *schema.Heading { return a.head }

// Aggregate gives each row of the relation attributes that are computed over the rows of other that
// agree with it; other has the whole primary key of the relation among its attributes. The rest of
// attrs says which of the relation's attributes are kept, as in [Rel.Project], and "new = expr"
// is an SQL expression in which other's attributes stand in aggregate functions:
//
//	departments.Aggregate(majors, "dept_name", "n = count(*)", "oldest = min(date_of_birth)")
//
// A row with which none agrees is kept, as if one agreed that has NULL in all of other's attributes, the common ones
// included: sum(x) is NULL there, and count(*) is 0.
func (r Rel) Aggregate(other Rel, attrs ...string) Rel { return r.aggregate(other, attrs, true) }

// AggregateMatching is Aggregate without the rows of the relation with which none of other agrees.
func (r Rel) AggregateMatching(other Rel, attrs ...string) Rel {
	return r.aggregate(other, attrs, false)
}

func (r Rel) aggregate(other Rel, attrs []string, outer bool) Rel {
	if u, ok := r.node.(universal); ok && r.err == nil {
		return u.aggregate(other, attrs)
	}
	return r.with(other, func(h, o *schema.Heading, common []string) (node, error) {
		if missing := slices.DeleteFunc(h.Key(), o.Has); len(missing) > 0 {
			return nil, fmt.Errorf("aggregate: %q is in the primary key, and not among the attributes of the aggregated relation (%v)", missing[0], o.Names())
		}
		p, err := parseProjection(attrs, h, joinHeadings(h, o))
		if err != nil {
			return nil, fmt.Errorf("aggregate: %w", err)
		}
		if err := checkAggregates(p.outputs, h); err != nil {
			return nil, fmt.Errorf("aggregate: %w", err)
		}
		pairs := joined{left: r.node, right: other.node, common: common, head: joinHeadings(h, o), outer: outer}
		a := aggregated{joined: pairs, outputs: p.outputs, head: p.head}
		if outer {
			a.right, a.sure = sureOf(a.joined, o)
		}
		return a, nil
	})
}

// sureOf finds an attribute that is not NULL on the right of a join, whose heading is h, or gives it one.
func sureOf(j joined, h *schema.Heading) (right node, sure string) {
	if len(j.common) > 0 { // NULL agrees with nothing
		return j.right, j.common[0]
	}
	p := projected{of: j.right}
	for _, attr := range h.All() {
		if !attr.Nullable && attr.Type.Spec != "" { // what is computed can be NULL
			return j.right, attr.Name
		}
		p.outputs = append(p.outputs, output{name: attr.Name, old: attr.Name})
	}
	sure = "#" // which no attribute is called
	p.outputs = append(p.outputs, output{name: sure, expr: expression{pieces: []piece{{text: "1"}}}})
	p.head = schema.NewHeading(append(slices.Clone(h.All()), schema.Attr{Name: sure}))
	return p, sure
}

// checkAggregates wants what is not one of h's attributes to stand in an aggregate function. Some
// servers would take any row's value elsewhere.
func checkAggregates(outputs []output, h *schema.Heading) error {
	for _, o := range outputs {
		if o.expr.windows {
			return fmt.Errorf("%q: a function of a window (OVER) cannot be among the aggregates: Project them before, or the result after", o.name)
		}
		for _, p := range o.expr.pieces {
			if p.kind == pieceAttr && !p.inside && !h.Has(p.text) {
				return fmt.Errorf("%q: %q has a value in each of the aggregated rows: put it into a function as min, max or sum", o.name, p.text)
			}
		}
	}
	return nil
}

func (a aggregated) compile(c *compiler) *selection {
	left := c.groupable(c.open(a.left.compile(c)), a.outputs, a.left.heading().Key())
	s, right := a.join(c, left)
	within := s.columns
	if a.outer { // what agrees with none is one row with NULLs
		within = maps.Clone(s.columns)
		for _, name := range a.common {
			within[name] = right.columns[name]
		}
		within[everything] = right.columns[a.sure]
	}
	grouped := c.groupBy(s, within, a.outputs, a.head, a.left.heading().Key())
	if len(grouped.group) == 0 {
		grouped.group = []string{nothing}
	}
	return grouped
}

// groupBy makes groups of a selection's rows by a key. Attributes in aggregate functions are those of within.
func (c *compiler) groupBy(s *selection, within map[string]string, outputs []output, head *schema.Heading, key []string) *selection {
	grouped := *s
	grouped.sorted = len(s.order) > 0
	grouped.heading, grouped.columns, grouped.grouped, grouped.order = head, map[string]string{}, true, nil
	for _, o := range outputs {
		if o.old != "" {
			grouped.columns[o.name] = s.columns[o.old]
			continue
		}
		column := o.expr.compile(c.dialect, s.columns, within).sql
		grouped.columns[o.name], grouped.computed = column, true
		if o.expr.aggregates {
			grouped.sums = append(grouped.sums, column)
		}
	}
	for _, name := range groupedBy(outputs, key) {
		if column := s.columns[name]; !slices.Contains(grouped.group, column) {
			grouped.group = append(grouped.group, column)
		}
	}
	return &grouped
}

// nothing makes one group of all rows, if there are any.
const nothing = "NULL"

// groupable is a selection with columns that groups can be made by. What is computed becomes a column of a subquery: a number
// would be the place of a column, and MariaDB does not see in an expression what it groups by, unless it is one.
func (c *compiler) groupable(s *selection, outputs []output, key []string) *selection {
	for _, name := range groupedBy(outputs, key) {
		if strings.HasPrefix(s.columns[name], "(") {
			return c.nest(s)
		}
	}
	return s
}

// groupedBy are a key, and what else outputs take from outside of aggregate functions, which is the same in all rows
// of a group: not every server sees that.
func groupedBy(outputs []output, key []string) []string {
	by := slices.Clone(key)
	for _, o := range outputs {
		if o.old != "" {
			by = append(by, o.old)
		}
		for _, p := range o.expr.pieces {
			if p.kind == pieceAttr && !p.inside {
				by = append(by, p.text)
			}
		}
	}
	return by
}
