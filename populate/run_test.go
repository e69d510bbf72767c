package populate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// TestWorkersOverlap has as many makes at once as there are workers: each waits for the others.
func TestWorkersOverlap(t *testing.T) {
	each(t, 8, func(b *bench) {
		const workers = 4
		arrived, all := atomic.Int32{}, make(chan struct{})
		var now, most atomic.Int32
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			for n := now.Add(1); n > most.Load(); n = now.Load() {
				most.Store(n)
			}
			defer now.Add(-1)
			if arrived.Add(1) == workers {
				close(all)
			}
			select {
			case <-all:
				return simple(ctx, tx, key)
			case <-time.After(patience):
				return errors.New("the others do not come")
			}
		}, func(o *Options) { o.Workers = workers })
		require.Equal(b, Report{Table: "Result", Made: 8}, counts(report))
		require.LessOrEqual(b, most.Load(), int32(workers))
	})
}

// other is a process that has a job, as the queue sees it.
func (b *bench) other(lease time.Duration, n int) []*jobs.Reservation {
	b.Helper()
	b.refresh()
	key, err := b.queue.Bind(reflect.TypeFor[Key]())
	require.NoError(b, err)
	claimed, err := b.queue.Claim(b.Context(), b.db, &jobs.Worker{Host: "elsewhere", Lease: lease}, key, n, query.Rel{})
	require.NoError(b, err)
	require.Len(b, claimed, n)
	b.exec("UPDATE %s SET _worker = 'elsewhere' WHERE status = 'reserved'")
	return claimed
}

func TestLeaveOthers(t *testing.T) {
	each(t, 3, func(b *bench) {
		b.other(time.Hour, 1)
		report := b.populate(simple, func(o *Options) { o.LeaveOthers = true })
		require.Equal(b, Report{Table: "Result", Made: 2}, counts(report))
		require.Equal(b, map[jobs.Status]int{jobs.Reserved: 1}, b.statuses())
	})
}

// TestOthersAreWaitedFor has another process give its job back when this one has nothing else to do.
func TestOthersAreWaitedFor(t *testing.T) {
	each(t, 3, func(b *bench) {
		theirs := b.other(time.Hour, 1)
		done := make(chan *Report)
		go func() { done <- b.populate(simple, nil) }()
		require.Eventually(b, func() bool { return b.count(results) == 2 }, patience, time.Millisecond)
		select {
		case r := <-done:
			require.Fail(b, "it did not wait", r)
		default:
		}
		require.NoError(b, b.queue.Release(b.Context(), b.db, theirs[0]))
		require.Equal(b, Report{Table: "Result", Made: 3}, counts(<-done))
	})
}

// TestTheDeadAreReplaced has another process die: its lease ends, and its jobs are made here.
func TestTheDeadAreReplaced(t *testing.T) {
	each(t, 3, func(b *bench) {
		began := time.Now()
		b.other(300*time.Millisecond, 2)
		report := b.populate(simple, nil)
		require.Equal(b, Report{Table: "Result", Made: 3}, counts(report))
		require.Empty(b, b.statuses())
		require.Less(b, time.Since(began), patience)
	})
}

// TestHeartbeatsKeepALongMake longer than its lease.
func TestHeartbeatsKeepALongMake(t *testing.T) {
	each(t, 1, func(b *bench) {
		lease := func() (until string) {
			rows, err := b.db.Query(b.Context(), "SELECT _lease_until FROM "+b.db.Dialect().Table("lab", "~~result"))
			require.NoError(b, err)
			defer func() { _ = rows.Close() }()
			require.True(b, rows.Next())
			require.NoError(b, rows.Scan(&until))
			return until
		}
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			for range 4 { // a third of the lease each
				before := lease()
				require.Eventually(b, func() bool { return lease() > before }, patience, time.Millisecond)
				rescued, err := b.queue.Rescue(b.Context(), b.db)
				if err != nil || rescued != (jobs.Refreshed{}) {
					return fmt.Errorf("rescued %v: %w", rescued, err)
				}
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Lease = 600 * time.Millisecond })
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(report))
	})
}

