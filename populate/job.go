package populate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

// A Job is what a make may know of its job, and tell. It is safe for concurrent use. A nil Job, which is that of no
// make, knows nothing, and tells nobody: so a function that takes part in makes can be called without one.
type Job struct {
	run *run
	m   *making
}

// Job is the job of the present key. In a batch it knows of the first key, and what it is told of is told of all.
func (tx *Tx) Job() *Job { return tx.job }

// A jobKey is the key of the job in a make's context.
type jobKey struct{}

// JobOf is the job of the make whose context it is, for functions that have no Tx, as the second stage of [Staged]. It is nil where it
// is that of none.
func JobOf(ctx context.Context) *Job {
	j, _ := ctx.Value(jobKey{}).(*Job)
	return j
}

func (r *run) jobOf(m *making) *Job { return &Job{run: r, m: m} }

// Attempt counts the attempts at the key, from 1.
func (j *Job) Attempt() int {
	if j == nil {
		return 1
	}
	return j.m.job.Attempt
}

// State reads the state that an earlier call has left by [Continue] into what into points to, and tells whether
// there is one.
func (j *Job) State(ctx context.Context, into any) (bool, error) {
	if j == nil {
		return false, nil
	}
	text, err := j.run.ledger.state(ctx, j.m.job)
	if err != nil || text == nil {
		return false, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("the state of the job: %w", err)
	}
	return true, nil
}

// SetCompleteness tells how much of the key is made, from 0 to 1; what lies outside of that is taken for the nearer of
// the two. It is kept with the job about once a second, for whoever looks from wherever: see [jobs.Job].
func (j *Job) SetCompleteness(fraction float64) {
	if j != nil {
		j.m.telling.complete(func(float64) float64 { return fraction })
	}
}

// AddCompleteness tells that so much more of the key is made, which at first is nothing.
func (j *Job) AddCompleteness(fraction float64) {
	if j != nil {
		j.m.telling.complete(func(before float64) float64 { return before + fraction })
	}
}

// Ticks begins to count n equal steps of which the key's make consists, and returns what tells that one of them is done.
// It may be called by several goroutines.
func (j *Job) Ticks(n int) (tick func()) {
	if j == nil || n < 1 {
		return func() {}
	}
	j.SetCompleteness(0)
	return func() { j.m.telling.tick(n) }
}

// Log is a logger whose records, from slog.LevelInfo on, are kept with the job about once a second, as lines of text: the
// last 64 KiB of them, as long as the job is there, which is until it is made, unless Options.KeepCompleted keeps it. They go to
// Options.Log as well, with the table and the key.
func (j *Job) Log() *slog.Logger {
	if j == nil {
		return slog.New(slog.DiscardHandler)
	}
	kept := slog.NewTextHandler(j.m.telling, nil)
	all := j.run.opts.Log.Handler().WithAttrs([]slog.Attr{slog.String("table", j.run.maker.String()), slog.String("key", j.run.maker.key.Format(j.m.job.Key))})
	return slog.New(slog.NewMultiHandler(kept, all))
}
