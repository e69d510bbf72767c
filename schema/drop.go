package schema

import (
	"fmt"

	"github.com/rowmill/rowmill/internal/dialect"
)

// QueueName is the name that the queue of an Imported or Computed table has in its schema, be it declared or
// not; it is empty for tables of other tiers.
func (t *Table) QueueName() string {
	if !t.tier.Made() {
		return ""
	}
	return t.queueName()
}

// DropSQL returns the statements that drop the one table, its queue, and what is written of their lineage.
// there tells which of the schema's tables are in the database; what is not there is left out. It is
// for the packages of Rowmill: query.Drop drops what refers to the table, too.
func (t *Table) DropSQL(d dialect.Dialect, there func(name string) bool) []dialect.Statement {
	var statements []dialect.Statement
	for _, name := range []string{t.QueueName(), t.name} {
		if name == "" || !there(name) {
			continue
		}
		statements = append(statements, d.DropTable(t.schema.name, name)...)
	}
	if len(statements) == 0 || !there(lineageTableName) {
		return statements
	}
	return append(statements, dialect.Statement{
		SQL: fmt.Sprintf(dropLineage, lineageName(d, t.schema)), Args: []any{t.name, t.queueName()},
	})
}

// dropLineage forgets a table and its queue.
const dropLineage = "DELETE FROM %s WHERE table_name IN (?, ?)"
