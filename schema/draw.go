package schema

import (
	"fmt"
	"slices"
	"strings"
)

// A look is how the tables of a tier are drawn: in DataJoint's colours, so that its users know
// them again.
type look struct {
	fill, border, text string
	dot                string // what else Graphviz is told
	mermaid            string // the shape, around %s
}

var looks = [...]look{
	TierManual:   {"#E8F0E9", "#3E7A52", "#28513A", `shape=box, style="rounded,filled"`, `[%s]`},
	TierLookup:   {"#F0F0F1", "#808285", "#5A5C5F", `shape=box, style="rounded,filled"`, `[%s]`},
	TierImported: {"#E0F4FC", "#00A0DF", "#00537A", `shape=ellipse, style=filled`, `([%s])`},
	TierComputed: {"#FFEDE5", "#FF5113", "#B23200", `shape=ellipse, style=filled`, `([%s])`},
	TierPart:     {"#FFFFFF", "#B9BBBE", "#55585C", `shape=box, style="rounded,filled", fontsize=10, height=0.12`, `[%s]`},
}

// renamedColour is that of foreign keys that rename attributes.
const renamedColour = "#C77D3A"

// A sheet is a text in the making, whose lines are indented by how many blocks are open.
type sheet struct {
	strings.Builder
	indent string
	depth  int
}

func (s *sheet) linef(format string, args ...any) {
	fmt.Fprintf(s, strings.Repeat(s.indent, s.depth)+format+"\n", args...)
}

func (s *sheet) openf(format string, args ...any) {
	s.linef(format, args...)
	s.depth++
}

func (s *sheet) end(with string) {
	s.depth--
	s.linef("%s", with)
}

// schemas are the schemas of the diagram's tables, each once.
func (d *Diagram) schemas() []*Schema {
	var found []*Schema
	for _, t := range d.tables {
		if !slices.Contains(found, t.schema) {
			found = append(found, t.schema)
		}
	}
	return found
}

// single are the tables of a schema that are drawn in its frame alone: all but the parts whose
// master is in the diagram.
func (d *Diagram) single(s *Schema) []*Table {
	return slices.DeleteFunc(d.Tables(), func(t *Table) bool { return t.schema != s || d.besideMaster(t) })
}

// parts are the parts of a table that are in the diagram.
func (d *Diagram) parts(master *Table) []*Table {
	return slices.DeleteFunc(d.Tables(), func(t *Table) bool { return t.master != master })
}

func (d *Diagram) besideMaster(t *Table) bool {
	return t.master != nil && slices.Contains(d.tables, t.master)
}

// label is the table's name: a part that stands beside its master has no need of both.
func (d *Diagram) label(t *Table) string {
	if d.besideMaster(t) {
		return strings.TrimPrefix(t.class, t.master.class+".")
	}
	return t.class
}

// bringsKey tells whether the table identifies what its parents do not: no foreign key brings
// some attribute of its primary key.
func (t *Table) bringsKey() bool { return len(t.MakeKey()) < len(t.heading.Key()) }

// An edge is a foreign key with the table that has it.
type edge struct {
	ForeignKey
	child *Table
}

// edges are the foreign keys between tables of the diagram.
func (d *Diagram) edges() []edge {
	var found []edge
	for _, t := range d.tables {
		for _, f := range t.foreign {
			if slices.Contains(d.tables, f.Parent) {
				found = append(found, edge{f, t})
			}
		}
	}
	return found
}

// whole tells whether the foreign key is the child's primary key: a row has one child at most.
func (e edge) whole() bool { return e.Primary && len(e.Attrs) == len(e.child.heading.Key()) }

// renaming is what a definition has within .proj(): new='old'.
func (e edge) renaming() string {
	var renamed []string
	for i, name := range e.Attrs {
		if name != e.Referred[i] {
			renamed = append(renamed, fmt.Sprintf("%s='%s'", name, e.Referred[i]))
		}
	}
	return strings.Join(renamed, ", ")
}
