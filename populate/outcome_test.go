package populate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

type makeFunc = func(ctx context.Context, tx *Tx, key Key) error

// A rude error cannot be nil, as errors often are that hide in an interface.
type rude struct{ text string }

func (r *rude) Error() string { return r.text }

// TestOutcomes has three keys, of which the second has a make of its own.
func TestOutcomes(t *testing.T) {
	type kept = map[jobs.Status]int
	for _, c := range []struct {
		name    string
		first   func(b *bench) // is called while the first key is made, when the third is not claimed yet
		second  func(b *bench) makeFunc
		report  Report // without the two that are always made
		kept    kept
		message string // of the second key's job
		rows    int    // of the table, in the end
	}{
		{name: "made", report: Report{Made: 1}, rows: 3},
		{
			name: "already there before it is claimed", report: Report{AlreadyThere: 1}, rows: 3,
			first: func(b *bench) { b.behind(3) },
		},
		{
			name: "already there before it is inserted", report: Report{AlreadyThere: 1}, rows: 3,
			second: func(b *bench) makeFunc {
				return func(ctx context.Context, tx *Tx, key Key) error {
					if b.count(results) < 2 {
						b.behind(2)
					}
					return simple(ctx, tx, key)
				}
			},
		},
		{
			name: "already there, and what the make says of it is lost", report: Report{AlreadyThere: 1}, rows: 3,
			second: func(b *bench) makeFunc {
				return func(ctx context.Context, tx *Tx, key Key) error {
					if b.count(results) < 2 {
						b.behind(2)
					}
					_ = simple(ctx, tx, key)
					return nil
				}
			},
		},
		{
			name: "another's result was there when it was claimed, and is gone", report: Report{Made: 1}, rows: 3,
			first: func(b *bench) { b.behind(3) },
			second: func(b *bench) makeFunc {
				return func(ctx context.Context, tx *Tx, key Key) error {
					require.Eventually(b, func() bool { return b.job(3).Status == jobs.Reserved }, 10*time.Second, time.Millisecond)
					_, err := b.db.Exec(b.Context(), "DELETE FROM "+b.db.Dialect().Table("lab", "__result")+" WHERE subject_id = 3")
					return errors.Join(err, simple(ctx, tx, key))
				}
			},
		},
		{
			name: "skipped", report: Report{Skipped: 1}, rows: 2, kept: kept{jobs.Ignore: 1}, message: "too light",
			second: func(*bench) makeFunc {
				return func(ctx context.Context, tx *Tx, key Key) error {
					return errors.Join(simple(ctx, tx, key), fmt.Errorf("well: %w", Skip("too light")))
				}
			},
		},
		{
			name: "failed", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1}, message: "no good",
			second: func(*bench) makeFunc {
				return func(ctx context.Context, tx *Tx, key Key) error {
					if err := simple(ctx, tx, key); err != nil {
						return err
					}
					return errors.New("no good")
				}
			},
		},
		{
			name: "panicked", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1}, message: "panic: runtime error: index out of range [2] with length 0",
			second: func(*bench) makeFunc {
				return func(_ context.Context, _ *Tx, key Key) error {
					fmt.Println([]int{}[key.SubjectID])
					return nil
				}
			},
		},
		{
			name: "panicked with an error", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1}, message: "panic: refused",
			second: func(*bench) makeFunc { return func(context.Context, *Tx, Key) error { panic(rowmill.ErrRefused) } },
		},
		{
			name: "nothing inserted", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1},
			message: "the make inserted no row for its key: insert one, or return populate.Skip with the reason",
			second:  func(*bench) makeFunc { return func(context.Context, *Tx, Key) error { return nil } },
		},
		{
			name: "a row of another key only", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1},
			message: "the make inserted no row for its key: insert one, or return populate.Skip with the reason",
			second: func(*bench) makeFunc {
				return func(ctx context.Context, tx *Tx, _ Key) error {
					return query.Insert(ctx, tx, results, Result{Key: Key{3}})
				}
			},
		},
		{
			name: "a duplicate of something else", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1},
			message: "insert into Note: note=1: a row with this key is there already: ",
			second: func(b *bench) makeFunc {
				require.NoError(b, query.Insert(b.Context(), b.db, notes, Note{1, "first"}))
				return func(ctx context.Context, tx *Tx, _ Key) error { return query.Insert(ctx, tx, notes, Note{1, "second"}) }
			},
		},
		{
			name: "lost its lease", report: Report{LostLeases: 1}, rows: 2, kept: kept{jobs.Reserved: 1},
			second: func(b *bench) makeFunc {
				return func(ctx context.Context, tx *Tx, key Key) error {
					b.takeAway(2)
					return simple(ctx, tx, key)
				}
			},
		},
		{
			name: "lost its lease and failed", report: Report{LostLeases: 1}, rows: 2, kept: kept{jobs.Reserved: 1},
			second: func(b *bench) makeFunc {
				return func(context.Context, *Tx, Key) error {
					b.takeAway(2)
					return errors.New("no good")
				}
			},
		},
		{
			name: "lost its lease and skipped", report: Report{LostLeases: 1}, rows: 2, kept: kept{jobs.Reserved: 1},
			second: func(b *bench) makeFunc {
				return func(context.Context, *Tx, Key) error {
					b.takeAway(2)
					return Skip("why")
				}
			},
		},
		{
			name: "busy at first", report: Report{Made: 1}, rows: 3,
			second: func(*bench) makeFunc { return failing(rowmill.ErrBusy) },
		},
		{
			name: "disconnected at first", report: Report{Made: 1}, rows: 3,
			second: func(*bench) makeFunc { return failing(rowmill.ErrLost) },
		},
		{
			name: "not known whether committed, and not", report: Report{Made: 1}, rows: 3,
			second: func(*bench) makeFunc { return failing(rowmill.ErrCommitUnknown) },
		},
		{
			name: "timed out by itself", report: Report{Failed: 1, Retried: 2}, rows: 2, kept: kept{jobs.Error: 1}, message: "context deadline exceeded",
			second: func(*bench) makeFunc {
				return func(ctx context.Context, _ *Tx, _ Key) error {
					ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
					defer cancel()
					<-ctx.Done()
					return ctx.Err()
				}
			},
		},
		{
			name: "ended its goroutine", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1}, message: "the make ended its goroutine",
			second: func(*bench) makeFunc {
				return func(context.Context, *Tx, Key) error {
					runtime.Goexit()
					return nil
				}
			},
		},
		{
			name: "returned an error that panics when it is read", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1}, message: "panic: runtime error: invalid memory address",
			second: func(*bench) makeFunc {
				return func(context.Context, *Tx, Key) error {
					var none *rude
					return none
				}
			},
		},
		{
			name: "a great stack of words", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1}, message: "xxxx",
			second: func(*bench) makeFunc {
				return func(context.Context, *Tx, Key) error { return errors.New(strings.Repeat("x", 30<<20)) }
			},
		},
		{
			name: "wrote a message that is no text", report: Report{Failed: 1}, rows: 2, kept: kept{jobs.Error: 1},
			second: func(*bench) makeFunc { return func(context.Context, *Tx, Key) error { return errors.New("\xff") } },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 3, func(b *bench) {
				second := simple
				if c.second != nil {
					second = c.second(b)
				}
				report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
					switch {
					case key.SubjectID == 2:
						return second(ctx, tx, key)
					case key.SubjectID == 1 && c.first != nil:
						c.first(b)
					}
					return simple(ctx, tx, key)
				}, func(o *Options) { o.LeaveOthers = true })

				want := c.report
				want.Table, want.Made = "Result", want.Made+2
				require.Equal(b, want, counts(report))
				if c.kept == nil {
					require.Empty(b, b.statuses())
				} else {
					require.Equal(b, c.kept, b.statuses())
				}
				require.Equal(b, c.rows, b.count(results))
				if c.message != "" {
					require.True(b, strings.HasPrefix(b.job(2).ErrorMessage, c.message), b.job(2).ErrorMessage)
				}
				b.told(report)
			})
		})
	}
}

