package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// An intake enters rows into a table, many in a statement. It is used once.
type intake struct {
	table *schema.Table
	attrs []string // in the order of a row's values
	count int      // how many rows there are

	// encode appends a row's values.
	encode func(values []any, i int) ([]any, error)
	// The rest is nil where rows have no fields for the primary key. name is a row's key for people,
	// keyOf its values, and keys are what keys of the table are scanned into, and the values of the last.
	name  func(i int) string
	keyOf func(i int) ([]any, error)
	keys  func() (dests []any, values func() ([]any, error))

	session   rowmill.Session
	hidden    []string // columns that a make adds
	stamp     string   // SQL of their values, in each row
	stampArgs []any
	tail      string // behind the rows

	// A statement has at most so many rows, and so many bytes of values if it has more than one row.
	mostRows, mostBytes int

	args      []any // of the next statement
	size      int   // in bytes
	statement string
	rows      int // in statement
}

const (
	// maxRows is how many rows go into one INSERT: with more, a statement takes no less time a row.
	maxRows = 1000
	// maxStatement is how many bytes of values go into one INSERT, unless one row has more: well
	// below what servers take by default (16 MiB on MariaDB, 64 MiB on MySQL).
	maxStatement = 4 << 20
)

// open asks a connection whether rows may be entered through it.
func (in *intake) open(conn rowmill.Conn) error {
	if in.count == 0 {
		return nil
	}
	var err error
	if in.hidden, in.stamp, in.stampArgs, err = stampFor(conn, in.table); err != nil {
		return err
	}
	in.session, err = conn.Session(rowmill.Use{Writes: []string{in.table.FullName()}})
	if err != nil {
		return err
	}
	in.limit(len(in.attrs) + len(in.stampArgs))
	return nil
}

// into enters all rows through a connection, or has it collect them.
func (in *intake) into(ctx context.Context, conn rowmill.Conn) error {
	if c, ok := conn.(Collector); ok && c.Collecting() {
		return in.collect(c)
	}
	if err := in.open(conn); err != nil {
		return err
	}
	return in.enter(ctx)
}

// limit finds how much goes into a statement, of rows of so many values.
func (in *intake) limit(perRow int) {
	in.mostRows, in.mostBytes = max(1, min(maxRows, in.session.Dialect().MaxArgs()/perRow)), maxStatement
	in.args = make([]any, 0, perRow*min(in.mostRows, in.count))
}

// upsert lets rows that are there have the new values of some columns.
func (in *intake) upsert(set []string) {
	if in.session == nil {
		return
	}
	in.tail, in.statement = in.session.Dialect().Upsert(in.table.KeyColumns(), set), ""
}

// secondary are the columns of a row outside of the primary key.
func (in *intake) secondary() []string {
	key := in.table.Heading().Key()
	return slices.DeleteFunc(slices.Concat(in.attrs, in.hidden), func(name string) bool { return slices.Contains(key, name) })
}

// enter enters all rows. One statement needs no transaction around it, unless it fails: then it is run
// again in one, to find out why.
func (in *intake) enter(ctx context.Context) error {
	if in.count == 0 {
		return nil
	}
	if in.session.Alone() && in.count <= in.mostRows {
		end, err := in.fill(0, in.count)
		if err != nil {
			return err
		}
		if end == in.count {
			if err := in.run(ctx, in.session, end); !isAny(err, rowErrors) {
				return err
			}
		}
	}
	return in.session.Atomic(ctx, func(s rowmill.Session) error { return in.enterAll(ctx, s) })
}

// rowErrors are about rows, and not about the statement that they are in.
var rowErrors = []error{rowmill.ErrDuplicate, rowmill.ErrReferenced, rowmill.ErrValue, rowmill.ErrTooLarge}

func isAny(err error, targets []error) bool {
	return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
}

func (in *intake) enterAll(ctx context.Context, s rowmill.Session) error {
	for begin := 0; begin < in.count; {
		end, err := in.fill(begin, in.count)
		if err != nil {
			return err
		}
		err = in.run(ctx, s, end-begin)
		switch {
		case err == nil:
			begin = end
		case errors.Is(err, rowmill.ErrTooLarge) && end-begin > 1:
			in.mostBytes = in.size / 2
		case isAny(err, rowErrors):
			return in.blame(ctx, s, begin, end, err)
		default:
			return err
		}
	}
	return nil
}

// fill makes the arguments of a statement of the rows from begin on, up to end at most, and returns where
// they end.
func (in *intake) fill(begin, end int) (int, error) {
	in.args, in.size = in.args[:0], 0
	for i := begin; i < end; i++ {
		had := len(in.args)
		var err error
		if in.args, err = in.encode(in.args, i); err != nil {
			return i, fmt.Errorf("%s%w: %w", in.named(i), rowmill.ErrValue, err)
		}
		size := sizeOf(in.args[had:])
		if i > begin && (i-begin == in.mostRows || in.size+size > in.mostBytes) {
			in.args = in.args[:had]
			return i, nil
		}
		in.size += size
		in.args = append(in.args, in.stampArgs...)
	}
	return end, nil
}

// named is a row's key before what is said of it.
func (in *intake) named(i int) string {
	if in.name == nil {
		return fmt.Sprintf("row %d: ", i+1)
	}
	if name := in.name(i); name != "" {
		return name + ": "
	}
	return "" // of a table that has one row at most
}

// run enters the rows that fill has made arguments of.
func (in *intake) run(ctx context.Context, s rowmill.Session, rows int) error {
	if in.rows != rows || in.statement == "" {
		in.rows, in.statement = rows, in.sql(rows)
	}
	if rows == 1 {
		ctx = dialect.Often(ctx)
	}
	n, err := s.Exec(ctx, in.statement, in.args...)
	if err == nil && in.tail == "" && n != int64(rows) {
		err = errors.New("the database did not enter all rows")
	}
	return err
}

// sql is an INSERT of so many rows.
func (in *intake) sql(rows int) string {
	d := in.session.Dialect()
	one := "(" + placeholders(len(in.attrs)) + in.stamp + ")"
	return "INSERT INTO " + tableName(d, in.table) +
		" (" + dialect.QuoteAll(slices.Concat(in.attrs, in.hidden)) + ") VALUES " +
		strings.Repeat(one+", ", rows-1) + one + in.tail
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
