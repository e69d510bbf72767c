package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// TestRetrySome retries the errors that a relation names: here, one of the queue itself.
func TestRetrySome(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(4)
		for i, r := range t.claim(3) {
			message := []string{"timeout of the camera", "no such file", "timeout of the disk"}[i]
			require.NoError(t, t.q.Error(t.Context(), t.db, r, Failure{Message: message}))
		}
		n, err := t.q.Retry(t.Context(), t.db, t.q.With(Error).Where("error_message LIKE ?", "timeout%"))
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, map[Status]int{Pending: 3, Error: 1}, t.statuses())
		require.Equal(t, "timeout of the camera", t.job(1, "a").ErrorMessage, "it is kept")
		require.EqualValues(t, 1, t.job(1, "a").Attempts)

		n, err = t.q.Retry(t.Context(), t.db, query.From(subjects).Where("subject_id < 2"))
		require.NoError(t, err)
		require.Zero(t, n)
		_, err = t.q.Retry(t.Context(), t.db, query.From(subjects).Where("subject < 2"))
		require.ErrorIs(t, err, rowmill.ErrNoAttribute)
		require.ErrorContains(t, err, "retry jobs of Result jobs: the restriction: ")
		_, err = t.q.Retry(t.Context(), t.db, query.From(subjects).Project("other = subject_id"))
		require.ErrorContains(t, err, "the relation has none of the key's attributes, which are subject_id, method, and so restricts nothing: it has other, which Project can rename")
		_, err = t.q.Refresh(t.Context(), t.db, &RefreshOptions{Only: query.From(subjects).Project("other = subject_id")})
		require.ErrorContains(t, err, "and so restricts nothing")
		n, err = t.q.Retry(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestReprioritize(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(4)
		held := t.claim(1)
		n, err := t.q.Reprioritize(t.Context(), t.db, query.From(subjects).Where("subject_id IN (1, 4)"), -128)
		require.NoError(t, err)
		require.Equal(t, 1, n, "a job that somebody holds is left alone")
		require.EqualValues(t, DefaultPriority, t.job(1, "a").Priority)
		require.Equal(t, []ResultKey{{4, "a"}, {2, "a"}, {3, "a"}}, keysOf(t.claim(4)))
		require.NoError(t, t.complete(held[0]))
	})
}

func TestReschedule(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		n, err := t.q.Reschedule(t.Context(), t.db, query.From(subjects).Where("subject_id > 1"), time.Hour)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, []ResultKey{{1, "a"}}, keysOf(t.claim(3)))
		n, err = t.q.Reschedule(t.Context(), t.db, query.From(subjects).Where("subject_id = 3"), 0)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, []ResultKey{{3, "a"}}, keysOf(t.claim(3)))
	})
}

func TestClearSome(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(4)
		n, err := t.q.Clear(t.Context(), t.db, query.From(subjects).Where("subject_id > 2"), Pending, Error)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, map[Status]int{Pending: 2}, t.statuses())
	})
}

func TestReserve(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		w := t.worker(time.Minute)
		reserve := func(key any) *Reservation {
			r, err := t.q.Reserve(t.Context(), t.db, w, key)
			require.NoError(t, err)
			return r
		}
		r := reserve(&ResultKey{2, "a"})
		require.Equal(t, &ResultKey{2, "a"}, r.Key)
		require.Equal(t, 1, r.Attempt)
		require.Nil(t, reserve(ResultKey{2, "a"}), "it is taken")
		require.Nil(t, reserve(ResultKey{9, "a"}), "it is not queued")
		_, err := t.q.Reschedule(t.Context(), t.db, query.From(subjects).Where("subject_id = 3"), time.Hour)
		require.NoError(t, err)
		require.Nil(t, reserve(ResultKey{3, "a"}), "it is not due")
		_, err = t.q.Reserve(t.Context(), t.db, w, struct{ SubjectID int32 }{1})
		require.ErrorContains(t, err, "reserve a job of Result jobs: the whole key is wanted")
		require.NoError(t, t.complete(r))
		require.Equal(t, map[Status]int{Pending: 2}, t.statuses())
	})
}

