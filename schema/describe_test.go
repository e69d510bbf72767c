package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// definitions are the texts of a schema's tables, by the tables' names.
func definitions(s *Schema) map[string]string {
	all := map[string]string{}
	for _, t := range s.Tables() {
		all[t.name] = t.definition
	}
	return all
}

// otherSchema is the name of another schema in a line.
var otherSchema = regexp.MustCompile(`(?m)^(-> (?:\[.*\] )?)([a-z][a-z0-9_]*)\.([A-Z])`)

// again declares what was described, in other schemas, whose names end in suffix, as a program would.
func again(t *testing.T, s *Schema, suffix string) *Schema {
	t.Helper()
	schemas, tables := map[*Schema]*Schema{}, map[*Table]*Table{}
	var declare func(*Table) *Table
	declare = func(old *Table) *Table {
		if tables[old] != nil {
			return tables[old]
		}
		if schemas[old.schema] == nil {
			schemas[old.schema] = &Schema{name: old.schema.name + suffix, codecs: old.schema.codecs}
		}
		made := &Table{schema: schemas[old.schema], tier: old.tier, definition: old.definition, declaredAt: "again"}
		if old.master != nil {
			made.master = declare(old.master)
		}
		var parents []Declared
		for _, p := range old.parents() {
			if d := Declared(declare(p)); d != Declared(made.master) && !slices.Contains(parents, d) {
				parents = append(parents, d)
			}
		}
		require.NoError(t, made.setName(old.class[strings.LastIndex(old.class, ".")+1:]))
		def, err := made.schema.codecs.parse(otherSchema.ReplaceAllString(old.definition, "${1}${2}"+suffix+".${3}"))
		require.NoError(t, err)
		require.NoError(t, made.resolve(def, parents), "%s\n%s", made.FullName(), made.definition)
		require.NoError(t, made.schema.add(made))
		tables[old] = made
		return made
	}
	for _, table := range s.Tables() {
		declare(table)
	}
	return schemas[s]
}

// requireFixed wants that the description of a schema, declared anew, is described alike.
func requireFixed(t *testing.T, db *rowmill.DB, name string) *Schema {
	t.Helper()
	first, err := Describe(t.Context(), db, name)
	require.NoError(t, err)
	require.Empty(t, first.Omitted())
	require.NoError(t, again(t, first, "").Declare(t.Context(), db), "it fits the database that it describes")
	require.NoError(t, again(t, first, "_2").Declare(t.Context(), db))
	second, err := Describe(t.Context(), db, name+"_2")
	require.NoError(t, err)
	require.Empty(t, second.Omitted())
	texts := definitions(second)
	for name, text := range texts {
		texts[name] = otherSchema.ReplaceAllStringFunc(text, func(of string) string { return strings.Replace(of, "_2.", ".", 1) })
	}
	require.Equal(t, definitions(first), texts)
	return first
}

// requireSame wants two tables to be the same but for comments and the spelling of types and defaults.
func requireSame(t *testing.T, wanted, found *Table) {
	t.Helper()
	require.Equal(t, wanted.class, found.class)
	require.Equal(t, wanted.tier, found.tier)
	for _, d := range wanted.compare(found.rendered()) {
		require.True(t, d.mark, "%s: %s", wanted.FullName(), d) // a key that a line of its own declares, too, has one
	}
	require.Equal(t, wanted.lineage(), found.lineage())
	require.Len(t, found.foreign, len(wanted.foreign))
	for i, f := range wanted.foreign {
		g := found.foreign[i]
		require.Equal(t, f.Parent.FullName(), g.Parent.FullName())
		require.Equal(t, []any{f.Attrs, f.Referred, f.Primary}, []any{g.Attrs, g.Referred, g.Primary})
	}
	require.Equal(t, wanted.heading.Names(), found.heading.Names())
	require.Len(t, found.MakeKey(), len(wanted.MakeKey()))
}

// TestDescribePeer describes the tables that DataJoint for Python is known to make.
func TestDescribePeer(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := newPeer("djddl")
		require.NoError(t, s.Declare(t.Context(), db))
		d := requireFixed(t, db, "djddl")
		require.Len(t, d.Tables(), len(s.Tables()))
		for _, table := range s.Tables() {
			requireSame(t, table, find(d, table.class))
		}
		var b strings.Builder
		for _, table := range d.Diagram().Tables() {
			b.WriteString(table.class + " (" + table.tier.String() + ")\n\n" + table.definition + "\n")
		}
		golden(t, b.String(), "describe", "peer.txt")
	})
}

