package populate

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// TestLines says what a log shows, a minute apart, of two makers.
func TestLines(t *testing.T) {
	out := &bytes.Buffer{}
	l := &lines{out: out}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	says := func(after time.Duration, want string, all ...standing) {
		t.Helper()
		for i := range all {
			all[i].at, all[i].table = start.Add(after), []string{"Blood", "Cell"}[i]
		}
		out.Reset()
		l.update(all)
		require.Equal(t, want, out.String())
	}
	idle := standing{}
	says(0, "", idle, idle)
	says(time.Second, "Blood: 120 to make\n", standing{total: 120}, idle)
	says(2*time.Second, "Cell: 5 to make\n", standing{done: 10, total: 120}, standing{total: 5})
	says(60*time.Second, "", standing{done: 60, total: 120}, standing{total: 5})
	says(61*time.Second, "Blood: 61 of 120 finished, 2 failed, 1 a second, 59s left\n", standing{done: 61, failed: 2, total: 120}, standing{total: 5})
	says(10*time.Minute, "Blood: 90 of 120 finished, 3.3 a minute, 9m0s left\n", standing{done: 90, total: 120}, standing{total: 5})
	says(11*time.Minute, "", standing{done: 90, total: 120}, standing{total: 5})
	cell := standing{done: 5, total: 5, report: &Report{Table: "Cell", Made: 5, Elapsed: time.Second}}
	says(12*time.Minute, "Cell: 5 made in 1s\n", standing{done: 90, total: 120}, cell)
	says(13*time.Minute, "", standing{done: 90, total: 120}, cell)
	says(14*time.Minute, "Blood: 120 made in 14m0s\n", standing{done: 120, total: 120, report: &Report{Table: "Blood", Made: 120, Elapsed: 14 * time.Minute}}, cell)
	says(time.Hour, "", standing{done: 120, total: 120, report: &Report{}}, cell)
}

func TestTextOfAStanding(t *testing.T) {
	for _, c := range []struct {
		s    standing
		rate float64
		want string
	}{
		{standing{total: 3}, 0, "0 of 3 finished"},
		{standing{done: 3, total: 3}, 100, "3 of 3 finished, 100 a second"},
		{standing{done: 1, total: 100_000}, 1e-3, "1 of 100000 finished, 3.6 an hour, 27777h30m left"},
		{standing{done: 1, failed: 1, total: 2}, 12.4, "1 of 2 finished, 1 failed, 12 a second, 81ms left"},
	} {
		require.Equal(t, c.want, c.s.text(c.rate))
	}
}

// TestPaceIsOfLately forgets what was long ago.
func TestPaceIsOfLately(t *testing.T) {
	var p pace
	at, done := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0
	pass := func(seconds, each int) {
		for range seconds {
			at, done = at.Add(time.Second), done+each
			p.look(at, done)
		}
	}
	require.Zero(t, p.rate())
	pass(1, 0)
	require.Zero(t, p.rate())
	pass(100, 10)
	require.InEpsilon(t, 10, p.rate(), 1e-9)
	pass(61, 2)
	require.InEpsilon(t, 2, p.rate(), 1e-9)
	pass(61, 0)
	require.Zero(t, p.rate())
}

// TestRowsSumRounds shows what all rounds of Work have done, and takes keys that came in the meantime for the total.
func TestRowsSumRounds(t *testing.T) {
	m := New(results, simple)
	b := &board{repeats: again}
	b.rows = []*row{{board: b, maker: m, past: &Report{Table: "Result"}}}
	round := &run{report: &Report{Table: "Result"}}
	b.row(m).begin(round, 10)
	round.report.Made, round.report.Failed, round.report.Refreshed.Added = 3, 1, 5
	s := b.standings()[0]
	require.Equal(t, standing{at: s.at, table: "Result", done: 4, failed: 1, total: 15}, s)
	b.row(m).end(round.report)
	s = b.standings()[0]
	require.Equal(t, standing{at: s.at, table: "Result", done: 4, failed: 1, total: 4}, s, "nothing runs")
	round = &run{report: &Report{Table: "Result", Made: 2, NotReady: 1}}
	b.row(m).begin(round, 7)
	s = b.standings()[0]
	require.Equal(t, standing{at: s.at, table: "Result", done: 6, failed: 1, total: 10}, s)
}

// A screen is a terminal, and what stands on it.
type screen struct {
	tty  *os.File
	read chan struct{} // is closed when all was read

	mu    sync.Mutex
	lines []string
	row   int
	rest  string // of an escape sequence that has not ended
}

// newScreen opens a terminal of 100 columns and 20 rows.
func newScreen(t *testing.T) *screen {
	t.Helper()
	ours, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: 20, Cols: 100}))
	s := &screen{tty: tty, read: make(chan struct{}), lines: []string{""}}
	go func() {
		defer close(s.read)
		some := make([]byte, 4096)
		for {
			n, err := ours.Read(some)
			s.show(string(some[:n]))
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = tty.Close()
		_ = ours.Close()
	})
	return s
}

// token is a sequence that moves the cursor up, or clears what is below it; an end of a line; or a text.
var token = regexp.MustCompile(`^(?:\x1b\[(\d*)([AJ])|\r?\n|\r|[^\x1b\r\n]+)`)

