package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// contentsAtOnce is how many rows one statement looks for.
const contentsAtOnce = 100

// insertContents inserts the rows of a lookup table whose keys are not there. Where all are
// there it only reads.
func (t *Table) insertContents(ctx context.Context, db *rowmill.DB) error {
	if t.contents == nil {
		return nil
	}
	binding, rows := t.contents()
	values := make([][]any, len(rows))
	for i, row := range rows {
		var err error
		if values[i], err = binding.Values(row); err != nil {
			return fmt.Errorf("row %d: %w: %w", i+1, rowmill.ErrValue, err)
		}
	}
	for begin := 0; begin < len(values); begin += contentsAtOnce {
		some := values[begin:min(begin+contentsAtOnce, len(values))]
		n, err := t.countKeys(ctx, db, binding.Attrs(), some)
		if err != nil {
			return err
		}
		for i := 0; n < len(some) && i < len(some); i++ {
			if err := t.insertMissing(ctx, db, binding.Attrs(), some[i]); err != nil {
				return fmt.Errorf("row %d: %w", begin+i+1, err)
			}
		}
	}
	return nil
}

// insertMissing inserts one row unless its key is there.
func (t *Table) insertMissing(ctx context.Context, db *rowmill.DB, attrs []string, values []any) error {
	if n, err := t.countKeys(ctx, db, attrs, [][]any{values}); err != nil || n > 0 {
		return err
	}
	name := db.Dialect().Table(t.schema.name, t.name)
	marks := strings.Repeat(", ?", len(attrs))[2:]
	_, err := db.Exec(ctx, fmt.Sprintf(insertContents, name, dialect.QuoteAll(attrs), marks), values...)
	if !errors.Is(err, rowmill.ErrDuplicate) {
		return err
	}
	// Another process inserted it in the meantime; or else it is another row that is in the way.
	if n, again := t.countKeys(ctx, db, attrs, [][]any{values}); again == nil && n > 0 {
		return nil
	}
	return err
}

// countKeys counts the rows with the keys of those that have these values.
func (t *Table) countKeys(ctx context.Context, db *rowmill.DB, attrs []string, rows [][]any) (n int, err error) {
	one := []string{"TRUE"} // a table without a key has one row at most
	var key []int
	for i, name := range attrs {
		if a, _ := t.heading.Attr(name); a.Key {
			one, key = append(one, dialect.Quote(name)+" = ?"), append(key, i)
		}
	}
	or := strings.Repeat(" OR ("+strings.Join(one, " AND ")+")", len(rows))[len(" OR "):]
	var args []any
	for _, values := range rows {
		for _, i := range key {
			args = append(args, values[i])
		}
	}
	found, err := db.Query(ctx, fmt.Sprintf(countContents, db.Dialect().Table(t.schema.name, t.name), or), args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		if err := found.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, found.Err()
}