// TestDescribeComputedIndexes describes indexes over what is computed, where the server has them.
func TestDescribeComputedIndexes(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		type Doc struct {
			ID   int32
			Doc  json.RawMessage
			Name string
		}
		s := New("docs")
		Manual[Doc](s, `
			id : int32
			---
			doc  : json
			name : varchar(20)
			index (doc.list[0].key:char(20), name)
			unique index (doc.a.b)
			index ((lower(name)))
		`)
		if err := s.Declare(t.Context(), db); err != nil {
			require.ErrorContains(t, err, "which not every server has")
			t.Skip("this server has no indexes of expressions")
		}
		d := requireFixed(t, db, "docs")
		requireSame(t, find(s, "Doc"), find(d, "Doc"))
		require.Contains(t, find(d, "Doc").definition, "\nindex (doc.list[0].key:char(20), name)\nunique index (doc.a.b)\n")
		require.Regexp(t, "\nindex \\(\\(lower\\(`?name`?\\)\\)\\)\n", find(d, "Doc").definition)
	})
}

// TestDescribeNothing tells a schema that is not there from one without tables.
func TestDescribeNothing(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		_, err := Describe(t.Context(), db, "lab")
		require.ErrorIs(t, err, rowmill.ErrNoTable)
		require.EqualError(t, err, `describe schema lab: no schema "lab" is there`)

		require.NoError(t, newPeer("djddl").Declare(t.Context(), db))
		_, err = Describe(t.Context(), db, "djdll")
		require.ErrorIs(t, err, rowmill.ErrNoTable)
		require.EqualError(t, err, `describe schema djdll: no schema "djdll" is there; did you mean "djddl"?`)
		_, err = Describe(t.Context(), db, "d.j")
		require.EqualError(t, err, `describe schema d.j: schema name "d.j": letters, digits, - and _ are wanted, a letter first`)
		_, err = Describe(t.Context(), db, "djddl", Opaque("a", "bytes"), Opaque("a", "bytes"))
		require.EqualError(t, err, `describe schema djddl: there are two codecs <a>`)

		names, err := List(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, []string{"djddl"}, names)

		require.NoError(t, run(t.Context(), db, db.Dialect().CreateSchema("empty")))
		s, err := Describe(t.Context(), db, "empty")
		require.NoError(t, err)
		require.Empty(t, s.Tables())
	})
}

// TestDescribeNames refers to tables that have one name.
func TestDescribeNames(t *testing.T) {
	type Session struct{ ID int32 }
	each(t, func(t *testing.T, db *rowmill.DB) {
		far, near := New("far"), New("near")
		fars := Manual[Session](far, "id : int32")
		declareNames(near, fars)
		require.NoError(t, near.Declare(t.Context(), db))
		d := requireFixed(t, db, "near")
		for _, table := range near.Tables() {
			requireSame(t, table, find(d, table.class))
		}
		require.Equal(t, "-> master\n-> far.Session.proj(far='id')\n", find(d, "Session.Peak").definition)
		require.Equal(t, "-> Peak\n---\n-> Session.Peak.proj(a='id', b='far')\n", find(d, "Both").definition)
		require.Equal(t, "near", find(d, "Both").foreign[1].Parent.schema.name)
		require.Equal(t, "far", find(d, "Session.Peak").foreign[1].Parent.schema.name)
	})
}

func declareNames(near *Schema, fars Declared) {
	type Session struct{ ID int32 }
	sessions := Manual[Session](near, "id : int32")
	type Peak struct{ Peak int32 }
	peaks := Lookup[Peak](near, "peak : int32", nil)
	type SessionPeak struct {
		_   struct{} `db:"Peak"`
		ID  int32
		Far int32
	}
	ofSessions := Part[SessionPeak](sessions, "-> master\n-> far.Session.proj(far='id')", fars)
	type Both struct {
		Peak int32
		A, B int32
	}
	Manual[Both](near, "-> Peak\n---\n-> Session.Peak.proj(a='id', b='far')", peaks, ofSessions)
}

// TestDescribePasted describes what users of DataJoint for Python write.
func TestDescribePasted(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		l := pastedLibrary()
		for _, p := range pasted(t) {
			if table, err := l.declare(p.tier, p.name, p.definition); err == nil && !computes(table) {
				l.tables = append(l.tables, table)
				require.NoError(t, table.Declare(t.Context(), db), p.name)
			}
		}
		d := requireFixed(t, db, "lab")
		for _, table := range l.tables {
			if table.schema.name == "lab" && !strings.HasPrefix(table.class, "Serial") { // serial means a unique index, too
				requireSame(t, table, find(d, table.class))
			}
		}
	})
}
