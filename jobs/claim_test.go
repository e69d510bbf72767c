package jobs

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// TestClaimsOrder is by priority, then by the time that a job is scheduled for, then by key.
func TestClaimsOrder(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 3, "a", "b")
		t.refresh(nil)
		// As inserted by hand, out of order, so that no order of rows makes up for an order by key.
		t.exec("DELETE FROM {jobs}")
		for _, j := range []struct {
			key      ResultKey
			priority int
			ago      float64 // seconds since it was to be done
		}{
			{ResultKey{3, "b"}, 5, 10}, {ResultKey{3, "a"}, 5, 10}, {ResultKey{1, "b"}, 5, 10},
			{ResultKey{2, "a"}, 5, 20}, {ResultKey{2, "b"}, 127, 99}, {ResultKey{1, "a"}, -128, -3600},
		} {
			t.exec("INSERT INTO {jobs} ({key}, status, priority) VALUES (?, ?, 'pending', ?)", j.key.SubjectID, j.key.Method, j.priority)
			t.exec("UPDATE {jobs} SET scheduled_time = {after} WHERE {keys}", -j.ago, j.key.SubjectID, j.key.Method)
		}
		t.exec("UPDATE {jobs} SET scheduled_time = (SELECT t FROM (SELECT scheduled_time AS t FROM {jobs} WHERE subject_id = 3 AND method = 'b') AS x)" +
			" WHERE subject_id IN (1, 3) AND priority = 5")
		want := []ResultKey{{2, "a"}, {1, "b"}, {3, "a"}, {3, "b"}, {2, "b"}} // and {1, "a"} in an hour
		require.Equal(t, want[:2], keysOf(t.claim(2)))
		require.Equal(t, want[2:], keysOf(t.claim(10)))
		require.Empty(t, t.claim(10))
	})
}

func TestClaimTellsOfResultsThatAreThere(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2)
		require.NoError(t, makeResult(t.Context(), t.db, ResultKey{2, "a"}))
		claimed := t.claim(2)
		require.False(t, claimed[0].Done)
		require.True(t, claimed[1].Done)
		require.NoError(t, t.q.Acknowledge(t.Context(), t.db, claimed[1]))
		require.ErrorIs(t, t.q.Acknowledge(t.Context(), t.db, claimed[0]), ErrNothingMade)
		require.Equal(t, map[Status]int{Reserved: 1}, t.statuses())
	})
}

// TestClaimersAtOnce has claimers and completers in each other's way. Every job is had once.
// The subjects' numbers are larger than any letter of Unicode: keys were once told apart by
// a spelling that is the same for all of these.
func TestClaimersAtOnce(t *testing.T) {
	each(t, func(t *fixture) {
		const first, n = 2_000_000, 300
		t.enter(first, first+n-1, "a")
		t.refresh(nil)
		had := map[ResultKey]int{}
		var mu sync.Mutex
		var work sync.WaitGroup
		for i := range 6 {
			work.Go(func() {
				w := &Worker{Host: "here", PID: i, Lease: 60e9}
				for {
					claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, 7, query.Rel{})
					if err != nil {
						t.Error(err)
						return
					}
					if len(claimed) == 0 {
						return
					}
					for _, r := range claimed {
						mu.Lock()
						had[*r.Key.(*ResultKey)]++
						mu.Unlock()
						if err := t.complete(r); err != nil {
							t.Errorf("%v: %v", r.Key, err)
						}
					}
				}
			})
		}
		work.Wait()
		require.Len(t, had, n)
		for key, times := range had {
			require.Equal(t, 1, times, key)
		}
		require.Empty(t, t.statuses())
		require.Equal(t, n, t.results())
	})
}

// TestClaimSeesWhatOthersTook has another claimer take jobs between a claimer's two statements.
func TestClaimSeesWhatOthersTook(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(2_000_001, 2_000_004, "a")
		t.refresh(nil)
		found, err := t.q.window(t.Context(), t.db, t.key, 4, query.Rel{})
		require.NoError(t, err)
		require.Len(t, t.claim(2), 2)
		ours, err := t.q.take(t.Context(), t.db, t.worker(60e9), t.key, found)
		require.NoError(t, err)
		require.ElementsMatch(t, []ResultKey{{2_000_003, "a"}, {2_000_004, "a"}}, keysOf(ours))
	})
}

