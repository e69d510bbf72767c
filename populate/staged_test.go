package populate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A staging is a make in stages, with what a test changes of it.
type staging struct {
	fetch   func(ctx context.Context, tx *Tx, key Key) (Subject, error)
	compute func(ctx context.Context, key Key, s Subject) (float64, error)
	insert  func(ctx context.Context, tx *Tx, key Key, value float64) error
}

func newStaging() *staging {
	return &staging{
		fetch: func(ctx context.Context, tx *Tx, _ Key) (Subject, error) {
			return query.One[Subject](ctx, tx, tx.Upstream(subjects))
		},
		compute: func(_ context.Context, _ Key, s Subject) (float64, error) { return 2 * s.Weight, nil },
		insert: func(ctx context.Context, tx *Tx, key Key, value float64) error {
			return errors.Join(query.Insert(ctx, tx, results, Result{key, value}), query.Insert(ctx, tx, peaks, Peak{key, 1}, Peak{key, 2}))
		},
	}
}

func (s *staging) maker() *Maker {
	return Staged(results,
		func(ctx context.Context, tx *Tx, key Key) (Subject, error) { return s.fetch(ctx, tx, key) },
		func(ctx context.Context, key Key, subject Subject) (float64, error) {
			return s.compute(ctx, key, subject)
		},
		func(ctx context.Context, tx *Tx, key Key, value float64) error { return s.insert(ctx, tx, key, value) })
}

func (b *bench) stage(s *staging, change func(o *Options)) *Report {
	b.Helper()
	report, err := s.maker().Populate(b.Context(), b.db, b.options(change))
	require.NoError(b, err)
	return report
}

// holds wants so many results, each with its value and its two peaks, and nothing queued.
func (b *bench) holds(n int) {
	b.Helper()
	require.Equal(b, n, b.count(results))
	require.Equal(b, 2*n, b.count(peaks))
	wrong, err := query.Count(b.Context(), b.db, query.From(results).Join(query.From(subjects)).Where("value <> 2 * weight"))
	require.NoError(b, err)
	require.Zero(b, wrong)
}

func TestStaged(t *testing.T) {
	each(t, 100, func(b *bench) {
		report := b.stage(newStaging(), func(o *Options) { o.Workers = 4 })
		require.Equal(b, Report{Table: "Result", Made: 100}, counts(report))
		b.holds(100)
		require.Empty(b, b.statuses())
		stamped, err := query.Count(b.Context(), b.db, query.From(results).Where("_job_version = 'v1' AND _job_duration >= 0 AND _job_start_time IS NOT NULL"))
		require.NoError(b, err)
		require.Equal(b, 100, stamped)
	})
}

// TestStagedGroups has results wait for the writer, who keeps them together in few statements.
func TestStagedGroups(t *testing.T) {
	each(t, 60, func(b *bench) {
		s := newStaging()
		var computed atomic.Int32
		all := make(chan struct{})
		compute, insert := s.compute, s.insert
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			if computed.Add(1) == 60 {
				close(all)
			}
			return compute(ctx, key, subject)
		}
		var transactions atomic.Int32
		seen := map[rowmill.Session]bool{}
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			<-all // the first is kept alone; the others are ready by then
			if !seen[tx.session] {
				seen[tx.session] = true
				transactions.Add(1)
			}
			return insert(ctx, tx, key, value)
		}
		report := b.stage(s, func(o *Options) { o.Workers = 60 })
		require.Equal(b, 60, report.Made)
		require.LessOrEqual(b, transactions.Load(), int32(3))
		b.holds(60)
	})
}

// TestStagedStopsOnError reports what was kept together with a key that ends the run.
func TestStagedStopsOnError(t *testing.T) {
	each(t, 20, func(b *bench) {
		s := newStaging()
		var computed atomic.Int32
		all := make(chan struct{})
		compute, insert := s.compute, s.insert
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			if computed.Add(1) == 20 {
				close(all)
			}
			return compute(ctx, key, subject)
		}
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			<-all
			if key.SubjectID == 7 {
				return errors.New("no")
			}
			return insert(ctx, tx, key, value)
		}
		report, err := s.maker().Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers, o.StopOnError = 20, true }))
		require.ErrorContains(b, err, "subject_id=7: no")
		require.Equal(b, b.count(results), report.Made)
		require.Equal(b, 20, report.Made+report.Failed+report.Released)
	})
}

