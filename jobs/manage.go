package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// What people do to jobs that nobody holds. only says to which: to those whose keys are in a relation, as of
//
//	q.With(jobs.Error).Where("error_message LIKE ?", "%timeout%")
//
// or to all, where it is the zero Rel. The relation is asked once: each is one statement, however many jobs it changes. Of a
// million that takes a while, in which workers may have to wait for those that it has changed.

// Retry queues jobs again that are errors, and returns how many they were. Their message is kept until they end
// otherwise, and so is the number of their attempts; but they may fail, and kill their workers, as often as new ones
// before they are errors again.
func (q *Queue) Retry(ctx context.Context, db *rowmill.DB, only query.Rel) (int, error) {
	n, err := q.change(ctx, db, retry, only)
	if err != nil {
		return 0, fmt.Errorf("retry jobs of %s: %w", q.table, err)
	}
	return n, nil
}

// Reprioritize gives pending jobs another priority, -128…127, lower first, and returns how many they were.
func (q *Queue) Reprioritize(ctx context.Context, db *rowmill.DB, only query.Rel, priority int8) (int, error) {
	n, err := q.change(ctx, db, reprioritize, only, priority)
	if err != nil {
		return 0, fmt.Errorf("reprioritize jobs of %s: %w", q.table, err)
	}
	return n, nil
}

// Reschedule lets pending jobs be claimed after a while and not before, 0 for at once, and returns how many they
// were.
func (q *Queue) Reschedule(ctx context.Context, db *rowmill.DB, only query.Rel, after time.Duration) (int, error) {
	n, err := q.change(ctx, db, reschedule, only, after.Seconds())
	if err != nil {
		return 0, fmt.Errorf("reschedule jobs of %s: %w", q.table, err)
	}
	return n, nil
}

// Clear removes jobs that have one of these states, and returns how many they were: the keys are
// queued again by the next Refresh if they are still due, as are those that were ignored by
// mistake. Reserved jobs cannot be cleared.
func (q *Queue) Clear(ctx context.Context, db *rowmill.DB, only query.Rel, statuses ...Status) (int, error) {
	total := 0
	for _, s := range statuses {
		if !slices.Contains([]Status{Pending, Success, Error, Ignore}, s) {
			return total, fmt.Errorf("clear jobs of %s: %q jobs cannot be cleared; pending, success, error and ignore can", q.table, s)
		}
		n, err := q.change(ctx, db, purge, only, string(s))
		if err != nil {
			return total, fmt.Errorf("clear jobs of %s: %w", q.table, err)
		}
		total += n
	}
	return total, nil
}

// change runs a statement about jobs whose keys are in a relation. Servers let a statement ask the table that it
// changes only where it is read whole before: that is what DISTINCT is for.
func (q *Queue) change(ctx context.Context, db *rowmill.DB, statement string, only query.Rel, args ...any) (int, error) {
	condition := squirrel.Expr("")
	if !only.IsZero() {
		keys, err := q.keysIn(db, only)
		if err != nil {
			return 0, err
		}
		jobs := db.Dialect().Table(q.table.Schema().Name(), q.table.Name())
		condition = squirrel.Expr(" AND EXISTS (SELECT 1 FROM (SELECT DISTINCT * FROM (?) AS d) AS o WHERE "+q.equal("o.", jobs+".")+")", keys)
	}
	q, err := q.in(ctx, db)
	if err != nil {
		return 0, err
	}
	statement = strings.Replace(statement, "{only}", "?", 1)
	return q.exec(ctx, db, statement, append(args, condition)...)
}

// keysIn are the keys of jobs that are in a relation.
func (q *Queue) keysIn(db *rowmill.DB, only query.Rel) (squirrel.Sqlizer, error) {
	if err := q.RestrictsBy(only); err != nil {
		return nil, err
	}
	keys, err := query.Select(db, query.From(q.table).Project().In(only), q.key)
	if err != nil {
		return nil, fmt.Errorf("the restriction: %w", err)
	}
	return keys, nil
}

// RestrictsBy is nil where a relation has an attribute of the queue's key, and can tell keys apart: one that has none would restrict
// nothing, and the error says so. Whatever is given a relation of keys asks it.
func (q *Queue) RestrictsBy(only query.Rel) error {
	h, err := only.Heading()
	if err != nil {
		return fmt.Errorf("the restriction: %w", err)
	}
	if !slices.ContainsFunc(q.key, h.Has) {
		return fmt.Errorf("the restriction: the relation has none of the key's attributes, which are %s, and so restricts nothing: it has %s, which Project can rename",
			strings.Join(q.key, ", "), strings.Join(h.Names(), ", "))
	}
	return nil
}

// Ignore keeps a key from being made, and why. The key is a struct with a field for each
// attribute of the queue's key, and need not be queued. A job that is reserved cannot be
// ignored: the error wraps rowmill.ErrRefused.
func (q *Queue) Ignore(ctx context.Context, db *rowmill.DB, key any, reason string) error {
	values, err := q.keyValues(key)
	if err != nil {
		return fmt.Errorf("ignore a key of %s: %w", q.table, err)
	}
	err = plainly(reason, func(reason string) error { return q.ignore(ctx, db, values, reason) })
	if err != nil {
		return fmt.Errorf("ignore a key of %s: %w", q.table, err)
	}
	return nil
}

func (q *Queue) ignore(ctx context.Context, db *rowmill.DB, key []any, reason string) error {
	q, err := q.in(ctx, db)
	if err != nil {
		return err
	}
	idle := func() (int64, error) {
		return db.Brief().Exec(ctx, q.fill(db.Dialect(), ignoreIdle, 1), append([]any{reason}, key...)...)
	}
	n, err := idle()
	if err != nil || n > 0 {
		return err
	}
	_, err = db.Brief().Exec(ctx, q.fill(db.Dialect(), ignoreNew, 1), append(slices.Clone(key), DefaultPriority, reason)...)
	if !errors.Is(err, rowmill.ErrDuplicate) {
		return err
	}
	if n, err = idle(); err == nil && n == 0 { // not even queued by others in the meantime
		return fmt.Errorf("%w: it is being made", rowmill.ErrRefused)
	}
	return err
}

// keyValues are the values of a key's struct, in the order of the queue's key.
func (q *Queue) keyValues(key any) ([]any, error) {
	names, values, err := schema.Match(key, schema.NewHeading(q.target.MakeKey()))
	if err != nil {
		return nil, err
	}
	if len(names) != len(q.key) {
		return nil, fmt.Errorf("the whole key is wanted: %v", q.key)
	}
	byName := map[string]any{}
	for i, n := range names {
		byName[n] = values[i]
	}
	ordered := make([]any, len(q.key))
	for i, n := range q.key {
		ordered[i] = byName[n]
	}
	return ordered, nil
}

// scanKeys reads keys, {read key}, as they are stored, and closes the rows.
func (q *Queue) scanKeys(rows *rowmill.Rows) (keys [][]any, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		key := map[string]any{}
		var dests []any
		for _, a := range q.target.MakeKey() {
			dests = append(dests, a.Natural("", func(v any) { key[a.Name] = v }))
		}
		if err := rows.Scan(dests...); err != nil {
			return nil, err
		}
		values, err := q.keyValues(key)
		if err != nil {
			return nil, err
		}
		keys = append(keys, values)
	}
	return keys, rows.Err()
}
