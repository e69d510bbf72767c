package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/spell"
)

// setName names the table after its row struct.
func (t *Table) setName(class string) error {
	if class == "" {
		return errors.New("its rows have no named struct type, after which the table could be called")
	}
	base := spell.Table(class)
	if !structName.MatchString(class) || !baseName.MatchString(base) {
		return fmt.Errorf("its rows are of type %q; a struct name of letters and digits, a capital first, is wanted", class)
	}
	t.class, t.name = class, t.tier.prefix()+base
	if t.master != nil {
		t.class, t.name = t.master.class+"."+class, t.master.name+"__"+base
	}
	return checkLength(t.name)
}

// resolve makes the heading and the foreign keys from a definition and the tables to which it
// refers.
func (t *Table) resolve(d *Definition, parents []Declared) error {
	t.comment = d.Comment
	r := resolver{table: t, used: map[*Table]bool{}}
	for _, p := range parents {
		r.parents = append(r.parents, p.Untyped())
	}
	for _, l := range d.lines {
		if err := r.line(l); err != nil {
			return fmt.Errorf("line %d: %w", l.number, err)
		}
	}
	t.heading = NewHeading(r.attrs)
	for _, p := range r.parents {
		if !r.used[p] {
			return fmt.Errorf("%s follows the definition, which does not refer to it: add a line \"-> %s\", or leave it out", p, p)
		}
	}
	return r.finish(d)
}

// A resolver collects the attributes and foreign keys of one table.
type resolver struct {
	table   *Table
	parents []*Table
	used    map[*Table]bool
	attrs   []Attr
}

func (r *resolver) line(l line) error {
	if l.foreign != nil {
		return r.foreignKey(l)
	}
	if r.find(l.attr.Name) >= 0 {
		return fmt.Errorf("%q is declared twice", l.attr.Name)
	}
	a := l.attr
	if a.Key {
		a.Origin = r.table.FullName() + "." + a.Name
	}
	r.attrs = append(r.attrs, a)
	return nil
}

func (r *resolver) find(name string) int {
	return slices.IndexFunc(r.attrs, func(a Attr) bool { return a.Name == name })
}

// parent finds the table to which a foreign key refers.
func (r *resolver) parent(name string) (*Table, error) {
	if m := r.table.master; m != nil && (name == "master" || name == m.class) {
		return m, nil
	}
	if name == "master" {
		return nil, errors.New("only a part has a master")
	}
	known := []string{}
	for _, p := range r.parents {
		if p.class == name || p.master != nil && strings.TrimPrefix(p.class, p.master.class+".") == name {
			r.used[p] = true
			return p, nil
		}
		known = append(known, p.class)
	}
	return nil, fmt.Errorf("-> %s refers to none of the tables that follow the definition (%s)%s",
		name, strings.Join(known, ", "), spell.Guess(name, known))
}

// foreignKey adds the parent's primary key to the table, under new names where it says so.
func (r *resolver) foreignKey(l line) error {
	p, err := r.parent(l.foreign.parent)
	if err != nil {
		return err
	}
	if len(p.heading.Key()) == 0 {
		return fmt.Errorf("%s has no primary key to which a foreign key could refer", p)
	}
	f := ForeignKey{Parent: p, Unique: l.foreign.unique}
	left := len(l.foreign.renamed)
	for _, a := range p.heading.attrs {
		if !a.Key {
			continue
		}
		referred := a.Name
		if name := l.foreign.renamed[a.Name]; name != "" {
			a.Name, left = name, left-1
		}
		if slices.Contains(f.Attrs, a.Name) {
			return fmt.Errorf("%q of %s is called %q here, as another attribute of its key is", referred, p, a.Name)
		}
		f.Attrs, f.Referred = append(f.Attrs, a.Name), append(f.Referred, referred)
		if i := r.find(a.Name); i >= 0 {
			if err := r.share(&r.attrs[i], a, p); err != nil {
				return err
			}
			continue
		}
		a.Key, a.Nullable, a.Default, a.Inherited = l.primary, l.foreign.nullable, "", true
		a.Unmarked = a.Type.Core != "uuid" // which no server's own type tells
		r.attrs = append(r.attrs, a)
	}
	if left > 0 {
		return renamedUnknown(p, l.foreign.renamed)
	}
	r.table.foreign = append(r.table.foreign, f)
	return nil
}

// share lets an attribute that is there, by another foreign key or a line of its own, be that
// of a foreign key too. A line of its own says of which type it is, and its column with it.
func (r *resolver) share(a *Attr, referred Attr, p *Table) error {
	if wanted := canonical(referred.Type.Spec); canonical(a.Type.Spec) != wanted {
		return fmt.Errorf("%q is %s here, and %s in %s, to which the foreign key refers", a.Name, a.Type.Spec, referred.Type.Spec, p)
	}
	if !a.Inherited {
		a.Origin, a.Inherited = referred.Origin, true
	}
	return nil
}

func renamedUnknown(p *Table, renamed map[string]string) error {
	for old := range renamed {
		if !slices.Contains(p.heading.Key(), old) {
			return fmt.Errorf("%q is not in the primary key of %s%s", old, p, spell.Guess(old, p.heading.Key()))
		}
	}
	return nil
}

// finish checks what needs the whole table, and adds what users do not see.
func (r *resolver) finish(d *Definition) error {
	t := r.table
	if err := t.checkDerivedNames(); err != nil {
		return err
	}
	for i, f := range t.foreign {
		if f.Unique {
			t.indexes = append(t.indexes, dialect.Index{Columns: f.Attrs, Unique: true, Foreign: true})
		}
		t.foreign[i].Primary = !slices.ContainsFunc(f.Attrs, func(n string) bool { a, _ := t.heading.Attr(n); return !a.Key })
	}
	for _, index := range d.indexes {
		for _, c := range index.Columns {
			if !t.heading.Has(c) {
				return fmt.Errorf("an index names %q, which is no attribute%s", c, spell.Guess(c, t.heading.Names()))
			}
		}
		t.indexes = append(t.indexes, index)
	}
	if t.master != nil && !slices.ContainsFunc(t.foreign, func(f ForeignKey) bool { return f.Parent == t.master && f.Primary }) {
		return fmt.Errorf("a part's primary key refers to its master: add a line \"-> master\" above the ---")
	}
	if t.tier.Made() {
		t.heading = NewHeading(append(r.attrs, jobMetadata...))
		return t.checkMadeKey()
	}
	if len(t.heading.Key()) == 0 {
		t.heading = NewHeading(append([]Attr{t.singleton()}, r.attrs...))
	}
	return nil
}

// checkMadeKey wants every key attribute of a made table to come from upstream: what ought to
// be made is known from there alone.
func (t *Table) checkMadeKey() error {
	for _, a := range t.heading.attrs {
		if a.Key && !a.Inherited {
			return fmt.Errorf("%q is in the primary key, and no foreign key brings it: the rows of %s tables are told by their parents; put it into a part",
				a.Name, t.tier)
		}
	}
	if len(t.MakeKey()) == 0 {
		return fmt.Errorf("it has no foreign key in its primary key, from which the rows that ought to exist would be known")
	}
	return nil
}
