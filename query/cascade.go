package query

import (
	"slices"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// A cascade is what goes with the rows of some roots: rows of the tables downstream, by whichever foreign key
// they refer to what goes, and jobs.
type cascade struct {
	dialect dialect.Dialect
	there   map[string]bool // the full names of the tables and queues that are in the database
	roots   []*root
	targets []*target // what refers to others after these
	of      map[*schema.Table]*target
}

// A target is a table of which rows go, or a queue of which jobs do.
type target struct {
	table   *schema.Table // the table, or the one whose queue it is
	queue   bool
	name    string // in SQL
	heading *schema.Heading
	reaches []*reach
}

// newCascade follows the foreign keys from the roots down.
func newCascade(d dialect.Dialect, there map[string]bool, roots []*root) *cascade {
	c := &cascade{dialect: d, there: there, roots: roots, of: map[*schema.Table]*target{}}
	tables := make([]*schema.Table, len(roots))
	for i, r := range roots {
		tables[i] = r.table
	}
	for _, table := range downstream(tables) {
		if !there[table.FullName()] && !slices.Contains(tables, table) {
			continue
		}
		t := &target{table: table, name: tableName(d, table), heading: table.Heading()}
		c.add(t, tableLinks(table))
		if name := queueOf(table); there[name] {
			q := &target{table: table, queue: true, heading: schema.NewHeading(table.MakeKey())}
			q.name = d.Table(table.Schema().Name(), table.QueueName())
			c.add(q, jobLinks(table))
		}
	}
	return c
}

// downstream are tables and all that refers to them, parents first.
func downstream(tables []*schema.Table) []*schema.Table {
	declared := make([]schema.Declared, len(tables))
	for i, t := range tables {
		declared[i] = t
	}
	return schema.NewDiagram(declared...).Down(schema.All).Tables()
}

func tableLinks(t *schema.Table) []link {
	var links []link
	for _, f := range t.ForeignKeys() {
		links = append(links, linkOf(t, f))
	}
	return links
}

// jobLinks let jobs go with a row that was made, and with the rows from which their key comes: they could not
// be made any more. A queue has no foreign keys, and jobs no rows of the table before they are made.
func jobLinks(t *schema.Table) []link {
	var key []string
	for _, a := range t.MakeKey() {
		key = append(key, a.Name)
	}
	links := []link{{parent: t, own: key, referred: key, asks: true}}
	for _, f := range t.ForeignKeys() {
		if f.Primary {
			links = append(links, linkOf(t, f))
		}
	}
	return links
}

// add finds how a target is reached from those before it.
func (c *cascade) add(t *target, links []link) {
	ways := map[string]*reach{}
	reached := func(r *reach, whole bool) {
		id := r.same()
		if ways[id] == nil {
			ways[id] = r
			t.reaches = append(t.reaches, r)
		}
		ways[id].whole = ways[id].whole || whole
	}
	if !t.queue {
		c.of[t.table] = t
		for _, r := range c.roots {
			if r.table == t.table {
				reached(begin(r), false)
			}
		}
	}
	for _, l := range links {
		if parent := c.of[l.parent]; parent != nil {
			whole := !t.queue && leadsToMaster(t.table, l)
			for _, r := range parent.reaches {
				reached(r.down(l), whole)
			}
		}
	}
	c.targets = append(c.targets, t)
}

// masterKey are the attributes of a part that are the key of its master, in the order of that key. They are
// none of a table that is no part, or has no foreign key to its master.
func masterKey(t *schema.Table) []string {
	m := t.Master()
	for _, is := range []func(f schema.ForeignKey) bool{
		func(f schema.ForeignKey) bool { return f.Primary && f.Parent == m },
		func(f schema.ForeignKey) bool { return f.Primary && f.Parent.Master() == m },
		func(f schema.ForeignKey) bool { return f.Parent == m },
	} {
		if i := slices.IndexFunc(t.ForeignKeys(), is); m != nil && i >= 0 {
			return masterKeyBy(t, linkOf(t, t.ForeignKeys()[i]))
		}
	}
	return nil
}

// masterKeyBy are these attributes by way of one link: to the master, or to another of its parts.
func masterKeyBy(t *schema.Table, l link) []string {
	there := l.parent.Heading().Key()
	if l.parent != t.Master() {
		there = masterKey(l.parent)
	}
	var own []string
	for _, name := range there {
		if i := slices.Index(l.referred, name); i >= 0 {
			own = append(own, l.own[i])
		}
	}
	if len(own) < len(there) {
		return nil
	}
	return own
}

// leadsToMaster tells whether a link leads from the rows of a part to those of its master, or to rows of another
// part of the same ones.
func leadsToMaster(t *schema.Table, l link) bool {
	m := t.Master()
	if m == nil || l.parent != m && l.parent.Master() != m {
		return false
	}
	key := masterKey(t)
	return len(key) > 0 && slices.Equal(key, masterKeyBy(t, l))
}
