package jobs

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/blob"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// pythonQueue is the statement of DataJoint for Python, to the letter.
const pythonQueue = "CREATE TABLE IF NOT EXISTS `lab`.`~~result` (\n" +
	"`subject_id` int NOT NULL,\n" +
	"`method` varchar(16) NOT NULL COMMENT \":varchar(16):\",\n" +
	"`status` enum('pending', 'reserved', 'success', 'error', 'ignore') NOT NULL COMMENT \":enum('pending', 'reserved', 'success', 'error', 'ignore'):\",\n" +
	"`priority` tinyint NOT NULL COMMENT \":int8:\",\n" +
	"`created_time` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT \":datetime(3):\",\n" +
	"`scheduled_time` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT \":datetime(3):\",\n" +
	"`reserved_time` datetime(3) DEFAULT NULL COMMENT \":datetime(3):\",\n" +
	"`completed_time` datetime(3) DEFAULT NULL COMMENT \":datetime(3):\",\n" +
	"`duration` double DEFAULT NULL COMMENT \":float64:\",\n" +
	"`error_message` varchar(2047) NOT NULL DEFAULT '' COMMENT \":varchar(2047):\",\n" +
	"`error_stack` longblob DEFAULT NULL COMMENT \":<blob>:\",\n" +
	"`user` varchar(255) NOT NULL DEFAULT '' COMMENT \":varchar(255):\",\n" +
	"`host` varchar(255) NOT NULL DEFAULT '' COMMENT \":varchar(255):\",\n" +
	"`pid` int NOT NULL DEFAULT '0' COMMENT \":int32:\",\n" +
	"`connection_id` bigint NOT NULL DEFAULT '0' COMMENT \":int64:\",\n" +
	"`version` varchar(64) NOT NULL DEFAULT '' COMMENT \":varchar(64):\",\n" +
	"PRIMARY KEY (`subject_id`, `method`),\n" +
	"index (`status`,`priority`,`scheduled_time`)\n" +
	") ENGINE=InnoDB, COMMENT \"Job queue for `lab`.`__result`\""

// onMariaDB runs a test that is about what DataJoint for Python does, which knows no SQLite.
func onMariaDB(t *testing.T, f func(t *fixture)) {
	t.Helper()
	f(newFixture(t, testdb.MariaDB(t)))
}

func (t *fixture) showCreate() string {
	t.Helper()
	var name, statement string
	rows, err := t.db.Query(t.Context(), "SHOW CREATE TABLE "+t.table())
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&name, &statement))
	return statement
}

func TestQueueIsDataJointsAndHiddenColumns(t *testing.T) {
	onMariaDB(t, func(t *fixture) {
		var ours []string
		for line := range strings.SplitSeq(t.showCreate(), "\n") {
			if !strings.HasPrefix(line, "  `_") { // hidden
				ours = append(ours, line)
			}
		}
		t.exec("DROP TABLE {jobs}")
		t.exec(pythonQueue)
		theirs := t.showCreate()
		require.Equal(t, theirs, strings.Join(ours, "\n"))

		// The columns that theirs lacks are added, by several processes at once if it comes to that.
		errs := make(chan error)
		for range 4 {
			go func() { errs <- t.q.Declare(t.Context(), t.db) }()
		}
		for range 4 {
			require.NoError(t, <-errs)
		}
		for _, c := range hidden {
			require.Contains(t, t.showCreate(), "\n  `"+c.Name+"` ")
		}
		t.queue(2)
		require.Len(t, t.claim(2), 2)
	})
}

func TestAPythonWorkersJobIsLeftAlone(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(2)
		t.exec("UPDATE {jobs} SET status = 'reserved', reserved_time = {after}, created_time = {after}, host = 'snake', pid = 7 WHERE subject_id = 1",
			-86400.0, -86400.0)
		require.Equal(t, Refreshed{}, t.refresh(nil))
		require.Equal(t, []ResultKey{{2, "a"}}, keysOf(t.claim(2)))
		left, err := t.q.Backlog(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, []int{0, 1}, []int{left.Pending, left.Reserved}, "only leases are waited for")
		require.ErrorIs(t, t.q.Ignore(t.Context(), t.db, ResultKey{1, "a"}, "no"), rowmill.ErrRefused)
		n, err := t.q.Retry(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Zero(t, n)
		require.Equal(t, Reserved, t.job(1, "a").Status)
		require.Equal(t, "snake", t.job(1, "a").Host)
	})
}

