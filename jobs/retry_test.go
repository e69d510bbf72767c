package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

func TestTransient(t *testing.T) {
	for _, err := range []error{
		context.DeadlineExceeded, os.ErrDeadlineExceeded, rowmill.ErrBusy, rowmill.ErrLost,
		&net.OpError{Op: "dial", Err: errors.New("refused")}, &net.DNSError{IsTemporary: true},
	} {
		require.True(t, Transient(fmt.Errorf("fetch: %w", err)), "%v", err)
	}
	for _, err := range []error{errors.New("no"), fs.ErrNotExist, rowmill.ErrDuplicate, context.Canceled} {
		require.False(t, Transient(fmt.Errorf("fetch: %w", err)), "%v", err)
	}
}

// TestRetryGivesNewAttempts has a person retry a job that was tried as often as it may be.
func TestRetryGivesNewAttempts(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		p := RetryPolicy{}
		fail := func() bool {
			r := t.claimOne()
			_, again := p.Again(rowmill.ErrLost, r.Attempt-r.Retried)
			require.NoError(t, t.q.Error(t.Context(), t.db, r, Failure{Message: "lost", Again: again}))
			return again
		}
		for range 2 {
			for attempt := 1; attempt <= defaultTransient; attempt++ {
				require.Equal(t, attempt < defaultTransient, fail())
			}
			_, err := t.q.Retry(t.Context(), t.db, query.Rel{})
			require.NoError(t, err)
		}
		require.EqualValues(t, 2*defaultTransient, t.job(1, "a").Attempts, "all are counted")
	})
}

func TestRetryPolicy(t *testing.T) {
	own, passing := errors.New("no"), context.DeadlineExceeded
	for _, c := range []struct {
		name    string
		policy  RetryPolicy
		err     error
		attempt int
		most    time.Duration // 0: it is not tried again
	}{
		{"by default it is an error at once", RetryPolicy{}, own, 1, 0},
		{"by default what passes is tried again", RetryPolicy{}, passing, 1, time.Second},
		{"and again", RetryPolicy{}, passing, 2, 2 * time.Second},
		{"but not for ever", RetryPolicy{}, passing, 3, 0},
		{"its own failures", RetryPolicy{MaxAttempts: 4}, own, 3, 4 * time.Second},
		{"the last of them", RetryPolicy{MaxAttempts: 4}, own, 4, 0},
		{"what passes, no less often", RetryPolicy{MaxAttempts: 10}, passing, 9, 256 * time.Second},
		{"what passes, as often as is said", RetryPolicy{MaxTransient: 20, Backoff: time.Millisecond}, passing, 4, 8 * time.Millisecond},
		{"no longer than five minutes", RetryPolicy{MaxAttempts: 1000}, own, 900, 5 * time.Minute},
		{"no longer than is said", RetryPolicy{MaxAttempts: 9, Backoff: time.Hour, MaxBackoff: time.Minute}, own, 1, time.Minute},
	} {
		seen := map[time.Duration]bool{}
		for range 20 {
			after, again := c.policy.Again(c.err, c.attempt)
			require.Equal(t, c.most > 0, again, c.name)
			require.LessOrEqual(t, after, c.most, c.name)
			require.GreaterOrEqual(t, after, c.most/2, c.name)
			seen[after] = true
		}
		require.Equal(t, c.most > 0, len(seen) > 1, c.name)
	}
}

// TestErrorAgain has a job fail, wait, fail again and be made, with what it keeps of that.
func TestErrorAgain(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		r := t.claimOne()
		failure := Failure{Message: "first", Stack: "here", Again: true, After: time.Hour, Version: "v2", Duration: time.Second}
		require.NoError(t, t.q.Error(t.Context(), t.db, r, failure))
		j := t.job(1, "a")
		require.Equal(t, Pending, j.Status)
		require.Equal(t, "first", j.ErrorMessage)
		require.Equal(t, "here", *j.ErrorStack)
		require.EqualValues(t, 1, j.Attempts)
		require.Equal(t, "v2", j.Version)
		require.Nil(t, j.ReservedTime)
		require.Equal(t, *j.FirstFailed, *j.LastFailed)
		require.InDelta(t, 3600, j.ScheduledTime.Sub(*j.LastFailed).Seconds(), 1)
		require.Empty(t, t.claim(1), "it waits")
		require.ErrorIs(t, t.complete(r), ErrLeaseLost)

		t.exec("UPDATE {jobs} SET scheduled_time = {after}", -1.0)
		time.Sleep(2 * time.Millisecond) // until the clock, which keeps milliseconds, has moved
		r = t.claimOne()
		require.Equal(t, 2, r.Attempt)
		require.NoError(t, t.q.Error(t.Context(), t.db, r, Failure{Message: "second"}))
		again := t.job(1, "a")
		require.Equal(t, Error, again.Status)
		require.Equal(t, "second", again.ErrorMessage)
		require.Equal(t, *j.FirstFailed, *again.FirstFailed)
		require.True(t, again.LastFailed.After(*j.LastFailed))
	})
}
