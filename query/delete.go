package query

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// DeleteOptions say how [Delete] deletes. A nil pointer stands for the defaults.
type DeleteOptions struct {
	// DryRun has nothing deleted: Delete returns what it would delete. Default: false.
	DryRun bool
	// Parts says what is to be done where rows of parts would go and their master's would stay.
	// Default: PartsRefuse.
	Parts PartsRule
}

// A PartsRule says what becomes of a master when rows of its parts go: DataJoint's part_integrity.
type PartsRule int

// The rules for parts.
const (
	// PartsRefuse refuses to take rows of parts from a master that stays (DataJoint's "enforce").
	PartsRefuse PartsRule = iota
	// PartsIgnore takes them (DataJoint's "ignore").
	PartsIgnore
	// PartsCascade has the masters go, too, with all that is theirs (DataJoint's "cascade").
	PartsCascade
)

func (r PartsRule) unknown() error {
	return fmt.Errorf("%d is no rule for parts: PartsRefuse, PartsIgnore and PartsCascade are", r)
}

// Deleted is what goes of one table.
type Deleted struct {
	Table *schema.Table
	Rows  int
	// Jobs are those of the table's queue: whose key comes from rows that go, or whose result does.
	Jobs int
}

// Delete deletes rows of a table, and with them everything downstream: every row of any schema that refers to
// a row that goes, by a foreign key of whatever names, be it a nullable one outside of the primary key;
// parts with their masters; and the jobs of what could not be made any more or was. It returns how many rows of which
// tables that is, parents first, without tables of which nothing goes.
//
// rel is a table, or one restricted by conditions, which may be about any relations that have attributes in common with
// what they restrict. All of it is one
// transaction: conn's, or one of its own where conn is a DB, which is tried again where other
// transactions stand in its way or enter rows meanwhile that refer to what goes. Which rows of the
// table go is decided when the transaction begins, where the conditions are about tables that rows are
// deleted from, and in each statement otherwise; no row goes without what refers to it, nor is left to refer
// to none.
//
// What goes is found by the server, in a statement or a few for each table. Memory grows with the
// number of rows only where keys have to be read before anything is deleted: those of the rows of rel, where its conditions
// are about tables that rows are deleted from or would tell otherwise each time (NOW(), RAND()), and those of masters with PartsCascade.
//
// The error wraps rowmill.ErrRefused where rows of parts would go without their masters, or where conn may not
// write to some of the tables, rowmill.ErrReferenced where a table refers to what goes that the program does not
// declare, and rowmill.ErrNoTable where the table itself is not there. A table downstream that is not there has no rows.
func Delete(ctx context.Context, conn rowmill.Conn, rel Rel, opts *DeleteOptions) ([]Deleted, error) {
	r, err := rootOf(rel)
	if err != nil {
		return nil, fmt.Errorf("delete: %w", err)
	}
	d := &deletion{table: r.table, conds: r.conds}
	if opts != nil {
		d.DeleteOptions = *opts
	}
	deleted, err := d.on(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("delete from %s: %w", d.table, err)
	}
	return deleted, nil
}

// rootOf takes a relation for a table with conditions.
func rootOf(rel Rel) (*root, error) {
	if _, err := rel.Heading(); err != nil {
		return nil, err
	}
	r := &root{}
	for n := rel.node; ; {
		switch of := n.(type) {
		case restricted:
			if m, ok := of.cond.(member); ok {
				if err := m.restricts(of.of.heading()); err != nil {
					return nil, err
				}
			}
			r.conds, n = append(r.conds, of.cond), of.of
		case found:
			n = of.plain()
		case base:
			r.table = of.table
			slices.Reverse(r.conds)
			return r, nil
		default:
			return nil, errors.New("rows are deleted from a table, restricted or not, and this relation is something else:" +
				" From(table).In(relation.Project()) are the rows of a table with its keys")
		}
	}
}

// restricts wants each relation to have something in common with a heading: otherwise its rows would say
// nothing of which rows are meant.
func (m member) restricts(h *schema.Heading) error {
	for _, o := range m.others {
		if len(o.common) == 0 && len(h.Key()) > 0 {
			return fmt.Errorf("a relation says nothing of which rows are meant: it has none of the attributes %s; its own are %s, which Project can rename",
				strings.Join(h.Names(), ", "), strings.Join(o.node.heading().Names(), ", "))
		}
	}
	return nil
}

// A deletion is one call of Delete.
type deletion struct {
	DeleteOptions

	table *schema.Table
	conds []condition

	tables []*schema.Table // from which rows may go, parents first
}

