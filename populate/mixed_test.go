package populate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

const (
	mixedWorkers = 3 // of each language
	mixedLease   = time.Second
	// mixedPace and pythonPace are how long a make takes on average in Go and in Python: both are to have their share, though
	// a worker in Go makes two keys at once, and spends less on each.
	mixedPace, pythonPace = 60 * time.Millisecond, 10 * time.Millisecond
	// envHealed lets the makes in Go fail no more.
	envHealed = "ROWMILL_TEST_HEALED"
)

// refuses picks the keys whose makes fail, in either language.
func refuses(subject int32) bool { return subject%100 == 7 && os.Getenv(envHealed) == "" }

// mixedMake makes a result in Go, as testdata/lab.py does in Python.
func mixedMake(ctx context.Context, tx *Tx, key Key) error {
	s, err := query.One[Subject](ctx, tx, tx.Upstream(subjects))
	if err != nil {
		return err
	}
	select {
	case <-time.After(rand.N(2 * mixedPace)):
	case <-ctx.Done():
		return ctx.Err()
	}
	if refuses(key.SubjectID) {
		panic(fmt.Sprintf("Go will not make %d ☃", key.SubjectID))
	}
	if err := query.Insert(ctx, tx, visits, Visit{rand.Int64N(1 << 62), key.SubjectID}); err != nil {
		return err
	}
	if err := query.Insert(ctx, tx, results, Result{key, 2 * s.Weight}); err != nil {
		return err
	}
	return query.Insert(ctx, tx, peaks, Peak{key, 0}, Peak{key, 1})
}

// shared is what a process in Go does among those in Python: it populates until nothing is left. Jobs of Python workers
// that were killed are known by their age alone.
func shared(ctx context.Context, db *rowmill.DB, opts *Options) error {
	opts.Workers, opts.Lease, opts.OrphanTimeout = 2, mixedLease, 5*time.Second
	m := New(results, mixedMake)
	fmt.Println("begins")
	for {
		report, err := m.Populate(ctx, db, opts)
		fmt.Println(report)
		if err != nil {
			return unlessTold(ctx, err)
		}
		n, err := jobs.For(results).Progress(ctx, db)
		if err != nil || n[jobs.Pending]+n[jobs.Reserved] == 0 {
			return unlessTold(ctx, err)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil
		}
	}
}

// unlessTold is the error of a process that was not told to end.
func unlessTold(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // which is as it should be
	}
	return err
}

// A mixture is a bench that workers in Go and in Python share.
type mixture struct {
	*bench

	keys   int
	env    []string
	random *rand.Rand
	here   []*process
	python []*testdb.PythonPeer
	spare  []*testdb.PythonPeer // who take the places of others
	looker *testdb.PythonPeer   // who makes nothing

	killed, terminated, aborted int
}

