package populate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// failingAt is a make that fails for some keys.
func failingAt(subjects ...int32) makeFunc {
	return func(ctx context.Context, tx *Tx, key Key) error {
		for _, s := range subjects {
			if key.SubjectID == s {
				return fmt.Errorf("no %d", s)
			}
		}
		return simple(ctx, tx, key)
	}
}

func TestMaxCalls(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.refresh()
		b.exec("UPDATE %s SET priority = -1 WHERE subject_id = 20")
		var calls atomic.Int32
		counted := func(ctx context.Context, tx *Tx, key Key) error {
			if calls.Add(1); key.SubjectID == 1 {
				return errors.New("no")
			}
			return simple(ctx, tx, key)
		}
		report := b.populate(counted, func(o *Options) { o.Workers, o.MaxCalls = 4, 7 })
		require.EqualValues(b, 7, calls.Load())
		require.Equal(b, 6, report.Made)
		require.Equal(b, 1, report.Failed)
		require.Equal(b, map[jobs.Status]int{jobs.Pending: 13, jobs.Error: 1}, b.statuses())
		_, err := query.One[Result](b.Context(), b.db, query.From(results).Match(Key{20}))
		require.NoError(b, err, "the most urgent is among them")
	})
}

// TestMaxCallsCountsCalls has a key there already, which takes no call.
func TestMaxCallsCountsCalls(t *testing.T) {
	each(t, 4, func(b *bench) {
		first := true
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if first {
				first = false
				b.behind(3)
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.MaxCalls = 3 })
		require.Equal(b, Report{Table: "Result", Made: 3, AlreadyThere: 1}, counts(report))
	})
}

func TestTimeout(t *testing.T) {
	inBubble(t, 3, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				<-ctx.Done()
				return fmt.Errorf("in words of its own: %w", ctx.Err())
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Timeout = 50 * time.Millisecond })
		require.Equal(b, Report{Table: "Result", Made: 2, Failed: 1}, counts(report))
		require.ErrorContains(b, report.Err(), "the make took longer than 50ms")
	})
}

func TestStopOnError(t *testing.T) {
	each(t, 20, func(b *bench) {
		report, err := New(results, failingAt(3)).Populate(b.Context(), b.db, b.options(func(o *Options) { o.StopOnError = true }))
		require.ErrorContains(b, err, "populate Result: subject_id=3: no 3")
		require.Equal(b, 1, report.Failed)
		require.LessOrEqual(b, report.Made, 3)
		require.Equal(b, map[jobs.Status]int{jobs.Error: 1, jobs.Pending: 19 - report.Made}, b.statuses(), "the others were given back")
	})
}

func TestRetryErrors(t *testing.T) {
	each(t, 5, func(b *bench) {
		require.Equal(b, 2, b.populate(failingAt(2, 4), nil).Failed)
		report := b.populate(simple, func(o *Options) { o.RetryErrors, o.Only = true, query.From(subjects).Where("subject_id < 3") })
		require.Equal(b, 1, report.Made)
		require.Equal(b, map[jobs.Status]int{jobs.Error: 1}, b.statuses())
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(b.populate(simple, func(o *Options) { o.RetryErrors = true })))
	})
}

func TestMaxPriority(t *testing.T) {
	each(t, 6, func(b *bench) {
		b.refresh()
		b.exec("UPDATE %s SET priority = subject_id")
		report := b.populate(simple, func(o *Options) { o.MaxPriority = new(int8(4)) })
		require.Equal(b, 4, report.Made)
		report = b.populate(simple, func(o *Options) { o.MaxPriority, o.Only = new(int8(5)), query.From(subjects).Where("subject_id > 5") })
		require.Zero(b, report.Made)
		require.Equal(b, map[jobs.Status]int{jobs.Pending: 2}, b.statuses())
	})
}

