package query

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// The types of the attributes: foreign keys have the first as MySQL calls it.
var integers, shortTexts = datatype.MustParse("int32"), datatype.MustParse("varchar(8)")

// newScene is a world whose tables have attributes of every kind that matters to the algebra.
func newScene(t *testing.T, db *rowmill.DB, seed uint64) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), db: db}
	w.names = [2]string{fmt.Sprintf("p%d", seed), fmt.Sprintf("q%d", seed)}
	for i := range 3 + w.IntN(4) {
		w.stage(i)
	}
	only := &imagined{def: dialect.Table{Schema: w.names[0], Name: "only", Key: []string{"_singleton"}}}
	only.def.Columns = []dialect.Column{{Name: "_singleton", Type: datatype.MustParse("bool"), Default: "TRUE"}, {Name: "u", Type: integers}}
	w.tables = append(w.tables, only)
	d := db.Dialect()
	w.exec(t, slices.Concat(d.CreateSchema(w.names[0]), d.CreateSchema(w.names[1])))
	for _, m := range w.tables {
		w.exec(t, d.CreateTable(m.def))
		w.occupy(t, m)
	}
	for _, name := range w.names {
		w.describe(t, name)
	}
	return w
}

func (w *world) describe(t *testing.T, name string) {
	t.Helper()
	s, err := schema.Describe(t.Context(), w.db, name)
	if errors.Is(err, rowmill.ErrNoTable) {
		return // no table is in this one
	}
	require.NoError(t, err)
	for _, table := range s.Tables() {
		w.named(name, table.Name()).t = table
	}
}

// stage makes up a table, with a key of numbers and texts, its own and others'.
func (w *world) stage(i int) {
	m := &imagined{def: dialect.Table{Schema: w.names[w.IntN(2)], Name: fmt.Sprintf("t%d", i)}}
	if masters := w.masters(); len(masters) > 0 && w.IntN(4) == 0 {
		master := masters[w.IntN(len(masters))]
		m.def.Schema, m.def.Name = master.def.Schema, fmt.Sprintf("%s__t%d", master.def.Name, i)
		w.refer(m, master, true)
	}
	for range w.IntN(3) {
		if len(w.tables) > 0 {
			w.refer(m, w.tables[w.IntN(len(w.tables))], w.IntN(3) > 0)
		}
	}
	add := func(name string, typ datatype.Type, key, nullable bool) {
		c := dialect.Column{Name: fmt.Sprintf("%s%d", name, i), Type: typ, Nullable: nullable}
		if nullable {
			c.Default = "NULL"
		}
		if key {
			m.def.Key = append(m.def.Key, c.Name)
		}
		m.def.Columns = append(m.def.Columns, c)
	}
	if len(m.def.Key) == 0 || w.IntN(2) == 0 {
		add("k", integers, true, false)
	}
	if w.IntN(4) == 0 {
		add("j", shortTexts, true, false)
	}
	add("v", integers, false, true)
	add("w", shortTexts, false, w.IntN(2) == 0)
	if w.IntN(4) == 0 { // a name that others have, which means nothing to them
		m.def.Columns = append(m.def.Columns, dialect.Column{Name: "note", Type: integers})
	}
	if w.IntN(3) == 0 {
		m.def.Columns = append(m.def.Columns, dialect.Column{Name: "_hidden", Type: integers, Nullable: true, Default: "NULL"})
	}
	for _, f := range m.def.Foreign {
		for n, name := range f.Columns {
			if isText(w.named(f.Schema, f.Table), f.ReferenceColumns[n]) {
				m.column(name).Type = shortTexts
			}
		}
	}
	order := append(slices.Clone(m.def.Key), "")
	slices.SortStableFunc(m.def.Columns, func(a, b dialect.Column) int { // the key first
		at := func(c dialect.Column) int { return (slices.Index(order, c.Name) + len(order)) % len(order) }
		return at(a) - at(b)
	})
	w.tables = append(w.tables, m)
}

func (m *imagined) column(name string) *dialect.Column {
	i := slices.IndexFunc(m.def.Columns, func(c dialect.Column) bool { return c.Name == name })
	return &m.def.Columns[i]
}

