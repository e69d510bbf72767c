package schema

import (
	"cmp"
	"fmt"
	"html"
	"strings"
	"unicode"
)

// The colours of what is no table, which are DataJoint's too.
const (
	edgeColour   = "#171C39"
	frameColour  = "#171D3A" // of the dashed frame around a schema
	masterColour = "#F3F5F8" // behind a master and its parts
)

// Graphviz is the diagram as a graph in the language of Graphviz, for programs as dot:
//
//	dot -Tsvg lab.dot > lab.svg
//
// Tables stand in the frame of their schema, parts beside their master, in the colours and shapes
// that DataJoint gives their tiers; a table's comment is its tooltip. The name of a table is
// underlined if a key attribute comes from no parent. A foreign key goes down from the parent. Its
// line is thick if it is the child's whole primary key, thin if it is a part of that, and dashed
// if it is not; if it renames attributes it is amber, and tells their names as new='old'.
func (d *Diagram) Graphviz() string {
	s := &sheet{indent: "\t"}
	s.openf("digraph {")
	s.linef(`graph [fontname="Helvetica", newrank=true]`) // without newrank a child may stand above its parent
	s.linef(`node [fontname="Helvetica", fontsize=12, height=0.48, margin="0.11,0.06"]`)
	s.linef(`edge [fontname="Helvetica", fontsize=10, arrowhead=none, color="%s9E"]`, edgeColour)
	for _, frame := range d.schemas() {
		s.openf("subgraph %s {", dotText("cluster_"+frame.name))
		s.linef(`graph [label=%s, labeljust=r, style="rounded,dashed", color="%s", fontcolor="%s"]`, dotText(frame.name), frameColour, edgeColour)
		d.dotTables(s, d.single(frame))
		s.end("}")
	}
	for _, e := range d.edges() {
		s.linef("%s -> %s%s", dotText(e.Parent.FullName()), dotText(e.child.FullName()), e.dot())
	}
	s.end("}")
	return s.String()
}

func (d *Diagram) dotTables(s *sheet, tables []*Table) {
	for _, t := range tables {
		parts := d.parts(t)
		if len(parts) > 0 {
			s.openf("subgraph %s {", dotText("cluster_"+t.FullName()))
			s.linef(`graph [label="", style="rounded,filled", color="%s"]`, masterColour)
		}
		label := dotText(d.label(t))
		if t.bringsKey() {
			label = "<<u>" + html.EscapeString(d.label(t)) + "</u>>"
		}
		look := looks[t.tier]
		s.linef(`%s [label=%s, tooltip=%s, %s, fillcolor="%s", color="%s", fontcolor="%s"]`,
			dotText(t.FullName()), label, t.dotTooltip(), look.dot, look.fill, look.border, look.text)
		if len(parts) > 0 {
			d.dotTables(s, parts)
			s.end("}")
		}
	}
}

// dotTooltip is the table's comment or, without one, its name in the database. Graphviz reads the
// backslashes of a tooltip twice.
func (t *Table) dotTooltip() string {
	return dotText(strings.ReplaceAll(cmp.Or(t.comment, t.FullName()), `\`, `\\`))
}

// dot is what Graphviz is told of the edge.
func (e edge) dot() string {
	var told []string
	switch {
	case e.whole():
		told = append(told, "penwidth=2", "weight=3")
	case e.Primary:
		told = append(told, "penwidth=0.75")
	default:
		told = append(told, "penwidth=0.75", "style=dashed")
	}
	if names := e.renaming(); names != "" {
		told = append(told, fmt.Sprintf(`color="%s9E", fontcolor="%s", label=%s`, renamedColour, renamedColour, dotText(names)))
	}
	return " [" + strings.Join(told, ", ") + "]"
}

// dotText quotes a text for Graphviz, which would read entities as HTML does and, in labels, what
// follows a backslash.
func dotText(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`).Replace(text) + `"`
}
