package query

import (
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

// A world is random tables with random rows, in the database and here.
type world struct {
	*rand.Rand

	db     *rowmill.DB
	names  [2]string // of the schemas
	tables []*imagined
}

// An imagined table is the naive model of one.
type imagined struct {
	def  dialect.Table
	t    *schema.Table
	rows []fact
	jobs []fact // of its queue
	has  bool   // a queue
}

// A fact is a row: all of its integers, and NULLs that are not there.
type fact map[string]int

func (f fact) of(names []string) string {
	var b strings.Builder
	for _, name := range names {
		if v, ok := f[name]; ok {
			fmt.Fprintf(&b, "%s=%d ", name, v)
		}
	}
	return b.String()
}

func newWorld(t *testing.T, db *rowmill.DB, seed uint64) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0)), db: db}
	w.names = [2]string{fmt.Sprintf("a%d", seed), fmt.Sprintf("b%d", seed)}
	for i := range 3 + w.IntN(6) {
		w.imagine(i)
	}
	w.create(t)
	for _, m := range w.tables {
		w.fill(t, m)
	}
	return w
}

// imagine makes up a table: a part, or one of any tier, that refers to others as it likes.
func (w *world) imagine(i int) {
	m := &imagined{def: dialect.Table{Schema: w.names[w.IntN(2)], Name: fmt.Sprintf("t%d", i)}}
	if w.IntN(3) == 0 {
		m.def.Name = "__" + m.def.Name
	}
	if masters := w.masters(); len(masters) > 0 && w.IntN(3) == 0 {
		master := masters[w.IntN(len(masters))]
		m.def.Schema, m.def.Name = master.def.Schema, fmt.Sprintf("%s__t%d", master.def.Name, i)
		w.refer(m, master, true)
	}
	for range w.IntN(4) {
		if len(w.tables) > 0 {
			w.refer(m, w.tables[max(w.IntN(len(w.tables)), w.IntN(len(w.tables)))], w.IntN(2) == 0)
		}
	}
	integer := datatype.MustParse("int32")
	if len(m.def.Key) == 0 || w.IntN(2) == 0 {
		m.def.Key = append(m.def.Key, fmt.Sprintf("k%d", i))
		m.def.Columns = append(m.def.Columns, dialect.Column{Name: fmt.Sprintf("k%d", i), Type: integer})
	}
	m.def.Columns = append(m.def.Columns, dialect.Column{Name: "v", Type: integer, Nullable: true, Default: "NULL"})
	slices.SortStableFunc(m.def.Columns, func(a, b dialect.Column) int { // the key first
		return slices.Index(append(slices.Clone(m.def.Key), a.Name), a.Name) - slices.Index(append(slices.Clone(m.def.Key), b.Name), b.Name)
	})
	w.tables = append(w.tables, m)
}

func (w *world) masters() []*imagined {
	return slices.DeleteFunc(slices.Clone(w.tables), func(m *imagined) bool { return strings.Contains(strings.TrimLeft(m.def.Name, "_"), "__") })
}

// refer adds a foreign key, with the names of the parent's key or others.
func (w *world) refer(m, parent *imagined, primary bool) {
	f := dialect.ForeignKey{Schema: parent.def.Schema, Table: parent.def.Name, ReferenceColumns: parent.def.Key}
	rename, nullable := w.IntN(3) == 0, !primary && w.IntN(2) == 0
	for _, name := range parent.def.Key {
		if rename {
			name = fmt.Sprintf("r%d_%s", len(m.def.Foreign), name)
		}
		f.Columns = append(f.Columns, name)
		if slices.ContainsFunc(m.def.Columns, func(c dialect.Column) bool { return c.Name == name }) {
			continue
		}
		c := dialect.Column{Name: name, Type: datatype.MustParse("int"), Unmarked: true, Nullable: nullable}
		if nullable {
			c.Default = "NULL"
		}
		if primary {
			m.def.Key = append(m.def.Key, name)
		}
		m.def.Columns = append(m.def.Columns, c)
	}
	m.def.Foreign = append(m.def.Foreign, f)
}

