package populate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A rug is a way in which a Python program pulls a job away from under a make in Go. KEY stands for the key that is being
// made, the first of three, and NEXT for one that is not reserved.
type rug struct {
	name   string
	python string
	want   []Report            // of the run in Go: one of these
	left   map[jobs.Status]int // and the jobs that are there after it
	next   Report              // of another run
}

var allMade = []Report{{Table: "Result", Made: 3}}

// nothing is the report of a run that has found nothing to do.
var nothing = Report{Table: "Result"}

// orphaned has Python take the reservation for that of a dead worker, and queue the key anew.
const orphaned = "age(60, **KEY)\nassert Result().jobs.refresh(orphan_timeout=30)['orphaned'] == 1\n"

var rugs = []rug{
	{
		"a refresh of fewer keys deletes the reservation", `
settings.only = "subject_id % 3 = 0"
age(7200, **KEY)
removed = Result().jobs.refresh(stale_timeout=3600)["removed"]
settings.only = None
assert removed == 1
`, allMade, nil, nothing,
	},
	{"a person deletes the reservation", "(Result().jobs & KEY).delete()", allMade, nil, nothing},
	{"a person deletes all reservations", "Result().jobs.reserved.delete()", allMade, nil, nothing},
	{"the reservation is taken for an orphan, deleted and inserted", orphaned, allMade, nil, nothing},
	{
		// A heartbeat may see that he has the job, the sooner the longer a server's commit takes.
		"and the key is made by a worker in Python", orphaned + "assert Result.populate(KEY, reserve_jobs=True)['success_count'] == 1",
		[]Report{{Table: "Result", Made: 2, AlreadyThere: 1}, {Table: "Result", Made: 2, LostLeases: 1}}, nil, nothing,
	},
	{
		"and a worker in Python fails at it", orphaned + `
refuses = lambda subject_id: True
assert len(Result.populate(KEY, reserve_jobs=True, suppress_errors=True)["error_list"]) == 1
refuses = lambda subject_id: False
`, []Report{{Table: "Result", Made: 2, LostLeases: 1}}, map[jobs.Status]int{jobs.Error: 1}, Report{Table: "Result", FailedBefore: 1},
	},
	{"the job is completed by who does not own it", "Result().jobs.complete(KEY)", allMade, nil, nothing},
	{"and kept as a success", `
with dj.config.override(jobs__keep_completed=True):
    Result().jobs.complete(KEY, duration=1.5)
`, allMade, nil, nothing},
	{"the job is made an error by who does not own it", "Result().jobs.error(KEY, 'RuntimeError: not mine', 'Traceback')", allMade, nil, nothing},
	{
		"the key is made in direct mode", "assert Result.populate(KEY)['success_count'] == 1",
		[]Report{{Table: "Result", Made: 2, AlreadyThere: 1}}, nil, nothing,
	},
	{
		"a key that waits is made in direct mode", "assert Result.populate(NEXT)['success_count'] == 1",
		[]Report{{Table: "Result", Made: 2, AlreadyThere: 1}}, nil, nothing,
	},
	{
		"all that waits is deleted", "Result().jobs.pending.delete()",
		[]Report{{Table: "Result", Made: 2}}, nil, Report{Table: "Result", Made: 1},
	},
	{
		"the key is to be ignored, which everybody may say", "Result().jobs.ignore(KEY)",
		[]Report{{Table: "Result", Made: 2, LostLeases: 1}}, map[jobs.Status]int{jobs.Ignore: 1}, nothing,
	},
}

// TestPythonPullsTheRug has a Python program do to a key that is being made in Go what it may do. Go loses no result, and
// its run goes on.
func TestPythonPullsTheRug(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		peer := testdb.StartPython(t, dsn, nil)
		b := newBench(t, dsn, 0)
		peer.Do("exec(open('testdata/lab.py').read())")
		for i, c := range rugs {
			t.Run(c.name, func(t *testing.T) {
				on := *b
				on.T = t
				pull(&on, peer, int32(3*i), c)
			})
		}
	})
}

// pull has three results made whose keys follow first, and the first disturbed. The lease is long enough for what a server
// and the Python program may take.
func pull(b *bench, peer *testdb.PythonPeer, first int32, c rug) {
	b.Helper()
	for k := first + 1; k <= first+3; k++ {
		require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{k}, float64(k)}))
	}
	code := strings.NewReplacer("KEY", fmt.Sprintf("{'subject_id': %d}", first+1), "NEXT", fmt.Sprintf("{'subject_id': %d}", first+3)).Replace(c.python)
	var once sync.Once
	disturbed := func(ctx context.Context, tx *Tx, key Key) error {
		if key.SubjectID == first+1 {
			once.Do(func() { peer.Do(code) })
			time.Sleep(340 * time.Millisecond) // a heartbeat, which sees it
		}
		return simple(ctx, tx, key)
	}
	report := b.populate(disturbed, func(o *Options) { o.Lease = 900 * time.Millisecond })
	require.Contains(b, c.want, counts(report), "%v\n%s", report.Err(), b.log)
	require.NoError(b, report.Err())
	left := b.statuses()
	require.Len(b, left, len(c.left))
	for status, n := range c.left {
		require.Equal(b, n, left[status], status)
	}
	report = b.populate(simple, nil)
	require.Equal(b, c.next, counts(report))
	_, err := b.queue.Clear(b.Context(), b.db, query.Rel{}, jobs.Error, jobs.Ignore) // which is for people to decide
	require.NoError(b, err)
	b.populate(simple, nil)
	made, err := query.Count(b.Context(), b.db, query.From(results).Where("subject_id > ?", first))
	require.NoError(b, err)
	require.Equal(b, 3, made)
	require.Empty(b, b.statuses())
}

// TestPythonIsMakingIt has a worker in Python be at a key when one in Go would keep its result, after the job was taken
// from him. He keeps nothing, and the one in Python does.
func TestPythonIsMakingIt(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		peer := testdb.StartPython(t, dsn, nil)
		b := newBench(t, dsn, 1)
		goOn := filepath.Join(t.TempDir(), "go on")
		peer.Do("exec(open('testdata/lab.py').read())")
		peer.Do(fmt.Sprintf("def before(key):\n    while not os.path.exists(%q): time.sleep(0.01)", goOn))
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			peer.Do(strings.ReplaceAll(orphaned, "KEY", "{'subject_id': 1}"))
			peer.Tell("Result.populate(reserve_jobs=True)['success_count']")
			require.Eventually(b, func() bool { return b.statuses()[jobs.Reserved] == 1 }, time.Minute, time.Millisecond)
			return simple(context.WithoutCancel(ctx), tx, key)
		}, func(o *Options) { o.LeaveOthers, o.MaxCalls = true, 1 })
		require.Equal(b, Report{Table: "Result", LostLeases: 1}, counts(report))
		require.Zero(b, b.count(results))
		require.NoError(b, os.WriteFile(goOn, nil, 0o600))
		var made int
		require.NoError(b, peer.Await(&made))
		require.Equal(b, 1, made)
		require.Equal(b, 1, b.count(results))
		require.Empty(b, b.statuses())
		require.Equal(b, nothing, counts(b.populate(simple, nil)))
	})
}
