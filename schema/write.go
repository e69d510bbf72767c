package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// A writer writes the definition of a table that is in a database. Lines stand in the order of
// columns; that of a foreign key stands where the first column stands that it brings.
type writer struct {
	table *Table // its schema, name and master
	found dialect.Table

	links    []*link
	indexes  []dialect.Index // those that no foreign key's line says
	declared []string        // columns that the lines written so far declare
	lines    []writtenLine
	remarks  []string
	unsaid   map[string]bool // columns of which something cannot be said
}

// A link is a foreign key that a definition can say.
type link struct {
	parent  *Table
	columns []dialect.Column // in the order of the parent's key
	unique  bool
	written bool
}

func newWriter(t *Table, found dialect.Table) *writer {
	return &writer{table: t, found: found, indexes: slices.Clone(found.Indexes), unsaid: map[string]bool{}}
}

// addForeign adds a foreign key to a parent, or, if there is none, says why in a remark.
func (w *writer) addForeign(f dialect.ForeignKey, parent *Table, why string) {
	l, err := (*link)(nil), errors.New(why)
	if parent != nil {
		l, err = w.link(f, parent)
	}
	if err != nil {
		w.remarkf("foreign key %s %s: %v", list(f.Columns), showForeign(f), err)
		return
	}
	i := slices.IndexFunc(w.indexes, func(i dialect.Index) bool {
		return i.Unique && slices.EqualFunc(i.Parts, l.columns, func(p dialect.IndexPart, c dialect.Column) bool {
			return p.Column == c.Name && p.Path == ""
		})
	})
	if i >= 0 {
		l.unique, w.indexes = true, slices.Delete(w.indexes, i, i+1)
	}
	w.links = append(w.links, l)
}

// link wants a foreign key to be one that brings the whole primary key of its parent.
func (w *writer) link(f dialect.ForeignKey, parent *Table) (*link, error) {
	key := parent.heading.Key()
	if len(key) != len(f.ReferenceColumns) {
		return nil, fmt.Errorf("it does not refer to the primary key, which is %s", list(key))
	}
	l := &link{parent: parent}
	for _, name := range key {
		i := slices.Index(f.ReferenceColumns, name)
		if i < 0 {
			return nil, fmt.Errorf("it does not refer to the primary key, which is %s", list(key))
		}
		c := w.column(f.Columns[i])
		referred, _ := parent.heading.Attr(name)
		switch {
		case c.Hidden():
			return nil, fmt.Errorf("%s is hidden", c.Name)
		case !datatype.Same(c.Type, referred.Type.Referring()):
			return nil, fmt.Errorf("%s is %s, and %s is %s", c.Name, c.Type.Spec, name, referred.Type.Spec)
		}
		l.columns = append(l.columns, c)
	}
	return l, nil
}

func (w *writer) column(name string) dialect.Column {
	return w.found.Columns[indexOf(w.found.Columns, name)]
}

func (w *writer) inKey(c dialect.Column) bool { return slices.Contains(w.found.Key, c.Name) }

func (w *writer) isDeclared(c dialect.Column) bool { return slices.Contains(w.declared, c.Name) }

// parents are the tables that follow the definition.
func (w *writer) parents() []Declared {
	var all []Declared
	for _, l := range w.links {
		if l.parent != w.table.master && !slices.Contains(all, Declared(l.parent)) {
			all = append(all, l.parent)
		}
	}
	return all
}

// write writes all lines.
func (w *writer) write() error {
	var key, others []dialect.Column
	for _, name := range w.found.Key {
		key = append(key, w.column(name))
	}
	for _, c := range w.found.Columns {
		if !c.Hidden() && !w.inKey(c) {
			others = append(others, c)
		}
	}
	switch {
	case len(key) == 0:
		return errors.New("it has no primary key")
	case len(key) == 1 && key[0].Name == singletonName:
		key = nil
	case slices.ContainsFunc(key, dialect.Column.Hidden):
		return fmt.Errorf("its primary key %s has hidden columns", list(w.found.Key))
	}
	if err := w.section(key); err != nil {
		return err
	}
	above := len(w.lines)
	if err := w.section(others); err != nil {
		return err
	}
	for _, l := range w.links {
		w.writeLink(l)
	}
	w.writeIndexes()
	if above == 0 || above < len(w.lines) {
		w.lines = slices.Insert(w.lines, above, writtenLine{text: "---"})
	}
	return nil
}

