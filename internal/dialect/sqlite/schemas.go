package sqlite

import (
	"context"

	"github.com/rowmill/rowmill/internal/dialect"
)

// selectSchemas leaves out tables whose names have no dot, as other programs' in the same file.
const selectSchemas = "SELECT DISTINCT substr(name, 1, instr(name, '.') - 1) FROM sqlite_schema" +
	" WHERE type = 'table' AND instr(name, '.') > 1 ORDER BY 1"

// Schemas are the prefixes that tables have.
func (Dialect) Schemas(ctx context.Context, query dialect.Query) ([]string, error) {
	return dialect.ScanNames(ctx, query, selectSchemas)
}