// newMixture has Python declare the tables and the queue, on a server in whose time zone nobody lives, and Go after it.
func newMixture(t *testing.T, dsn string, keys, kills int) *mixture {
	t.Helper()
	m := &mixture{keys: keys, env: []string{"TZ=America/New_York"}}
	seed, err := strconv.ParseUint(os.Getenv(envSeed), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("%s=%d", envSeed, seed)
	m.random = rand.New(rand.NewPCG(seed, 0))
	m.looker = testdb.StartPython(t, dsn, m.env, "testdata/lab.py")
	m.looker.Do("Result().jobs.refresh()")
	m.bench = newBench(t, dsn, int32(keys))
	for range mixedWorkers {
		m.python = append(m.python, m.startPython())
	}
	for range min(kills, 3) {
		m.spare = append(m.spare, m.startPython())
	}
	return m
}

func (m *mixture) startPython() *testdb.PythonPeer {
	p := testdb.StartPython(m.T, m.dsn, m.env, "testdata/lab.py")
	p.Tell(fmt.Sprintf("def seconds(): return random.uniform(0, %g)\ndef refuses(subject_id): return subject_id %% 100 == 7", 2*pythonPace.Seconds()))
	return p
}

// begin has all begin at once.
func (m *mixture) begin() {
	for _, p := range slices.Concat(m.python, m.spare) {
		require.NoError(m, p.Await(nil), p.Said())
	}
	for _, p := range m.python {
		p.Tell("work()")
	}
	for range mixedWorkers {
		m.here = append(m.here, start(m.bench, "shared"))
	}
}

// kill kills a process of each language, or tells it to end. Others take their place; that of Python was started before,
// since that takes so long that all keys could be made meanwhile.
func (m *mixture) kill(terminate bool) {
	m.Helper()
	signal := syscall.SIGKILL
	if terminate {
		signal = syscall.SIGTERM
		m.terminated += 2
	} else {
		m.killed += 2
	}
	i := m.random.IntN(mixedWorkers)
	old := m.python[i]
	old.Signal(signal)
	if terminate { // it raises, wherever the signal meets it
		m.Logf("a worker in Python that was told to end: %v", old.Await(nil))
	}
	old.Kill()
	m.python[i], m.spare = m.spare[0], m.spare[1:]
	m.python[i].Tell("work()")

	i = m.random.IntN(mixedWorkers)
	require.Eventually(m, func() bool { return m.here[i].out.String() != "" }, patience, time.Millisecond, "it listens to signals")
	_ = m.here[i].cmd.Process.Signal(signal)
	if err := <-m.here[i].done; signal == syscall.SIGTERM || m.here[i].cmd.ProcessState.Exited() {
		require.NoError(m, err, m.here[i].out.String())
	}
	m.here[i] = start(m.bench, "shared")
}

// end waits until all have ended.
func (m *mixture) end() {
	m.Helper()
	for _, p := range m.python {
		var aborted []string
		require.NoError(m, p.Await(&aborted), p.Said())
		for _, why := range aborted {
			m.Logf("a populate in Python was aborted: %s", why)
		}
		m.aborted += len(aborted)
	}
	for _, p := range m.here {
		p.wait(m.bench)
	}
}

// visitors counts the visits of each language, and wants as many results, each visited once and whole.
func (m *mixture) visitors() (here, python int) {
	m.Helper()
	s, err := m.look(m.Context(), m.db)
	require.NoError(m, err)
	require.Equal(m, []int{s.Results, s.Results, 2 * s.Results}, []int{s.Visits, s.Visited, s.Parts}, "each was committed once, and whole")
	python, err = query.Count(m.Context(), m.db, query.From(visits).Where("visit < 0"))
	require.NoError(m, err)
	return s.Visits - python, python
}

// TestOneQueueTwoLanguages has workers in Go and in Python share a table's queue, and several of each killed.
func TestOneQueueTwoLanguages(t *testing.T) {
	testdb.Python(t)
	n, kills := 600, 3
	if more, err := strconv.Atoi(os.Getenv(envKills)); err == nil {
		n, kills = max(2000, 100*more), more // make soak
	}
	t.Run("mariadb", func(t *testing.T) {
		shareQueue(newMixture(t, testdb.NewServer(t, "--default-time-zone=+05:45").DSN(), n, kills), kills)
	})
	if os.Getenv("ROWMILL_TEST_MYSQL") != "" {
		t.Run("mysql", func(t *testing.T) { shareQueue(newMixture(t, testdb.MySQL(t), n, kills), kills) })
	}
}

func shareQueue(m *mixture, kills int) {
	m.Helper()
	began := time.Now()
	m.begin()
	for i := range kills {
		if len(m.spare) == 0 {
			m.spare = append(m.spare, m.startPython())
			require.NoError(m, m.spare[0].Await(nil))
		}
		goal := m.keys * (i + 1) / (kills + 2)
		require.Eventually(m, func() bool { return m.count(results) >= goal }, time.Minute, 5*time.Millisecond)
		m.kill(i == kills/2)
	}
	m.end()
	here, python := m.visitors()
	m.Logf("%d keys in %v: %d made in Go and %d in Python; %d processes killed, %d told to end; %d populates in Python were aborted; jobs left: %v",
		m.keys, time.Since(began).Round(time.Second), here, python, m.killed, m.terminated, m.aborted, m.statuses())
	require.Greater(m, here, m.keys/10, "both have their share")
	require.Greater(m, python, m.keys/10)
	m.failures()
	m.heal()
}

// failures wants the keys that refuse to be errors, each with who said so and where, for both to read.
func (m *mixture) failures() {
	m.Helper()
	failures, err := query.Fetch[failed](m.Context(), m.db, m.queue.With(jobs.Error))
	require.NoError(m, err)
	var theirs []struct {
		SubjectID    int32  `json:"subject_id"`
		ErrorMessage string `json:"error_message"`
		ErrorStack   string `json:"error_stack"`
		Host         string
		PID          int32
		User         string
	}
	m.looker.Ask("Result().jobs.errors.to_dicts(order_by='subject_id')", &theirs)
	require.Len(m, theirs, len(failures))
	refused, others, told := 0, 0, 0
	for i, f := range failures {
		require.Equal(m, f.SubjectID, theirs[i].SubjectID)
		require.Equal(m, f.ErrorMessage, theirs[i].ErrorMessage)
		require.Equal(m, *f.ErrorStack, theirs[i].ErrorStack)
		require.Equal(m, []any{f.Host, f.PID, f.User}, []any{theirs[i].Host, theirs[i].PID, theirs[i].User})
		switch f.ErrorMessage {
		case fmt.Sprintf("panic: Go will not make %d ☃", f.SubjectID):
			require.Contains(m, *f.ErrorStack, "mixedMake(")
		case fmt.Sprintf("ValueError: Python will not make %d ☃", f.SubjectID):
			require.Contains(m, *f.ErrorStack, "Traceback (most recent call last)")
		default: // what Python calls an error when it is told to end, or when transactions stand in each other's way
			m.Logf("subject %d: %s", f.SubjectID, f.ErrorMessage)
			if others++; !strings.Contains(f.ErrorMessage, "(1213, ") && !strings.Contains(f.ErrorMessage, "(1205, ") {
				told++
			}
			continue
		}
		require.Equal(m, int32(7), f.SubjectID%100)
		refused++
	}
	m.Logf("%d keys refused, and %d failed otherwise", refused, others)
	require.LessOrEqual(m, told, m.terminated/2, "one for each worker in Python that was told to end")
	require.Equal(m, m.keys, refused+others+m.count(results), "nothing else was left")
}

// heal has what failed made after all.
func (m *mixture) heal() {
	m.Helper()
	_, err := m.queue.Retry(m.Context(), m.db, query.Rel{})
	require.NoError(m, err)
	m.Setenv(envHealed, "yes")
	start(m.bench, "shared").wait(m.bench)
	require.Empty(m, m.statuses())
	here, python := m.visitors()
	require.Equal(m, m.keys, here+python)
}