// TestAZombieIsToldEarly that its job is somebody else's: its context ends.
func TestAZombieIsToldEarly(t *testing.T) {
	each(t, 2, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				return simple(ctx, tx, key)
			}
			b.takeAway(1)
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), jobs.ErrLeaseLost) {
				return context.Cause(ctx)
			}
			return ctx.Err()
		}, func(o *Options) { o.Lease, o.LeaveOthers = 150*time.Millisecond, true })
		require.Equal(b, Report{Table: "Result", Made: 1, LostLeases: 1}, counts(report))
		require.Contains(b, b.log.String(), `key="subject_id=1"`)
	})
}

// TestCancel gives everything back, with no attempt counted, and returns the report.
func TestCancel(t *testing.T) {
	for _, c := range []struct {
		name   string
		finish func(ctx context.Context, tx *Tx, key Key) error
	}{
		{"makes that listen", func(ctx context.Context, _ *Tx, _ Key) error { return ctx.Err() }},
		{"makes that fail", func(context.Context, *Tx, Key) error { return errors.New("interrupted") }},
		{"makes that panic", func(context.Context, *Tx, Key) error { panic("interrupted") }},
		{"makes that go on", simple},
		{"makes that go on without the context", func(_ context.Context, tx *Tx, key Key) error {
			return simple(context.Background(), tx, key)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 30, func(b *bench) {
				ctx, cancel := context.WithCancel(b.Context())
				defer cancel()
				maker := New(results, func(made context.Context, tx *Tx, key Key) error {
					if key.SubjectID <= 6 {
						return simple(made, tx, key)
					}
					cancel()
					<-made.Done()
					return c.finish(made, tx, key)
				})
				report, err := maker.Populate(ctx, b.db, b.options(func(o *Options) { o.Workers = 3 }))
				require.ErrorIs(b, err, context.Canceled)
				require.ErrorContains(b, err, "populate Result: ")
				require.Equal(b, report.Made, b.count(results))
				require.Equal(b, map[jobs.Status]int{jobs.Pending: 30 - report.Made}, b.statuses())
				require.Positive(b, report.Released)
				require.Zero(b, report.Failed+report.LostLeases+report.Skipped)
				require.NotContains(b, b.log.String(), "could not be given back")
				untried, err := b.db.Query(b.Context(), "SELECT 1 FROM "+b.db.Dialect().Table("lab", "~~result")+
					" WHERE _attempts > 0 OR _deaths > 0 OR _token IS NOT NULL OR reserved_time IS NOT NULL")
				require.NoError(b, err)
				require.False(b, untried.Next())
				require.NoError(b, untried.Close())
				require.Equal(b, 30-report.Made, b.populate(simple, nil).Made)
			})
		})
	}
}

// TestTheSuspectAreMadeAlone: of the jobs that a dead process had, one may have killed it.
func TestTheSuspectAreMadeAlone(t *testing.T) {
	each(t, 6, func(b *bench) {
		b.refresh()
		_, err := b.db.Exec(b.Context(), "UPDATE "+b.db.Dialect().Table("lab", "~~result")+" SET _deaths = 1 WHERE subject_id IN (2, 3, 5)")
		require.NoError(b, err)
		var mu sync.Mutex
		running := map[int32]bool{}
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			mu.Lock()
			running[key.SubjectID] = true
			for other := range running {
				for _, suspect := range []int32{2, 3, 5} {
					if other != key.SubjectID && (other == suspect || key.SubjectID == suspect) {
						b.Errorf("%d is made beside %d", key.SubjectID, other)
					}
				}
			}
			mu.Unlock()
			err := simple(ctx, tx, key)
			mu.Lock()
			defer mu.Unlock()
			delete(running, key.SubjectID)
			return err
		}, func(o *Options) { o.Workers = 4 })
		require.Equal(b, Report{Table: "Result", Made: 6}, counts(report))
	})
}

