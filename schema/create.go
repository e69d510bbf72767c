package schema

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// create creates the table if it was not found, or the hidden columns that were not.
func (d *declarer) create(ctx context.Context, t *Table) error {
	if d.has(t) {
		return nil
	}
	if err := d.createSchema(ctx, t.schema); err != nil {
		return fmt.Errorf("create schema %s: %w", t.schema.name, err)
	}
	err := settle(ctx, d.db, t.schema.name, t.name, func(on rowmill.Session, found dialect.Table, there bool) ([]dialect.Statement, error) {
		return t.toCreate(on.Dialect(), found, there)
	})
	_, there := d.found[t.schema][t.name]
	switch {
	case err == nil || isFault(err):
		return err
	case there && d.lacking != nil && (errors.Is(err, rowmill.ErrDenied) || errors.Is(err, rowmill.ErrBusy)):
		d.lacking[t] = true
		slog.WarnContext(ctx, "the table lacks the hidden columns that tell when and by what rows were made, and they cannot be added: "+
			"rows are made without", "table", t.FullName(), "error", err)
		return nil
	case errors.Is(err, rowmill.ErrNoTable) && d.schemas[t.schema] != nil:
		return fmt.Errorf("create schema %s: %w", t.schema.name, d.schemas[t.schema])
	}
	return fmt.Errorf("declare table %s: %w", t, expressions(t.indexes, err))
}

// createSchema creates the schema in which nothing was found. It is to be there, whole, before the first
// table is begun: into a database that another process is just creating MariaDB puts tables with the
// server's alphabet, and not with the database's. Who may not create databases may do without, where
// the database is there. One that has tables is there, though none of them was looked for: MySQL would wait
// with CREATE DATABASE, even IF NOT EXISTS, for all transactions that have written to any of them.
func (d *declarer) createSchema(ctx context.Context, s *Schema) error {
	if _, done := d.schemas[s]; done || len(d.found[s]) > 0 {
		return nil
	}
	tables, err := d.db.Dialect().Tables(ctx, queryOf(d.db), s.name)
	if err != nil || len(tables) > 0 {
		return err
	}
	d.schemas[s] = run(ctx, d.db, d.db.Dialect().CreateSchema(s.name))
	if errors.Is(d.schemas[s], rowmill.ErrDenied) {
		return nil
	}
	return d.schemas[s]
}

// toCreate are the statements that create a table, or what is missing of it.
func (t *Table) toCreate(d dialect.Dialect, found dialect.Table, there bool) ([]dialect.Statement, error) {
	if !there {
		return d.CreateTable(t.rendered()), nil
	}
	if fault := t.fault(t.compare(found)); fault != nil { // another process was first
		return nil, fault
	}
	missing := t.hiddenMissing(found)
	changes := make([]dialect.Change, len(missing))
	for i, c := range missing {
		changes[i].Add = &c
	}
	found.Columns = slices.Concat(found.Columns, missing)
	return d.Alter(found, changes)
}

// hiddenMissing are the hidden columns that were not found.
func (t *Table) hiddenMissing(found dialect.Table) []dialect.Column {
	return slices.DeleteFunc(t.rendered().Columns, func(c dialect.Column) bool {
		return !c.Hidden() || indexOf(found.Columns, c.Name) >= 0
	})
}

// statements are those that declare would run, if nobody else ran any.
func (d *declarer) statements(ctx context.Context) ([]dialect.Statement, error) {
	if err := d.look(ctx); err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	var all []dialect.Statement
	for _, t := range d.tables {
		there := d.found[t.schema]
		if len(there) == 0 {
			all = append(all, d.db.Dialect().CreateSchema(t.schema.name)...)
		}
		if _, ok := there[lineageTableName]; !ok {
			all = append(all, d.db.Dialect().CreateTable(lineageTable(t.schema))...)
			there[lineageTableName] = lineageTable(t.schema)
		}
		found, ok := there[t.name]
		statements, err := t.toCreate(d.db.Dialect(), found, ok)
		if err != nil {
			return nil, err
		}
		all = append(append(all, statements...), d.lineageStatements(t)...)
	}
	return all, nil
}

func textsOf(statements []dialect.Statement) []string {
	texts := make([]string, len(statements))
	for i, s := range statements {
		texts[i] = s.Text()
	}
	return texts
}

// A plan says by which statements a table is changed that was found, or was not. It may read.
type plan func(on rowmill.Session, found dialect.Table, there bool) ([]dialect.Statement, error)

// change looks at a table and runs the plan for it, in one transaction, which servers that cannot
// change tables in a transaction end by themselves.
func change(ctx context.Context, db *rowmill.DB, schema, table string, plan plan) error {
	for {
		err := db.Transact(ctx, func(tx *rowmill.Tx) error {
			tables, err := describeSchema(ctx, tx, schema, table)
			if err != nil {
				return err
			}
			found, there := tables[table]
			statements, err := plan(tx, found, there)
			if err != nil {
				return err
			}
			return runAll(ctx, tx, statements)
		})
		if !errors.Is(err, rowmill.ErrCommitUnknown) { // the next look tells
			return err
		}
	}
}

const (
	settleTries = 6
	settlePause = 20 * time.Millisecond // doubled each time
)

// settle changes a table that others may be changing, too, in the same way. What they do at once may fail
// for it in ways that servers have no class for: a foreign key to a table that is only just there (MariaDB's
// error 1005), a column that another has added. Then it is looked again for a moment what is left to
// do; other failures stand.
func settle(ctx context.Context, db *rowmill.DB, schema, table string, plan plan) error {
	pause := settlePause
	for try := 1; ; try++ {
		var against error // what the plan has against it
		err := change(ctx, db, schema, table, func(on rowmill.Session, found dialect.Table, there bool) (statements []dialect.Statement, err error) {
			statements, against = plan(on, found, there)
			return statements, against
		})
		if err == nil || against != nil || try == settleTries || db.Dialect().Classify(err) != dialect.Other {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// expressions says what a server may have meant that took an index of an expression for nonsense.
func expressions(indexes []dialect.Index, err error) error {
	for _, i := range indexes {
		computed := slices.ContainsFunc(i.Parts, func(p dialect.IndexPart) bool { return p.Path != "" || p.Expression != "" })
		if err != nil && computed {
			return fmt.Errorf("%s is wanted, which not every server has (MariaDB has no indexes of expressions): %w", showIndex(i), err)
		}
	}
	return err
}
