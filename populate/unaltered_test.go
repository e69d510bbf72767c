package populate

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// asWorker opens a database as a user who may read and write rows of the lab, and nothing else.
func asWorker(t *testing.T, root *rowmill.DB, dsn string) *rowmill.DB {
	t.Helper()
	for _, statement := range []string{
		"CREATE USER worker@'%' IDENTIFIED BY 'secret'", "GRANT SELECT, INSERT, UPDATE, DELETE ON lab.* TO worker@'%'",
	} {
		_, err := root.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	t.Cleanup(func() { _, _ = root.Exec(context.WithoutCancel(t.Context()), "DROP USER worker@'%'") })
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.UserPassword("worker", "secret")
	return opened(t, u.String())
}

func opened(t *testing.T, dsn string) *rowmill.DB {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// logged is what slog.Default is told until the test ends.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	log, before := &bytes.Buffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

// An unaltered lab has the tables that testdata/lab.py declares, of which Go may change nothing.
type unaltered struct {
	schema   *schema.Schema
	subjects *schema.TableOf[Subject]
	results  *schema.TableOf[Result]
	peaks    *schema.TableOf[Peak]
}

func newUnaltered() unaltered {
	u := unaltered{schema: schema.New("lab")}
	u.subjects = schema.Manual[Subject](u.schema, subjects.Untyped().Definition())
	u.results = schema.Computed[Result](u.schema, results.Untyped().Definition(), u.subjects)
	u.peaks = schema.Part[Peak](u.results, peaks.Untyped().Definition())
	return u
}

func (u unaltered) make(ctx context.Context, tx *Tx, key Key) error {
	s, err := query.One[Subject](ctx, tx, tx.Upstream(u.subjects))
	if err != nil {
		return err
	}
	return query.Insert(ctx, tx, u.results, Result{key, 2 * s.Weight})
}

// TestWithoutTheRightToAlter has a worker in Go share tables and a queue that Python has declared, and add nothing to them.
// Somebody with the right does, and tells nobody.
func TestWithoutTheRightToAlter(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		peer := testdb.StartPython(t, dsn, nil, "testdata/lab.py")
		peer.Do("Subject.insert([{'subject_id': i, 'weight': i} for i in range(1, 13)])\nResult().jobs.refresh()")
		root := opened(t, dsn)
		db, log, u := asWorker(t, root, dsn), logged(t), newUnaltered()
		ctx := t.Context()
		require.NoError(t, u.schema.Declare(ctx, db))
		var how func(context.Context, *Tx, Key) error
		maker := New(u.results, func(ctx context.Context, tx *Tx, key Key) error { return how(ctx, tx, key) })
		populate := func(db *rowmill.DB, fn func(context.Context, *Tx, Key) error, o Options) Report {
			how, o.Output, o.Grace = fn, &bytes.Buffer{}, -1
			report, err := maker.Populate(ctx, db, &o)
			require.NoError(t, err)
			return counts(report)
		}
		require.Equal(t, Report{Table: "Result", Made: 4}, populate(db, u.make, Options{Workers: 2, MaxCalls: 4}))
		peer.Do("assert Result.populate(reserve_jobs=True, max_calls=4)['success_count'] == 4")

		why, err := maker.Why(ctx, db, Key{1})
		require.NoError(t, err)
		require.Equal(t, StateMade, why.State)
		why, err = maker.Why(ctx, db, Key{12})
		require.NoError(t, err)
		require.Equal(t, StateQueued, why.State, why)

		progress, err := maker.Progress(ctx, db)
		require.NoError(t, err)
		require.Equal(t, Counts{Total: 12, Done: 8, Pending: 4}, progress.Counts)
		plan, err := maker.Plan(ctx, db, nil)
		require.NoError(t, err)
		require.Equal(t, 4, plan.Count)

		// What fails is an error at once, since nothing counts attempts; and a long make keeps its job.
		key := query.From(u.subjects).Where("subject_id = 9")
		fails := func(context.Context, *Tx, Key) error { return errors.Join(errors.New("no"), context.DeadlineExceeded) }
		require.Equal(t, Report{Table: "Result", Failed: 1}, populate(db, fails, Options{Only: key}))
		peer.Do("assert Result().jobs.errors.fetch1('error_message') == 'no\\ncontext deadline exceeded'\nResult().jobs.errors.delete()")
		slow := func(ctx context.Context, tx *Tx, key Key) error {
			time.Sleep(350 * time.Millisecond)
			return u.make(ctx, tx, key)
		}
		require.Equal(t, Report{Table: "Result", Made: 1}, populate(db, slow, Options{Only: key, Lease: 100 * time.Millisecond}))

		// A worker in Python has the job that it took for an orphan.
		robbed := func(ctx context.Context, tx *Tx, key Key) error {
			peer.Do("age(60, 10)\nResult().jobs.refresh(orphan_timeout=30)\nassert Result().jobs.reserve({'subject_id': 10})")
			return u.make(ctx, tx, key)
		}
		require.Equal(t, Report{Table: "Result", LostLeases: 1}, populate(db, robbed, Options{Only: query.From(u.subjects).Where("subject_id = 10"), MaxCalls: 1}))
		require.Equal(t, Report{Table: "Result", Made: 2}, populate(db, u.make, Options{}), "and the worker in Python is not waited for")
		peer.Do("age(60, 10)")
		require.Equal(t, Report{Table: "Result", Made: 1}, populate(db, u.make, Options{OrphanTimeout: 30 * time.Second}))

		peer.Do("assert len(Result()) == 12\nassert not any(Result().jobs.progress().values())")
		var hidden int
		count := `dj.conn().query("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'lab' AND table_name IN ('__result', '~~result') AND SUBSTR(column_name, 1, 1) = '_'").fetchone()[0]`
		peer.Ask(count, &hidden)
		require.Zero(t, hidden)
		require.Equal(t, 2, strings.Count(log.String(), "hidden columns"), "of the table, and once of its queue: %s", log)

		log.Reset()
		require.NoError(t, u.schema.Declare(ctx, root))
		require.Equal(t, nothing, populate(root, u.make, Options{}))
		peer.Ask(count, &hidden)
		wanted := 0
		for _, table := range []schema.Declared{u.results, jobs.For(u.results)} {
			for _, a := range table.Untyped().Heading().All() {
				if a.Hidden() {
					wanted++
				}
			}
		}
		require.Equal(t, wanted, hidden)
		require.NotContains(t, log.String(), "hidden columns")
		require.Empty(t, statusesOf(t, db), "which the worker still understands")
		require.Equal(t, nothing, populate(db, u.make, Options{}))
	})
}

func statusesOf(t *testing.T, db *rowmill.DB) map[jobs.Status]int {
	t.Helper()
	n, err := jobs.For(results).Progress(t.Context(), db)
	require.NoError(t, err)
	return n
}
