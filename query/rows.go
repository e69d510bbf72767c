package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A landing is where the rows of a result arrive, one after the other.
type landing[Row any] struct {
	attrs []string // those that are asked for, in the order of the destinations
	row   Row      // the row that was scanned last
	// key is the row's key, as far as it was scanned, or "" where it is not asked for; nil for rows that have none.
	key func(l *landing[Row]) string

	// A row has the type that its binding ties to attributes; or else natural makes its destinations, when the result is there,
	// with the server's names for the types of its columns, and fresh makes room for the next row.
	binding *schema.Binding
	natural func(types []string) []any
	fresh   func()
}

// dests are what rows are scanned into.
func (l *landing[Row]) dests(rows *rowmill.Rows) ([]any, error) {
	if l.binding != nil {
		return l.binding.Dests(&l.row), nil
	}
	types, err := rows.Types()
	if err != nil {
		return nil, err
	}
	return l.natural(types), nil
}

// clear makes room for the next row.
func (l *landing[Row]) clear() {
	if l.fresh != nil {
		l.fresh()
		return
	}
	l.row = *new(Row)
}

// each calls yield with each row, or so many of them at most, until it returns false; most is 0 for all.
func each[Row any](ctx context.Context, conn rowmill.Conn, rel Rel, most int, yield func(Row) bool) error {
	h, err := rel.Heading()
	if err != nil {
		return err
	}
	return eachOf(ctx, conn, rel, most, h, land[Row], yield)
}

func collect[Row any](ctx context.Context, conn rowmill.Conn, rel Rel, most int) ([]Row, error) {
	var all []Row
	err := each(ctx, conn, rel, most, func(row Row) bool {
		all = append(all, row)
		return true
	})
	return all, err
}

// eachOf is each for some of the relation's attributes, those of h.
func eachOf[Row any](ctx context.Context, conn rowmill.Conn, rel Rel, most int, h *schema.Heading,
	land func(*schema.Heading) (*landing[Row], error), yield func(Row) bool) error {
	l, err := land(h)
	if err != nil {
		return err
	}
	if f, ok := rel.node.(found); ok {
		if done, err := foreseen(conn, f, l, yield); done || err != nil {
			return err
		}
	}
	s, err := selecting(conn, rel, most, l.attrs)
	if err != nil {
		return err
	}
	rows, err := s.query(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	dests, err := l.dests(rows)
	if err != nil {
		return err
	}
	if f, ok := rel.node.(found); ok && f.lookup.one {
		return l.readOne(rows, dests, yield)
	}
	return l.read(rows, dests, yield)
}

// readOne yields the only row when nothing is being read any more, so that more can be asked for, as where it was read ahead.
func (l *landing[Row]) readOne(rows *rowmill.Rows, dests []any, yield func(Row) bool) error {
	var all []Row
	err := l.read(rows, dests, func(row Row) bool {
		all = append(all, row)
		return true
	})
	_ = rows.Close() // which is at its end
	if err != nil {
		return err
	}
	for _, row := range all {
		if !yield(row) {
			break
		}
	}
	return nil
}

// read yields rows to their end. Destinations serve for all of them: what is made for each row is no
// more than the row has.
func (l *landing[Row]) read(rows *rowmill.Rows, dests []any, yield func(Row) bool) error {
	if len(dests) == 0 {
		dests = []any{new(any)} // of a relation without attributes
	}
	for rows.Next() {
		l.clear()
		if err := rows.Scan(dests...); err != nil {
			return l.misfit(rows, dests, err)
		}
		if !yield(l.row) {
			return nil
		}
	}
	return rows.Err()
}

// misfit says which row it is that a value of does not fit, if its key was asked for.
func (l *landing[Row]) misfit(rows *rowmill.Rows, dests []any, err error) error {
	var scan *schema.ScanError
	if !errors.As(err, &scan) {
		return err
	}
	for i, d := range dests { // of the attributes after the one that does not fit, too
		dests[i] = &willing{d}
	}
	if rows.Scan(dests...) != nil || l.key == nil {
		return scan
	}
	if key := l.key(l); key != "" {
		return fmt.Errorf("%s: %w", key, scan)
	}
	return scan
}

// willing scans what fits.
type willing struct{ dest any }

// Scan implements sql.Scanner.
func (w *willing) Scan(src any) error {
	if s, ok := w.dest.(sql.Scanner); ok {
		_ = s.Scan(src)
	}
	return nil
}

// land finds out where rows of a heading arrive.
func land[Row any](h *schema.Heading) (*landing[Row], error) {
	switch t := reflect.TypeFor[Row](); {
	case t == reflect.TypeFor[map[string]any]():
		return mapped[Row](h), nil
	case isRow(t):
		return structured[Row](h)
	case len(h.Attrs()) != 1:
		return nil, fmt.Errorf("a %s holds one attribute, and the relation has %d (%s): a struct, or a map[string]any, is wanted, or Column",
			t, len(h.Attrs()), strings.Join(h.Names(), ", "))
	}
	return whole[Row](h)
}

// isRow tells whether a type is a struct of attributes, and not the value of one.
func isRow(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() && !reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]())
}

// structured puts rows into structs.
func structured[Row any](h *schema.Heading) (*landing[Row], error) {
	b, err := schema.Bind(reflect.TypeFor[Row](), h)
	if err != nil {
		return nil, err
	}
	l := bound[Row](b)
	l.key = func(l *landing[Row]) string {
		key, err := b.Select(h.Key())
		if err != nil {
			return ""
		}
		return key.Format(&l.row)
	}
	return l, nil
}

// whole puts the only attribute of rows into values.
func whole[Row any](h *schema.Heading) (*landing[Row], error) {
	a := h.All()[0]
	if reflect.TypeFor[Row]() == reflect.TypeFor[any]() {
		l := &landing[Row]{attrs: []string{a.Name}}
		set := func(v any) { *any(&l.row).(*any) = v }
		l.natural = func(types []string) []any { return []any{a.Natural(types[0], set)} }
		return l, nil
	}
	b, err := schema.BindWhole(reflect.TypeFor[Row](), a)
	if err != nil {
		return nil, err
	}
	return bound[Row](b), nil
}

func bound[Row any](b *schema.Binding) *landing[Row] {
	return &landing[Row]{attrs: b.Attrs(), binding: b}
}

// mapped puts rows into maps, a new one each.
func mapped[Row any](h *schema.Heading) *landing[Row] {
	l := &landing[Row]{attrs: h.Names()}
	m := any(&l.row).(*map[string]any)
	l.fresh = func() { *m = make(map[string]any, len(l.attrs)) }
	l.natural = func(types []string) []any {
		dests := make([]any, len(l.attrs))
		for i, a := range h.Attrs() {
			dests[i] = a.Natural(types[i], func(v any) { (*m)[a.Name] = v })
		}
		return dests
	}
	l.key = func(*landing[Row]) string {
		var parts []string
		for _, name := range h.Key() {
			parts = append(parts, fmt.Sprintf("%s=%v", name, (*m)[name]))
		}
		return strings.Join(parts, " ")
	}
	return l
}
