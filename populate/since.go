package populate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// Since is when the last successful run of this maker began that had ended when the present one began, by the server's
// clock: an incremental import asks its source for what is new since then. ok is false where there is none, and all is to be asked
// for; so it is where the user may not write to the log (see [Runs]). All makes of a run are told the same; a call of [Work] is
// one run, however long.
//
// Nothing is passed over that was not made. A run that left keys is none that Since tells of, though it is no failure: one of
// Options.Only; one that ended at Options.MaxCalls or a limit of [Work]; one at whose end jobs were pending, be it that a key
// was not ready, given back, or less urgent than Options.MaxPriority; and one of Options.Direct that skipped a key, gave one back,
// or found one not ready. And as long as keys are not made that were queued before this run, and that failed or wait, the run counts
// that had ended before the first of them was queued: what they were to bring is asked for again. Retry, ignore or clear the
// jobs of those that failed. A call of [Work] has left keys if its last look did; while it goes on, all its makes are told
// what the first was told that asked.
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

// whole is until when nothing had been queued that is not made yet: until the run began, if nothing has before. Where somebody
// has removed the run's row from the log it is long ago.
func (a *account) whole(ctx context.Context, db *rowmill.DB) (time.Time, error) {
	own := Runs(a.maker.table.Schema()).Match(map[string]any{"run": a.run.id})
	began, err := query.Column[time.Time](ctx, db, own, "start_time")
	if err != nil || len(began) == 0 {
		return time.Time{}, err
	}
	unmade := a.maker.queue.With(jobs.Pending, jobs.Reserved, jobs.Error).Where("created_time < ?", began[0])
	first, err := query.Column[time.Time](ctx, db, unmade.Top(1, "created_time"), "created_time")
	switch {
	case errors.Is(err, rowmill.ErrNoTable): // without a queue, nothing waits
		return began[0], nil
	case err != nil || len(first) == 0:
		return began[0], err
	}
	return first[0].Add(-time.Millisecond), nil // a run that ended in the very millisecond may have queued it
}

// leftKeys tells whether the run, as far as it went, left keys that it was to make, or looked at some only.
func (r *run) leftKeys() bool {
	switch o, n := &r.opts, r.report; {
	case r.short || !o.Only.IsZero():
		return true
	case o.Direct: // which remembers none of them
		return n.NotReady+n.Skipped+n.Released > 0
	default:
		return n.Later > 0
	}
}
