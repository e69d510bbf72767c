package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
	// Later is how many of the pending ones may not be claimed yet: their scheduled time is to come.
	Later int
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
	session, err := conn.Session(rowmill.Use{Reads: []string{q.table.FullName()}})
	if err != nil {
		return nil, err
	}
	later := "jobs_later = count(CASE WHEN scheduled_time > " + session.Dialect().Now() + " THEN 1 END)"
	counted := query.Universal(by...).Aggregate(query.From(q), "jobs_counted = count(*)", later).Top(query.All, by...)
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
			groups = append(groups, Group{Key: key, Jobs: map[Status]int{}})
		}
		group, status := &groups[len(groups)-1], Status(row["status"].(string))
		group.Jobs[status] = int(row["jobs_counted"].(int64))
		if status == Pending {
			group.Later = int(row["jobs_later"].(int64))
		}
	}
	return groups, nil
}

// same tells whether two keys of the same attributes are equal.
func same(a, b map[string]any) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

// Ahead is how many jobs are due that come before the job of a key, by priority, scheduled time and key: those that are
// claimed first, if nothing changes. It is 0 where the key has no job.
func (q *Queue) Ahead(ctx context.Context, session rowmill.Session, key any) (int, error) {
	values, err := q.keyValues(key)
	if err != nil {
		return 0, fmt.Errorf("look for a job of %s: %w", q.table, err)
	}
	n := 0
	if err := q.one(ctx, session, ahead, values, &n); err != nil {
		return 0, fmt.Errorf("count jobs of %s: %w", q.table, err)
	}
	return n, nil
}

// Now is the time by the server's clock, by which jobs are scheduled and leases run out: a wall clock, labelled UTC.
func (q *Queue) Now(ctx context.Context, session rowmill.Session) (now time.Time, err error) {
	scheduled, _ := q.table.Heading().Attr("scheduled_time")
	read := scheduled.Natural("", func(v any) { now, _ = v.(time.Time) })
	if err := q.one(ctx, session, clock, nil, read); err != nil {
		return now, fmt.Errorf("ask for the server's time: %w", err)
	}
	return now, nil
}

// one reads the only row of a SELECT.
func (q *Queue) one(ctx context.Context, session rowmill.Session, statement string, args []any, dests ...any) error {
	rows, err := session.Query(ctx, q.fill(session.Dialect(), statement, 1), args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A Backlog is what is left to do in a queue.
type Backlog struct {
	Pending  int // jobs that may be claimed now
	Reserved int // jobs that are reserved with a lease, by whomever
	Later    int // jobs that failed, and are to be tried again later
}

// Backlog counts what is left to do. With only, which may be the zero Rel, other keys do not count.
func (q *Queue) Backlog(ctx context.Context, db *rowmill.DB, only query.Rel) (Backlog, error) {
	q, err := q.in(ctx, db)
	if err != nil {
		return Backlog{}, fmt.Errorf("backlog of %s: %w", q.table, err)
	}
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
