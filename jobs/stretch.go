package jobs

import (
	"context"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// A stretch is a part of a queue in the order of its keys, by which a statement that changes very many jobs walks along
// it. From the beginning it would pass each time over what it has removed, which a server keeps for a while. The zero
// stretch is the whole queue.
type stretch struct {
	walking  bool
	from, to []any  // the keys, as they are stored, behind which it begins and with which it ends; nil for none
	within   string // the condition for it, behind others
}

// behind is all of the queue behind a key; all of it, for none.
func (q *Queue) behind(key []any) stretch {
	s := stretch{walking: true, from: key}
	if key != nil {
		s.within = " AND (" + q.compare(">", ">") + ")"
	}
	return s
}

// after is the next stretch, of so many jobs.
func (q *Queue) after(ctx context.Context, db *rowmill.DB, before stretch, n int) (stretch, error) {
	s := q.behind(before.to)
	rows, err := db.Query(ctx, q.fill(db.Dialect(), s.of(milestone), 0), s.args(nil, n-1)...)
	if err != nil {
		return s, err
	}
	keys, err := q.scanKeys(rows)
	if err == nil && len(keys) > 0 {
		s.to = keys[0]
		s.within += " AND (" + q.compare("<", "<=") + ")"
	}
	return s, err
}

// compare is the comparison of the key with one, as "a > ? OR (a = ? AND b > ?)": servers find that by the primary key,
// which they do not "(a, b) > (?, ?)".
func (q *Queue) compare(op, last string) string {
	alternatives, equal := make([]string, len(q.key)), ""
	for i, k := range q.key {
		if i == len(q.key)-1 {
			op = last
		}
		alternatives[i] = "(" + equal + dialect.Quote(k) + " " + op + " ?)"
		equal += dialect.Quote(k) + " = ? AND "
	}
	return strings.Join(alternatives, " OR ")
}

// over tells whether nothing is left to walk. Of the whole queue that is so where a statement has changed all.
func (s stretch) over(all bool) bool {
	if s.walking {
		return s.to == nil
	}
	return all
}

// of is a statement on the stretch.
func (s stretch) of(statement string) string {
	return strings.Replace(statement, "{within}", s.within, 1)
}

// args are those of such a statement: what stands before the condition, its own, and how many jobs.
func (s stretch) args(before []any, n int) []any {
	args := slices.Clone(before)
	for _, key := range [][]any{s.from, s.to} {
		for i := range key {
			args = append(args, key[:i+1]...)
		}
	}
	return append(args, n)
}
