package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/heartbeat/ecg"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// windowSamples is how many samples a window has.
const windowSamples = 10 * 360

// sample are the lines of the recording that comes along: a heading, and windows times ten seconds.
func sample(t *testing.T, windows int) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("ecg", ecg.Sample))
	require.NoError(t, err)
	return strings.Split(string(text), "\n")[:1+windows*windowSamples]
}

// write writes the file of a recording.
func write(t *testing.T, dir, name string, lines []string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// with is a copy of lines in which one, counted from 1, is another.
func with(lines []string, number int, text string) []string {
	changed := append([]string{}, lines...)
	changed[number-1] = text
	return changed
}

// badInput has one good window in most files, and says what is wrong with the others. When
// the files are mended, -retry computes what failed, and nothing else.
func badInput(t *testing.T) {
	good := sample(t, 4)
	const third = 1 + 2*windowSamples + 7 // a line of the third window
	for _, c := range []struct {
		name   string
		lines  []string // nil: there is no file
		errors []string // what is said of it
		made   int      // windows that are computed all the same
		mended int      // windows that are computed when it is mended
	}{
		{"missing", nil, []string{"missing.csv, window 0: open missing.csv: no such file or directory"}, 0, 4},
		{"empty", []string{}, []string{"empty.csv, window 0: empty.csv:1: the recording ends here, after 0 samples; 3600 are wanted for this window"}, 0, 4},
		{"short", good[:1+99], []string{"short.csv, window 0: short.csv:100: the recording ends here, after 99 samples; 3600 are wanted for this window"}, 0, 4},
		{"word", with(good, third, "1024 mV"), []string{fmt.Sprintf(`word.csv, window 2: word.csv:%d: "1024 mV" is no number; one count of the converter is wanted`, third)}, 3, 1},
		{"gap", with(good, third, ""), []string{fmt.Sprintf(`gap.csv, window 2: gap.csv:%d: "" is no number`, third)}, 3, 1},
		{"binary", with(good, third, "\x00\xff\xfe"), []string{fmt.Sprintf(`binary.csv, window 2: binary.csv:%d: "\x00\xff\xfe" is no number`, third)}, 3, 1},
		{"two", with(with(good, third, "x"), 2, "y"), []string{`window 0: two.csv:2: "y" is no number`, `window 2: two.csv:`}, 2, 2},
		{"nan", with(good, third, "NaN"), []string{fmt.Sprintf(`nan.csv, window 2: nan.csv:%d: "NaN" is no number`, third)}, 3, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, dsn string) {
				dir, file := t.TempDir(), c.name+".csv"
				if c.lines != nil {
					write(t, dir, file, c.lines)
				}
				args := []string{"-dsn", dsn, "-plot", "", file}
				first := start(t, dir, args...).wait(t, 1)
				require.Equal(t, c.made, made(t, "Segment", first))
				require.Contains(t, first.stderr.String(), fmt.Sprintf("Segment: %d failed; after mending, run again with -retry\n", len(c.errors)))
				for _, e := range c.errors {
					require.Contains(t, first.stderr.String(), e)
				}
				if c.made > 0 {
					first.lastLines(t)
				} else {
					require.Contains(t, first.stderr.String(), file+": no segment could be evaluated")
				}

				again := start(t, dir, args...).wait(t, 1)
				require.Zero(t, made(t, "Segment", again), "errors are not tried again unasked")
				require.Contains(t, again.stderr.String(), c.errors[0])

				write(t, dir, file, good)
				mended := start(t, dir, append([]string{"-retry"}, args...)...).wait(t, 0)
				require.Equal(t, c.mended, made(t, "Segment", mended), mended.said())
				require.Equal(t, 3*c.mended, made(t, "HeartRate", mended))
				require.Len(t, fetch(t, dsn).Rates, 4*3)
				mended.lastLines(t)
			})
		})
	}
}

// severalFiles computes the good ones among bad ones, and tells each's result.
func severalFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.csv", sample(t, 2))
	write(t, dir, "c.csv", sample(t, 1))
	p := start(t, dir, "-plot", "", "a.csv", "b.csv", "c.csv").wait(t, 1)
	require.Equal(t, 3, made(t, "Segment", p))
	require.Equal(t, 2, strings.Count(p.stdout.String(), "\nbeats: "))
	require.Contains(t, p.stderr.String(), "b.csv")

	// A file that goes on is computed from where it ended.
	write(t, dir, "a.csv", sample(t, 3))
	p = start(t, dir, "-plot", "", "a.csv").wait(t, 0) // b.csv's error is not asked for
	require.Equal(t, 1, made(t, "Segment", p))
	require.Contains(t, p.stderr.String(), "1 failed before", "but it is not hidden")

	// A name belongs to one recording.
	require.NoError(t, os.Mkdir(filepath.Join(dir, "other"), 0o700))
	write(t, dir, filepath.Join("other", "a.csv"), sample(t, 1))
	p = start(t, dir, "other/a.csv").wait(t, 1)
	require.Contains(t, p.stderr.String(), `heartbeat: enter other/a.csv: a recording "a.csv" is there already, of other data`)
}

// manyFailures names the first of them.
func manyFailures(t *testing.T) {
	dir := t.TempDir()
	lines := sample(t, 30)
	for i := range 30 {
		lines[1+i*windowSamples] = "x"
	}
	write(t, dir, "bad.csv", lines)
	p := start(t, dir, "bad.csv").wait(t, 1)
	require.Contains(t, p.stderr.String(), "Segment: 30 failed; ")
	require.Equal(t, shownFailures, strings.Count(p.stderr.String(), "  bad.csv, window "))
	require.Contains(t, p.stderr.String(), "  and 20 more\n")
	db, err := rowmill.Open(t.Context(), "sqlite:"+filepath.Join(dir, "heartbeat.db"))
	require.NoError(t, err)
	defer db.Close()
	n, err := query.Count(t.Context(), db, query.From(ecg.Segments))
	require.NoError(t, err)
	require.Zero(t, n)
}
