package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An invented relation is a random one, beside its naive twin and the text of both.
type invented struct {
	rel  Rel
	twin *naive
	text string
}

// An inventor makes up relations over the tables of a world.
type inventor struct {
	*world

	t       *testing.T
	refused int // operations that both refused
}

// most is how many rows a relation has at most.
const most = 200

// invent makes up a relation of at most so many operators, one above the other.
func (w *inventor) invent(depth int) invented {
	if depth == 0 || w.IntN(8) == 0 {
		return w.table()
	}
	a := w.invent(depth - 1)
	switch w.IntN(16) {
	case 0, 1:
		return w.where(a)
	case 2:
		return w.matched(a)
	case 3, 4:
		return w.members(a, depth)
	case 5, 6:
		return w.both(a, depth, "Join", Rel.Join, (*naive).join)
	case 7:
		return w.both(a, depth, "Extend", Rel.Extend, (*naive).extend)
	case 8:
		return w.united(a, depth)
	case 9, 10:
		return w.projected(a)
	case 11, 12:
		return w.aggregated(a, depth)
	case 13:
		return w.universal(a)
	default:
		return w.paged(a)
	}
}

func (w *inventor) table() invented {
	m := w.tables[w.IntN(len(w.tables))]
	twin := &naive{}
	for _, a := range m.t.Heading().All() {
		twin.attrs = append(twin.attrs, naiveAttr{a.Name, a.Origin, a.Key, isText(m, a.Name)})
	}
	for _, row := range m.rows {
		t := tuple{}
		for name, v := range row {
			t[name] = held(m, name, v)
		}
		twin.rows = append(twin.rows, t)
	}
	return invented{From(m.t), twin, m.def.Name}
}

// check is what an operator made of a; or a itself, where both the relation and its twin refuse it.
func (w *inventor) check(a invented, rel Rel, twin *naive, text string) invented {
	w.t.Helper()
	_, err := rel.Heading()
	if twin == nil {
		require.Error(w.t, err, text)
		w.refused++
		return a
	}
	require.NoError(w.t, err, text)
	return invented{rel, twin, text}
}

// pool are the attributes that formulas are made up of.
func pool(n *naive) []naiveAttr {
	return slices.DeleteFunc(slices.Clone(n.attrs), func(a naiveAttr) bool { return a.name == "_singleton" })
}

func (w *inventor) where(a invented) invented {
	f := formulas{Rand: w.Rand, attrs: pool(a.twin), args: true}.condition(2)
	return w.check(a, a.rel.Where(f.sql, f.args...), a.twin.where(func(t tuple) bool { return f.eval(t) == true }),
		fmt.Sprintf("%s.Where(%s, %v)", a.text, f.sql, f.args))
}

// matched matches keys that rows have, and others.
func (w *inventor) matched(a invented) invented {
	var keys []tuple
	var args []any
	attrs := pool(a.twin)
	chosen := slices.DeleteFunc(slices.Clone(attrs), func(naiveAttr) bool { return w.IntN(2) == 0 })
	for range min(w.IntN(8), 3) {
		if w.IntN(3) == 0 {
			chosen = slices.DeleteFunc(slices.Clone(attrs), func(naiveAttr) bool { return w.IntN(3) > 0 })
		}
		key := map[string]any{}
		for _, attr := range chosen {
			key[attr.name] = formulas{Rand: w.Rand}.constant(attr.text).eval(nil)
			if len(a.twin.rows) > 0 && w.IntN(4) > 0 {
				key[attr.name] = a.twin.rows[w.IntN(len(a.twin.rows))][attr.name]
			}
		}
		keys, args = append(keys, key), append(args, key)
	}
	if w.IntN(2) == 0 {
		return w.check(a, a.rel.NotMatch(args...), a.twin.match(keys, true), fmt.Sprintf("%s.NotMatch(%v)", a.text, args))
	}
	return w.check(a, a.rel.Match(args), a.twin.match(keys, false), fmt.Sprintf("%s.Match(%v)", a.text, args))
}

// partner looks for a relation with which an operator makes something of a; it may be one with which it does not.
func (w *inventor) partner(depth int, suits func(invented) bool) (b invented) {
	for range 1 + w.IntN(6) {
		if b = w.invent(w.IntN(depth)); suits(b) {
			break
		}
	}
	return b
}

