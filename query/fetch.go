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

// Each asks for the relation's rows, and yields them one by one as they arrive, in the order that the
// relation has, if it has one: memory does not grow with their number. After an error, which comes
// last, nothing is yielded. Where rows cannot be put into a Row, the error says which and why.
//
// Row is a struct whose fields are attributes of the relation, and only these are asked for; a
// map[string]any of all attributes, for relations that are known only when the program runs; or, of a
// relation with exactly one attribute, any type that a field for it could have, or any. What is in a
// map, or an any, has the same type on every server, by the attribute's type:
//
//	int64                 integers, years
//	uint64                unsigned integers
//	float64               float32, float64
//	bool                  bool
//	string                texts, enums, sets, decimals
//	time.Time             dates, datetimes, timestamps: wall clocks, labelled UTC
//	time.Duration         times of the day, durations
//	uuid.UUID             UUIDs
//	[]byte                bytes
//	any                   json, as encoding/json has it; <blob>, as what was stored
//	the codec's own type  other codecs: that of [schema.NewCodec], or which a method GoType tells
//
// and nil for NULL. A computed attribute, whose type servers do not agree on, is one of four: an int64 if it is a
// whole number (or a float64 where an int64 does not hold it), a float64 if it is a number with
// decimals, a []byte, or else a string, as dates and times are, too: "2006-01-02 15:04:05.5".
//
// In a transaction nothing else can be run until the loop ends.
func Each[Row any](ctx context.Context, conn rowmill.Conn, rel Rel) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		err := each(ctx, conn, rel, 0, func(row Row) bool { return yield(row, nil) })
		if err != nil {
			var zero Row
			yield(zero, fetching[Row](err))
		}
	}
}

func fetching[Row any](err error) error {
	return fmt.Errorf("fetch %s: %w", reflect.TypeFor[Row](), err)
}

// Fetch asks for all of the relation's rows (see [Each], which says what a Row can be).
func Fetch[Row any](ctx context.Context, conn rowmill.Conn, rel Rel) ([]Row, error) {
	all, err := collect[Row](ctx, conn, rel, 0)
	if err != nil {
		return nil, fetching[Row](err)
	}
	return all, nil
}

// One asks for the relation's only row (see [Each], which says what a Row can be). It is an error,
// rowmill.ErrNotFound or rowmill.ErrMultiple, if there is none or there are more.
func One[Row any](ctx context.Context, conn rowmill.Conn, rel Rel) (Row, error) {
	found, err := collect[Row](ctx, conn, rel, 2)
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

// Column asks for the values that an attribute has in the relation's rows: one a row, in the order that the
// relation has, if it has one. T is any type that a field for the attribute could have, or any (see [Each]).
func Column[T any](ctx context.Context, conn rowmill.Conn, rel Rel, attr string) ([]T, error) {
	var all []T
	h, err := rel.Heading()
	if err == nil && !h.Has(attr) {
		err = unknown(attr, h)
	}
	if err == nil {
		a, _ := h.Attr(attr)
		err = eachOf(ctx, conn, rel, 0, schema.NewHeading([]schema.Attr{a}), whole[T], func(v T) bool {
			all = append(all, v)
			return true
		})
	}
	if err != nil {
		return nil, fmt.Errorf("fetch column %q: %w", attr, err)
	}
	return all, nil
}

// Keys asks for the primary keys of the relation's rows. Key is a struct with a field for each attribute of the
// key and no others, a map[string]any, or, where the key is one attribute, any type that a field for it
// could have (see [Each]).
func Keys[Key any](ctx context.Context, conn rowmill.Conn, rel Rel) ([]Key, error) {
	h, err := rel.Heading()
	if err == nil {
		err = checkKey(reflect.TypeFor[Key](), h)
	}
	var keys []Key
	if err == nil {
		keys, err = collect[Key](ctx, conn, rel.Project(), 0)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch keys %s: %w", reflect.TypeFor[Key](), err)
	}
	return keys, nil
}

// checkKey wants a struct to have fields for all of a key.
func checkKey(key reflect.Type, h *schema.Heading) error {
	if !isRow(key) {
		return nil
	}
	b, err := schema.Bind(key, h)
	if err != nil {
		return err
	}
	_, err = b.Select(h.Key())
	return err
}

// Count is the number of the relation's rows.
func Count(ctx context.Context, conn rowmill.Conn, rel Rel) (int, error) {
	n, err := measure(ctx, conn, rel, countable, "COUNT(*)")
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// Exists tells whether the relation has a row.
func Exists(ctx context.Context, conn rowmill.Conn, rel Rel) (bool, error) {
	n, err := measure(ctx, conn, rel, there, "1")
	if err != nil {
		return false, fmt.Errorf("exists: %w", err)
	}
	return n == 1, nil
}

// measure asks for a number that tells something of a relation.
func measure(ctx context.Context, conn rowmill.Conn, rel Rel, shape shape, what string) (int, error) {
	s, session, err := prepare(conn, rel, shape)
	if err != nil {
		return 0, err
	}
	return number(ctx, session, s.list(what))
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

// there is enough of a selection to know whether it has a row.
func there(_ *compiler, s *selection) *selection { return atMost(1, s.single()) }

// atMost is enough of a selection to know whether it has so many rows.
func atMost(n int, s *selection) *selection {
	if !s.limited {
		s.order, s.limited, s.limit = nil, true, n
	}
	s.limit = min(s.limit, n)
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

// number runs a SELECT for one number; it is 0 where there is none.
func number(ctx context.Context, session rowmill.Session, statement squirrel.Sqlizer) (n int, err error) {
	err = scan(ctx, session, statement, []any{&n}, func() error { return nil })
	return n, err
}

// scan runs a SELECT, and calls do with each row in the destinations, until it fails.
func scan(ctx context.Context, session rowmill.Session, statement squirrel.Sqlizer, dests []any, do func() error) error {
	rows, err := run(ctx, session, statement)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
	return rows.Err()
}
