package populate

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// seen is an observer that counts. Each bench has one, so that every test on it is one of the promises of Observer.
type seen struct {
	mu             sync.Mutex
	claimed, begun int
	ended, began   int
	outcomes       map[Outcome]int
	longest        time.Duration
	refreshed      jobs.Refreshed
	queued         []map[jobs.Status]int
	wrong          []string // what must not be told
}

func newSeen() *seen { return &seen{outcomes: map[Outcome]int{}} }

func (s *seen) Claimed(_ *schema.Table, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claimed += n
}

func (s *seen) Begun(*schema.Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun++; s.begun > s.claimed {
		s.wrong = append(s.wrong, "a make begins whose job was not claimed")
	}
}

func (s *seen) Ended(_ *schema.Table, e Ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes[e.Outcome]++
	s.longest = max(s.longest, e.Took)
	if s.ended++; s.ended > s.claimed {
		s.wrong = append(s.wrong, "a job ends that was not claimed")
	}
	switch {
	case e.Began:
		if s.began++; s.began > s.begun {
			s.wrong = append(s.wrong, "a make ends that has not begun")
		}
	case e.Took != 0:
		s.wrong = append(s.wrong, "a make took time that has not begun")
	}
}

func (s *seen) Refreshed(_ *schema.Table, did jobs.Refreshed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshed = sum(s.refreshed, did)
}

func (s *seen) Queued(_ *schema.Table, n map[jobs.Status]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = append(s.queued, n)
}

// balance wants what has begun to have ended, now that no run runs.
func (s *seen) balance(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Empty(t, s.wrong)
	require.Equal(t, s.claimed, s.ended, "jobs that were claimed, and those that ended")
	require.Equal(t, s.begun, s.began, "makes that have begun, and those that ended")
}

// sameAs wants what was told to be what the report of the only run says.
func (s *seen) sameAs(t testing.TB, r *Report) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	counted := map[Outcome]int{}
	for _, o := range outcomes {
		if n := *r.counter(o); n > 0 {
			counted[o] = n
		}
	}
	require.Equal(t, counted, s.outcomes)
	require.Equal(t, r.Made, r.Durations.Count())
	require.GreaterOrEqual(t, s.longest, r.Durations.Longest())
	want, got := r.Refreshed, s.refreshed
	want.Shared, got.Shared = false, false
	require.Equal(t, want, got)
}

func TestObserver(t *testing.T) {
	each(t, 7, func(b *bench) {
		b.behind(7)
		_, err := b.populateSome(func(ctx context.Context, tx *Tx, key Key) error {
			switch key.SubjectID {
			case 2:
				return Skip("no")
			case 3:
				return NotReady(time.Hour)
			case 4:
				return errors.New("no")
			case 5:
				b.takeAway(5)
			}
			return simple(ctx, tx, key)
		})
		require.NoError(b, err)
		require.Equal(b, map[Outcome]int{
			OutcomeMade: 2, OutcomeSkipped: 1, OutcomeNotReady: 1, OutcomeFailed: 1, OutcomeLostLease: 1,
		}, b.seen.outcomes)
		require.Equal(b, 6, b.seen.claimed)
		require.Equal(b, 6, b.seen.refreshed.Added)
		require.Equal(b, []map[jobs.Status]int{
			{jobs.Pending: 6},
			{jobs.Pending: 1, jobs.Reserved: 1, jobs.Error: 1, jobs.Ignore: 1},
		}, b.seen.queued)
	})
}

// populateSome leaves alone what others hold.
func (b *bench) populateSome(fn makeFunc) (*Report, error) {
	b.Helper()
	return New(results, fn).Populate(b.Context(), b.db, b.options(func(o *Options) { o.LeaveOthers = true }))
}

// TestObserverOfStagesAndBatches counts a key once that is tried with others and then by itself.
func TestObserverOfStagesAndBatches(t *testing.T) {
	each(t, 40, func(b *bench) {
		inBatches := Batched(results, 8, func(ctx context.Context, tx *Tx, keys []Key) error {
			for _, k := range keys {
				if k.SubjectID%10 == 0 {
					return errors.New("no")
				}
				if err := query.Insert(ctx, tx, results, Result{Key: k}); err != nil {
					return err
				}
			}
			return nil
		})
		report, err := inBatches.Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers = 2 }))
		require.NoError(b, err)
		require.Equal(b, 36, report.Made)
		require.Equal(b, 4, report.Failed)
		b.seen.sameAs(b, report)
		b.seen.balance(b)

		b.seen = newSeen()
		s := newStaging()
		report, err = s.maker().Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers, o.RetryErrors = 4, true }))
		require.NoError(b, err)
		require.Equal(b, 4, report.Made)
		b.seen.sameAs(b, report)
	})
}

// TestObserverWhenARunEnds has jobs given back, of which some had begun, and others had not.
func TestObserverWhenARunEnds(t *testing.T) {
	each(t, 50, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		report, err := New(results, func(inside context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 9 {
				cancel()
				<-inside.Done()
			}
			return simple(inside, tx, key)
		}).Populate(ctx, b.db, b.options(func(o *Options) { o.Workers = 2 }))
		require.ErrorIs(b, err, context.Canceled)
		require.Positive(b, report.Released)
		b.seen.sameAs(b, report)
		require.Equal(b, map[jobs.Status]int{jobs.Pending: 50 - report.Made}, b.statuses())
	})
}

// TestOutcomesHaveNames keeps each outcome a counter of its own.
func TestOutcomesHaveNames(t *testing.T) {
	r := &Report{}
	for i, o := range outcomes {
		*r.counter(o) = i + 1
	}
	require.Equal(t, Report{
		Made: 1, AlreadyThere: 2, Skipped: 3, Failed: 4, NotReady: 5, Unfinished: 6, Retried: 7, Withdrawn: 8, LostLeases: 9, Released: 10,
	}, *r)
	twice := *r
	twice.add(r)
	for i, o := range outcomes {
		require.Equal(t, 2*(i+1), *twice.counter(o), o)
	}
	require.PanicsWithValue(t, "populate: a report does not count the outcome unknown", func() { r.counter(OutcomeUnknown) })
}
