package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/spell"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// A Rel is a relation: tables, joined, restricted and projected. It is immutable and safe for
// concurrent use. Its first mistake (an attribute that is not there, say) is kept, and is the
// error of whatever runs it.
type Rel struct {
	node node
	err  error
}

// A node is an operator and its operands.
type node interface {
	heading() *schema.Heading
}

type (
	// base is a table.
	base struct{ table *schema.Table }
	// restricted are the rows of a relation for which a condition holds.
	restricted struct {
		of   node
		cond condition
	}
	// joined are the pairs of rows of two relations that agree in the common attributes.
	joined struct {
		left, right node
		common      []string
		head        *schema.Heading
	}
	// projected are the rows of a relation with other attributes.
	projected struct {
		of      node
		outputs []output
		head    *schema.Heading
	}
)

// An output is an attribute of a projection: an attribute of the operand, perhaps under
// another name, or an expression.
type output struct {
	name string
	old  string // the operand's attribute; empty for an expression
	expr string
}

func (b base) heading() *schema.Heading       { return b.table.Heading() }
func (r restricted) heading() *schema.Heading { return r.of.heading() }
func (j joined) heading() *schema.Heading     { return j.head }
func (p projected) heading() *schema.Heading  { return p.head }

// From is a table, or the natural join of several: the combinations of their rows that agree
// in all attributes that tables have in common (see [Rel.Join]).
func From(tables ...schema.Any) Rel {
	if len(tables) == 0 {
		return Rel{err: errors.New("From wants at least one table")}
	}
	r := Rel{node: base{tables[0].Untyped()}}
	for _, t := range tables[1:] {
		r = r.Join(Rel{node: base{t.Untyped()}})
	}
	return r
}

// Fail is a relation that has a mistake from the start: whatever runs it returns err.
func Fail(err error) Rel { return Rel{err: err} }

// Heading is the relation's attributes and their key, or the mistake in the relation.
func (r Rel) Heading() (*schema.Heading, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.node == nil {
		return nil, errors.New("the relation is empty: begin with From")
	}
	return r.node.heading(), nil
}

// tables are the full names of the tables in the relation.
func (r Rel) tables() []string {
	var names []string
	var walk func(n node)
	walk = func(n node) {
		switch n := n.(type) {
		case base:
			names = append(names, n.table.FullName())
		case restricted:
			walk(n.of)
			if m, ok := n.cond.(member); ok {
				for _, o := range m.others {
					walk(o.node)
				}
			}
		case joined:
			walk(n.left)
			walk(n.right)
		case projected:
			walk(n.of)
		}
	}
	walk(r.node)
	return names
}

// apply makes a relation of r, unless there is a mistake already.
func (r Rel) apply(op func(h *schema.Heading) (node, error)) Rel {
	h, err := r.Heading()
	if err != nil {
		return Rel{err: err}
	}
	n, err := op(h)
	if err != nil {
		return Rel{err: err}
	}
	return Rel{node: n}
}

// Where restricts the relation to the rows for which a condition holds: an SQL expression over
// the relation's attributes, with ? for each argument. A time is compared by its wall clock.
func (r Rel) Where(condition string, args ...any) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		if err := checkText(condition, len(args), h); err != nil {
			return nil, fmt.Errorf("condition %q: %w", condition, err)
		}
		values := make([]any, len(args))
		for i, a := range args {
			values[i] = value.Arg(a)
		}
		return restricted{r.node, text{condition, values}}, nil
	})
}

// Match restricts the relation to the rows that have the values of key, a struct whose fields
// are attributes (as a row's key), or a map[string]any. A nil stands for NULL.
func (r Rel) Match(key any) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		names, values, err := schema.Match(key, h)
		if err != nil {
			return nil, fmt.Errorf("match: %w", err)
		}
		return restricted{r.node, match{names, values}}, nil
	})
}

// In restricts the relation to the rows that agree with at least one row of at least one of
// others in all attributes that both have (DataJoint's A & B). Where they have none in common,
// that is every row if the other has rows, and none otherwise.
func (r Rel) In(others ...Rel) Rel { return r.member(others, false) }

// NotIn restricts the relation to the rows that In would leave out (DataJoint's A - B).
func (r Rel) NotIn(others ...Rel) Rel { return r.member(others, true) }

func (r Rel) member(others []Rel, not bool) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		m := member{not: not}
		for _, other := range others {
			o, err := other.Heading()
			if err != nil {
				return nil, err
			}
			common, err := commonAttrs(h, o)
			if err != nil {
				return nil, err
			}
			m.others = append(m.others, operand{other.node, common})
		}
		if len(m.others) == 0 {
			return nil, errors.New("In and NotIn want at least one relation")
		}
		return restricted{r.node, m}, nil
	})
}

// Join is the natural join: the combinations of the rows of both relations that agree in all
// attributes that both have. Those must mean the same: come, through foreign keys, from the
// same attribute of the same table. The key is the first relation's if its attributes
// determine the second's key, else the second's if it is the other way round, else both.
func (r Rel) Join(other Rel) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		o, err := other.Heading()
		if err != nil {
			return nil, err
		}
		common, err := commonAttrs(h, o)
		if err != nil {
			return nil, err
		}
		return joined{r.node, other.node, common, joinHeadings(h, o)}, nil
	})
}