// TestClaimPassesOverWhatIsForLater has jobs of several priorities, some of each for later.
func TestClaimPassesOverWhatIsForLater(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(12)
		var due []ResultKey
		for i, j := range []struct {
			priority int
			ago      float64
		}{{-128, -60}, {-128, -60}, {0, 9}, {0, 8}, {0, -60}, {3, -60}, {3, -70}, {127, 9}, {127, 8}, {127, 7}, {127, -60}, {127, -70}} {
			t.exec("UPDATE {jobs} SET priority = ?, scheduled_time = {after} WHERE subject_id = ?", j.priority, -j.ago, i+1)
			if j.ago > 0 {
				due = append(due, ResultKey{int32(i + 1), "a"})
			}
		}
		for n := 1; n <= 13; n++ {
			claimed := t.claim(n)
			require.Equal(t, due[:min(n, len(due))], keysOf(claimed), n)
			require.NoError(t, t.q.Release(t.Context(), t.db, claimed...))
			some, err := t.q.Claim(t.Context(), t.db, t.worker(time.Minute), t.key, n, query.From(subjects).Where("subject_id > 3"))
			require.NoError(t, err)
			require.Equal(t, due[1:min(n+1, len(due))], keysOf(some), n)
			require.NoError(t, t.q.Release(t.Context(), t.db, some...))
		}
	})
}

// TestManyKeys goes through all that is done with jobs of one worker, of more than a statement can name.
func TestManyKeys(t *testing.T) {
	each(t, func(t *fixture) {
		const n = 1100
		t.enterMany(n, "a")
		t.refresh(nil)
		w := t.worker(time.Minute)
		claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, n, query.Rel{})
		require.NoError(t, err)
		require.Len(t, claimed, n)
		t.take(ResultKey{0, "a"})
		t.take(ResultKey{n - 1, "a"})
		theirs := []*Reservation{claimed[0], claimed[n-1]}
		lost, err := t.q.Heartbeat(t.Context(), t.db, w, t.key, claimed)
		require.NoError(t, err)
		require.Equal(t, theirs, lost)
		half := 0.5
		require.ErrorIs(t, t.q.Tell(t.Context(), t.db.Brief(), claimed, &half, ""), ErrLeaseLost)
		require.NoError(t, t.q.Tell(t.Context(), t.db.Brief(), claimed[1:n-1], &half, ""))
		require.Equal(t, n-2, scan[int](t, "SELECT COUNT(_completeness) FROM {jobs}"))
		claimed = claimed[1 : n-1]
		made, left := claimed[:600], claimed[600:]
		err = t.db.Transact(t.Context(), func(tx *rowmill.Tx) error {
			var rows []Result
			for _, r := range made {
				rows = append(rows, Result{*r.Key.(*ResultKey), 1})
			}
			return errors.Join(query.Insert(t.Context(), maker{tx}, results, rows...), t.q.CompleteAll(t.Context(), tx, made))
		})
		require.NoError(t, err)
		require.NoError(t, t.q.Release(t.Context(), t.db, left...))
		require.NoError(t, t.q.Release(t.Context(), t.db, left...), "said again")
		require.ErrorIs(t, t.q.Release(t.Context(), t.db, append(left, theirs...)...), ErrLeaseLost)
		require.Equal(t, map[Status]int{Pending: len(left), Reserved: len(theirs)}, t.statuses())
	})
}

// TestClaimTakesWhatOthersLeft has others take some of the jobs that a claimer has found, of so many that he takes them in
// several statements.
func TestClaimTakesWhatOthersLeft(t *testing.T) {
	each(t, func(t *fixture) {
		const n = 2*handful + 8
		t.enterMany(n, "a")
		t.refresh(nil)
		found, err := t.q.window(t.Context(), t.db, t.key, n, query.Rel{})
		require.NoError(t, err)
		others := map[int32]bool{0: true, handful + 1: true, n - 1: true}
		for subject := range others {
			t.take(ResultKey{subject, "a"})
		}
		ours, err := t.q.take(t.Context(), t.db, t.worker(time.Minute), t.key, found)
		require.NoError(t, err)
		require.Len(t, ours, n-len(others))
		for _, r := range ours {
			require.False(t, others[r.Key.(*ResultKey).SubjectID])
			holds, err := t.q.Holds(t.Context(), t.db, r)
			require.NoError(t, err)
			require.True(t, holds)
		}
		again, err := t.q.take(t.Context(), t.db, t.worker(time.Minute), t.key, found)
		require.NoError(t, err)
		require.Empty(t, again)
	})
}

// questions is how many statements the server was sent so far.
func (t *fixture) questions() int {
	t.Helper()
	rows, err := t.db.Query(t.Context(), "SHOW GLOBAL STATUS LIKE 'Questions'")
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	require.True(t, rows.Next())
	var name string
	var n int
	require.NoError(t, rows.Scan(&name, &n))
	return n
}

