package schema

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// Declare creates the tables of the schema that are not in the database yet, checks that those
// which are there are as their definitions say, and inserts the missing contents of lookup
// tables. Schemas to which foreign keys refer are declared with it, parents first. It changes
// nothing where all is there, needs no rights but to read then, and may run in several processes
// at once. Its error tells every attribute that differs.
func (s *Schema) Declare(ctx context.Context, db *rowmill.DB) error {
	if err := s.declare(ctx, db, map[*Schema]bool{}, map[*Table]bool{}); err != nil {
		return fmt.Errorf("declare schema %s: %w", s.name, err)
	}
	return nil
}

func (s *Schema) declare(ctx context.Context, db *rowmill.DB, seen map[*Schema]bool, done map[*Table]bool) error {
	seen[s] = true
	for _, t := range s.Tables() {
		if err := t.declareAfterParents(ctx, db, done); err != nil {
			return err
		}
	}
	for _, t := range s.Tables() {
		for _, f := range t.foreign {
			if other := f.Parent.schema; !seen[other] {
				if err := other.declare(ctx, db, seen, done); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// declareAfterParents goes from table to table, not from schema to schema: two schemas may refer to
// each other.
func (t *Table) declareAfterParents(ctx context.Context, db *rowmill.DB, done map[*Table]bool) error {
	if done[t] {
		return nil
	}
	done[t] = true
	for _, f := range t.foreign {
		if err := f.Parent.declareAfterParents(ctx, db, done); err != nil {
			return err
		}
	}
	if err := t.Declare(ctx, db); err != nil {
		return err
	}
	if err := t.declareLineage(ctx, db); err != nil {
		return fmt.Errorf("table %s: lineage: %w", t, err)
	}
	if err := t.insertContents(ctx, db); err != nil {
		return fmt.Errorf("table %s: contents: %w", t, err)
	}
	return nil
}

// Declare creates the one table if it is not there, and checks it if it is. Hidden columns that
// a table of DataJoint for Python has not are added to it.
func (t *Table) Declare(ctx context.Context, db *rowmill.DB) error {
	found, err := t.columns(ctx, db)
	if err == nil && len(found) == 0 {
		if err = createTable(ctx, db, t.schema, t.rendered()); err == nil {
			found, err = t.columns(ctx, db) // another process may have been first, with another definition
		}
	}
	if err != nil {
		return fmt.Errorf("declare table %s: %w", t, err)
	}
	if err := t.compare(found); err != nil {
		return err
	}
	return t.addHidden(ctx, db, found)
}

// addHidden adds the hidden columns that were not found.
func (t *Table) addHidden(ctx context.Context, db *rowmill.DB, found []dialect.Column) error {
	for _, c := range t.rendered().Columns {
		if !c.Hidden() || indexOf(found, c.Name) >= 0 {
			continue
		}
		err := run(ctx, db, db.Dialect().AddColumn(t.rendered(), c))
		if err == nil {
			continue
		}
		now, again := t.columns(ctx, db)
		if again == nil && indexOf(now, c.Name) >= 0 {
			continue // another process added it
		}
		return fmt.Errorf("add column %s to table %s: %w", c.Name, t, err)
	}
	return nil
}

func (t *Table) columns(ctx context.Context, db *rowmill.DB) ([]dialect.Column, error) {
	query := func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return db.Query(ctx, query, args...)
	}
	return db.Dialect().Columns(ctx, query, t.schema.name, t.name)
}

const (
	createTries = 5
	createPause = 50 * time.Millisecond
)

// createTable creates a table, and its schema before it if that is not there: a user may have
// the right to the one and not to the other. A foreign key to a table that another process is
// just creating can fail though the server lists that table: MariaDB with error 1005 (errno 150),
// a failure of no class of its own. It is tried again for a moment; other failures stand.
func createTable(ctx context.Context, db *rowmill.DB, s *Schema, t dialect.Table) error {
	d := db.Dialect()
	for try := 1; ; try++ {
		err := run(ctx, db, d.CreateTable(t))
		if errors.Is(err, rowmill.ErrNoTable) {
			if err := run(ctx, db, d.CreateSchema(s.name)); err != nil {
				return fmt.Errorf("create schema %s: %w", s.name, err)
			}
			err = run(ctx, db, d.CreateTable(t))
		}
		if err == nil || len(t.Foreign) == 0 || try == createTries || d.Classify(err) != dialect.Other {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(createPause):
		}
	}
}

// compare tells every difference between the definition and the columns that were found.
func (t *Table) compare(found []dialect.Column) error {
	rendered := t.rendered()
	wanted := rendered.Columns
	for i, c := range wanted {
		wanted[i].Key = slices.Contains(rendered.Key, c.Name)
	}
	var differences []string
	for _, w := range wanted {
		i := indexOf(found, w.Name)
		switch {
		case w.Hidden():
		case i < 0:
			differences = append(differences, fmt.Sprintf("%s: wanted %s, found no such attribute", w.Name, describe(w)))
		case describe(w) != describe(found[i]):
			differences = append(differences, fmt.Sprintf("%s: wanted %s, found %s", w.Name, describe(w), describe(found[i])))
		}
	}
	for _, f := range found {
		if !f.Hidden() && indexOf(wanted, f.Name) < 0 {
			differences = append(differences, fmt.Sprintf("%s: wanted no such attribute, found %s", f.Name, describe(f)))
		}
	}
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("table %s (%s) is in the database, and differs from its definition at %s: %s",
		t, t.FullName(), t.declaredAt, strings.Join(differences, "; "))
}

// indexOf is where the column of a name is, or -1.
func indexOf(columns []dialect.Column, name string) int {
	return slices.IndexFunc(columns, func(c dialect.Column) bool { return c.Name == name })
}

// describe says what compare compares. Columns without a mark do not keep which core type they
// came from, and bool is stored as int8 is.
func describe(c dialect.Column) string {
	typ := canonical(c.Type)
	if c.Unmarked && typ == "bool" {
		typ = "int8"
	}
	if c.Nullable {
		typ += " or null"
	}
	if c.Key {
		typ += " in the primary key"
	}
	return typ
}

var (
	member        = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"`)
	wholeDecimal  = regexp.MustCompile(`^decimal\((\d+)\)$`)
	spacedDecimal = regexp.MustCompile(`^decimal\((\d+),\s+(\d+)\)$`)
)

// canonical spells a type as servers do that keep the type and not its spelling, as they do of
// the columns of foreign keys.
func canonical(typ string) string {
	switch {
	case typ == "datetime(0)":
		return "datetime"
	case strings.HasPrefix(typ, "enum("):
		members := member.FindAllString(typ, -1)
		for i, m := range members {
			if quote := m[:1]; quote == `"` {
				members[i] = dialect.Literal(strings.ReplaceAll(m[1:len(m)-1], `""`, `"`))
			}
		}
		return "enum(" + strings.Join(members, ",") + ")"
	}
	return spacedDecimal.ReplaceAllString(wholeDecimal.ReplaceAllString(typ, "decimal($1,0)"), "decimal($1,$2)")
}
