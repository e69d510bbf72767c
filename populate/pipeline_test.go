package populate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// The tables of a pipeline: six in a diamond, below one that is entered by hand.
//
//	Source ─▶ Raw ─▶ LeftOf ──┬─▶ BothOf ─▶ End
//	            └──▶ RightOf ─┘
//	            └──▶ Side
var plant = schema.New("plant")

type (
	SourceKey struct{ Source int32 }
	Source    struct {
		SourceKey

		Value float64
	}
	Raw     struct{ Source }
	LeftOf  struct{ Source }
	RightOf struct{ Source }
	Side    struct{ Source }
	BothOf  struct{ Source }
	End     struct{ Source }
)

var (
	sources   = schema.Manual[Source](plant, "source : int32\n---\nvalue : float64")
	raws      = schema.Computed[Raw](plant, "-> Source\n---\nvalue : float64", sources)
	leftOnes  = schema.Computed[LeftOf](plant, "-> Raw\n---\nvalue : float64", raws)
	rightOnes = schema.Computed[RightOf](plant, "-> Raw\n---\nvalue : float64", raws)
	sides     = schema.Computed[Side](plant, "-> Raw\n---\nvalue : float64", raws)
	bothOnes  = schema.Computed[BothOf](plant, "-> LeftOf\n-> RightOf\n---\nvalue : float64", leftOnes, rightOnes)
	ends      = schema.Computed[End](plant, "-> BothOf\n---\nvalue : float64", bothOnes)
)

// from makes a row of what is upstream: its value, and one more.
func from[Up any, Row any](ctx context.Context, tx *Tx, up *schema.TableOf[Up], to *schema.TableOf[Row], row func(value float64) Row) error {
	values, err := query.Column[float64](ctx, tx, tx.Upstream(up), "value")
	if err != nil || len(values) != 1 {
		return fmt.Errorf("%d values: %w", len(values), err)
	}
	return query.Insert(ctx, tx, to, row(values[0]+1))
}

// plantMakers are the makers of the pipeline, in an order that is none. begun is called when a row of a table is
// begun.
func plantMakers(begun func(table string)) []*Maker {
	return []*Maker{
		New(ends, func(ctx context.Context, tx *Tx, key SourceKey) error {
			begun("End")
			return from(ctx, tx, bothOnes, ends, func(v float64) End { return End{Source{key, v}} })
		}),
		New(sides, func(ctx context.Context, tx *Tx, key SourceKey) error {
			begun("Side")
			return from(ctx, tx, raws, sides, func(v float64) Side { return Side{Source{key, v}} })
		}),
		Batched(rightOnes, 10, func(ctx context.Context, tx *Tx, _ []SourceKey) error {
			begun("RightOf")
			found, err := query.Fetch[Source](ctx, tx, tx.Upstream(raws))
			var rows []RightOf
			for _, s := range found {
				rows = append(rows, RightOf{Source{s.SourceKey, s.Value + 1}})
			}
			return errors.Join(err, query.Insert(ctx, tx, rightOnes, rows...))
		}),
		Staged(leftOnes,
			func(ctx context.Context, tx *Tx, _ SourceKey) (Source, error) {
				return query.One[Source](ctx, tx, tx.Upstream(raws))
			},
			func(_ context.Context, _ SourceKey, s Source) (float64, error) {
				begun("LeftOf")
				return s.Value + 1, nil
			},
			func(ctx context.Context, tx *Tx, key SourceKey, v float64) error {
				return query.Insert(ctx, tx, leftOnes, LeftOf{Source{key, v}})
			}),
		New(bothOnes, func(ctx context.Context, tx *Tx, key SourceKey) error {
			begun("BothOf")
			return from(ctx, tx, leftOnes, bothOnes, func(v float64) BothOf { return BothOf{Source{key, v}} })
		}),
		New(raws, func(ctx context.Context, tx *Tx, key SourceKey) error {
			begun("Raw")
			return from(ctx, tx, sources, raws, func(v float64) Raw { return Raw{Source{key, v}} })
		}),
	}
}

func openPlant(t *testing.T, dsn string, n int) *rowmill.DB {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, plant.Declare(t.Context(), db))
	rows := make([]Source, n)
	for i := range rows {
		rows[i] = Source{SourceKey{int32(i + 1)}, float64(i + 1)}
	}
	require.NoError(t, query.Insert(t.Context(), db, sources, rows...))
	return db
}

// plantInBubble has the pipeline's time be that of testing/synctest.
func plantInBubble(t *testing.T, n int, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		synctest.Test(t, func(t *testing.T) { f(t, openPlant(t, dsn, n)) })
	})
}

// wholePlant wants everything to be there, with its values.
func wholePlant(t *testing.T, db *rowmill.DB, n int) {
	t.Helper()
	for i, table := range []schema.Declared{raws, leftOnes, rightOnes, sides, bothOnes, ends} {
		steps := []int{1, 2, 2, 2, 3, 4}[i]
		count, err := query.Count(t.Context(), db, query.From(table).Where("value = source + ?", steps))
		require.NoError(t, err)
		require.Equal(t, n, count, table.Untyped())
	}
}

// TestAll runs a pipeline: what is downstream has begun before what is upstream has ended.
func TestAll(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		const n = 200
		db := openPlant(t, dsn, n)
		var raw, early atomic.Int32
		reports, err := All(t.Context(), db, &Options{Workers: 8, Output: io.Discard}, plantMakers(func(table string) {
			switch table {
			case "Raw":
				raw.Add(1)
				time.Sleep(40 * time.Millisecond) // a make that takes a while
			case "LeftOf", "RightOf", "Side":
				if raw.Load() < n {
					early.Add(1)
				}
			}
		})...)
		require.NoError(t, err)
		require.NoError(t, reports.Err())
		require.Positive(t, early.Load())
		require.Len(t, reports, 6)
		for _, r := range reports {
			require.Equal(t, n, r.Made, r)
		}
		require.Equal(t, "Raw", reports[0].Table)
		require.Equal(t, 6*n, reports.Made())
		wholePlant(t, db, n)

		reports, err = All(t.Context(), db, &Options{Output: io.Discard}, plantMakers(func(string) {})...)
		require.NoError(t, err)
		require.Zero(t, reports.Made())
	})
}

