package query

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A Stamper is a connection in which a make runs. Only through one are rows of Imported and
// Computed tables, and of their parts, entered and changed.
type Stamper interface {
	rowmill.Conn
	// Stamp gives the values of hidden columns of the rows that are entered into a table, in
	// the order of the columns.
	Stamp(table *schema.Table) (columns []string, values []squirrel.Sqlizer)
}

// Insert enters rows into a table: all of them or, after an error, none. Rows are entered in few
// statements, and in one transaction if there are more than one.
//
// The error names the key of the row that it is about. It wraps rowmill.ErrDuplicate where a row's key, or its
// value of another unique index, is there already; rowmill.ErrReferenced where a row refers to one that is
// not there, which the error names; rowmill.ErrValue where a value does not fit its attribute;
// rowmill.ErrTooLarge where one row is more than the server takes in a statement; and
// rowmill.ErrRefused where the table's rows are made by a make, and conn is not that make's. Where conn is a DB, and the
// connection is lost, rowmill.ErrLost and rowmill.ErrCommitUnknown leave open whether the rows are entered: look.
func Insert[Row any](ctx context.Context, conn rowmill.Conn, table *schema.TableOf[Row], rows ...Row) error {
	if err := newIntake(table, rows).into(ctx, conn); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// Replace enters rows into a table, as [Insert] does, and gives rows whose primary key is there already
// the new values: all of them or, after an error, none. Rows that are there are changed and not removed, so
// that others can refer to them; attributes without a field in Row keep the values that they have.
// A row that has the value of another in a unique index is an error that wraps rowmill.ErrDuplicate.
func Replace[Row any](ctx context.Context, conn rowmill.Conn, table *schema.TableOf[Row], rows ...Row) error {
	in := newIntake(table, rows)
	err := in.open(conn)
	if err == nil {
		if in.keyOf != nil || !in.isNumbered(0) {
			in.upsert(in.secondary())
		}
		err = in.enter(ctx)
	}
	if err != nil {
		return fmt.Errorf("replace in %s: %w", table, err)
	}
	return nil
}

// InsertMissing enters the rows whose primary key is not there already, and returns how many they were: all of
// them or, after an error, none. Rows that are there are left as they are. Other errors are those of
// [Insert]: a row whose key is not there, and which has the value of another in a unique index, is one.
func InsertMissing[Row any](ctx context.Context, conn rowmill.Conn, table *schema.TableOf[Row], rows ...Row) (int, error) {
	in := newIntake(table, rows)
	n := 0
	err := in.open(conn)
	if err == nil {
		n, err = in.enterMissing(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("insert missing into %s: %w", table, err)
	}
	return n, nil
}

// newIntake is what enters rows into a table.
func newIntake[Row any](table *schema.TableOf[Row], rows []Row) *intake {
	b := table.Binding()
	in := &intake{table: table.Untyped(), attrs: b.Attrs(), count: len(rows)}
	in.encode = func(values []any, i int) ([]any, error) { return b.Append(values, &rows[i]) }
	key, err := b.Select(in.table.Heading().Key())
	if err != nil { // it is the default that makes the key
		return in
	}
	in.name = func(i int) string { return key.Format(&rows[i]) }
	in.keys = func() ([]any, func() ([]any, error)) {
		row := new(Row)
		return key.Dests(row), func() ([]any, error) {
			values, err := key.Values(row)
			*row = *new(Row)
			return values, err
		}
	}
	in.keyOf = func(i int) ([]any, error) { return key.Values(&rows[i]) }
	return in
}

// stampFor is what a make adds to rows of a table: columns, and SQL of their values that continues a list.
// It refuses what only a make may do.
func stampFor(conn rowmill.Conn, t *schema.Table) (hidden []string, sql string, args []any, err error) {
	maker, ok := conn.(Stamper)
	if !ok && isMade(t) {
		return nil, "", nil, fmt.Errorf("%w: rows of %s tables are made by their make function", rowmill.ErrRefused, t.Tier())
	}
	if !ok {
		return nil, "", nil, nil
	}
	hidden, values := maker.Stamp(t)
	for _, v := range values {
		s, a, err := v.ToSql()
		if err != nil {
			return nil, "", nil, err
		}
		sql, args = sql+", "+s, append(args, a...)
	}
	return hidden, sql, args, nil
}

// isMade tells whether a make enters the table's rows.
func isMade(t *schema.Table) bool {
	for t.Master() != nil {
		t = t.Master()
	}
	return t.Tier().Made()
}
