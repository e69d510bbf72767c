package populate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// heard is what makes were told of the last successful run: by subject.
type heard struct {
	mu    sync.Mutex
	since map[int32]string
}

// making is a make that asks, and then does as it is told.
func (s *heard) making(do func(ctx context.Context, tx *Tx, key Key) error) func(ctx context.Context, tx *Tx, key Key) error {
	return func(ctx context.Context, tx *Tx, key Key) error {
		began, ok, err := tx.Job().Since(ctx)
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.since[key.SubjectID] = sinceWhen(began, ok)
		s.mu.Unlock()
		return do(ctx, tx, key)
	}
}

func sinceWhen(began time.Time, ok bool) string {
	if !ok {
		return "ever"
	}
	return began.Format(time.StampMilli)
}

// run enters subjects, populates, and returns what the makes were told, and the run's own row.
func (s *heard) run(b *bench, do func(ctx context.Context, tx *Tx, key Key) error, change func(o *Options), enter ...int32) (map[int32]string, RunRow) {
	b.Helper()
	for _, id := range enter {
		require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{id}, 1}))
	}
	s.since = map[int32]string{}
	b.tick()
	b.populate(s.making(do), change)
	return s.since, b.lastRun()
}

// TestSince imports by increments: each run is told when the last successful one began, all of its makes the same.
func TestSince(t *testing.T) {
	each(t, 2, func(b *bench) {
		s := &heard{}
		began := func(r RunRow) string { return sinceWhen(r.StartTime, true) }
		since, first := s.run(b, simple, nil)
		require.Equal(b, map[int32]string{1: "ever", 2: "ever"}, since)

		since, second := s.run(b, simple, func(o *Options) { o.Workers = 2 }, 3, 4, 5)
		require.Equal(b, map[int32]string{3: began(first), 4: began(first), 5: began(first)}, since)

		// A run in which a key fails is no success. As long as the failure stands, nobody passes over what it left.
		boom := func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 6 {
				return errors.New("boom")
			}
			return simple(ctx, tx, key)
		}
		since, third := s.run(b, boom, nil, 6)
		require.Equal(b, map[int32]string{6: began(second)}, since)
		require.Equal(b, RunError, third.Status)
		_, idle := s.run(b, simple, nil)
		require.Equal(b, RunSuccess, idle.Status)
		since, _ = s.run(b, simple, nil, 7)
		require.Equal(b, map[int32]string{7: began(second)}, since)
		since, fixed := s.run(b, simple, func(o *Options) { o.RetryErrors = true })
		require.Equal(b, map[int32]string{6: began(second)}, since)
		since, _ = s.run(b, simple, nil, 8)
		require.Equal(b, map[int32]string{8: began(fixed)}, since)
	})
}

// TestSincePassesOverNothing has runs leave keys, which is no failure: those of later ones are told of the run before.
func TestSincePassesOverNothing(t *testing.T) {
	onlyTwo := func(o *Options) { o.Only = query.From(subjects).Where("subject_id = 2") }
	threeLater := func(ctx context.Context, tx *Tx, key Key) error {
		if key.SubjectID == 3 {
			return NotReady(time.Hour)
		}
		return simple(ctx, tx, key)
	}
	threeSkipped := func(ctx context.Context, tx *Tx, key Key) error {
		if key.SubjectID == 3 {
			return Skip("not now")
		}
		return simple(ctx, tx, key)
	}
	for _, c := range []struct {
		name   string
		make   func(ctx context.Context, tx *Tx, key Key) error
		change func(o *Options)
	}{
		{"not ready", threeLater, nil},
		{"as many calls as may be", simple, func(o *Options) { o.MaxCalls = 1 }},
		{"only some", simple, onlyTwo},
		{"the urgent", simple, func(o *Options) { o.MaxPriority = new(int8(jobs.DefaultPriority - 1)) }},
		{"directly, not ready", threeLater, directly},
		{"directly, skipped", threeSkipped, directly},
		{"directly, as many calls as may be", simple, func(o *Options) { o.Direct, o.MaxCalls = true, 1 }},
		{"directly, only some", simple, func(o *Options) { o.Direct = true; onlyTwo(o) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 1, func(b *bench) {
				s := &heard{}
				began := func(r RunRow) string { return sinceWhen(r.StartTime, true) }
				_, first := s.run(b, simple, nil)
				_, part := s.run(b, c.make, c.change, 2, 3)
				require.Equal(b, RunSuccess, part.Status)
				require.Contains(b, part.Message, "; keys were left")
				recent, ok := b.mostRecent("Result")
				require.True(b, ok)
				require.Equal(b, first.StartTime, recent)

				_, err := b.queue.Reschedule(b.Context(), b.db, query.Rel{}, 0)
				require.NoError(b, err)
				since, rest := s.run(b, simple, nil)
				require.Equal(b, began(first), since[3])
				since, _ = s.run(b, simple, nil, 4)
				require.Equal(b, map[int32]string{4: began(rest)}, since)
			})
		})
	}
}

// TestSinceWaitsForWhatIsQueued has a key wait that was queued before the last whole run ended, by whomever.
func TestSinceWaitsForWhatIsQueued(t *testing.T) {
	each(t, 1, func(b *bench) {
		s := &heard{}
		_, first := s.run(b, simple, nil)
		b.tick()
		require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{2}, 1}))
		b.refresh()
		b.exec("UPDATE %s SET status = 'reserved', reserved_time = created_time WHERE subject_id = 2") // by a worker in Python
		_, beside := s.run(b, simple, func(o *Options) { o.LeaveOthers = true })
		require.NotContains(b, beside.Message, leftKeys)
		b.exec("UPDATE %s SET status = 'pending' WHERE subject_id = 2")
		since, _ := s.run(b, simple, nil)
		require.Equal(b, map[int32]string{2: sinceWhen(first.StartTime, true)}, since)
	})
}

// TestSinceIsAsOfTheBeginning has a run succeed beside another: it had not when that began.
func TestSinceIsAsOfTheBeginning(t *testing.T) {
	each(t, 1, func(b *bench) {
		b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			beside, err := StartRun(b.Context(), b.db, lab, "Result", nil)
			if err == nil {
				b.tick()
				err = beside.Success(1)
			}
			if err != nil {
				return err
			}
			if _, ok, err := tx.Job().Since(ctx); ok || err != nil {
				return fmt.Errorf("Since: %v, %w", ok, err)
			}
			if _, err := query.Delete(b.Context(), b.db, Runs(lab), nil); err != nil {
				return err
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Empty(b, b.runs())
		require.Contains(b, b.log.String(), "the log of runs was not told how this run ended")
	})
}