// section writes the lines of the primary key, or of what is below the ---.
func (w *writer) section(columns []dialect.Column) error {
	for i, c := range columns {
		if w.isDeclared(c) {
			continue
		}
		if l := w.bringing(columns[i:]); l != nil {
			w.writeLink(l)
		} else if err := w.writeAttr(c); err != nil {
			return err
		}
		w.writeShared()
	}
	return nil
}

// bringing is the first foreign key whose line can bring the first of the columns that are left.
func (w *writer) bringing(left []dialect.Column) *link {
	left = slices.DeleteFunc(slices.Clone(left), w.isDeclared)
	for _, l := range w.links {
		brought := w.brought(l)
		has := func(c dialect.Column) bool { return c.Name == left[0].Name }
		if slices.ContainsFunc(brought, has) && !slices.ContainsFunc(brought, hasOwnLine) && w.fits(l, brought, left) {
			return l
		}
	}
	return nil
}

// fits tells whether the columns that a foreign key's line would bring can come together: those of the primary
// key as they follow each other there, and others all with NULL or all without.
func (w *writer) fits(l *link, brought, left []dialect.Column) bool {
	if !w.inKey(left[0]) {
		return !slices.ContainsFunc(brought, func(c dialect.Column) bool { return c.Nullable != left[0].Nullable })
	}
	below := slices.ContainsFunc(l.columns, func(c dialect.Column) bool { return !w.inKey(c) })
	return !below && len(brought) <= len(left) && slices.EqualFunc(brought, left[:len(brought)],
		func(a, b dialect.Column) bool { return a.Name == b.Name })
}

// brought are the columns that the foreign key's line would bring if it stood here.
func (w *writer) brought(l *link) []dialect.Column {
	return slices.DeleteFunc(slices.Clone(l.columns), w.isDeclared)
}

// hasOwnLine tells whether a column must have been declared by a line of its own though it is in a foreign
// key: foreign keys bring neither a default nor, but for uuid, the mark of a core type.
func hasOwnLine(c dialect.Column) bool {
	return !c.Unmarked && c.Type.Kind != datatype.UUID || c.Default != "" && c.Default != "NULL"
}

// writeShared writes the foreign keys that come next and whose columns are all declared.
func (w *writer) writeShared() {
	for _, l := range w.links {
		if l.written {
			continue
		}
		if len(w.brought(l)) > 0 {
			return
		}
		w.writeLink(l)
	}
}

func (w *writer) writeLink(l *link) {
	if l.written {
		return
	}
	l.written = true
	var options, renamed []string
	brought := w.brought(l)
	if len(brought) > 0 && brought[0].Nullable {
		options = append(options, "nullable")
	}
	if l.unique {
		options = append(options, "unique")
	}
	text := "-> "
	if len(options) > 0 {
		text += "[" + strings.Join(options, ", ") + "] "
	}
	for i, name := range l.parent.heading.Key() {
		if here := l.columns[i].Name; here != name {
			renamed = append(renamed, here+"='"+name+"'")
		}
	}
	text += w.nameOf(l.parent)
	if len(renamed) > 0 {
		text += ".proj(" + strings.Join(renamed, ", ") + ")"
	}
	for _, c := range brought {
		w.declared = append(w.declared, c.Name)
	}
	w.lines = append(w.lines, writtenLine{text: text})
}

// nameOf is the name of a parent as the definition has it.
func (w *writer) nameOf(parent *Table) string {
	switch {
	case parent == w.table.master:
		return "master"
	case parent.schema != w.table.schema:
		return parent.schema.name + "." + parent.class
	case parent.master != nil && parent.master.master != nil:
		return strings.TrimPrefix(parent.class, parent.master.class+".")
	}
	return parent.class
}