// TestAllMaxCalls bounds the calls of all makers together.
func TestAllMaxCalls(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openPlant(t, dsn, 20)
		left := 6 * 20
		for _, calls := range []int{1, 7, 30, 200} {
			var begun atomic.Int32
			opts := &Options{Workers: 4, MaxCalls: calls, Output: io.Discard}
			reports, err := All(t.Context(), db, opts, plantMakers(func(string) { begun.Add(1) })...)
			require.NoError(t, errors.Join(err, reports.Err()))
			left -= calls
			require.Equal(t, calls+min(left, 0), reports.Made(), "all that there may be, or all there is")
			require.LessOrEqual(t, int(begun.Load()), calls)
		}
		wholePlant(t, db, 20)
	})
}

// TestWorkMaxCalls ends the work when there can be no more calls.
func TestWorkMaxCalls(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openPlant(t, dsn, 20)
		reports, err := Work(t.Context(), db, &WorkOptions{Options: Options{MaxCalls: 15, Output: io.Discard}}, plantMakers(func(string) {})...)
		require.NoError(t, errors.Join(err, reports.Err()))
		require.Equal(t, 15, reports.Made())
	})
}

// TestAllEndsTogether ends the others when one cannot go on.
func TestAllEndsTogether(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openPlant(t, dsn, 20)
		makers := plantMakers(func(string) {})
		bad := New(sides, func(context.Context, *Tx, SourceKey) error { return errors.New("no") })
		reports, err := All(t.Context(), db, &Options{StopOnError: true, Output: io.Discard}, append(makers[2:], bad)...)
		require.ErrorContains(t, err, "populate Side: source=")
		require.Len(t, reports, 5)
	})
}

// TestWorkIsIdle ends when nothing was to be done for a while, and looks again meanwhile.
func TestWorkIsIdle(t *testing.T) {
	plantInBubble(t, 5, func(t *testing.T, db *rowmill.DB) {
		var entered atomic.Bool
		reports, err := Work(t.Context(), db, &WorkOptions{
			Options: Options{Workers: 2, Output: io.Discard}, IdleLimit: time.Minute,
		}, plantMakers(func(table string) {
			if table == "End" && entered.CompareAndSwap(false, true) {
				if err := query.Insert(t.Context(), db, sources, Source{SourceKey{100}, 100}); err != nil {
					panic(err)
				}
			}
		})...)
		require.NoError(t, err)
		require.Equal(t, 36, reports.Made())
		wholePlant(t, db, 6)
	})
}

// TestWorkHasLimits begins nothing that would not end in time.
func TestWorkHasLimits(t *testing.T) {
	plantInBubble(t, 100, func(t *testing.T, db *rowmill.DB) {
		began := time.Now()
		reports, err := Work(t.Context(), db, &WorkOptions{Options: Options{Output: io.Discard}, TimeLimit: 10 * time.Minute},
			New(raws, func(ctx context.Context, tx *Tx, key SourceKey) error {
				time.Sleep(time.Minute)
				return from(ctx, tx, sources, raws, func(v float64) Raw { return Raw{Source{key, v}} })
			}))
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(began), 10*time.Minute)
		require.Equal(t, 10, reports.Made())
		require.Zero(t, reports[0].Failed)
		require.LessOrEqual(t, reports[0].Released, 1, "what was claimed, and is too late")
	})
}

// plantWork is what a process does that works on the pipeline until it is idle, or is told to end.
func plantWork(ctx context.Context, db *rowmill.DB) error {
	reports, err := Work(ctx, db, &WorkOptions{
		Options: Options{Workers: 2, Lease: time.Second, Output: io.Discard}, IdleLimit: 2 * time.Second, LongestPause: 200 * time.Millisecond,
	}, plantMakers(func(string) {})...)
	fmt.Println(reports)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// TestAllAndProcesses runs All beside three processes of Work, of which one is told to end and one is killed.
func TestAllAndProcesses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		n := 2000
		if raceDetector || os.Getenv("ROWMILL_TEST_KILLS") == "" {
			n = 300
		}
		db := openPlant(t, dsn, n)
		b := &bench{T: t, dsn: dsn, db: db}
		peers := []*process{start(b, "plant"), start(b, "plant"), start(b, "plant")}
		made := func(table schema.Declared) int {
			count, err := query.Count(t.Context(), db, query.From(table))
			require.NoError(t, err)
			return count
		}
		var reports Reports
		done := make(chan error, 1)
		go func() {
			var err error
			reports, err = All(t.Context(), db, &Options{Workers: 8, Lease: time.Second, Output: io.Discard}, plantMakers(func(string) {})...)
			done <- err
		}()
		require.Eventually(t, func() bool { return made(raws) > n/10 }, patience, time.Millisecond)
		require.NoError(t, peers[0].cmd.Process.Signal(syscall.SIGTERM))
		require.Eventually(t, func() bool { return made(raws) > n/5 }, patience, time.Millisecond)
		require.NoError(t, peers[1].cmd.Process.Kill())
		require.NoError(t, <-done)
		require.NoError(t, reports.Err())
		peers[0].wait(b)
		peers[2].wait(b)
		wholePlant(t, db, n)
		require.Len(t, reports, 6)
	})
}
