package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// insertContents inserts the rows of a lookup table whose keys are not there.
func (t *Table) insertContents(ctx context.Context, db *rowmill.DB) error {
	if t.contents == nil {
		return nil
	}
	binding, rows := t.contents()
	statement := t.contentsStatement(db, binding)
	for i, row := range rows {
		values, err := binding.Values(row)
		if err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
		for j, name := range binding.Attrs() {
			if a, _ := t.heading.Attr(name); a.Key {
				values = append(values, values[j])
			}
		}
		_, err = db.Exec(ctx, statement, values...)
		if err != nil && !errors.Is(err, rowmill.ErrDuplicate) { // another process may be at it too
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return nil
}

// contentsStatement takes the values of a row, then those of its key again.
func (t *Table) contentsStatement(db *rowmill.DB, b *Binding) string {
	name := db.Dialect().Table(t.schema.name, t.name)
	var values, key []string
	for _, name := range b.Attrs() {
		values = append(values, "? AS "+dialect.Quote(name))
		if a, _ := t.heading.Attr(name); a.Key {
			key = append(key, dialect.Quote(name)+" = ?")
		}
	}
	if len(key) == 0 { // a table without a key has one row at most
		key = []string{"TRUE"}
	}
	return fmt.Sprintf(insertContents, name, dialect.QuoteAll(b.Attrs()), strings.Join(values, ", "),
		name, strings.Join(key, " AND "))
}
