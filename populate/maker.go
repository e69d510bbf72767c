package populate

import (
	"context"
	"fmt"
	"reflect"

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
	make  func(ctx context.Context, tx *Tx, key any) error // key is a pointer to the key's struct
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
	m := &Maker{table: table.Untyped()}
	at := callsite.Of(1)
	if !m.table.Tier().Made() {
		panic(fmt.Sprintf("%s: populate.New(%s): rows of a %s table are not made; imported and computed tables are wanted", at, m.table, m.table.Tier()))
	}
	if fn == nil {
		panic(fmt.Sprintf("%s: populate.New(%s): a function that makes a row is wanted; it is nil", at, m.table))
	}
	if err := m.table.Declarable(); err != nil {
		panic(fmt.Sprintf("%s: populate.New(%s): %v", at, m.table, err))
	}
	m.queue = jobs.For(table)
	var err error
	if m.key, err = m.queue.Bind(reflect.TypeFor[Key]()); err != nil {
		panic(fmt.Sprintf("%s: populate.New(%s): the key of its make: %v", at, m.table, err))
	}
	if _, err := m.Source().Heading(); err != nil {
		panic(fmt.Sprintf("%s: populate.New(%s): the keys that ought to exist: %v", at, m.table, err))
	}
	m.make = func(ctx context.Context, tx *Tx, key any) error { return fn(ctx, tx, *key.(*Key)) }
	return m
}

// String is the name of the maker's table.
func (m *Maker) String() string { return m.table.String() }

// Source is the relation of the keys that ought to exist: the join of the tables to which
// foreign keys in the primary key refer, each projected to its key under the names that it has
// in this table.
func (m *Maker) Source() query.Rel { return m.queue.Source() }
