package query

import (
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

func (m match) restrict(_ *compiler, s *selection) []squirrel.Sqlizer {
	if len(m.keys) == 1 && !m.not {
		return m.keys[0].equal(s)
	}
	some := m.list(s)
	if some == nil {
		some = m.any(s)
	}
	if m.not { // what compares with NULL is neither true nor false
		some = squirrel.Expr("NOT COALESCE(?, FALSE)", some)
	}
	return []squirrel.Sqlizer{some}
}

// any wants one of the keys.
func (m match) any(s *selection) squirrel.Sqlizer {
	some := squirrel.Or{}
	for _, k := range m.keys {
		all := squirrel.And(k.equal(s))
		if len(all) == 0 { // whatever there is has the values of no attributes
			return squirrel.Expr("TRUE")
		}
		some = append(some, all)
	}
	if len(some) == 0 {
		return squirrel.Expr("FALSE")
	}
	return some
}

// list wants one of the values, where all keys are values of one attribute; it is nil where they are not.
func (m match) list(s *selection) squirrel.Sqlizer {
	if len(m.keys) < 2 || len(m.keys[0].names) != 1 {
		return nil
	}
	var values []any
	for _, k := range m.keys {
		if !slices.Equal(k.names, m.keys[0].names) || k.values[0] == nil {
			return nil
		}
		values = append(values, k.values[0])
	}
	return verbatim{s.columns[m.keys[0].names[0]] + " IN (" + placeholders(len(values)) + ")", values}
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