// TestStagedFailures has one key among many fail in each stage: it costs only itself.
func TestStagedFailures(t *testing.T) {
	no := errors.New("no")
	for name, spoil := range map[string]func(s *staging){
		"fetch": func(s *staging) {
			fetch := s.fetch
			s.fetch = func(ctx context.Context, tx *Tx, key Key) (Subject, error) {
				if key.SubjectID == 7 {
					return Subject{}, no
				}
				return fetch(ctx, tx, key)
			}
		},
		"compute": func(s *staging) {
			compute := s.compute
			s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
				if key.SubjectID == 7 {
					panic(no)
				}
				return compute(ctx, key, subject)
			}
		},
		"insert": spoilInsert(func(context.Context, *Tx, Key) error { return no }),
		"insert after a statement": spoilInsert(func(ctx context.Context, tx *Tx, key Key) error {
			_, err := query.Count(ctx, tx, query.From(results).Match(key))
			return errors.Join(no, err)
		}),
		"a part without its master": spoilInsert(func(ctx context.Context, tx *Tx, key Key) error {
			return errors.Join(query.Insert(ctx, tx, peaks, Peak{key, 1}), nil)
		}),
		"nothing": spoilInsert(func(context.Context, *Tx, Key) error { return nil }),
		"a row twice": spoilInsert(func(ctx context.Context, tx *Tx, key Key) error {
			return query.Insert(ctx, tx, results, Result{key, 1}, Result{Key{key.SubjectID + 1000}, 1}, Result{Key{key.SubjectID + 1000}, 1})
		}),
		"a table that is not its own": spoilInsert(func(ctx context.Context, tx *Tx, key Key) error {
			return query.Insert(ctx, tx, others, Other{key})
		}),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, 40, func(b *bench) {
				s := newStaging()
				spoil(s)
				report := b.stage(s, func(o *Options) { o.Workers = 8 })
				require.Equal(b, Report{Table: "Result", Made: 39, Failed: 1}, counts(report), "%v", report.Errors)
				require.Equal(b, Key{7}, report.Errors[0].Key)
				require.Equal(b, map[jobs.Status]int{jobs.Error: 1}, b.statuses())
				b.holds(39)
			})
		})
	}
}

func spoilInsert(bad func(ctx context.Context, tx *Tx, key Key) error) func(s *staging) {
	return func(s *staging) {
		insert := s.insert
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			if key.SubjectID == 7 {
				return bad(ctx, tx, key)
			}
			return insert(ctx, tx, key, value)
		}
	}
}

// TestStagedOutcomes are those of a make in one function, from any stage.
func TestStagedOutcomes(t *testing.T) {
	each(t, 40, func(b *bench) {
		s := newStaging()
		compute := s.compute
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			switch key.SubjectID {
			case 3:
				return 0, Skip("too light")
			case 4:
				return 0, NotReady(time.Hour)
			case 5:
				b.behind(5)
			case 6:
				b.takeAway(6)
			}
			return compute(ctx, key, subject)
		}
		report := b.stage(s, func(o *Options) { o.Workers, o.LeaveOthers = 4, true })
		require.Equal(b, Report{Table: "Result", Made: 36, Skipped: 1, NotReady: 1, AlreadyThere: 1, LostLeases: 1, Later: 1}, counts(report))
		require.Equal(b, map[jobs.Status]int{jobs.Ignore: 1, jobs.Pending: 1, jobs.Reserved: 1}, b.statuses())
		require.Equal(b, 37, b.count(results))
	})
}