// commonAttrs are the attributes that both headings have. They must have the same origin.
func commonAttrs(a, b *schema.Heading) ([]string, error) {
	var common []string
	for _, x := range a.Attrs() {
		y, ok := b.Attr(x.Name)
		if !ok {
			continue
		}
		if x.Origin == "" || x.Origin != y.Origin {
			return nil, fmt.Errorf("both relations have an attribute %q, and they mean different things (%s; %s):"+
				" rename or drop one with Project", x.Name, origin(x), origin(y))
		}
		common = append(common, x.Name)
	}
	return common, nil
}

func origin(a schema.Attr) string {
	if a.Origin == "" {
		return "an attribute outside of the key"
	}
	return a.Origin
}

// joinHeadings is the heading of a join: DataJoint's rules for its key.
func joinHeadings(a, b *schema.Heading) *schema.Heading {
	inKey := func(attr schema.Attr) bool { return attr.Key }
	switch {
	case determines(a, b):
		inKey = func(attr schema.Attr) bool { return slices.Contains(a.Key(), attr.Name) }
	case determines(b, a):
		inKey = func(attr schema.Attr) bool { return slices.Contains(b.Key(), attr.Name) }
	default:
		both := append(a.Key(), b.Key()...)
		inKey = func(attr schema.Attr) bool { return slices.Contains(both, attr.Name) }
	}
	var attrs []schema.Attr
	for _, attr := range a.Attrs() {
		attr.Key = inKey(attr)
		attrs = append(attrs, attr)
	}
	for _, attr := range b.Attrs() {
		if attr.Key = inKey(attr); !a.Has(attr.Name) {
			attrs = append(attrs, attr)
		}
	}
	slices.SortStableFunc(attrs, keyFirst)
	return schema.NewHeading(attrs)
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

// Project gives the relation other attributes. Each of attrs is
//
//	"name"           an attribute to keep
//	"..."            all attributes that are not mentioned otherwise
//	"-name"          one to leave out, of those that ... keeps
//	"new = old"      an attribute under a new name
//	"new = expr"     a new attribute: an SQL expression over the relation's attributes
//
// The attributes of the primary key are always kept; they can be renamed. Without arguments
// only the primary key is left.
func (r Rel) Project(attrs ...string) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		p, err := parseProjection(attrs, h)
		if err != nil {
			return nil, fmt.Errorf("project: %w", err)
		}
		p.of = r.node
		return p, nil
	})
}

// parseProjection reads the arguments of Project.
func parseProjection(specs []string, h *schema.Heading) (projected, error) {
	keep, drop, renamed, rest := map[string]bool{}, map[string]bool{}, map[string]string{}, false
	var computed []output
	for _, spec := range specs {
		name, expr, assigned := strings.Cut(spec, "=")
		name, expr = strings.TrimSpace(name), strings.TrimSpace(expr)
		switch {
		case spec == "...":
			rest = true
		case assigned && h.Has(expr):
			renamed[expr] = name
		case assigned:
			if err := checkText(expr, 0, h); err != nil {
				return projected{}, fmt.Errorf("%q: %w", spec, err)
			}
			computed = append(computed, output{name: name, expr: expr})
		case !h.Has(strings.TrimPrefix(name, "-")):
			return projected{}, unknown(strings.TrimPrefix(name, "-"), h)
		case strings.HasPrefix(name, "-"):
			drop[name[1:]] = true
		default:
			keep[name] = true
		}
	}
	return project(h, keep, drop, renamed, computed, rest)
}

func project(h *schema.Heading, keep, drop map[string]bool, renamed map[string]string, computed []output, rest bool) (projected, error) {
	var p projected
	var attrs []schema.Attr
	for _, a := range h.Attrs() {
		old := a.Name
		switch {
		case a.Key && drop[old]:
			return p, fmt.Errorf("%q is in the primary key, and cannot be left out", old)
		case renamed[old] != "":
			a.Name = renamed[old]
		case !a.Key && !keep[old] && !(rest && !drop[old]):
			continue
		}
		attrs, p.outputs = append(attrs, a), append(p.outputs, output{name: a.Name, old: old})
	}
	for _, c := range computed {
		attrs, p.outputs = append(attrs, schema.Attr{Name: c.name}), append(p.outputs, c)
	}
	p.head = schema.NewHeading(attrs)
	if len(p.head.Names()) != len(slices.Compact(slices.Sorted(slices.Values(p.head.Names())))) {
		return p, fmt.Errorf("two attributes have the same name in %s", strings.Join(p.head.Names(), ", "))
	}
	return p, nil
}

func unknown(name string, h *schema.Heading) error {
	return fmt.Errorf("no attribute %q among %s%s", name, strings.Join(h.Names(), ", "), spell.Guess(name, h.Names()))
}
