package query

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// blame finds the first of the rows for which a statement fails that entered them together, and says why. Servers
// tell a value at most. It halves the rows, and enters those before the one it looks for, so that it finds
// what the server finds, with rows twice among them; the transaction is rolled back then.
func (in *intake) blame(ctx context.Context, s rowmill.Session, begin, end int, err error) error {
	for end-begin > 1 {
		middle := begin + (end-begin)/2
		if _, err := in.fill(begin, middle); err != nil {
			return err
		}
		switch e := in.run(ctx, s, middle-begin); {
		case e == nil:
			begin = middle
		case isAny(e, rowErrors):
			end, err = middle, e
		default:
			return e
		}
	}
	if _, e := in.fill(begin, end); e != nil {
		return e
	}
	if e := in.run(ctx, s, 1); e != nil {
		err = e
	}
	return in.explain(ctx, s, begin, err)
}

// explain says which row it is that cannot be entered, and why. Its arguments are those of the statement.
func (in *intake) explain(ctx context.Context, s rowmill.Session, i int, err error) error {
	switch {
	case errors.Is(err, rowmill.ErrTooLarge):
		return fmt.Errorf("%sit has %d bytes: %w", in.named(i), in.size, err)
	case errors.Is(err, rowmill.ErrReferenced):
		return fmt.Errorf("%s%s%w", in.named(i), orphan(ctx, s, in.table, in.row()), err)
	case errors.Is(err, rowmill.ErrDuplicate) && !in.isThere(ctx, s, i):
		return fmt.Errorf("%s%s%w", in.named(i), twin(ctx, s, in.table, in.row()), err)
	case errors.Is(err, rowmill.ErrValue) && in.tail != "" && !in.isThere(ctx, s, i):
		in.tail, in.statement = "", "" // which a server may have told as a value that does not fit
		if e := in.run(ctx, s, 1); errors.Is(e, rowmill.ErrDuplicate) {
			err = fmt.Errorf("%s%w", twin(ctx, s, in.table, in.row()), e)
		}
	}
	return fmt.Errorf("%s%w", in.named(i), err)
}

// row is the row whose arguments are those of the statement.
func (in *intake) row() map[string]any {
	row := map[string]any{}
	for n, name := range in.attrs {
		row[name] = in.args[n]
	}
	return row
}

// twin says which value of a row another has, where that must not be: "another row has tag=a1: ". It is empty where none is
// found.
func twin(ctx context.Context, s rowmill.Session, t *schema.Table, row map[string]any) string {
	for _, attrs := range t.UniqueAttrs() {
		var named []string
		var values []any
		for _, name := range attrs {
			if v := row[name]; v != nil { // NULLs are not the same
				named, values = append(named, fmt.Sprintf("%s=%v", name, forPeople(v))), append(values, v)
			}
		}
		if len(values) < len(attrs) {
			continue
		}
		if found, err := hasRow(ctx, s, t, attrs, values); err == nil && found {
			return fmt.Sprintf("another row has %s, which is unique: ", strings.Join(named, " "))
		}
	}
	return ""
}

// isThere tells whether there is a row with the key of a row.
func (in *intake) isThere(ctx context.Context, s rowmill.Session, i int) bool {
	if in.keyOf == nil {
		return true
	}
	key, err := in.keyOf(i)
	if err != nil {
		return true
	}
	found, err := hasRow(ctx, s, in.table, in.table.Heading().Key(), key)
	return found || err != nil
}

// orphan says which of the rows is not there that a row refers to: "there is no Subject with subject_id=9: ". It is
// empty where all are there.
func orphan(ctx context.Context, s rowmill.Session, t *schema.Table, row map[string]any) string {
	for _, f := range t.ForeignKeys() {
		var named []string
		var values []any
		for i, name := range f.Attrs {
			if v := row[name]; v != nil {
				named, values = append(named, fmt.Sprintf("%s=%v", f.Referred[i], forPeople(v))), append(values, v)
			}
		}
		if len(values) < len(f.Attrs) { // with NULL it refers to nothing
			continue
		}
		if found, err := hasRow(ctx, s, f.Parent, f.Referred, values); err == nil && !found {
			return fmt.Sprintf("there is no %s with %s: ", f.Parent, strings.Join(named, " "))
		}
	}
	return ""
}

// forPeople shows a value that is stored.
func forPeople(v any) any {
	if b, ok := v.([]byte); ok {
		return fmt.Sprintf("%x", b)
	}
	return v
}

// hasRow tells whether a table has a row with these values.
func hasRow(ctx context.Context, s rowmill.Session, t *schema.Table, attrs []string, values []any) (bool, error) {
	conditions := []string{"TRUE"}
	for _, name := range attrs {
		conditions = append(conditions, dialect.Quote(name)+" = ?")
	}
	n, err := number(ctx, s, verbatim{"SELECT 1 FROM " + tableName(s.Dialect(), t) +
		" WHERE " + strings.Join(conditions, " AND ") + " LIMIT 1", values})
	return n == 1, err
}