func (w *inventor) members(a invented, depth int) invented {
	var rels []Rel
	var twins []*naive
	var texts []string
	for range 1 + w.IntN(5)/4 {
		b := w.partner(depth, func(b invented) bool {
			common, ok := a.twin.common(b.twin)
			return ok && len(common) > 0
		})
		rels, twins, texts = append(rels, b.rel), append(twins, b.twin), append(texts, b.text)
	}
	if w.IntN(2) == 0 {
		return w.check(a, a.rel.NotIn(rels...), a.twin.in(twins, true), fmt.Sprintf("%s.NotIn(%s)", a.text, strings.Join(texts, ", ")))
	}
	return w.check(a, a.rel.In(rels...), a.twin.in(twins, false), fmt.Sprintf("%s.In(%s)", a.text, strings.Join(texts, ", ")))
}

// both applies an operator to a and another relation.
func (w *inventor) both(a invented, depth int, name string, op func(a, b Rel) Rel, naively func(a, b *naive) *naive) invented {
	b := w.partner(depth, func(b invented) bool { return naively(a.twin, b.twin) != nil })
	if twin := naively(a.twin, b.twin); twin == nil || len(twin.rows) <= most {
		return w.check(a, op(a.rel, b.rel), twin, fmt.Sprintf("%s.%s(%s)", a.text, name, b.text))
	}
	return a
}

// united adds to a relation what was made of its key, or of any other.
func (w *inventor) united(a invented, depth int) invented {
	op := func(b invented) invented {
		return w.check(a, a.rel.Union(b.rel), a.twin.union(b.twin), fmt.Sprintf("%s.Union(%s)", a.text, b.text))
	}
	if w.IntN(3) == 0 {
		return op(w.partner(depth, func(b invented) bool { return a.twin.union(b.twin) != nil }))
	}
	b := a
	if w.IntN(2) == 0 {
		b = w.where(a)
	}
	var kept []naiveOutput
	for _, attr := range b.twin.attrs {
		if attr.key {
			kept = append(kept, naiveOutput{naiveAttr: attr, old: attr.name})
		}
	}
	specs := []string{}
	if w.IntN(2) == 0 {
		spec, o := w.computed(b.twin)
		specs, kept = append(specs, spec), append(kept, o)
	}
	b = w.check(b, b.rel.Project(specs...), b.twin.project(kept), fmt.Sprintf("%s.Project(%q)", b.text, specs))
	if w.IntN(2) == 0 {
		b = w.where(b)
	}
	if w.IntN(3) == 0 {
		a = w.where(a)
	}
	return op(b)
}

// newName is the name of an attribute that there may be elsewhere.
func (w *inventor) newName() string {
	if w.IntN(3) > 0 {
		return fmt.Sprintf("x%d", w.IntN(5))
	}
	key := w.tables[w.IntN(len(w.tables)-1)].def.Key
	return strings.TrimPrefix(key[w.IntN(len(key))], "_")
}

func (w *inventor) computed(n *naive) (string, naiveOutput) {
	f, name := formulas{Rand: w.Rand, attrs: pool(n)}.any(2), w.newName()
	return name + " = (" + f.sql + ")", naiveOutput{naiveAttr: naiveAttr{name: name, text: f.text}, eval: func(t tuple, _ []tuple) any { return f.eval(t) }}
}

// kept makes up which attributes a projection keeps, and under what names.
func (w *inventor) kept(attrs []naiveAttr) (specs []string, outputs []naiveOutput) {
	rest := w.IntN(3) == 0
	if rest {
		specs = []string{"..."}
	}
	for _, a := range attrs {
		o := naiveOutput{naiveAttr: a, old: a.name}
		named := w.IntN(3)
		switch mentioned := !a.key && named > 0 && (!rest || a.hidden()); {
		case a.name == "_singleton":
			if !a.key {
				continue
			}
		case w.IntN(6) == 0:
			o.name = w.newName()
			specs = append(specs, o.name+" = "+a.name)
		case mentioned:
			specs = append(specs, a.name)
		case !a.key && rest && !a.hidden() && named == 0:
			specs = append(specs, "-"+a.name)
			continue
		case !a.key && (!rest || a.hidden()):
			continue
		}
		outputs = append(outputs, o)
	}
	return specs, outputs
}

