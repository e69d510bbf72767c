package schema

import (
	"fmt"
	"slices"
	"sync"

	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/internal/dialect"
)

// A Schema is a set of tables that belong together: on a server a database, in an SQLite file
// a prefix of the tables' names. Tables are added to it when the program starts.
type Schema struct {
	name   string
	codecs codecs

	mu      sync.Mutex // guards tables, and the children of each of them
	tables  []*Table
	omitted []Omission // by Describe
}

// New makes a schema without tables, whose definitions may have types of <blob>, <attach> and these
// codecs. It panics if the name is none that a database can have, or a codec is wrong.
func New(name string, others ...Codec) *Schema {
	if err := checkSchemaName(name); err != nil {
		panic(fmt.Sprintf("%s: %v", callsite.Of(1), err))
	}
	known, err := newCodecs(others)
	if err != nil {
		panic(fmt.Sprintf("%s: schema %s: %v", callsite.Of(1), name, err))
	}
	return &Schema{name: name, codecs: known}
}

// Name is the schema's name.
func (s *Schema) Name() string { return s.name }

// Tables are the tables in the order in which they were declared, parents before children.
func (s *Schema) Tables() []*Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Table(nil), s.tables...)
}

func (s *Schema) add(t *Table) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.tables {
		// Tables of one class would share the name of their queue, and of their Python class.
		if other.name == t.name || other.class == t.class {
			return fmt.Errorf("the schema %s has a table %s already, %s, declared at %s", s.name, other, other.tier, other.declaredAt)
		}
	}
	t.place = len(s.tables)
	s.tables = append(s.tables, t)
	return nil
}

// adopt makes a table of any schema a child of parent, one of s.
func (s *Schema) adopt(parent, child *Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(parent.children, child) {
		parent.children = append(parent.children, child)
	}
}

// A ForeignKey says that rows of a table refer to rows of its parent.
type ForeignKey struct {
	Parent   *Table
	Attrs    []string // the table's attributes, in the order of the parent's key
	Referred []string // the parent's primary key
	Primary  bool     // all of Attrs are in the table's primary key
	Unique   bool     // at most one row refers to each row of the parent
}

// A Table is a declared table, without the type of its rows. It is immutable.
type Table struct {
	schema     *Schema
	name       string // in the database, with the tier's prefix
	class      string // the row struct's name; "Master.Part" for a part
	tier       Tier
	definition string
	comment    string
	heading    *Heading
	foreign    []ForeignKey
	indexes    []dialect.Index
	master     *Table
	place      int      // among the schema's tables
	children   []*Table // in the order in which they were declared
	contents   func() (*Binding, []any)
	declaredAt string // file and line
	existing   bool   // was made by others' rules
}

// Declared is a declared table, whatever its rows: a *Table, or a *TableOf[Row].
type Declared interface {
	// Untyped is the table without the type of its rows.
	Untyped() *Table
}

// Untyped returns t.
func (t *Table) Untyped() *Table { return t }

// Schema is the schema to which the table belongs.
func (t *Table) Schema() *Schema { return t.schema }

// Name is the table's name in its schema, with the prefix of its tier: "__spectrum".
func (t *Table) Name() string { return t.name }

// FullName is "schema.table".
func (t *Table) FullName() string { return t.schema.name + "." + t.name }

// String is the name that people know: the row struct's, "Spectrum", or "Spectrum.Peak".
func (t *Table) String() string { return t.class }

// Tier says how rows of the table come to be.
func (t *Table) Tier() Tier { return t.tier }

// Definition is the text that declared the table.
func (t *Table) Definition() string { return t.definition }

// Heading is the table's attributes.
func (t *Table) Heading() *Heading { return t.heading }

// ForeignKeys are the table's foreign keys, in the order of its definition.
func (t *Table) ForeignKeys() []ForeignKey { return t.foreign }

// Master is the table of which t is a part; nil if it is none.
func (t *Table) Master() *Table { return t.master }

// UniqueAttrs are the attributes of each unique index besides the primary key, those of foreign keys included, and
// without indexes over expressions.
func (t *Table) UniqueAttrs() [][]string {
	var all [][]string
	for _, i := range t.indexes {
		if attrs := i.Columns(); i.Unique && slices.Equal(i.Parts, dialect.OnColumns(attrs...)) {
			all = append(all, attrs)
		}
	}
	return all
}

// Parts are the tables that are parts of t.
func (t *Table) Parts() []*Table {
	return slices.DeleteFunc(t.Children(), func(c *Table) bool { return c.master != t })
}

// MakeKey is the part of the primary key that foreign keys brought: the key of a make.
func (t *Table) MakeKey() []Attr {
	var key []Attr
	for _, a := range t.heading.attrs {
		if a.Key && a.Inherited {
			key = append(key, a)
		}
	}
	return key
}

// parents are the tables to which foreign keys of t refer, one for each.
func (t *Table) parents() []*Table {
	tables := make([]*Table, len(t.foreign))
	for i, f := range t.foreign {
		tables[i] = f.Parent
	}
	return tables
}

// Children are the tables with foreign keys that refer to t, each once, in the order in which
// they were declared. Parts of t are among them, and tables of other schemas. Those that another
// goroutine is just declaring may be missing.
func (t *Table) Children() []*Table {
	t.schema.mu.Lock()
	defer t.schema.mu.Unlock()
	return slices.Clone(t.children)
}

// Descendants are the tables from which foreign keys lead to t, directly or not, each once, the
// nearest first. Parts come with their master, since their foreign keys lead to it; a master is
// among them for its own foreign keys alone, and not for those of its parts. t is not among them.
func (t *Table) Descendants() []*Table { return reach([]*Table{t}, All, (*Table).Children) }

// Ancestors are the tables upstream of t, each once, the nearest first: those that its foreign
// keys lead to, directly or not, with the parts and the masters of these. t is not among them.
func (t *Table) Ancestors() []*Table { return reach([]*Table{t}, All, (*Table).upstream) }

// upstream are the parents of t, with their parts and masters.
func (t *Table) upstream() []*Table {
	var found []*Table
	for _, p := range t.parents() {
		found = append(append(found, p), p.Parts()...)
		if m := p.master; m != nil {
			found = append(append(found, m), m.Parts()...)
		}
	}
	return found
}
