package query

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// A Stamper is a connection in which a make runs. Only through one are rows of Imported and
// Computed tables, and of their parts, entered.
type Stamper interface {
	rowmill.Conn
	// Stamp gives the values of hidden columns of the rows that are entered into a table, in
	// the order of the columns.
	Stamp(table *schema.Table) (columns []string, values []squirrel.Sqlizer)
}

// maxStatement is how many bytes of values go into one INSERT, unless one row has more: well
// below what servers take by default (16 MiB on MariaDB, 64 MiB on MySQL).
const maxStatement = 4 << 20

// Insert enters rows into a table: all of them or, after an error, none. The error wraps
// rowmill.ErrDuplicate where a row's key is there already, and rowmill.ErrReferenced where a
// row refers to one that is not there, and rowmill.ErrValue where a value does not fit.
func Insert[Row any](ctx context.Context, conn rowmill.Conn, table *schema.TableOf[Row], rows ...Row) error {
	values := make([][]any, len(rows))
	for i := range rows {
		var err error
		if values[i], err = table.Binding().Values(&rows[i]); err != nil {
			return fmt.Errorf("insert into %s: row %d: %w: %w", table, i+1, rowmill.ErrValue, err)
		}
	}
	if err := insert(ctx, conn, table.Untyped(), table.Binding().Attrs(), values); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

func insert(ctx context.Context, conn rowmill.Conn, t *schema.Table, attrs []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	var hidden []string
	var stamp []squirrel.Sqlizer
	if maker, ok := conn.(Stamper); ok {
		hidden, stamp = maker.Stamp(t)
	} else if isMade(t) {
		return fmt.Errorf("%w: rows of %s tables are made by their make function", rowmill.ErrRefused, t.Tier())
	}
	session, err := conn.Session(rowmill.Use{Writes: []string{t.FullName()}})
	if err != nil {
		return err
	}
	chunks := chunk(rows, session.Dialect().MaxArgs()/(len(attrs)+len(hidden)))
	head := "INSERT INTO " + session.Dialect().Table(t.Schema().Name(), t.Name()) +
		" (" + dialect.QuoteAll(append(append([]string{}, attrs...), hidden...)) + ") VALUES "
	if db, ok := conn.(*rowmill.DB); ok && len(chunks) > 1 {
		return db.Transact(ctx, func(tx *rowmill.Tx) error { return insertChunks(ctx, tx, head, chunks, stamp) })
	}
	return insertChunks(ctx, session, head, chunks, stamp)
}

// isMade tells whether a make enters the table's rows.
func isMade(t *schema.Table) bool {
	for t.Master() != nil {
		t = t.Master()
	}
	return t.Tier().Made()
}

func insertChunks(ctx context.Context, session rowmill.Session, head string, chunks [][][]any, stamp []squirrel.Sqlizer) error {
	for _, rows := range chunks {
		sql, args, err := valuesClause(rows, stamp)
		if err != nil {
			return err
		}
		n, err := session.Exec(ctx, head+sql, args...)
		if err != nil {
			return err
		}
		if n != int64(len(rows)) {
			return errors.New("the database did not enter all rows")
		}
	}
	return nil
}

// valuesClause is "(?, ?), (?, ?)" with its arguments.
func valuesClause(rows [][]any, stamp []squirrel.Sqlizer) (string, []any, error) {
	var tail string
	var tailArgs []any
	for _, s := range stamp {
		sql, args, err := s.ToSql()
		if err != nil {
			return "", nil, err
		}
		tail, tailArgs = tail+", "+sql, append(tailArgs, args...)
	}
	one := "(" + strings.Repeat(", ?", len(rows[0]))[2:] + tail + ")"
	args := make([]any, 0, len(rows)*(len(rows[0])+len(tailArgs)))
	for _, row := range rows {
		args = append(append(args, row...), tailArgs...)
	}
	return strings.Repeat(one+", ", len(rows)-1) + one, args, nil
}

// chunk divides rows into statements of at most so many rows and so many bytes.
func chunk(rows [][]any, most int) [][][]any {
	var chunks [][][]any
	start, bytes := 0, 0
	for i, row := range rows {
		size := sizeOf(row)
		if i > start && (i-start >= most || bytes+size > maxStatement) {
			chunks = append(chunks, rows[start:i])
			start, bytes = i, 0
		}
		bytes += size
	}
	return append(chunks, rows[start:])
}

// sizeOf estimates how many bytes a row takes in a statement.
func sizeOf(row []any) int {
	size := 0
	for _, v := range row {
		switch v := v.(type) {
		case []byte:
			size += len(v)
		case string:
			size += len(v)
		default:
			size += 8
		}
	}
	return size
}
