package jobs

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
)

const (
	// handful is how many jobs a statement names by their keys: of more, servers look through the whole queue for them, and
	// SQLite takes no more than a thousand.
	handful = 256
	// firstChunk is how many jobs a statement about the whole queue changes at first; then it is by how long that took.
	// One that seems to take no time changes mostGrowth times as many the next time. It is no round number: of as many
	// jobs as that there may well be, and then a second statement looks for more.
	firstChunk, mostGrowth = 1 << 17, 16
	// chunkTime is how long such a statement is to take: as long does whoever wait wants one of the jobs that it changes.
	// In an SQLite file it is soleTime, and whoever wants to write waits.
	chunkTime, soleTime = time.Second, 2 * time.Second
	// addTime and soleAddTime are the same for one that adds jobs, for which nobody waits: the longer the better, since each
	// passes over all that were added before.
	addTime, soleAddTime = 30 * time.Second, 4 * time.Second
	// breath is how long an SQLite file is left to others between two statements: whoever waits for it looks about as often.
	breath = 100 * time.Millisecond
)

// inChunks runs a statement about the whole queue, which means n workers, and changes as many jobs as its last argument
// says, until it has changed all. What one statement has not changed is changed by walking along the queue, but in an
// SQLite file, which keeps nothing of what was removed. But for add, none waits for long for whoever has locked a
// job: the error wraps rowmill.ErrBusy then.
func (q *Queue) inChunks(ctx context.Context, db *rowmill.DB, statement string, n int, args ...any) (total int, err error) {
	sole := db.Dialect().SingleWriter()
	walks, on := !sole && statement != add, db.Hasty()
	if statement == add {
		on = db.Brief()
	}
	var s stretch
	for chunk := q.firstChunk; ; {
		began := time.Now()
		changed, err := q.execFor(ctx, on, s.of(statement), n, s.args(args, chunk)...)
		total += changed
		if err != nil || s.over(changed < chunk) {
			return total, err
		}
		chunk = nextChunk(chunk, time.Since(began), wanted(statement, sole))
		if walks {
			s, err = q.after(ctx, db, s, chunk)
		} else if sole {
			err = rest(ctx)
		}
		if err != nil {
			return total, err
		}
	}
}

// rest leaves an SQLite file to others for a moment.
func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(breath):
		return nil
	}
}

// wanted is how long a statement is to take.
func wanted(statement string, sole bool) time.Duration {
	switch {
	case statement == add && sole:
		return soleAddTime
	case statement == add:
		return addTime
	case sole:
		return soleTime
	}
	return chunkTime
}

// nextChunk is how many jobs to change next, where so many took so long.
func nextChunk(chunk int, took, wanted time.Duration) int {
	growth := float64(wanted) / float64(max(took, 1))
	return max(1, int(float64(chunk)*min(growth, mostGrowth)))
}

// exec runs a statement about the whole queue.
func (q *Queue) exec(ctx context.Context, db *rowmill.DB, statement string, args ...any) (int, error) {
	return q.execFor(ctx, db.Brief(), statement, 0, args...)
}

// execFor runs a statement that means n workers, or keys.
func (q *Queue) execFor(ctx context.Context, on rowmill.Session, statement string, n int, args ...any) (int, error) {
	sql, values, err := squirrel.Expr(q.fill(on.Dialect(), statement, n), args...).ToSql()
	if err != nil {
		return 0, err
	}
	affected, err := on.Exec(ctx, sql, values...)
	return int(affected), err
}
