package query

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// An eraser runs the statements of a cascade.
type eraser struct {
	*cascade

	session rowmill.Session
}

func newEraser(session rowmill.Session, there map[string]bool, roots ...*root) *eraser {
	return &eraser{newCascade(session.Dialect(), there, roots), session}
}

// compiler is one whose aliases are not the names of a target and of its master, which have no alias: a table may be
// called t1.
func (e *eraser) compiler(t *target) *compiler {
	c := &compiler{dialect: e.dialect}
	for _, table := range []*schema.Table{t.table, t.table.Master()} {
		if table == nil {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(table.Name(), "t")); err == nil {
			c.aliases = max(c.aliases, n)
		}
	}
	return c
}

// each does something with the targets, those first that refer to others, and returns what each said.
func (e *eraser) each(ctx context.Context, do func(context.Context, *target) (int, error)) ([]Deleted, error) {
	var all []Deleted
	jobs := 0
	for _, t := range slices.Backward(e.targets) {
		n, err := do(ctx, t)
		if err != nil {
			return nil, err
		}
		if t.queue {
			jobs = n
			continue
		}
		if n+jobs > 0 {
			all = append(all, Deleted{Table: t.table, Rows: n, Jobs: jobs})
		}
		jobs = 0
	}
	slices.Reverse(all)
	return all, nil
}

// delete deletes the rows of a target.
func (e *eraser) delete(ctx context.Context, t *target) (int, error) {
	before, after := e.dialect.DeleteFrom(t.name)
	sum := 0
	err := e.statements(t, func(_ *compiler, s *selection) error {
		sql, args, err := s.whole(before, after).ToSql()
		if err != nil {
			return err
		}
		n, err := e.session.Exec(ctx, sql, args...)
		sum += int(n)
		return err
	})
	return sum, err
}

// statements calls do with a SELECT for each reach of a target and each chunk of its root.
func (e *eraser) statements(t *target, do func(c *compiler, s *selection) error) error {
	for _, r := range t.reaches {
		for chunk := range r.root.chunks() {
			c := e.compiler(t)
			if err := do(c, r.compile(c, t, chunk)); err != nil {
				return err
			}
		}
	}
	return nil
}

// whole is "FROM … WHERE …" with what is before and after it.
func (s *selection) whole(before, after string) squirrel.Sqlizer {
	if len(s.where) == 0 {
		return squirrel.Expr(before+"FROM ?"+after, s.from)
	}
	return squirrel.Expr(before+"FROM ? WHERE ?"+after, s.from, s.where)
}

// unionsAtOnce is how many SELECTs are joined into one; SQLite takes no more than 500.
const unionsAtOnce = 100

// count counts the rows of a target. Those of one reach are others in each chunk of its root; two reaches may
// have the same rows.
func (e *eraser) count(ctx context.Context, t *target) (int, error) {
	chunks := 0
	for _, r := range t.reaches {
		chunks = max(chunks, r.root.chunks())
	}
	switch {
	case len(t.reaches) == 1 && !t.queue:
		return e.sum(ctx, t)
	case chunks <= 1 && len(t.reaches) <= unionsAtOnce:
		return e.distinct(ctx, t)
	}
	all := keySet{}
	err := e.statements(t, func(_ *compiler, s *selection) error {
		return e.keys(ctx, s, s.heading.Key(), func(key []any) { all.add(key) })
	})
	return len(all), err
}

func (e *eraser) sum(ctx context.Context, t *target) (int, error) {
	sum := 0
	err := e.statements(t, func(_ *compiler, s *selection) error {
		n, err := number(ctx, e.session, s.list("COUNT(*)"))
		sum += n
		return err
	})
	return sum, err
}

// distinct has the server find what several reaches have in common.
func (e *eraser) distinct(ctx context.Context, t *target) (int, error) {
	var all []any
	err := e.statements(t, func(_ *compiler, s *selection) error {
		all = append(all, s.list("DISTINCT "+s.listOf(t.heading.Key())))
		return nil
	})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	union := strings.Repeat(" UNION ?", len(all))[len(" UNION "):]
	return number(ctx, e.session, squirrel.Expr("SELECT COUNT(*) FROM ("+union+") AS t", all...))
}

// listOf is the list of a SELECT.
func (s *selection) listOf(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = s.columns[name]
	}
	if len(list) == 0 {
		return "1"
	}
	return strings.Join(list, ", ")
}

// keys reads distinct values of attributes, such that they find the rows again.
func (e *eraser) keys(ctx context.Context, s *selection, names []string, yield func(key []any)) error {
	columns := *s
	columns.columns = map[string]string{}
	types := make([]datatype.Type, len(names))
	for i, name := range names {
		a, _ := s.heading.Attr(name)
		types[i], columns.columns[name] = a.Type, e.dialect.Exact(s.columns[name], a.Type)
	}
	found := make([]any, max(len(names), 1)) // of a table without a key there is a 1
	dests := make([]any, len(found))
	for i := range dests {
		dests[i] = &found[i]
	}
	return scan(ctx, e.session, columns.list("DISTINCT "+columns.listOf(names)), dests, func() error {
		key := make([]any, len(names))
		for i := range key {
			key[i] = stored(types[i], found[i])
		}
		yield(key)
		return nil
	})
}

// stored is a value that was read as the argument by which the row is found.
func stored(t datatype.Type, v any) any {
	switch v := v.(type) {
	case time.Time:
		if t.Kind == datatype.Date {
			return value.Date(v)
		}
		return value.Arg(v)
	case []byte:
		switch t.Kind {
		case datatype.UUID, datatype.Bytes, datatype.Binary, datatype.Varbinary, datatype.Unknown:
			return bytes.Clone(v)
		default:
			return string(v)
		}
	}
	return v
}

// A keySet is a set of keys.
type keySet map[string][]any

// add adds a key, and tells whether it is new.
func (s keySet) add(key []any) bool {
	id := fmt.Sprintf("%#v", key)
	if _, ok := s[id]; ok {
		return false
	}
	s[id] = key
	return true
}

func (s keySet) remove(key []any) { delete(s, fmt.Sprintf("%#v", key)) }

// root is the root of these keys.
func (s keySet) root(t *schema.Table) *root {
	names := t.Heading().Key()
	r := &root{table: t, read: true}
	for _, key := range s {
		r.keys = append(r.keys, entry{names, key})
	}
	return r
}

// read reads which rows a root has, so that its conditions are not asked again.
func (e *eraser) read(ctx context.Context, r *root) error {
	names := r.table.Heading().Key()
	var keys []entry
	t := e.of[r.table]
	err := e.keys(ctx, begin(r).compile(e.compiler(t), t, 0), names, func(key []any) {
		keys = append(keys, entry{names, key})
	})
	r.read, r.keys = true, keys
	return err
}
