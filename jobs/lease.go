package jobs

import (
	"bytes"
	"context"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// Heartbeat moves the leases of jobs on to the worker's full lease from now, and returns those
// of the jobs whose leases no longer hold.
func (q *Queue) Heartbeat(ctx context.Context, db *rowmill.DB, w *Worker, key *schema.Binding, jobs []*Reservation) (lost []*Reservation, err error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	args := append([]any{w.Lease.Seconds()}, tokens(jobs)...)
	n, err := db.Brief().Exec(ctx, q.fill(db.Dialect(), heartbeat, len(jobs)), args...)
	if err == nil && int(n) < len(jobs) {
		lost, err = q.lost(ctx, db, key, jobs)
	}
	if err != nil {
		return nil, fmt.Errorf("heartbeat of %s: %w", q.table, err)
	}
	return lost, nil
}

// tokens are the values of {tokens}.
func tokens(jobs []*Reservation) []any {
	var args []any
	for _, r := range jobs {
		args = append(append(args, r.values...), r.token)
	}
	return args
}

func (q *Queue) lost(ctx context.Context, session rowmill.Session, key *schema.Binding, jobs []*Reservation) ([]*Reservation, error) {
	rows, err := session.Query(ctx, q.fill(session.Dialect(), held, len(jobs)), tokens(jobs)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	held := map[string][]byte{}
	for rows.Next() {
		var token []byte
		_, values, err := scanKey(rows, key, &token)
		if err != nil {
			return nil, err
		}
		held[fingerprint(values)] = token
	}
	var lost []*Reservation
	for _, r := range jobs {
		if !bytes.Equal(held[fingerprint(r.values)], r.token) {
			lost = append(lost, r)
		}
	}
	return lost, rows.Err()
}

// Holds tells whether the lease of a job still holds.
func (q *Queue) Holds(ctx context.Context, session rowmill.Session, r *Reservation) (bool, error) {
	args := append([]any{r.token}, r.values...)
	rows, err := session.Query(ctx, q.fill(session.Dialect(), reserved, 1), args...)
	if err != nil {
		return false, fmt.Errorf("look for the lease of %s: %w", q.table, err)
	}
	defer func() { _ = rows.Close() }()
	holds := rows.Next()
	return holds, rows.Err()
}
