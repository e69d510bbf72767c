package jobs

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/query"
)

func TestRefreshAddsWhatHasNoResultAndNoJob(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 4, "a", "b")
		require.NoError(t, makeResult(t.Context(), t.db, ResultKey{1, "a"}))
		t.exec("INSERT INTO {jobs} ({key}, status, priority) VALUES (2, 'a', 'ignore', 3)")

		only := query.From(subjects).Where("subject_id <= 2")
		urgent := int8(-128)
		require.Equal(t, Refreshed{Added: 2}, t.refresh(&RefreshOptions{Only: only, Priority: &urgent}))
		require.Equal(t, Refreshed{Added: 4}, t.refresh(nil))
		require.Equal(t, Refreshed{}, t.refresh(nil))
		require.Equal(t, map[Status]int{Pending: 6, Ignore: 1}, t.statuses())
		require.EqualValues(t, -128, t.job(1, "b").Priority)
		require.EqualValues(t, DefaultPriority, t.job(3, "b").Priority)
	})
}

// TestRefreshRefusesWrongRelations has a mistake in a restriction be an error, never "everything".
func TestRefreshRefusesWrongRelations(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 2, "a")
		for _, c := range []struct {
			source query.Rel
			only   query.Rel
			want   string
		}{
			{source, query.From(subjects).Where("subject = 1"), `the restriction: condition "subject = 1": no attribute`},
			{source.Where("nothing = 1"), query.Rel{}, "the source: "},
			{query.From(subjects), query.Rel{}, `the source: no attribute "method"`},
		} {
			_, err := t.q.Refresh(t.Context(), t.db, &RefreshOptions{Source: c.source, Only: c.only})
			require.ErrorContains(t, err, "refresh Result jobs: ")
			require.ErrorContains(t, err, c.want)
		}
		require.Empty(t, t.statuses())
	})
}

func TestRefreshQueuesSuccessesAgainWhoseResultIsGone(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 3, "a")
		require.NoError(t, makeResult(t.Context(), t.db, ResultKey{1, "a"}))
		// 1 has its result, 2 lost it, and 9 lost it with all that it came from.
		t.exec("INSERT INTO {jobs} ({key}, status, priority, completed_time, duration) VALUES" +
			" (1, 'a', 'success', 1, {now}, 1), (2, 'a', 'success', 1, {now}, 1), (9, 'a', 'success', 1, {now}, 1)")
		require.Equal(t, Refreshed{Added: 1, Repended: 1}, t.refresh(nil))
		require.Equal(t, Success, t.job(1, "a").Status)
		require.Equal(t, Success, t.job(9, "a").Status)
		again := t.job(2, "a")
		require.Equal(t, Pending, again.Status)
		require.EqualValues(t, 1, again.Priority, "it is kept")
		require.Nil(t, again.CompletedTime)
		require.Nil(t, again.Duration)
	})
}

// TestRefreshSweeps removes old jobs whose key has left the source, and no others.
func TestRefreshSweeps(t *testing.T) {
	const hour = 3600
	gone, there := int32(9), int32(1)
	for _, c := range []struct {
		name    string
		subject int32
		status  Status
		age     float64 // in seconds
		opts    *RefreshOptions
		removed bool
	}{
		{"pending", gone, Pending, 2 * hour, nil, true},
		{"error", gone, Error, 2 * hour, nil, true},
		{"success", gone, Success, 2 * hour, nil, true},
		{"ignored", gone, Ignore, 2 * hour, nil, false},
		{"reserved", gone, Reserved, 2 * hour, nil, false},
		{"young", gone, Pending, hour / 2, nil, false},
		{"young, but old enough for this", gone, Pending, hour / 2, &RefreshOptions{StaleTimeout: time.Minute}, true},
		{"old, but none is to be removed", gone, Pending, 2 * hour, &RefreshOptions{StaleTimeout: -1}, false},
		{"its key is still due", there, Error, 2 * hour, nil, false},
		{"its key is outside of the restriction", there, Error, 2 * hour,
			&RefreshOptions{Only: query.From(subjects).Where("subject_id = 2")}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.enter(1, 1, "a")
				t.exec("INSERT INTO {jobs} ({key}, status, priority, created_time, _lease_until) VALUES (?, 'a', ?, 5, {after}, {after})",
					c.subject, string(c.status), -c.age, 60.0)
				removed := 0
				if c.removed {
					removed = 1
				}
				require.Equal(t, removed, t.refresh(c.opts).Removed)
				n, err := query.Count(t.Context(), t.db, t.q.With(c.status).Match(ResultKey{c.subject, "a"}))
				require.NoError(t, err)
				require.Equal(t, 1-removed, n)
			})
		})
	}
}

