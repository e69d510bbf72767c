package schema

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
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

// A lineage is where the attributes of a schema's tables come from, by table and attribute.
type lineage map[string]map[string]string

// writeLineage writes the table's lineage if it is not written already. DataJoint for Python
// does not join tables without it; Rowmill does, so that who may not write it does without.
func (d *declarer) writeLineage(ctx context.Context, t *Table) error {
	statements := d.lineageStatements(t)
	if len(statements) == 0 || d.denied[t.schema] {
		return nil
	}
	err := run(ctx, d.db, statements)
	if errors.Is(err, rowmill.ErrNoTable) {
		err = run(ctx, d.db, d.db.Dialect().CreateTable(lineageTable(t.schema)))
		if err == nil {
			err = run(ctx, d.db, statements)
		}
	}
	if errors.Is(err, rowmill.ErrDenied) || errors.Is(err, rowmill.ErrReadOnly) {
		d.denied[t.schema] = true
		slog.WarnContext(ctx, "the lineage cannot be written, without which DataJoint for Python does not join tables",
			"schema", t.schema.name, "error", err)
		return nil
	}
	return err
}

// lineageStatements write what is not written of the table's lineage, and do nothing where another
// process has written it in the meantime.
func (d *declarer) lineageStatements(t *Table) []dialect.Statement {
	name, found, origins := lineageName(d.db.Dialect(), t.schema), d.origins[t.schema][t.name], t.lineage()
	var statements []dialect.Statement
	add := func(statement string, args ...any) {
		statements = append(statements, dialect.Statement{SQL: fmt.Sprintf(statement, name), Args: args})
	}
	for _, attr := range slices.Sorted(maps.Keys(origins)) { // in one order, so that two processes do not lock rows crosswise
		switch origin, ok := found[attr]; {
		case !ok:
			add(d.db.Dialect().InsertIgnore()+insertLineage, t.name, attr, origins[attr])
		case origin != origins[attr]:
			add(updateLineage, origins[attr], t.name, attr)
		}
	}
	for _, attr := range slices.Sorted(maps.Keys(found)) {
		if _, ok := origins[attr]; !ok {
			add(deleteLineage, t.name, attr)
		}
	}
	return statements
}

func lineageName(d dialect.Dialect, s *Schema) string { return d.Table(s.name, lineageTableName) }

// readLineage reads what is written of a schema, which may be nothing.
func readLineage(ctx context.Context, db *rowmill.DB, s *Schema) (lineage, error) {
	all := lineage{}
	rows, err := db.Query(ctx, fmt.Sprintf(selectLineage, lineageName(db.Dialect(), s)))
	if errors.Is(err, rowmill.ErrNoTable) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var table, attr, origin string
		if err := rows.Scan(&table, &attr, &origin); err != nil {
			return nil, err
		}
		if all[table] == nil {
			all[table] = map[string]string{}
		}
		all[table][attr] = origin
	}
	return all, rows.Err()
}
