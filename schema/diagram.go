package schema

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A Diagram is a set of tables, to be drawn with the foreign keys between them: the whole of
// schemas, or what is around some tables. It is immutable, and safe for concurrent use.
//
//	lab.Schema.Diagram().Union(rig.Schema.Diagram()) // two schemas
//	schema.NewDiagram(lab.Spectra).Up(schema.All)    // all that spectra come from
//	schema.NewDiagram(lab.Sessions).Up(1).Down(2)    // DataJoint's dj.Diagram(Session) - 1 + 2
type Diagram struct {
	tables []*Table // in the order of Tables
}

// All is how many steps [Diagram.Up] and [Diagram.Down] take to reach all that they lead to.
const All = math.MaxInt

// NewDiagram makes a diagram of the tables, and of no others.
func NewDiagram(tables ...Declared) *Diagram {
	all := make([]*Table, len(tables))
	for i, t := range tables {
		all[i] = t.Untyped()
	}
	return newDiagram(all)
}

// Diagram is the diagram of the tables that the schema has now.
func (s *Schema) Diagram() *Diagram { return newDiagram(s.Tables()) }

func newDiagram(tables []*Table) *Diagram {
	order := ordered(slices.Concat(tables, reach(tables, All, (*Table).parents)))
	return &Diagram{tables: slices.DeleteFunc(order, func(t *Table) bool { return !slices.Contains(tables, t) })}
}

// Up is the diagram with what its tables refer to: with their parents for one step, with the
// parents of these for two, and so on. Steps below 1 add nothing.
func (d *Diagram) Up(steps int) *Diagram { return d.with(reach(d.tables, steps, (*Table).parents)) }

// Down is the diagram with what refers to its tables: with their children, which parts are too,
// for one step, with the children of these for two, and so on. Steps below 1 add nothing. After
// an Up these are the children of what Up added as well; d.Up(1).Union(d.Down(1)) is without them.
func (d *Diagram) Down(steps int) *Diagram { return d.with(reach(d.tables, steps, (*Table).Children)) }

// Union is the diagram with the tables of others.
func (d *Diagram) Union(others ...*Diagram) *Diagram {
	var tables []*Table
	for _, o := range others {
		tables = append(tables, o.tables...)
	}
	return d.with(tables)
}

func (d *Diagram) with(tables []*Table) *Diagram { return newDiagram(slices.Concat(d.tables, tables)) }

// Tables are the diagram's tables, each once: what others come from before these, be it by way of
// tables that are not in the diagram, and parts right after their master, but for those that come
// from what stands after it. Where that leaves a choice, schemas stand in the order of their
// names, and their tables in that of their declaration.
func (d *Diagram) Tables() []*Table { return slices.Clone(d.tables) }

// reach finds what next leads to from the first ones in at most so many steps: each once, the
// nearest first, and none of the first ones.
func reach[T comparable](first []T, steps int, next func(T) []T) []T {
	seen := map[T]bool{}
	for _, t := range first {
		seen[t] = true
	}
	var found []T
	for edge := first; steps > 0 && len(edge) > 0; steps-- {
		known := len(found)
		for _, t := range edge {
			for _, o := range next(t) {
				if !seen[o] {
					seen[o], found = true, append(found, o)
				}
			}
		}
		edge = found[known:]
	}
	return found
}

// A group is what stands together in an order of tables: a table, with those of its parts that can.
type group struct {
	tables []*Table
	placed bool
}

// An ordering puts tables in order.
type ordering struct {
	groups map[*Table]*group // of each table
	tables []*Table          // those that are placed
}

// ordered are the tables, each once, in the order of Diagram.Tables.
func ordered(tables []*Table) []*Table {
	o := ordering{groups: map[*Table]*group{}}
	var each []*Table
	for _, t := range tables {
		if o.groups[t] == nil {
			o.groups[t], each = &group{tables: []*Table{t}}, append(each, t)
		}
	}
	slices.SortStableFunc(each, func(a, b *Table) int {
		return cmp.Or(strings.Compare(a.schema.name, b.schema.name), cmp.Compare(a.place, b.place))
	})
	for _, t := range each {
		o.join(t)
	}
	for _, t := range each {
		o.put(o.groups[t])
	}
	return o.tables
}

// join puts a part into the group of its master, unless foreign keys lead from the part to other
// groups and from there back to the master's: one of these has to stand between the two.
func (o *ordering) join(part *Table) {
	master := o.groups[part.master]
	if master == nil {
		return
	}
	between := slices.DeleteFunc(o.upstream(o.groups[part]), func(g *group) bool { return g == master })
	if !slices.Contains(reach(between, All, o.upstream), master) {
		o.groups[part], master.tables = master, append(master.tables, part)
	}
}

// upstream are the other groups to which the tables of a group refer.
func (o *ordering) upstream(g *group) []*group {
	var found []*group
	for _, t := range g.tables {
		for _, p := range t.parents() {
			if up := o.groups[p]; up != nil && up != g {
				found = append(found, up)
			}
		}
	}
	return found
}

// put places a group after those to which it refers.
func (o *ordering) put(g *group) {
	if g.placed {
		return
	}
	g.placed = true
	for _, up := range o.upstream(g) {
		o.put(up)
	}
	o.tables = append(o.tables, g.tables...)
}
