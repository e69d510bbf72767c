package schema

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rowmill/rowmill"
)

// lineage is where the table's attributes come from, as DataJoint records it.
func (t *Table) lineage() map[string]string {
	origins := map[string]string{}
	for _, a := range t.heading.all {
		if a.Origin != "" {
			origins[a.Name] = a.Origin
		}
	}
	return origins
}

// declareLineage writes the table's lineage if it is not written already. DataJoint for Python
// does not join tables without it.
func (t *Table) declareLineage(ctx context.Context, db *rowmill.DB) error {
	for {
		written, err := t.readLineage(ctx, db)
		if errors.Is(err, rowmill.ErrNoTable) {
			if err := createTable(ctx, db, t.schema, lineageTable(t.schema)); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		if maps.Equal(written, t.lineage()) {
			return nil
		}
		err = t.writeLineage(ctx, db)
		if !errors.Is(err, rowmill.ErrDuplicate) {
			return err
		}
		// Another process wrote it in the meantime: look again.
	}
}

func (t *Table) lineageName(db *rowmill.DB) string {
	return db.Dialect().Table(t.schema.name, lineageTable(t.schema).Name)
}

func (t *Table) readLineage(ctx context.Context, db *rowmill.DB) (map[string]string, error) {
	rows, err := db.Query(ctx, fmt.Sprintf(selectLineage, t.lineageName(db)), t.name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	written := map[string]string{}
	for rows.Next() {
		var name, origin string
		if err := rows.Scan(&name, &origin); err != nil {
			return nil, err
		}
		written[name] = origin
	}
	return written, rows.Err()
}

func (t *Table) writeLineage(ctx context.Context, db *rowmill.DB) error {
	name := t.lineageName(db)
	return db.Transact(ctx, func(tx *rowmill.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf(deleteLineage, name), t.name); err != nil {
			return err
		}
		origins := t.lineage()
		for _, attr := range slices.Sorted(maps.Keys(origins)) { // in one order: two processes must not lock rows crosswise
			if _, err := tx.Exec(ctx, fmt.Sprintf(insertLineage, name), t.name, attr, origins[attr]); err != nil {
				return err
			}
		}
		return nil
	})
}
