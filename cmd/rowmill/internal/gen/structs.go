package gen

import (
	"slices"
	"strings"

	"github.com/rowmill/rowmill/schema"
)

// A unit is a package in the making.
type unit struct {
	choice

	names      names
	tables     []*table
	byName     map[string]*table // by their full names
	schemaVars map[string]string // by the schemas' names
	keys       map[string]*key   // by their signatures
}

// A table is a table of the package.
type table struct {
	*schema.Table

	row, variable string
	enums         []enum
	fields        []field
	key           *key // that it is the first to have
}

// A field is one of a struct. An embedded one has a key's type alone.
type field struct {
	name, typ, tag, comment string
	key                     *key
}

// A key is a struct of a primary key that several tables have, or that is the key of a make.
type key struct {
	name   string
	fields []field
}

func newUnit(c choice) *unit {
	u := &unit{
		choice: c, names: names{}, byName: map[string]*table{}, schemaVars: map[string]string{}, keys: map[string]*key{},
	}
	for _, t := range c.tables {
		made := &table{Table: t}
		u.tables, u.byName[t.FullName()] = append(u.tables, made), made
	}
	u.nameSchemas()
	u.nameRows()
	for _, t := range u.tables {
		many := plural(t.row)
		if many == t.row {
			many += "Table"
		}
		t.variable = u.names.take(many, t.row+"Table")
	}
	for _, t := range u.tables { // names of enums before those of keys: these have to know types
		for _, a := range t.Heading().Attrs() {
			u.fieldType(t.Table, a)
		}
	}
	u.findKeys()
	for _, t := range u.tables {
		t.fields = u.rowFields(t)
	}
	return u
}

// find is the table of the package that is called as t is, which may be of another description.
func (u *unit) find(t *schema.Table) *table { return u.byName[t.FullName()] }

// signature tells two primary keys apart: by names, types, and where they come from.
func (u *unit) signature(t *schema.Table) string {
	var b strings.Builder
	for _, a := range keyAttrs(t) {
		b.WriteString(a.Name + " " + u.fieldType(t, a) + " " + a.Origin + "\n")
	}
	return b.String()
}

func keyAttrs(t *schema.Table) []schema.Attr {
	return slices.DeleteFunc(slices.Clone(t.Heading().Attrs()), func(a schema.Attr) bool { return !a.Key })
}

// findKeys finds the keys that have a struct: those of makes, and those of several attributes to which
// the keys of other tables refer.
func (u *unit) findKeys() {
	wanted := map[string]bool{}
	for _, t := range u.tables {
		if t.Tier().Made() && !existing(t.Table) {
			wanted[u.signature(t.Table)] = true
		}
		for _, f := range t.ForeignKeys() {
			if f.Primary && len(f.Attrs) > 1 && slices.Equal(f.Attrs, f.Referred) {
				wanted[u.signature(f.Parent)] = true
			}
		}
	}
	for _, t := range u.tables {
		s := u.signature(t.Table)
		if !wanted[s] || u.keys[s] != nil {
			continue
		}
		t.key = &key{name: u.names.take(t.row+"Key", t.row+"PrimaryKey")}
		t.key.fields = u.attrFields(t, keyAttrs(t.Table))
		u.keys[s] = t.key
	}
}

// rowFields are the fields of a table's row. Where rows are entered by hand and no table before has the key, its fields
// stand in the row itself.
func (u *unit) rowFields(t *table) []field {
	k := u.keys[u.signature(t.Table)]
	attrs := t.Heading().Attrs()
	if k == nil || k == t.key && (!t.Tier().Made() || existing(t.Table)) {
		return u.attrFields(t, attrs)
	}
	embedded := []field{{typ: k.name, key: k}}
	others := slices.DeleteFunc(slices.Clone(attrs), func(a schema.Attr) bool { return a.Key })
	return append(embedded, u.namedFields(t, others, embedded)...)
}

// attrFields are the fields of attributes. Those that a parent's key brings are that key's struct.
func (u *unit) attrFields(t *table, attrs []schema.Attr) []field {
	var embedded []field
	covered := map[string]bool{}
	for _, f := range t.ForeignKeys() {
		k := u.keys[u.signature(f.Parent)]
		some := slices.ContainsFunc(f.Attrs, func(name string) bool { return covered[name] })
		if k == nil || k == t.key || some || !f.Primary || len(f.Attrs) < 2 || !slices.Equal(f.Attrs, f.Referred) {
			continue
		}
		embedded = append(embedded, field{typ: k.name, key: k})
		for _, name := range f.Attrs {
			covered[name] = true
		}
	}
	others := slices.DeleteFunc(slices.Clone(attrs), func(a schema.Attr) bool { return covered[a.Name] })
	return append(embedded, u.namedFields(t, others, embedded)...)
}

// namedFields are the fields of attributes beside embedded ones.
func (u *unit) namedFields(t *table, attrs []schema.Attr, embedded []field) []field {
	taken := names{}
	for _, e := range embedded {
		e.promote(taken)
	}
	var fields []field
	for _, a := range attrs {
		name := fieldName(taken, a.Name)
		fields = append(fields, field{
			name: name, typ: u.fieldType(t.Table, a), tag: tag(name, a.Name), comment: a.Comment,
		})
	}
	return fields
}

// promote takes the names that an embedded field gives to the struct.
func (f field) promote(taken names) {
	if f.key == nil {
		taken[f.name] = true
		return
	}
	taken[f.key.name] = true
	for _, inner := range f.key.fields {
		inner.promote(taken)
	}
}
