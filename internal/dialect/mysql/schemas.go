package mysql

import (
	"context"

	"github.com/rowmill/rowmill/internal/dialect"
)

const selectSchemas = "SELECT schema_name FROM information_schema.schemata" +
	" WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY schema_name"

// Schemas are the databases that the user may see, but for the server's own.
func (Dialect) Schemas(ctx context.Context, query dialect.Query) ([]string, error) {
	return dialect.ScanNames(ctx, query, selectSchemas)
}
