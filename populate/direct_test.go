package populate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

func directly(o *Options) { o.Direct = true }

// unqueued wants that no queue was made.
func (b *bench) unqueued() {
	b.Helper()
	_, err := query.Exists(b.Context(), b.db, query.From(b.queue))
	require.ErrorIs(b, err, rowmill.ErrNoTable)
}

func TestDirect(t *testing.T) {
	each(t, 100, func(b *bench) {
		b.behind(7)
		report := b.populate(simple, func(o *Options) { o.Direct, o.Workers = true, 3 })
		require.Equal(b, Report{Table: "Result", Made: 99}, counts(report))
		require.Equal(b, 100, b.count(results))
		require.Equal(b, Report{Table: "Result"}, counts(b.populate(simple, directly)), "nothing is left")
		b.unqueued()
	})
}

// TestDirectOutcomes has each outcome of a make without a queue to keep it.
func TestDirectOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		make   func(b *bench, calls int32) error // for the second of three keys; nil goes on as usual
		change func(o *Options)
		want   Report
		left   int // keys without a row
	}{
		{"failed", func(*bench, int32) error { return errors.New("no") }, nil, Report{Made: 2, Failed: 1}, 1},
		{"panic", func(*bench, int32) error { panic("no") }, nil, Report{Made: 2, Failed: 1}, 1},
		{"nothing made", func(*bench, int32) error { return errDirectNothing }, nil, Report{Made: 2, Failed: 1}, 1},
		{"skipped", func(*bench, int32) error { return Skip("no") }, nil, Report{Made: 2, Skipped: 1}, 1},
		{"not ready", func(*bench, int32) error { return NotReady(time.Millisecond) }, nil, Report{Made: 2, NotReady: 1}, 1},
		{"continued", func(_ *bench, calls int32) error {
			if calls < 3 {
				return Continue(calls)
			}
			return nil
		}, nil, Report{Made: 3, Unfinished: 2}, 0},
		{"tried again", func(_ *bench, calls int32) error {
			if calls < 3 {
				return errors.New("no")
			}
			return nil
		}, func(o *Options) { o.Retry = jobs.RetryPolicy{MaxAttempts: 3, Backoff: time.Millisecond} }, Report{Made: 3, Retried: 2}, 0},
		{"already there", func(b *bench, _ int32) error { b.behind(2); return nil }, nil, Report{Made: 2, AlreadyThere: 1}, 0},
		{"withdrawn", func(b *bench, _ int32) error {
			_, err := query.Delete(b.Context(), b.db, query.From(subjects).Match(Key{2}), nil)
			return errors.Join(errors.New("no"), err)
		}, nil, Report{Made: 2, Withdrawn: 1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 3, func(b *bench) {
				var calls atomic.Int32
				report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
					if key.SubjectID == 2 {
						switch err := c.make(b, calls.Add(1)); {
						case errors.Is(err, errDirectNothing):
							return nil
						case err != nil:
							return err
						}
						if n := calls.Load(); n > 1 {
							if err := told(ctx, tx, n); err != nil {
								return err
							}
						}
					}
					return simple(ctx, tx, key)
				}, func(o *Options) {
					o.Direct = true
					if c.change != nil {
						c.change(o)
					}
				})
				want := c.want
				want.Table = "Result"
				require.Equal(b, want, counts(report))
				require.Equal(b, c.left, b.count(subjects)-b.count(results))
				b.unqueued()
			})
		})
	}
}

var errDirectNothing = errors.New("make nothing")

// told wants a job that comes again to know why: by its attempt, or by the state that was left.
func told(ctx context.Context, tx *Tx, calls int32) error {
	var state int32
	unfinished, err := tx.Job().State(ctx, &state)
	if err != nil || unfinished && state != calls-1 || !unfinished && tx.Job().Attempt() != int(calls) {
		return fmt.Errorf("call %d is told of attempt %d and state %d: %w", calls, tx.Job().Attempt(), state, err)
	}
	return nil
}

// TestDirectPipeline makes downstream what comes from upstream meanwhile.
func TestDirectPipeline(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		const n = 50
		db := openPlant(t, dsn, n)
		opts := &Options{Direct: true, Workers: 4, Output: &testdb.Buffer{}}
		reports, err := All(t.Context(), db, opts, plantMakers(func(string) {})...)
		require.NoError(t, errors.Join(err, reports.Err()))
		require.Equal(t, 6*n, reports.Made())
		wholePlant(t, db, n)
	})
}