// told wants a report and the log to tell of what went wrong.
func (b *bench) told(r *Report) {
	b.Helper()
	b.seen.sameAs(b, r)
	require.Equal(b, r.LostLeases, strings.Count(b.log.String(), "a job was taken by another process"))
	require.Len(b, r.Errors, r.Failed)
	if r.Failed == 0 {
		require.NoError(b, r.Err())
		return
	}
	require.Equal(b, Key{2}, r.Errors[0].Key)
	require.ErrorContains(b, r.Err(), "Result: 1 failed: subject_id=2: ")
	require.ErrorIs(b, r.Err(), r.Errors[0].Err)
	j := b.job(2)
	require.NotNil(b, j.Duration)
	require.NotNil(b, j.CompletedTime)
	require.Equal(b, "v1", j.Version)
	if strings.HasPrefix(j.ErrorMessage, "panic") {
		require.Contains(b, *j.ErrorStack, "outcome_test.go:", "where it was")
	} else {
		require.NotEmpty(b, *j.ErrorStack)
	}
}

// failing is a make that fails the first two times.
func failing(err error) makeFunc {
	var calls atomic.Int32
	return func(ctx context.Context, tx *Tx, key Key) error {
		if made := simple(ctx, tx, key); made != nil {
			return made
		}
		if calls.Add(1) <= 2 {
			return fmt.Errorf("in the way: %w", err)
		}
		return nil
	}
}

// takeAway gives a job to somebody else, as if this process had seemed dead.
func (b *bench) takeAway(subject int32) {
	b.Helper()
	b.exec("UPDATE %s SET _token = ?, _worker = '' WHERE subject_id = ?", []byte("0123456789abcdef"), subject)
}

func (b *bench) refresh() {
	b.Helper()
	require.NoError(b, b.queue.Declare(b.Context(), b.db))
	_, err := b.queue.Refresh(b.Context(), b.db, nil)
	require.NoError(b, err)
}
