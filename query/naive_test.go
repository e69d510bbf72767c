package query

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A naive relation is the algebra as its definition says it, with all rows in memory. It stands beside
// a Rel, and knows no SQL.
type naive struct {
	attrs []naiveAttr
	rows  []tuple
	// ordered tells that the rows have an order.
	ordered bool
}

// A naiveAttr is an attribute: of integers, or of texts.
type naiveAttr struct {
	name, origin string
	key, text    bool
}

// A tuple is a row: int64, string, or nil for NULL.
type tuple map[string]any

func (a naiveAttr) hidden() bool { return strings.HasPrefix(a.name, "_") }

// of are a row's values, spelled so that other values are spelled otherwise.
func (t tuple) of(names []string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s=%#v ", name, t[name])
	}
	return b.String()
}

// agrees tells whether rows have the same values, none of which is NULL.
func (t tuple) agrees(other tuple, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return t[name] == nil || t[name] != other[name] })
}

func (n *naive) attr(name string) (naiveAttr, bool) {
	i := slices.IndexFunc(n.attrs, func(a naiveAttr) bool { return a.name == name })
	if i < 0 {
		return naiveAttr{}, false
	}
	return n.attrs[i], true
}

func (n *naive) has(name string) bool {
	_, ok := n.attr(name)
	return ok
}

// names are those of attributes that are not hidden.
func (n *naive) names() (names []string) {
	for _, a := range n.attrs {
		if !a.hidden() {
			names = append(names, a.name)
		}
	}
	return names
}

func (n *naive) key() (names []string) {
	for _, a := range n.attrs {
		if a.key && !a.hidden() {
			names = append(names, a.name)
		}
	}
	return names
}

func hasAll(n *naive, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !n.has(name) })
}

// common are the attributes of both relations; ok tells that each means the same in both.
func (n *naive) common(other *naive) (names []string, ok bool) {
	ok = true
	for _, name := range n.names() {
		a, _ := n.attr(name)
		if b, there := other.attr(name); there {
			names = append(names, name)
			ok = ok && a.origin != "" && a.origin == b.origin
		}
	}
	return names, ok
}

// where keeps the rows for which keep is true; so do all restrictions, and keep their order.
func (n *naive) where(keep func(tuple) bool) *naive {
	return &naive{n.attrs, slices.DeleteFunc(slices.Clone(n.rows), func(t tuple) bool { return !keep(t) }), n.ordered}
}

func (n *naive) match(keys []tuple, not bool) *naive {
	return n.where(func(t tuple) bool {
		return not != slices.ContainsFunc(keys, func(key tuple) bool {
			for name, v := range key {
				if t[name] != v {
					return false
				}
			}
			return true
		})
	})
}

func (n *naive) in(others []*naive, not bool) *naive {
	for _, o := range others {
		if _, ok := n.common(o); !ok {
			return nil
		}
	}
	return n.where(func(t tuple) bool {
		return not != slices.ContainsFunc(others, func(o *naive) bool {
			common, _ := n.common(o)
			return slices.ContainsFunc(o.rows, func(u tuple) bool { return t.agrees(u, common) })
		})
	})
}

// pair is a row with what another adds to it.
func (t tuple) pair(other tuple) tuple {
	both := maps.Clone(other)
	maps.Copy(both, t)
	return both
}

// trim is a row without what is no attribute any more.
func (n *naive) trim(t tuple) tuple {
	row := tuple{}
	for _, a := range n.attrs {
		row[a.name] = t[a.name]
	}
	return row
}

// join is nil where attributes in common mean different things, as is what other operators refuse.
func (n *naive) join(other *naive) *naive {
	common, ok := n.common(other)
	first, second, key := n, other, append(n.key(), other.key()...)
	switch {
	case !ok:
		return nil
	case hasAll(n, other.key()):
		key = n.key()
	case hasAll(other, n.key()):
		first, second, key = other, n, other.key()
	}
	j := &naive{}
	for _, a := range append(slices.Clone(first.attrs), second.attrs...) {
		a.key = slices.Contains(key, a.name)
		both := n.has(a.name) && other.has(a.name)
		if j.has(a.name) || both && a.hidden() {
			continue
		}
		j.attrs = append(j.attrs, a)
	}
	j.keyFirst()
	for _, t := range n.rows {
		for _, u := range other.rows {
			if t.agrees(u, common) {
				j.rows = append(j.rows, j.trim(t.pair(u)))
			}
		}
	}
	return j
}

func (n *naive) keyFirst() {
	slices.SortStableFunc(n.attrs, func(a, b naiveAttr) int {
		switch {
		case a.key == b.key:
			return 0
		case a.key:
			return -1
		}
		return 1
	})
}