// An Odd has a key of many types, by which it has to be walked.
type Odd struct {
	Name string
	ID   uuid.UUID
	At   time.Time
	N    int32
}

type Even struct{ Odd }

var (
	oddities = schema.New("oddities")
	odds     = schema.Manual[Odd](oddities, `
		name : varchar(20)
		id   : uuid
		at   : datetime(3)
		n    : int32
	`)
	evens = schema.Computed[Even](oddities, "-> Odd", odds)
)

// TestDirectWalks along keys of any type, in pages that end anywhere, and through what fails.
func TestDirectWalks(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, oddities.Declare(t.Context(), db))
		var rows []Odd
		day := time.Date(2026, 11, 27, 12, 0, 0, int(5*time.Millisecond), time.UTC)
		for _, name := range []string{"b", "Ö", "a", "it's", ""} {
			for i := range 3 {
				for n := range int32(4) {
					rows = append(rows, Odd{name, uuid.NewSHA1(uuid.Nil, []byte{byte(i % 2)}), day.Add(time.Duration(i) * time.Millisecond), n - 2})
				}
			}
		}
		require.NoError(t, query.Insert(t.Context(), db, odds, rows...))
		var mu sync.Mutex
		seen := map[Odd]int{}
		maker := New(evens, func(ctx context.Context, tx *Tx, key Odd) error {
			mu.Lock()
			defer mu.Unlock()
			seen[key]++
			if key.N == 1 {
				return errors.New("no")
			}
			return query.Insert(ctx, tx, evens, Even{key})
		})
		for workers := range 7 {
			_, err := query.Delete(t.Context(), db, query.From(evens), nil)
			require.NoError(t, err)
			clear(seen)
			report, err := maker.Populate(t.Context(), db, &Options{Direct: true, Workers: workers + 1, Output: &testdb.Buffer{}})
			require.NoError(t, err)
			require.Equal(t, [2]int{45, 15}, [2]int{report.Made, report.Failed})
			require.Len(t, seen, len(rows))
			most := slices.MaxFunc(rows, func(a, b Odd) int { return cmp.Compare(seen[a], seen[b]) })
			require.Equal(t, 1, seen[most], "no key was computed twice")
		}
	})
}

// TestDirectAtOnce has two processes compute the same keys: one of each is kept.
func TestDirectAtOnce(t *testing.T) {
	each(t, 30, func(b *bench) {
		var all sync.WaitGroup
		reports := make([]*Report, 2)
		for i := range reports {
			all.Go(func() { reports[i] = b.populate(simple, directly) })
		}
		all.Wait()
		require.Equal(b, 30, reports[0].Made+reports[1].Made)
		require.Equal(b, 30, b.count(results))
		require.NoError(b, errors.Join(reports[0].Err(), reports[1].Err()))
	})
}

func TestDirectStages(t *testing.T) {
	each(t, 40, func(b *bench) {
		report, err := newStaging().maker().Populate(b.Context(), b.db, b.options(func(o *Options) { o.Direct, o.Workers, o.MaxCalls = true, 4, 25 }))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 25}, counts(report))
		maker := Batched(results, 4, func(ctx context.Context, tx *Tx, keys []Key) error {
			for _, k := range keys {
				if err := query.Insert(ctx, tx, results, Result{k, 1}); err != nil {
					return err
				}
			}
			return nil
		})
		report, err = maker.Populate(b.Context(), b.db, b.options(directly))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 15}, counts(report))
		b.unqueued()
	})
}

func TestDirectRefuses(t *testing.T) {
	each(t, 0, func(b *bench) {
		for name, change := range map[string]func(o *Options){
			"Priority":      func(o *Options) { o.Priority = new(int8(1)) },
			"MaxPriority":   func(o *Options) { o.MaxPriority = new(int8(1)) },
			"RetryErrors":   func(o *Options) { o.RetryErrors = true },
			"KeepCompleted": func(o *Options) { o.KeepCompleted = true },
			"StaleTimeout":  func(o *Options) { o.StaleTimeout = time.Hour },
			"OrphanTimeout": func(o *Options) { o.OrphanTimeout = time.Hour },
		} {
			_, err := New(results, simple).Populate(b.Context(), b.db, b.options(func(o *Options) { directly(o); change(o) }))
			require.EqualError(b, err, "populate Result: Options."+name+" needs the queue, which Options.Direct does without: leave one of them out")
		}
		_, err := Work(b.Context(), b.db, &WorkOptions{Options: Options{Direct: true}}, New(results, simple))
		require.ErrorContains(b, err, "work: Options.Direct makes what is missing once")
	})
}
