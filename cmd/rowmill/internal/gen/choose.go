package gen

import (
	"fmt"

	"github.com/rowmill/rowmill/schema"
)

// A choice is what is generated.
type choice struct {
	schemas []*schema.Schema // those that were asked for, then those that these lead to
	asked   int              // how many were asked for
	tables  []*schema.Table  // parents before their children
	leftOut []string         // which tables are not, and why, each in a phrase
}

// A chooser picks tables. Schemas that were described one by one may share tables, which then are
// the same by name.
type chooser struct {
	choice

	seen map[string]bool   // tables, by their full names
	bad  map[string]string // why tables are left out
}

// choose picks the tables of schemas, and all that they need.
func choose(schemas []*schema.Schema) choice {
	c := chooser{choice: choice{asked: len(schemas)}, seen: map[string]bool{}, bad: map[string]string{}}
	for _, s := range schemas {
		c.addSchema(s)
	}
	c.asked = len(c.schemas)
	for _, s := range schemas {
		for _, t := range s.Diagram().Tables() {
			c.add(t)
		}
	}
	return c.choice
}

func (c *chooser) addSchema(s *schema.Schema) {
	for _, other := range c.schemas {
		if other.Name() == s.Name() {
			return
		}
	}
	c.schemas = append(c.schemas, s)
	for _, o := range s.Omitted() {
		c.leftOut = append(c.leftOut, s.Name()+"."+o.Table+": "+o.Reason)
	}
}

// existing tells whether makes could not work with a table.
func existing(t *schema.Table) bool { return t.Declarable() != nil }

// add adds a table after those to which it refers.
func (c *chooser) add(t *schema.Table) {
	if c.seen[t.FullName()] {
		return
	}
	c.seen[t.FullName()] = true
	needed := []*schema.Table{}
	if t.Master() != nil {
		needed = append(needed, t.Master())
	}
	for _, f := range t.ForeignKeys() {
		needed = append(needed, f.Parent)
	}
	why := ""
	if err := t.Declarable(); err != nil && t.Master() != nil {
		why = err.Error()
	}
	if len(t.Heading().Attrs()) == 0 {
		why = "it has no attributes"
	}
	for _, p := range needed {
		c.add(p)
		if c.bad[p.FullName()] != "" && why == "" {
			why = fmt.Sprintf("it refers to %s, which is left out", p.FullName())
		}
	}
	if why != "" {
		c.bad[t.FullName()] = why
		c.leftOut = append(c.leftOut, t.FullName()+": "+why)
		return
	}
	c.addSchema(t.Schema())
	c.tables = append(c.tables, t)
}
