package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Mermaid is the diagram as a flowchart in the language of Mermaid, which GitHub and many editors
// draw in Markdown, in a block that begins with ```mermaid. It shows what [Diagram.Graphviz]
// shows, but for comments. Mermaid draws no more than 500 foreign keys unless its maxEdges says so.
func (d *Diagram) Mermaid() string {
	s := &sheet{indent: "    "}
	s.openf("flowchart TB")
	for tier, look := range looks {
		s.linef("classDef %s fill:%s,stroke:%s,color:%s", Tier(tier), look.fill, look.border, look.text)
	}
	s.linef("classDef key text-decoration:underline")
	s.linef("classDef schema fill:none,stroke-dasharray:5")
	s.linef("classDef master fill:#80808018,stroke:none") // a shade on light and on dark pages
	for i, frame := range d.schemas() {
		s.openf("subgraph s%d[%s]", i+1, mermaidText(frame.name))
		d.mermaidTables(s, d.single(frame))
		s.end("end")
		s.linef("class s%d schema", i+1)
	}
	var renamed []string
	for i, e := range d.edges() {
		s.linef("%s %s %s", d.id(e.Parent), e.mermaid(), d.id(e.child))
		if e.renaming() != "" {
			renamed = append(renamed, fmt.Sprint(i))
		}
	}
	if len(renamed) > 0 {
		s.linef("linkStyle %s stroke:%s", strings.Join(renamed, ","), renamedColour)
	}
	return s.String()
}

func (d *Diagram) mermaidTables(s *sheet, tables []*Table) {
	for _, t := range tables {
		id, parts := d.id(t), d.parts(t)
		if len(parts) > 0 {
			s.openf(`subgraph m%s[" "]`, id)
		}
		s.linef("%s%s:::%s", id, fmt.Sprintf(looks[t.tier].mermaid, mermaidText(d.label(t))), t.tier)
		if t.bringsKey() {
			s.linef("class %s key", id)
		}
		if len(parts) > 0 {
			d.mermaidTables(s, parts)
			s.end("end")
			s.linef("class m%s master", id)
		}
	}
}

// id is a name that means nothing to Mermaid, as end and others would.
func (d *Diagram) id(t *Table) string { return fmt.Sprintf("t%d", slices.Index(d.tables, t)+1) }

// mermaid is the edge's arrow.
func (e edge) mermaid() string {
	arrow := "-.->"
	switch {
	case e.whole():
		arrow = "==>"
	case e.Primary:
		arrow = "-->"
	}
	if names := e.renaming(); names != "" {
		arrow += "|" + mermaidText(names) + "|"
	}
	return arrow
}

// mermaidText quotes a text for Mermaid, with the numbers of all letters that could mean something
// to it, to Markdown or to HTML.
func mermaidText(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._-,='", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return `"` + b.String() + `"`
}
