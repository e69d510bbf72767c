package schema

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/spell"
)

// Describe reads the tables of a schema from the database, whoever declared them. Each table's
// Definition is the text that would declare it, and the table is what that text declares: with its
// heading and foreign keys, for queries as any other, but with no type of its rows. Attributes of
// codecs that are none of <blob>, <attach> and others are [Opaque]. The schemas to which foreign keys
// lead are described with it, and are found through the tables' foreign keys.
//
// What no definition can say of a table stands in a remark at the end of its text. A table that none can
// declare is left out: see [Schema.Omitted]. Views are none, nor are tables whose names begin with
// ~, as those of queues. The error wraps rowmill.ErrNoTable where the schema is not there.
func Describe(ctx context.Context, db *rowmill.DB, name string, others ...Codec) (*Schema, error) {
	d := describer{db: db, findings: map[string]*finding{}, schemas: map[string]*Schema{}}
	var err error
	if d.codecs, err = newCodecs(others); err == nil {
		err = d.describe(ctx, name)
	}
	if err != nil {
		return nil, fmt.Errorf("describe schema %s: %w", name, err)
	}
	return d.schemas[name], nil
}

// List returns the names of the schemas that are in the database, in their order.
func List(ctx context.Context, db *rowmill.DB) ([]string, error) {
	names, err := db.Dialect().Schemas(ctx, queryOf(db))
	if err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	return names, nil
}

// An Omission is a table of the database that no definition can declare.
type Omission struct {
	Table  string // its name in the schema
	Reason string // in a sentence, without its end
}

// Omitted are the tables that [Describe] left out, in the order of their names.
func (s *Schema) Omitted() []Omission { return slices.Clone(s.omitted) }

// A missing error tells that a schema is not there.
type missing struct{ name, guess string }

func (m missing) Error() string { return fmt.Sprintf("no schema %q is there%s", m.name, m.guess) }

// Is lets callers who look for a table learn that it is not there.
func (missing) Is(target error) bool { return target == rowmill.ErrNoTable }

// A describer describes one schema, and those that it leads to.
type describer struct {
	db       *rowmill.DB
	codecs   codecs              // of every schema
	schemas  map[string]*Schema  // that were read
	findings map[string]*finding // by their full names
}

// A finding is a table that was found.
type finding struct {
	dialect.Table

	schema *Schema
	state  state
	table  *Table // once it is described; nil if it is left out
}

// A state is how far the description of a table is.
type state int

const (
	unseen  state = iota
	waiting       // for the tables that it leads to
	done
)

func (d *describer) describe(ctx context.Context, name string) error {
	if err := checkSchemaName(name); err != nil {
		return err
	}
	if err := d.read(ctx, name); err != nil {
		return err
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(d.findings)), func(f *finding) bool { return f.Schema == name }) {
		if err := d.missing(ctx, name); err != nil {
			return err
		}
	}
	for _, full := range slices.Sorted(maps.Keys(d.findings)) {
		d.begin(d.findings[full])
	}
	for _, s := range d.schemas {
		slices.SortFunc(s.omitted, func(a, b Omission) int { return strings.Compare(a.Table, b.Table) })
	}
	return nil
}

// missing tells a schema that is not there from one that has no tables.
func (d *describer) missing(ctx context.Context, name string) error {
	names, err := d.db.Dialect().Schemas(ctx, queryOf(d.db))
	if err != nil || slices.Contains(names, name) {
		return err
	}
	return missing{name, spell.Guess(name, names)}
}

// read reads a schema, and those to which its foreign keys lead.
func (d *describer) read(ctx context.Context, name string) error {
	if d.schemas[name] != nil || !schemaName.MatchString(name) {
		return nil // foreign keys may lead to databases of any names
	}
	tables, err := describeSchema(ctx, d.db, name, "")
	if err != nil {
		return err
	}
	s := &Schema{name: name, codecs: maps.Clone(d.codecs)}
	d.schemas[name] = s
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if strings.HasPrefix(table, "~") {
			continue
		}
		f := &finding{Table: tables[table], schema: s}
		d.findings[name+"."+table] = f
		s.codecs.addUnknown(f.Columns)
		for _, foreign := range f.Foreign {
			if err := d.read(ctx, foreign.Schema); err != nil {
				return err
			}
		}
	}
	return nil
}

