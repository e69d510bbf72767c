package schema

import (
	"fmt"
	"reflect"

	"github.com/rowmill/rowmill/internal/callsite"
)

// A TableOf is a declared table whose rows are structs of type Row. It is immutable, and safe
// for concurrent use.
type TableOf[Row any] struct {
	table   *Table
	binding *Binding
}

// Untyped is the table without the type of its rows.
func (t *TableOf[Row]) Untyped() *Table { return t.table }

// String is the row struct's name.
func (t *TableOf[Row]) String() string { return t.table.class }

// Binding tells how a Row's fields are the table's attributes.
func (t *TableOf[Row]) Binding() *Binding { return t.binding }

// Manual declares a table whose rows are entered from outside. The tables to which its foreign
// keys refer follow the definition. It panics if the definition is wrong or does not fit Row.
func Manual[Row any](s *Schema, definition string, parents ...Declared) *TableOf[Row] {
	return declare[Row](declaration{schema: s, tier: TierManual, text: definition, parents: parents})
}

// Lookup declares a table whose rows are part of the program: [Schema.Declare] inserts those
// of contents that are missing. Rows that are there are left as they are.
func Lookup[Row any](s *Schema, definition string, contents []Row, parents ...Declared) *TableOf[Row] {
	t := declare[Row](declaration{schema: s, tier: TierLookup, text: definition, parents: parents})
	t.table.contents = func() (*Binding, []any) {
		rows := make([]any, len(contents))
		for i := range contents {
			rows[i] = &contents[i]
		}
		return t.binding, rows
	}
	return t
}

// Imported declares a table whose rows are made from upstream rows and from data outside of
// the database, as files are.
func Imported[Row any](s *Schema, definition string, parents ...Declared) *TableOf[Row] {
	return declare[Row](declaration{schema: s, tier: TierImported, text: definition, parents: parents})
}

// Computed declares a table whose rows are made from upstream rows alone.
func Computed[Row any](s *Schema, definition string, parents ...Declared) *TableOf[Row] {
	return declare[Row](declaration{schema: s, tier: TierComputed, text: definition, parents: parents})
}

// Part declares a table whose rows belong to a row of its master, and are entered with it. Its
// definition refers to the master as "-> master".
func Part[Row any](master Declared, definition string, parents ...Declared) *TableOf[Row] {
	m := master.Untyped()
	return declare[Row](declaration{schema: m.schema, tier: TierPart, text: definition, parents: parents, master: m})
}

// A declaration is what one of the functions above was called with.
type declaration struct {
	schema  *Schema
	tier    Tier
	text    string
	parents []Declared
	master  *Table
}

// declare makes the table, or panics with the file and line of the declaration.
func declare[Row any](d declaration) *TableOf[Row] {
	at := callsite.Of(2)
	row := reflect.TypeFor[Row]()
	t, b, err := d.table(row, at)
	if err != nil {
		panic(fmt.Sprintf("%s: table %s: %v", at, row.Name(), err))
	}
	return &TableOf[Row]{table: t, binding: b}
}

func (d declaration) table(row reflect.Type, at string) (*Table, *Binding, error) {
	t := &Table{schema: d.schema, tier: d.tier, master: d.master, definition: d.text, declaredAt: at}
	if err := t.setName(row.Name()); err != nil {
		return nil, nil, err
	}
	def, err := Parse(d.text)
	if err != nil {
		return nil, nil, err
	}
	if err := t.resolve(def, d.parents); err != nil {
		return nil, nil, err
	}
	b, err := Bind(row, NewHeading(t.heading.attrs)) // a row that is entered has no hidden fields
	if err != nil {
		return nil, nil, err
	}
	if err := b.Covers(t.heading); err != nil {
		return nil, nil, err
	}
	if err := d.schema.add(t); err != nil {
		return nil, nil, err
	}
	if d.master != nil {
		d.schema.mu.Lock()
		d.master.parts = append(d.master.parts, t)
		d.schema.mu.Unlock()
	}
	return t, b, nil
}
