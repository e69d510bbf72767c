package populate

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/retry"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A troubling is a bench whose database is reached through a proxy, and how little patience there is with it.
type troubling struct {
	*bench

	proxy *testdb.Proxy
	ctx   context.Context
}

func newTroubling(t *testing.T, keys int32, patience time.Duration) *troubling {
	t.Helper()
	dsn := testdb.MariaDB(t)
	b := newBench(t, dsn, keys)
	b.refresh()
	return &troubling{b, testdb.NewProxy(t, dsn), retry.With(t.Context(), patience)}
}

func (b *troubling) via() *rowmill.DB {
	b.Helper()
	db, err := rowmill.Open(b.Context(), b.proxy.DSN())
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// deadly is a word at which the proxy cuts connections.
const deadly = "a deadly word"

// sayDeadly has a make say the word, for one of its keys.
func sayDeadly(ctx context.Context, tx *Tx, key Key) error {
	if key.SubjectID != 2 {
		return nil
	}
	return query.Insert(ctx, tx, notes, Note{1, deadly})
}

// TestTroubleThatAMakeBrings loses the connection whenever one key is made: it is an error in the end, and the others are
// made.
func TestTroubleThatAMakeBrings(t *testing.T) {
	makers := map[string]*Maker{
		"new": New(results, func(ctx context.Context, tx *Tx, key Key) error {
			if err := sayDeadly(ctx, tx, key); err != nil {
				return err
			}
			return simple(ctx, tx, key)
		}),
		"staged": Staged(results, fetchSubject,
			func(_ context.Context, _ Key, s Subject) (Subject, error) { return s, nil },
			func(ctx context.Context, tx *Tx, key Key, s Subject) error {
				if err := sayDeadly(ctx, tx, key); err != nil {
					return err
				}
				return query.Insert(ctx, tx, results, Result{key, 2 * s.Weight})
			}),
		"batched": Batched(results, 3, func(ctx context.Context, tx *Tx, keys []Key) error {
			for _, k := range keys {
				if err := sayDeadly(ctx, tx, k); err != nil {
					return err
				}
				if err := simple(ctx, tx, k); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	for form, maker := range makers {
		t.Run(form, func(t *testing.T) {
			b := newTroubling(t, 3, 10*time.Millisecond)
			b.proxy.CutWhen(func(command []byte) testdb.Moment {
				if bytes.Contains(command, []byte(deadly)) {
					return testdb.Before
				}
				return testdb.Never
			})
			report, err := maker.Populate(b.ctx, b.via(), b.options(func(o *Options) { o.Retry = jobs.RetryPolicy{MaxTransient: 2, Backoff: time.Millisecond} }))
			require.NoError(t, err)
			require.Equal(t, Report{Table: "Result", Made: 2, Failed: 1, Retried: 1}, counts(report), "%v", report.Errors)
			require.ErrorIs(t, report.Err(), rowmill.ErrLost)
			require.Regexp(t, `^the database was in trouble at each of \d+ calls of the make: .*the connection to the database was lost`, b.job(2).ErrorMessage)
			require.EqualValues(t, 2, b.job(2).Attempts)
		})
	}
}

// TestCommitsThatAreLost loses the connection before each COMMIT of a make.
func TestCommitsThatAreLost(t *testing.T) {
	for form, maker := range notedMakers {
		t.Run(form, func(t *testing.T) {
			b := newTroubling(t, 1, 10*time.Millisecond)
			var inserted atomic.Bool
			b.proxy.CutWhen(func(command []byte) testdb.Moment {
				switch {
				case bytes.Contains(command, []byte("INSERT INTO `lab`.`__result__peak`")):
					inserted.Store(true)
				case bytes.Contains(command, commit) && inserted.Swap(false):
					return testdb.Before
				}
				return testdb.Never
			})
			report, err := maker.Populate(b.ctx, b.via(), b.options(func(o *Options) { o.Retry = jobs.RetryPolicy{MaxTransient: 2, Backoff: time.Millisecond} }))
			require.NoError(t, err)
			require.Equal(t, Report{Table: "Result", Failed: 1, Retried: 1}, counts(report), "%v", report.Errors)
			require.Regexp(t, `calls of the make: the connection to the database was lost during COMMIT, \d+ times in a row$`, b.job(1).ErrorMessage)
		})
	}
}

// TestADatabaseThatIsGone ends the run, and uses up no attempts.
func TestADatabaseThatIsGone(t *testing.T) {
	b := newTroubling(t, 3, 100*time.Millisecond)
	report, err := goneOnce(b).Populate(b.ctx, b.via(), b.options(nil))
	require.ErrorIs(t, err, rowmill.ErrLost)
	require.Zero(t, report.Failed+report.Retried)
	require.Zero(t, b.job(2).Attempts)
}

// TestADatabaseThatIsGoneForAWhile uses up no attempts, when it comes back only after trying again has been given up.
func TestADatabaseThatIsGoneForAWhile(t *testing.T) {
	b := newTroubling(t, 3, 500*time.Millisecond)
	done := make(chan struct{})
	var report *Report
	var err error
	maker, db := goneOnce(b), b.via()
	go func() {
		defer close(done)
		report, err = maker.Populate(b.ctx, db, b.options(func(o *Options) { o.Retry.MaxTransient = 1 }))
	}()
	require.Eventually(t, func() bool { return strings.Contains(b.log.String(), "a job is given back, as the trouble") }, patience, time.Millisecond)
	b.proxy.Refuse(0)
	<-done
	require.NoError(t, err)
	require.Equal(t, Report{Table: "Result", Made: 3, Released: 1}, counts(report))
	require.Empty(t, b.statuses())
}

// goneOnce is a maker with which the database goes, at its first call for the second key.
func goneOnce(b *troubling) *Maker {
	b.proxy.CutWhen(func(command []byte) testdb.Moment {
		if bytes.Contains(command, []byte(deadly)) {
			b.proxy.Refuse(1 << 20)
			go b.proxy.CutAll() // the proxy itself waits for the answer
			return testdb.Before
		}
		return testdb.Never
	})
	calls := 0
	return New(results, func(ctx context.Context, tx *Tx, key Key) error {
		if key.SubjectID == 2 {
			if calls++; calls == 1 {
				// When the third is claimed, too, nothing but this make needs the database.
				require.Eventually(b, func() bool { return b.job(3).Status == jobs.Reserved }, patience, time.Millisecond)
				return sayDeadly(ctx, tx, key)
			}
		}
		return simple(ctx, tx, key)
	})
}

// completing is a statement that completes a job.
func completing(command []byte) bool {
	return bytes.Contains(command, []byte("DELETE")) && bytes.Contains(command, []byte("~~result"))
}

// TestTroubleAboutWhatIsThere has the database in trouble when a job is to be ended whose row somebody else has made
// meanwhile: it is neither an error nor somebody else's, but given back, and found to be done.
func TestTroubleAboutWhatIsThere(t *testing.T) {
	b := newTroubling(t, 3, 300*time.Millisecond)
	var behind atomic.Bool
	b.proxy.CutWhen(func(command []byte) testdb.Moment {
		if behind.Load() && completing(command) && !strings.Contains(b.log.String(), "a job is given back") {
			return testdb.Before
		}
		return testdb.Never
	})
	db := b.via()
	report, err := New(results, func(ctx context.Context, tx *Tx, key Key) error {
		if key.SubjectID == 2 {
			b.behind(2)
			behind.Store(true)
		}
		return simple(ctx, tx, key)
	}).Populate(b.ctx, db, b.options(func(o *Options) { o.Retry.MaxTransient = 1 }))
	require.NoError(t, err)
	require.Equal(t, Report{Table: "Result", Made: 2, AlreadyThere: 1, Released: 1}, counts(report), "%v", report.Errors)
	require.Empty(t, b.statuses())
}

// TestStopsOverWhatIsThere ends the run while it ends a job whose row was there when it was claimed: that is given back
// once.
func TestStopsOverWhatIsThere(t *testing.T) {
	b := newTroubling(t, 3, time.Second)
	ctx, cancel := context.WithCancel(b.ctx)
	var begun, completed atomic.Int32
	b.proxy.CutWhen(func(command []byte) testdb.Moment {
		if begun.Load() > 0 && completing(command) && completed.Add(1) == 3 {
			cancel()
			return testdb.Before
		}
		return testdb.Never
	})
	report, err := New(results, func(ctx context.Context, tx *Tx, key Key) error {
		if begun.Add(1) == 1 {
			b.behind(3) // which is not claimed yet
		}
		return simple(ctx, tx, key)
	}).Populate(ctx, b.via(), b.options(nil))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, Report{Table: "Result", Made: 2, Released: 1}, counts(report))
	require.Equal(t, map[jobs.Status]int{jobs.Pending: 1}, b.statuses())
}
