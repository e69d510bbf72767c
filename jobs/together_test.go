package jobs

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// refreshOnce is a process that refreshes, and prints what it did.
func refreshOnce(ctx context.Context, db *rowmill.DB, q *Queue) error {
	fmt.Println("asking")
	r, err := q.Refresh(ctx, db, nil)
	fmt.Println(r.Added, r.Shared)
	return err
}

// envResults is how many results there are to be in the end.
const envResults = "ROWMILL_TEST_RESULTS"

// untilAllIsMade is a process that does something again and again until all results are there.
func untilAllIsMade(ctx context.Context, db *rowmill.DB, do func() error) error {
	all, err := strconv.Atoi(os.Getenv(envResults))
	if err != nil {
		return err
	}
	for {
		if err := do(); err != nil {
			return err
		}
		made, err := query.Count(ctx, db, query.From(results))
		if err != nil || made == all {
			return err
		}
	}
}

const manyProcesses = 16

// TestProcessesRefreshAtOnce has many processes ask for a refresh while one is under way. They wait for it, and one of
// them does it for all: it may have looked too early for them.
func TestProcessesRefreshAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		f := newFixture(t, dsn)
		const n = 2000
		var peers []*peer
		done, err := f.q.inTurn(t.Context(), f.db, true, 0, func(context.Context) error {
			f.enter(1, n, "a")
			for range manyProcesses {
				peers = append(peers, start(t, "refresh", dsn))
			}
			for _, p := range peers {
				require.Eventually(t, func() bool { return p.out.String() == "asking\n" }, time.Minute, time.Millisecond)
			}
			require.Never(t, func() bool { return len(f.statuses()) > 0 }, time.Second, 50*time.Millisecond)
			return nil
		})
		require.NoError(t, err)
		require.True(t, done)
		said := map[string]int{}
		for _, p := range peers {
			said[p.wait(t)]++
		}
		require.Equal(t, map[string]int{fmt.Sprintf("asking\n%d false\n", n): 1, "asking\n0 true\n": manyProcesses - 1}, said)
		require.Equal(t, 2, scan[int](f, "SELECT round FROM {turns}"))
		require.Equal(t, map[Status]int{Pending: n}, f.statuses())
	})
}

// TestNothingIsQueuedAgain has many processes refresh all the time while others work and new keys arrive. A refresh
// that looked before a key was queued must not queue it once more when it has been made since, and its job is gone.
func TestNothingIsQueuedAgain(t *testing.T) {
	const wave = 50
	all := 1000
	if raceDetector {
		all = 400
	}
	t.Setenv(envResults, strconv.Itoa(all))
	testdb.Each(t, func(t *testing.T, dsn string) {
		f := newFixture(t, dsn)
		table := func(name string) string { return f.db.Dialect().Table("lab", name) }
		f.exec("CREATE TABLE " + table("queued") + " (subject_id int)")
		f.exec("CREATE TRIGGER " + table("queuing") + " AFTER INSERT ON {jobs} FOR EACH ROW" +
			" BEGIN INSERT INTO " + table("queued") + " VALUES (NEW.subject_id); END")
		f.enter(1, wave, "a")
		f.refresh(nil)
		var peers []*peer
		for i := range manyProcesses + 3 {
			peers = append(peers, start(t, []string{"refresh on", "work on"}[i/manyProcesses], dsn))
		}
		began, entered := time.Now(), wave
		for f.results() < all {
			require.Less(t, time.Since(began), 2*time.Minute)
			require.Zero(t, scan[int](f, "SELECT COUNT(*) FROM {jobs} AS j WHERE EXISTS (SELECT 1 FROM {target} AS t WHERE {t=j})"),
				"a job and its result are never there at once")
			if f.results() > entered-wave/2 && entered < all {
				f.enter(int32(entered+1), int32(entered+wave))
				entered += wave
			}
		}
		for _, p := range peers {
			p.wait(t)
		}
		require.Equal(t, all, scan[int](f, "SELECT COUNT(*) FROM "+table("queued")), "each key was queued once")
		require.Empty(t, f.statuses())
		f.whole()
	})
}
