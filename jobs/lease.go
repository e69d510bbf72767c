package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// Heartbeat moves the leases of jobs on to the worker's full lease from now, and returns those
// of the jobs whose leases no longer hold: somebody else has the job, or may have had it. A job is not lost as long as
// the lease was kept and nobody has claimed it, though a Python worker or a person may have removed it, or changed its
// status.
func (q *Queue) Heartbeat(ctx context.Context, db *rowmill.DB, w *Worker, key *schema.Binding, jobs []*Reservation) (lost []*Reservation, err error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	q = jobs[0].queue
	began := time.Now()
	statement, args := heartbeat, []any{w.Lease.Seconds()}
	if q.bare {
		statement, args = hold, nil
	}
	n, err := db.Brief().Exec(ctx, q.fill(db.Dialect(), statement, len(jobs)), append(args, owned(jobs)...)...)
	if err == nil && int(n) < len(jobs) {
		lost, err = q.lost(ctx, db, key, jobs)
	}
	if err != nil {
		return nil, fmt.Errorf("heartbeat of %s: %w", q.table, err)
	}
	for _, r := range jobs {
		if !slices.Contains(lost, r) {
			r.goodSince(began)
		}
	}
	return lost, nil
}

// owned are the values of {tokens}, {others} and {mine}.
func owned(jobs []*Reservation) []any {
	var args []any
	for _, r := range jobs {
		args = append(args, r.own()...)
	}
	return args
}

// lost are those of the jobs that somebody else has, or may have had since the lease was last good.
func (q *Queue) lost(ctx context.Context, session rowmill.Session, key *schema.Binding, jobs []*Reservation) ([]*Reservation, error) {
	holds, err := q.among(ctx, session, key, held, jobs)
	if err != nil {
		return nil, err
	}
	left := slices.DeleteFunc(slices.Clone(jobs), func(r *Reservation) bool { return slices.Contains(holds, r) })
	if len(left) == 0 {
		return nil, nil
	}
	others, err := q.among(ctx, session, key, taken, left)
	return slices.DeleteFunc(left, func(r *Reservation) bool { return r.goodStill() && !slices.Contains(others, r) }), err
}

// Holds tells whether the lease of a job still holds.
func (q *Queue) Holds(ctx context.Context, session rowmill.Session, r *Reservation) (bool, error) {
	rows, err := session.Query(ctx, r.queue.fill(session.Dialect(), held, 1), r.own()...)
	if err != nil {
		return false, fmt.Errorf("look for the lease of %s: %w", q.table, err)
	}
	defer func() { _ = rows.Close() }()
	holds := rows.Next()
	return holds, rows.Err()
}
