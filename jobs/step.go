package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
)

// do does a step of a refresh, and tells how many jobs it has changed. A step that changes jobs waits for no transaction
// of a stranger: it looks without a lock which jobs it is about, which are none as a rule, and changes a few by their
// keys. Many it changes at once, where a server waits for whoever has locked a job, or a row of another table that is
// asked for: if it comes upon him, it goes on by their keys.
func (q *Queue) do(ctx context.Context, db *rowmill.DB, s step) (total int, err error) {
	if s.statement == add {
		return q.inChunks(ctx, db, add, 0, s.sets...)
	}
	keys, err := q.find(ctx, db, few(s.statement), s, 0, stretch{}, handful)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	if len(keys) < handful {
		return q.changeThese(ctx, db, s, keys)
	}
	for range setTries {
		n, err := q.inChunks(ctx, db, s.statement, 0, s.args()...)
		total += n
		if !errors.Is(err, rowmill.ErrBusy) {
			return total, err
		}
	}
	n, err := q.walk(ctx, db, s)
	return total + n, err
}

// setTries is how often jobs are to be changed at once: a deadlock passes, and somebody who hangs does not.
const setTries = 2

// walk does a step along the queue, a handful of jobs at a time.
func (q *Queue) walk(ctx context.Context, db *rowmill.DB, s step) (total int, err error) {
	var last []any
	for {
		keys, err := q.find(ctx, db, nextJobs, s, 0, q.behind(last), handful)
		if err != nil || len(keys) == 0 {
			return total, err
		}
		n, err := q.changeThese(ctx, db, s, keys)
		total += n
		if err != nil || len(keys) < handful {
			return total, err
		}
		last = keys[len(keys)-1]
	}
}

// few is the SELECT that looks for what a statement would change.
func few(statement string) string {
	if statement == sweep {
		return fewOfAll
	}
	return fewJobs
}

// find looks, without a lock, for up to most jobs in a stretch of the queue that a step would change. Its statement means n
// workers.
func (q *Queue) find(ctx context.Context, db *rowmill.DB, look string, s step, n int, in stretch, most int) ([][]any, error) {
	_, condition, _ := strings.Cut(s.statement, "{some}")
	look = strings.Replace(look, "{condition}", strings.Replace(condition, "{at most ?}", "", 1), 1)
	sql, values, err := squirrel.Expr(q.fill(db.Dialect(), in.of(look), n), in.args(slices.Concat(s.own, s.elsewhere), most)...).ToSql()
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, sql, values...)
	if err != nil {
		return nil, err
	}
	return q.scanKeys(rows)
}

// changeThese does a step on jobs that are known to be what it is about, as far as other tables say. Those that somebody
// has locked are left to the next refresh.
func (q *Queue) changeThese(ctx context.Context, db *rowmill.DB, s step, keys [][]any) (int, error) {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), free, len(keys)), slices.Concat(keys...)...)
	if err != nil {
		return 0, err
	}
	if keys, err = q.scanKeys(rows); err != nil || len(keys) == 0 {
		return 0, err
	}
	n, err := q.changeNamed(ctx, db, s, keys)
	if errors.Is(err, rowmill.ErrBusy) {
		return q.changeEach(ctx, db, s, keys)
	}
	return n, err
}

// changeEach does a step on jobs one by one. Of many in a small queue, a server may look for them among all, and wait for
// one that it does not change.
func (q *Queue) changeEach(ctx context.Context, db *rowmill.DB, s step, keys [][]any) (total int, err error) {
	for _, key := range keys {
		n, err := q.changeNamed(ctx, db, s, [][]any{key})
		total += n
		switch {
		case errors.Is(err, rowmill.ErrBusy):
			return total, nil
		case err != nil:
			return total, err
		}
	}
	return total, nil
}

func (q *Queue) changeNamed(ctx context.Context, db *rowmill.DB, s step, keys [][]any) (int, error) {
	return q.execFor(ctx, db.Hasty(), s.ofThese(), len(keys), slices.Concat(s.sets, s.own, slices.Concat(keys...))...)
}

// ofThese is the statement about jobs that are named, which asks nothing of other tables.
func (s step) ofThese() string {
	change, rest, _ := strings.Cut(s.statement, "{some}")
	own, _, _ := strings.Cut(rest, "{within}")
	own, _, _ = strings.Cut(own, "{elsewhere}")
	return change + "CASE WHEN " + own + " THEN 1 END = 1 AND ({keys})"
}

// args are the arguments of the whole statement.
func (s step) args() []any { return slices.Concat(s.sets, s.own, s.elsewhere) }
