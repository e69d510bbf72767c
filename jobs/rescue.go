package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/process"
)

// Rescue queues the jobs of dead workers again, as Refresh does among other things: those
// whose leases ran out, and at once those of processes that died on this machine.
func (q *Queue) Rescue(ctx context.Context, db *rowmill.DB) (Refreshed, error) {
	q, err := q.in(ctx, db)
	if err != nil {
		return Refreshed{}, fmt.Errorf("rescue jobs of %s: %w", q.table, err)
	}
	r, err := q.rescue(ctx, db)
	if err != nil {
		return r, fmt.Errorf("rescue jobs of %s: %w", q.table, err)
	}
	return r, nil
}

const (
	// fewStrays is fewer than which jobs of dead workers are rescued by their keys; of more, all are at once.
	fewStrays = 256
	// rescueTime bounds the statements of a rescue: a worker that hangs in its COMMIT holds the lock of its job, and
	// nobody else is to wait for him.
	rescueTime = 5 * time.Second
)

// rescue looks for a few jobs that nobody has locked, which are all as a rule. Where there are many, it rescues
// all at once for as long as that gets on, and goes on with a few at a time if somebody hangs who has locked one of
// them. He is looked for again the next time.
func (q *Queue) rescue(ctx context.Context, db *rowmill.DB) (total Refreshed, err error) {
	if q.bare { // there are no leases
		return total, nil
	}
	dead, err := q.deadWorkers(ctx, db)
	if err != nil {
		return total, err
	}
	for atOnce := true; ; {
		keys, err := q.strays(ctx, db, dead)
		if err != nil || len(keys) == 0 {
			return total, err
		}
		all := atOnce && len(keys) == fewStrays
		r, stuck, err := unlessStuck(ctx, func() (Refreshed, error) {
			if all {
				return q.rescueFrom(ctx, db, dead)
			}
			return q.rescueThese(ctx, db, dead, keys)
		})
		total.Rescued += r.Rescued
		total.Buried += r.Buried
		none := r == Refreshed{}
		if err != nil || len(keys) < fewStrays || !all && (stuck || none) {
			return total, err
		}
		atOnce = all && !none
	}
}

// unlessStuck has do rescue jobs, and tells whether it gave up since somebody has locked one of them.
func unlessStuck(ctx context.Context, do func() (Refreshed, error)) (r Refreshed, stuck bool, err error) {
	r, err = do()
	if errors.Is(err, rowmill.ErrBusy) && ctx.Err() == nil {
		return r, true, nil
	}
	return r, false, err
}

// shortly runs a statement of a rescue. Where its time is over its error wraps rowmill.ErrBusy.
func shortly(ctx context.Context, run func(ctx context.Context) (int, error)) (int, error) {
	short, cancel := context.WithTimeout(ctx, rescueTime)
	defer cancel()
	n, err := run(short)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return n, fmt.Errorf("%w: %w", rowmill.ErrBusy, err)
	}
	return n, err
}

// rescueFrom rescues all jobs of dead workers. Whether some are to be buried it looks before, without a lock: to find none
// among very many takes longer than a statement may that waits for locks.
func (q *Queue) rescueFrom(ctx context.Context, db *rowmill.DB, dead []any) (Refreshed, error) {
	return rescueBy(func(statement string, args ...any) (int, error) {
		if statement == bury {
			some, err := q.any(ctx, db, statement, len(dead), slices.Concat(args[1:], dead))
			if err != nil || !some {
				return 0, err
			}
		}
		return q.inChunksBy(ctx, db, statement, func(s stretch, most int) (int, error) {
			return shortly(ctx, func(ctx context.Context) (int, error) {
				return q.execFor(ctx, db, s.of(statement), len(dead), s.args(slices.Concat(args, dead), most)...)
			})
		})
	})
}

// rescueThese rescues jobs of dead workers that have these keys.
func (q *Queue) rescueThese(ctx context.Context, db *rowmill.DB, dead []any, keys [][]any) (Refreshed, error) {
	these := strings.NewReplacer("{some}", "CASE WHEN ", "{at most ?}", " THEN 1 END = 1 AND ({keys})", "{gone}", gone(db.Dialect(), len(dead)))
	return rescueBy(func(statement string, args ...any) (int, error) {
		sql := q.fill(db.Dialect(), these.Replace(statement), len(keys))
		return shortly(ctx, func(ctx context.Context) (int, error) {
			n, err := db.Brief().Exec(ctx, sql, slices.Concat(args, dead, slices.Concat(keys...))...)
			return int(n), err
		})
	})
}

// rescueBy has change run the statements of a rescue.
func rescueBy(change func(statement string, args ...any) (int, error)) (r Refreshed, err error) {
	if r.Buried, err = change(bury, fmt.Sprintf("its worker died %d times", maxDeaths), maxDeaths-1); err != nil {
		return r, err
	}
	r.Rescued, err = change(rescue)
	return r, err
}

// strays are the keys of a few jobs of dead workers that nobody has locked.
func (q *Queue) strays(ctx context.Context, db *rowmill.DB, dead []any) ([][]any, error) {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), strays, len(dead)), append(slices.Clip(dead), fewStrays)...)
	if err != nil {
		return nil, err
	}
	return q.scanKeys(rows)
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