// TestAJobIsDisturbed has a peer change a job that a worker holds, as Python workers and people do who look for no owner. The
// worker keeps it, unless somebody else has claimed it, or he was away for longer than his lease.
func TestAJobIsDisturbed(t *testing.T) {
	const deleted = "DELETE FROM {jobs} WHERE subject_id = 1"
	anew := []string{deleted, "INSERT INTO {jobs} ({key}, status, priority) VALUES (1, 'a', 'pending', 5)"}
	reserved := "UPDATE {jobs} SET status = 'reserved', reserved_time = {now}, host = 'snake', pid = 7 WHERE subject_id = 1"
	for _, c := range []struct {
		name string
		how  []string
		away bool // for longer than the lease
		lost bool
		left map[Status]int
	}{
		{"deleted", []string{deleted}, false, false, map[Status]int{}},
		{"deleted and queued anew", anew, false, false, map[Status]int{}},
		{"an error", []string{"UPDATE {jobs} SET status = 'error', error_message = 'no' WHERE subject_id = 1"}, false, false, map[Status]int{}},
		{"a success", []string{"UPDATE {jobs} SET status = 'success' WHERE subject_id = 1"}, false, false, map[Status]int{}},
		{"an error that was retried", []string{"UPDATE {jobs} SET status = 'error' WHERE subject_id = 1", retry}, false, false, map[Status]int{}},
		{"ignored", []string{"UPDATE {jobs} SET status = 'ignore' WHERE subject_id = 1"}, false, true, map[Status]int{Ignore: 1}},
		{"queued anew and reserved", append(anew, reserved), false, true, map[Status]int{Reserved: 1}},
		{"an error that was retried and reserved", []string{"UPDATE {jobs} SET status = 'error' WHERE subject_id = 1", retry, reserved}, false, true, map[Status]int{Reserved: 1}},
		{"rescued", []string{"UPDATE {jobs} SET status = 'pending', reserved_time = NULL, _attempts = 1, _deaths = 1, _token = NULL"}, false, true, map[Status]int{Pending: 1}},
		{"deleted while he was away", []string{deleted}, true, true, map[Status]int{}},
		{"queued anew while he was away", anew, true, true, map[Status]int{Pending: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.queue(1)
				r := t.claimOne()
				for _, statement := range c.how {
					t.exec(strings.ReplaceAll(statement, "{only}", ""))
				}
				if c.away {
					r.goodSince(time.Now().Add(-time.Minute))
				}
				lost, err := t.q.Heartbeat(t.Context(), t.db, t.worker(time.Minute), t.key, []*Reservation{r})
				require.NoError(t, err)
				require.Equal(t, c.lost, len(lost) == 1)
				if c.lost {
					require.ErrorIs(t, t.complete(r), ErrLeaseLost)
					require.Zero(t, t.results())
				} else {
					err := t.db.Transact(t.Context(), func(tx *rowmill.Tx) error { return t.q.Complete(t.Context(), tx, r) })
					require.ErrorIs(t, err, ErrNothingMade)
					require.NoError(t, t.complete(r))
					require.Equal(t, 1, t.results())
				}
				require.Equal(t, c.left, t.statuses())
			})
		})
	}
}

// TestADisturbedJobIsKept has one be a success that a Python worker called an error.
func TestADisturbedJobIsKept(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		w := t.worker(time.Minute)
		w.KeepCompleted = true
		claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, 1, query.Rel{})
		require.NoError(t, err)
		t.exec("UPDATE {jobs} SET status = 'error', error_message = 'no'")
		require.NoError(t, t.complete(claimed[0]))
		j := t.job(1, "a")
		require.Equal(t, Success, j.Status)
		require.Empty(t, j.ErrorMessage)
		require.Zero(t, scan[int](t, "SELECT COUNT(_token) FROM {jobs}"))
	})
}

