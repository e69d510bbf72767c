package query

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// A selected is a SELECT in the words of a server, and where it is to be run.
type selected struct {
	session rowmill.Session
	sql     string
	args    []any
	often   bool // it is for one row, and for others soon
}

// selecting is the SELECT of some attributes of a relation's rows; of so many at most, unless most is 0.
func selecting(conn rowmill.Conn, rel Rel, most int, attrs []string) (selected, error) {
	if f, ok := rel.node.(found); ok {
		return f.selecting(conn, most, attrs)
	}
	s, session, err := prepare(conn, rel, asItIs)
	if err != nil {
		return selected{}, err
	}
	sql, args, err := s.statement(session.Dialect(), most, attrs)
	return selected{session: session, sql: sql, args: args}, err
}

// statement is the SELECT of some attributes, for so many rows at most, unless most is 0.
func (s *selection) statement(d dialect.Dialect, most int, attrs []string) (sql string, args []any, err error) {
	if most > 0 {
		s = atMost(most, s)
	}
	return s.exact(d, attrs).ToSql()
}

func (s selected) query(ctx context.Context) (*rowmill.Rows, error) {
	if s.often {
		ctx = dialect.Often(ctx)
	}
	return s.session.Query(ctx, s.sql, s.args...)
}

// A lookup finds the rows of a table that have values of a key, whichever it is: what makes ask for, each time for another key. Its
// SELECT is the same for all keys, and made once for each server, and for what is asked of the rows. It is safe for concurrent use.
type lookup struct {
	table *schema.Table
	names []string // attributes of the table
	from  []int    // where their values are among those of a key
	one   bool     // they tell a row

	mu   sync.Mutex
	said map[saying]string
}

// A saying is what tells the SELECTs of a lookup apart.
type saying struct {
	dialect string
	most    int
	attrs   string
}

// newLookup is a lookup by values of the attributes of a key, where the rows are known by them.
func newLookup(table *schema.Table, key []string, known map[string]any) *lookup {
	l := &lookup{table: table, said: map[saying]string{}}
	for _, a := range table.Heading().All() {
		v, ok := known[a.Name]
		if !ok {
			continue
		}
		l.names = append(l.names, a.Name)
		l.from = append(l.from, slices.Index(key, string(v.(named))))
	}
	l.one = !slices.ContainsFunc(table.Heading().Key(), func(name string) bool { return !slices.Contains(l.names, name) })
	return l
}

// of are the rows for a key.
func (l *lookup) of(key []any) Rel {
	return Rel{node: found{l, l.pick(key)}}
}

// pick are the values of a key that the lookup takes.
func (l *lookup) pick(key []any) []any {
	values := make([]any, len(l.from))
	for i, at := range l.from {
		values[i] = key[at]
	}
	return values
}

// found are the rows that a lookup finds for a key.
type found struct {
	lookup *lookup
	values []any
}

func (f found) heading() *schema.Heading { return f.lookup.table.Heading() }
func (f found) reads() []string          { return []string{f.lookup.table.FullName()} }
func (found) operands() []node           { return nil }

// plain is the same as a restriction of the table.
func (f found) plain() restricted {
	return restricted{base{f.lookup.table}, match{keys: []entry{{f.lookup.names, f.values}}}}
}

func (f found) compile(c *compiler) *selection { return f.plain().compile(c) }

// selecting is the SELECT for a key, of which the text may have been made for another.
func (f found) selecting(conn rowmill.Conn, most int, attrs []string) (selected, error) {
	session, err := conn.Session(rowmill.Use{Reads: f.reads()})
	if err != nil {
		return selected{}, err
	}
	s := selected{session: session, args: f.values, often: f.lookup.one}
	s.sql, err = f.lookup.say(session.Dialect(), most, attrs, f)
	return s, err
}

// say is the text of the SELECT.
func (l *lookup) say(d dialect.Dialect, most int, attrs []string, f found) (string, error) {
	as := saying{d.Name(), most, strings.Join(attrs, " ")}
	l.mu.Lock()
	defer l.mu.Unlock()
	if sql, ok := l.said[as]; ok {
		return sql, nil
	}
	sql, _, err := f.compile(&compiler{dialect: d}).statement(d, most, attrs)
	if err == nil {
		l.said[as] = sql
	}
	return sql, err
}
