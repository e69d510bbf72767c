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