// TestStatementsDoNotGrowWithJobs counts what the server is sent.
func TestStatementsDoNotGrowWithJobs(t *testing.T) {
	onMariaDB(t, func(t *fixture) {
		t.enter(1, 500, "a")
		w := t.worker(60e9)
		var claimed []*Reservation
		count := func(do func()) int {
			before := t.questions()
			do()
			return t.questions() - before - 1
		}
		t.refresh(nil)
		t.exec("DELETE FROM {jobs}") // the connections are there now
		require.Equal(t, 8, count(func() { require.Equal(t, 500, t.refresh(nil).Added) }),
			"takeTurn, workers, strays, looks whether to settle, repend or sweep, add, endTurn")
		require.Equal(t, 8, count(func() { require.Zero(t, t.refresh(nil).Added) }))
		require.Equal(t, 2, count(func() {
			var err error
			claimed, err = t.q.Claim(t.Context(), t.db, w, t.key, 256, query.Rel{})
			require.NoError(t, err)
		}), "window, reserve")
		require.Len(t, claimed, 256)
		require.Equal(t, 1, count(func() {
			lost, err := t.q.Heartbeat(t.Context(), t.db, w, t.key, claimed)
			require.NoError(t, err)
			require.Empty(t, lost)
		}))
		require.Equal(t, 3, count(func() { require.NoError(t, t.complete(claimed[0])) }), "insert, complete, commit")
		require.Equal(t, 1, count(func() { require.NoError(t, t.q.Release(t.Context(), t.db, claimed[1])) }))
	})
}

// explain is how the server goes about a statement of the queue.
func (t *fixture) explain(statement string, args ...any) string {
	t.Helper()
	explain := "EXPLAIN QUERY PLAN "
	if t.onServer() {
		explain = "EXPLAIN "
		if !strings.Contains(scan[string](t, "SELECT VERSION()"), "MariaDB") {
			explain = "EXPLAIN FORMAT=TRADITIONAL " // MySQL has a form of its own by now
		}
	}
	rows, err := t.db.Query(t.Context(), explain+strings.ReplaceAll(t.q.fill(t.db.Dialect(), statement, 1), "{only}", ""), args...)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values, dests := make([]any, len(columns)), make([]any, len(columns))
		for i := range dests {
			dests[i] = &values[i]
		}
		require.NoError(t, rows.Scan(dests...))
		for i, column := range columns {
			if !slices.Contains([]string{"table", "type", "key", "Extra", "detail"}, column) {
				continue
			}
			switch v := values[i].(type) {
			case []byte:
				plan.WriteString(column + "=" + string(v) + " ")
			case string:
				plan.WriteString(column + "=" + v + " ")
			}
		}
		plan.WriteByte('\n')
	}
	require.NoError(t, rows.Err())
	return plan.String()
}

// TestPlans wants the statements that run again and again to use the queue's index in its order,
// or the primary key.
func TestPlans(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2000)
		if t.onServer() {
			t.exec("ANALYZE TABLE {jobs}")
		}
		key := []any{7, "a"}
		for _, c := range []struct {
			name      string
			statement string
			args      []any
			server    string
			file      string
		}{
			{"window", window, []any{-128, 64}, "table=j type=range key=status Extra=Using ", "SEARCH j USING INDEX lab.~~result(status,priority,scheduled_time) (status=? AND priority>?)"},
			{"reserve", reserve, append([]any{30.0, "x", "w", "h", 1, 1, "u", "v"}, key...), "type=range key=PRIMARY ", "SEARCH lab.~~result USING INDEX sqlite_autoindex_lab.~~result_1 (subject_id=? AND method=?)"},
			{"rescue", rescue, []any{"w", 1000}, "type=range key=status ", "SEARCH lab.~~result USING INDEX lab.~~result(status,priority,scheduled_time) (status=?)"},
			{"strays", strays, []any{"w", 1000}, "key=status ", "SEARCH lab.~~result USING INDEX lab.~~result(status,priority,scheduled_time) (status=?)"},
			{"heartbeat", heartbeat, append(append([]any{30.0}, key...), "x"), "type=range key=PRIMARY ", "SEARCH lab.~~result USING INDEX sqlite_autoindex_lab.~~result_1 (subject_id=? AND method=?)"},
			{"hold", hold, append(slices.Clone(key), "x"), "type=range key=PRIMARY ", "SEARCH lab.~~result USING INDEX sqlite_autoindex_lab.~~result_1 (subject_id=? AND method=?)"},
			{"counts", counts, nil, "type=index key=status ", "USING COVERING INDEX"},
		} {
			want := c.file
			if t.onServer() {
				want = c.server
			}
			plan := t.explain(c.statement, c.args...)
			require.Contains(t, plan, want, c.name)
			require.NotContains(t, plan, "filesort", c.name)
			require.NotContains(t, plan, "TEMP B-TREE", c.name)
			if strings.HasPrefix(c.statement, "SELECT") { // MySQL notes first which rows an UPDATE finds by an index that it changes
				require.NotContains(t, plan, "Using temporary", c.name)
			}
		}
	})
}
