package dialect

import "context"

// ScanNames runs a SELECT whose rows are names.
func ScanNames(ctx context.Context, query Query, statement string, args ...any) ([]string, error) {
	var names []string
	err := Scan(ctx, query, func(rows Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, statement, args...)
	return names, err
}

// A TableName is the name of a table of any schema.
type TableName struct{ Schema, Table string }

// ScanTableNames runs a SELECT whose rows are names of tables: of the schema, and in it.
func ScanTableNames(ctx context.Context, query Query, statement string, args ...any) ([]TableName, error) {
	var names []TableName
	err := Scan(ctx, query, func(rows Rows) error {
		var name TableName
		err := rows.Scan(&name.Schema, &name.Table)
		names = append(names, name)
		return err
	}, statement, args...)
	return names, err
}
