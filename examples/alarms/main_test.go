package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/alarms/alarms"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// binary is the program, as "go build" makes it.
var binary string

// TestAlarms builds the program, and runs it as its users do.
func TestAlarms(t *testing.T) {
	binary = filepath.Join(t.TempDir(), "alarms")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	t.Run("Demonstration", demonstration)
	t.Run("Refused", refused)
	t.Run("Watched", watched)
	t.Run("Cancelled", cancelled)
	t.Run("Changed", changed)
	t.Run("WrongUse", wrongUse)
}

// A bench is a folder and a database.
type bench struct {
	*testing.T

	dir, dsn string
	db       *rowmill.DB
}

func each(t *testing.T, f func(b bench)) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		f(bench{t, t.TempDir(), dsn, db})
	})
}

// A program is a run of alarms.
type program struct {
	*exec.Cmd

	stdout, stderr testdb.Buffer
}

func (b bench) program(args ...string) *program {
	p := &program{Cmd: exec.CommandContext(b.Context(), binary, append([]string{"-dsn", b.dsn}, args...)...)}
	p.Dir, p.Stdout, p.Stderr = b.dir, &p.stdout, &p.stderr
	return p
}

// start starts a program, and kills it at the end of the test.
func (b bench) start(args ...string) *program {
	b.Helper()
	p := b.program(args...)
	require.NoError(b, p.Start())
	b.Cleanup(func() { p.kill() })
	return p
}

func (p *program) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// output is what a run prints that goes well.
func (b bench) output(args ...string) string {
	b.Helper()
	p := b.program(args...)
	require.NoError(b, p.Run(), p.stderr.String())
	return p.stdout.String()
}

// times are those in the table of requests.
var times = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

const said = `The sailor has request 1.
The gardener has request 2.
The poet is refused: insert into Request.Alarm: request=3 alarm=1: a value does not fit its attribute: parameters: at /above: got string, want number; at /days: minimum: got 0, want 1; at /quantity: value must be one of 'wind', 'rain', 'greatest temperature', 'least temperature'

request  state    changed  steps
1        created  -        0 of 12 steps (0.00 %) done
2        created  -        0 of 8 steps (0.00 %) done

request  state     changed              steps
1        failed    TIME  4 of 12 steps (33.33 %) failed
2        finished  TIME  8 of 8 steps (100.00 %) done

request 1, valley 2012: nobody measures the wind at valley: take the station out of request 1, or ask for another quantity
request 1, valley 2013: nobody measures the wind at valley: take the station out of request 1, or ask for another quantity
request 1, valley 2014: nobody measures the wind at valley: take the station out of request 1, or ask for another quantity
request 1, valley 2015: nobody measures the wind at valley: take the station out of request 1, or ask for another quantity

request  station  since       days  extreme
1        hill     2012-02-21  2     10.5
1        hill     2012-03-11  2     8.7
`

// demonstration runs the program as the first command does.
func demonstration(t *testing.T) {
	each(t, func(b bench) {
		out := times.ReplaceAllString(b.output(), "TIME")
		require.True(b, strings.HasPrefix(out, said), out)
		require.Contains(b, out, "\n1        seattle  2014-01-11  2     8.8\n", "of the data themselves")
		require.Contains(b, out, "\n2        seattle  2013-12-05  5     -7.1\n")
		require.Equal(b, 29, strings.Count(out, "\n1        hill ")+strings.Count(out, "\n1        seattle ")+strings.Count(out, "\n2        hill ")+strings.Count(out, "\n2        seattle "))
	})
}

const gale = `{"quantity": "wind", "above": 8, "days": 2}`

// refused enters requests with bad parameters, and for a place that is not there: nothing of them is kept.
func refused(t *testing.T) {
	each(t, func(b bench) {
		for ask, why := range map[string]string{
			`{"quantity": "wind", "above": 8}`:                                                                     "parameters: missing property 'days'",
			`{"quantity": "wind", "above": 8, "below": 9, "days": 2}`:                                              "parameters: 'oneOf' failed, subschemas 0, 1 matched",
			`[{"quantity": "wind", "above": 8, "days": 2}, {"quantity": "wind", "above": 8, "days": 2, "in": ""}]`: "request=1 alarm=2: a value does not fit its attribute: parameters: additional properties 'in' not allowed",
			`wind above 8`: "parameters",
		} {
			p := b.program("-ask", ask)
			require.Error(b, p.Run(), ask)
			require.Contains(b, p.stderr.String(), why)
		}
		p := b.program("-ask", gale, "-at", "nowhere")
		require.Error(b, p.Run())
		require.Contains(b, p.stderr.String(), "there is no Station with station=nowhere")
		for _, table := range []query.Rel{query.From(alarms.Requests), query.From(alarms.Alarms), query.From(alarms.Objects)} {
			n, err := query.Count(b.Context(), b.db, table)
			require.NoError(b, err)
			require.Zero(b, n)
		}
	})
}

