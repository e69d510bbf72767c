package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		all := atOnce && len(keys) == handful
		r, stuck, err := unlessStuck(ctx, func() (Refreshed, error) {
			if all {
				return q.rescueFrom(ctx, db, dead)
			}
			return q.rescueThese(ctx, db, dead, keys)
		})
		total.Rescued += r.Rescued
		total.Buried += r.Buried
		none := r == Refreshed{}
		if err != nil || len(keys) < handful || !all && (stuck || none) {
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

// rescueFrom rescues all jobs of dead workers. Whether some are to be buried it looks before, without a lock.
func (q *Queue) rescueFrom(ctx context.Context, db *rowmill.DB, dead []any) (Refreshed, error) {
	return rescueBy(func(s step) (int, error) {
		s.own = slices.Concat(s.own, dead)
		if s.statement == bury {
			some, err := q.find(ctx, db, fewJobs, s, len(dead), stretch{}, 1)
			if err != nil || len(some) == 0 {
				return 0, err
			}
		}
		return q.inChunks(ctx, db, s.statement, len(dead), s.args()...)
	})
}

// rescueThese rescues jobs of dead workers that have these keys.
func (q *Queue) rescueThese(ctx context.Context, db *rowmill.DB, dead []any, keys [][]any) (Refreshed, error) {
	whose := strings.NewReplacer("{gone}", gone(db.Dialect(), len(dead)))
	return rescueBy(func(s step) (int, error) {
		return q.execFor(ctx, db.Hasty(), whose.Replace(s.ofThese()), len(keys), slices.Concat(s.sets, s.own, dead, slices.Concat(keys...))...)
	})
}

// diedTooOften is the message of a job that is buried.
var diedTooOften = fmt.Sprintf("its worker died %d times", maxDeaths)

// rescueBy has change run the statements of a rescue.
func rescueBy(change func(s step) (int, error)) (r Refreshed, err error) {
	if r.Buried, err = change(step{statement: bury, sets: []any{diedTooOften}, own: []any{maxDeaths - 1}}); err != nil {
		return r, err
	}
	r.Rescued, err = change(step{statement: rescue})
	return r, err
}

// strays are the keys of a few jobs of dead workers that nobody has locked.
func (q *Queue) strays(ctx context.Context, db *rowmill.DB, dead []any) ([][]any, error) {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), strays, len(dead)), append(slices.Clip(dead), handful)...)
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
