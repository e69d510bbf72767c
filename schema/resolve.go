package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
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

// resolve makes the heading, the foreign keys and the indexes from a definition and the tables to
// which it refers.
func (t *Table) resolve(d *Definition, parents []Declared) error {
	t.comment = d.Comment
	r := resolver{table: t, used: map[*Table]bool{}, own: map[string]line{}}
	for _, p := range parents {
		r.parents = append(r.parents, p.Untyped())
	}
	for _, l := range d.lines {
		if err := r.line(l); err != nil {
			return l.fault(err)
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
	own     map[string]line // of the attributes that have one
}

func (r *resolver) line(l line) error {
	switch {
	case l.index != nil:
		return nil // once all attributes are known
	case l.foreign != nil:
		return r.foreignKey(l)
	}
	a := l.attr
	if i := r.find(a.Name); i >= 0 {
		if r.attrs[i].Inherited {
			return fmt.Errorf("%q is brought by a foreign key above: leave this line out", a.Name)
		}
		return fmt.Errorf("%q is declared twice", a.Name)
	}
	if i := slices.IndexFunc(r.attrs, func(other Attr) bool { return other.Type.Auto }); i >= 0 && a.Type.Auto {
		return fmt.Errorf("%q numbers the rows already, and a server numbers them once", r.attrs[i].Name)
	}
	if n := a.commentLength(); n > maxComment && !r.table.existing {
		return fmt.Errorf("the type and the comment have %d letters together; servers take at most %d", n, maxComment)
	}
	if a.Key {
		a.Origin = r.table.FullName() + "." + a.Name
	}
	r.attrs, r.own[a.Name] = append(r.attrs, a), l
	return nil
}

func (r *resolver) find(name string) int {
	return slices.IndexFunc(r.attrs, func(a Attr) bool { return a.Name == name })
}

// parent finds the table to which a foreign key refers. Where several are called so, it is that of the
// schema whose name stands before it, or of the table's own, or the master.
func (r *resolver) parent(ref *reference) (*Table, error) {
	m, name := r.table.master, ref.parent
	if part, ok := strings.CutPrefix(name, "master"); ok {
		if m == nil {
			return nil, errors.New("only a part has a master")
		}
		if part == "" {
			return m, nil
		}
		name = m.class + part
	}
	found := r.called(name)
	for _, s := range []string{ref.of, r.table.schema.name} {
		if there := slices.DeleteFunc(slices.Clone(found), func(p *Table) bool { return p.schema.name != s }); len(there) > 0 {
			found = there
		}
	}
	switch {
	case len(found) == 1 || len(found) > 1 && found[0] == m:
		r.used[found[0]] = true
		return found[0], nil
	case len(found) == 0:
		return nil, r.unknown(name)
	}
	return nil, fmt.Errorf("-> %s can be %s or %s: put the schema's name before it, as in -> %s.%s",
		name, found[0].FullName(), found[1].FullName(), found[0].schema.name, found[0])
}

// called are the tables of a name, the master first, or else the parts that are called so in their masters.
func (r *resolver) called(name string) []*Table {
	var found, parts []*Table
	for _, p := range r.candidates() {
		switch {
		case p.class == name:
			found = append(found, p)
		case p.master != nil && strings.TrimPrefix(p.class, p.master.class+".") == name:
			parts = append(parts, p)
		}
	}
	if len(found) == 0 {
		return parts
	}
	return found
}

func (r *resolver) candidates() []*Table {
	if m := r.table.master; m != nil {
		return append([]*Table{m}, r.parents...)
	}
	return r.parents
}

// unknown says what the definition could refer to, where it names something else.
func (r *resolver) unknown(name string) error {
	if t := r.table; name == t.class || t.master != nil && t.class == t.master.class+"."+name {
		return errSelf
	}
	var known []string
	for _, p := range r.candidates() {
		known = append(known, p.class)
	}
	if len(known) == 0 {
		return fmt.Errorf("no table follows the definition: add the variable that declares %s, after the text", name)
	}
	return fmt.Errorf("-> %s refers to none of the tables that follow the definition (%s)%s",
		name, strings.Join(known, ", "), spell.Guess(name, known))
}

// foreignKey adds the parent's primary key to the table, under new names where it says so.
func (r *resolver) foreignKey(l line) error {
	p, err := r.parent(l.foreign)
	if err != nil {
		return err
	}
	if err := l.foreign.check(p); err != nil {
		return err
	}
	f := ForeignKey{Parent: p, Unique: l.foreign.unique}
	for _, a := range p.heading.attrs {
		if !a.Key {
			continue
		}
		referred := a.Name
		if name := l.foreign.renamed[a.Name]; name != "" {
			a.Name = name
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
		a.Unmarked = a.Type.Kind != datatype.UUID // which no server's own type tells
		a.Type = referring(a.Type)
		r.attrs = append(r.attrs, a)
	}
	r.table.foreign = append(r.table.foreign, f)
	return nil
}

// check wants a reference to be one to the primary key of a table.
func (ref *reference) check(p *Table) error {
	key := p.heading.Key()
	if len(key) == 0 {
		return fmt.Errorf("%s has no primary key to which a foreign key could refer", p)
	}
	for _, old := range slices.Sorted(maps.Keys(ref.renamed)) {
		if !slices.Contains(key, old) {
			return fmt.Errorf("%q is not in the primary key of %s%s", old, p, spell.Guess(old, key))
		}
	}
	for _, name := range ref.named {
		if names := p.heading.Names(); !slices.Contains(names, name) {
			return fmt.Errorf("%q is no attribute of %s%s", name, p, spell.Guess(name, names))
		}
	}
	return nil
}

// share lets an attribute that is there, by another foreign key or a line of its own, be that
// of a foreign key too. A line of its own says of which type it is, and its column with it.
func (r *resolver) share(a *Attr, referred Attr, p *Table) error {
	if !datatype.Same(a.Type, referred.Type.Referring()) {
		return fmt.Errorf("%q is %s here, and %s in %s, to which the foreign key refers", a.Name, a.Type.Spec, referred.Type.Spec, p)
	}
	if !a.Inherited {
		a.Origin, a.Inherited = referred.Origin, true
	}
	return nil
}

// finish checks what needs the whole table, and adds what users do not see.
func (r *resolver) finish(d *Definition) error {
	t := r.table
	for i, f := range t.foreign {
		t.foreign[i].Primary = !slices.ContainsFunc(f.Attrs, func(n string) bool { a, _ := t.heading.Attr(n); return !a.Key })
	}
	if err := r.addIndexes(d); err != nil {
		return err
	}
	if !t.existing {
		if err := r.checkNumbering(); err != nil {
			return err
		}
		if attr, err := t.brokenRule(); err != nil {
			return r.own[attr].fault(err)
		}
	}
	switch {
	case t.tier.Made() && !t.existing:
		t.heading = NewHeading(append(r.attrs, jobMetadata...))
	case len(t.heading.Key()) == 0:
		t.heading = NewHeading(append([]Attr{t.singleton()}, r.attrs...))
	}
	return nil
}

// addIndexes adds the indexes, those of unique foreign keys among them, in the order of their lines.
func (r *resolver) addIndexes(d *Definition) error {
	t := r.table
	foreign := t.foreign
	for _, l := range d.lines {
		switch {
		case l.index != nil:
			if err := t.checkIndex(*l.index); err != nil {
				return l.fault(err)
			}
			t.indexes = append(t.indexes, *l.index)
		case l.foreign != nil:
			if f := foreign[0]; f.Unique {
				t.indexes = append(t.indexes, dialect.Index{Parts: dialect.OnColumns(f.Attrs...), Unique: true, Foreign: true})
			}
			foreign = foreign[1:]
		}
	}
	return nil
}

// referring is the type of a foreign key's attribute. Types with a choice of spellings are spelled as
// servers do: DataJoint copies the types of these columns from there.
func referring(t datatype.Type) datatype.Type {
	t = t.Referring()
	spec, ok := serversNames[t.Kind]
	switch k := t.Kind; {
	case k == datatype.Integer && t.Native:
		spec, ok = map[int]string{8: "tinyint", 16: "smallint", 24: "mediumint", 32: "int", 64: "bigint"}[t.Bits], true
	case k == datatype.Float && t.Native:
		spec, ok = map[int]string{32: "float", 64: "double"}[t.Bits], true
	}
	if !ok {
		return t
	}
	switch {
	case len(t.Members) > 0:
		spec += members(t)
	case t.Kind == datatype.Decimal || t.Kind == datatype.Float && t.Size > 0:
		spec += fmt.Sprintf("(%d,%d)", t.Size, t.Scale)
	case t.Kind != datatype.Float && t.Size+t.Fraction > 0:
		spec += fmt.Sprintf("(%d)", t.Size+t.Fraction)
	}
	switch {
	case strings.HasSuffix(strings.ToLower(t.Stored), "zerofill"):
		spec += " unsigned zerofill"
	case t.Unsigned:
		spec += " unsigned"
	}
	return datatype.MustParse(spec)
}

// serversNames are how servers call the types that are written in several ways, without parameters.
var serversNames = map[datatype.Kind]string{
	datatype.Decimal: "decimal", datatype.Char: "char", datatype.Varchar: "varchar", datatype.Enum: "enum", datatype.Set: "set",
	datatype.DateTime: "datetime", datatype.Timestamp: "timestamp", datatype.Time: "time", datatype.Year: "year",
	datatype.Binary: "binary", datatype.Varbinary: "varbinary",
}

// members are the members of an enum or a set in SQL, without the spaces at their ends, which servers drop.
func members(t datatype.Type) string {
	quoted := make([]string, len(t.Members))
	for i, m := range t.Members {
		quoted[i] = dialect.Literal(strings.TrimRight(m, " "))
	}
	return "(" + strings.Join(quoted, ",") + ")"
}
