package populate

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
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

type Key struct{ SubjectID int32 }

type Subject struct {
	Key

	Weight float64
}

var subjects = schema.Manual[Subject](lab, `
	subject_id : int32
	---
	weight : float64
`)

type Note struct {
	Note int64
	Text string
}

var notes = schema.Manual[Note](lab, `
	note : int64
	---
	text : varchar(100)
`)

type Colour struct{ Colour string }

var colours = schema.Lookup(lab, `
	colour : varchar(10)
`, []Colour{{"red"}})

type Result struct {
	Key

	Value float64
}

var results = schema.Computed[Result](lab, `
	-> Subject
	---
	value : float64
`, subjects)

type Peak struct {
	Key

	Peak int16
}

var peaks = schema.Part[Peak](results, `
	-> master
	peak : int16
`)

type Other struct{ Key }

var others = schema.Computed[Other](lab, `
	-> Subject
`, subjects)

// A bench is a database with the tables of the lab, and what a run on it has said.
type bench struct {
	*testing.T

	dsn   string
	db    *rowmill.DB
	queue *jobs.Queue
	log   *testdb.Buffer
	out   *testdb.Buffer
	seen  *seen
}

// each runs a test on every server, with subjects 1…n.
func each(t *testing.T, n int32, f func(b *bench)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) { f(newBench(t, dsn, n)) })
}

// inBubble is each where this process's time is that of testing/synctest: it passes at once when all that is left to do is to
// wait. A server's does not.
func inBubble(t *testing.T, n int32, f func(b *bench)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		synctest.Test(t, func(t *testing.T) { f(newBench(t, dsn, n)) })
	})
}

func newBench(t *testing.T, dsn string, n int32) *bench {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, lab.Declare(t.Context(), db))
	var s []Subject
	for i := range n {
		s = append(s, Subject{Key{i + 1}, float64(i + 1)})
	}
	require.NoError(t, query.Insert(t.Context(), db, subjects, s...))
	b := &bench{T: t, dsn: dsn, db: db, queue: jobs.For(results), log: &testdb.Buffer{}, out: &testdb.Buffer{}, seen: newSeen()}
	t.Cleanup(func() { b.seen.balance(b) })
	return b
}

// options are those of most tests, with what they change.
func (b *bench) options(change func(o *Options)) *Options {
	o := &Options{Grace: -1, Output: b.out, Log: slog.New(slog.NewTextHandler(b.log, nil)), Version: "v1"}
	if b.seen != nil {
		o.Observer = b.seen
	}
	if change != nil {
		change(o)
	}
	return o
}

// populate runs with a make, which must not end the run.
func (b *bench) populate(fn func(ctx context.Context, tx *Tx, key Key) error, change func(o *Options)) *Report {
	b.Helper()
	report, err := New(results, fn).Populate(b.Context(), b.db, b.options(change))
	require.NoError(b, err)
	return report
}

// simple makes a result as most makes do.
func simple(ctx context.Context, tx *Tx, key Key) error {
	s, err := query.One[Subject](ctx, tx, tx.Upstream(subjects))
	if err != nil {
		return err
	}
	return query.Insert(ctx, tx, results, Result{key, 2 * s.Weight})
}

// behind inserts results as somebody else would, who knows of no queue.
func (b *bench) behind(keys ...int32) {
	b.Helper()
	for _, k := range keys {
		require.NoError(b, query.Insert(b.Context(), stranger{b.db}, results, Result{Key: Key{k}}))
	}
}

// A stranger may insert results without a make.
type stranger struct{ rowmill.Conn }

func (stranger) Stamp(*schema.Table) ([]string, []squirrel.Sqlizer) { return nil, nil }

// exec changes the queue in a way that has no function. The table is %s.
func (b *bench) exec(statement string, args ...any) {
	b.Helper()
	_, err := b.db.Exec(b.Context(), fmt.Sprintf(statement, b.db.Dialect().Table("lab", "~~result")), args...)
	require.NoError(b, err)
}

func (b *bench) statuses() map[jobs.Status]int {
	b.Helper()
	n, err := b.queue.Progress(b.Context(), b.db)
	require.NoError(b, err)
	return n
}

type failed struct {
	Key
	jobs.Job
}

func (b *bench) job(subject int32) failed {
	b.Helper()
	j, err := query.One[failed](b.Context(), b.db, query.From(b.queue).Match(Key{subject}))
	require.NoError(b, err)
	return j
}

func (b *bench) count(tables ...schema.Declared) int {
	b.Helper()
	n, err := query.Count(b.Context(), b.db, query.From(tables...))
	require.NoError(b, err)
	return n
}

// counts is a report without what differs from run to run.
func counts(r *Report) Report {
	c := *r
	c.Elapsed, c.Errors, c.Refreshed, c.Durations = 0, nil, jobs.Refreshed{}, Durations{}
	return c
}
