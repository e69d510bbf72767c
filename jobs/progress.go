package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// Progress is the number of jobs of each state. States without jobs are left out; a queue that nobody has declared has
// no jobs.
func (q *Queue) Progress(ctx context.Context, db *rowmill.DB) (map[Status]int, error) {
	n, err := q.count(ctx, db, q.fill(db.Dialect(), counts, 0))
	if errors.Is(err, rowmill.ErrNoTable) {
		return map[Status]int{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("progress of %s: %w", q.table, err)
	}
	return n, nil
}

// A Group is the jobs that have the same values of some attributes of the key.
type Group struct {
	Key  map[string]any // the attributes, with values as those of a map in query.Each
	Jobs map[Status]int // how many jobs have each state; states without jobs are left out
}

// ProgressBy is the number of jobs of each state for each value of attributes of the key, in their order: of which
// subject how many failed, say. The server counts. A queue that nobody has declared has no jobs.
func (q *Queue) ProgressBy(ctx context.Context, conn rowmill.Conn, attrs ...string) ([]Group, error) {
	groups, err := q.groups(ctx, conn, attrs)
	if errors.Is(err, rowmill.ErrNoTable) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("progress of %s: %w", q.table, err)
	}
	return groups, nil
}

func (q *Queue) groups(ctx context.Context, conn rowmill.Conn, attrs []string) ([]Group, error) {
	for _, name := range attrs {
		if !slices.Contains(q.key, name) {
			return nil, fmt.Errorf("%q is not in the key, which is %v", name, q.key)
		}
	}
	by := append(slices.Clone(attrs), "status")
	counted := query.Universal(by...).Aggregate(query.From(q), "jobs_counted = count(*)").Top(query.All, by...)
	var groups []Group
	for row, err := range query.Each[map[string]any](ctx, conn, counted) {
		if err != nil {
			return nil, err
		}
		key := map[string]any{}
		for _, name := range attrs {
			key[name] = row[name]
		}
		if last := len(groups) - 1; last < 0 || !same(groups[last].Key, key) {
			groups = append(groups, Group{key, map[Status]int{}})
		}
		groups[len(groups)-1].Jobs[Status(row["status"].(string))] = int(row["jobs_counted"].(int64))
	}
	return groups, nil
}

// same tells whether two keys of the same attributes are equal.
func same(a, b map[string]any) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

// A Backlog is what is left to do in a queue.
type Backlog struct {
	Pending  int // jobs that may be claimed now
	Reserved int // jobs that are reserved with a lease, by whomever
	Later    int // jobs that failed, and are to be tried again later
}

// Backlog counts what is left to do. With only, which may be the zero Rel, other keys do not count.
func (q *Queue) Backlog(ctx context.Context, db *rowmill.DB, only query.Rel) (Backlog, error) {
	sql, args, err := q.restricted(db, due, only)
	if err != nil {
		return Backlog{}, fmt.Errorf("backlog of %s: %w", q.table, err)
	}
	n, err := q.count(ctx, db, sql, args...)
	if err != nil {
		return Backlog{}, fmt.Errorf("backlog of %s: %w", q.table, err)
	}
	return Backlog{Pending: n[Pending], Reserved: n[Reserved], Later: n["later"]}, nil
}

func (q *Queue) count(ctx context.Context, db *rowmill.DB, sql string, args ...any) (map[Status]int, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	n := map[Status]int{}
	for rows.Next() {
		var status string
		var count int
		if err := rows.Scan(&status, &count); err != nil {
			return nil, err
		}
		n[Status(status)] = count
	}
	return n, rows.Err()
}
