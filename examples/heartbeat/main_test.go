package main

import (
	"cmp"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
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

func TestMain(m *testing.M) { testdb.Main(m) }

// binary is the program, as "go build" makes it.
var binary string

// TestHeartbeat builds the program, and runs it as its users do.
func TestHeartbeat(t *testing.T) {
	binary = filepath.Join(t.TempDir(), "heartbeat")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	t.Run("FirstCommand", firstCommand)
	t.Run("RunTwice", runTwice)
	t.Run("WrongUse", wrongUse)
	t.Run("BadInput", badInput)
	t.Run("SeveralFiles", severalFiles)
	t.Run("ManyFailures", manyFailures)
	t.Run("SeveralAtOnce", severalAtOnce)
	t.Run("OneOfSeveralDies", oneOfSeveralDies)
	t.Run("Terminated", terminated)
	t.Run("Killed", killed)
}

// segments, detections and rates are how many rows the recording that comes along yields.
const segments, detections, rates = 30, 90, 90

// A program is a run of heartbeat.
type program struct {
	cmd            *exec.Cmd
	stdout, stderr testdb.Buffer
	done           chan struct{}
}

// start starts the program in a folder.
func start(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(binary, args...), done: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// wait wants the program to end with an exit status.
func (p *program) wait(t *testing.T, status int) *program {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(2 * time.Minute):
		require.Fail(t, "the program hangs", p.said())
	}
	require.Equal(t, status, p.cmd.ProcessState.ExitCode(), p.said())
	return p
}

func (p *program) said() string { return p.stdout.String() + p.stderr.String() }

// lastLines are the last two lines of standard output, which are the beats and the rate.
func (p *program) lastLines(t *testing.T) string {
	t.Helper()
	lines := regexp.MustCompile(`\nbeats: \d+\nmedian heart rate: \d+\.\d per minute\n$`).FindString(p.stdout.String())
	require.NotEmpty(t, lines, p.said())
	return strings.TrimPrefix(lines, "\n")
}

// made sums up how many rows of a table programs have made.
func made(t *testing.T, table string, programs ...*program) int {
	t.Helper()
	sum := 0
	for _, p := range programs {
		m := regexp.MustCompile(`(?m)^` + table + `: (\d+) made`).FindStringSubmatch(p.stderr.String())
		if m == nil {
			continue
		}
		var n int
		_, err := fmt.Sscan(m[1], &n)
		require.NoError(t, err)
		sum += n
	}
	return sum
}

// Everything is what the database holds.
type everything struct {
	Recordings []ecg.Recording
	Windows    []ecg.Window
	Segments   []ecg.Segment
	Detections []ecg.BeatDetection
	Beats      []ecg.Beat
	Rates      []ecg.HeartRate
}

// fetch reads everything, and wants no job to be left and no part to be missing.
func fetch(t *testing.T, dsn string) everything {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, table := range []schema.Declared{ecg.Segments, ecg.BeatDetections, ecg.HeartRates} {
		left, err := jobs.For(table).Progress(t.Context(), db)
		require.NoError(t, err)
		require.Empty(t, left, table)
	}
	e := everything{
		rows(t, db, ecg.Recordings), rows(t, db, ecg.Windows), rows(t, db, ecg.Segments),
		rows(t, db, ecg.BeatDetections), rows(t, db, ecg.Beats), rows(t, db, ecg.HeartRates),
	}
	parts := map[ecg.DetectionKey]int32{}
	for _, b := range e.Beats {
		parts[b.DetectionKey]++
	}
	for _, d := range e.Detections {
		require.Equal(t, d.Beats, parts[d.DetectionKey], "%+v", d.DetectionKey)
		delete(parts, d.DetectionKey)
	}
	require.Empty(t, parts, "beats without a detection")
	return e
}

func rows[Row any](t *testing.T, db *rowmill.DB, table *schema.TableOf[Row]) []Row {
	t.Helper()
	all, err := query.Fetch[Row](t.Context(), db, query.From(table))
	require.NoError(t, err)
	key := table.Untyped().Heading().Key()
	binding, err := table.Binding().Select(key)
	require.NoError(t, err)
	order := func(row Row) string {
		values, err := binding.Values(&row)
		require.NoError(t, err)
		text := ""
		for _, v := range values {
			text += fmt.Sprintf("%20v|", v)
		}
		return text
	}
	slices.SortFunc(all, func(a, b Row) int { return cmp.Compare(order(a), order(b)) })
	return all
}

// undisturbed is what a run that nobody disturbs prints and leaves behind, and how long it takes.
var undisturbed struct {
	sync.Once

	lines string
	rows  everything
	took  time.Duration
}

// expect wants a database, and what a program has printed, to be as after an undisturbed run.
func expect(t *testing.T, p *program, dsn string) {
	t.Helper()
	undisturbed.Do(func() {
		dir := t.TempDir()
		began := time.Now()
		first := start(t, dir).wait(t, 0)
		undisturbed.took = time.Since(began)
		undisturbed.lines = first.lastLines(t)
		undisturbed.rows = fetch(t, "sqlite:"+filepath.Join(dir, "heartbeat.db"))
	})
	require.Equal(t, undisturbed.lines, p.lastLines(t))
	require.True(t, reflect.DeepEqual(undisturbed.rows, fetch(t, dsn)), "the database does not hold what it should")
}

// firstCommand is what the README has newcomers do: no flags, an empty folder.
func firstCommand(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir).wait(t, 0)
	var beats int
	var rate float64
	_, err := fmt.Sscanf(p.lastLines(t), "beats: %d\nmedian heart rate: %f per minute\n", &beats, &rate)
	require.NoError(t, err)
	require.True(t, 420 <= beats && beats <= 540, beats)
	require.True(t, 95 <= rate && rate <= 112, rate)
	require.Contains(t, p.stdout.String(), "drawn in heartbeat.png\n")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 2, "%q: the database and the picture, and nothing else", files)
}

