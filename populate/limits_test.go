package populate

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// makeRaw makes a row of the first table of the plant.
func makeRaw(ctx context.Context, tx *Tx, key SourceKey) error {
	return from(ctx, tx, sources, raws, func(v float64) Raw { return Raw{Source{key, v}} })
}

// TestIdleLimit waits for the whole of the limit, and looks a last time.
func TestIdleLimit(t *testing.T) {
	plantInBubble(t, 0, func(t *testing.T, db *rowmill.DB) {
		began := time.Now()
		entered := time.AfterFunc(2900*time.Millisecond, func() {
			_ = query.Insert(t.Context(), db, sources, Source{SourceKey{1}, 1})
		})
		defer entered.Stop()
		reports, err := Work(t.Context(), db, &WorkOptions{Options: Options{Output: io.Discard}, IdleLimit: 3 * time.Second}, New(raws, makeRaw))
		require.NoError(t, err)
		require.Equal(t, 1, reports.Made(), "entered shortly before the limit")
		require.InDelta(t, 6, time.Since(began).Seconds(), 0.2, "and idle for so long again")
	})
}

// TestTimeLimitOverRounds knows in a later round how long the makes of earlier ones took.
func TestTimeLimitOverRounds(t *testing.T) {
	plantInBubble(t, 1, func(t *testing.T, db *rowmill.DB) {
		began := time.Now()
		reports, err := Work(t.Context(), db, &WorkOptions{Options: Options{Output: io.Discard}, TimeLimit: 3 * time.Minute},
			New(raws, func(ctx context.Context, tx *Tx, key SourceKey) error {
				time.AfterFunc(2*time.Minute+500*time.Millisecond, func() { // after the first round
					_ = query.Insert(t.Context(), db, sources, Source{SourceKey{2}, 2})
				})
				time.Sleep(2 * time.Minute)
				return makeRaw(ctx, tx, key)
			}))
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(began), 3*time.Minute)
		require.Equal(t, 1, reports.Made())
	})
}

// TestStagesFollowAtOnce does not wait before it looks at what makers upstream have come to an end with.
func TestStagesFollowAtOnce(t *testing.T) {
	plantInBubble(t, 3, func(t *testing.T, db *rowmill.DB) {
		began := time.Now()
		reports, err := All(t.Context(), db, &Options{Workers: 4, Output: io.Discard}, plantMakers(func(string) {})...)
		require.NoError(t, errors.Join(err, reports.Err()))
		wholePlant(t, db, 3)
		require.Less(t, time.Since(began), refreshPause)
	})
}

// TestPipelineRefuses says what is wrong before anything begins.
func TestPipelineRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openPlant(t, dsn, 0)
		bad := Options{Workers: -1, Output: io.Discard}
		_, err := All(t.Context(), db, &bad, New(raws, makeRaw))
		require.ErrorContains(t, err, "Options.Workers is -1")
		_, err = Work(t.Context(), db, &WorkOptions{Options: bad}, New(raws, makeRaw))
		require.ErrorContains(t, err, "Options.Workers is -1")
		_, err = All(t.Context(), db, nil)
		require.EqualError(t, err, "all: there are no makers; one or more are wanted")
		_, err = Work(t.Context(), db, nil)
		require.EqualError(t, err, "work: there are no makers; one or more are wanted")
	})
}

// TestCauseOfTheEnd is the error of the run, and not that others were cancelled for it.
func TestCauseOfTheEnd(t *testing.T) {
	each(t, 1, func(b *bench) {
		no := errors.New("no")
		for range 100 {
			_, err := New(results, func(context.Context, *Tx, Key) error { return no }).
				Populate(b.Context(), b.db, b.options(func(o *Options) { o.Direct, o.StopOnError = true, true }))
			require.ErrorIs(b, err, no)
		}
	})
}

// TestInsertThatReads is grouped like another: what was collected before it is entered for it to see.
func TestInsertThatReads(t *testing.T) {
	each(t, 40, func(b *bench) {
		s := newStaging()
		var calls atomic.Int32
		insert := s.insert
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			calls.Add(1)
			if err := insert(ctx, tx, key, value); err != nil {
				return err
			}
			n, err := query.Count(ctx, tx, query.From(results).Match(key))
			if err == nil && n != 1 {
				err = errors.New("what was inserted is not there")
			}
			return err
		}
		b.stage(s, func(o *Options) { o.Workers = 8 })
		b.holds(40)
		require.EqualValues(b, 40, calls.Load(), "none was called again alone")
	})
}
