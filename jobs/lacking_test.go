package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// withoutRights runs a test on a queue that a Python worker has declared, by a user who may alter and create nothing.
func withoutRights(t *testing.T, f func(t, root *fixture, log *bytes.Buffer)) {
	t.Helper()
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		root := newFixture(t, dsn)
		root.exec("DROP TABLE {jobs}")
		root.exec(pythonQueue)
		root.exec("CREATE USER worker@'%' IDENTIFIED BY 'secret'")
		t.Cleanup(func() { _, _ = root.db.Exec(context.WithoutCancel(t.Context()), "DROP USER worker@'%'") })
		root.exec("GRANT SELECT, INSERT, UPDATE, DELETE ON lab.* TO worker@'%'")
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		u.User = url.UserPassword("worker", "secret")
		db, err := rowmill.Open(t.Context(), u.String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })

		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		t.Cleanup(func() { slog.SetDefault(before) })
		f(&fixture{T: t, db: db, q: For(results), key: root.key}, root, &log)
	})
}

// status is that of a job in a queue that lacks what a Job has.
func (t *fixture) status(subject int32) Status {
	t.Helper()
	type plain struct {
		ResultKey
		Status Status
	}
	j, err := query.One[plain](t.Context(), t.db, query.From(t.q).Match(ResultKey{subject, "a"}))
	require.NoError(t, err)
	return j.Status
}

func TestAQueueWithoutHiddenColumns(t *testing.T) {
	withoutRights(t, func(t, _ *fixture, log *bytes.Buffer) {
		before := t.showCreate()
		require.NoError(t, t.q.Declare(t.Context(), t.db))
		require.NoError(t, t.q.Declare(t.Context(), t.db))
		require.Equal(t, 1, strings.Count(log.String(), "the queue lacks Rowmill's hidden columns"), "it is told once: %s", log)
		t.queue(8)
		require.Equal(t, Refreshed{}, t.refresh(nil))

		claimed := t.claim(8)
		require.Len(t, claimed, 8)
		require.Empty(t, t.claim(1))
		require.Equal(t, math.MaxInt, claimed[0].Attempt)
		require.NoError(t, t.complete(claimed[0]))
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[1], Failure{Message: "no", Stack: "here"}))
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[1], Failure{Message: "no", Stack: "here"}), "said again")
		require.NoError(t, t.q.Skip(t.Context(), t.db, claimed[2], "why"))
		require.NoError(t, t.q.Release(t.Context(), t.db, claimed[3]))
		require.NoError(t, t.q.Postpone(t.Context(), t.db, claimed[4], time.Hour, "later"))
		require.NoError(t, t.q.Suspend(t.Context(), t.db, claimed[5], []byte("half")))
		require.NoError(t, t.q.Tell(t.Context(), t.db, claimed[6:7], new(0.5), "half"))
		told, err := t.q.Told(t.Context(), t.db, claimed[6])
		require.NoError(t, err)
		require.Empty(t, told)
		require.Equal(t, map[Status]int{Error: 2, Ignore: 1, Pending: 2, Reserved: 2}, t.statuses())
		lost, err := t.q.Heartbeat(t.Context(), t.db, t.worker(time.Minute), t.key, claimed[6:])
		require.NoError(t, err)
		require.Empty(t, lost)
		holds, err := t.q.Holds(t.Context(), t.db, claimed[6])
		require.NoError(t, err)
		require.True(t, holds)

		left, err := t.q.Backlog(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, Backlog{Pending: 1}, left, "there are no leases to wait for")
		again, err := t.q.Retry(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, 2, again)
		require.Equal(t, Refreshed{}, t.refresh(nil), "nobody is known to be dead")
		require.Equal(t, before, t.showCreate())
	})
}

// TestOwnersWithoutTokens has jobs known by host, process, connection and time: others who reserve them are told apart.
func TestOwnersWithoutTokens(t *testing.T) {
	withoutRights(t, func(t, root *fixture, _ *bytes.Buffer) {
		require.NoError(t, t.q.Declare(t.Context(), t.db))
		t.queue(4)
		claimed := t.claim(4)
		moved := "UPDATE {jobs} SET reserved_time = reserved_time + INTERVAL 1 SECOND WHERE subject_id = 1"
		for i, how := range []string{moved, "UPDATE {jobs} SET pid = pid + 1 WHERE subject_id = 2", "UPDATE {jobs} SET connection_id = connection_id + 1 WHERE subject_id = 3"} {
			t.exec(how)
			require.ErrorIs(t, t.complete(claimed[i]), ErrLeaseLost, how)
			require.ErrorIs(t, t.q.Error(t.Context(), t.db, claimed[i], Failure{Message: "no"}), ErrLeaseLost, how)
			require.Equal(t, Reserved, t.status(claimed[i].Key.(*ResultKey).SubjectID))
		}
		lost, err := t.q.Heartbeat(t.Context(), t.db, t.worker(time.Minute), t.key, claimed)
		require.NoError(t, err)
		require.Equal(t, claimed[:3], lost)
		root.exec("DELETE FROM {jobs} WHERE subject_id = 4")
		require.NoError(t, t.complete(claimed[3]), "it was removed, and nobody else has it")

		t.exec("UPDATE {jobs} SET reserved_time = {after}", -120.0)
		require.Equal(t, Refreshed{Rescued: 3}, t.refresh(&RefreshOptions{OrphanTimeout: time.Minute}))
		require.Len(t, t.claim(4), 3)
	})
}

// TestBothFormsShareAQueue has a worker without rights and one with leases claim from one queue, to which the latter has
// added the columns meanwhile.
func TestBothFormsShareAQueue(t *testing.T) {
	withoutRights(t, func(t, root *fixture, _ *bytes.Buffer) {
		require.NoError(t, t.q.Declare(t.Context(), t.db))
		t.queue(4)
		mine := t.claim(2)
		require.NoError(t, root.q.Declare(t.Context(), root.db))
		theirs := root.claim(4)
		require.Equal(t, []ResultKey{{3, "a"}, {4, "a"}}, keysOf(theirs))
		require.Equal(t, Refreshed{}, root.refresh(nil), "who has no lease is left alone")
		for _, r := range mine {
			require.NoError(t, t.complete(r))
		}
		for _, r := range theirs {
			require.NoError(t, root.complete(r))
		}
		require.Empty(t, t.statuses())
	})
}
