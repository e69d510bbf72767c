package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// Heartbeat moves the leases of jobs on to the worker's full lease from now, and returns those
// of the jobs whose leases no longer hold: somebody else has the job, or may have had it. A job is not lost as long as
// the lease was kept and nobody has claimed it, though a Python worker or a person may have removed it, or changed its
// status. Jobs that somebody has locked, as their worker has while he completes them, are waited for for a moment, and then
// left as they are.
func (q *Queue) Heartbeat(ctx context.Context, db *rowmill.DB, w *Worker, key *schema.Binding, jobs []*Reservation) (lost []*Reservation, err error) {
	for some := range slices.Chunk(jobs, handful) {
		gone, e := some[0].queue.beat(ctx, db, w, key, some)
		lost, err = append(lost, gone...), errors.Join(err, e)
	}
	if err != nil {
		return lost, fmt.Errorf("heartbeat of %s: %w", q.table, err)
	}
	return lost, nil
}

// beat is the heartbeat of a handful.
func (q *Queue) beat(ctx context.Context, db *rowmill.DB, w *Worker, key *schema.Binding, jobs []*Reservation) (lost []*Reservation, err error) {
	began, moved := time.Now(), jobs
	n, err := q.moveLeases(ctx, db, w, jobs)
	if errors.Is(err, rowmill.ErrBusy) {
		if moved, err = q.among(ctx, db, key, heldFree, jobs); err == nil && len(moved) > 0 {
			n, err = q.moveLeases(ctx, db, w, moved)
		}
	}
	if err == nil && n < len(jobs) {
		lost, err = q.lost(ctx, db, key, jobs)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range moved {
		if !slices.Contains(lost, r) {
			r.goodSince(began)
		}
	}
	return lost, nil
}

// moveLeases tells how many of the jobs are still held. Without leases, that is all it does.
func (q *Queue) moveLeases(ctx context.Context, db *rowmill.DB, w *Worker, jobs []*Reservation) (int, error) {
	statement, args := heartbeat, []any{w.Lease.Seconds()}
	if q.bare {
		statement, args = hold, nil
	}
	return q.execFor(ctx, db.Hasty(), statement, len(jobs), append(args, owned(jobs)...)...)
}

// owned are the values of {tokens}, {others}, {mine} and {ended}.
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
