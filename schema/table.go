package schema

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"

	"github.com/rowmill/rowmill/internal/callsite"
)

// A TableOf is a declared table whose rows are structs of type Row. Once it is declared, with its rules
// (see [TableOf.Ruled]), it is immutable, and safe for concurrent use.
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
// definition refers to the master as "-> master". Parts of two masters may have one name; since their
// row structs cannot, a field of the name _ gives it: _ struct{} `db:"Peak"`.
func Part[Row any](master Declared, definition string, parents ...Declared) *TableOf[Row] {
	m := master.Untyped()
	return declare[Row](declaration{schema: m.schema, tier: TierPart, text: definition, parents: parents, master: m})
}

// Existing declares a table that other programs made, and make the rows of, by their rules: one of the
// Computed or Imported tier may have attributes in its primary key that no foreign key brings. It is
// read as others are, and no maker makes its rows.
func Existing[Row any](s *Schema, tier Tier, definition string, parents ...Declared) *TableOf[Row] {
	return declare[Row](declaration{schema: s, tier: tier, text: definition, parents: parents, existing: true})
}

// A declaration is what one of the functions above was called with.
type declaration struct {
	schema  *Schema
	tier    Tier
	text    string
	parents []Declared
	master  *Table

	existing bool
}

// declare makes the table, or panics with the file and line of the declaration.
func declare[Row any](d declaration) *TableOf[Row] {
	at := callsite.Of(2)
	row := reflect.TypeFor[Row]()
	t, b, err := d.table(row, at)
	if err != nil {
		panic(fmt.Sprintf("%s: table %s: %v", at, cmp.Or(classOf(row), row.String()), err))
	}
	return &TableOf[Row]{table: t, binding: b}
}

func (d declaration) table(row reflect.Type, at string) (*Table, *Binding, error) {
	if d.tier == TierPart && d.master == nil {
		return nil, nil, errors.New("a part has a master: schema.Part declares it")
	}
	t := &Table{schema: d.schema, tier: d.tier, master: d.master, definition: d.text, declaredAt: at, existing: d.existing}
	if err := t.setName(classOf(row)); err != nil {
		return nil, nil, err
	}
	def, err := d.schema.codecs.parse(d.text)
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
	t.enrol()
	return t, b, nil
}

// enrol makes the table a child of its parents, and a part one of its master, to which another part may lead.
func (t *Table) enrol() {
	for _, p := range t.parents() {
		p.schema.adopt(p, t)
	}
	if m := t.master; m != nil {
		m.schema.adopt(m, t)
	}
}