func isText(m *imagined, name string) bool {
	return m.column(name).Type.Kind == datatype.Varchar
}

// held is the value that stands for a number of a fact.
func held(m *imagined, name string, v int) any {
	if isText(m, name) {
		return someWords[v]
	}
	return int64(v)
}

// occupy makes up rows.
func (w *world) occupy(t *testing.T, m *imagined) {
	t.Helper()
	keys := map[string]bool{}
	for range 12 * min(1, w.IntN(8)) { // some have no rows
		row, ok := w.row(m, m.def.Foreign)
		for _, c := range m.def.Columns {
			if _, there := row[c.Name]; there || c.Nullable && (w.brought(m, c.Name) || w.IntN(3) == 0) {
				continue
			}
			if row[c.Name] = w.IntN(4); c.Name == "_singleton" {
				row[c.Name] = 1
			}
		}
		if key := row.of(m.def.Key); ok && !keys[key] {
			keys[key], m.rows = true, append(m.rows, row)
		}
	}
	names := make([]string, len(m.def.Columns))
	for i, c := range m.def.Columns {
		names[i] = c.Name
	}
	insert := "INSERT INTO " + w.db.Dialect().Table(m.def.Schema, m.def.Name) + " (" + dialect.QuoteAll(names) + ") VALUES (" + placeholders(len(names)) + ")"
	for _, row := range m.rows {
		values := make([]any, len(names))
		for i, name := range names {
			if v, there := row[name]; there {
				values[i] = held(m, name, v)
			}
		}
		_, err := w.db.Exec(t.Context(), insert, values...)
		require.NoError(t, err)
	}
}

// brought tells whether a foreign key brought an attribute.
func (*world) brought(m *imagined, name string) bool {
	return slices.ContainsFunc(m.def.Foreign, func(f dialect.ForeignKey) bool { return slices.Contains(f.Columns, name) })
}

// compareTwins compares a relation with its twin: attributes, key, rows and their number.
func compareTwins(t *testing.T, db *rowmill.DB, i invented) {
	t.Helper()
	h, err := i.rel.Heading()
	require.NoError(t, err)
	require.Equal(t, strings.Join(i.twin.names(), " "), strings.Join(h.Names(), " "))
	require.Equal(t, strings.Join(i.twin.key(), " "), strings.Join(h.Key(), " "))
	rows, err := Fetch[map[string]any](t.Context(), db, i.rel)
	require.NoError(t, err)
	var got, wanted []string
	for _, row := range rows {
		got = append(got, tuple(row).of(h.Names()))
	}
	for _, row := range i.twin.rows {
		wanted = append(wanted, row.of(h.Names()))
	}
	if !i.twin.ordered {
		slices.Sort(got)
		slices.Sort(wanted)
	}
	require.Equal(t, wanted, got)
	n, err := Count(t.Context(), db, i.rel)
	require.NoError(t, err)
	require.Equal(t, len(wanted), n)
	exists, err := Exists(t.Context(), db, i.rel)
	require.NoError(t, err)
	require.Equal(t, n > 0, exists)
}

// TestAlgebraRandomly asks random questions of random tables, and compares the answers with those of the algebra's
// definition. ROWMILL_TEST_EXPRESSIONS is how many; ROWMILL_TEST_SEED the first world's seed.
func TestAlgebraRandomly(t *testing.T) {
	const each, depth = 60, 4 // questions a world
	expressions, _ := strconv.Atoi(os.Getenv("ROWMILL_TEST_EXPRESSIONS"))
	seed, err := strconv.ParseUint(os.Getenv("ROWMILL_TEST_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano()) % 1e9
	}
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		for i := range uint64(max(expressions, 300)+each-1) / each {
			w := &inventor{world: newScene(t, db, seed+i)}
			for range each {
				var asked invented
				if !t.Run("", func(t *testing.T) {
					w.t = t
					asked = w.invent(depth)
					compareTwins(t, db, asked)
				}) {
					sql, args, _ := SQL(db, asked.rel)
					t.Fatalf("ROWMILL_TEST_SEED=%d: %s\n%s %v\n%s", seed+i, asked.text, strings.TrimSpace(sql), args, w.definitions())
				}
			}
		}
	})
}
