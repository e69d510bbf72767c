package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// tell prints a question and its answer.
func tell(ctx context.Context, db *rowmill.DB, s settings, out io.Writer, q question) error {
	n, err := query.Count(ctx, db, q.answer)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s. %s: %s\n\n", q.number, q.text, counted(n))
	if s.sql {
		if err := tellSQL(db, out, q.answer); err != nil {
			return err
		}
	}
	if err := tellRows(ctx, db, int(s.rows), out, q.answer); err != nil {
		return err
	}
	if more := n - int(s.rows); more > 0 {
		fmt.Fprintf(out, "    … and %d more\n", more)
	}
	fmt.Fprintln(out)
	return nil
}

// counted is a number of rows in words.
func counted(rows int) string {
	if rows == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", rows)
}

// tellSQL prints what the server is asked, and the arguments of its placeholders.
func tellSQL(db *rowmill.DB, out io.Writer, answer query.Rel) error {
	statement, args, err := query.SQL(db, answer)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "    %s\n", statement)
	for i, arg := range args {
		fmt.Fprintf(out, "    ? %d: %v\n", i+1, arg)
	}
	fmt.Fprintln(out)
	return nil
}

// tellRows prints the first rows of an answer below the names of their attributes. Which attributes there are
// is known when the program runs, so that the rows are maps.
func tellRows(ctx context.Context, db *rowmill.DB, most int, out io.Writer, answer query.Rel) error {
	h, err := answer.Heading()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "    %s\n", strings.Join(h.Names(), "\t"))
	for row, err := range query.Each[map[string]any](ctx, db, answer.Top(most)) {
		if err != nil {
			return err
		}
		cells := make([]string, len(h.Names()))
		for i, name := range h.Names() {
			cells[i] = cell(row[name])
		}
		fmt.Fprintf(w, "    %s\n", strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// cell is a value for people.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "–"
	case time.Time:
		return v.Format(time.DateOnly)
	case float64:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprint(v)
}
