package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/internal/testdb"
)

// TestMain runs the tests or, in a process that a line has started, what the line wants of it.
func TestMain(m *testing.M) {
	if isChild() {
		serve(os.Stdin, os.Stdout)
		return
	}
	// With the race detector a process would wait for a second before it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	testdb.Main(m)
}

// onServers are the lines that TestServer runs, by their names. TestFile runs the others, so that both together take
// seconds, and run each.
var onServers = regexp.MustCompile("add|stale|New, 8 processes|Staged, 1|progress|fetch|insert|delete|that are there|pipeline")

// TestFile runs lines on SQLite, as briefly as it can be: each contender does what he is to do, and is told.
func TestFile(t *testing.T) {
	g := &ground{name: "SQLite", folder: t.TempDir()}
	requireRun(t, g, slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return onServers.MatchString(l.name) }), "")
	files, err := filepath.Glob(filepath.Join(g.folder, "*"))
	require.NoError(t, err)
	require.Empty(t, files, "what a line has made is gone")
}

// TestServer runs lines on a server, with DataJoint for Python where it is.
func TestServer(t *testing.T) {
	g, err := onServer(testdb.MariaDB(t))
	require.NoError(t, err)
	defer g.close()
	some := slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return !onServers.MatchString(l.name) })
	requireRun(t, g, some, os.Getenv("ROWMILL_TEST_PYTHON"))
}

// requireRun wants lines to be run by all contenders, and told.
func requireRun(t *testing.T, g *ground, lines []line, python string) {
	t.Helper()
	who := contenders
	if python == "" {
		who = contenders[:2]
	}
	r, report := &runner{scale: tiny, out: io.Discard, python: python}, newReport(t.Context(), tiny)
	require.NoError(t, r.run(t.Context(), g, lines, report))
	require.Len(t, report.groups(), len(lines))
	for _, made := range report.groups() {
		for _, w := range who {
			res := made.of(w)
			require.NotNil(t, res, "%s, %s", made[0].Line, w)
			require.Len(t, res.Runs, 1)
			require.Positive(t, res.Seconds(), res)
			require.Equal(t, g.server != "", res.Counted)
			if res.Counted {
				require.Positive(t, res.perKey(res.statements), res)
			}
		}
		_, known := made.ratio(handWay)
		require.True(t, known)
	}
	requireTold(t, report, lines)
}

// requireTold wants a report to be written, in all its forms.
func requireTold(t *testing.T, r *report, lines []line) {
	t.Helper()
	var table bytes.Buffer
	r.write(&table)
	for _, l := range lines {
		require.Contains(t, table.String(), l.name)
	}
	folder := filepath.Join(t.TempDir(), "new")
	require.NoError(t, r.keep(folder))
	text, err := os.ReadFile(filepath.Join(folder, "bench.json"))
	require.NoError(t, err)
	require.True(t, json.Valid(text))
	picture, err := os.Open(filepath.Join(folder, "bench.png"))
	require.NoError(t, err)
	defer picture.Close()
	image, err := png.Decode(picture)
	require.NoError(t, err)
	require.Equal(t, widthPt*dpi/72, image.Bounds().Dx())
}

// made is a report of two lines, of which one has three contenders.
func made() *report {
	of := func(n int, who contender, seconds ...float64) *result {
		r := &result{Server: "MariaDB", Line: "add", Unit: "key", N: n, Who: who, Counted: true}
		for _, s := range seconds {
			r.Runs = append(r.Runs, spent{Seconds: s, Memory: 3 << 20})
			r.statements, r.fsyncs = append(r.statements, 12), append(r.fsyncs, float64(3*n))
		}
		return r
	}
	r := &report{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Version: "abc", Go: "go1", CPUs: 2, Scale: quick, Notes: []string{"Nobody came."}}
	r.add([]*result{
		of(1000, rowmillWay, 0.0204, 0.0201, 0.0213), of(1000, handWay, 0.018, 0.019), of(1000, peerWay, 1.234567),
	})
	r.add([]*result{of(10_000, rowmillWay, 0.2), of(10_000, handWay, 0.21)})
	return r
}

func TestTable(t *testing.T) {
	var out strings.Builder
	made().write(&out)
	require.Equal(t, `Rowmill abc, go1, 2 CPUs, 2026-01-02 03:04, scale quick

MariaDB
operation  N       who        median  spread            runs  statements a key  fsyncs a key  memory  to by hand  to DataJoint
add        1,000   Rowmill    20.4ms  20.1ms to 21.3ms  3     0.0120            3.00          3.0 MB  0.91 ×      61 ×
                   by hand    18.5ms  18ms to 19ms      2     0.0120            3.00          3.0 MB
                   DataJoint  1.23s   1.23s to 1.23s    1     0.0120            3.00          3.0 MB
add        10,000  Rowmill    200ms   200ms to 200ms    1     0.0012            3.00          3.0 MB  1.05 ×  
                   by hand    210ms   210ms to 210ms    1     0.0012            3.00          3.0 MB

Nobody came.
`, out.String())
}

