package jobs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// eachServer runs a test of transactions that stand in each other's way row by row, which they do not in an SQLite file.
func eachServer(t *testing.T, f func(t *fixture)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		of := newFixture(t, dsn)
		if !of.onServer() {
			t.Skip("a file has one turn to write, and no rows that are locked by themselves")
		}
		f(of)
	})
}

// beside does something while a transaction of somebody else is open, in which he has done what he wanted and which he
// does not end before.
func (t *fixture) beside(stranger func(tx *rowmill.Tx) error, do func()) {
	t.Helper()
	in, ended := make(chan error, 1), make(chan error, 1)
	goOn := make(chan struct{})
	go func() {
		ended <- t.db.Transact(t.Context(), func(tx *rowmill.Tx) error {
			err := stranger(tx)
			in <- err
			if err == nil {
				<-goOn
			}
			return err
		})
	}()
	require.NoError(t, <-in)
	defer func() {
		close(goOn)
		require.NoError(t, <-ended)
	}()
	do()
}

// quickly wants something done that waits for a lock once or twice, for a moment, and not until a server gives up.
func (t *fixture) quickly(do func()) {
	t.Helper()
	start := time.Now()
	do()
	require.Less(t, time.Since(start), 10*time.Second)
}

// changeSource is somebody who has locked rows from which keys come, and may enter others.
func (t *fixture) changeSource(statement string) func(tx *rowmill.Tx) error {
	return func(tx *rowmill.Tx) error {
		_, err := tx.Exec(t.Context(), t.inLab(statement))
		return err
	}
}

// inLab is a statement about subjects.
func (t *fixture) inLab(statement string) string {
	return strings.ReplaceAll(statement, "{subject}", t.db.Dialect().Table("lab", "subject"))
}

// TestWithdrawWaitsForNobody has somebody change what a job comes from, and enter more.
func TestWithdrawWaitsForNobody(t *testing.T) {
	for _, c := range []struct{ name, statement string }{
		{"its own", "UPDATE {subject} SET species = 'rat' WHERE subject_id = 1"},
		{"all", "UPDATE {subject} SET species = 'rat'"},
		{"a new one", "INSERT INTO {subject} (subject_id, species) VALUES (7, 'rat')"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachServer(t, func(t *fixture) {
				t.queue(2)
				claimed := t.claim(2)
				t.exec(t.inLab("DELETE FROM {subject} WHERE subject_id = 2"))
				t.beside(t.changeSource(c.statement), func() {
					t.quickly(func() {
						for i, wanted := range []bool{false, true} {
							gone, err := t.q.Withdraw(t.Context(), t.db, claimed[i], t.q.Source())
							require.NoError(t, err)
							require.Equal(t, wanted, gone, i)
						}
					})
				})
			})
		})
	}
}

// TestWithdrawAgain says so again where the reply may have been lost, or where the job went with what it came from.
func TestWithdrawAgain(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		r := t.claimOne()
		t.exec(t.inLab("DELETE FROM {subject}"))
		for range 2 {
			gone, err := t.q.Withdraw(t.Context(), t.db, r, t.q.Source())
			require.NoError(t, err)
			require.True(t, gone)
		}
	})
}

// TestRefreshWaitsForNobody has each step of a refresh find something to do for a few jobs, or for so many that they are
// changed at once, while somebody is about to change what it asks for. What he has not locked is done.
func TestRefreshWaitsForNobody(t *testing.T) {
	steps := []struct {
		name    string
		prepare string // of jobs that are there for all subjects
		opts    RefreshOptions
		did     func(Refreshed) int
	}{
		{"settle", "INSERT INTO {target} ({key}, value) SELECT subject_id, 'a', 1 FROM {subject} WHERE subject_id > 1", RefreshOptions{},
			func(r Refreshed) int { return r.Settled }},
		{"settle and keep", "INSERT INTO {target} ({key}, value) SELECT subject_id, 'a', 1 FROM {subject} WHERE subject_id > 1",
			RefreshOptions{KeepCompleted: true}, func(r Refreshed) int { return r.Settled }},
		{"repend", "UPDATE {jobs} SET status = 'success' WHERE subject_id > 1", RefreshOptions{}, func(r Refreshed) int { return r.Repended }},
		{"sweep", "UPDATE {jobs} SET created_time = '2001-01-01 00:00:00'",
			RefreshOptions{Source: query.From(subjects).Where("subject_id <= 1").Join(query.From(methods)).Project()},
			func(r Refreshed) int { return r.Removed }},
		{"rescue orphans", "UPDATE {jobs} SET status = 'reserved', reserved_time = '2001-01-01 00:00:00' WHERE subject_id > 1",
			RefreshOptions{OrphanTimeout: time.Hour}, func(r Refreshed) int { return r.Rescued }},
		{"add", "DELETE FROM {jobs} WHERE subject_id > 1", RefreshOptions{}, func(r Refreshed) int { return r.Added }},
	}
	for _, n := range []int{20, 2*handful + 10} {
		for _, s := range steps {
			if n > handful && s.name != "settle" {
				continue // what else is so is so for the same reason
			}
			t.Run(fmt.Sprintf("%s %d", s.name, n), func(t *testing.T) {
				eachServer(t, func(t *fixture) {
					t.enterMany(n, "a")
					t.refresh(nil)
					t.exec(t.inLab(s.prepare))
					t.beside(t.makeAndChange, func() {
						t.quickly(func() {
							r := t.refresh(&s.opts)
							require.Equal(t, n-2, s.did(r), "%+v", r)
						})
					})
				})
			})
		}
	}
}

