package query

import (
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"
)

// A condition restricts a relation.
type condition interface {
	// attrs are the attributes of the restricted relation that it is about.
	attrs() []string
	// operands are the relations that it asks.
	operands() []node
	// restrict is the condition over the columns of a selection: all of them must hold.
	restrict(c *compiler, s *selection) []squirrel.Sqlizer
}

// text is a condition that the user wrote.
type text struct{ expression }

func (text) operands() []node { return nil }

func (t text) attrs() []string {
	var names []string
	for _, p := range t.pieces {
		if p.kind == pieceAttr {
			names = append(names, p.text)
		}
	}
	return names
}

func (t text) restrict(c *compiler, s *selection) []squirrel.Sqlizer {
	return []squirrel.Sqlizer{t.compile(c.dialect, s.columns, s.columns)}
}

// match wants the values of one of several keys; not, of none.
type match struct {
	keys []entry
	not  bool
}

// An entry is attributes and the values that they are to have.
type entry struct {
	names  []string
	values []any
}

func (match) operands() []node { return nil }

func (m match) attrs() []string {
	var names []string
	for _, k := range m.keys {
		names = append(names, k.names...)
	}
	return names
}

func (m match) restrict(_ *compiler, s *selection) []squirrel.Sqlizer {
	if len(m.keys) == 1 && !m.not {
		return m.keys[0].equal(s)
	}
	some := m.any(s)
	if m.not { // what compares with NULL is neither true nor false
		some = squirrel.Expr("NOT COALESCE(?, FALSE)", some)
	}
	return []squirrel.Sqlizer{some}
}

// any wants one of the keys.
func (m match) any(s *selection) squirrel.Sqlizer {
	some := squirrel.Or{}
	for _, b := range m.bundles() {
		all := squirrel.And(b.common.equal(s))
		switch len(b.values) {
		case 0:
		case 1:
			all = append(all, verbatim{s.columns[b.name] + " = ?", b.values})
		default:
			all = append(all, verbatim{s.columns[b.name] + " IN (" + placeholders(len(b.values)) + ")", b.values})
		}
		switch {
		case len(all) == 0: // whatever there is has the values of no attributes
			return squirrel.Expr("TRUE")
		case len(all) == 1:
			some = append(some, all[0])
		default:
			some = append(some, all)
		}
	}
	switch len(some) {
	case 0:
		return squirrel.Expr("FALSE")
	case 1:
		return some[0]
	}
	return either(some)
}

// A bundle is keys that are alike but in one attribute, of which it has the values.
type bundle struct {
	common entry
	name   string // empty for one key, which is all in common
	values []any
}

// bundles are the keys, tied up by the attribute in which most of them differ: of a grid of a hundred times a hundred
// keys a hundred bundles are left, which servers read, and find, much sooner.
func (m match) bundles() []bundle {
	var all []bundle
	varying, at := m.varying(), map[string]int{}
	for _, k := range m.keys {
		if varying < 0 || k.values[varying] == nil {
			all = append(all, bundle{common: k})
			continue
		}
		common := entry{
			names:  slices.Delete(slices.Clone(k.names), varying, varying+1),
			values: slices.Delete(slices.Clone(k.values), varying, varying+1),
		}
		id := fmt.Sprintf("%#v", common.values)
		i, ok := at[id]
		if !ok {
			i, at[id] = len(all), len(all)
			all = append(all, bundle{common: common, name: k.names[varying]})
		}
		all[i].values = append(all[i].values, k.values[varying])
	}
	return all
}

// varying is the place of the attribute that has the most different values; -1 where keys are few, or not of the same
// attributes.
func (m match) varying() int {
	if len(m.keys) < 2 {
		return -1
	}
	names := m.keys[0].names
	if slices.ContainsFunc(m.keys, func(k entry) bool { return !slices.Equal(k.names, names) }) {
		return -1
	}
	place, most := -1, 0
	for i := range names {
		different := map[string]bool{}
		for _, k := range m.keys {
			different[fmt.Sprintf("%#v", k.values[i])] = true
		}
		if len(different) > most {
			place, most = i, len(different)
		}
	}
	return place
}

// mostInOr is how many conditions stand side by side: SQLite nests what OR joins, and takes a depth of 1000 at most.
const mostInOr = 500

// either wants one of some conditions, those of a long list in groups.
func either(some squirrel.Or) squirrel.Or {
	for len(some) > mostInOr {
		var groups squirrel.Or
		for group := range slices.Chunk(some, mostInOr) {
			groups = append(groups, group)
		}
		some = groups
	}
	return some
}

func (e entry) equal(s *selection) []squirrel.Sqlizer {
	equal := make([]squirrel.Sqlizer, len(e.names))
	for i, name := range e.names {
		if e.values[i] == nil {
			equal[i] = squirrel.Expr(s.columns[name] + " IS NULL")
			continue
		}
		equal[i] = verbatim{s.columns[name] + " = ?", []any{e.values[i]}}
	}
	return equal
}

// member wants a row of one of several relations that agrees in the common attributes.
type member struct {
	others []operand
	not    bool
	nulls  []string // attributes in which NULL agrees with NULL
}

type operand struct {
	node   node
	common []string
}

func (m member) attrs() []string {
	var names []string
	for _, o := range m.others {
		names = append(names, o.common...)
	}
	return names
}

func (m member) operands() []node {
	nodes := make([]node, len(m.others))
	for i, o := range m.others {
		nodes[i] = o.node
	}
	return nodes
}

// restrict makes a semijoin, or an antijoin. With EXISTS rather than IN, a NULL agrees with
// nothing, and does no more.
func (m member) restrict(c *compiler, s *selection) []squirrel.Sqlizer {
	var some squirrel.Or
	for _, o := range m.others {
		other := c.open(o.node.compile(c))
		where := append(squirrel.And{}, other.where...)
		for _, name := range o.common {
			where = append(where, squirrel.Expr(agree(other.columns[name], s.columns[name], slices.Contains(m.nulls, name))))
		}
		some = append(some, squirrel.Expr("EXISTS (?)", selectFrom("1", other.from, where)))
	}
	var exists squirrel.Sqlizer = some
	if len(some) == 1 {
		exists = some[0]
	}
	if m.not {
		exists = squirrel.Expr("NOT ?", exists)
	}
	return []squirrel.Sqlizer{exists}
}
