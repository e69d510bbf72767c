package jobs

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// TestMain runs the tests, or, in a process that a test has started, what the test wants of it.
func TestMain(m *testing.M) {
	if role := os.Getenv(envRole); role != "" {
		if err := child(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	testdb.Main(m)
}

var lab = schema.New("lab")

type Subject struct {
	SubjectID int32
	Species   string
}

var subjects = schema.Manual[Subject](lab, `
	subject_id : int32  # number in the register
	---
	species = "mouse" : varchar(16)
`)

type Method struct{ Method string }

var methods = schema.Manual[Method](lab, `
	method : varchar(16)  # how it is measured
`)

type ResultKey struct {
	SubjectID int32
	Method    string
}

type Result struct {
	ResultKey

	Value float64
}

var results = schema.Computed[Result](lab, `
	-> Subject
	-> Method
	---
	value : float64
`, subjects, methods)

// source are the keys that ought to have a result.
var source = query.From(subjects).Join(query.From(methods)).Project()

// A fixture is a database with the tables of the lab, and a queue.
type fixture struct {
	*testing.T

	db  *rowmill.DB
	q   *Queue
	key *schema.Binding
}

// each runs a test on every server.
func each(t *testing.T, f func(t *fixture)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) { f(newFixture(t, dsn)) })
}

func newFixture(t *testing.T, dsn string) *fixture {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	if !db.Dialect().SingleWriter() { // a throw-away server's own choice would be Latin-1
		_, err := db.Exec(t.Context(), "CREATE DATABASE IF NOT EXISTS lab CHARACTER SET utf8mb4")
		require.NoError(t, err)
	}
	require.NoError(t, lab.Declare(t.Context(), db))
	f := &fixture{T: t, db: db, q: For(results)}
	require.NoError(t, f.q.Declare(t.Context(), db))
	f.key, err = f.q.Bind(reflect.TypeFor[ResultKey]())
	require.NoError(t, err)
	return f
}

// enter enters subjects first…last, and methods.
func (t *fixture) enter(first, last int32, of ...string) {
	t.Helper()
	var s []Subject
	for i := first; i <= last; i++ {
		s = append(s, Subject{i, "mouse"})
	}
	require.NoError(t, query.Insert(t.Context(), t.db, subjects, s...))
	for _, m := range of {
		require.NoError(t, query.Insert(t.Context(), t.db, methods, Method{m}))
	}
}

// exec runs a statement in which {jobs}, {key}, {now} and the like stand for what fill makes of them.
func (t *fixture) exec(statement string, args ...any) int {
	t.Helper()
	n, err := t.db.Exec(t.Context(), t.q.fill(t.db.Dialect(), statement, 1), args...)
	require.NoError(t, err, statement)
	return int(n)
}

// scan asks for one value.
func scan[T any](t *fixture, statement string, args ...any) T {
	t.Helper()
	rows, err := t.db.Query(t.Context(), t.q.fill(t.db.Dialect(), statement, 1), args...)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	var value T
	require.True(t, rows.Next(), statement)
	require.NoError(t, rows.Scan(&value))
	return value
}

func (t *fixture) refresh(opts *RefreshOptions) Refreshed {
	t.Helper()
	r, err := t.q.Refresh(t.Context(), t.db, opts)
	require.NoError(t, err)
	return r
}

// queue refreshes the queue of so many subjects and the method "a".
func (t *fixture) queue(n int32) {
	t.Helper()
	t.enter(1, n, "a")
	require.Equal(t, Refreshed{Added: int(n)}, t.refresh(nil))
}

func (t *fixture) worker(lease time.Duration) *Worker {
	t.Helper()
	w := &Worker{Host: "here", PID: os.Getpid(), Version: "v1", Lease: lease}
	require.NoError(t, w.Identify(t.Context(), t.db))
	return w
}

func (t *fixture) claim(n int) []*Reservation {
	t.Helper()
	return t.claimFor(time.Minute, n)
}

func (t *fixture) claimFor(lease time.Duration, n int) []*Reservation {
	t.Helper()
	claimed, err := t.q.Claim(t.Context(), t.db, t.worker(lease), t.key, n, query.Rel{})
	require.NoError(t, err)
	return claimed
}

// claimOne claims the one job that is due.
func (t *fixture) claimOne() *Reservation {
	t.Helper()
	claimed := t.claim(2)
	require.Len(t, claimed, 1)
	return claimed[0]
}

// complete makes the result of a job, and completes it.
func (t *fixture) complete(r *Reservation) error {
	t.Helper()
	return t.db.Transact(t.Context(), func(tx *rowmill.Tx) error {
		if err := makeResult(t.Context(), tx, *r.Key.(*ResultKey)); err != nil {
			return err
		}
		return t.q.Complete(t.Context(), tx, r)
	})
}

func makeResult(ctx context.Context, conn rowmill.Conn, key ResultKey) error {
	return query.Insert(ctx, maker{conn}, results, Result{key, float64(key.SubjectID)})
}

// A maker may enter results, as package populate's transactions may.
type maker struct{ rowmill.Conn }

func (maker) Stamp(*schema.Table) ([]string, []squirrel.Sqlizer) { return nil, nil }

// job is one row of the queue.
type job struct {
	ResultKey
	Job
}

func (t *fixture) job(subject int32, method string) job {
	t.Helper()
	j, err := query.One[job](t.Context(), t.db, query.From(t.q).Match(ResultKey{subject, method}))
	require.NoError(t, err)
	return j
}

// statuses counts the jobs.
func (t *fixture) statuses() map[Status]int {
	t.Helper()
	n, err := t.q.Progress(t.Context(), t.db)
	require.NoError(t, err)
	return n
}

func (t *fixture) results() int {
	t.Helper()
	n, err := query.Count(t.Context(), t.db, query.From(results))
	require.NoError(t, err)
	return n
}

// expire lets the leases of all jobs run out.
func (t *fixture) expire() {
	t.Helper()
	t.exec("UPDATE {jobs} SET _lease_until = {after} WHERE _lease_until IS NOT NULL", -1.0)
}

// take gives a job to somebody else, behind its worker's back.
func (t *fixture) take(key ResultKey) {
	t.Helper()
	n := t.exec("UPDATE {jobs} SET status = 'reserved', _token = ?, _lease_until = {after} WHERE {keys}",
		newToken(), 3600.0, key.SubjectID, key.Method)
	require.Equal(t, 1, n)
}

func keysOf(claimed []*Reservation) []ResultKey {
	var keys []ResultKey
	for _, r := range claimed {
		keys = append(keys, *r.Key.(*ResultKey))
	}
	return keys
}

// onServer tells whether the test runs on a MySQL or MariaDB server, and on no file.
func (t *fixture) onServer() bool { return !t.db.Dialect().SingleWriter() }

// table is the quoted name of the queue.
func (t *fixture) table() string {
	return t.db.Dialect().Table(t.q.table.Schema().Name(), t.q.table.Name())
}