// show does what a terminal does with a text.
func (s *screen) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest += text
	for s.rest != "" {
		found := token.FindStringSubmatch(s.rest)
		if found == nil {
			return // the rest is to come
		}
		s.rest = s.rest[len(found[0]):]
		switch {
		case found[2] == "A":
			up, _ := strconv.Atoi(found[1])
			s.row = max(0, s.row-up)
		case found[2] == "J":
			s.lines = append(s.lines[:s.row:s.row], "")
		case strings.HasSuffix(found[0], "\n"):
			if s.row++; s.row == len(s.lines) {
				s.lines = append(s.lines, "")
			}
		case found[0] != "\r":
			s.lines[s.row] += found[0]
		}
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimRight(strings.Join(s.lines, "\n"), "\n")
}

// last is what stands on the screen when nobody writes any more.
func (s *screen) last(t *testing.T) string {
	t.Helper()
	require.NoError(t, s.tty.Close())
	<-s.read
	return s.text()
}

// TestBarsOnATerminal draws two bars, one below the other, in the order of the makers.
func TestBarsOnATerminal(t *testing.T) {
	s := newScreen(t)
	d := newDisplay(s.tty)
	at := time.Now()
	later := standing{at: at, table: "Cell"}
	d.update([]standing{later, {at: at, table: "Spectrum", total: 40}})
	require.Eventually(t, func() bool {
		return regexp.MustCompile(`^Spectrum \[-{28}\] 0 of 40 finished$`).MatchString(s.text())
	}, patience, time.Millisecond)
	later = standing{at: at, table: "Cell", done: 15, total: 20, failed: 2}
	d.update([]standing{later, {at: at.Add(time.Second), table: "Spectrum", done: 20, total: 40}})
	require.Eventually(t, func() bool {
		return regexp.MustCompile(`^Cell     \[=+>-+\] 15 of 20 finished, 2 failed\n` +
			`Spectrum \[=+>-+\] 20 of 40 finished, 20 a second, 1s left$`).MatchString(s.text())
	}, patience, time.Millisecond)
	d.end([]standing{
		{table: "Cell", done: 20, report: &Report{Table: "Cell", Made: 18, Failed: 2, Elapsed: time.Second}},
		{table: "Spectrum", done: 40, report: &Report{Table: "Spectrum", Made: 40, Elapsed: time.Minute}},
	})
	require.Equal(t, "Cell: 18 made, 2 failed in 1s\nSpectrum: 40 made in 1m0s", s.last(t), "the bars are gone")
}

// TestAllOnATerminal has a bar for each maker while they run, and then a line for each.
func TestAllOnATerminal(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		const n = 20
		db := openPlant(t, dsn, n)
		s := newScreen(t)
		shown := make(chan struct{})
		both := regexp.MustCompile(`(?m)^Raw +\[.*\] \d+ of 20 finished.*\n(?:.+\n)*End +\[.*\] \d+ of \d+ finished`)
		var watch sync.Once
		reports, err := All(t.Context(), db, &Options{Workers: 4, Output: s.tty}, plantMakers(func(table string) {
			if table != "End" {
				return
			}
			watch.Do(func() { // the last makes wait until they are on the screen
				defer close(shown)
				for began := time.Now(); !both.MatchString(s.text()); time.Sleep(time.Millisecond) {
					if time.Since(began) > patience {
						return
					}
				}
			})
			<-shown
		})...)
		require.NoError(t, err)
		require.Equal(t, 6*n, reports.Made())
		text := s.last(t)
		require.Len(t, strings.Split(text, "\n"), 6, text)
		require.Equal(t, reports.String(), text)
	})
}

// TestWorkOnATerminal keeps one bar over all rounds.
func TestWorkOnATerminal(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openPlant(t, dsn, 5)
		s := newScreen(t)
		reports, err := Work(t.Context(), db, &WorkOptions{
			Options: Options{Output: s.tty}, IdleLimit: 100 * time.Millisecond, LongestPause: time.Millisecond,
		}, plantMakers(func(string) {})[5])
		require.NoError(t, err)
		require.Equal(t, 5, reports.Made())
		require.Regexp(t, `^Raw: 5 made in \S+$`, s.last(t))
	})
}

// A stuck writer takes nothing until it is let go.
type stuck struct{ letGo chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.letGo
	return len(p), nil
}

// TestStuckOutput has a terminal that takes nothing more until the last key is made.
func TestStuckOutput(t *testing.T) {
	each(t, 20, func(b *bench) {
		out := stuck{make(chan struct{})}
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 1 {
				time.Sleep(2 * showPause) // until it was written
			}
			if key.SubjectID == 20 {
				close(out.letGo)
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Output = out })
		require.Equal(b, 20, report.Made)
	})
}

// TestStuckAtTheEnd waits only a while for a terminal that takes nothing.
func TestStuckAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := stuck{make(chan struct{})}
		defer close(out.letGo)
		b := newBoard(out, once, []*Maker{New(results, simple)})
		b.row(b.rows[0].maker).end(&Report{Made: 1})
		began := time.Now()
		b.end()
		require.Equal(t, lastWords, time.Since(began))
	})
}

// TestNothingIsShown has nothing to make, and so nothing to show.
func TestNothingIsShown(t *testing.T) {
	s := newScreen(t)
	for _, d := range []display{newDisplay(s.tty), newDisplay(io.Discard)} {
		nothing := []standing{{table: "Result", report: &Report{Table: "Result"}}}
		d.update(nothing)
		d.end(nothing)
	}
	require.Empty(t, s.last(t))
}