// TestStagedComputesAgain has what a key comes from change while it is computed.
func TestStagedComputesAgain(t *testing.T) {
	each(t, 10, func(b *bench) {
		s := newStaging()
		var times atomic.Int32
		compute := s.compute
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			if key.SubjectID == 2 && times.Add(1) <= 2 {
				err := query.Update(b.Context(), b.db, subjects, map[string]any{"subject_id": 2, "weight": 100.5 + float64(times.Load())})
				if err != nil {
					return 0, err
				}
			}
			return compute(ctx, key, subject)
		}
		require.Equal(b, Report{Table: "Result", Made: 10}, counts(b.stage(s, nil)))
		require.EqualValues(b, 3, times.Load())
		b.holds(10)
	})
}

func TestStagedGivesUpOnWhatChangesEachTime(t *testing.T) {
	each(t, 1, func(b *bench) {
		s := newStaging()
		n := 0.0
		s.fetch = func(context.Context, *Tx, Key) (Subject, error) { n++; return Subject{Weight: n}, nil }
		report := b.stage(s, nil)
		require.ErrorContains(b, report.Err(), "what the key comes from has changed while it was computed, or fetch returns something else each time: 5 times in a row")
		require.Equal(b, map[jobs.Status]int{jobs.Error: 1}, b.statuses())
	})
}

// TestStagedReads refuses to write where it is to read.
func TestStagedReads(t *testing.T) {
	each(t, 1, func(b *bench) {
		s := newStaging()
		s.fetch = func(ctx context.Context, tx *Tx, key Key) (Subject, error) {
			return Subject{}, query.Insert(ctx, tx, results, Result{key, 1})
		}
		report := b.stage(s, nil)
		require.ErrorIs(b, report.Err(), rowmill.ErrRefused)
		require.ErrorContains(b, report.Err(), "lab.__result is written to by the stage that fetches, which only reads: insert in the last stage")
	})
}

// TestStagedStops keeps what is computed when the run is told to end, within the time of grace.
func TestStagedStops(t *testing.T) {
	each(t, 20, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		s := newStaging()
		compute := s.compute
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			if key.SubjectID == 3 {
				cancel()
			}
			return compute(ctx, key, subject)
		}
		report, err := s.maker().Populate(ctx, b.db, b.options(func(o *Options) { o.Grace = 10 * time.Second }))
		require.ErrorIs(b, err, context.Canceled)
		require.Equal(b, report.Made, b.count(results))
		require.GreaterOrEqual(b, report.Made, 3)
		require.Equal(b, map[jobs.Status]int{jobs.Pending: 20 - report.Made}, b.statuses())
	})
}

// TestStagedKeepsWhatWaitsAtTheEnd has the time for new makes run out while many results wait for the writer, for longer than
// the time of grace: that is for when the run is told to end.
func TestStagedKeepsWhatWaitsAtTheEnd(t *testing.T) {
	each(t, 12, func(b *bench) {
		s := newStaging()
		var computed atomic.Int32
		compute, insert := s.compute, s.insert
		all := make(chan struct{})
		s.compute = func(ctx context.Context, key Key, subject Subject) (float64, error) {
			if computed.Add(1) == 12 {
				JobOf(ctx).run.keepPace(time.Hour) // no other would end before the deadline
				close(all)
			}
			return compute(ctx, key, subject)
		}
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			<-all
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond): // which the others wait for
			}
			return insert(ctx, tx, key, value)
		}
		report := b.stage(s, func(o *Options) {
			o.Workers, o.Grace = 12, 20*time.Millisecond
			o.deadline = time.Now().Add(time.Hour / 2)
		})
		require.Equal(b, Report{Table: "Result", Made: 12}, counts(report))
		b.holds(12)
	})
}

// TestStagedTimeout limits the time that a key is worked on, not that in which its result waits for others.
func TestStagedTimeout(t *testing.T) {
	each(t, 20, func(b *bench) {
		s := newStaging()
		insert := s.insert
		s.insert = func(ctx context.Context, tx *Tx, key Key, value float64) error {
			wait := 20 * time.Millisecond
			switch key.SubjectID {
			case 7:
				wait = patience
			case 9:
				_, err := query.Count(ctx, tx, query.From(results).Match(key)) // so that what is kept together is rolled back
				return errors.Join(errors.New("no"), err)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait): // in which the others wait
			}
			return insert(ctx, tx, key, value)
		}
		report := b.stage(s, func(o *Options) { o.Workers, o.Timeout = 4, 2*time.Second })
		require.Equal(b, Report{Table: "Result", Made: 18, Failed: 2}, counts(report), "%v", report.Errors)
		require.Equal(b, "the make took longer than 2s", b.job(7).ErrorMessage)
		b.holds(18)
	})
}

