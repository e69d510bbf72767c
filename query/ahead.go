package query

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/schema"
)

// A Habit is which rows functions ask for that are called for one key after another: they ask the same lookups each time. By
// it the rows for many keys are read ahead, in one SELECT. It is safe for concurrent use. It is for the packages of Rowmill.
type Habit struct {
	mu   sync.Mutex
	asks []ask
}

// An ask is what is asked of a lookup.
type ask struct {
	lookup *lookup
	attrs  string // with spaces between them
}

// mostAsks is how many a habit has: who asks for more asks for something else each time.
const mostAsks = 8

// A Foresighted is a connection that may have rows already which are going to be asked for. It is for the packages of Rowmill.
type Foresighted interface {
	rowmill.Conn
	// Foresight is the habit of those who use the connection, or nil, and what was read ahead by it, or nil.
	Foresight() (*Habit, *Ahead)
}

// An Ahead is rows that were read ahead. It is immutable, and safe for concurrent use.
type Ahead struct{ rows map[ask]map[string][]any }

// Ahead reads what the habit is to ask for, for keys of which these are the values as they are stored (see [Tracing.OfKey]). It is
// nil where nothing is known to be asked for.
func (h *Habit) Ahead(ctx context.Context, conn rowmill.Conn, keys [][]any) (*Ahead, error) {
	h.mu.Lock()
	asks := slices.Clone(h.asks)
	h.mu.Unlock()
	if len(asks) == 0 || len(keys) < 2 {
		return nil, nil //nolint:nilnil // nothing is an answer
	}
	ahead := &Ahead{map[ask]map[string][]any{}}
	for _, a := range asks {
		rows, err := a.read(ctx, conn, keys)
		if err != nil {
			return nil, err
		}
		ahead.rows[a] = rows
	}
	return ahead, nil
}

func (h *Habit) note(a ask) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asks) < mostAsks && !slices.Contains(h.asks, a) {
		h.asks = append(h.asks, a)
	}
}

// read reads the rows for keys, by the values by which the lookup finds them. Values that servers take for equal
// and that are spelled otherwise are not found there, and asked for again by whoever wants them.
func (a ask) read(ctx context.Context, conn rowmill.Conn, keys [][]any) (map[string][]any, error) {
	m := match{}
	for _, key := range keys {
		m.keys = append(m.keys, entry{a.lookup.names, a.lookup.pick(key)})
	}
	table, attrs := a.lookup.table, strings.Fields(a.attrs)
	s, session, err := prepare(conn, Rel{node: restricted{base{table}, m}}, asItIs)
	if err != nil {
		return nil, err
	}
	values := make([]any, len(a.lookup.names)+len(attrs))
	dests := make([]any, len(values))
	for i := range values {
		dests[i] = &values[i]
	}
	found := make(map[string][]any, len(keys))
	err = scan(ctx, session, s.exact(session.Dialect(), slices.Concat(a.lookup.names, attrs)), dests, func() error {
		if id, ok := identity(values[:len(a.lookup.names)]); ok {
			found[id] = slices.Clone(values[len(a.lookup.names):])
		}
		return nil
	})
	return found, err
}

// row is the row for a key of which the lookup takes these values, if it was read.
func (a *Ahead) row(asked ask, values []any) ([]any, bool) {
	if a == nil {
		return nil, false
	}
	id, ok := identity(values)
	row := a.rows[asked][id]
	return row, ok && row != nil
}

// identity is a text that values share which are the same, in whatever form a driver hands them over. It is false for forms
// that values have several of.
func identity(values []any) (string, bool) {
	var short [64]byte
	text := short[:0]
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			text = strconv.AppendInt(text, v, 10)
		case uint64:
			text = strconv.AppendUint(text, v, 10)
		case string:
			text = append(strconv.AppendInt(text, int64(len(v)), 10), ':')
			text = append(text, v...)
		case []byte:
			text = append(strconv.AppendInt(text, int64(len(v)), 10), ':')
			text = append(text, v...)
		default:
			return "", false
		}
		text = append(text, ' ')
	}
	return string(text), true
}

// foreseeable tells whether rows of the lookup are read ahead: it finds one at most, by values that can be told apart, and
// what is asked of it is small, so that hundreds of rows are, too.
func (l *lookup) foreseeable(attrs []string) bool {
	fails := func(test func(schema.Attr) bool) func(string) bool {
		return func(name string) bool {
			a, _ := l.table.Heading().Attr(name)
			return a.Type.Codec != "" || !test(a)
		}
	}
	return l.one && !slices.ContainsFunc(l.names, fails(isTold)) && !slices.ContainsFunc(attrs, fails(isSmall))
}

// isTold tells whether values of an attribute have one identity.
func isTold(a schema.Attr) bool {
	switch a.Type.Kind {
	case datatype.Integer, datatype.Char, datatype.Varchar, datatype.Enum, datatype.UUID, datatype.Binary:
		return true
	default:
		return false
	}
}

// isSmall tells whether values of an attribute take some hundreds of bytes at most.
func isSmall(a schema.Attr) bool {
	const most = 255
	switch a.Type.Kind {
	case datatype.Integer, datatype.Float, datatype.Bool, datatype.Decimal, datatype.Enum, datatype.Set, datatype.Date, datatype.DateTime,
		datatype.Timestamp, datatype.Time, datatype.Year, datatype.UUID, datatype.Bit:
		return true
	case datatype.Char, datatype.Varchar, datatype.Binary, datatype.Varbinary:
		return a.Type.Size <= most
	default:
		return false
	}
}

// foreseen yields the row that is found if it was read ahead, and notes otherwise that it is asked for. It is false where the
// row has to be asked for.
func foreseen[Row any](conn rowmill.Conn, f found, l *landing[Row], yield func(Row) bool) (bool, error) {
	c, ok := conn.(Foresighted)
	if !ok || l.binding == nil {
		return false, nil
	}
	habit, ahead := c.Foresight()
	if habit == nil || !f.lookup.foreseeable(l.attrs) {
		return false, nil
	}
	asked := ask{f.lookup, strings.Join(l.attrs, " ")}
	row, ok := ahead.row(asked, f.values)
	if !ok {
		habit.note(asked)
		return false, nil
	}
	if _, err := conn.Session(rowmill.Use{Reads: f.reads()}); err != nil {
		return true, err
	}
	for i, d := range l.binding.Dests(&l.row) {
		if err := d.(sql.Scanner).Scan(row[i]); err != nil {
			l.clear()
			return false, nil //nolint:nilerr // whoever asks is told better
		}
	}
	yield(l.row)
	return true, nil
}
