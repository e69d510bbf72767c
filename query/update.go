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
	c := &change{table: t}
	key := t.Heading().Key()
	for i, v := range values {
		if slices.Contains(key, names[i]) {
			c.key, c.keyArgs = append(c.key, names[i]), append(c.keyArgs, v)
		} else {
			c.attrs, c.args = append(c.attrs, names[i]), append(c.args, v)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s%w", c.name(), err)
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
	found := false
	do := func(s rowmill.Session) (err error) {
		found, err = c.on(ctx, s)
		return err
	}
	if session.Alone() {
		err = do(session)
	} else {
		err = session.Atomic(ctx, do)
	}
	if err == nil && !found { // which is no reason for a transaction to end
		err = fmt.Errorf("%s%w", c.name(), rowmill.ErrNotFound)
	}
	return err
}

// on runs the one statement, and looks why where it fails. It tells whether the row is there.
func (c *change) on(ctx context.Context, s rowmill.Session) (found bool, err error) {
	n, err := s.Exec(ctx, c.sql(s.Dialect()), slices.Concat(c.args, c.keyArgs)...)
	hint := ""
	if errors.Is(err, rowmill.ErrReferenced) {
		row := map[string]any{}
		for i, name := range slices.Concat(c.attrs, c.key) {
			row[name] = slices.Concat(c.args, c.keyArgs)[i]
		}
		hint = orphan(ctx, s, c.table, row)
	}
	if err != nil {
		return false, fmt.Errorf("%s%s%w", c.name(), hint, err)
	}
	return n > 0, nil
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
	sql := "UPDATE " + tableName(d, c.table) + " SET " + equalities(c.attrs, ", ")
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
