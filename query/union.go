package query

import (
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill/schema"
)

// united are the rows of two relations.
type united struct {
	left, right node
	head        *schema.Heading
}

func (u united) heading() *schema.Heading { return u.head }
func (united) reads() []string            { return nil }
func (u united) operands() []node         { return []node{u.left, u.right} }

// Union is the rows of both relations, which have the same primary key, and no other attribute in
// common. A row of the one and a row of the other that have the same key are one row; attributes that
// the other relation alone has are NULL in the rest.
func (r Rel) Union(other Rel) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		o, err := other.Heading()
		if err != nil {
			return nil, err
		}
		if k, l := slices.Sorted(slices.Values(h.Key())), slices.Sorted(slices.Values(o.Key())); !slices.Equal(k, l) {
			return nil, fmt.Errorf("union: one primary key is %v, and the other %v: they must be the same", h.Key(), o.Key())
		}
		if _, err := commonAttrs(h, o); err != nil {
			return nil, fmt.Errorf("union: %w", err)
		}
		for _, a := range h.Attrs() {
			if !a.Key && o.Has(a.Name) {
				return nil, fmt.Errorf("union: both relations have the attribute %q: rename or drop one with Project", a.Name)
			}
		}
		return united{r.node, other.node, unionHeading(h, o)}, nil
	})
}

func unionHeading(a, b *schema.Heading) *schema.Heading {
	var attrs []schema.Attr
	for _, attr := range append(slices.Clone(a.Attrs()), b.Attrs()...) {
		i := slices.IndexFunc(attrs, func(o schema.Attr) bool { return o.Name == attr.Name })
		if i >= 0 { // of both keys
			attrs[i].Nullable = attrs[i].Nullable || attr.Nullable
			continue
		}
		attr.Nullable = attr.Nullable || !attr.Key
		attrs = append(attrs, attr)
	}
	slices.SortStableFunc(attrs, keyFirst)
	return schema.NewHeading(attrs)
}

// compile makes the rows of left, with what right adds to them, and the rows of right alone.
func (u united) compile(c *compiler) *selection {
	names := u.head.Names()
	verb, key := "? UNION ?", u.head.Key()
	first, second := c.unordered(u.left), c.unordered(u.right)
	if len(names) > len(key) {
		verb = "? UNION ALL ?"
		nulls := slices.DeleteFunc(u.head.Key(), func(name string) bool {
			a, _ := u.head.Attr(name)
			return !a.Nullable
		})
		first = c.unordered(joined{left: u.left, right: u.right, common: key, head: u.head, outer: true, nulls: nulls})
		second = c.unordered(restricted{u.right, member{others: []operand{{u.left, key}}, not: true, nulls: nulls}})
	}
	alias := c.alias()
	return &selection{
		heading: u.head,
		columns: columnsOf(alias, u.head),
		from:    squirrel.Expr("("+verb+") AS "+alias, first.sql(names), second.padded(names)),
	}
}

func (c *compiler) unordered(n node) *selection {
	s := c.open(n.compile(c))
	s.order = nil
	return s
}

// padded is sql with NULL for the attributes that are not there.
func (s *selection) padded(names []string) squirrel.Sqlizer {
	wide := *s
	wide.columns = map[string]string{}
	for _, name := range names {
		if wide.columns[name] = s.columns[name]; wide.columns[name] == "" {
			wide.columns[name] = "NULL"
		}
	}
	return wide.sql(names)
}