// TestGrace lets a make that has begun finish when the run is told to end.
func TestGrace(t *testing.T) {
	inBubble(t, 5, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		report, err := New(results, func(ctx context.Context, tx *Tx, key Key) error {
			cancel()
			return simple(ctx, tx, key)
		}).Populate(ctx, b.db, b.options(func(o *Options) { o.Grace = time.Minute }))
		require.ErrorIs(b, err, context.Canceled)
		require.Equal(b, 1, report.Made)
		require.Equal(b, 1, b.count(results))
		require.Equal(b, map[jobs.Status]int{jobs.Pending: 4}, b.statuses())
	})
}

// TestGraceEnds ends a make that does not, and counts no attempt.
func TestGraceEnds(t *testing.T) {
	inBubble(t, 1, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		report, err := New(results, func(ctx context.Context, _ *Tx, _ Key) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}).Populate(ctx, b.db, b.options(func(o *Options) { o.Grace = 20 * time.Millisecond }))
		require.ErrorIs(b, err, context.Canceled)
		require.Equal(b, 1, report.Released)
		require.Zero(b, b.job(1).Attempts)
		require.Equal(b, jobs.Pending, b.job(1).Status)
	})
}

// TestRetry tries keys again that failed, and waits for them.
func TestRetry(t *testing.T) {
	inBubble(t, 3, func(b *bench) {
		var calls atomic.Int32
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 && calls.Add(1) < 3 {
				return errors.New("no")
			}
			if key.SubjectID == 2 {
				require.Equal(b, 3, tx.Job().Attempt())
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Retry = jobs.RetryPolicy{MaxAttempts: 3, Backoff: time.Millisecond} })
		require.Equal(b, Report{Table: "Result", Made: 3, Retried: 2}, counts(report))
		require.Empty(b, b.statuses())
	})
}

// TestDoesNotWaitForWhatItIsNotToTry has a run end with keys left for later: one that it has tried again, which is not ready by
// then, and one that another process has tried.
func TestDoesNotWaitForWhatItIsNotToTry(t *testing.T) {
	each(t, 2, func(b *bench) {
		theirs := b.other(time.Hour, 1)
		require.NoError(b, b.queue.Error(b.Context(), b.db, theirs[0], jobs.Failure{Message: "no", Again: true, After: time.Hour}))
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		defer cancel()
		calls := 0
		report, err := New(results, func(context.Context, *Tx, Key) error {
			if calls++; calls == 1 {
				return errors.New("no")
			}
			return NotReady(time.Hour)
		}).Populate(ctx, b.db, b.options(func(o *Options) { o.Retry = jobs.RetryPolicy{MaxAttempts: 9, Backoff: 500 * time.Millisecond} }))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Retried: 1, NotReady: 1, Later: 2}, counts(report))
	})
}

func TestPermanent(t *testing.T) {
	each(t, 1, func(b *bench) {
		no := errors.New("no")
		report := b.populate(func(context.Context, *Tx, Key) error { return fmt.Errorf("here: %w", Permanent(no)) },
			func(o *Options) { o.Retry = jobs.RetryPolicy{MaxAttempts: 9, Backoff: time.Millisecond} })
		require.Equal(b, Report{Table: "Result", Failed: 1}, counts(report))
		require.ErrorIs(b, report.Err(), no)
		require.NoError(b, Permanent(nil))
	})
}

func TestNotReady(t *testing.T) {
	inBubble(t, 2, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				return errors.Join(simple(ctx, tx, key), NotReady(time.Hour))
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Equal(b, Report{Table: "Result", Made: 1, NotReady: 1, Later: 1}, counts(report))
		require.Contains(b, report.String(), "1 not ready")
		j := b.job(2)
		require.Equal(b, jobs.Pending, j.Status)
		require.Zero(b, j.Attempts)
		require.Equal(b, "not ready, perhaps in 1h0m0s", j.ErrorMessage)
		require.Equal(b, 1, b.count(results))
	})
}