func (n *naive) extend(other *naive) *naive {
	common, ok := n.common(other)
	if !ok || !hasAll(n, other.key()) {
		return nil
	}
	e := &naive{attrs: slices.DeleteFunc(slices.Clone(n.attrs), func(a naiveAttr) bool { return a.hidden() && other.has(a.name) })}
	for _, a := range other.attrs {
		if a.key = false; !n.has(a.name) {
			e.attrs = append(e.attrs, a)
		}
	}
	for _, t := range n.rows {
		row := t
		for _, u := range other.rows {
			if t.agrees(u, common) {
				row = t.pair(u)
			}
		}
		e.rows = append(e.rows, e.trim(row))
	}
	return e
}

func (n *naive) union(other *naive) *naive {
	common, ok := n.common(other)
	key := n.key()
	if !ok || len(common) != len(key) || len(key) != len(other.key()) || !hasAll(other, key) ||
		slices.ContainsFunc(other.key(), func(name string) bool { return !slices.Contains(key, name) }) {
		return nil
	}
	u := &naive{}
	for _, a := range append(slices.Clone(n.attrs), other.attrs...) {
		if !a.hidden() && !u.has(a.name) {
			u.attrs = append(u.attrs, a)
		}
	}
	u.keyFirst()
	for _, t := range n.rows {
		for _, o := range other.rows {
			if t.of(key) == o.of(key) {
				t = t.pair(o)
			}
		}
		u.rows = append(u.rows, u.trim(t))
	}
	for _, o := range other.rows {
		if !slices.ContainsFunc(n.rows, func(t tuple) bool { return t.of(key) == o.of(key) }) {
			u.rows = append(u.rows, u.trim(o))
		}
	}
	return u
}

// A naiveOutput is an attribute of a projection.
type naiveOutput struct {
	naiveAttr

	old  string // the attribute that it was; empty for one that is computed
	eval func(t tuple, group []tuple) any
}

// project computes outputs, each of a row alone; they are nil where two have the same name.
func (n *naive) project(outputs []naiveOutput) *naive {
	p := n.outputs(outputs)
	if p == nil {
		return nil
	}
	p.ordered = n.ordered
	for _, t := range n.rows {
		p.add(outputs, t, nil)
	}
	return p
}

func (n *naive) outputs(outputs []naiveOutput) *naive {
	p := &naive{}
	for _, o := range outputs {
		if p.has(o.name) {
			return nil
		}
		p.attrs = append(p.attrs, o.naiveAttr)
	}
	return p
}

// add adds the outputs of a row, and of the rows that it stands for.
func (n *naive) add(outputs []naiveOutput, t tuple, group []tuple) {
	row := tuple{}
	for _, o := range outputs {
		if o.old != "" {
			row[o.name] = t[o.old]
		} else {
			row[o.name] = o.eval(t, group)
		}
	}
	n.rows = append(n.rows, row)
}

// lonely is in a group of rows that are none, but the one with NULLs that stands for them.
const lonely = "lonely"

func (n *naive) aggregate(other *naive, outputs []naiveOutput, matching bool) *naive {
	common, ok := n.common(other)
	a := n.outputs(outputs)
	if !ok || !hasAll(other, n.key()) || a == nil {
		return nil
	}
	for _, t := range n.rows {
		var group []tuple
		for _, u := range other.rows {
			if t.agrees(u, common) {
				group = append(group, u.pair(t))
			}
		}
		if group == nil && matching {
			continue
		}
		if group == nil {
			alone := tuple{lonely: true}.pair(t)
			for _, attr := range other.attrs {
				alone[attr.name] = nil
			}
			group = []tuple{alone}
		}
		a.add(outputs, t, group)
	}
	return a
}

// universal makes groups of the rows that have the same values of a key; NULL is a value here.
func (n *naive) universal(key []string, outputs []naiveOutput) *naive {
	u := n.outputs(outputs)
	if u == nil {
		return nil
	}
	groups := map[string][]tuple{}
	for _, t := range n.rows {
		groups[t.of(key)] = append(groups[t.of(key)], t)
	}
	for _, group := range groups {
		u.add(outputs, group[0], group)
	}
	if len(n.rows) == 0 && len(key) == 0 && len(outputs) > 0 { // a total of nothing
		u.add(outputs, nil, nil)
	}
	return u
}

// page keeps rows in an order; without one, in that which there is, or else in that of the key.
func (n *naive) page(offset, limit int, by []orderBy) *naive {
	rows := slices.Clone(n.rows)
	if len(by) > 0 || !n.ordered {
		for _, name := range n.key() {
			by = append(by, orderBy{name: name})
		}
		slices.SortStableFunc(rows, func(t, u tuple) int {
			for _, b := range by {
				c := compare(t[b.name], u[b.name])
				if b.descending {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
			return 0
		})
	}
	rows = rows[min(offset, len(rows)):]
	if limit != All {
		rows = rows[:min(limit, len(rows))]
	}
	return &naive{n.attrs, rows, true}
}

// compare compares values; NULL is before all others.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return cmp.Compare(a, b)
		}
	}
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	}
	return 1
}
