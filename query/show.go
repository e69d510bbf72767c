package query

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/rowmill/rowmill"
)

// SQL is the SELECT that asks for all attributes of the relation, and the arguments of its
// placeholders, as the connection's server gets it.
func SQL(conn rowmill.Conn, rel Rel) (statement string, args []any, err error) {
	statement, args, _, err = statementOf(conn, rel)
	if err != nil {
		return "", nil, fmt.Errorf("sql: %w", err)
	}
	return statement, args, nil
}

// Explain is the server's plan for the SELECT that asks for all attributes of the relation, as a
// table for people: what EXPLAIN says on MySQL and MariaDB, and EXPLAIN QUERY PLAN on SQLite.
func Explain(ctx context.Context, conn rowmill.Conn, rel Rel) (string, error) {
	statement, args, session, err := statementOf(conn, rel)
	if err != nil {
		return "", fmt.Errorf("explain: %w", err)
	}
	rows, err := session.Query(ctx, session.Dialect().Explain()+" "+statement, args...)
	if err != nil {
		return "", fmt.Errorf("explain: %w", err)
	}
	defer func() { _ = rows.Close() }()
	plan, err := tabulate(rows)
	if err != nil {
		return "", fmt.Errorf("explain: %w", err)
	}
	return plan, nil
}

func statementOf(conn rowmill.Conn, rel Rel) (string, []any, rowmill.Session, error) {
	h, err := rel.Heading()
	if err != nil {
		return "", nil, nil, err
	}
	s, err := selecting(conn, rel, 0, h.Names())
	return s.sql, s.args, s.session, err
}

// tabulate writes rows below the names of their columns.
func tabulate(rows *rowmill.Rows) (string, error) {
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, strings.Join(columns, "\t"))
	values, dests := make([]any, len(columns)), make([]any, len(columns))
	for i := range dests {
		dests[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			return "", err
		}
		cells := make([]string, len(values))
		for i, v := range values {
			switch v := v.(type) {
			case nil:
			case []byte:
				cells[i] = string(v)
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush()
	return b.String(), rows.Err()
}