// states are those of the requests.
func (b bench) states() (states []populate.RequestState, texts []string) {
	b.Helper()
	list, err := requests(b.Context(), b.db)
	require.NoError(b, err)
	for _, r := range list.Requests {
		states, texts = append(states, r.State), append(texts, r.Steps())
	}
	return states, texts
}

// until waits until a request is in a state.
func (b bench) until(request int, state populate.RequestState, worker *program) {
	b.Helper()
	require.Eventually(b, func() bool {
		states, _ := b.states()
		return len(states) >= request && states[request-1] == state
	}, time.Minute, 20*time.Millisecond, "%s; %s", state, worker.stderr.String())
}

// watched has a person watch requests that one worker after the other works on, each of which is killed.
func watched(t *testing.T) {
	each(t, func(b bench) {
		require.Equal(b, "request 1 is entered\n", b.output("-ask", gale, "-at", "hill,valley", "-urgency", "9"))
		require.Equal(b, "request 2 is entered\n", b.output("-ask", `[{"quantity": "rain", "above": 30, "days": 2}, `+gale+`]`, "-at", "seattle,hill", "-urgency", "1"))
		watching := b.start("-watch")
		worker := b.start("-work", "-pause", "400ms")
		b.until(2, populate.RequestRunning, worker)
		states, _ := b.states()
		require.Equal(b, populate.RequestQueued, states[0], "the other is more urgent")
		worker.kill()

		worker = b.start("-work", "-pause", "200ms")
		b.until(2, populate.RequestFinished, worker)
		worker.kill()
		worker = b.start("-work")
		b.until(1, populate.RequestFailed, worker)
		require.NoError(b, watching.Wait())
		_, texts := b.states()
		require.Equal(b, []string{"4 of 8 steps (50.00 %) failed", "16 of 16 steps (100.00 %) done"}, texts)
		seen := times.ReplaceAllString(watching.stdout.String(), "TIME")
		for _, line := range []string{
			"queued", "running", "of 16 steps (",
			"1        failed    TIME  4 of 8 steps (50.00 %) failed\n2        finished  TIME  16 of 16 steps (100.00 %) done\n",
		} {
			require.Contains(b, seen, line)
		}
	})
}

// cancelled deletes a request while it runs, at whose steps a worker would be for an hour: he is at the next within seconds.
func cancelled(t *testing.T) {
	each(t, func(b bench) {
		b.output("-ask", gale, "-at", "hill")
		worker := b.start("-work", "-pause", "1h", "-workers", "4")
		b.until(1, populate.RequestRunning, worker)
		require.Eventually(b, func() bool { return b.reserved() == 4 }, time.Minute, 20*time.Millisecond)
		b.output("-cancel", "1")
		began := time.Now()
		states, _ := b.states()
		require.Empty(b, states)
		require.Equal(b, "request 1 is entered\n", b.output("-ask", gale, "-at", "seattle"))
		require.Eventually(b, func() bool { return b.reserved() == 4 }, 30*time.Second, 20*time.Millisecond, worker.stderr.String())
		require.Less(b, time.Since(began), 30*time.Second)
	})
}

// reserved is how many steps of the present requests are being made.
func (b bench) reserved() int {
	b.Helper()
	n, err := query.Count(b.Context(), b.db, jobs.For(alarms.Checks).With(jobs.Reserved).In(query.From(alarms.Objects)))
	require.NoError(b, err)
	return n
}

// changed has a request ask for something else when it has failed: then it succeeds.
func changed(t *testing.T) {
	each(t, func(b bench) {
		b.output("-ask", gale, "-at", "valley")
		worker := b.start("-work")
		b.until(1, populate.RequestFailed, worker)
		b.output("-change", "1", "-ask", `{"quantity": "rain", "above": 20, "days": 2}`)
		b.until(1, populate.RequestFinished, worker)
		_, texts := b.states()
		require.Equal(b, []string{"4 of 4 steps (100.00 %) done"}, texts)
		p := b.program("-change", "7", "-ask", gale)
		require.Error(b, p.Run())
		require.Contains(b, p.stderr.String(), "no such row")
	})
}

// wrongUse says what is wrong.
func wrongUse(t *testing.T) {
	each(t, func(b bench) {
		for wanted, args := range map[string][]string{
			"alarms: there is no request 7":                  {"-cancel", "7"},
			"alarms: the urgency is 200; -128…127 is wanted": {"-ask", gale, "-urgency", "200"},
		} {
			p := b.program(args...)
			require.Error(b, p.Run())
			require.Contains(b, p.stderr.String(), wanted)
		}
	})
}
