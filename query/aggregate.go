package query

import (
	"fmt"
	"slices"

	"github.com/rowmill/rowmill/schema"
)

// aggregated are the rows of a relation, each with what is computed over the rows of another that
// agree with it.
type aggregated struct {
	joined

	outputs []output
	head    *schema.Heading
}

func (a aggregated) heading() *schema.Heading { return a.head }

// Aggregate gives each row of the relation attributes that are computed over the rows of other that
// agree with it; other has the whole primary key of the relation among its attributes. The rest of
// attrs says which of the relation's attributes are kept, as in [Rel.Project], and "new = expr"
// is an SQL expression in which other's attributes stand in aggregate functions:
//
//	departments.Aggregate(majors, "dept_name", "n = count(*)", "oldest = min(date_of_birth)")
//
// A row with which none agrees is kept: count(*) is 0 there, and other functions are NULL.
func (r Rel) Aggregate(other Rel, attrs ...string) Rel { return r.aggregate(other, attrs, true) }

// AggregateMatching is Aggregate without the rows of the relation with which none of other agrees.
func (r Rel) AggregateMatching(other Rel, attrs ...string) Rel {
	return r.aggregate(other, attrs, false)
}

func (r Rel) aggregate(other Rel, attrs []string, outer bool) Rel {
	if u, ok := r.node.(universal); ok && r.err == nil {
		return u.aggregate(other, attrs)
	}
	return r.apply(func(h *schema.Heading) (node, error) {
		o, err := other.Heading()
		if err != nil {
			return nil, err
		}
		common, err := commonAttrs(h, o)
		if err != nil {
			return nil, err
		}
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
		return aggregated{joined: pairs, outputs: p.outputs, head: p.head}, nil
	})
}

// checkAggregates wants what is not one of h's attributes to stand in an aggregate function. Some
// servers would take any row's value elsewhere.
func checkAggregates(outputs []output, h *schema.Heading) error {
	for _, o := range outputs {
		for _, p := range o.expr.pieces {
			if p.kind == pieceAttr && !p.inside && !h.Has(p.text) {
				return fmt.Errorf("%q: %q has a value in each of the aggregated rows: put it into a function as min, max or sum", o.name, p.text)
			}
		}
	}
	return nil
}

func (a aggregated) compile(c *compiler) *selection {
	s, right := a.join(c)
	if a.outer { // what agrees with none is one row with NULLs
		for _, name := range append(slices.Clone(a.common), right.heading.Key()...) {
			s.columns[everything] = right.columns[name]
			break
		}
	}
	return c.groupBy(s, a.outputs, a.head, a.left.heading().Key())
}

// groupBy makes groups of a selection's rows by a key, and by what else the outputs take from
// outside of aggregate functions, which is the same in all rows of a group: not every server sees that.
func (c *compiler) groupBy(s *selection, outputs []output, head *schema.Heading, key []string) *selection {
	grouped := *s
	grouped.heading, grouped.columns, grouped.grouped, grouped.order = head, map[string]string{}, true, nil
	by := slices.Clone(key)
	for _, o := range outputs {
		if o.old != "" {
			grouped.columns[o.name] = s.columns[o.old]
			by = append(by, o.old)
			continue
		}
		grouped.columns[o.name], grouped.computed = o.expr.compile(c.dialect, s.columns).sql, true
		for _, p := range o.expr.pieces {
			if p.kind == pieceAttr && !p.inside {
				by = append(by, p.text)
			}
		}
	}
	for _, name := range by {
		if !slices.Contains(grouped.group, s.columns[name]) {
			grouped.group = append(grouped.group, s.columns[name])
		}
	}
	return &grouped
}
