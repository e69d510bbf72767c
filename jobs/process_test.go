package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// The environment of a process that a test starts: what it is to do, and on which database.
const (
	envRole = "ROWMILL_TEST_ROLE"
	envDSN  = "ROWMILL_TEST_DSN"
)

type Visit struct {
	Visit     int64
	SubjectID int32
	Method    string
}

// visits are written in the transactions that make results: one for each that is committed.
var visits = schema.Manual[Visit](lab, `
	visit : int64  # a random number
	---
	subject_id : int32
	method     : varchar(16)
`)

// child is what a process does that a test has started. It returns when all is done.
func child(role string) error {
	ctx := context.Background()
	db, err := rowmill.Open(ctx, os.Getenv(envDSN))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	q := For(results)
	switch role {
	case "refresh":
		return refreshOnce(ctx, db, q)
	case "refresh on":
		return untilAllIsMade(ctx, db, func() error { _, err := q.Refresh(ctx, db, nil); return err })
	case "work on":
		return untilAllIsMade(ctx, db, func() error { return work(ctx, db, q) })
	case "hang":
		return hang(ctx, db, q)
	}
	return work(ctx, db, q)
}

// work makes results until none are missing.
func work(ctx context.Context, db *rowmill.DB, q *Queue) error {
	key, err := q.Bind(reflect.TypeFor[ResultKey]())
	if err != nil {
		return err
	}
	w := &Worker{Host: "here", PID: os.Getpid(), Lease: 2 * time.Second}
	for {
		claimed, err := q.Claim(ctx, db, w, key, 5, query.Rel{})
		if err != nil {
			return err
		}
		for _, r := range claimed {
			if err := visit(ctx, db, q, r); err != nil && !errors.Is(err, ErrLeaseLost) {
				return err
			}
		}
		if len(claimed) > 0 {
			continue
		}
		if _, err := q.Refresh(ctx, db, nil); err != nil {
			return err
		}
		left, err := q.Backlog(ctx, db, query.Rel{})
		if err != nil || left.Pending+left.Reserved == 0 {
			return err
		}
	}
}

func visit(ctx context.Context, db *rowmill.DB, q *Queue, r *Reservation) error {
	if r.Done {
		return q.Acknowledge(ctx, db, r)
	}
	k := *r.Key.(*ResultKey)
	return db.Transact(ctx, func(tx *rowmill.Tx) error {
		if err := query.Insert(ctx, tx, visits, Visit{rand.Int64(), k.SubjectID, k.Method}); err != nil {
			return err
		}
		if err := makeResult(ctx, tx, k); err != nil {
			return err
		}
		return q.Complete(ctx, tx, r)
	})
}

// A peer is a process: this test's binary in another role.
type peer struct {
	cmd  *exec.Cmd
	out  testdb.Buffer
	done chan error
}

func start(t *testing.T, role, dsn string) *peer {
	t.Helper()
	p := &peer{cmd: exec.Command(os.Args[0]), done: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), envRole+"="+role, envDSN+"="+dsn)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	require.NoError(t, p.cmd.Start())
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func (p *peer) wait(t *testing.T) string {
	t.Helper()
	select {
	case err := <-p.done:
		require.NoError(t, err, p.out.String())
	case <-time.After(2 * time.Minute):
		require.Fail(t, "a process hangs", p.out.String())
	}
	return p.out.String()
}

// TestKilledProcesses kills processes in the middle of what they do, at random moments. Every
// key has one result in the end, that was committed once, and no job is left.
func TestKilledProcesses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		f := newFixture(t, dsn)
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		n, kills, processes := 3000, 25, 3
		if raceDetector {
			n, kills = 400, 8
		}
		f.enter(1, int32(n), "a")
		f.refresh(nil)

		var running []*peer
		for range processes {
			running = append(running, start(t, "work", dsn))
		}
		killed := 0
		for ; killed < kills; killed++ {
			goal := f.results() + 5
			if goal >= n {
				break
			}
			require.Eventually(t, func() bool { return f.results() >= goal }, time.Minute, time.Millisecond)
			time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond) // any moment will do
			victim := random.IntN(len(running))
			_ = running[victim].cmd.Process.Kill()
			<-running[victim].done
			running[victim] = start(t, "work", dsn)
			f.whole()
		}
		require.Greater(t, killed, kills/3, "the machine is too fast for this test")
		for _, p := range running {
			p.wait(t)
		}
		// Jobs that were under way three times at such a moment are errors, as they should be.
		_, err := f.q.Retry(t.Context(), f.db, query.Rel{})
		require.NoError(t, err)
		start(t, "work", dsn).wait(t)
		require.Empty(t, f.statuses())
		require.Equal(t, n, f.results())
		f.whole()
	})
}

// whole wants as many visits as results: what a transaction wrote is there whole, and once.
func (t *fixture) whole() {
	t.Helper()
	require.Zero(t, scan[int](t, "SELECT (SELECT COUNT(*) FROM {target}) - (SELECT COUNT(*) FROM "+
		t.db.Dialect().Table("lab", "visit")+")"))
}
