package main

import (
	"bytes"
	"math"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// asDataJoint lets this process, and those that it starts, connect to the server of a DSN as DataJoint does.
func asDataJoint(t *testing.T, dsn string) {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	password, _ := u.User.Password()
	for name, value := range map[string]string{
		"ROWMILL_DSN": "", "DJ_HOST": u.Hostname(), "DJ_PORT": u.Port(), "DJ_USER": u.User.Username(), "DJ_PASS": password, "DJ_LOG_STREAM": "stderr",
		"DJ_IGNORE_CONFIG_FILE": "true",
	} {
		t.Setenv(name, value)
	}
}

// lab runs lab.py, and returns what it prints.
func lab(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testdb.Python(t), append([]string{"-W", "ignore", "lab.py"}, args...)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	require.NoError(t, cmd.Run(), "%s", &said)
	return out.String()
}

// patiently tries again after a deadlock, which DataJoint for Python leaves to its users.
const patiently = `def patiently(do):
    for _ in range(10):
        try:
            return do()
        except Exception as e:
            if '1213' not in str(e):
                raise
    return do()`

// TestTakeOver has lab.py enter sessions, and both programs compute their spectra at once. Both compute the same, and
// lab.py goes on from what this program has made.
func TestTakeOver(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		asDataJoint(t, dsn)
		lab(t, "enter", "60")
		peer := testdb.StartPython(t, dsn, nil)
		peer.Do("sys.path.insert(0, '.')\nsys.dont_write_bytecode = True\nfrom lab import *")
		peer.Do("Spectrum.populate(reserve_jobs=True, max_calls=2)")
		peer.Do(patiently)
		peer.Tell("patiently(lambda: Spectrum.populate(reserve_jobs=True, max_calls=30)['success_count'])")
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out))
		var theirs int
		require.NoError(t, peer.Await(&theirs))
		t.Logf("while Python made %d, Go said: %s", theirs, &out)
		require.Regexp(t, `^Spectrum: \d+ made in `, out.String())

		ctx := t.Context()
		db, err := rowmill.Open(ctx, "")
		require.NoError(t, err)
		defer db.Close()
		spectra, err := query.Fetch[Spectrum](ctx, db, query.From(Spectra))
		require.NoError(t, err)
		require.Len(t, spectra, 60)
		for _, s := range spectra {
			require.Equal(t, 10+float64(s.Session), s.PeakHz, "the tone that lab.py has put into the noise")
		}
		jobsLeft, err := jobs.For(Spectra).Progress(ctx, db)
		require.NoError(t, err)
		require.Empty(t, jobsLeft)
		sameInBoth(t, db)
		require.Contains(t, lab(t, "populate"), "Quality 60 made, 0 failed")
		require.Contains(t, lab(t, "show"), "ratio")
		out.Reset()
		require.NoError(t, run(ctx, &out))
		require.Equal(t, "Spectrum: nothing to make\n", out.String())
	})
}

// sameInBoth compares each line with what this program makes of its session, whoever made it.
func sameInBoth(t *testing.T, db *rowmill.DB) {
	t.Helper()
	sessions, err := query.Fetch[Session](t.Context(), db, query.From(Sessions))
	require.NoError(t, err)
	for _, s := range sessions {
		found, err := query.Fetch[Line](t.Context(), db, query.From(Lines).Match(s.SessionKey).OrderBy("hz"))
		require.NoError(t, err)
		wanted := strongest(powers(s.Signal), s.RateHz/float64(len(s.Signal)))
		require.Len(t, found, len(wanted))
		for _, w := range wanted {
			at := -1
			for i, f := range found {
				if f.Rank == w.Rank {
					at = i
				}
			}
			require.NotEqual(t, -1, at)
			require.Equal(t, w.Hz, found[at].Hz)
			require.Less(t, math.Abs(w.Power/found[at].Power-1), 1e-9)
		}
	}
}

// TestREADME holds the guide to the code: what it shows of this program stands in main.go, and each call of its tables
// is made by guide_test.go, in both languages.
func TestREADME(t *testing.T) {
	readme, program := text(t, "README.md"), text(t, "main.go")
	calls := text(t, "guide_test.go") + program + text(t, "lab.py")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme, -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		require.Contains(t, program, b[1], "the guide shows code that the example has not")
	}
	rows := 0
	for line := range strings.Lines(readme) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "¦"), "|")
		if len(cells) < 4 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		rows++
		for _, cell := range cells[1:3] {
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
				require.Contains(t, calls, code[1], "the guide shows a call that is not made here")
			}
		}
	}
	require.Greater(t, rows, 50)
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}
