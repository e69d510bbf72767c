package query

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/schema"
)

// projected are the rows of a relation with other attributes.
type projected struct {
	of      node
	outputs []output
	head    *schema.Heading
}

func (p projected) heading() *schema.Heading { return p.head }
func (projected) reads() []string            { return nil }
func (p projected) operands() []node         { return []node{p.of} }

// An output is an attribute of a projection: an attribute of the operand, perhaps under
// another name, or an expression.
type output struct {
	name string
	old  string // the operand's attribute; empty for an expression
	expr expression
}

// Project gives the relation other attributes. Each of attrs is
//
//	"name"           an attribute to keep
//	"..."            all attributes that are not mentioned otherwise, without the hidden ones
//	"-name"          one to leave out, of those that ... keeps
//	"new = old"      an attribute under a new name
//	"new = expr"     a new attribute: an SQL expression over the relation's attributes
//
// A name has at most 64 characters. An expression is about one row, or has a function of a window, as in
// "place = rank() OVER (ORDER BY peak_hz DESC)", which is over the relation's rows, whatever is restricted later;
// [Rel.Aggregate] takes aggregate functions.
//
// The attributes of the primary key are always kept; they can be renamed. Without arguments
// only the primary key is left.
func (r Rel) Project(attrs ...string) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		p, err := parseProjection(attrs, h, h)
		if err != nil {
			return nil, fmt.Errorf("project: %w", err)
		}
		if i := slices.IndexFunc(p.outputs, func(o output) bool { return o.expr.aggregates }); i >= 0 {
			return nil, fmt.Errorf("project: %q is an aggregate function of many rows: Aggregate computes those", p.outputs[i].name)
		}
		p.of = r.node
		return p, nil
	})
}

// newName are the names that an attribute can be given.
var newName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// parseProjection reads the arguments of Project: of attributes in h, and of expressions over those in
// all.
func parseProjection(specs []string, h, all *schema.Heading) (projected, error) {
	keep, drop, renamed, rest := map[string]bool{}, map[string]bool{}, map[string]string{}, false
	var computed []output
	for _, spec := range specs {
		name, expr, assigned := strings.Cut(spec, "=")
		name, expr = strings.TrimSpace(name), strings.TrimSpace(expr)
		switch {
		case spec == "...":
			rest = true
		case assigned && !newName.MatchString(name):
			return projected{}, fmt.Errorf("%q: %q is no name for an attribute: small letters, digits and underscores are, a letter first, 64 at most", spec, name)
		case assigned && renamed[expr] != "":
			return projected{}, fmt.Errorf("%q is renamed twice, to %q and %q: one can be computed, as \"%s = (%s)\"", expr, renamed[expr], name, name, expr)
		case assigned && h.Has(expr):
			renamed[expr] = name
		case assigned:
			e, err := parse(expr, nil, all)
			if err != nil {
				return projected{}, fmt.Errorf("%q: %w", spec, err)
			}
			computed = append(computed, output{name: name, expr: e})
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
	for _, a := range h.All() {
		old := a.Name
		switch {
		case a.Key && drop[old]:
			return p, fmt.Errorf("%q is in the primary key, and cannot be left out", old)
		case (keep[old] || drop[old]) && renamed[old] != "", keep[old] && drop[old]:
			return p, fmt.Errorf("%q is mentioned twice, for different ends", old)
		case renamed[old] != "":
			a.Name = renamed[old]
		case !a.Key && !keep[old] && (!rest || drop[old] || a.Hidden()):
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