// TestTheSuspectAreMadeAloneInAPipeline has suspects of two makers, of which one makes in stages: while one of them is made,
// from its first stage to its last, the process holds no other job.
func TestTheSuspectAreMadeAloneInAPipeline(t *testing.T) {
	each(t, 8, func(b *bench) {
		b.refresh()
		second := &bench{T: b.T, db: b.db, queue: jobs.For(others)}
		second.refresh()
		for _, name := range []string{"~~result", "~~other"} {
			_, err := b.db.Exec(b.Context(), "UPDATE "+b.db.Dialect().Table("lab", name)+" SET _deaths = 1 WHERE subject_id IN (1, 4, 5)")
			require.NoError(b, err)
		}
		alone := func(key Key) {
			if slices.Contains([]int32{1, 4, 5}, key.SubjectID) {
				for range 3 {
					require.Equal(b, 1, b.statuses()[jobs.Reserved]+second.statuses()[jobs.Reserved])
				}
			}
		}
		s := newStaging()
		compute, insert := s.compute, s.insert
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			alone(key)
			return compute(ctx, key, subject)
		}
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			alone(key)
			return insert(ctx, tx, key, value)
		}
		reports, err := All(b.Context(), b.db, b.options(func(o *Options) { o.Workers = 4 }), s.maker(),
			New(others, func(ctx context.Context, tx *Tx, key Key) error {
				alone(key)
				return query.Insert(ctx, tx, others, Other{key})
			}))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 8}, counts(reports[0]), "%v", reports[0].Errors)
		require.Equal(b, Report{Table: "Other", Made: 8}, counts(reports[1]), "%v", reports[1].Errors)
	})
}

// TestHall has jobs come and go, and now and then one that wants to be alone.
func TestHall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall()
		require.NoError(t, h.enter(t.Context()))
		h.add(2) // three jobs
		granted := make(chan error, 1)
		go func() {
			_, err := h.alone(t.Context())
			granted <- err
		}()
		synctest.Wait()
		ok, err := h.alone(t.Context())
		require.False(t, ok)
		require.NoError(t, err)
		h.add(-1) // which has to leave
		entered := make(chan error, 1)
		go func() { entered <- h.enter(t.Context()) }()
		synctest.Wait()
		require.Empty(t, granted, "another is inside")
		h.add(-1)
		require.NoError(t, <-granted)
		synctest.Wait()
		require.Empty(t, entered)
		h.add(-1)
		require.NoError(t, <-entered)

		require.NoError(t, h.enter(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = h.alone(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, h.enter(t.Context()), "nobody wants to be alone any more")
	})
}

// TestTellsOfLater tells of what is scheduled, which a run does not wait for.
func TestTellsOfLater(t *testing.T) {
	each(t, 2, func(b *bench) {
		require.NoError(b, b.queue.Declare(b.Context(), b.db))
		_, err := b.queue.Refresh(b.Context(), b.db, &jobs.RefreshOptions{Delay: time.Hour})
		require.NoError(b, err)
		report := b.populate(simple, nil)
		require.Equal(b, Report{Table: "Result", Later: 2}, counts(report))
		require.Equal(b, "Result: nothing to make; 2 scheduled for later", report.String())
	})
}

// TestOnly leaves alone what it is not asked for, queued before or not.
func TestOnly(t *testing.T) {
	each(t, 4, func(b *bench) {
		only := func(condition string) func(*Options) {
			return func(o *Options) { o.Only = query.From(subjects).Where(condition) }
		}
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(b.populate(simple, only("subject_id = 2"))))
		require.Empty(b, b.statuses(), "nothing else was queued")
		b.refresh()
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(b.populate(simple, only("subject_id = 3"))))
		require.Equal(b, 2, b.count(results))
		_, err := New(results, simple).Populate(b.Context(), b.db, b.options(only("no_such = 3")))
		require.ErrorIs(b, err, rowmill.ErrNoAttribute)
		require.Equal(b, Report{Table: "Result", Made: 2}, counts(b.populate(simple, nil)))
	})
}

