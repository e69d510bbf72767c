package metrics_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/populate/metrics"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

func TestMain(m *testing.M) { testdb.Main(m) }

var lab = schema.New("lab")

type Key struct{ SubjectID int32 }

type Subject struct{ Key }

var subjects = schema.Manual[Subject](lab, "subject_id : int32")

type Result struct{ Key }

var results = schema.Computed[Result](lab, "-> Subject", subjects)

func open(t *testing.T, dsn string) *rowmill.DB {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, lab.Declare(t.Context(), db))
	require.NoError(t, query.Insert(t.Context(), db, subjects, Subject{Key{1}}, Subject{Key{2}}, Subject{Key{3}}, Subject{Key{4}}))
	return db
}

// TestMetricsOfARun looks at them while a make runs, and when all have ended.
func TestMetricsOfARun(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		reg := prometheus.NewPedanticRegistry()
		observer, err := metrics.New(reg)
		require.NoError(t, err)
		report, err := populate.New(results, func(ctx context.Context, tx *populate.Tx, key Key) error {
			switch key.SubjectID {
			case 1:
				return errors.New("no")
			case 2:
				return populate.Skip("no")
			case 4:
				if err := testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP rowmill_makes_running Makes that run in this process.
# TYPE rowmill_makes_running gauge
rowmill_makes_running{schema="lab",table="Result"} 1
# HELP rowmill_jobs_held Jobs that this process has reserved.
# TYPE rowmill_jobs_held gauge
rowmill_jobs_held{schema="lab",table="Result"} 1
`), "rowmill_makes_running", "rowmill_jobs_held"); err != nil {
					return err
				}
			}
			return query.Insert(ctx, tx, results, Result{key})
		}).Populate(t.Context(), db, &populate.Options{Observer: observer, Output: io.Discard})
		require.NoError(t, err)
		require.Equal(t, 2, report.Made, report.Details())
		require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP rowmill_jobs_held Jobs that this process has reserved.
# TYPE rowmill_jobs_held gauge
rowmill_jobs_held{schema="lab",table="Result"} 0
# HELP rowmill_jobs_total Jobs that ended in this process, by what became of them.
# TYPE rowmill_jobs_total counter
rowmill_jobs_total{outcome="failed",schema="lab",table="Result"} 1
rowmill_jobs_total{outcome="made",schema="lab",table="Result"} 2
rowmill_jobs_total{outcome="skipped",schema="lab",table="Result"} 1
# HELP rowmill_makes_running Makes that run in this process.
# TYPE rowmill_makes_running gauge
rowmill_makes_running{schema="lab",table="Result"} 0
# HELP rowmill_queue_changes_total Jobs that this process has added to the queue, removed from it, or set free.
# TYPE rowmill_queue_changes_total counter
rowmill_queue_changes_total{change="added",schema="lab",table="Result"} 4
rowmill_queue_changes_total{change="buried",schema="lab",table="Result"} 0
rowmill_queue_changes_total{change="removed",schema="lab",table="Result"} 0
rowmill_queue_changes_total{change="repended",schema="lab",table="Result"} 0
rowmill_queue_changes_total{change="rescued",schema="lab",table="Result"} 0
rowmill_queue_changes_total{change="settled",schema="lab",table="Result"} 0
# HELP rowmill_queue_jobs Jobs in the queue over all processes, when this process last looked.
# TYPE rowmill_queue_jobs gauge
rowmill_queue_jobs{schema="lab",status="error",table="Result"} 1
rowmill_queue_jobs{schema="lab",status="ignore",table="Result"} 1
rowmill_queue_jobs{schema="lab",status="pending",table="Result"} 0
rowmill_queue_jobs{schema="lab",status="reserved",table="Result"} 0
rowmill_queue_jobs{schema="lab",status="success",table="Result"} 0
`), "rowmill_jobs_held", "rowmill_jobs_total", "rowmill_makes_running", "rowmill_queue_changes_total", "rowmill_queue_jobs"))
		counts, sums := histogram(t, reg)
		require.Equal(t, map[string]uint64{"made": 2, "failed": 1, "skipped": 1}, counts)
		require.InEpsilon(t, report.Durations.Total().Seconds(), sums["made"], 1e-9)
	})
}

// histogram is how many durations there are of each outcome, and their sums.
func histogram(t *testing.T, reg prometheus.Gatherer) (counts map[string]uint64, sums map[string]float64) {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	counts, sums = map[string]uint64{}, map[string]float64{}
	for _, f := range families {
		if f.GetName() != "rowmill_make_duration_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "outcome" {
					counts[l.GetValue()], sums[l.GetValue()] = m.GetHistogram().GetSampleCount(), m.GetHistogram().GetSampleSum()
				}
			}
		}
	}
	return counts, sums
}

// TestTwice registers for several parts of a program.
func TestTwice(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	one, err := metrics.New(reg)
	require.NoError(t, err)
	two, err := metrics.New(reg)
	require.NoError(t, err)
	require.Same(t, one, two)

	_, err = metrics.New(prometheus.WrapRegistererWith(prometheus.Labels{"database": "a"}, reg))
	require.ErrorContains(t, err, "register the metrics of Rowmill: ", "some have a label, and others do not")
}

// TestTwoDatabases keeps apart what has the same names, by a label that the user gives.
func TestTwoDatabases(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	for _, database := range []string{"a", "b", "a"} {
		m, err := metrics.New(prometheus.WrapRegistererWith(prometheus.Labels{"database": database}, reg))
		require.NoError(t, err)
		m.Claimed(results.Untyped(), 1)
		m.Begun(results.Untyped())
		m.Ended(results.Untyped(), populate.Ending{Outcome: populate.OutcomeMade, Began: true, Took: time.Second})
		m.Queued(results.Untyped(), map[jobs.Status]int{jobs.Pending: 7})
	}
	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP rowmill_jobs_total Jobs that ended in this process, by what became of them.
# TYPE rowmill_jobs_total counter
rowmill_jobs_total{database="a",outcome="made",schema="lab",table="Result"} 2
rowmill_jobs_total{database="b",outcome="made",schema="lab",table="Result"} 1
`), "rowmill_jobs_total"))
}

// TestNames holds them to the customs of Prometheus.
func TestNames(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m, err := metrics.New(reg)
	require.NoError(t, err)
	m.Begun(results.Untyped())
	m.Ended(results.Untyped(), populate.Ending{Outcome: populate.OutcomeFailed, Began: true, Took: time.Second})
	m.Refreshed(results.Untyped(), jobs.Refreshed{})
	m.Queued(results.Untyped(), nil)
	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
}