// TestContinue makes a key in several calls, each of which goes on from the one before.
func TestContinue(t *testing.T) {
	type state struct {
		Step int
		Sum  float64
	}
	each(t, 2, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			var s state
			found, err := tx.Job().State(ctx, &s)
			if err != nil || found != (s.Step > 0) {
				return fmt.Errorf("%v %v: %w", found, s, err)
			}
			require.Equal(b, 1, tx.Job().Attempt())
			if s.Step < 3 {
				return errors.Join(query.Insert(ctx, tx, results, Result{key, -1}), Continue(state{s.Step + 1, s.Sum + 0.5}))
			}
			return query.Insert(ctx, tx, results, Result{key, s.Sum})
		}, nil)
		require.Equal(b, Report{Table: "Result", Made: 2, Unfinished: 6}, counts(report))
		found, err := query.Fetch[Result](b.Context(), b.db, query.From(results).Where("value = 1.5"))
		require.NoError(b, err)
		require.Len(b, found, 2)
		require.ErrorContains(b, Continue(func() {}), "continue with a state: ")
	})
}

// TestWithdrawn deletes what a key comes from while it is made, behind everybody's back.
func TestWithdrawn(t *testing.T) {
	each(t, 3, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				if _, err := b.db.Exec(b.Context(), "DELETE FROM "+b.db.Dialect().Table("lab", "subject")+" WHERE subject_id = 2"); err != nil {
					return err
				}
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Equal(b, Report{Table: "Result", Made: 2, Withdrawn: 1}, counts(report))
		require.Empty(b, b.statuses())
	})
}

func TestFrom(t *testing.T) {
	each(t, 6, func(b *bench) {
		heavy := New(results, simple).From(query.From(subjects).Where("weight > 4"))
		p, err := heavy.Progress(b.Context(), b.db)
		require.NoError(b, err)
		require.Equal(b, 2, p.Total)
		report, err := heavy.Populate(b.Context(), b.db, b.options(nil))
		require.NoError(b, err)
		require.Equal(b, 2, report.Made)
		require.Equal(b, 4, b.populate(simple, nil).Made)
	})
}

// TestFromLeavesOutWhatIsNull takes keys from a table in which some rows have none.
func TestFromLeavesOutWhatIsNull(t *testing.T) {
	each(t, 3, func(b *bench) {
		type Wish struct {
			Wish      int32
			SubjectID *int32
		}
		s := schema.New("wishes")
		wishes := schema.Manual[Wish](s, "wish : int32\n---\n-> [nullable] Subject", subjects)
		require.NoError(b, s.Declare(b.Context(), b.db))
		require.NoError(b, query.Insert(b.Context(), b.db, wishes, Wish{1, new(int32(2))}, Wish{2, nil}, Wish{3, new(int32(2))}))
		wished := New(results, simple).From(query.From(wishes))
		for _, made := range []int{1, 0} {
			report, err := wished.Populate(b.Context(), b.db, b.options(nil))
			require.NoError(b, err)
			require.Equal(b, Report{Table: "Result", Made: made}, counts(report))
		}
		p, err := wished.Progress(b.Context(), b.db)
		require.NoError(b, err)
		require.Equal(b, 1, p.Total)
		report, err := wished.Populate(b.Context(), b.db, b.options(func(o *Options) { o.Direct = true }))
		require.NoError(b, err)
		require.Zero(b, report.Made)
	})
}

func TestFromRefuses(t *testing.T) {
	maker := New(results, simple)
	for wanted, source := range map[string]query.Rel{
		`options_test.go:\d+: From of the maker of Result: the relation has no attribute "subject_id", which is in the key of Result: it has colour`:        query.From(colours),
		`From of the maker of Result: the relation's attribute "subject_id" is lab.#colour.colour, and that in the key of Result is lab.subject.subject_id`: query.From(colours).Project("subject_id = colour"),
		`From of the maker of Result: condition "wait > 1": no attribute`:                                                                                   query.From(subjects).Where("wait > 1"),
	} {
		func() {
			defer func() { require.Regexp(t, wanted, recover()) }()
			maker.From(source)
		}()
	}
}
