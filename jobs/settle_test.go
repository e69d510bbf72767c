package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// TestRefreshSettles has results there whose jobs do not know: made by a worker that died before it told the queue,
// or that never asks it.
func TestRefreshSettles(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 6, "a")
		t.exec("INSERT INTO {jobs} ({key}, status, priority, reserved_time) VALUES (1, 'a', 'pending', 5, NULL), (2, 'a', 'error', 5, NULL)," +
			" (3, 'a', 'reserved', 5, {now}), (4, 'a', 'reserved', 5, '2001-01-01 00:00:00'), (5, 'a', 'ignore', 5, NULL)")
		for subject := range int32(5) {
			require.NoError(t, makeResult(t.Context(), t.db, ResultKey{subject + 1, "a"}))
		}
		require.Equal(t, Refreshed{Settled: 3, Added: 1}, t.refresh(nil))
		require.Equal(t, map[Status]int{Reserved: 1, Ignore: 1, Pending: 1}, t.statuses(), "one may be about to tell")
		require.Equal(t, Refreshed{}, t.refresh(nil))
	})
}

// TestRefreshSettlesAndKeeps is the same where jobs that were made are kept.
func TestRefreshSettlesAndKeeps(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2)
		require.NoError(t, makeResult(t.Context(), t.db, ResultKey{1, "a"}))
		require.Equal(t, Refreshed{Settled: 1}, t.refresh(&RefreshOptions{KeepCompleted: true}))
		require.Equal(t, Success, t.job(1, "a").Status)
		require.NotNil(t, t.job(1, "a").CompletedTime)
	})
}

// TestRefreshLeavesLeases has a result there whose worker is about to complete its job.
func TestRefreshLeavesLeases(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		r := t.claimOne()
		require.NoError(t, makeResult(t.Context(), t.db, ResultKey{1, "a"}))
		require.Equal(t, Refreshed{}, t.refresh(nil))
		require.NoError(t, t.q.Acknowledge(t.Context(), t.db, r))
	})
}

// TestOrphanTimeout is for the jobs of Python workers, who hold no lease.
func TestOrphanTimeout(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		ours := t.claim(1)
		t.exec("UPDATE {jobs} SET status = 'reserved', priority = 7, reserved_time = {after} WHERE subject_id = 2", -100.0)
		t.exec("UPDATE {jobs} SET status = 'reserved', reserved_time = {after} WHERE subject_id = 3", -10.0)
		require.Equal(t, Refreshed{}, t.refresh(nil))
		require.Equal(t, Refreshed{Rescued: 1}, t.refresh(&RefreshOptions{OrphanTimeout: time.Minute}))
		j := t.job(2, "a")
		require.Equal(t, Pending, j.Status)
		require.EqualValues(t, 7, j.Priority)
		require.EqualValues(t, 1, j.Attempts)
		require.NoError(t, t.complete(ours[0]), "a lease is left alone")
	})
}

// TestOrphansAreNotRescuedForEver has a job kill every Python worker that makes it.
func TestOrphansAreNotRescuedForEver(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		for death := 1; death <= maxDeaths; death++ {
			t.exec("UPDATE {jobs} SET status = 'reserved', reserved_time = {after}", -100.0)
			want := Refreshed{Rescued: 1}
			if death == maxDeaths {
				want = Refreshed{Buried: 1}
			}
			require.Equal(t, want, t.refresh(&RefreshOptions{OrphanTimeout: time.Minute}))
			require.EqualValues(t, death, t.job(1, "a").Attempts)
			require.Equal(t, death == maxDeaths, t.job(1, "a").FirstFailed != nil)
		}
		require.Equal(t, Error, t.job(1, "a").Status)
		require.Equal(t, "its worker died 3 times", t.job(1, "a").ErrorMessage)
	})
}

// TestASuccessIsMadeAgainAsNew has a job make it at last, and its result be removed.
func TestASuccessIsMadeAgainAsNew(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		for range maxDeaths - 1 {
			t.claimOne()
			t.expire()
			t.refresh(nil)
		}
		w := t.worker(time.Minute)
		w.KeepCompleted = true
		claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, 1, query.Rel{})
		require.NoError(t, err)
		require.NoError(t, t.complete(claimed[0]))
		require.EqualValues(t, maxDeaths-1, t.job(1, "a").Attempts, "that it took so many is kept with it")
		t.exec("UPDATE {jobs} SET _first_failed = {now}")
		t.exec("DELETE FROM {target}")
		require.Equal(t, Refreshed{Repended: 1}, t.refresh(nil))
		r := t.claimOne()
		require.Equal(t, []int{1, 0, 0}, []int{r.Attempt, r.Retried, r.Deaths})
		require.Nil(t, t.job(1, "a").FirstFailed)
	})
}

// TestKeepCompleted keeps what was made, and makes it again when it is gone.
func TestKeepCompleted(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2)
		w := t.worker(time.Minute)
		w.KeepCompleted = true
		claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, 2, query.Rel{})
		require.NoError(t, err)
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[1], Failure{Message: "no", Again: true}))
		again, err := t.q.Claim(t.Context(), t.db, w, t.key, 2, query.Rel{})
		require.NoError(t, err)
		for _, r := range []*Reservation{claimed[0], again[0]} {
			require.NoError(t, t.complete(r))
			require.ErrorIs(t, t.complete(r), rowmill.ErrDuplicate)
		}
		require.Equal(t, map[Status]int{Success: 2}, t.statuses())
		j := t.job(2, "a")
		require.Positive(t, *j.Duration)
		require.False(t, j.CompletedTime.Before(*j.ReservedTime), "both are kept to the millisecond")
		require.Equal(t, "v1", j.Version)
		require.Empty(t, j.ErrorMessage)
		require.Equal(t, Refreshed{}, t.refresh(nil))
		require.Equal(t, 1, t.exec("DELETE FROM {target} WHERE subject_id = 1"))
		require.Equal(t, Refreshed{Repended: 1}, t.refresh(nil))
	})
}

// TestWithdraw removes the job of a key that what it comes from has left, and no other.
func TestWithdraw(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		claimed := t.claim(3)
		t.take(ResultKey{3, "a"})
		_, err := query.Delete(t.Context(), t.db, query.From(subjects).Where("subject_id = 2"), nil)
		require.NoError(t, err)
		t.exec("INSERT INTO {jobs} ({key}, status, priority, _token) VALUES (2, 'a', 'reserved', 5, ?)", (*claimed[1].grip.owner.Load())...) // Delete took it with it
		for i, wanted := range []bool{false, true, false} {
			gone, err := t.q.Withdraw(t.Context(), t.db, claimed[i], t.q.Source())
			require.NoError(t, err)
			require.Equal(t, wanted, gone, i)
		}
		require.Equal(t, map[Status]int{Reserved: 2}, t.statuses())
	})
}
