package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A Tracing is what some rows of a table come from: the rows of the tables upstream of it to which foreign keys lead from
// them, directly or not and through whatever names, with the parts and the masters of these (DataJoint's
// Diagram.trace). It is immutable, and safe for concurrent use.
type Tracing struct {
	table *schema.Table
	ways  map[*schema.Table][]way
	err   error
	// lookups find the rows of the tables to which the key leads in one way; nil but in a tracing by TraceNames.
	lookups map[*schema.Table]*lookup
}

// Trace finds what the rows of a relation come from: of a table, or of one that is restricted.
//
//	query.Trace(query.From(lab.Spectra).Where("peak_hz > ?", 60)).Of(lab.Subjects) // whose spectra these are
func Trace(rel Rel) Tracing {
	r, err := rootOf(rel)
	if err != nil {
		return Tracing{err: fmt.Errorf("trace: %w", err)}
	}
	attrs := map[string]string{}
	for _, a := range r.table.Heading().Attrs() {
		attrs[a.Name] = a.Name
	}
	return newTracing(r.table, way{rows: rel.node, attrs: attrs})
}

// TraceKeys finds what rows of a table would come from that need not be there, as far as values of their attributes
// tell. It is for the packages of Rowmill.
func TraceKeys(table schema.Declared, keys ...map[string]any) Tracing {
	ways := make([]way, len(keys))
	for i, key := range keys {
		ways[i] = way{known: key, absent: true}
	}
	return newTracing(table.Untyped(), ways...)
}

// A named stands for the value that an attribute of a key has.
type named string

// TraceNames is TraceKeys for values that are told later, by OfKey or OfKeys: for those who ask about one key after another. It is
// for the packages of Rowmill.
func TraceNames(table schema.Declared, attrs ...string) Tracing {
	known := map[string]any{}
	for _, name := range attrs {
		known[name] = named(name)
	}
	t := newTracing(table.Untyped(), way{known: known, absent: true})
	t.lookups = map[*schema.Table]*lookup{}
	for to, ways := range t.ways {
		if len(ways) == 1 && ways[0].rows == nil {
			t.lookups[to] = newLookup(to, attrs, ways[0].known)
		}
	}
	return t
}

// OfKey is OfKeys for one key, of which these are the values as they are stored, in the order of TraceNames. It is false
// also where several ways lead to the table.
func (t Tracing) OfKey(table schema.Declared, values []any) (Rel, bool) {
	l := t.lookups[table.Untyped()]
	if l == nil {
		return Rel{}, false
	}
	return l.of(values), true
}

// OfKeys is what Of is of a tracing by TraceKeys, where the one by TraceNames knows the attributes. It is false where the
// keys do not tell the rows of the table: then others tell them, or none.
func (t Tracing) OfKeys(table schema.Declared, keys ...map[string]any) (Rel, bool) {
	ways := t.ways[table.Untyped()]
	known := make([]any, 0, len(keys)*len(ways))
	for _, key := range keys {
		for _, w := range ways {
			if w.rows != nil {
				return Rel{}, false
			}
			values := make(map[string]any, len(w.known))
			for attr, v := range w.known {
				if name, ok := v.(named); ok {
					v = key[string(name)]
				}
				values[attr] = v
			}
			known = append(known, values)
		}
	}
	return From(table).Match(known...), len(ways) > 0
}

func newTracing(table *schema.Table, first ...way) Tracing {
	t := tracer{ways: map[*schema.Table][]way{}, seen: map[string]bool{}}
	for _, w := range first {
		t.leave(table, w)
	}
	return Tracing{table: table, ways: t.ways}
}

// Has tells whether foreign keys lead to a table.
func (t Tracing) Has(table schema.Declared) bool { return len(t.ways[table.Untyped()]) > 0 }

// Tables are the tables upstream, those first that others come from.
func (t Tracing) Tables() []*schema.Table {
	found := make([]schema.Declared, 0, len(t.ways))
	for table := range t.ways {
		found = append(found, table)
	}
	return schema.NewDiagram(found...).Tables()
}

// Of is a table, restricted to the rows of it from which the traced ones come; where foreign keys lead there
// in several ways, as to both of two rows that are compared, from which they come in any. It is an error,
// rowmill.ErrRefused, if the table is not upstream.
func (t Tracing) Of(table schema.Declared) Rel {
	to := table.Untyped()
	ways := t.ways[to]
	switch {
	case t.err != nil:
		return Invalid(t.err)
	case len(ways) == 0:
		return Invalid(fmt.Errorf("%w: %s is not upstream of %s", rowmill.ErrRefused, to, t.table))
	}
	return Rel{node: restrictTo(to, ways)}
}

// Traced is how many rows of a table contributed.
type Traced struct {
	Table *schema.Table
	Rows  int
}

