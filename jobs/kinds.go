package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// MaxKind is the length of the longest kind of a failure that is kept, in letters.
const MaxKind = 32

// Kinds is how many jobs are errors of each kind (see [Failure.Kind]): where answers of a source are invalid, say, it is
// the source that is to be mended, and not the code. Those of no kind are counted by "". Each is listed by
//
//	q.With(jobs.Error).Where("_kind = ?", "invalid")
//
// The server counts. A queue that nobody has declared has no jobs; one that lacks the hidden columns keeps no kinds.
func (q *Queue) Kinds(ctx context.Context, db *rowmill.DB) (map[string]int, error) {
	kinds := map[string]int{}
	form, err := q.in(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("count the kinds of errors of %s: %w", q.table, err)
	}
	if form.bare {
		all, err := q.Progress(ctx, db)
		if all[Error] > 0 {
			kinds[""] = all[Error]
		}
		return kinds, err
	}
	counted := query.Universal("_kind").Aggregate(q.With(Error), "jobs_counted = count(*)")
	for row, err := range query.Each[kindCount](ctx, db, counted) {
		switch {
		case errors.Is(err, rowmill.ErrNoTable):
			return kinds, nil
		case err != nil:
			return nil, fmt.Errorf("count the kinds of errors of %s: %w", q.table, err)
		}
		kinds[row.Kind] = int(row.Jobs)
	}
	return kinds, nil
}

type kindCount struct {
	Kind string `db:"_kind"`
	Jobs int64  `db:"jobs_counted"`
}

// kind is the kind of a failure, as the job's queue keeps it: none where that has no column for it.
func (r *Reservation) kind(f Failure) []any {
	if r.queue.bare {
		return nil
	}
	return []any{cutTo(f.Kind, MaxKind)}
}

// cutTo is a text, or so many letters of it.
func cutTo(text string, letters int) string {
	if short := []rune(valid(text)); len(short) > letters {
		return string(short[:letters])
	}
	return valid(text)
}