// on runs the deletion on a connection, in a transaction.
func (d *deletion) on(ctx context.Context, conn rowmill.Conn) (deleted []Deleted, err error) {
	d.tables = d.within()
	session, err := conn.Session(d.use())
	if err != nil {
		return nil, err
	}
	do := func(s rowmill.Session) error {
		deleted, err = d.run(ctx, s)
		return err
	}
	db, ok := session.(*rowmill.DB)
	if !ok {
		err = session.Atomic(ctx, func(s rowmill.Session) error { return d.explain(ctx, s, do(s)) })
		return deleted, err
	}
	if d.DryRun {
		err = db.TransactDeferred(ctx, func(tx *rowmill.Tx) error { return do(tx) })
		return deleted, err
	}
	err = persist(ctx, func() error { return db.Atomic(ctx, do) })
	return deleted, d.explain(ctx, db, err)
}

// within are the tables from which rows may go: the table's descendants, and those of masters.
func (d *deletion) within() []*schema.Table {
	tables := downstream([]*schema.Table{d.table})
	if d.Parts != PartsCascade {
		return tables
	}
	return withMasters(tables)
}

// withMasters are tables with the masters of the parts among them, and all that refers to these.
func withMasters(tables []*schema.Table) []*schema.Table {
	for {
		n := len(tables)
		for _, t := range tables[:n] {
			if m := t.Master(); m != nil && !slices.Contains(tables, m) {
				tables = append(tables, m)
			}
		}
		if len(tables) == n {
			return tables
		}
		tables = downstream(tables)
	}
}

func (d *deletion) use() rowmill.Use {
	use := rowmill.Use{Writes: namesOf(d.tables)}
	use.Reads = append(slices.Clone(use.Writes), d.asked()...)
	if d.DryRun {
		use.Writes = nil
	}
	return use
}

// asked are the full names of the tables that the conditions are about, besides the rows themselves.
func (d *deletion) asked() []string {
	var names []string
	for _, cond := range d.conds {
		for _, n := range cond.operands() {
			names = append(names, tablesOf(n)...)
		}
	}
	return names
}

const (
	referredTries = 5
	referredPause = 20 * time.Millisecond // doubled each time
)

// persist does again what a foreign key forbade: somebody may have entered rows, since those of their table
// were deleted, that refer to others which were still to go.
func persist(ctx context.Context, do func() error) error {
	pause := referredPause
	for try := 1; ; try++ {
		err := do()
		if !errors.Is(err, rowmill.ErrReferenced) || try == referredTries {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause *= 2
	}
}

// explain says what refers to rows that were to go, if that is what the error is about.
func (d *deletion) explain(ctx context.Context, session rowmill.Session, err error) error {
	if !errors.Is(err, rowmill.ErrReferenced) {
		return err
	}
	unknown, lookErr := undeclared(ctx, session, d.tables)
	switch {
	case lookErr != nil:
		return errors.Join(err, lookErr)
	case len(unknown) > 0:
		return fmt.Errorf("%s, which this program does not declare: delete its rows first, or import the package that declares it: %w", unknown[0], err)
	}
	return fmt.Errorf("others have entered rows that refer to what is to go: %w", err)
}

// run is one try, in one transaction.
func (d *deletion) run(ctx context.Context, session rowmill.Session) ([]Deleted, error) {
	there, err := tablesThere(ctx, session, d.tables)
	if err != nil {
		return nil, err
	}
	r := &root{table: d.table, conds: d.conds}
	e := newEraser(session, there, r)
	if d.changing(session.Dialect(), r) {
		if err := e.read(ctx, r); err != nil {
			return nil, err
		}
		e = newEraser(session, there, r)
	}
	switch d.Parts {
	case PartsRefuse:
		err = e.refuse(ctx)
	case PartsCascade:
		err = e.addMasters(ctx)
	case PartsIgnore:
	default:
		err = d.Parts.unknown()
	}
	if err != nil {
		return nil, err
	}
	if d.DryRun {
		return e.each(ctx, e.count)
	}
	return e.each(ctx, e.delete)
}

// changing tells whether the conditions may hold for other rows a moment later, or when rows are gone of what is
// downstream of the table.
func (d *deletion) changing(dialect dialect.Dialect, r *root) bool {
	here := &selection{heading: r.table.Heading(), columns: columnsOf("t", r.table.Heading())}
	for _, cond := range r.conds {
		if slices.ContainsFunc(cond.restrict(&compiler{dialect: dialect}, here), isVolatile) {
			return true
		}
	}
	return !d.DryRun && slices.ContainsFunc(d.asked(), func(name string) bool { return slices.Contains(d.use().Writes, name) })
}

var (
	// volatile finds what is not the same each time that a statement asks for it.
	volatile = regexp.MustCompile(`(?i)\b(rand\w*|uuid\w*|now|sysdate|cur(date|time)|current_\w+|localtime\w*|utc_\w+|unix_timestamp|sleep|` +
		`last_insert_id|connection_id)\b|\b(date|time|datetime|julianday|unixepoch|strftime)\s*\(\s*\)|'now'`)
	identifier = regexp.MustCompile("`[^`]*`")
)

func isVolatile(piece squirrel.Sqlizer) bool {
	sql, args, err := piece.ToSql()
	return err == nil && (volatile.MatchString(identifier.ReplaceAllString(sql, "")) || slices.Contains(args, any("now")))
}
