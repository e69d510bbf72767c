package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/spell"
)

// AlterOptions say what an [Alteration] may do besides.
type AlterOptions struct {
	// Drop names attributes, each as "table.attribute", that are in the database and no longer in the
	// definition: they are dropped, with all that is in them and the indexes over them. The table's
	// name is that in the database or that of its struct. Attributes that are not there are passed
	// over. Default: none. A colleague may need what the definition does not have.
	Drop []string
}

// An Alteration is what there is to do until the tables of a schema that are in the database are as
// their definitions say. [Schema.Alter] makes it, and [Alteration.Run] does it.
type Alteration struct {
	schema  *Schema
	drop    map[string]bool // of full names of attributes
	tables  []altered
	refused []Remark
	kept    []Remark
}

// A Remark says something of one thing of a table.
type Remark struct {
	Table  *Table
	Of     string // as in a [Difference]
	Reason string // a sentence, without its end
}

// String is the remark with the table's full name before it.
func (r Remark) String() string { return r.Table.FullName() + ": " + r.Of + ": " + r.Reason }

// altered is what there is to do with one table.
type altered struct {
	table      *Table
	statements []dialect.Statement
}

// Alter finds how the tables of the schema that are in the database can be made as their definitions say, without
// losing anything. It changes nothing.
//
// Secondary attributes are added where the definition has them, and changed: to a type that holds all
// that the old one does, to another default or comment, to null or to no null where there is none. So
// are comments of tables, and indexes that are missing. What the definition does not have is kept, and told
// by Kept. What cannot be done without losing something, or not by the server, is told by Refused:
// other changes of types, those of primary keys and of foreign keys. An attribute under a new name is
// a new one to Alter, and the old one is kept: rename such by hand before.
func (s *Schema) Alter(ctx context.Context, db *rowmill.DB, opts *AlterOptions) (*Alteration, error) {
	a := &Alteration{schema: s, drop: map[string]bool{}}
	if err := a.plan(ctx, db, opts); err != nil {
		return nil, fmt.Errorf("alter schema %s: %w", s.name, err)
	}
	return a, nil
}

func (a *Alteration) plan(ctx context.Context, db *rowmill.DB, opts *AlterOptions) error {
	if opts != nil {
		for _, name := range opts.Drop {
			if err := a.addDrop(name); err != nil {
				return err
			}
		}
	}
	tables, err := describeSchema(ctx, db, a.schema.name, "")
	if err != nil {
		return err
	}
	for _, t := range a.schema.Tables() {
		found, ok := tables[t.name]
		if !ok {
			continue
		}
		p := newAlterer(db, t, found, a.drop)
		statements, err := p.plan(ctx)
		if err != nil {
			return fmt.Errorf("table %s: %w", t, err)
		}
		if len(statements) > 0 {
			a.tables = append(a.tables, altered{t, statements})
		}
		a.refused, a.kept = append(a.refused, p.refused...), append(a.kept, p.kept...)
	}
	return nil
}

// addDrop finds the table of "table.attribute".
func (a *Alteration) addDrop(name string) error {
	dot := strings.LastIndex(name, ".")
	if dot < 0 {
		return fmt.Errorf("%q is no attribute to drop: table.attribute is wanted", name)
	}
	var known []string
	for _, t := range a.schema.Tables() {
		if names := []string{t.name, t.class, t.FullName()}; slices.Contains(names, name[:dot]) {
			a.drop[t.FullName()+name[dot:]] = true
			return nil
		}
		known = append(known, t.name, t.class)
	}
	return fmt.Errorf("%q is to be dropped, and %q is no table of the schema%s", name, name[:dot], spell.Guess(name[:dot], known))
}

// SQL are the statements that Run runs, in their order. Those of one table change it as a whole, where the
// server can, if they are run in one transaction.
func (a *Alteration) SQL() []string {
	var texts []string
	for _, t := range a.tables {
		texts = append(texts, textsOf(t.statements)...)
	}
	return texts
}

// Refused is what is not done, and why. While there is any, Run does nothing at all.
func (a *Alteration) Refused() []Remark { return slices.Clone(a.refused) }

// Kept is what the database has and the definitions have not, and which is left as it is.
func (a *Alteration) Kept() []Remark { return slices.Clone(a.kept) }

// Run runs the statements of SQL, table by table, and looks whether the tables are as their definitions
// say then. Where something is refused it changes nothing, and its error, which wraps rowmill.ErrRefused, says
// what. A table that has changed since Alter looked is left alone, unless there is nothing left to do with
// it: so Run can be run again where it failed. While it runs, programs that use a table may have to
// wait, and it waits for their transactions.
func (a *Alteration) Run(ctx context.Context, db *rowmill.DB) error {
	if err := a.run(ctx, db); err != nil {
		return fmt.Errorf("alter schema %s: %w", a.schema.name, err)
	}
	return nil
}

func (a *Alteration) run(ctx context.Context, db *rowmill.DB) error {
	if err := refusal(a.refused); err != nil {
		return err
	}
	for _, step := range a.tables {
		if err := a.alter(ctx, db, step); err != nil {
			return fmt.Errorf("table %s: %w", step.table, expressions(step.table.indexes, err))
		}
	}
	return a.check(ctx, db)
}

const (
	changedTries = 5
	changedPause = 50 * time.Millisecond
)

// alter alters one table. One that has changed is looked at again: what was seen may be half of what somebody else is
// just doing, as servers tell of columns and of indexes in statements of their own.
func (a *Alteration) alter(ctx context.Context, db *rowmill.DB, step altered) error {
	for try := 1; ; try++ {
		err := settle(ctx, db, a.schema.name, step.table.name, func(on rowmill.Session, found dialect.Table, _ bool) ([]dialect.Statement, error) {
			return a.again(ctx, on, step, found)
		})
		if !errors.Is(err, errChanged) || try == changedTries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(changedPause):
		}
	}
}

// refusal is the error that tells what is refused.
func refusal(refused []Remark) error {
	if len(refused) == 0 {
		return nil
	}
	told := make([]string, len(refused))
	for i, r := range refused {
		told[i] = r.String()
	}
	return fmt.Errorf("%w: %s", rowmill.ErrRefused, strings.Join(told, "\n"))
}

var errChanged = errors.New("it has changed since the alteration was made: make it anew")

// again are the statements of a table, if they are still what there is to do.
func (a *Alteration) again(ctx context.Context, on rowmill.Session, step altered, found dialect.Table) ([]dialect.Statement, error) {
	p := newAlterer(on, step.table, found, a.drop)
	statements, err := p.plan(ctx)
	if err == nil {
		err = refusal(p.refused)
	}
	if err != nil || len(statements) == 0 {
		return nil, err
	}
	if !slices.Equal(textsOf(statements), textsOf(step.statements)) {
		return nil, errChanged
	}
	return statements, nil
}

// check wants no difference that does harm.
func (a *Alteration) check(ctx context.Context, db *rowmill.DB) error {
	d := newDeclarer(db)
	d.tables = a.schema.Tables()
	if err := d.look(ctx); err != nil {
		return err
	}
	return d.check()
}
