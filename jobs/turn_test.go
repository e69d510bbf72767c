package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/process"
	"github.com/rowmill/rowmill/query"
)

// TestRefreshIsShared has many come while one refreshes: one more refresh serves them all.
func TestRefreshIsShared(t *testing.T) {
	each(t, func(t *fixture) {
		t.refresh(nil)
		come := func() *turn { return &turn{q: t.q, db: t.db, all: true, token: newToken()} }
		first := come()
		mine, err := first.await(t.Context())
		require.NoError(t, err)
		require.True(t, mine)
		var rounds atomic.Int32
		var waiting sync.WaitGroup
		for range 8 {
			other := come()
			s, err := other.look(t.Context())
			require.NoError(t, err)
			require.True(t, s.busy)
			other.serving = s.round + 1
			waiting.Go(func() {
				mine, err := other.await(t.Context())
				if mine {
					rounds.Add(1)
					err = errors.Join(err, other.end(t.Context(), true))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		require.NoError(t, first.end(t.Context(), true))
		waiting.Wait()
		require.EqualValues(t, 1, rounds.Load())
	})
}

// TestRefreshEvery asks again within the interval, and after it.
func TestRefreshEvery(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 1, "a")
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Every: time.Hour}))
		t.enter(2, 2)
		require.Equal(t, Refreshed{Shared: true}, t.refresh(&RefreshOptions{Every: time.Hour}))
		t.exec("UPDATE {turns} SET begun = {after}", -3600.5)
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Every: time.Hour}))
		require.Equal(t, Refreshed{}, t.refresh(nil), "whoever names no interval has it done")
	})
}

// TestRefreshOfSome serves nobody else.
func TestRefreshOfSome(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 3, "a")
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Only: query.From(subjects).Where("subject_id = 2"), Every: time.Hour}))
		require.Equal(t, Refreshed{Added: 2}, t.refresh(&RefreshOptions{Every: time.Hour}))
	})
}

// TestRefreshUnderWayServesNobodyYet has somebody ask who is content with a refresh of the last hour, while one is under way
// that began just now: he waits whether it succeeds, and does it himself if it does not.
func TestRefreshUnderWayServesNobodyYet(t *testing.T) {
	for _, succeeds := range []bool{true, false} {
		t.Run(fmt.Sprint(succeeds), func(t *testing.T) {
			each(t, func(t *fixture) {
				t.refresh(nil)
				first := &turn{q: t.q, db: t.db, all: true, token: newToken()}
				mine, err := first.await(t.Context())
				require.NoError(t, err)
				require.True(t, mine)
				other := &turn{q: t.q, db: t.db, all: true, every: time.Hour, token: newToken()}
				ended := make(chan error, 1)
				var his bool
				go func() {
					var err error
					his, err = other.await(t.Context())
					ended <- err
				}()
				select {
				case err := <-ended:
					require.Fail(t, "he has not waited", "%v", err)
				case <-time.After(10 * shortLook):
				}
				require.NoError(t, first.end(t.Context(), succeeds))
				require.NoError(t, <-ended)
				require.Equal(t, !succeeds, his)
			})
		})
	}
}

// TestATurnIsKept has a refresh take longer than the lease of its turn.
func TestATurnIsKept(t *testing.T) {
	each(t, func(t *fixture) {
		t.refresh(nil)
		t.q.turnLease = 300 * time.Millisecond
		until := func() string { return scan[string](t, "SELECT lease_until FROM {turns}") }
		done, err := t.q.inTurn(t.Context(), t.db, true, 0, func(context.Context) error {
			for range 3 {
				before := until()
				require.Eventually(t, func() bool { return until() > before }, 10*time.Second, 5*time.Millisecond)
			}
			return nil
		})
		require.NoError(t, err)
		require.True(t, done)
		require.Zero(t, scan[int](t, "SELECT COUNT(lease_until) FROM {turns}"), "and is not kept any more")
	})
}

// TestRefreshThatFails is done again by whoever asks next.
func TestRefreshThatFails(t *testing.T) {
	each(t, func(t *fixture) {
		no := errors.New("no")
		_, err := t.q.inTurn(t.Context(), t.db, true, time.Hour, func(context.Context) error { return no })
		require.ErrorIs(t, err, no)
		done, err := t.q.inTurn(t.Context(), t.db, true, time.Hour, func(context.Context) error { return nil })
		require.NoError(t, err)
		require.True(t, done)
	})
}

// TestTurnOfTheDead takes over from a refresher that died: at once where that can be seen, or when its lease ends.
func TestTurnOfTheDead(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 1, "a")
		t.refresh(nil)
		turn := func(worker string, lease float64) {
			require.Equal(t, 1, t.exec("UPDATE {turns} SET worker = ?, token = ?, lease_until = {after}, round = round + 1", worker, newToken(), lease))
		}
		dead := deadProcess(t.T)
		turn(dead, 3600)
		require.False(t, t.refresh(nil).Shared)
		turn("somewhere else", 0.2)
		start := time.Now()
		require.False(t, t.refresh(nil).Shared)
		require.Greater(t, time.Since(start), 100*time.Millisecond)
		turn("somewhere else", 3600)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := t.q.Refresh(ctx, t.db, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// deadProcess is the name of a process of this machine that is dead: it had this one's number before.
func deadProcess(t *testing.T) string {
	t.Helper()
	name := process.Self()
	if name == "" {
		t.Skip("this system does not tell which process is which")
	}
	return name + "0"
}
