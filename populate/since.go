package populate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// Since is when the last successful run of this maker began that had ended when the present one began, by the server's
// clock: an incremental import asks its source for what is new since then. ok is false where there is none, and all is to be asked
// for; so it is where the user may not write to the log (see [Runs]). All makes of a run are told the same; a call of [Work] is
// one run, however long.
//
// As long as keys of the maker's table stand that failed before this run, the run counts that had ended before the first
// of them failed: what they were to bring is asked for again. Retry, ignore or clear their jobs.
func (j *Job) Since(ctx context.Context) (began time.Time, ok bool, err error) {
	began, ok, err = j.run.told.lastSuccess(ctx, j.run.db)
	if err != nil {
		return began, false, fmt.Errorf("since when to make %s: %w", j.run.maker, err)
	}
	return began, ok, nil
}

// A since is what a run has found of the last successful one.
type since struct {
	known bool
	began time.Time
	ok    bool
}

// lastSuccess is what Since tells. It looks once, for whoever asks first, and for nothing that happened since
// the run began.
func (a *account) lastSuccess(ctx context.Context, db *rowmill.DB) (time.Time, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.since.known && a.run != nil {
		until, err := a.whole(ctx, db)
		if err != nil {
			return time.Time{}, false, err
		}
		found := since{known: true}
		of := successes(a.maker.table.Schema(), a.maker.String()).Where("end_time <= ?", until)
		if found.began, found.ok, err = mostRecent(ctx, db, of); err != nil {
			return time.Time{}, false, err
		}
		a.since = found
	}
	return a.since.began, a.since.ok, nil
}

// whole is until when nothing had failed that is not made yet: until the run began, if nothing has before. Where somebody has
// removed the run's row from the log it is long ago.
func (a *account) whole(ctx context.Context, db *rowmill.DB) (time.Time, error) {
	own := Runs(a.maker.table.Schema()).Match(map[string]any{"run": a.run.id})
	began, err := query.Column[time.Time](ctx, db, own, "start_time")
	if err != nil || len(began) == 0 {
		return time.Time{}, err
	}
	failed := query.From(a.maker.queue).Where("_first_failed < ?", began[0]).Top(1, "_first_failed")
	first, err := query.Column[*time.Time](ctx, db, failed, "_first_failed")
	switch {
	case errors.Is(err, rowmill.ErrNoTable), errors.Is(err, rowmill.ErrNoAttribute): // no queue of ours keeps failures
		return began[0], nil
	case err != nil || len(first) == 0:
		return began[0], err
	}
	return *first[0], nil
}
