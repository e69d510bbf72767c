package populate

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// TestReadsAhead changes what keys come from while they are made, which by then has been read for all of a claim: what is kept is
// made of what stands there. And it takes few statements.
func TestReadsAhead(t *testing.T) {
	const n, from, to = 1500, 900, 1400
	each(t, n, func(b *bench) {
		other, err := rowmill.Open(b.Context(), b.dsn)
		require.NoError(b, err)
		defer func() { _ = other.Close() }()
		var computed, changed atomic.Int32
		maker := Staged(results,
			func(ctx context.Context, tx *Tx, _ Key) (Subject, error) {
				return query.One[Subject](ctx, tx, tx.Upstream(subjects))
			},
			func(ctx context.Context, key Key, s Subject) (float64, error) {
				computed.Add(1)
				if key.SubjectID%100 == 0 && key.SubjectID >= from && key.SubjectID < to { // in the midst of a claim
					changed.Add(1)
					if err := query.Update(b.Context(), other, subjects, Subject{Key{key.SubjectID + 5}, 1000 + float64(key.SubjectID)}); err != nil {
						return 0, err
					}
				}
				return 2 * s.Weight, ctx.Err()
			},
			func(ctx context.Context, tx *Tx, key Key, v float64) error {
				return query.Insert(ctx, tx, results, Result{key, v})
			})
		selects := func() (n int) {
			if b.db.Dialect().SingleWriter() {
				return 0
			}
			rows, err := b.db.Query(b.Context(), "SHOW GLOBAL STATUS LIKE 'Com_select'")
			require.NoError(b, err)
			defer func() { _ = rows.Close() }()
			require.True(b, rows.Next())
			require.NoError(b, rows.Scan(new(string), &n))
			return n
		}
		before := selects()
		report, err := maker.Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers = 1 }))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: n}, counts(report))
		require.Less(b, selects()-before, n, "of %d keys, each of which is fetched twice", n)
		require.EqualValues(b, (to-from)/100, changed.Load())
		require.Greater(b, computed.Load(), int32(n), "something had changed since it was read")
		type row struct{ Weight, Value float64 }
		rows, err := query.Fetch[row](b.Context(), b.db, query.From(subjects, results))
		require.NoError(b, err)
		require.Len(b, rows, n)
		for _, r := range rows {
			require.InDelta(b, 2*r.Weight, r.Value, 0)
		}
	})
}

// TestReadsAheadNotWhatAMakeChanges has each make change what the next comes from, in the transaction in which both are kept: whoever
// looks in the last stage sees what he fetched.
func TestReadsAheadNotWhatAMakeChanges(t *testing.T) {
	const n = 400
	each(t, n+1, func(b *bench) {
		var torn atomic.Int32
		maker := Staged(results,
			func(ctx context.Context, tx *Tx, _ Key) (Subject, error) {
				return query.One[Subject](ctx, tx, tx.Upstream(subjects))
			},
			func(_ context.Context, _ Key, s Subject) (float64, error) { return 2 * s.Weight, nil },
			func(ctx context.Context, tx *Tx, key Key, v float64) error {
				s, err := query.One[Subject](ctx, tx, tx.Upstream(subjects))
				if err != nil {
					return err
				}
				if 2*s.Weight != v {
					torn.Add(1)
				}
				if key.SubjectID <= n {
					if err := query.Update(ctx, tx, subjects, Subject{Key{key.SubjectID + 1}, s.Weight + 0.5}); err != nil {
						return err
					}
				}
				return query.Insert(ctx, tx, results, Result{key, v})
			})
		report, err := maker.Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers = 4 }))
		require.NoError(b, err)
		require.Equal(b, n+1, report.Made, report)
		require.Zero(b, torn.Load())
	})
}

// TestWhatWasReadAheadGrowsOld has a job wait for its make.
func TestWhatWasReadAheadGrowsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for wait, used := range map[time.Duration]bool{fresh - 1: true, fresh: false, time.Hour: false} {
			job := &jobs.Reservation{}
			r := &run{
				maker: New(results, simple), opts: Options{Observer: nobody{}},
				held: map[*jobs.Reservation]*holding{job: {ahead: &query.Ahead{}, stale: time.Now().Add(fresh)}},
			}
			time.Sleep(wait)
			m := &making{job: job}
			require.True(t, r.begin(m))
			require.Equal(t, used, m.ahead != nil, "after %v", wait)
		}
	})
}

// TestFetchAsksWithinARow has the first stage ask for more while it looks at the row that it has found: whether that was read
// ahead or not, in a transaction or not.
func TestFetchAsksWithinARow(t *testing.T) {
	for _, n := range []int32{1, 40} {
		each(t, n, func(b *bench) {
			maker := Staged(results,
				func(ctx context.Context, tx *Tx, _ Key) (weight float64, err error) {
					for s, err := range query.Each[Subject](ctx, tx, tx.Upstream(subjects)) {
						if err != nil {
							return 0, err
						}
						n, err := query.Count(ctx, tx, tx.Upstream(subjects))
						if err != nil {
							return 0, err
						}
						weight += s.Weight * float64(n)
					}
					return weight, nil
				},
				func(_ context.Context, _ Key, weight float64) (float64, error) { return weight, nil },
				func(ctx context.Context, tx *Tx, key Key, v float64) error {
					return query.Insert(ctx, tx, results, Result{key, v})
				})
			report, err := maker.Populate(b.Context(), b.db, b.options(nil))
			require.NoError(b, err)
			require.Equal(b, Report{Table: "Result", Made: int(n)}, counts(report), "%v", report)
		})
	}
}