// create creates the tables, and has them described: one of the first schema leads to the second.
func (w *world) create(t *testing.T) {
	t.Helper()
	hub := &imagined{def: dialect.Table{Schema: w.names[0], Name: "hub", Key: []string{"hub"}}}
	hub.def.Columns = []dialect.Column{{Name: "hub", Type: datatype.MustParse("int32")}}
	if i := slices.IndexFunc(w.tables, func(m *imagined) bool { return m.def.Schema == w.names[1] }); i >= 0 {
		w.refer(hub, w.tables[i], false)
	}
	w.tables = append(w.tables, hub)
	d := w.db.Dialect()
	w.exec(t, slices.Concat(d.CreateSchema(w.names[0]), d.CreateSchema(w.names[1])))
	for _, m := range w.tables {
		w.exec(t, d.CreateTable(m.def))
	}
	s, err := schema.Describe(t.Context(), w.db, w.names[0])
	require.NoError(t, err)
	all := s.Tables()
	for _, table := range all {
		if table.Name() == "hub" && len(table.ForeignKeys()) > 0 {
			all = append(all, table.ForeignKeys()[0].Parent.Schema().Tables()...)
		}
	}
	for _, m := range w.tables {
		i := slices.IndexFunc(all, func(o *schema.Table) bool { return o.FullName() == m.full() })
		require.GreaterOrEqual(t, i, 0, "%s: %v", m.full(), s.Omitted())
		m.t = all[i]
	}
}

func (m *imagined) full() string { return m.def.Schema + "." + m.def.Name }

func (w *world) exec(t *testing.T, statements []dialect.Statement) {
	t.Helper()
	for _, s := range statements {
		_, err := w.db.Exec(t.Context(), s.SQL, s.Args...)
		require.NoError(t, err, s.SQL)
	}
}

func (w *world) named(schema, name string) *imagined {
	i := slices.IndexFunc(w.tables, func(m *imagined) bool { return m.def.Schema == schema && m.def.Name == name })
	return w.tables[i]
}

// fill makes up rows of a table, and jobs.
func (w *world) fill(t *testing.T, m *imagined) {
	t.Helper()
	d, keys := w.db.Dialect(), map[string]bool{}
	for range w.IntN(12) {
		row, ok := w.row(m, m.def.Foreign)
		for _, c := range m.def.Columns {
			if _, there := row[c.Name]; !there && (!c.Nullable || c.Name == "v" && w.IntN(3) > 0) && ok {
				row[c.Name] = w.IntN(4)
			}
		}
		if key := row.of(m.def.Key); ok && !keys[key] {
			keys[key], m.rows = true, append(m.rows, row)
		}
	}
	var names []string
	for _, c := range m.def.Columns {
		names = append(names, c.Name)
	}
	w.insert(t, d.Table(m.def.Schema, m.def.Name), names, m.rows)
	if made := m.madeKey(); m.t.Tier().Made() && len(made) > 0 && w.IntN(4) > 0 {
		w.queue(t, m, made)
	}
}

func (m *imagined) primary(f dialect.ForeignKey) bool {
	return !slices.ContainsFunc(f.Columns, func(name string) bool { return !slices.Contains(m.def.Key, name) })
}

func (m *imagined) madeKey() []string {
	var names []string
	for _, a := range m.t.MakeKey() {
		names = append(names, a.Name)
	}
	return names
}