func TestProgressBy(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 2, "a", "b", "c")
		t.refresh(nil)
		require.NoError(t, t.q.Ignore(t.Context(), t.db, ResultKey{2, "b"}, ""))
		_, err := t.q.Reschedule(t.Context(), t.db, query.From(t.q).Match(ResultKey{1, "c"}), time.Hour)
		require.NoError(t, err)
		groups, err := t.q.ProgressBy(t.Context(), t.db, "subject_id")
		require.NoError(t, err)
		require.Equal(t, []Group{
			{Key: map[string]any{"subject_id": int64(1)}, Jobs: map[Status]int{Pending: 3}, Later: 1},
			{Key: map[string]any{"subject_id": int64(2)}, Jobs: map[Status]int{Pending: 2, Ignore: 1}},
		}, groups)
		groups, err = t.q.ProgressBy(t.Context(), t.db)
		require.NoError(t, err)
		require.Equal(t, []Group{{Key: map[string]any{}, Jobs: map[Status]int{Pending: 5, Ignore: 1}, Later: 1}}, groups)
		groups, err = t.q.ProgressBy(t.Context(), t.db, "method", "subject_id")
		require.NoError(t, err)
		require.Len(t, groups, 6)
		require.Equal(t, map[string]any{"method": "a", "subject_id": int64(1)}, groups[0].Key)
		_, err = t.q.ProgressBy(t.Context(), t.db, "status")
		require.ErrorContains(t, err, `"status" is not in the key, which is [subject_id method]`)
	})
}

// TestAhead counts what is claimed before a job: the order is that of Claim.
func TestAhead(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 3, "a", "b")
		t.refresh(nil)
		_, err := t.q.Reschedule(t.Context(), t.db, query.From(t.q).Match(ResultKey{2, "a"}), time.Hour)
		require.NoError(t, err)
		_, err = t.q.Reschedule(t.Context(), t.db, query.From(t.q).Match(ResultKey{1, "a"}), -time.Hour)
		require.NoError(t, err)
		_, err = t.q.Reprioritize(t.Context(), t.db, query.From(t.q).Match(ResultKey{3, "b"}), 1)
		require.NoError(t, err)
		ahead := func(key any) int {
			n, err := t.q.Ahead(t.Context(), t.db, key)
			require.NoError(t, err)
			return n
		}
		claimed := t.claim(6)
		require.Equal(t, []ResultKey{{3, "b"}, {1, "a"}, {1, "b"}, {2, "b"}, {3, "a"}}, keysOf(claimed))
		require.Zero(t, ahead(ResultKey{2, "a"}), "what is reserved is not before it")
		require.NoError(t, t.q.Release(t.Context(), t.db, claimed...))
		for i, r := range claimed {
			require.Equal(t, i, ahead(r.Key), r.Key)
		}
		require.Equal(t, 5, ahead(ResultKey{2, "a"}), "which is scheduled for later")
		require.Zero(t, ahead(ResultKey{4, "a"}), "which has no job")
		_, err = t.q.Ahead(t.Context(), t.db, Method{"a"})
		require.ErrorContains(t, err, "look for a job of Result jobs: the whole key is wanted: [subject_id method]")
	})
}

// TestNow is the clock by which jobs are scheduled.
func TestNow(t *testing.T) {
	each(t, func(t *fixture) {
		before, err := t.q.Now(t.Context(), t.db)
		require.NoError(t, err)
		t.queue(1)
		after, err := t.q.Now(t.Context(), t.db)
		require.NoError(t, err)
		job, err := query.One[job](t.Context(), t.db, query.From(t.q))
		require.NoError(t, err)
		require.False(t, job.CreatedTime.Before(before) || job.CreatedTime.After(after), "%v, %v, %v", before, job.CreatedTime, after)
	})
}

// TestBacklog counts what may be claimed, what is held, and what failed and comes again.
func TestBacklog(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(5)
		claimed := t.claim(2)
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[0], Failure{Message: "no", Again: true, After: time.Hour}))
		_, err := t.q.Reschedule(t.Context(), t.db, query.From(subjects).Where("subject_id = 5"), time.Hour)
		require.NoError(t, err)
		left, err := t.q.Backlog(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, Backlog{Pending: 2, Reserved: 1, Later: 1}, left)
		left, err = t.q.Backlog(t.Context(), t.db, query.From(subjects).Where("subject_id < 4"))
		require.NoError(t, err)
		require.Equal(t, Backlog{Pending: 1, Reserved: 1, Later: 1}, left)
	})
}