// makeAndChange is somebody who has locked whatever there is of subject 0, and of new ones.
func (t *fixture) makeAndChange(tx *rowmill.Tx) error {
	for _, s := range []string{
		"INSERT INTO {target} ({key}, value) VALUES (0, 'a', 1)",
		"INSERT INTO {subject} (subject_id, species) VALUES (-1, 'rat')",
		"UPDATE {subject} SET species = 'rat' WHERE subject_id = 1",
		"UPDATE {jobs} SET priority = 3 WHERE subject_id = 0",
	} {
		if _, err := tx.Exec(t.Context(), t.inLab(t.q.fill(t.db.Dialect(), s, 1))); err != nil {
			return err
		}
	}
	return nil
}

// TestAddGoesOn has somebody queue a key that a refresh is about to queue with others: what it queues at once is one less
// than it would be then, and there is more.
func TestAddGoesOn(t *testing.T) {
	eachServer(t, func(t *fixture) {
		const n = 50
		t.enterMany(n, "a")
		t.refresh(&RefreshOptions{Only: query.From(subjects).Where("subject_id < 0")})
		t.q.firstChunk = 10
		var refreshed Refreshed
		done := make(chan error, 1)
		t.beside(func(tx *rowmill.Tx) error {
			_, err := tx.Exec(t.Context(), t.q.fill(t.db.Dialect(), "INSERT INTO {jobs} ({key}, status, priority) VALUES (5, 'a', 'pending', 5)", 1))
			return err
		}, func() {
			go func() {
				var err error
				refreshed, err = t.q.Refresh(t.Context(), t.db, nil)
				done <- err
			}()
			t.untilWaiting()
		})
		require.NoError(t, <-done)
		require.Equal(t, Refreshed{Added: n}, refreshed, "his is counted, too")
		require.Equal(t, map[Status]int{Pending: n}, t.statuses())
	})
}

// untilWaiting waits until somebody waits for a lock.
func (t *fixture) untilWaiting() {
	t.Helper()
	require.Eventually(t, func() bool {
		return scan[int](t, "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'") > 0
	}, 10*time.Second, 150*time.Millisecond) // more often it tells the same again
}

// TestASourceWithMoreThanTheKey has each key several times, and it is queued, and counted, once.
func TestASourceWithMoreThanTheKey(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 20, "a", "b", "c")
		t.q.firstChunk = 7
		more := query.From(subjects).Join(query.From(methods)).Join(query.From(methods).Project("other = method"))
		require.Equal(t, Refreshed{Added: 60}, t.refresh(&RefreshOptions{Source: more}))
		require.Equal(t, map[Status]int{Pending: 60}, t.statuses())
	})
}

// TestHeartbeatBesideACompletion has one of a worker's jobs be completed, and not committed for long: the leases of the
// others are kept meanwhile.
func TestHeartbeatBesideACompletion(t *testing.T) {
	for _, which := range []int{0, 2} {
		t.Run(fmt.Sprint(which), func(t *testing.T) {
			eachServer(t, func(t *fixture) {
				t.queue(4)
				claimed := t.claim(4)
				t.take(ResultKey{4, "a"})
				t.beside(func(tx *rowmill.Tx) error {
					if err := makeResult(t.Context(), tx, *claimed[which].Key.(*ResultKey)); err != nil {
						return err
					}
					return t.q.Complete(t.Context(), tx, claimed[which])
				}, func() {
					t.quickly(func() {
						lost, err := t.q.Heartbeat(t.Context(), t.db, t.worker(time.Hour), t.key, claimed)
						require.NoError(t, err)
						require.Equal(t, claimed[3:], lost)
					})
					require.Equal(t, 2, scan[int](t, "SELECT COUNT(*) FROM {jobs} WHERE subject_id < 4 AND _lease_until > {after}", 1800.0))
				})
			})
		})
	}
}
