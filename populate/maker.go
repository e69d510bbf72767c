package populate

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A Maker makes the rows of one Imported or Computed table. It is immutable and safe for
// concurrent use.
type Maker struct {
	table *schema.Table
	queue *jobs.Queue
	key   *schema.Binding
	from  query.Rel
	// traced is what a key comes from, as far as its attributes tell.
	traced  func() query.Tracing
	urgency *urgency // nil where the options say which priority jobs have
	// read reads keys into structs, to which it returns pointers.
	read func(ctx context.Context, conn rowmill.Conn, keys query.Rel) ([]any, error)

	// One of these makes keys, of which it gets pointers to the structs.
	make   func(ctx context.Context, tx *Tx, key any) error
	stages *stages
	batch  *batch
}

// New pairs a table with the function that makes a row of it, and the rows of its parts. Key is
// a struct with a field for each attribute of the table's primary key.
//
// The function reads what its key comes from and inserts a row of its key into the table, all
// through tx. It may be called at once for several keys. What it returns decides what becomes
// of the key: nil, and the row is kept; an error made by [Skip], and the key is left alone from
// now on; any other error, or a panic, and the key's job is an error. It is called again for
// the same key if other transactions stood in the way: it should have no effect but through tx.
// It does best to read first, then to compute, and to insert last: from its first insert on it
// holds locks, and in an SQLite file the only turn to write that there is.
//
// New panics with the file and line of its call if the table is not one that is made, if Key
// does not fit, or if the tables upstream cannot be joined.
func New[Row, Key any](table *schema.TableOf[Row], fn func(ctx context.Context, tx *Tx, key Key) error) *Maker {
	m := newMaker[Key](table.Untyped(), "populate.New", callsite.Of(1), fn != nil)
	m.make = func(ctx context.Context, tx *Tx, key any) error { return fn(ctx, tx, *key.(*Key)) }
	return m
}

// newMaker is a maker without its functions, which are said to be there or not. It panics at the place of the
// call that makes it.
func newMaker[Key any](table *schema.Table, call, at string, functions bool) *Maker {
	refuse := func(format string, args ...any) {
		panic(fmt.Sprintf("%s: %s(%s): %s", at, call, table, fmt.Sprintf(format, args...)))
	}
	m := &Maker{table: table, read: readKeys[Key]}
	if !table.Tier().Made() {
		refuse("rows of a %s table are not made; imported and computed tables are wanted", table.Tier())
	}
	if !functions {
		refuse("a function that makes a row is wanted; it is nil")
	}
	if err := table.Declarable(); err != nil {
		refuse("%v", err)
	}
	m.queue = jobs.For(table)
	m.traced = sync.OnceValue(func() query.Tracing { return query.TraceNames(table, m.key.Attrs()...) })
	var err error
	if m.key, err = m.queue.Bind(reflect.TypeFor[Key]()); err != nil {
		refuse("the key of its make: %v", err)
	}
	if _, err := m.Source().Heading(); err != nil {
		refuse("the keys that ought to exist: %v", err)
	}
	return m
}

func readKeys[Key any](ctx context.Context, conn rowmill.Conn, keys query.Rel) (read []any, err error) {
	for k, err := range query.Each[Key](ctx, conn, keys) {
		if err != nil {
			return nil, err
		}
		read = append(read, &k)
	}
	return read, nil
}

// String is the name of the maker's table.
func (m *Maker) String() string { return m.table.String() }

// Source is the relation of the keys that ought to exist: that of [Maker.From], or else the join of the tables to which
// foreign keys in the primary key refer, each projected to its key under the names that it has
// in this table (see [jobs.Queue.Source]).
func (m *Maker) Source() query.Rel {
	if !m.from.IsZero() {
		return m.from
	}
	return m.queue.Source()
}

// From is the maker for other keys than all: those of a relation, which has the attributes of the table's key. It
// is usually a restriction of [Maker.Source]:
//
//	var MakeSpectra = populate.New(Spectra, makeSpectrum).From(query.From(Sessions).Where("rate_hz > 0"))
//
// A job whose key is not among them is no longer due; rows in which an attribute of the key is NULL are no keys. From panics with the file and line of its call where an
// attribute of the key is missing, or means something else.
func (m *Maker) From(source query.Rel) *Maker {
	at := callsite.Of(1)
	h, err := source.Heading()
	if err == nil {
		err = m.fits(h)
	}
	if err == nil {
		source, err = m.queue.Keyed(source)
	}
	if err != nil {
		panic(fmt.Sprintf("%s: From of the maker of %s: %v", at, m, err))
	}
	from := *m
	from.from = source
	return &from
}

// fits wants the attributes of the key, which mean the same.
func (m *Maker) fits(h *schema.Heading) error {
	for _, a := range m.table.MakeKey() {
		found, ok := h.Attr(a.Name)
		switch {
		case !ok:
			return fmt.Errorf("the relation has no attribute %q, which is in the key of %s: it has %s", a.Name, m, strings.Join(h.Names(), ", "))
		case found.Origin != "" && found.Origin != a.Origin:
			return fmt.Errorf("the relation's attribute %q is %s, and that in the key of %s is %s", a.Name, found.Origin, m, a.Origin)
		}
	}
	return nil
}

// identity is the identity of a key, a pointer to its struct that was read from a relation.
func (m *Maker) identity(key any) string {
	values, err := m.key.Values(key)
	if err != nil {
		panic(err) // it was read from these values
	}
	return identity(values)
}

// identity is a text that keys share which are the same.
func identity(values []any) string { return fmt.Sprintf("%#v", values) }
