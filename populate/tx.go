package populate

import (
	"fmt"
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
// present key comes, by following the foreign keys.
func (tx *Tx) Upstream(table schema.Any) query.Rel {
	t := table.Untyped()
	names, values, err := schema.Match(tx.key, schema.NewHeading(tx.maker.table.MakeKey()))
	if err != nil {
		return query.Fail(err)
	}
	u := upstream{of: tx.maker.table, key: map[string]any{}}
	for i, n := range names {
		u.key[n] = values[i]
	}
	if same, ok := u.direct(t); ok {
		return query.From(t).Match(same)
	}
	routes := u.routes(t)
	if len(routes) == 0 {
		return query.Fail(fmt.Errorf("%w: %s is not upstream of %s", rowmill.ErrRefused, t, tx.maker))
	}
	return query.From(t).In(routes...)
}

// upstream follows foreign keys from one key of a table.
type upstream struct {
	of  *schema.Table
	key map[string]any
}

// direct finds the rows of t by the attributes that the key has from it: where its whole
// primary key, or that of its master, is among them.
func (u upstream) direct(t *schema.Table) (map[string]any, bool) {
	same := map[string]any{}
	for _, name := range t.Heading().Key() {
		mine, _ := u.of.Heading().Attr(name)
		theirs, _ := t.Heading().Attr(name)
		if value, ok := u.key[name]; ok && mine.Origin == theirs.Origin {
			same[name] = value
		}
	}
	whole := t
	if t.Master() != nil {
		whole = t.Master()
	}
	for _, name := range whole.Heading().Key() {
		if _, ok := same[name]; !ok {
			return nil, false
		}
	}
	return same, len(same) > 0
}

// routes are relations that each agree with rows of t from which the key comes: one for each
// way that foreign keys lead there.
func (u upstream) routes(t *schema.Table) []query.Rel {
	var routes []query.Rel
	for _, f := range primary(u.of) {
		start := map[string]any{}
		for i, name := range f.Referred {
			start[name] = u.key[f.Attrs[i]]
		}
		routes = append(routes, follow(f.Parent, query.From(f.Parent).Match(start), t)...)
	}
	return routes
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
