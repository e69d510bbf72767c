package query

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rowmill/rowmill/schema"
)

// universal has all values there could be of some attributes.
type universal struct{ names []string }

func (universal) heading() *schema.Heading     { return schema.NewHeading(nil) }
func (universal) reads() []string              { return nil }
func (universal) operands() []node             { return nil }
func (universal) compile(*compiler) *selection { panic("query: the universal relation has no rows") }

// Universal is the relation of all values that there could be of some attributes, which are its
// primary key (DataJoint's dj.U). It serves to ask by other attributes than keys:
//
//	query.Universal("species").In(query.From(subjects))                       // the distinct species
//	query.Universal("species").Aggregate(query.From(subjects), "n = count(*)") // subjects of each
//	query.Universal().Aggregate(query.From(subjects), "n = count(*)")          // of all: one row
func Universal(attrs ...string) Rel {
	for i, name := range attrs {
		if slices.Contains(attrs[:i], name) {
			return Invalid(fmt.Errorf("universal: %q is mentioned twice", name))
		}
	}
	return Rel{node: universal{attrs}}
}

// of are the distinct values that relations have of the attributes.
func (u universal) of(others []Rel) Rel {
	if len(others) != 1 {
		return Invalid(errors.New("universal: In wants one relation"))
	}
	return others[0].apply(func(h *schema.Heading) (node, error) {
		return newGroups(others[0].node, u.names, nil, h)
	})
}

func (u universal) aggregate(other Rel, attrs []string) Rel {
	return other.apply(func(h *schema.Heading) (node, error) {
		return newGroups(other.node, u.names, attrs, h)
	})
}

// groups are the distinct values of attributes, with what is computed over the rows of each.
type groups struct {
	of      node
	key     []string
	outputs []output
	head    *schema.Heading
}

func (g groups) heading() *schema.Heading { return g.head }
func (groups) reads() []string            { return nil }
func (g groups) operands() []node         { return []node{g.of} }

func newGroups(of node, names, attrs []string, h *schema.Heading) (node, error) {
	var key []schema.Attr
	for _, name := range names {
		a, ok := h.Attr(name)
		if !ok {
			return nil, fmt.Errorf("universal: %w", unknown(name, h))
		}
		a.Key = true
		key = append(key, a)
	}
	by := schema.NewHeading(key)
	p, err := parseProjection(attrs, by, h)
	if err == nil {
		err = checkAggregates(p.outputs, by)
	}
	if err != nil {
		return nil, fmt.Errorf("universal: %w", err)
	}
	return groups{of: of, key: names, outputs: p.outputs, head: p.head}, nil
}

func (g groups) compile(c *compiler) *selection {
	s := c.open(g.of.compile(c))
	if len(g.outputs) > 0 {
		s = c.groupable(s, g.outputs, g.key)
		grouped := c.groupBy(s, s.columns, g.outputs, g.head, g.key)
		grouped.total = len(g.key) == 0
		return grouped
	}
	one := *s // a row, if there is one, that says no more than that
	one.heading, one.columns, one.order, one.limited, one.limit = g.head, map[string]string{}, nil, true, 1
	return &one
}
