package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill/schema"
)

// A root is rows of a table from which a cascade begins: those for which conditions hold, or, once they have
// been read, those of a list of keys.
type root struct {
	table *schema.Table
	conds []condition
	read  bool
	keys  []entry
}

// keysAtOnce is how many keys stand in one statement: what OR joins, SQLite nests, and does not endlessly.
const keysAtOnce = 256

// chunks is how many statements it takes to name the rows: one, or as many as their keys want.
func (r *root) chunks() int {
	if !r.read {
		return 1
	}
	return (len(r.keys) + keysAtOnce - 1) / keysAtOnce
}

// conditions are those of a chunk.
func (r *root) conditions(chunk int) []condition {
	if !r.read {
		return r.conds
	}
	begin := chunk * keysAtOnce
	return []condition{match{keys: r.keys[begin:min(begin+keysAtOnce, len(r.keys))]}}
}

// attrs are the attributes that the conditions are about.
func (r *root) attrs() []string {
	if r.read {
		return r.table.Heading().Key()
	}
	var names []string
	for _, cond := range r.conds {
		names = append(names, cond.attrs()...)
	}
	return names
}

// A link lets rows of one table of a cascade go with those of another, as a foreign key does.
type link struct {
	parent        *schema.Table
	own, referred []string // attributes, and what they are called in the parent
	nullable      []string // of own
	// asks tells that there may be no row of the parent, so that it has to be looked for.
	asks bool
}

func linkOf(t *schema.Table, f schema.ForeignKey) link {
	l := link{parent: f.Parent, own: f.Attrs, referred: f.Referred}
	for _, name := range f.Attrs {
		if a, _ := t.Heading().Attr(name); a.Nullable {
			l.nullable = append(l.nullable, name)
		}
	}
	return l
}

// A reach is one way in which rows of a table go with those of a root: links lead there from row to row. A row
// has at most one in each table on the way, as a foreign key refers to a key. Where the attributes by
// which the root's rows are told have come down into the table, it is not asked anything else.
type reach struct {
	root *root
	// attrs are what the attributes that the root's conditions are about are called here; filled are
	// those that must not be NULL, since a foreign key with a NULL in it refers to nothing.
	attrs  map[string]string
	filled []string
	// up goes on where the attributes do not tell: from link's parent.
	up   *reach
	link link
	// whole tells, of a part's rows, that those of the master go with them.
	whole bool
}

// begin is the reach of a root's own rows.
func begin(r *root) *reach {
	attrs := map[string]string{}
	for _, name := range r.attrs() {
		attrs[name] = name
	}
	return &reach{root: r, attrs: attrs}
}

// down is the way on by a link to its parent, whose reach this is.
func (r *reach) down(l link) *reach {
	here := map[string]string{}
	for i, name := range l.referred {
		here[name] = l.own[i]
	}
	if l.asks || slices.ContainsFunc(r.needs(), func(name string) bool { return here[name] == "" }) {
		return &reach{root: r.root, up: r, link: l}
	}
	d := &reach{root: r.root, attrs: map[string]string{}, up: r.up, link: r.link, filled: slices.Clone(l.nullable)}
	for name, there := range r.attrs {
		d.attrs[name] = here[there]
	}
	for _, name := range r.filled {
		d.filled = append(d.filled, here[name])
	}
	if r.up != nil {
		d.link.own = make([]string, len(r.link.own))
		for i, name := range r.link.own {
			d.link.own[i] = here[name]
		}
	}
	slices.Sort(d.filled)
	d.filled = slices.Compact(d.filled)
	return d
}

// needs are the table's attributes that tell which rows go.
func (r *reach) needs() []string {
	if r.up != nil {
		return slices.Concat(r.filled, r.link.own)
	}
	return slices.AppendSeq(slices.Clone(r.filled), maps.Values(r.attrs))
}

// same is equal for two reaches of a table that mean the same rows.
func (r *reach) same() string {
	if r.up == nil {
		return fmt.Sprintf("%p %v %v", r.root, r.attrs, r.filled)
	}
	return fmt.Sprintf("%v %v = %s %v, %s", r.filled, r.link.own, r.link.parent.FullName(), r.link.referred, r.up.same())
}

// compile makes a SELECT of the rows of a target that a chunk of the root reaches, each once. The target
// has no alias in it.
func (r *reach) compile(c *compiler, t *target, chunk int) *selection {
	s := &selection{heading: t.heading, columns: columnsOf(t.name, t.heading)}
	from, columns := t.name, s.columns
	for ; ; r = r.up {
		for _, name := range r.filled {
			s.where = append(s.where, squirrel.Expr(columns[name]+" IS NOT NULL"))
		}
		if r.up == nil {
			break
		}
		alias := c.alias()
		parents := columnsOf(alias, r.link.parent.Heading())
		from += " JOIN " + tableName(c.dialect, r.link.parent) + " AS " + alias + " ON " +
			equal(columns, r.link.own, parents, r.link.referred)
		columns = parents
	}
	s.from = squirrel.Expr(from)
	asked := &selection{heading: r.root.table.Heading(), columns: map[string]string{}}
	for name, here := range r.attrs {
		asked.columns[name] = columns[here]
	}
	for _, cond := range r.root.conditions(chunk) {
		s.where = append(s.where, cond.restrict(c, asked)...)
	}
	return s
}

// equal wants attributes of one table to have the values of those of another.
func equal(left map[string]string, names []string, right map[string]string, others []string) string {
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = left[name] + " = " + right[others[i]]
	}
	return strings.Join(pairs, " AND ")
}
