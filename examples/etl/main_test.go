package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// TestMain runs the tests, or, in a process that a test has started, the program.
func TestMain(m *testing.M) {
	if os.Getenv("ETL_PROGRAM") != "" {
		main()
		return
	}
	testdb.Main(m)
}

// A bench is a station and an archive.
type bench struct {
	*testing.T

	from, to string
}

// each runs a test from each kind of server to a file, and from a file to a server.
func each(t *testing.T, f func(b bench)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) { f(bench{t, dsn, file(t)}) })
	t.Run("to mariadb", func(t *testing.T) { f(bench{t, file(t), testdb.MariaDB(t)}) })
}

func file(t *testing.T) string {
	t.Helper()
	return "sqlite:" + t.TempDir() + "/other.db"
}

// command is a run of the program.
func (b bench) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	p := exec.Command(os.Args[0], append([]string{"-from", b.from, "-to", b.to, "-overlap", "0s"}, args...)...)
	p.Env = append(os.Environ(), "ETL_PROGRAM=1")
	out := &bytes.Buffer{}
	p.Stdout, p.Stderr = out, out
	return p, out
}

// output is what a run prints that ends well.
func (b bench) output(args ...string) string {
	b.Helper()
	p, out := b.command(args...)
	require.NoError(b, p.Run(), out.String())
	return out.String()
}

func (b bench) open(dsn string) *rowmill.DB {
	b.Helper()
	db, err := rowmill.Open(b.Context(), dsn)
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// whole wants each reading in the archive, once, in the archive's unit.
func (b bench) whole(n int) {
	b.Helper()
	readings, err := query.Fetch[Reading](b.Context(), b.open(b.from), query.From(Readings).Top(query.All, "reading"))
	require.NoError(b, err)
	kept, err := query.Fetch[Temperature](b.Context(), b.open(b.to), query.From(Temperatures).Top(query.All, "reading"))
	require.NoError(b, err)
	var want []Temperature
	for _, r := range readings {
		want = append(want, Temperature{r.Reading, (r.Fahrenheit - 32) / 1.8})
	}
	require.Len(b, kept, n)
	require.True(b, slices.Equal(want, kept), "the archive has something else than the station")
}

// TestIncrements copies what there is, then what is new, then nothing. What was entered in the same millisecond in which
// a run began is looked at twice.
func TestIncrements(t *testing.T) {
	each(t, func(b bench) {
		require.Equal(b, "1200 readings (all), of which 1200 are new\n", b.output("-measure", "1200"))
		b.whole(1200)
		increment := func(most, fresh int, args ...string) {
			b.Helper()
			var read, copied int
			out := b.output(args...)
			_, err := fmt.Sscanf(out, "%d readings (those since the last run), of which %d are new", &read, &copied)
			require.NoError(b, err, out)
			require.LessOrEqual(b, read, most)
			require.Equal(b, fresh, copied)
		}
		increment(1000, 5, "-measure", "5")
		increment(5, 0)
		b.whole(1205)
		require.Equal(b, `1205 readings (those since the last run), of which 0 are new
copy readings: success, 1200 records
copy readings: success, 5 records
copy readings: success, 0 records
copy readings: success, 0 records
`, b.output("-overlap", "1h", "-runs"))
	})
}

// TestStopped kills a run in the middle, or asks it to end. The next copies what is missing, since that one was no success.
func TestStopped(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		told   told
	}{
		{syscall.SIGKILL, told{populate.RunInProgress, "its process died"}},
		{syscall.SIGTERM, told{populate.RunError, "context canceled"}},
	} {
		t.Run(c.signal.String(), func(t *testing.T) { each(t, func(b bench) { b.stop(c.signal, c.told) }) })
	}
}

// told is what the log tells of a run: its status at first, and its message in the end.
type told struct {
	status  populate.RunStatus
	message string
}

func (b bench) stop(signal syscall.Signal, want told) {
	b.Helper()
	const n = 12_000
	require.Equal(b, "2 readings (all), of which 2 are new\n", b.output("-measure", "2"))
	p, out := b.command("-measure", strconv.Itoa(n))
	require.NoError(b, p.Start())
	b.Cleanup(func() { _ = p.Process.Kill() })
	to := b.open(b.to)
	count := func() int {
		found, err := query.Count(b.Context(), to, query.From(Temperatures))
		require.NoError(b, err)
		return found
	}
	require.Eventually(b, func() bool { return count() > batch }, time.Minute, time.Millisecond)
	require.NoError(b, p.Process.Signal(signal))
	require.Error(b, p.Wait())
	before := count()
	require.Less(b, before, n, "it was stopped too late: "+out.String())

	run, err := query.One[populate.RunRow](b.Context(), b.open(b.from), populate.Runs(Station).Where("status <> 'success'"))
	require.NoError(b, err)
	require.Equal(b, []string{"copy readings", "station.reading", "archive.temperature"}, []string{run.Name, run.Source, run.Destination})
	require.Equal(b, want.status, run.Status)

	require.Regexp(b, fmt.Sprintf(`^\d+ readings \(those since the last run\), of which %d are new
copy readings: success, 2 records
copy readings: error, 0 records: .*%s
copy readings: success, %d records
$`, n+2-before, want.message, n+2-before), b.output("-runs"))
	b.whole(n + 2)
}