func TestJSON(t *testing.T) {
	text, err := json.Marshal(made())
	require.NoError(t, err)
	var told struct {
		Results []map[string]any `json:"results"`
		Notes   []string         `json:"notes"`
	}
	require.NoError(t, json.Unmarshal(text, &told))
	require.Equal(t, []string{"Nobody came."}, told.Notes)
	require.Len(t, told.Results, 5)
	ours, hand := told.Results[0], told.Results[1]
	require.Nil(t, ours["rowmill_times_as_fast"])
	require.InDelta(t, 0.0204, ours["median_seconds"], 1e-9)
	require.InDelta(t, 0.0201, ours["least_seconds"], 1e-9)
	require.InDelta(t, 0.012, ours["statements_per_key"], 1e-9)
	require.Len(t, ours["runs"], 3)
	require.InDelta(t, 0.0185/0.0204, hand["rowmill_times_as_fast"], 1e-9)
}

func TestMedian(t *testing.T) {
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
	require.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
	require.True(t, math.IsNaN(median(nil)), "of nothing there is none")
}

// TestTurns has contenders take turns, each as often as there is time.
func TestTurns(t *testing.T) {
	var order []contender
	doing := func(who contender, seconds float64) way {
		return func(context.Context) (spent, error) {
			order = append(order, who)
			return spent{Seconds: seconds}, nil
		}
	}
	r := &runner{scale: scale{rounds: 3, total: 5 * time.Second}, out: io.Discard}
	setter, err := limit.Connect("sqlite:"+t.TempDir()+"/turns.db", nil)
	require.NoError(t, err)
	defer func() { _ = setter.Close() }()
	s := &stage{dsn: "sqlite:", setter: setter}
	trial := &trial{ways: map[contender]way{rowmillWay: doing(rowmillWay, 1), handWay: doing(handWay, 2), peerWay: doing(peerWay, 3)}}
	results := []*result{{Who: rowmillWay}, {Who: handWay}, {Who: peerWay}}
	require.NoError(t, r.rounds(t.Context(), &ground{}, s, trial, results))
	require.Equal(t, []contender{rowmillWay, handWay, peerWay, rowmillWay, handWay, rowmillWay}, order,
		"DataJoint has no time for a second run, and what is done by hand none for a third")

	order, r.scale = nil, scale{rounds: 1, most: 9, short: 3500 * time.Millisecond, total: time.Minute}
	require.NoError(t, r.rounds(t.Context(), &ground{}, s, trial, []*result{{Who: rowmillWay}, {Who: handWay}}))
	require.Equal(t, []contender{rowmillWay, handWay, rowmillWay, rowmillWay}, order, "what is short is run more often")
}

func TestParse(t *testing.T) {
	c, err := parse([]string{"-quick", "-only", "ADD", "-servers", "sqlite", "-rounds", "2"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "quick", c.scale().Name)
	require.True(t, c.only.MatchString("refresh: add N"))
	require.Equal(t, []string{sqlite}, c.servers)
	for _, wrong := range []string{"-servers=oracle", "-only=(", "more"} {
		_, err := parse([]string{wrong}, io.Discard)
		require.Error(t, err, wrong)
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-list", "-only", "refresh: add"}, &out))
	require.Equal(t, "refresh: add N                       N = 1,000, 10,000, 100,000, 1,000,000\n", out.String())
	require.Error(t, run(t.Context(), []string{"-only", "nothing of the kind"}, io.Discard))
}

// TestAnswers wants what is asked in vain to be told.
func TestAnswers(t *testing.T) {
	team, err := ourTeam()
	require.NoError(t, err)
	workers, err := team.of(t.Context(), 1)
	require.NoError(t, err)
	_, err = workers[0].ask(request{Do: "dance"})
	require.ErrorContains(t, err, `no request "dance" is known`)
	_, err = workers[0].ask(request{Do: "start", Way: rowmillWay, DSN: "nonsense"})
	require.ErrorContains(t, err, "the DSN does not say what it is")
	team.stop()
	_, err = workers[0].ask(request{Do: "dance"})
	require.ErrorContains(t, err, "a process has ended")
}