func (w *inventor) projected(a invented) invented {
	specs, outputs := w.kept(a.twin.attrs)
	for range w.IntN(3) {
		spec, o := w.computed(a.twin)
		specs, outputs = append(specs, spec), append(outputs, o)
	}
	return w.check(a, a.rel.Project(specs...), a.twin.project(outputs), fmt.Sprintf("%s.Project(%q)", a.text, specs))
}

// computedOf makes up attributes that are computed of groups of rows.
func (w *inventor) computedOf(rows, same []naiveAttr) (specs []string, outputs []naiveOutput) {
	for range 1 + w.IntN(2) {
		a, name := formulas{Rand: w.Rand, attrs: rows}.aggregate(same, 1), w.newName()
		specs = append(specs, name+" = "+a.sql)
		outputs = append(outputs, naiveOutput{naiveAttr: naiveAttr{name: name, text: a.text}, eval: a.eval})
	}
	return specs, outputs
}

func (w *inventor) aggregated(a invented, depth int) invented {
	b := w.partner(depth, func(b invented) bool {
		_, ok := a.twin.common(b.twin)
		return ok && hasAll(b.twin, a.twin.key())
	})
	specs, outputs := w.kept(a.twin.attrs)
	ambiguous := func(attr naiveAttr) bool { return attr.hidden() && a.twin.has(attr.name) && b.twin.has(attr.name) }
	left, right := slices.DeleteFunc(pool(a.twin), ambiguous), slices.DeleteFunc(pool(b.twin), ambiguous)
	if w.IntN(4) > 0 {
		more, computed := w.computedOf(append(right, left...), left)
		specs, outputs = append(specs, more...), append(outputs, computed...)
	}
	matching := w.IntN(2) == 0
	rel, name := a.rel.Aggregate(b.rel, specs...), "Aggregate"
	if matching {
		rel, name = a.rel.AggregateMatching(b.rel, specs...), "AggregateMatching"
	}
	return w.check(a, rel, a.twin.aggregate(b.twin, outputs, matching), fmt.Sprintf("%s.%s(%s, %q)", a.text, name, b.text, specs))
}

func (w *inventor) universal(a invented) invented {
	names := slices.DeleteFunc(a.twin.names(), func(string) bool { return w.IntN(3) > 0 })
	var key []naiveAttr
	for _, name := range names {
		attr, _ := a.twin.attr(name)
		attr.key = true
		key = append(key, attr)
	}
	if w.IntN(3) == 0 {
		var outputs []naiveOutput
		for _, attr := range key {
			outputs = append(outputs, naiveOutput{naiveAttr: attr, old: attr.name})
		}
		return w.check(a, Universal(names...).In(a.rel), a.twin.universal(names, outputs), fmt.Sprintf("Universal(%q).In(%s)", names, a.text))
	}
	specs, outputs := w.kept(key)
	more, computed := w.computedOf(pool(a.twin), key)
	specs, outputs = append(specs, more...), append(outputs, computed...)
	return w.check(a, Universal(names...).Aggregate(a.rel, specs...), a.twin.universal(names, outputs),
		fmt.Sprintf("Universal(%q).Aggregate(%s, %q)", names, a.text, specs))
}

func (w *inventor) paged(a invented) invented {
	var order []string
	var by []orderBy
	attrs := pool(a.twin)
	for range w.IntN(3) {
		suffix := []string{"", " ASC", " DESC"}[w.IntN(3)]
		if len(attrs) == 0 || w.IntN(3) == 0 {
			order = append(order, "KEY"+suffix)
			for _, name := range a.twin.key() {
				by = append(by, orderBy{name, suffix == " DESC"})
			}
			continue
		}
		attr := attrs[w.IntN(len(attrs))]
		order, by = append(order, attr.name+suffix), append(by, orderBy{attr.name, suffix == " DESC"})
	}
	offset, limit := max(0, w.IntN(6)-3), w.IntN(10)-1
	return w.check(a, a.rel.Page(offset, limit, order...), a.twin.page(offset, limit, by), fmt.Sprintf("%s.Page(%d, %d, %q)", a.text, offset, limit, order))
}
