package jobs

import (
	"context"
	"io"
	"os"
	"os/exec"
	"reflect"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// hang completes a job and says so by a visit, but does not commit before its input ends.
func hang(ctx context.Context, db *rowmill.DB, q *Queue) error {
	key, err := q.Bind(reflect.TypeFor[ResultKey]())
	if err != nil {
		return err
	}
	claimed, err := q.Claim(ctx, db, &Worker{Host: "here", Lease: time.Millisecond}, key, 1, query.Rel{})
	if err != nil {
		return err
	}
	k := *claimed[0].Key.(*ResultKey)
	return db.Transact(ctx, func(tx *rowmill.Tx) error {
		if err := makeResult(ctx, tx, k); err != nil {
			return err
		}
		if err := q.Complete(ctx, tx, claimed[0]); err != nil {
			return err
		}
		if err := query.Insert(ctx, db, visits, Visit{1, k.SubjectID, k.Method}); err != nil {
			return err
		}
		_, err := io.ReadAll(os.Stdin)
		return err
	})
}

// TestAHungWorkerIsNotWaitedFor has a worker stop when it has completed its job and not committed that: it holds the
// lock of its job for good. Others claim jobs and keep them, those of the dead are rescued, and what
// Refresh does else is done all the same.
func TestAHungWorkerIsNotWaitedFor(t *testing.T) {
	for _, c := range []struct {
		name string
		dead int // jobs of others
		wait time.Duration
	}{
		{"few", 5, 4 * time.Second},
		{"many", handful + 50, 8 * time.Second}, // one time it is waited for
	} {
		t.Run(c.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, dsn string) {
				f := newFixture(t, dsn)
				if !f.onServer() {
					t.Skip("a file has one turn to write, which nobody has while somebody hangs who has it")
				}
				f.rescueBesideTheHung(dsn, c.dead, c.wait)
			})
		})
	}
}

func (t *fixture) rescueBesideTheHung(dsn string, dead int, wait time.Duration) {
	t.Helper()
	t.queue(int32(dead) + 2)
	hung := exec.Command(os.Args[0])
	hung.Env = append(os.Environ(), envRole+"=hang", envDSN+"="+dsn)
	in, err := hung.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, hung.Start())
	t.Cleanup(func() { _ = hung.Process.Kill() })
	require.Eventually(t, func() bool { return t.visits() == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, hung.Process.Signal(syscall.SIGSTOP))

	began := time.Now()
	claimed := t.claim(dead)
	require.Len(t, claimed, dead)
	lost, err := t.q.Heartbeat(t.Context(), t.db, t.worker(time.Minute), t.key, claimed)
	require.NoError(t, err)
	require.Empty(t, lost)
	t.exec("UPDATE {jobs} SET _lease_until = {after} WHERE subject_id > 1 AND status = 'reserved'", -1.0)
	require.Equal(t, Refreshed{Rescued: dead}, t.refresh(nil))
	require.Less(t, time.Since(began), wait)
	require.Equal(t, map[Status]int{Reserved: 1, Pending: dead + 1}, t.statuses())

	require.NoError(t, hung.Process.Signal(syscall.SIGCONT))
	require.NoError(t, in.Close())
	require.NoError(t, hung.Wait())
	require.Equal(t, map[Status]int{Pending: dead + 1}, t.statuses())
	require.Equal(t, 1, t.results())
}

// TestRescueOfMany has more jobs to rescue than are looked at one by one, some of them for the last time.
func TestRescueOfMany(t *testing.T) {
	each(t, func(t *fixture) {
		const n = handful + 20
		t.queue(n)
		require.Len(t, t.claim(n), n)
		t.exec("UPDATE {jobs} SET _deaths = 2 WHERE subject_id <= 10")
		t.expire()
		rescued, err := t.q.Rescue(t.Context(), t.db)
		require.NoError(t, err)
		require.Equal(t, Refreshed{Rescued: n - 10, Buried: 10}, rescued)
		require.Equal(t, map[Status]int{Pending: n - 10, Error: 10}, t.statuses())
	})
}

// visits are how many makes have said that they were there.
func (t *fixture) visits() int {
	t.Helper()
	n, err := query.Count(t.Context(), t.db, query.From(visits))
	require.NoError(t, err)
	return n
}
