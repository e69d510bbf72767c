package populate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// TestTellsWhileItRuns has another connection see how far a make is and what it has logged, and the job keep that when
// it fails, and go on with it the next time.
func TestTellsWhileItRuns(t *testing.T) {
	each(t, 2, func(b *bench) {
		other, err := rowmill.Open(b.Context(), b.dsn)
		require.NoError(b, err)
		defer func() { _ = other.Close() }()
		seen := func() failed {
			j, err := query.One[failed](b.Context(), other, query.From(b.queue).Match(Key{2}))
			require.NoError(b, err)
			return j
		}
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 1 {
				return simple(ctx, tx, key)
			}
			tx.Job().SetCompleteness(0.25)
			tx.Job().Log().Warn("it is slow", "by", "far")
			tx.Job().Log().Debug("of no interest")
			require.Eventually(b, func() bool {
				j := seen()
				return j.Completeness != nil && *j.Completeness == 0.25 && strings.Contains(*j.Log, `level=WARN msg="it is slow" by=far`)
			}, patience, time.Millisecond)
			require.Equal(b, jobs.Reserved, seen().Status)
			tx.Job().AddCompleteness(0.5)
			tx.Job().Log().Error("it is over")
			return errors.New("no")
		}, nil)
		require.Equal(b, 1, report.Failed)
		require.Equal(b, jobs.Error, seen().Status)
		require.InDelta(b, 0.75, *seen().Completeness, 1e-9)
		require.NotContains(b, *seen().Log, "of no interest")
		require.Contains(b, *seen().Log, `msg="it is over"`, "what was told last is kept, too")
		require.Contains(b, b.log.String(), `level=WARN msg="it is slow" table=Result key="subject_id=2" by=far`)

		b.populate(func(_ context.Context, tx *Tx, _ Key) error {
			require.Nil(b, seen().Completeness, "it begins anew")
			tx.Job().Log().Info("once more")
			return errors.New("no")
		}, func(o *Options) { o.RetryErrors = true })
		require.Regexp(b, `(?s)it is slow.*it is over.*--- attempt 2\n.*once more`, *seen().Log)
	})
}

// TestTellsOfWhatWasMade keeps it where jobs that were made are kept, whatever the maker.
func TestTellsOfWhatWasMade(t *testing.T) {
	s := newStaging()
	compute := s.compute
	s.compute = func(ctx context.Context, key Key, of Subject) (float64, error) {
		JobOf(ctx).SetCompleteness(0.5)
		JobOf(ctx).Log().Info("made", "key", key.SubjectID)
		return compute(ctx, key, of)
	}
	for name, maker := range map[string]*Maker{
		"New": New(results, func(ctx context.Context, tx *Tx, key Key) error {
			tick := tx.Job().Ticks(4)
			var ticking sync.WaitGroup
			ticking.Go(tick)
			ticking.Go(tick)
			ticking.Wait()
			tx.Job().Log().Info("made", "key", key.SubjectID)
			return simple(ctx, tx, key)
		}),
		"Staged": s.maker(),
		"Batched": Batched(results, 3, func(ctx context.Context, tx *Tx, keys []Key) error {
			tx.Job().SetCompleteness(0.5)
			for _, k := range keys {
				tx.Job().Log().Info("made", "key", k.SubjectID)
				if err := query.Insert(ctx, tx, results, Result{k, 1}); err != nil {
					return err
				}
			}
			return nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, 5, func(b *bench) {
				report, err := maker.Populate(b.Context(), b.db, b.options(func(o *Options) { o.KeepCompleted, o.Workers = true, 2 }))
				require.NoError(b, errors.Join(err, report.Err()))
				for subject := range int32(5) {
					j := b.job(subject + 1)
					require.Equal(b, jobs.Success, j.Status)
					require.NotNil(b, j.Completeness, subject+1)
					require.InDelta(b, 0.5, *j.Completeness, 1e-9)
					require.Contains(b, *j.Log, fmt.Sprintf("msg=made key=%d", subject+1))
				}
			})
		})
	}
}

