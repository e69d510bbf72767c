package query

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// Each asks for the relation's rows, and yields them one by one as they arrive, in no
// particular order. Row is a struct whose fields are attributes of the relation, and only these
// are asked for. After an error, which comes last, nothing is yielded.
func Each[Row any](ctx context.Context, conn rowmill.Conn, rel Rel) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var zero Row
		err := each(ctx, conn, rel, asItIs, func(row Row) bool { return yield(row, nil) })
		if err != nil {
			yield(zero, fmt.Errorf("fetch %s: %w", reflect.TypeFor[Row](), err))
		}
	}
}

// Fetch asks for all of the relation's rows (see [Each]).
func Fetch[Row any](ctx context.Context, conn rowmill.Conn, rel Rel) ([]Row, error) {
	var all []Row
	err := each(ctx, conn, rel, asItIs, func(row Row) bool {
		all = append(all, row)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", reflect.TypeFor[Row](), err)
	}
	return all, nil
}

// One asks for the relation's only row. It is an error, rowmill.ErrNotFound or
// rowmill.ErrMultiple, if there is none or there are more.
func One[Row any](ctx context.Context, conn rowmill.Conn, rel Rel) (Row, error) {
	var found []Row
	err := each(ctx, conn, rel, atMostTwo, func(row Row) bool {
		found = append(found, row)
		return true
	})
	switch {
	case err != nil:
	case len(found) == 0:
		err = rowmill.ErrNotFound
	case len(found) > 1:
		err = rowmill.ErrMultiple
	default:
		return found[0], nil
	}
	var zero Row
	return zero, fmt.Errorf("fetch one %s: %w", reflect.TypeFor[Row](), err)
}

// Count is the number of the relation's rows.
func Count(ctx context.Context, conn rowmill.Conn, rel Rel) (int, error) {
	s, session, err := prepare(conn, rel, countable)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	rows, err := run(ctx, session, selectFrom("COUNT(*)", s.from, s.where))
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, fmt.Errorf("count: %w", err)
		}
	}
	return n, rows.Err()
}

// each calls yield with each row until it returns false.
func each[Row any](ctx context.Context, conn rowmill.Conn, rel Rel, shape shape, yield func(Row) bool) error {
	h, err := rel.Heading()
	if err != nil {
		return err
	}
	binding, err := schema.Bind(reflect.TypeFor[Row](), h)
	if err != nil {
		return err
	}
	s, session, err := prepare(conn, rel, shape)
	if err != nil {
		return err
	}
	rows, err := run(ctx, session, s.exact(session.Dialect(), binding.Attrs()))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row Row
		if err := rows.Scan(binding.Dests(&row)...); err != nil {
			return err
		}
		if !yield(row) {
			return nil
		}
	}
	return rows.Err()
}

// A shape is what is to be done with a selection beyond what the relation says.
type shape func(c *compiler, s *selection) *selection

func asItIs(_ *compiler, s *selection) *selection { return s }

// countable is a selection whose rows can be counted.
func countable(c *compiler, s *selection) *selection {
	s = c.open(s)
	s.order = nil
	return s
}

// atMostTwo is enough of a selection to know whether it has one row.
func atMostTwo(_ *compiler, s *selection) *selection {
	if !s.limited {
		s.order, s.limited, s.limit = nil, true, 2
	}
	s.limit = min(s.limit, 2)
	return s
}

// prepare compiles a relation for the server of a connection, and asks the connection whether
// its tables may be read.
func prepare(conn rowmill.Conn, rel Rel, shape shape) (*selection, rowmill.Session, error) {
	if _, err := rel.Heading(); err != nil {
		return nil, nil, err
	}
	session, err := conn.Session(rowmill.Use{Reads: rel.tables()})
	if err != nil {
		return nil, nil, err
	}
	c := &compiler{dialect: session.Dialect()}
	return shape(c, rel.node.compile(c)), session, nil
}

// Select is the SELECT of some of a relation's attributes, as a value to nest in a larger
// statement. It is for the packages of Rowmill.
func Select(conn rowmill.Conn, rel Rel, attrs []string) (squirrel.Sqlizer, error) {
	h, err := rel.Heading()
	if err != nil {
		return nil, err
	}
	for _, a := range attrs {
		if !h.Has(a) {
			return nil, unknown(a, h)
		}
	}
	s, _, err := prepare(conn, rel, asItIs)
	if err != nil {
		return nil, err
	}
	return s.sql(attrs), nil
}

func run(ctx context.Context, session rowmill.Session, statement squirrel.Sqlizer) (*rowmill.Rows, error) {
	sql, args, err := statement.ToSql()
	if err != nil {
		return nil, err
	}
	return session.Query(ctx, sql, args...)
}
