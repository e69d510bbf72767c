package jobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
