package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// Update gives attributes of one row new values. row is a struct, a pointer to one, or a map[string]any: of the
// whole primary key, which says which row it is, and of the attributes to change; the others are left as
// they are. A nil, where the attribute may be null, is NULL.
//
//	query.Update(ctx, db, lab.Subjects, struct {
//		SubjectID int32
//		Weight    *float64
//	}{1, &weight})
//
// The error wraps rowmill.ErrNotFound where there is no such row, and otherwise what that of [Insert] does. Rows of
// Imported and Computed tables, and of their parts, are only changed by their make.
func Update(ctx context.Context, conn rowmill.Conn, table schema.Declared, row any) error {
	t := table.Untyped()
	c, err := newChange(t, row)
	if err == nil {
		err = c.run(ctx, conn)
	}
	if err != nil {
		return fmt.Errorf("update %s: %w", t, err)
	}
	return nil
}

// A change is what is to become of one row.
type change struct {
	table      *schema.Table
	key, attrs []string
	keyArgs    []any
	args       []any
}

func newChange(t *schema.Table, row any) (*change, error) {
	names, values, err := schema.Match(row, t.Heading())
	if err != nil {
		return nil, err
	}
	c := &change{table: t}
	key := t.Heading().Key()
	for i, name := range names {
		if slices.Contains(key, name) {
			c.key, c.keyArgs = append(c.key, name), append(c.keyArgs, values[i])
		} else {
			c.attrs, c.args = append(c.attrs, name), append(c.args, values[i])
		}
	}
	for _, name := range key {
		if !slices.Contains(c.key, name) {
			return nil, fmt.Errorf("the primary key says which row it is, and %q is missing", name)
		}
	}
	if len(c.attrs) == 0 {
		return nil, errors.New("there is nothing to change: the row has no attributes but the primary key")
	}
	return c, nil
}

func (c *change) run(ctx context.Context, conn rowmill.Conn) error {
	if _, _, _, err := stampFor(conn, c.table); err != nil {
		return err
	}
	session, err := conn.Session(rowmill.Use{Writes: []string{c.table.FullName()}})
	if err != nil {
		return err
	}
	if session.Alone() {
		return c.on(ctx, session)
	}
	return session.Atomic(ctx, func(s rowmill.Session) error { return c.on(ctx, s) })
}

// on runs the one statement, and looks why where it fails.
func (c *change) on(ctx context.Context, s rowmill.Session) error {
	n, err := s.Exec(ctx, c.sql(s.Dialect()), slices.Concat(c.args, c.keyArgs)...)
	if err == nil && n == 0 {
		err = rowmill.ErrNotFound
	}
	hint := ""
	if errors.Is(err, rowmill.ErrReferenced) {
		row := map[string]any{}
		for i, name := range slices.Concat(c.attrs, c.key) {
			row[name] = slices.Concat(c.args, c.keyArgs)[i]
		}
		hint = orphan(ctx, s, c.table, row)
	}
	if err != nil {
		return fmt.Errorf("%s%s%w", c.name(), hint, err)
	}
	return nil
}

// name is the row's key before what is said of it.
func (c *change) name() string {
	parts := make([]string, len(c.key))
	for i, name := range c.key {
		parts[i] = fmt.Sprintf("%s=%v", name, forPeople(c.keyArgs[i]))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, " ") + ": "
}

func (c *change) sql(d dialect.Dialect) string {
	sql := "UPDATE " + d.Table(c.table.Schema().Name(), c.table.Name()) + " SET " + equalities(c.attrs, ", ")
	if len(c.key) == 0 { // one row at most
		return sql
	}
	return sql + " WHERE " + equalities(c.key, " AND ")
}

func equalities(names []string, between string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = dialect.Quote(name) + " = ?"
	}
	return strings.Join(parts, between)
}