// row is a row that refers to rows of the parents, where there is one that can.
func (w *world) row(m *imagined, foreign []dialect.ForeignKey) (fact, bool) {
	row := fact{}
	for _, f := range foreign {
		parents := slices.DeleteFunc(slices.Clone(w.named(f.Schema, f.Table).rows), func(p fact) bool {
			return slices.ContainsFunc(f.Columns, func(name string) bool {
				v, there := row[name]
				return there && v != p[f.ReferenceColumns[slices.Index(f.Columns, name)]]
			})
		})
		nullable := slices.ContainsFunc(m.def.Columns, func(c dialect.Column) bool {
			_, there := row[c.Name]
			return c.Nullable && !there && slices.Contains(f.Columns, c.Name)
		})
		switch {
		case nullable && (len(parents) == 0 || w.IntN(4) == 0):
			continue // some of its columns may be those of others, and not NULL
		case len(parents) == 0:
			return row, false
		}
		p := parents[w.IntN(len(parents))]
		for i, name := range f.Columns {
			row[name] = p[f.ReferenceColumns[i]]
		}
	}
	for _, f := range foreign { // one that was passed over may have been filled by others
		if key, full := referred(row, f); full && !slices.ContainsFunc(w.named(f.Schema, f.Table).rows, func(p fact) bool {
			return p.of(f.ReferenceColumns) == key.of(f.ReferenceColumns)
		}) {
			return row, false
		}
	}
	return row, true
}

// referred is the key of the parent's row to which a row refers, unless it has a NULL in it.
func referred(row fact, f dialect.ForeignKey) (key fact, full bool) {
	key = fact{}
	for i, name := range f.Columns {
		v, there := row[name]
		if !there {
			return nil, false
		}
		key[f.ReferenceColumns[i]] = v
	}
	return key, true
}

// queue declares the queue of a table, with jobs that are done and others that could be.
func (w *world) queue(t *testing.T, m *imagined, key []string) {
	t.Helper()
	def := dialect.Table{Schema: m.def.Schema, Name: m.t.QueueName(), Key: key}
	for _, name := range key {
		def.Columns = append(def.Columns, dialect.Column{Name: name, Type: datatype.MustParse("int"), Unmarked: true})
	}
	w.exec(t, w.db.Dialect().CreateTable(def))
	m.has = true
	var primary []dialect.ForeignKey
	for _, f := range m.def.Foreign {
		if m.primary(f) {
			primary = append(primary, f)
		}
	}
	seen := map[string]bool{}
	for _, row := range m.rows {
		if w.IntN(2) == 0 && !seen[row.of(key)] {
			seen[row.of(key)], m.jobs = true, append(m.jobs, row)
		}
	}
	for range 4 {
		job, ok := w.row(m, primary)
		for _, name := range key { // what a foreign key brought into the key that is not all in it
			if _, there := job[name]; !there {
				job[name] = w.IntN(4)
			}
		}
		if ok && !seen[job.of(key)] {
			seen[job.of(key)], m.jobs = true, append(m.jobs, job)
		}
	}
	w.insert(t, w.db.Dialect().Table(def.Schema, def.Name), key, m.jobs)
}

func (w *world) insert(t *testing.T, table string, names []string, rows []fact) {
	t.Helper()
	for _, row := range rows {
		values := make([]string, len(names))
		for i, name := range names {
			if values[i] = "NULL"; len(row) > 0 {
				if v, there := row[name]; there {
					values[i] = strconv.Itoa(v)
				}
			}
		}
		w.exec(t, []dialect.Statement{{SQL: "INSERT INTO " + table + " (" + dialect.QuoteAll(names) + ") VALUES (" + strings.Join(values, ", ") + ")"}})
	}
}

// relation makes up rows to delete.
func (w *world) relation(m *imagined) Rel {
	rel := From(m.t)
	for range w.IntN(3) {
		names := m.t.Heading().Names()
		var next Rel
		other := w.tables[w.IntN(len(w.tables))].t
		switch w.IntN(7) {
		case 0:
			next = rel.Where("v > ?", w.IntN(3))
		case 1:
			next = rel.Where("v IS NULL OR v <= ?", w.IntN(3))
		case 2:
			next = rel.Match(map[string]any{names[w.IntN(len(names))]: w.IntN(4)}, map[string]any{names[0]: w.IntN(4)})
		case 3:
			next = rel.In(From(other).Where("v > ?", w.IntN(2)).Project())
		case 4:
			next = rel.NotIn(From(other).Project())
		case 5:
			next = rel.In(rel.Top(1+w.IntN(3), "KEY DESC").Project())
		case 6:
			next = rel.Match(map[string]any{m.def.Key[0]: w.IntN(4)})
		}
		if _, err := rootOf(next); err == nil { // there may be no attributes in common, or ones that mean different things
			rel = next
		}
	}
	return rel
}