func TestRefreshDelays(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 1, "a")
		t.refresh(&RefreshOptions{Delay: time.Hour})
		require.Empty(t, t.claim(1))
		left, err := t.q.Backlog(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Zero(t, left.Pending)
		t.exec("UPDATE {jobs} SET scheduled_time = {after}", -0.001)
		require.Len(t, t.claim(1), 1)
	})
}

// TestRefreshRescues has jobs whose workers died pending again, with their history, and errors
// the third time.
func TestRefreshRescues(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2)
		t.exec("UPDATE {jobs} SET priority = -3 WHERE subject_id = 2")
		scheduled := t.job(2, "a").ScheduledTime
		for attempt := 1; attempt < maxDeaths; attempt++ {
			claimed := t.claim(1)
			require.Equal(t, []ResultKey{{2, "a"}}, keysOf(claimed))
			require.Equal(t, attempt, claimed[0].Attempt)
			require.Equal(t, Refreshed{}, t.refresh(nil), "the lease holds")
			t.expire()
			require.Equal(t, Refreshed{Rescued: 1}, t.refresh(nil))
			require.ErrorIs(t, t.complete(claimed[0]), ErrLeaseLost)
			j := t.job(2, "a")
			require.Equal(t, Pending, j.Status)
			require.EqualValues(t, -3, j.Priority)
			require.Equal(t, scheduled, j.ScheduledTime)
			require.Nil(t, j.ReservedTime)
			require.Nil(t, j.FirstFailed, "that a worker died is no failure of the job's")
		}
		claimed := t.claim(1)
		t.expire()
		rescued, err := t.q.Rescue(t.Context(), t.db)
		require.NoError(t, err)
		require.Equal(t, Refreshed{Buried: 1}, rescued)
		require.ErrorIs(t, t.complete(claimed[0]), ErrLeaseLost)
		require.Equal(t, "its worker died 3 times", t.job(2, "a").ErrorMessage)
		require.Equal(t, map[Status]int{Pending: 1, Error: 1}, t.statuses())

		// Retried, it has three lives again.
		n, err := t.q.Retry(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		claimed = t.claim(1)
		require.Equal(t, maxDeaths+1, claimed[0].Attempt)
		require.Equal(t, maxDeaths, claimed[0].Retried)
		t.expire()
		require.Equal(t, Refreshed{Rescued: 1}, t.refresh(nil))
	})
}

// TestRefreshersAtOnce has many refresh at once, while others work: nothing is queued twice, and
// nothing that was made stays queued.
func TestRefreshersAtOnce(t *testing.T) {
	each(t, func(t *fixture) {
		const n = 200
		t.enter(1, n, "a")
		var (
			mu    sync.Mutex
			added int
			work  sync.WaitGroup
		)
		for range 4 {
			work.Go(func() {
				for range 3 {
					r, err := t.q.Refresh(t.Context(), t.db, nil)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					added += r.Added
					mu.Unlock()
				}
			})
		}
		work.Wait()
		require.Equal(t, n, added)
		require.Equal(t, map[Status]int{Pending: n}, t.statuses())
		keys := keysOf(t.claim(n + 1))
		slices.SortFunc(keys, func(a, b ResultKey) int { return int(a.SubjectID - b.SubjectID) })
		require.Len(t, slices.Compact(keys), n)
	})
}