// Count counts the rows of each table upstream, those first that others come from, in a statement each. A
// table of which there are none is among them.
func (t Tracing) Count(ctx context.Context, conn rowmill.Conn) ([]Traced, error) {
	if t.err != nil {
		return nil, t.err
	}
	var all []Traced
	for _, table := range t.Tables() {
		n, err := Count(ctx, conn, t.Of(table))
		if err != nil {
			return nil, fmt.Errorf("trace %s to %s: %w", t.table, table, err)
		}
		all = append(all, Traced{table, n})
	}
	return all, nil
}

// A way leads to rows of a table: those whose attributes have known values, or the values that rows of a
// relation have under other names.
type way struct {
	known map[string]any

	rows  node
	attrs map[string]string // what the table's attributes are called in rows
	place int               // tells relations apart

	absent bool // the row may not be there, so that only its known values lead on
}

func (w way) id() string { return fmt.Sprintf("%v %d %v", w.known, w.place, w.attrs) }

// has tells whether the way tells the attributes.
func (w way) has(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		_, known := w.known[name]
		return !known && w.attrs[name] == ""
	})
}

// later tells whether its values are told later.
func (w way) later() bool {
	for _, v := range w.known {
		if _, ok := v.(named); ok {
			return true
		}
	}
	return false
}

// step is the way on, where attributes have other names.
func (w way) step(own, referred []string) way {
	next := way{rows: w.rows, place: w.place}
	if w.rows == nil {
		next.known = map[string]any{}
	} else {
		next.attrs = map[string]string{}
	}
	for i, name := range own {
		if w.rows == nil {
			next.known[referred[i]] = w.known[name]
		} else {
			next.attrs[referred[i]] = w.attrs[name]
		}
	}
	return next
}

// A tracer follows foreign keys upstream.
type tracer struct {
	ways   map[*schema.Table][]way
	seen   map[string]bool
	places int
}

// leave goes on from rows of a table to what their foreign keys refer to.
func (t *tracer) leave(from *schema.Table, w way) {
	var found *way // the rows themselves, where the way does not tell enough of them
	for _, f := range from.ForeignKeys() {
		by := w
		if !w.has(f.Attrs) {
			if w.absent {
				continue
			}
			if found == nil {
				found = t.look(from, w)
			}
			by = *found
		}
		t.arrive(f.Parent, by.step(f.Attrs, f.Referred), from)
	}
}

// look is a way that begins at the rows of a table.
func (t *tracer) look(from *schema.Table, w way) *way {
	t.places++
	attrs := map[string]string{}
	for _, a := range from.Heading().Attrs() {
		attrs[a.Name] = a.Name
	}
	rows := node(base{from}) // all of them, for OfKeys, which does without
	if !w.later() {
		rows = restrictTo(from, []way{w})
	}
	return &way{rows: rows, attrs: attrs, place: t.places}
}

// arrive comes to rows of a table, with their parts, or their master and what else belongs to it, and goes on.
func (t *tracer) arrive(at *schema.Table, w way, from *schema.Table) {
	id := fmt.Sprintf("%p %s", at, w.id())
	if from.Master() == at { // the part from where it comes is known already
		id += fmt.Sprintf(" %p", from)
	}
	if t.seen[id] {
		return
	}
	t.seen[id] = true
	if !slices.ContainsFunc(t.ways[at], func(o way) bool { return o.id() == w.id() }) {
		t.ways[at] = append(t.ways[at], w)
	}
	t.leave(at, w)
	for _, part := range at.Parts() {
		if own := masterKey(part); part != from && own != nil {
			t.arrive(part, w.step(at.Heading().Key(), own), at)
		}
	}
}

// restrictTo are the rows of a table to which ways lead.
func restrictTo(table *schema.Table, ways []way) node {
	var known []any
	m := member{}
	for _, w := range ways {
		if w.rows == nil {
			known = append(known, w.known)
			continue
		}
		m.others = append(m.others, w.operand(table.Heading()))
	}
	matching := From(table).Match(known...)
	switch {
	case len(m.others) == 0:
		return matching.node
	case len(known) > 0:
		m.others = append(m.others, operand{node: matching.node, common: table.Heading().Key()})
	}
	return restricted{base{table}, m}
}

// operand is the rows to which the way leads, with the names that attributes have there.
func (w way) operand(h *schema.Heading) operand {
	o := operand{}
	p := projected{of: w.rows}
	var attrs []schema.Attr
	for _, a := range h.Attrs() {
		if old := w.attrs[a.Name]; old != "" {
			o.common = append(o.common, a.Name)
			p.outputs = append(p.outputs, output{name: a.Name, old: old})
			attrs = append(attrs, a)
		}
	}
	p.head = schema.NewHeading(attrs)
	o.node = p
	return o
}