// addUnknown adds codecs that hand over what is stored for columns of codecs that are not known.
func (all codecs) addUnknown(columns []dialect.Column) {
	for _, c := range columns {
		if all[c.Type.Codec] != nil || c.Type.Codec == "" {
			continue
		}
		if codec := (opaque{c.Type.Codec, c.Type.Stored}); checkCodec(codec) == nil {
			all[c.Type.Codec] = codec
		}
	}
}

// begin describes a table after those that it leads to, unless that has begun.
func (d *describer) begin(f *finding) {
	if f.state != unseen {
		return
	}
	f.state = waiting
	t, err := d.table(f)
	if err == nil {
		err = f.schema.addDescribed(t)
	}
	f.state = done
	if err != nil {
		f.schema.omitted = append(f.schema.omitted, Omission{f.Name, err.Error()})
		return
	}
	f.table = t
	for _, p := range t.parents() {
		p.schema.adopt(p, t)
	}
}

// addDescribed is add, with another reason.
func (s *Schema) addDescribed(t *Table) error {
	if i := slices.IndexFunc(s.tables, func(other *Table) bool { return other.class == t.class }); i >= 0 {
		return fmt.Errorf("%s is a table of the class %s already", s.tables[i].name, t.class)
	}
	return s.add(t)
}

// table makes the table of what was found.
func (d *describer) table(f *finding) (*Table, error) {
	t := &Table{schema: f.schema, declaredAt: "the database", existing: true}
	if err := d.setName(t, f); err != nil {
		return nil, err
	}
	w := newWriter(t, f.Table)
	for _, foreign := range f.Foreign {
		parent, why := d.parent(f, foreign)
		w.addForeign(foreign, parent, why)
	}
	if err := w.write(); err != nil {
		return nil, err
	}
	t.definition = w.text()
	def, err := f.schema.codecs.parse(t.definition)
	if err != nil {
		return nil, err
	}
	if err := t.resolve(def, w.parents()); err != nil {
		return nil, err
	}
	t.heading = NewHeading(w.withHidden(t.heading.attrs))
	for _, difference := range t.compare(f.Table) {
		if !difference.Harmless && !w.unsaid[difference.Of] {
			return nil, fmt.Errorf("its definition would say otherwise: %s", difference)
		}
	}
	return t, nil
}

// setName finds the tier and the class of a table, and its master, by its name.
func (d *describer) setName(t *Table, f *finding) error {
	noName := errors.New("its name is none that a definition's table can have")
	base := strings.TrimLeft(f.Name, "#_")
	prefix := strings.TrimSuffix(f.Name, base)
	for t.tier = TierManual; t.tier.prefix() != prefix; t.tier++ {
		if t.tier == TierComputed {
			return noName
		}
	}
	if end := strings.LastIndex(base, "__"); end > 0 {
		master := d.findings[f.schema.name+"."+prefix+base[:end]]
		base = base[end+2:]
		if master == nil {
			return errors.New("it is a part of no table that is there")
		}
		if d.begin(master); master.table == nil {
			return fmt.Errorf("it is a part of %s, which is left out, too", master.Name)
		}
		t.tier, t.master = TierPart, master.table
	}
	if err := t.setName(spell.Class(base)); err != nil || t.name != f.Name {
		return noName
	}
	return nil
}

// parent is the table to which a foreign key leads, or else why it is none that a definition can name.
func (d *describer) parent(f *finding, foreign dialect.ForeignKey) (parent *Table, why string) {
	full := foreign.Schema + "." + foreign.Table
	p := d.findings[full]
	switch {
	case p == f:
		return nil, "a table cannot refer to itself"
	case strings.HasPrefix(foreign.Table, "~"):
		return nil, "no definition can name a table of DataJoint's own"
	case p == nil:
		return nil, full + " is not there, or not for this user to see"
	case d.leadsBack(p):
		return nil, "it would close a circle of tables that refer to each other"
	}
	if d.begin(p); p.table == nil {
		return nil, full + " is left out, too"
	}
	return p.table, ""
}

// leadsBack tells whether a table, or the master whose part it is, waits for another to be described.
func (d *describer) leadsBack(p *finding) bool {
	for p != nil {
		if p.state == waiting {
			return true
		}
		p = d.findings[p.schema.name+"."+p.Name[:max(strings.LastIndex(p.Name, "__"), 0)]]
	}
	return false
}

// queryOf lets a dialect query db.
func queryOf(db *rowmill.DB) dialect.Query {
	return func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return db.Query(ctx, query, args...)
	}
}
