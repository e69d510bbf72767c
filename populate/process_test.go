package populate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// The environment of a process that a test starts: what it is to do, and on which database.
const (
	envRole = "ROWMILL_TEST_ROLE"
	envDSN  = "ROWMILL_TEST_DSN"
)

// child is what a process does that a test has started: it populates, and prints its report. The second word of its role
// is the form of its makes.
func child(role string) error {
	role, form, _ := strings.Cut(role, " ")
	// To the end of the process, which with the race detector is a second after its work: to be told to end then is no failure.
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	db, err := rowmill.Open(ctx, os.Getenv(envDSN))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if role == "plant" {
		return plantWork(ctx, db)
	}
	opts := &Options{Workers: 3, Output: io.Discard, Grace: 2 * time.Second}
	var maker *Maker
	switch role {
	case "quick":
		maker = notedMakers[form]
	case "slow":
		maker = New(results, func(ctx context.Context, _ *Tx, _ Key) error {
			fmt.Println("making")
			<-ctx.Done()
			return ctx.Err()
		})
	case "shared":
		return shared(ctx, db, opts)
	case "campaign":
		campaigning(opts)
		maker = visitedMakers[form]
	case "zombie":
		opts.Workers, opts.Lease = 1, 300*time.Millisecond
		maker = New(results, func(_ context.Context, tx *Tx, key Key) error {
			fmt.Println("making")
			_, _ = os.Stdin.Read([]byte{0})
			return noted(context.Background(), tx, key)
		})
	}
	report, err := maker.Populate(ctx, db, opts)
	fmt.Println(report)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// noted makes a result with parts, and a note with each: of makes that are committed twice, or in
// part, the notes would tell.
func noted(ctx context.Context, tx *Tx, key Key) error {
	s, err := fetchSubject(ctx, tx, key)
	if err != nil {
		return err
	}
	return insertNoted(ctx, tx, key, s)
}

// notedMakers do what noted does, in each form that a make can have.
var notedMakers = map[string]*Maker{
	"new": New(results, noted),
	"staged": Staged(results, fetchSubject,
		func(_ context.Context, _ Key, s Subject) (Subject, error) { return s, nil }, insertNoted),
	"batched": Batched(results, 2, func(ctx context.Context, tx *Tx, keys []Key) error {
		for _, k := range keys {
			if err := noted(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	}),
}

// forms are those that a make can have.
var forms = []string{"new", "staged", "batched"}

func fetchSubject(ctx context.Context, tx *Tx, key Key) (Subject, error) {
	return query.One[Subject](ctx, tx, tx.Upstream(subjects).Match(key))
}

func insertNoted(ctx context.Context, tx *Tx, key Key, s Subject) error {
	if err := query.Insert(ctx, tx, notes, Note{rand.Int64(), fmt.Sprint(key.SubjectID)}); err != nil {
		return err
	}
	if err := query.Insert(ctx, tx, results, Result{key, 2 * s.Weight}); err != nil {
		return err
	}
	return query.Insert(ctx, tx, peaks, Peak{key, 0}, Peak{key, 1})
}

// A process is this test's binary in another role.
type process struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  testdb.Buffer
	done chan error
}

func start(b *bench, role string) *process {
	b.Helper()
	p := &process{cmd: exec.Command(os.Args[0]), done: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), envRole+"="+role, envDSN+"="+b.dsn)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	var err error
	p.in, err = p.cmd.StdinPipe()
	require.NoError(b, err)
	require.NoError(b, p.cmd.Start())
	go func() { p.done <- p.cmd.Wait() }()
	b.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func (p *process) wait(b *bench) string {
	b.Helper()
	select {
	case err := <-p.done:
		require.NoError(b, err, p.out.String())
	case <-time.After(2 * time.Minute):
		require.Fail(b, "a process hangs", p.out.String())
	}
	return p.out.String()
}

// freeze stops a process at a moment when it does not hold the only turn to write that an SQLite
// file has, as its heartbeat does now and then: nobody could go on without it.
func (p *process) freeze(b *bench) {
	b.Helper()
	nothing := "UPDATE " + b.db.Dialect().Table("lab", "note") + " SET note = note WHERE note = -1"
	for {
		require.NoError(b, p.cmd.Process.Signal(syscall.SIGSTOP))
		ctx, cancel := context.WithTimeout(b.Context(), 3*time.Second)
		_, err := b.db.Exec(ctx, nothing)
		cancel()
		if err == nil {
			return
		}
		require.NoError(b, p.cmd.Process.Signal(syscall.SIGCONT))
	}
}

// whole wants as many notes, and twice as many parts, as results.
func (b *bench) whole() {
	b.Helper()
	table := func(name string) string { return "(SELECT COUNT(*) FROM " + b.db.Dialect().Table("lab", name) + ")" }
	rows, err := b.db.Query(b.Context(), "SELECT "+table("__result")+", "+table("note")+", "+table("__result__peak"))
	require.NoError(b, err)
	defer func() { _ = rows.Close() }()
	require.True(b, rows.Next())
	var made, notes, parts int
	require.NoError(b, rows.Scan(&made, &notes, &parts))
	require.Equal(b, []int{made, 2 * made}, []int{notes, parts})
}

// TestProcessesShareTheWork has each key made by one of them.
func TestProcessesShareTheWork(t *testing.T) {
	n := 400
	if raceDetector {
		n = 60
	}
	each(t, int32(n), func(b *bench) {
		var processes []*process
		for _, form := range forms {
			processes = append(processes, start(b, "quick "+form))
		}
		sum := 0
		for _, p := range processes {
			var made int
			out := p.wait(b)
			if found, _ := fmt.Sscanf(out, "Result: %d made", &made); found == 0 {
				require.Equal(b, "Result: nothing to make\n", out)
			}
			require.Equal(b, n, b.count(results), "each waits until all are made")
			sum += made
		}
		require.Equal(b, n, sum)
		require.Empty(b, b.statuses())
		b.whole()
	})
}

// TestKilledProcesses kills processes at random moments; others go on.
func TestKilledProcesses(t *testing.T) {
	n, kills := 2000, 12
	if raceDetector {
		n, kills = 300, 5
	}
	each(t, int32(n), func(b *bench) {
		seed := uint64(time.Now().UnixNano())
		b.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		running := []*process{start(b, "quick new"), start(b, "quick staged")}
		killed := 0
		for ; killed < kills; killed++ {
			goal := b.count(results) + 20
			if goal >= n {
				break
			}
			require.Eventually(b, func() bool { return b.count(results) >= goal }, patience, time.Millisecond)
			time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond) // any moment will do
			victim := random.IntN(len(running))
			_ = running[victim].cmd.Process.Kill()
			<-running[victim].done
			running[victim] = start(b, "quick "+forms[random.IntN(len(forms))])
			b.whole()
		}
		require.Greater(b, killed, kills/3, "the machine is too fast for this test")
		for _, p := range running {
			p.wait(b)
		}
		// Jobs that were under way three times at such a moment are errors, as they should be.
		_, err := b.queue.Retry(b.Context(), b.db, query.Rel{})
		require.NoError(b, err)
		start(b, "quick new").wait(b)
		require.Empty(b, b.statuses())
		require.Equal(b, n, b.count(results))
		b.whole()
	})
}

// TestAZombieKeepsNothing stops a process in the middle of a make until its lease has ended and its
// job was made by another. When it goes on, it notices, discards what it has, and goes on with others.
func TestAZombieKeepsNothing(t *testing.T) {
	each(t, 3, func(b *bench) {
		zombie := start(b, "zombie")
		require.Eventually(b, func() bool { return zombie.out.String() == "making\n" }, patience, time.Millisecond)
		zombie.freeze(b)
		require.Equal(b, Report{Table: "Result", Made: 3}, counts(b.populate(noted, nil)))
		require.NoError(b, zombie.in.Close())
		require.NoError(b, zombie.cmd.Process.Signal(syscall.SIGCONT))
		said := zombie.wait(b)
		require.Contains(b, said, "a job was taken by another process; what was made of it is discarded")
		require.Regexp(b, `Result: [12] taken by others in `, said) // it may have claimed one more, for later
		require.Equal(b, 3, b.count(results))
		require.Empty(b, b.statuses())
		b.whole()
	})
}

// TestTerminate ends a process in the middle of long makes: it is gone soon, and its jobs are
// pending again with no attempt counted. The makes have two seconds of grace.
func TestTerminate(t *testing.T) {
	each(t, 10, func(b *bench) {
		p := start(b, "slow")
		require.Eventually(b, func() bool { return strings.Count(p.out.String(), "making") == 3 }, patience, time.Millisecond)
		began := time.Now()
		require.NoError(b, p.cmd.Process.Signal(syscall.SIGTERM))
		require.Contains(b, p.wait(b), "given back")
		limit := 3 * time.Second
		if raceDetector {
			limit += time.Second // for which it sleeps when a process ends
		}
		require.Less(b, time.Since(began), limit)
		require.Greater(b, time.Since(began), 1900*time.Millisecond)
		require.Equal(b, 10, b.statuses()["pending"])
		untried, err := query.Count(b.Context(), b.db, query.From(b.queue).Where("reserved_time IS NULL"))
		require.NoError(b, err)
		require.Equal(b, 10, untried)
		require.Equal(b, Report{Table: "Result", Made: 10}, counts(b.populate(simple, nil)))
	})
}
