package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// DropOptions say how [Drop] drops. A nil pointer stands for the defaults.
type DropOptions struct {
	// DryRun has nothing dropped: Drop returns what it would drop. Default: false.
	DryRun bool
	// Parts says what is to be done where parts would go and their master stay. Default: PartsRefuse.
	Parts PartsRule
}

// Drop drops a table from the database, with everything downstream: every table of any schema that refers to it, directly or
// not, parts with their masters, and the queues of all these. It returns how many rows and jobs were in which
// tables, parents first; tables and schemas that are not there are left out, be it the table itself. Declare makes the tables anew.
//
// Servers do not undo a DROP, so that conn must be a DB. What can be wrong is found before anything is
// dropped. Where a server fails in between, a part of the tables is gone, none of which another refers
// to, and to drop again drops the rest.
//
// The error wraps rowmill.ErrRefused where conn is no DB, or parts would go without their master, and
// rowmill.ErrReferenced where a table refers to what would go that the program does not declare.
func Drop(ctx context.Context, conn rowmill.Conn, table schema.Declared, opts *DropOptions) ([]Deleted, error) {
	d := &dropping{table: table.Untyped()}
	if opts != nil {
		d.DropOptions = *opts
	}
	dropped, err := d.on(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("drop %s: %w", d.table, err)
	}
	return dropped, nil
}

// A dropping is one call of Drop.
type dropping struct {
	DropOptions

	table *schema.Table
}

func (d *dropping) on(ctx context.Context, conn rowmill.Conn) ([]Deleted, error) {
	tables, err := d.tables()
	if err != nil {
		return nil, err
	}
	session, err := conn.Session(d.use(tables))
	if err != nil {
		return nil, err
	}
	db, ok := session.(*rowmill.DB)
	if !ok {
		return nil, fmt.Errorf("%w: a server does not undo it, so that it cannot be part of a transaction", rowmill.ErrRefused)
	}
	there, err := tablesThere(ctx, db, tables)
	if err != nil {
		return nil, err
	}
	tables = slices.DeleteFunc(tables, func(t *schema.Table) bool { return !there[t.FullName()] && !there[queueOf(t)] })
	if unknown, err := undeclared(ctx, db, tables); err != nil {
		return nil, err
	} else if len(unknown) > 0 {
		return nil, fmt.Errorf("%w: %s, which this program does not declare: drop it first, or import the package that declares it",
			rowmill.ErrReferenced, unknown[0])
	}
	dropped, err := d.count(ctx, db, tables, there)
	if err != nil || d.DryRun {
		return dropped, err
	}
	return dropped, d.drop(ctx, db, tables, there)
}

func (d *dropping) use(tables []*schema.Table) rowmill.Use {
	use := rowmill.Use{Reads: namesOf(tables)}
	if !d.DryRun {
		use.Writes = use.Reads
	}
	return use
}

// tables are those that go, parents first, by the rule for parts.
func (d *dropping) tables() ([]*schema.Table, error) {
	tables := downstream([]*schema.Table{d.table})
	switch d.Parts {
	case PartsIgnore:
	case PartsCascade:
		tables = withMasters(tables)
	case PartsRefuse:
		for _, t := range tables {
			if m := t.Master(); m != nil && !slices.Contains(tables, m) {
				return nil, fmt.Errorf("%w: the part %s would go, and its master %s would stay: drop %s, or say in the options what is to become of it",
					rowmill.ErrRefused, t, m, m)
			}
		}
	default:
		return nil, d.Parts.unknown()
	}
	return tables, nil
}

func (d *dropping) count(ctx context.Context, db *rowmill.DB, tables []*schema.Table, there map[string]bool) ([]Deleted, error) {
	dropped := make([]Deleted, len(tables))
	for i, t := range tables {
		dropped[i].Table = t
		for name, n := range map[string]*int{t.Name(): &dropped[i].Rows, t.QueueName(): &dropped[i].Jobs} {
			if !there[t.Schema().Name()+"."+name] {
				continue
			}
			var err error
			if *n, err = number(ctx, db, squirrel.Expr("SELECT COUNT(*) FROM "+db.Dialect().Table(t.Schema().Name(), name))); err != nil {
				return nil, err
			}
		}
	}
	return dropped, nil
}

// drop drops tables, those first that refer to others.
func (d *dropping) drop(ctx context.Context, db *rowmill.DB, tables []*schema.Table, there map[string]bool) error {
	for _, t := range slices.Backward(tables) {
		here := func(name string) bool { return there[t.Schema().Name()+"."+name] }
		for _, s := range t.DropSQL(db.Dialect(), here) {
			if _, err := db.Exec(ctx, s.SQL, s.Args...); err != nil {
				return fmt.Errorf("%s: %w", t, err)
			}
		}
	}
	return nil
}
