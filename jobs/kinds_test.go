package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// TestKinds keeps the kind of a failure beside its message: it is counted while the job is an error, listed, kept while it is
// tried again, and given up for that of the next failure.
func TestKinds(t *testing.T) {
	each(t, func(t *fixture) {
		kinds := func() map[string]int {
			t.Helper()
			n, err := t.q.Kinds(t.Context(), t.db)
			require.NoError(t, err)
			return n
		}
		fail := func(f Failure) {
			t.Helper()
			require.NoError(t, t.q.Error(t.Context(), t.db, t.claim(1)[0], f))
		}
		kindOf := func(subject int32) string {
			t.Helper()
			found, err := query.Column[string](t.Context(), t.db, query.From(t.q).Where("subject_id = ?", subject), "_kind")
			require.NoError(t, err)
			return found[0]
		}
		t.queue(4)
		require.Empty(t, kinds())
		fail(Failure{Message: "no wind", Kind: "invalid"})
		fail(Failure{Message: "no rain", Kind: "invalid"})
		fail(Failure{Message: "who knows"})
		fail(Failure{Message: "a day too late", Kind: strings.Repeat("é", MaxKind+1), Again: true})
		require.Equal(t, map[string]int{"invalid": 2, "": 1}, kinds(), "one that is to be tried again is no error yet")
		require.Equal(t, strings.Repeat("é", MaxKind), kindOf(4))
		type failed struct {
			ResultKey
			Job
		}
		listed, err := query.Fetch[failed](t.Context(), t.db, t.q.With(Error).Where("_kind = ?", "invalid").Top(query.All, "subject_id"))
		require.NoError(t, err)
		require.Len(t, listed, 2)
		require.Equal(t, []string{"no wind", "invalid"}, []string{listed[0].ErrorMessage, listed[0].Kind})

		_, err = t.q.Retry(t.Context(), t.db, query.From(t.q).Where("subject_id = 1"))
		require.NoError(t, err)
		require.Equal(t, map[string]int{"invalid": 1, "": 1}, kinds())
		require.Equal(t, "invalid", kindOf(1), "until it ends otherwise, as the message")
		fail(Failure{Message: "no wind at all"})
		require.Equal(t, map[string]int{"invalid": 1, "": 2}, kinds())
	})
}

// TestKindGoesWithItsMessage has a job end otherwise than it failed, or get on.
func TestKindGoesWithItsMessage(t *testing.T) {
	for _, c := range []struct {
		name    string
		ends    func(t *fixture, r *Reservation) error
		message string
	}{
		{"ignored", func(t *fixture, r *Reservation) error {
			require.NoError(t, t.q.Release(t.Context(), t.db, r))
			return t.q.Ignore(t.Context(), t.db, r.Key, "no need")
		}, "no need"},
		{"skipped", func(t *fixture, r *Reservation) error { return t.q.Skip(t.Context(), t.db, r, "no need") }, "no need"},
		{"postponed", func(t *fixture, r *Reservation) error { return t.q.Postpone(t.Context(), t.db, r, 0, "not yet") }, "not yet"},
		{"goes on", func(t *fixture, r *Reservation) error { return t.q.Suspend(t.Context(), t.db, r, []byte("half")) }, ""},
		{"made and kept", func(t *fixture, r *Reservation) error { return t.complete(r) }, ""},
		{"made by others", func(t *fixture, r *Reservation) error {
			require.NoError(t, t.q.Release(t.Context(), t.db, r))
			t.exec("INSERT INTO {target} ({key}, value) SELECT {key}, 1 FROM {jobs}")
			_, err := t.q.Refresh(t.Context(), t.db, &RefreshOptions{KeepCompleted: true})
			return err
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.queue(1)
				require.NoError(t, t.q.Error(t.Context(), t.db, t.claim(1)[0], Failure{Message: "no wind", Kind: "invalid"}))
				_, err := t.q.Retry(t.Context(), t.db, query.Rel{})
				require.NoError(t, err)
				w := t.worker(time.Minute)
				w.KeepCompleted = true
				claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, 1, query.Rel{})
				require.NoError(t, err)
				require.NoError(t, c.ends(t, claimed[0]))
				type told struct{ Job }
				job, err := query.One[told](t.Context(), t.db, query.From(t.q))
				require.NoError(t, err)
				require.Equal(t, []string{c.message, ""}, []string{job.ErrorMessage, job.Kind})
			})
		})
	}
}

// TestNoQueueYet is what people ask before the first Populate: the error says what makes the queue.
func TestNoQueueYet(t *testing.T) {
	each(t, func(t *fixture) {
		t.exec("DROP TABLE {jobs}")
		_, asked := query.Count(t.Context(), t.db, t.q.With(Error))
		_, retried := t.q.Retry(t.Context(), t.db, query.Rel{})
		_, cleared := t.q.Clear(t.Context(), t.db, query.Rel{}, Error)
		for _, err := range []error{asked, retried, cleared, t.q.Ignore(t.Context(), t.db, ResultKey{1, "a"}, "no need")} {
			require.ErrorIs(t, err, rowmill.ErrNoTable)
			require.ErrorContains(t, err, "the table is not there (the first Populate makes it)")
		}
	})
}

// TestKindsOfNoQueue are none.
func TestKindsOfNoQueue(t *testing.T) {
	each(t, func(t *fixture) {
		t.exec("DROP TABLE {jobs}")
		n, err := t.q.Kinds(t.Context(), t.db)
		require.NoError(t, err)
		require.Empty(t, n)
	})
}

// TestOlderQueue has a queue that an older program declared get the columns that it lacks, and keep its jobs.
func TestOlderQueue(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2)
		require.NoError(t, t.q.Error(t.Context(), t.db, t.claim(1)[0], Failure{Message: "as before"}))
		t.exec("ALTER TABLE {jobs} DROP COLUMN _kind")
		t.q = For(results) // of the newer program, which has not looked yet
		n, err := t.q.Kinds(t.Context(), t.db)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"": 1}, n, "it keeps no kinds yet")

		require.NoError(t, t.q.Declare(t.Context(), t.db))
		require.Equal(t, map[Status]int{Error: 1, Pending: 1}, t.statuses())
		require.NoError(t, t.q.Error(t.Context(), t.db, t.claim(1)[0], Failure{Message: "no wind", Kind: "invalid"}))
		n, err = t.q.Kinds(t.Context(), t.db)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"": 1, "invalid": 1}, n)
	})
}