// TestAllowance has a time of its own.
func TestAllowance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancelCause(t.Context())
		began := time.Now()
		l := newAllowance(time.Minute, end)
		for range 3 {
			time.Sleep(15 * time.Second)
			l.pause()
			time.Sleep(time.Hour)
			l.goOn()
			time.Sleep(10 * time.Second) // in vain
			l.undo()
			require.NoError(t, ctx.Err())
			l.goOn()
		}
		<-ctx.Done()
		require.EqualError(t, context.Cause(ctx), "the make took longer than 1m0s")
		require.Equal(t, 3*time.Hour+3*10*time.Second+time.Minute, time.Since(began))
		l.pause()
		l.goOn()
	})
}

func TestBatched(t *testing.T) {
	each(t, 100, func(b *bench) {
		var calls, largest atomic.Int32
		maker := Batched(results, 16, func(ctx context.Context, tx *Tx, keys []Key) error {
			calls.Add(1)
			largest.Store(max(largest.Load(), int32(len(keys))))
			found, err := query.Fetch[Subject](ctx, tx, tx.Upstream(subjects))
			if err != nil || len(found) != len(keys) {
				return fmt.Errorf("%d subjects of %d keys: %w", len(found), len(keys), err)
			}
			var rows []Result
			var parts []Peak
			for _, s := range found {
				if s.SubjectID == 7 {
					return errors.New("no")
				}
				rows, parts = append(rows, Result{s.Key, 2 * s.Weight}), append(parts, Peak{s.Key, 1}, Peak{s.Key, 2})
			}
			return errors.Join(query.Insert(ctx, tx, results, rows...), query.Insert(ctx, tx, peaks, parts...))
		})
		report, err := maker.Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers = 2 }))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 99, Failed: 1}, counts(report))
		require.Equal(b, Key{7}, report.Errors[0].Key)
		require.EqualValues(b, 16, largest.Load())
		require.Less(b, calls.Load(), int32(40))
		b.holds(99)
		require.Equal(b, map[jobs.Status]int{jobs.Error: 1}, b.statuses())
	})
}

// TestStagedBelievesNoError of what was never there at one time: the first reading of a key is statement by statement.
func TestStagedBelievesNoError(t *testing.T) {
	each(t, 3, func(b *bench) {
		other, err := rowmill.Open(b.Context(), b.dsn)
		require.NoError(b, err)
		defer func() { _ = other.Close() }()
		var torn, computed atomic.Int32
		maker := Staged(results,
			func(ctx context.Context, tx *Tx, key Key) ([2]float64, error) {
				first, err := query.One[Subject](ctx, tx, tx.Upstream(subjects))
				if err != nil {
					return [2]float64{}, err
				}
				if key.SubjectID == 2 && torn.CompareAndSwap(0, 1) {
					if err := query.Update(b.Context(), other, subjects, Subject{key, 70}); err != nil {
						return [2]float64{}, err
					}
				}
				second, err := query.One[Subject](ctx, tx, tx.Upstream(subjects))
				return [2]float64{first.Weight, second.Weight}, err
			},
			func(_ context.Context, _ Key, weights [2]float64) (float64, error) {
				computed.Add(1)
				if weights[0] != weights[1] {
					return 0, Permanent(fmt.Errorf("one subject weighs %v", weights))
				}
				return weights[0] + weights[1], nil
			},
			func(ctx context.Context, tx *Tx, key Key, v float64) error {
				return query.Insert(ctx, tx, results, Result{key, v})
			})
		report, err := maker.Populate(b.Context(), b.db, b.options(nil))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 3}, counts(report))
		require.EqualValues(b, 4, computed.Load(), "one of them again")
		r, err := query.One[Result](b.Context(), b.db, query.From(results).Match(Key{2}))
		require.NoError(b, err)
		require.InDelta(b, 140, r.Value, 0)
	})
}
