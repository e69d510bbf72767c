package query

import (
	"fmt"
	"slices"

	"github.com/rowmill/rowmill/schema"
)

// joined are the pairs of rows of two relations that agree in the common attributes.
type joined struct {
	left, right node
	common      []string
	head        *schema.Heading
	// outer keeps the rows of left that agree with none of right.
	outer bool
	// nulls are those of common in which NULL agrees with NULL.
	nulls []string
}

func (j joined) heading() *schema.Heading { return j.head }
func (joined) reads() []string            { return nil }
func (j joined) operands() []node         { return []node{j.left, j.right} }

// Join is the natural join: the combinations of the rows of both relations that agree in all
// attributes that both have. Those must mean the same: come, through foreign keys, from the
// same attribute of the same table. The key is the first relation's if its attributes
// determine the second's key, else the second's if it is the other way round, else both.
// Hidden attributes join nothing; one that both relations have is not in their join.
func (r Rel) Join(other Rel) Rel {
	return r.with(other, func(h, o *schema.Heading, common []string) (node, error) {
		return joined{left: r.node, right: other.node, common: common, head: joinHeadings(h, o)}, nil
	})
}

// Extend adds the attributes of other to the relation's rows, each of which agrees with at most
// one row of other: the key of other is among the relation's attributes. Where it agrees with none,
// they are NULL (a left join). The key stays as it is.
func (r Rel) Extend(other Rel) Rel {
	return r.with(other, func(h, o *schema.Heading, common []string) (node, error) {
		if missing := slices.DeleteFunc(o.Key(), h.Has); len(missing) > 0 {
			return nil, fmt.Errorf("extend: %q is in the key of the other relation, and not among the attributes of this one,"+
				" whose rows would be several: Join, or Aggregate", missing[0])
		}
		return joined{left: r.node, right: other.node, common: common, head: extendHeading(h, o), outer: true}, nil
	})
}

// with makes a relation of r and another, unless there is a mistake in one of them, or in what they have in common.
func (r Rel) with(other Rel, op func(h, o *schema.Heading, common []string) (node, error)) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		o, err := other.Heading()
		if err != nil {
			return nil, err
		}
		common, err := commonAttrs(h, o)
		if err != nil {
			return nil, err
		}
		return op(h, o, common)
	})
}

// extendHeading is a's heading, and of b what may be missing.
func extendHeading(a, b *schema.Heading) *schema.Heading {
	var attrs []schema.Attr
	for _, attr := range a.All() {
		if !attr.Hidden() || !b.Has(attr.Name) {
			attrs = append(attrs, attr)
		}
	}
	for _, attr := range b.All() {
		if !a.Has(attr.Name) {
			attr.Key, attr.Nullable = false, true
			attrs = append(attrs, attr)
		}
	}
	return schema.NewHeading(attrs)
}

// commonAttrs are the attributes that both headings have. They must have the same origin.
func commonAttrs(a, b *schema.Heading) ([]string, error) {
	var common []string
	for _, x := range a.Attrs() {
		y, ok := b.Attr(x.Name)
		if !ok {
			continue
		}
		switch {
		case x.Origin == "" && y.Origin == "":
			return nil, fmt.Errorf("both relations have an attribute %q that is in no key, and only attributes of keys and of foreign keys join:"+
				` leave it out of one with Project (Project() keeps the key alone), or rename it`, x.Name)
		case x.Origin != y.Origin:
			return nil, fmt.Errorf("both relations have an attribute %q, and they mean different things (%s; %s):"+
				" rename or drop one with Project", x.Name, origin(x), origin(y))
		}
		common = append(common, x.Name)
	}
	return common, nil
}

func origin(a schema.Attr) string {
	if a.Origin == "" {
		return "an attribute that is in no key"
	}
	return a.Origin
}

// joinHeadings is the heading of a join: DataJoint's rules for its key. The attributes of the relation whose
// key it is come first.
func joinHeadings(a, b *schema.Heading) *schema.Heading {
	key := a.Key()
	switch {
	case determines(a, b):
	case determines(b, a):
		return joinHeadings(b, a)
	default:
		key = append(key, b.Key()...)
	}
	inKey := func(attr schema.Attr) bool { return slices.Contains(key, attr.Name) }
	var attrs []schema.Attr
	for _, attr := range a.All() {
		if attr.Hidden() && b.Has(attr.Name) {
			continue // its name could mean either
		}
		attr.Key = inKey(attr)
		attr.Nullable = attr.Nullable && !b.Has(attr.Name) // NULL agrees with nothing
		attrs = append(attrs, attr)
	}
	for _, attr := range b.All() {
		if attr.Key = inKey(attr); !a.Has(attr.Name) {
			attrs = append(attrs, attr)
		}
	}
	slices.SortStableFunc(attrs, keyFirst)
	return schema.NewHeading(attrs)
}

// agree is the condition that two columns agree.
func agree(a, b string, nulls bool) string {
	if nulls {
		return "(" + a + " = " + b + " OR " + a + " IS NULL AND " + b + " IS NULL)"
	}
	return a + " = " + b
}

// determines tells whether b's key is among a's attributes.
func determines(a, b *schema.Heading) bool {
	return !slices.ContainsFunc(b.Key(), func(name string) bool { return !a.Has(name) })
}

func keyFirst(a, b schema.Attr) int {
	switch {
	case a.Key == b.Key:
		return 0
	case a.Key:
		return -1
	}
	return 1
}