// A doom is what goes of each table, by the rows' keys.
type doom struct{ rows, jobs map[*imagined]map[string]bool }

// doomed goes from row to row, until nothing more goes.
func (w *world) doomed(root *imagined, keys []string, rule PartsRule) (d doom, bereft bool) {
	d = doom{map[*imagined]map[string]bool{}, map[*imagined]map[string]bool{}}
	for _, m := range w.tables {
		d.rows[m], d.jobs[m] = map[string]bool{}, map[string]bool{}
	}
	for _, key := range keys {
		d.rows[root][key] = true
	}
	for changed := true; changed; {
		changed = false
		mark := func(set map[string]bool, key string) {
			if !set[key] {
				set[key], changed = true, true
			}
		}
		for _, m := range w.tables {
			for _, row := range m.rows {
				for _, f := range m.def.Foreign {
					if w.refersToDoomed(d, row, f) {
						mark(d.rows[m], row.of(m.def.Key))
					}
				}
				master := w.master(m, row)
				if rule == PartsCascade && master != nil && d.rows[m][row.of(m.def.Key)] {
					mark(d.rows[w.masterOf(m)], master.of(w.masterOf(m).def.Key))
				}
			}
		}
	}
	for _, m := range w.tables {
		for _, row := range m.rows {
			master := w.master(m, row)
			bereft = bereft || master != nil && d.rows[m][row.of(m.def.Key)] && !d.rows[w.masterOf(m)][master.of(w.masterOf(m).def.Key)]
			if d.rows[m][row.of(m.def.Key)] {
				for _, job := range m.jobs {
					if job.of(m.madeKey()) == row.of(m.madeKey()) {
						d.jobs[m][job.of(m.madeKey())] = true
					}
				}
			}
		}
		for _, job := range m.jobs {
			for _, f := range m.def.Foreign {
				if m.primary(f) && w.refersToDoomed(d, job, f) {
					d.jobs[m][job.of(m.madeKey())] = true
				}
			}
		}
	}
	return d, bereft
}

func (w *world) refersToDoomed(d doom, row fact, f dialect.ForeignKey) bool {
	parent := w.named(f.Schema, f.Table)
	key, full := referred(row, f)
	return full && d.rows[parent][key.of(parent.def.Key)]
}

func (w *world) masterOf(m *imagined) *imagined {
	if m.t.Master() == nil {
		return nil
	}
	return w.named(m.t.Master().Schema().Name(), m.t.Master().Name())
}

// master is the key of the row of the master to which a row of a part refers, by its first foreign key.
func (w *world) master(m *imagined, row fact) fact {
	if m.t.Master() == nil {
		return nil
	}
	key, _ := referred(row, m.def.Foreign[0])
	return key
}

// keys are the keys of a table's rows that are in the database.
func (w *world) keys(t *testing.T, session rowmill.Session, schemaName, table string, key []string, where string) []string {
	t.Helper()
	rows, err := session.Query(t.Context(), "SELECT "+dialect.QuoteAll(key)+" FROM "+w.db.Dialect().Table(schemaName, table)+where)
	require.NoError(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		values, err := scanAll(rows)
		require.NoError(t, err)
		row := fact{}
		for i, v := range values {
			n, err := strconv.Atoi(fmt.Sprintf("%s", v))
			if i64, ok := v.(int64); ok {
				n, err = int(i64), nil
			}
			require.NoError(t, err)
			row[key[i]] = n
		}
		all = append(all, row.of(key))
	}
	require.NoError(t, rows.Err())
	slices.Sort(all)
	return all
}

