package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// insertContents inserts the rows of a lookup table whose keys are not there. Where all are
// there it only reads.
func (t *Table) insertContents(ctx context.Context, db *rowmill.DB) error {
	if t.contents == nil {
		return nil
	}
	binding, rows := t.contents()
	for i, row := range rows {
		values, err := binding.Values(row)
		if err == nil {
			err = t.insertMissing(ctx, db, binding.Attrs(), values)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return nil
}

// insertMissing inserts one row unless its key is there.
func (t *Table) insertMissing(ctx context.Context, db *rowmill.DB, attrs []string, values []any) error {
	there, err := t.hasKey(ctx, db, attrs, values)
	if err != nil || there {
		return err
	}
	name := db.Dialect().Table(t.schema.name, t.name)
	marks := strings.Repeat(", ?", len(attrs))[2:]
	_, err = db.Exec(ctx, fmt.Sprintf(insertContents, name, dialect.QuoteAll(attrs), marks), values...)
	if !errors.Is(err, rowmill.ErrDuplicate) {
		return err
	}
	// Another process inserted it in the meantime; or else it is another row that is in the way.
	if there, again := t.hasKey(ctx, db, attrs, values); again == nil && there {
		return nil
	}
	return err
}

// hasKey tells whether there is a row with the key of the one that has these values.
func (t *Table) hasKey(ctx context.Context, db *rowmill.DB, attrs []string, values []any) (bool, error) {
	key := []string{"TRUE"} // a table without a key has one row at most
	var args []any
	for i, name := range attrs {
		if a, _ := t.heading.Attr(name); a.Key {
			key, args = append(key, dialect.Quote(name)+" = ?"), append(args, values[i])
		}
	}
	name := db.Dialect().Table(t.schema.name, t.name)
	rows, err := db.Query(ctx, fmt.Sprintf(selectContents, name, strings.Join(key, " AND ")), args...)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	return rows.Next(), rows.Err()
}
