package populate

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Upstream is a table upstream of the one that is made, restricted to the rows from which the
// present key comes, by following the foreign keys. Where several lead there, as to both of the
// rows that are compared, it has the rows of all.
func (tx *Tx) Upstream(table schema.Declared) query.Rel {
	t, made := table.Untyped(), tx.maker.table
	names, values, err := schema.Match(tx.key, schema.NewHeading(made.MakeKey()))
	if err != nil {
		return query.Invalid(err)
	}
	key := map[string]any{}
	for i, n := range names {
		key[n] = values[i]
	}
	if t == made || t.Master() == made {
		return query.From(t).Match(key)
	}
	u := upstream{to: t}
	for _, f := range primary(made) {
		u.at(f.Parent, referred(f, key))
	}
	switch {
	case len(u.keys) == 1 && len(u.others) == 0:
		return query.From(t).Match(u.keys[0])
	case len(u.keys)+len(u.others) > 0:
		return query.From(t).In(append(u.matches(), u.others...)...)
	case tx.rights.reads[t.FullName()]:
		return query.Invalid(fmt.Errorf("%w: the key of %s does not tell which rows of %s it comes from: read it with query.From",
			rowmill.ErrRefused, tx.maker, t))
	}
	return query.Invalid(fmt.Errorf("%w: %s is not upstream of %s", rowmill.ErrRefused, t, tx.maker))
}

// An upstream is the rows of a table, or of its master, to which foreign keys have led so far.
type upstream struct {
	to     *schema.Table
	keys   []map[string]any // of those whose key is known
	others []query.Rel      // those that have to be looked for
}

// at goes on from the row of a table that has this key.
func (u *upstream) at(from *schema.Table, key map[string]any) {
	if from == u.to || from == u.to.Master() {
		if !slices.ContainsFunc(u.keys, func(k map[string]any) bool { return reflect.DeepEqual(k, key) }) {
			u.keys = append(u.keys, key)
		}
		return
	}
	for _, f := range from.ForeignKeys() {
		if parent := referred(f, key); len(parent) == len(f.Attrs) {
			u.at(f.Parent, parent)
			continue
		}
		rows := query.From(from).Match(key).Project(renaming(from, f)...)
		u.others = append(u.others, follow(f.Parent, query.From(f.Parent).In(rows), u.to)...)
	}
}

// matches are the rows whose key is known.
func (u *upstream) matches() []query.Rel {
	var rels []query.Rel
	for _, key := range u.keys {
		rels = append(rels, query.From(u.to).Match(key).Project())
	}
	return rels
}

// referred is the key of a parent, as far as it is known from that of a child.
func referred(f schema.ForeignKey, key map[string]any) map[string]any {
	parent := map[string]any{}
	for i, name := range f.Attrs {
		if v, ok := key[name]; ok {
			parent[f.Referred[i]] = v
		}
	}
	return parent
}

// follow leads from rows of one table to those of another upstream of it.
func follow(from *schema.Table, rows query.Rel, to *schema.Table) []query.Rel {
	if from == to || to.Master() == from {
		return []query.Rel{rows.Project()}
	}
	var routes []query.Rel
	for _, f := range from.ForeignKeys() {
		routes = append(routes, follow(f.Parent, query.From(f.Parent).In(rows.Project(renaming(from, f)...)), to)...)
	}
	return routes
}

// renaming gives the attributes of a foreign key the names that they have in the parent, and
// puts the rest of the primary key out of their way.
func renaming(from *schema.Table, f schema.ForeignKey) []string {
	var attrs []string
	for i, name := range f.Attrs {
		attrs = append(attrs, f.Referred[i]+" = "+name)
	}
	for _, name := range from.Heading().Key() {
		if !slices.Contains(f.Attrs, name) {
			attrs = append(attrs, "own_"+name+" = "+name)
		}
	}
	return attrs
}
