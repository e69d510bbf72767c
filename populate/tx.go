package populate

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A Tx is the transaction of one make. It is a rowmill.Conn that lets a make read the tables
// upstream of its own, and write its own table, its parts, and Manual tables; anything else is
// an error that wraps rowmill.ErrRefused. It is used by one goroutine at a time, and not after
// the make has returned.
type Tx struct {
	tx      *rowmill.Tx
	maker   *Maker
	rights  *rights
	key     any
	version string
	started time.Time
}

// Session allows a make what it may do.
func (tx *Tx) Session(use rowmill.Use) (rowmill.Session, error) {
	for _, name := range use.Reads {
		if !tx.rights.reads[name] {
			return nil, fmt.Errorf("%w: the make of %s reads %s, which is not upstream of it: add a foreign key, so that the result can be traced to what it came from",
				rowmill.ErrRefused, tx.maker, name)
		}
	}
	for _, name := range use.Writes {
		if !tx.rights.writes[name] {
			return nil, fmt.Errorf("%w: the make of %s writes to %s; it may write to %s, its parts, and manual tables",
				rowmill.ErrRefused, tx.maker, name, tx.maker)
		}
	}
	return tx.tx, nil
}

// Stamp gives the rows of the made table when, in how long, and by which code they were made.
func (tx *Tx) Stamp(t *schema.Table) (columns []string, values []squirrel.Sqlizer) {
	if t != tx.maker.table {
		return nil, nil
	}
	elapsed := time.Since(tx.started).Seconds()
	return []string{schema.JobStartTime, schema.JobDuration, schema.JobVersion}, []squirrel.Sqlizer{
		squirrel.Expr(tx.tx.Dialect().After(), -elapsed),
		squirrel.Expr("?", elapsed),
		squirrel.Expr("?", tx.version),
	}
}

// rights are the names of the tables that a make may use.
type rights struct{ reads, writes map[string]bool }

func rightsOf(t *schema.Table) *rights {
	r := &rights{reads: map[string]bool{}, writes: map[string]bool{}}
	schemas := map[*schema.Schema]bool{}
	own := append([]*schema.Table{t}, t.Parts()...)
	for _, o := range own {
		r.reads[o.FullName()], r.writes[o.FullName()] = true, true
		r.readUpstream(o, schemas)
	}
	for s := range schemas {
		for _, other := range s.Tables() {
			if other.Tier() == schema.TierManual || other.Master() != nil && other.Master().Tier() == schema.TierManual {
				r.writes[other.FullName()] = true
			}
		}
	}
	return r
}

func (r *rights) readUpstream(t *schema.Table, schemas map[*schema.Schema]bool) {
	schemas[t.Schema()] = true
	for _, f := range t.ForeignKeys() {
		p := f.Parent
		if r.reads[p.FullName()] {
			continue
		}
		for _, o := range append(p.Parts(), p) {
			r.reads[o.FullName()] = true
		}
		r.readUpstream(p, schemas)
	}
}

// Upstream is a table upstream of the one that is made, restricted to the rows from which the
// present key comes, by following the foreign keys. Where several lead there, as to both of the
// rows that are compared, it has the rows of all.
func (tx *Tx) Upstream(table schema.Any) query.Rel {
	t, made := table.Untyped(), tx.maker.table
	names, values, err := schema.Match(tx.key, schema.NewHeading(made.MakeKey()))
	if err != nil {
		return query.Fail(err)
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
		return query.Fail(fmt.Errorf("%w: the key of %s does not tell which rows of %s it comes from: read it with query.From",
			rowmill.ErrRefused, tx.maker, t))
	}
	return query.Fail(fmt.Errorf("%w: %s is not upstream of %s", rowmill.ErrRefused, t, tx.maker))
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
		rels = append(rels, query.From(u.to).Match(key))
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
		return []query.Rel{rows}
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