// runTwice runs the program on every server. Run again, it computes nothing.
func runTwice(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		dir := t.TempDir()
		first := start(t, dir, "-dsn", dsn, "-plot", "first.png", "-workers", "3").wait(t, 0)
		expect(t, first, dsn)
		require.Equal(t, segments, made(t, "Segment", first))
		require.Equal(t, detections, made(t, "BeatDetection", first))
		require.Equal(t, rates, made(t, "HeartRate", first))
		require.NotContains(t, first.stdout.String(), "nothing to do")
		lines := regexp.MustCompile(`(?m)^ +\d+–\d+ +\d+ +\d+\.\d +\d+$`).FindAllString(first.stdout.String(), -1)
		require.Len(t, lines, segments, first.stdout.String())

		second := start(t, dir, "-dsn", dsn, "-plot", "second.png").wait(t, 0)
		expect(t, second, dsn)
		require.Empty(t, second.stderr.String())
		require.True(t, strings.HasPrefix(second.stdout.String(), "Everything was computed already; nothing to do.\n"), second.said())
		for _, name := range []string{"first.png", "second.png"} {
			f, err := os.Open(filepath.Join(dir, name))
			require.NoError(t, err)
			picture, err := png.DecodeConfig(f)
			require.NoError(t, err)
			require.Greater(t, picture.Width, 500)
			require.NoError(t, f.Close())
		}
		third := start(t, dir, "-dsn", dsn, "-plot", "").wait(t, 0)
		require.NotContains(t, third.stdout.String(), "drawn")
		expect(t, third, dsn)
	})
}

func wrongUse(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-dsn", "mysql://root:geheim@127.0.0.1:1/"}, 1, "heartbeat: rowmill: no server answers at 127.0.0.1:1: start it, or check host and port"},
		{[]string{"-dsn", "sqlite:nowhere/x.db"}, 1, "heartbeat: rowmill: the folder nowhere of the SQLite file is not there: create it\n"},
		{[]string{"-beats"}, 2, "flag provided but not defined: -beats"},
		{[]string{"-plot", "nowhere/x.png"}, 1, "heartbeat: open nowhere/x.png: no such file or directory"},
		{[]string{"."}, 1, "., window 0: .:1: read .: is a directory"},
		{[]string{"-rate", "-360", "x.csv"}, 1, "heartbeat: enter x.csv: a rate of -360 samples per second; one from above 0 to 100000 is wanted"},
	} {
		p := start(t, dir, c.args...).wait(t, c.status)
		require.Contains(t, p.stderr.String(), c.want)
		require.NotContains(t, p.said(), "geheim")
	}
}