func TestWhatPythonReads(t *testing.T) {
	onMariaDB(t, func(t *fixture) {
		t.queue(1)
		r := t.claimOne()
		user := scan[string](t, "SELECT user FROM {jobs}")
		require.Equal(t, scan[string](t, "SELECT USER()"), user)
		require.Positive(t, scan[int64](t, "SELECT connection_id FROM {jobs}"))
		require.NoError(t, t.q.Error(t.Context(), t.db, r, Failure{Message: "ValueError: no", Stack: "hi"}))
		require.Equal(t, "dj0\x00\x05\x02\x00\x00\x00\x00\x00\x00\x00hi", string(scan[[]byte](t, "SELECT error_stack FROM {jobs}")))
		require.Equal(t, 1, scan[int](t, "SELECT completed_time >= reserved_time FROM {jobs}"), "both to the millisecond")
	})
}

func TestForWantsATableThatIsMade(t *testing.T) {
	require.PanicsWithValue(t, "jobs.For(Subject): a manual table has no queue; an imported or computed one has",
		func() { For(subjects) })
}

func TestBindSaysWhatDoesNotFit(t *testing.T) {
	q := For(results)
	for _, c := range []struct {
		key  any
		want string
	}{
		{struct{ SubjectID int32 }{}, `has no field for the attribute "method"`},
		{struct {
			SubjectID int32
			Methods   string
		}{}, `the field Methods stands for an attribute "methods", which is not there; did you mean "method"?`},
		{struct {
			SubjectID int16
			Method    string
		}{}, "an int32 or wider is wanted"},
	} {
		_, err := q.Bind(reflect.TypeOf(c.key))
		require.ErrorContains(t, err, c.want)
	}
}

func TestJobIsARowLikeAnyOther(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		claimed := t.claim(2)
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[0], Failure{Message: "no", Stack: "here", Duration: 1500e6, Version: "v2"}))
		type failure struct {
			ResultKey
			Job
		}
		failures, err := query.Fetch[failure](t.Context(), t.db, t.q.With(Error))
		require.NoError(t, err)
		require.Len(t, failures, 1)
		f := failures[0]
		require.Equal(t, ResultKey{1, "a"}, f.ResultKey)
		require.Equal(t, "no", f.ErrorMessage)
		require.Equal(t, "here", *f.ErrorStack)
		require.Equal(t, 1.5, *f.Duration)
		require.Equal(t, "v2", f.Version)
		require.Equal(t, "here", f.Host)
		require.EqualValues(t, DefaultPriority, f.Priority)
		for _, c := range []struct {
			with []Status
			want int
		}{{nil, 3}, {[]Status{Pending}, 1}, {[]Status{Pending, Reserved}, 2}, {[]Status{Success, Ignore}, 0}} {
			n, err := query.Count(t.Context(), t.db, t.q.With(c.with...))
			require.NoError(t, err)
			require.Equal(t, c.want, n, c.with)
		}
		_, err = query.Count(t.Context(), t.db, t.q.With("errors"))
		require.ErrorContains(t, err, `"errors" is no status of a job: pending, reserved, success, error and ignore are`)
		stack, err := blob.Encode("here")
		require.NoError(t, err)
		require.Equal(t, stack, scan[[]byte](t, "SELECT error_stack FROM {jobs} WHERE status = 'error'"))
	})
}

// TestATokenIsTakenAway has a Python program end a job that it took from somebody, who holds it no more when it is queued
// again and another Python program has reserved it.
func TestATokenIsTakenAway(t *testing.T) {
	for _, c := range []struct {
		name  string
		ended Status
		again func(t *fixture)
	}{
		{"retried", Error, func(t *fixture) {
			n, err := t.q.Retry(t.Context(), t.db, query.Rel{})
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}},
		{"made again", Success, func(t *fixture) { require.Equal(t, Refreshed{Repended: 1}, t.refresh(nil)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.queue(1)
				zombie := t.claimOne()
				t.exec("UPDATE {jobs} SET status = ?, completed_time = {now}, error_message = 'no'", string(c.ended))
				c.again(t)
				t.exec("UPDATE {jobs} SET status = 'reserved', reserved_time = {now}, host = 'snake', pid = 7 WHERE status = 'pending'")
				holds, err := t.q.Holds(t.Context(), t.db, zombie)
				require.NoError(t, err)
				require.False(t, holds)
				require.ErrorIs(t, t.complete(zombie), ErrLeaseLost)
				t.exec("UPDATE {jobs} SET _lease_until = {after}", -60.0)
				require.Equal(t, Refreshed{}, t.refresh(nil), "it is nobody's whose lease could run out")
			})
		})
	}
}