// check deletes what a relation has, and compares what is left with the model.
func (w *world) check(t *testing.T, m *imagined, rel Rel, rule PartsRule) {
	t.Helper()
	ctx := t.Context()
	var keys []string
	s, session, err := prepare(w.db, rel, asItIs)
	require.NoError(t, err)
	rows, err := run(ctx, session, s.sql(m.def.Key))
	require.NoError(t, err)
	for rows.Next() {
		values, err := scanAll(rows)
		require.NoError(t, err)
		row := fact{}
		for i, v := range values {
			row[m.def.Key[i]] = int(v.(int64))
		}
		keys = append(keys, row.of(m.def.Key))
	}
	require.NoError(t, rows.Err())
	gone, bereft := w.doomed(m, keys, rule)

	dry, dryErr := Delete(ctx, w.db, rel, &DeleteOptions{DryRun: true, Parts: rule})
	deleted, err := Delete(ctx, w.db, rel, &DeleteOptions{Parts: rule})
	if rule == PartsRefuse && bereft {
		require.ErrorIs(t, err, rowmill.ErrRefused)
		require.ErrorIs(t, dryErr, rowmill.ErrRefused)
		gone, _ = w.doomed(m, nil, rule)
	} else {
		require.NoError(t, dryErr)
		require.NoError(t, err)
	}
	require.Equal(t, dry, deleted)
	told := map[string][2]int{}
	for _, d := range deleted {
		told[d.Table.FullName()] = [2]int{d.Rows, d.Jobs}
	}
	for _, m := range w.tables {
		if n := [2]int{len(gone.rows[m]), len(gone.jobs[m])}; n != [2]int{} {
			require.Equal(t, n, told[m.full()], m.full())
			delete(told, m.full())
		}
		m.rows = slices.DeleteFunc(m.rows, func(r fact) bool { return gone.rows[m][r.of(m.def.Key)] })
		m.jobs = slices.DeleteFunc(m.jobs, func(r fact) bool { return gone.jobs[m][r.of(m.madeKey())] })
		w.compare(t, m)
	}
	require.Empty(t, told)
}

func (w *world) compare(t *testing.T, m *imagined) {
	t.Helper()
	var rows, jobs []string
	for _, r := range m.rows {
		rows = append(rows, r.of(m.def.Key))
	}
	for _, j := range m.jobs {
		jobs = append(jobs, j.of(m.madeKey()))
	}
	slices.Sort(rows)
	slices.Sort(jobs)
	require.Equal(t, rows, w.keys(t, w.db, m.def.Schema, m.def.Name, m.def.Key, ""), m.full())
	if m.has {
		require.Equal(t, jobs, w.keys(t, w.db, m.def.Schema, m.t.QueueName(), m.madeKey(), ""), m.full())
	}
}

// definitions are the tables, for people who look for what went wrong.
func (w *world) definitions() string {
	var b strings.Builder
	for _, m := range w.tables {
		fmt.Fprintf(&b, "%s\n%s%v\njobs %v\n", m.full(), m.t.Definition(), m.rows, m.jobs)
	}
	return b.String()
}

// TestDeleteRandomly deletes from random tables with random rows, by random conditions. ROWMILL_TEST_WORLDS
// is how many; ROWMILL_TEST_SEED the first.
func TestDeleteRandomly(t *testing.T) {
	worlds, _ := strconv.Atoi(os.Getenv("ROWMILL_TEST_WORLDS"))
	seed, err := strconv.ParseUint(os.Getenv("ROWMILL_TEST_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano()) % 1e9
	}
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		for i := range max(uint64(worlds), 8) {
			w := newWorld(t, db, seed+i)
			for range 6 {
				m := w.tables[w.IntN(len(w.tables))]
				rel, rule := w.relation(m), PartsRule(w.IntN(3))
				sql, args, _ := SQL(db, rel)
				if !t.Run("", func(t *testing.T) { w.check(t, m, rel, rule) }) {
					t.Fatalf("seed %d, rule %d: %s %v\n%s", seed+i, rule, sql, args, w.definitions())
				}
			}
		}
	})
}
