package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/process"
)

// Rescue queues the jobs of dead workers again, as Refresh does among other things: those
// whose leases ran out, and at once those of processes that died on this machine.
func (q *Queue) Rescue(ctx context.Context, db *rowmill.DB) (Refreshed, error) {
	r, err := q.rescue(ctx, db)
	if err != nil {
		return r, fmt.Errorf("rescue jobs of %s: %w", q.table, err)
	}
	return r, nil
}

// rescueTime bounds a rescue: a worker that hangs in its COMMIT holds the lock of its job, and
// nobody else is to wait for him. He is looked for again the next time.
const rescueTime = 5 * time.Second

func (q *Queue) rescue(ctx context.Context, db *rowmill.DB) (Refreshed, error) {
	dead, err := q.deadWorkers(ctx, db)
	if err != nil {
		return Refreshed{}, err
	}
	short, cancel := context.WithTimeout(ctx, rescueTime)
	defer cancel()
	r, err := q.rescueFrom(short, db, dead)
	if err != nil && ctx.Err() == nil && (short.Err() != nil || errors.Is(err, rowmill.ErrBusy)) {
		return r, nil
	}
	return r, err
}

func (q *Queue) rescueFrom(ctx context.Context, db *rowmill.DB, dead []any) (r Refreshed, err error) {
	message := fmt.Sprintf("its worker died %d times", maxDeaths)
	if r.Buried, err = q.inChunksFor(ctx, db, bury, len(dead), append([]any{message, maxDeaths - 1}, dead...)...); err != nil {
		return r, err
	}
	r.Rescued, err = q.inChunksFor(ctx, db, rescue, len(dead), dead...)
	return r, err
}

// deadWorkers are the names of the processes that hold leases and are surely gone.
func (q *Queue) deadWorkers(ctx context.Context, db *rowmill.DB) ([]any, error) {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), workers, 0))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var dead []any
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if process.Dead(name) {
			dead = append(dead, name)
		}
	}
	return dead, rows.Err()
}
