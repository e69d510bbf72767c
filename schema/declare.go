package schema

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// Declare creates the tables of the schema that are not in the database yet, checks that those
// which are there are as their definitions say, and inserts the missing contents of lookup
// tables. Schemas to which foreign keys refer are declared with it, parents first. It changes
// nothing where all is there, needs no rights but to read then, and may run in several processes
// at once. Its error tells every difference of every table, and then nothing has been changed;
// differences that do no harm go to slog.Default. So does it where a table lacks the hidden columns of made rows, as
// one that DataJoint for Python declared may, and the database's user may not add them: rows are made without.
func (s *Schema) Declare(ctx context.Context, db *rowmill.DB) error {
	d := newDeclarer(db)
	d.lacking = map[*Table]bool{}
	d.addSchema(s, map[*Schema]bool{})
	if err := d.declare(ctx); err != nil {
		return fmt.Errorf("declare schema %s: %w", s.name, err)
	}
	return nil
}

// DeclareSQL returns the statements with which Declare would create what is missing, each to be
// run by itself, in this order, and runs none of them: for whoever has the rights. The contents of
// lookup tables are not among them; Declare inserts these once the tables are there.
func (s *Schema) DeclareSQL(ctx context.Context, db *rowmill.DB) ([]string, error) {
	d := newDeclarer(db)
	d.addSchema(s, map[*Schema]bool{})
	statements, err := d.statements(ctx)
	if err != nil {
		return nil, fmt.Errorf("declare schema %s: %w", s.name, err)
	}
	return textsOf(statements), nil
}

// Declare creates the one table if it is not there, and checks it if it is. Hidden columns that
// a table of DataJoint for Python has not are added to it.
func (t *Table) Declare(ctx context.Context, db *rowmill.DB) error {
	d := newDeclarer(db)
	d.tables = []*Table{t}
	return d.createMissing(ctx, func(ctx context.Context) (err error) {
		if d.found[t.schema], err = describeSchema(ctx, db, t.schema.name, t.name); err != nil {
			return fmt.Errorf("declare table %s: %w", t, err)
		}
		return nil
	})
}

// A declarer declares tables, after it has looked what is there.
type declarer struct {
	db     *rowmill.DB
	tables []*Table // parents first
	done   map[*Table]bool

	found   map[*Schema]map[string]dialect.Table
	origins map[*Schema]lineage
	schemas map[*Schema]error // those that were created, or why they were not
	denied  map[*Schema]bool  // those whose lineage may not be written
	lacking map[*Table]bool   // those that do without hidden columns, as these may not be added; nil if none may
}

func newDeclarer(db *rowmill.DB) *declarer {
	return &declarer{
		db: db, done: map[*Table]bool{}, schemas: map[*Schema]error{}, denied: map[*Schema]bool{},
		found: map[*Schema]map[string]dialect.Table{}, origins: map[*Schema]lineage{},
	}
}

// addSchema adds the tables of a schema, and of those that they lead to.
func (d *declarer) addSchema(s *Schema, seen map[*Schema]bool) {
	seen[s] = true
	for _, t := range s.Tables() {
		d.add(t)
	}
	for _, t := range s.Tables() {
		for _, f := range t.foreign {
			if other := f.Parent.schema; !seen[other] {
				d.addSchema(other, seen)
			}
		}
	}
}

// add goes from table to table, not from schema to schema: two schemas may refer to each other.
func (d *declarer) add(t *Table) {
	if d.done[t] {
		return
	}
	d.done[t] = true
	for _, f := range t.foreign {
		d.add(f.Parent)
	}
	d.tables = append(d.tables, t)
}

// declare looks at everything before it changes anything. Another process may be creating the same
// tables, or those of an older program: it is looked again what came of it.
func (d *declarer) declare(ctx context.Context) error {
	if err := d.createMissing(ctx, d.look); err != nil {
		return err
	}
	for _, t := range d.tables {
		if err := d.writeLineage(ctx, t); err != nil {
			return fmt.Errorf("table %s: lineage: %w", t, err)
		}
	}
	for _, t := range d.tables {
		if err := t.insertContents(ctx, d.db); err != nil {
			return fmt.Errorf("table %s: contents: %w", t, err)
		}
	}
	return nil
}

// createMissing creates what a look does not find, until it finds all.
func (d *declarer) createMissing(ctx context.Context, look func(context.Context) error) error {
	for try := 1; ; try++ {
		if err := look(ctx); err != nil {
			return err
		}
		if err := d.check(); err != nil {
			return err
		}
		i := slices.IndexFunc(d.tables, func(t *Table) bool { return !d.has(t) })
		switch {
		case i < 0:
			d.log(ctx)
			return nil
		case try == settleTries:
			return fmt.Errorf("table %s was created, and is not there: something else drops it, or the database's user may not see it", d.tables[i])
		}
		for _, t := range d.tables[i:] {
			if err := d.create(ctx, t); err != nil {
				return err
			}
		}
	}
}

// has tells whether a table was found, with its hidden columns, if it is to have them.
func (d *declarer) has(t *Table) bool {
	found, ok := d.found[t.schema][t.name]
	return ok && (d.lacking[t] || len(t.hiddenMissing(found)) == 0)
}

// look reads what is there of each schema.
func (d *declarer) look(ctx context.Context) (err error) {
	clear(d.found)
	for _, t := range d.tables {
		if d.found[t.schema] != nil {
			continue
		}
		if d.found[t.schema], err = describeSchema(ctx, d.db, t.schema.name, ""); err != nil {
			return err
		}
		if d.origins[t.schema], err = readLineage(ctx, d.db, t.schema); err != nil {
			return err
		}
	}
	return nil
}

// check compares the tables that are there with their definitions.
func (d *declarer) check() error {
	var faults []string
	for _, t := range d.tables {
		found, ok := d.found[t.schema][t.name]
		if !ok {
			continue
		}
		if fault := t.fault(t.compare(found)); fault != nil {
			faults = append(faults, fault.Error())
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, "\n"))
}

// log tells the differences that do no harm, but for the types beside comments: older tables have none.
func (d *declarer) log(ctx context.Context) {
	for _, t := range d.tables {
		told := tell(t.compare(d.found[t.schema][t.name]), func(d Difference) bool { return d.Harmless && !d.mark })
		if told != "" {
			slog.InfoContext(ctx, "the database differs from the definition, which does no harm", "table", t.FullName(), "differences", told)
		}
	}
}

// A fault says how a table is otherwise than its definition.
type fault string

func (f fault) Error() string { return string(f) }

func isFault(err error) bool {
	_, is := errors.AsType[fault](err)
	return is
}

// fault is the error of a table with differences that do harm.
func (t *Table) fault(differences []Difference) error {
	told := tell(differences, func(d Difference) bool { return !d.Harmless })
	if told == "" {
		return nil
	}
	return fault(fmt.Sprintf("table %s (%s) is in the database, and differs from its definition at %s: %s", t, t.FullName(), t.declaredAt, told))
}

// tell says differences in a line.
func tell(differences []Difference, which func(Difference) bool) string {
	var told []string
	for _, d := range differences {
		if which(d) {
			told = append(told, d.String())
		}
	}
	return strings.Join(told, "; ")
}
