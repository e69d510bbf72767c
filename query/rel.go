package query

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/spell"
	"github.com/rowmill/rowmill/schema"
)

// A Rel is a relation: tables, joined, restricted and projected. It is immutable and safe for
// concurrent use. Its first mistake (an attribute that is not there, say) is kept, and is the
// error of whatever runs it.
type Rel struct {
	node node
	err  error
}

// A node is an operator and its operands. Whatever goes through a tree of them is a method: a new
// operator that lacks one does not compile.
type node interface {
	heading() *schema.Heading
	// reads are the full names of the tables that the operator itself reads.
	reads() []string
	// operands are all relations below it, those in its conditions included.
	operands() []node
	// compile makes a SELECT of it.
	compile(c *compiler) *selection
}

type (
	// base is a table.
	base struct{ table *schema.Table }
	// restricted are the rows of a relation for which a condition holds.
	restricted struct {
		of   node
		cond condition
	}
)

func (b base) heading() *schema.Heading       { return b.table.Heading() }
func (r restricted) heading() *schema.Heading { return r.of.heading() }

func (b base) reads() []string     { return []string{b.table.FullName()} }
func (restricted) reads() []string { return nil }

func (base) operands() []node         { return nil }
func (r restricted) operands() []node { return append([]node{r.of}, r.cond.operands()...) }

// From is a table, or the natural join of several: the combinations of their rows that agree
// in all attributes that tables have in common (see [Rel.Join]).
func From(tables ...schema.Declared) Rel {
	if len(tables) == 0 {
		return Rel{err: errors.New("From wants at least one table")}
	}
	r := Rel{node: base{tables[0].Untyped()}}
	for _, t := range tables[1:] {
		r = r.Join(Rel{node: base{t.Untyped()}})
	}
	return r
}

// Invalid is a relation that has a mistake from the start: whatever runs it returns err.
func Invalid(err error) Rel { return Rel{err: err} }

// IsZero tells whether r is the zero Rel, which stands for no relation where one may be left out.
func (r Rel) IsZero() bool { return r.node == nil && r.err == nil }

// Heading is the relation's attributes and their key, or the mistake in the relation.
func (r Rel) Heading() (*schema.Heading, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.node == nil {
		return nil, errors.New("the relation is empty: begin with From")
	}
	if _, ok := r.node.(universal); ok {
		return nil, errors.New("Universal has no rows of its own: restrict it by a relation with In, or aggregate one by it")
	}
	return r.node.heading(), nil
}

// tables are the full names of the tables in the relation.
func (r Rel) tables() []string { return tablesOf(r.node) }

func tablesOf(n node) []string {
	names := n.reads()
	for _, o := range n.operands() {
		names = append(names, tablesOf(o)...)
	}
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
// the relation's attributes, with ? for each argument. A time is compared by its wall clock, with its fractions; a
// nil is NULL, which equals nothing (write "a IS NULL", or use Match). An
// argument that is a slice stands for its values: Where("species IN (?)", []string{"mouse", "rat"}), as many as the
// server takes arguments (32,766 on SQLite). NaN and the infinities, which not all servers know, are errors.
// A value in a json attribute is found on its path: "settings.filter[0].hz > 5", with its type behind a
// colon where servers have to know it: "settings.name:char(20) = 'x'".
func (r Rel) Where(condition string, args ...any) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		e, err := parse(condition, args, h)
		if err != nil {
			return nil, fmt.Errorf("condition %q: %w", condition, err)
		}
		if e.aggregates || e.windows {
			return nil, fmt.Errorf("condition %q: a condition is about one row, and functions of many rows are not: "+
				"compute them with Aggregate, or with OVER in Project, and restrict the result", condition)
		}
		return restricted{r.node, text{e}}, nil
	})
}

// Match restricts the relation to the rows that have all values of at least one of keys: structs
// whose fields are attributes (as a row's key), maps of type map[string]any, or slices of these. A
// nil stands for NULL. No row matches a list without keys.
func (r Rel) Match(keys ...any) Rel { return r.match(keys, false) }

// NotMatch restricts the relation to the rows that Match would leave out.
func (r Rel) NotMatch(keys ...any) Rel { return r.match(keys, true) }

func (r Rel) match(keys []any, not bool) Rel {
	return r.apply(func(h *schema.Heading) (node, error) {
		m := match{not: not}
		for _, key := range flatten(keys) {
			names, values, err := schema.Match(key, h)
			if err != nil {
				return nil, fmt.Errorf("match: %w", err)
			}
			m.keys = append(m.keys, entry{names, values})
		}
		return restricted{r.node, m}, nil
	})
}

// In restricts the relation to the rows that agree with at least one row of at least one of
// others in all attributes that both have (DataJoint's A & B). Where they have none in common,
// that is every row if the other has rows, and none otherwise.
func (r Rel) In(others ...Rel) Rel {
	if u, ok := r.node.(universal); ok && r.err == nil {
		return u.of(others)
	}
	return r.member(others, false)
}

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

// flatten takes slices of keys apart.
func flatten(keys []any) []any {
	var flat []any
	for _, key := range keys {
		v := reflect.ValueOf(key)
		if v.Kind() != reflect.Slice {
			flat = append(flat, key)
			continue
		}
		for i := range v.Len() {
			flat = append(flat, v.Index(i).Interface())
		}
	}
	return flat
}

// An unknownError says which attribute a relation lacks.
type unknownError struct{ text string }

func unknown(name string, h *schema.Heading) error {
	text := fmt.Sprintf("no attribute %q among %s%s", name, strings.Join(h.Names(), ", "), spell.Guess(name, h.Names()))
	if strings.HasPrefix(name, "_") {
		text += " (Project leaves hidden attributes out that it does not name, and a join those that both of its sides have)"
	}
	return &unknownError{text}
}

func (e *unknownError) Error() string { return e.text }

// Is lets callers test for rowmill.ErrNoAttribute.
func (e *unknownError) Is(target error) bool { return target == rowmill.ErrNoAttribute }