func TestOptionsThatCannotBeMeant(t *testing.T) {
	each(t, 1, func(b *bench) {
		for wanted, change := range map[string]func(*Options){
			"populate Result: Options.Workers is -1; 0, for 1, or more is wanted":             func(o *Options) { o.Workers = -1 },
			"populate Result: Options.MaxCalls is -1; 0, for no limit, or more is wanted":     func(o *Options) { o.MaxCalls = -1 },
			"populate Result: Options.Timeout is -1ns; 0, for no limit, or more is wanted":    func(o *Options) { o.Timeout = -1 },
			"populate Result: Options.Lease is 2ns; 0, for 30s, or 100ms at least is wanted":  func(o *Options) { o.Lease = 2 },
			"populate Result: Options.Retry.MaxAttempts is -1; 0, for 1, or more is wanted":   func(o *Options) { o.Retry.MaxAttempts = -1 },
			"populate Result: Options.Retry.MaxTransient is -1; 0, for 3, or more is wanted":  func(o *Options) { o.Retry.MaxTransient = -1 },
			"populate Result: Options.Retry.Backoff is -1ns; 0, for 1s, or more is wanted":    func(o *Options) { o.Retry.Backoff = -1 },
			"populate Result: Options.Retry.MaxBackoff is -1ns; 0, for 5m, or more is wanted": func(o *Options) { o.Retry.MaxBackoff = -1 },
		} {
			report, err := New(results, simple).Populate(b.Context(), b.db, b.options(change))
			require.EqualError(b, err, wanted)
			require.Equal(b, Report{Table: "Result"}, counts(report))
			require.Equal(b, "Result: not begun", report.String())
		}
	})
}

func TestAContextThatHasEnded(t *testing.T) {
	each(t, 1, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		cancel()
		report, err := New(results, simple).Populate(ctx, b.db, b.options(nil))
		require.ErrorIs(b, err, context.Canceled)
		require.Equal(b, Report{Table: "Result"}, counts(report))
		_, err = New(results, simple).Progress(ctx, b.db)
		require.ErrorIs(b, err, context.Canceled)
	})
}

// TestARunThatCannotGoOn ends with the error, and gives back what it can.
func TestARunThatCannotGoOn(t *testing.T) {
	each(t, 5, func(b *bench) {
		maker := New(results, func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 3 {
				b.exec("DROP TABLE %s")
			}
			return simple(ctx, tx, key)
		})
		report, err := maker.Populate(b.Context(), b.db, b.options(nil))
		require.ErrorIs(b, err, rowmill.ErrNoTable)
		require.Equal(b, 2, report.Made)
		require.Equal(b, 2, b.count(results), "the third was not completed, and is not kept")
		require.Equal(b, Report{Table: "Result", Made: 3}, counts(b.populate(simple, nil)), "the queue is derived data")
	})
}

// TestMetadata tells of each row when, in how long, and by which code it was made.
func TestMetadata(t *testing.T) {
	each(t, 1, func(b *bench) {
		const took = 30 * time.Millisecond
		b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			<-time.After(took)
			return errors.Join(simple(ctx, tx, key), query.Insert(ctx, tx, peaks, Peak{key, 1}))
		}, func(o *Options) { o.Version = strings.Repeat("ä", 70) })
		d := b.db.Dialect()
		rows, err := b.db.Query(b.Context(), "SELECT _job_duration, _job_version, _job_start_time <= "+d.Now()+
			", _job_start_time > "+d.After()+" FROM "+d.Table("lab", "__result"), -60.0)
		require.NoError(b, err)
		defer func() { _ = rows.Close() }()
		require.True(b, rows.Next())
		var duration float64
		var version string
		var past, lately bool
		require.NoError(b, rows.Scan(&duration, &version, &past, &lately))
		require.GreaterOrEqual(b, duration, took.Seconds())
		require.Less(b, duration, patience.Seconds())
		require.Equal(b, strings.Repeat("ä", schema.MaxVersion), version)
		require.True(b, past)
		require.True(b, lately)
	})
}

// TestPlainLines are what a log shows.
func TestPlainLines(t *testing.T) {
	each(t, 3, func(b *bench) {
		b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				return Skip("no")
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Regexp(b, `^Result: 3 to make\nResult: 2 made, 1 skipped in [0-9.]+m?s\n$`, b.out.String())
		b.out = &testdb.Buffer{}
		report := b.populate(simple, nil)
		require.Empty(b, b.out.String(), "nothing to make, nothing to say")
		require.Equal(b, "Result: nothing to make", report.String())
		b.populate(simple, func(o *Options) { o.Output = io.Discard })
	})
}
