package mysql

import (
	"context"

	"github.com/rowmill/rowmill/internal/dialect"
)

const (
	selectNames = "SELECT table_name FROM information_schema.tables" +
		" WHERE table_type = 'BASE TABLE' AND table_schema = ? ORDER BY BINARY table_name"
	selectReferring = "SELECT DISTINCT table_schema, table_name FROM information_schema.key_column_usage" +
		" WHERE referenced_table_schema = ? AND referenced_table_name = ?" +
		" AND NOT (table_schema = referenced_table_schema AND table_name = referenced_table_name)" +
		" ORDER BY table_schema, table_name"
)

// DeleteFrom is a DELETE from one of several tables. It is named in full, and not by an alias, which servers
// look for in a default database.
func (Dialect) DeleteFrom(table string) (before, after string) { return "DELETE " + table + " ", "" }

// AtMost is a LIMIT.
func (Dialect) AtMost(string) (before, after string) { return "", " LIMIT ?" }

// DropTable is DROP TABLE, which ends the transaction that it is run in.
func (d Dialect) DropTable(schema, table string) []dialect.Statement {
	return []dialect.Statement{{SQL: "DROP TABLE IF EXISTS " + d.Table(schema, table)}}
}

// Tables asks information_schema.
func (Dialect) Tables(ctx context.Context, query dialect.Query, schema string) ([]string, error) {
	return dialect.ScanNames(ctx, query, selectNames, schema)
}

// Referring asks information_schema, which shows a user the tables on which he has rights.
func (Dialect) Referring(ctx context.Context, query dialect.Query, schema, table string) ([]dialect.TableName, error) {
	return dialect.ScanTableNames(ctx, query, selectReferring, schema, table)
}