// TestTellsOfAttempts has what is logged in several calls of one make.
func TestTellsOfAttempts(t *testing.T) {
	each(t, 1, func(b *bench) {
		b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			var part int
			if _, err := tx.Job().State(ctx, &part); err != nil {
				return err
			}
			tx.Job().Log().Info("part", "part", part)
			if part < 3 {
				return Continue(part + 1)
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.KeepCompleted = true })
		require.Regexp(b, `(?s)part=0\n.*part=1\n.*part=2\n.*part=3\n`, *b.job(1).Log)
	})
}

func TestJobOfNoMake(t *testing.T) {
	j := JobOf(t.Context())
	require.Nil(t, j)
	j.SetCompleteness(1)
	j.AddCompleteness(1)
	j.Ticks(3)()
	j.Log().Error("nobody hears it")
	require.Equal(t, 1, j.Attempt())
	there, err := j.State(t.Context(), nil)
	require.NoError(t, err)
	require.False(t, there)
}

func TestTelling(t *testing.T) {
	told := newTelling()
	j := &Job{m: &making{telling: told}}
	for _, c := range []struct {
		change func()
		want   float64
	}{
		{func() { j.AddCompleteness(0.25) }, 0.25},
		{func() { j.AddCompleteness(0.5) }, 0.75},
		{func() { j.AddCompleteness(0.5) }, 1},
		{func() { j.SetCompleteness(-3) }, 0},
		{func() { j.SetCompleteness(0.5) }, 0.5},
		{func() { j.Ticks(0)() }, 0.5},
	} {
		c.change()
		require.InDelta(t, c.want, *told.completeness, 1e-9)
	}

	log := slog.New(slog.NewTextHandler(told, nil))
	for i := range 10_000 {
		log.Info("line", "n", i)
	}
	_, kept, changed := told.taken()
	require.True(t, changed)
	require.LessOrEqual(t, len(kept), mostTold)
	require.True(t, strings.HasPrefix(kept, "time="), "it begins with a line")
	require.True(t, strings.HasSuffix(kept, "n=9999\n"))
	_, _, changed = told.taken()
	require.False(t, changed)
}

// TestTellsBesideItsOwnTransaction has a make tell while its transaction has the only turn to write that there is.
func TestTellsBesideItsOwnTransaction(t *testing.T) {
	each(t, 1, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if err := simple(ctx, tx, key); err != nil {
				return err
			}
			tx.Job().Log().Info("inserted")
			held := tx.Job().m.telling
			require.Eventually(b, func() bool { // somebody is about to keep that, and on a file waits for this transaction
				if !held.keeping.TryLock() {
					return true
				}
				held.keeping.Unlock()
				j := b.job(1)
				return j.Log != nil && *j.Log != ""
			}, patience, time.Microsecond)
			return nil
		}, func(o *Options) { o.KeepCompleted = true })
		require.Equal(b, 1, report.Made)
		require.Contains(b, *b.job(1).Log, "msg=inserted")
	})
}

// TestTellsOfWhatWasRolledBack keeps what was told with the transaction that did not come to its end.
func TestTellsOfWhatWasRolledBack(t *testing.T) {
	each(t, 40, func(b *bench) {
		s := newStaging()
		compute, insert := s.compute, s.insert
		s.compute = func(ctx context.Context, key Key, of Subject) (float64, error) {
			JobOf(ctx).Log().Info("computed")
			return compute(ctx, key, of)
		}
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			if key.SubjectID%10 == 0 {
				return nil // which makes nothing, so that the group is rolled back
			}
			return insert(ctx, tx, key, value)
		}
		report := b.stage(s, func(o *Options) { o.KeepCompleted, o.Workers = true, 8 })
		require.Equal(b, 4, report.Failed)
		for subject := range int32(40) {
			j := b.job(subject + 1)
			require.NotNil(b, j.Log, subject+1)
			require.Contains(b, *j.Log, "msg=computed")
		}
	})
}
