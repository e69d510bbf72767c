package sqlite

import (
	"context"

	"github.com/rowmill/rowmill/internal/dialect"
)

const (
	selectNames = "SELECT substr(name, length(?1) + 1) FROM sqlite_schema" +
		" WHERE type = 'table' AND substr(name, 1, length(?1)) = ?1 AND name <> ?1 || ?2 ORDER BY name"
	// SQLite finds the tables of foreign keys whatever the capitals in their names.
	selectReferring = "SELECT DISTINCT substr(m.name, 1, instr(m.name, '.') - 1), substr(m.name, instr(m.name, '.') + 1)" +
		" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) i" +
		" WHERE m.type = 'table' AND i.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1 COLLATE NOCASE ORDER BY 1, 2"
)

// DeleteFrom finds the rows by their numbers: SQLite deletes from no join.
func (Dialect) DeleteFrom(table string) (before, after string) {
	return "DELETE FROM " + table + " WHERE _rowid_ IN (SELECT " + table + "._rowid_ ", ")"
}

// AtMost finds the rows by their numbers: SQLite is not compiled to have a LIMIT there.
func (Dialect) AtMost(table string) (before, after string) {
	return "_rowid_ IN (SELECT _rowid_ FROM " + table + " WHERE ", " LIMIT ?)"
}

// DropTable drops the table, and what ~attribute says of it.
func (d Dialect) DropTable(schema, table string) []dialect.Statement {
	return []dialect.Statement{
		{SQL: "DROP TABLE IF EXISTS " + d.Table(schema, table)},
		{SQL: "DELETE FROM " + d.Table(schema, attributes) + " WHERE table_name = ?", Args: []any{table}},
	}
}

// Tables are those whose names have the schema's as their prefix.
func (Dialect) Tables(ctx context.Context, query dialect.Query, schema string) ([]string, error) {
	return dialect.ScanNames(ctx, query, selectNames, schema+".", attributes)
}

// Referring looks through the foreign keys of all tables.
func (Dialect) Referring(ctx context.Context, query dialect.Query, schema, table string) ([]dialect.TableName, error) {
	return dialect.ScanTableNames(ctx, query, selectReferring, schema+"."+table)
}
