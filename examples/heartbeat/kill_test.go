package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/heartbeat/ecg"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// fresh is the DSN of a database in which nothing has run yet.
func fresh(t *testing.T, dsn string) string {
	t.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		return "sqlite:" + filepath.Join(t.TempDir(), "fresh.db")
	}
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "DROP DATABASE IF EXISTS heartbeat")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return dsn
}

// killed kills the program at random moments, again and again, until the last run is left in
// peace: that one's results are those of a run that was never disturbed, and the database's too.
func killed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		kills := 6
		if more, err := strconv.Atoi(os.Getenv("ROWMILL_TEST_KILLS")); err == nil {
			kills = more // make soak
		}
		dir := t.TempDir()
		args := []string{"-dsn", fresh(t, dsn), "-plot", "p.png"}
		began := time.Now()
		first := start(t, dir, args...).wait(t, 0)
		usual := time.Since(began)
		expect(t, first, args[1])
		n, longest := 0, time.Duration(0)
		for n < kills {
			args[1] = fresh(t, dsn)
			for left := usual; left > usual/5; left /= 2 { // about what there is left to do
				p := start(t, dir, args...)
				select {
				case <-p.done: // it was faster
				case <-time.After(time.Duration(random.Int64N(int64(left)))):
					p.kill()
					n++
				}
			}
			began := time.Now()
			last := start(t, dir, args...)
			<-last.done
			longest = max(longest, time.Since(began))
			if strings.Contains(last.stderr.String(), "its worker died 3 times") { // as it did
				last = start(t, dir, append([]string{"-retry"}, args...)...)
			}
			expect(t, last.wait(t, 0), args[1])
		}
		t.Logf("killed %d times; a run takes %v, and after a kill at most %v", n, usual, longest)
	})
}

// severalAtOnce has processes share the work: each key is made once, and all of them end with
// the same lines.
func severalAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		for _, n := range []int{2, 4} {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				dsn, dir := fresh(t, dsn), t.TempDir()
				var programs []*program
				for i := range n {
					programs = append(programs, start(t, dir, "-dsn", dsn, "-plot", strconv.Itoa(i)+".png"))
				}
				for _, p := range programs {
					expect(t, p.wait(t, 0), dsn)
				}
				require.Equal(t, segments, made(t, "Segment", programs...))
				require.Equal(t, detections, made(t, "BeatDetection", programs...))
				require.Equal(t, rates, made(t, "HeartRate", programs...))
			})
		}
	})
}

// oneOfSeveralDies has the others make what it had.
func oneOfSeveralDies(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		dsn, dir := fresh(t, dsn), t.TempDir()
		args := []string{"-dsn", dsn, "-plot", ""}
		victim := start(t, dir, args...)
		require.Eventually(t, func() bool { return strings.Contains(victim.stderr.String(), "BeatDetection: ") }, time.Minute, time.Millisecond)
		a, b := start(t, dir, args...), start(t, dir, args...)
		victim.kill()
		expect(t, a.wait(t, 0), dsn)
		expect(t, b.wait(t, 0), dsn)
	})
}

// terminated asks the program to stop: it is gone soon, and what it had is pending.
func terminated(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		dir := t.TempDir()
		args := []string{"-dsn", dsn, "-plot", ""}
		for _, name := range []string{"a.csv", "b.csv", "c.csv"} {
			write(t, dir, name, sample(t, segments))
			args = append(args, name)
		}
		p := start(t, dir, args...)
		require.Eventually(t, func() bool { return strings.Contains(p.stderr.String(), "BeatDetection: 270 to make") }, time.Minute, time.Millisecond)
		began := time.Now()
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		p.wait(t, 1)
		require.Less(t, time.Since(began), 5*time.Second)
		require.Contains(t, p.stderr.String(), "heartbeat: populate BeatDetection: ")
		require.Contains(t, p.stderr.String(), "context canceled")

		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		count := func(rel query.Rel) int {
			n, err := query.Count(t.Context(), db, rel)
			require.NoError(t, err)
			return n
		}
		queue := jobs.For(ecg.BeatDetections)
		pending := count(queue.With(jobs.Pending).Where("reserved_time IS NULL"))
		require.Positive(t, pending, "it was asked too late")
		require.Equal(t, pending, count(query.From(queue)), "none is reserved, none is an error")
		require.Equal(t, 270, pending+count(query.From(schema.Declared(ecg.BeatDetections))))
		start(t, dir, args...).wait(t, 0)
		require.Len(t, fetch(t, dsn).Rates, 270)
	})
}
