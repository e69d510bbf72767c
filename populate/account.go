package populate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rowmill/rowmill/schema"
)

// An account is what the log of runs tells of one maker in one call of Populate, All or Work, which calls it for many rounds. The
// log is no condition of the work: what it was not told is said once, and the work goes on.
type account struct {
	maker *Maker

	longest atomic.Int64 // of the makes so far, in nanoseconds

	mu    sync.Mutex // guards what follows
	begun bool
	opts  Options
	run   *Run   // nil where the log could not be told
	total Report // of all rounds
	err   error  // that ended the last round
	left  bool   // keys were left in the last round
	since since
}

// accounts are those of the makers in one call.
type accounts map[*Maker]*account

func newAccounts(makers ...*Maker) accounts {
	as := accounts{}
	for _, m := range makers {
		as[m] = &account{maker: m, total: Report{Table: m.String()}}
	}
	return as
}

// begin enters the run in the log, in the first round.
func (a *account) begin(ctx context.Context, r *run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.begun {
		return
	}
	a.begun, a.opts = true, r.opts
	var err error
	a.run, err = StartRun(ctx, r.db, a.maker.table.Schema(), a.maker.String(), &RunOptions{
		Source: bringers(a.maker.table), Destination: a.maker.table.FullName(),
		Version: r.opts.Version, Lease: r.opts.Lease, Log: r.opts.Log,
	})
	if err != nil && ctx.Err() == nil {
		r.opts.Log.Warn("this run is not in the log of runs", "table", a.maker.String(), "error", err)
	}
}

// bringers are the names of the tables that bring the keys of a table.
func bringers(t *schema.Table) string {
	var names []string
	for _, f := range t.ForeignKeys() {
		if name := f.Parent.FullName(); f.Primary && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// add adds what became of a round, and whether keys were left in it.
func (a *account) add(r *Report, err error, left bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.total.add(r)
	a.left = left
	if a.err = err; errors.Is(err, context.Canceled) {
		a.err = errStopped
	}
}

// took notes how long a make took.
func (a *account) took(d time.Duration) {
	for longest := a.longest.Load(); int64(d) > longest && !a.longest.CompareAndSwap(longest, int64(d)); {
		longest = a.longest.Load()
	}
}

// longestMake is how long the longest make took, in all rounds.
func (a *account) longestMake() time.Duration { return time.Duration(a.longest.Load()) }

// close tells the log how the makers' runs ended, all at once: where the database is gone, each takes a while to find
// out.
func (as accounts) close() {
	var closing sync.WaitGroup
	for _, a := range as {
		closing.Go(a.close)
	}
	closing.Wait()
}

// close tells the log how the run ended. Where a key failed it is no success: what the key was to bring is not
// there.
func (a *account) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.run == nil {
		return
	}
	status, message := RunSuccess, a.total.String()
	if a.left {
		message += leftKeys
	}
	if err := errors.Join(a.err, a.total.Err()); err != nil {
		status, message = RunError, err.Error()
	}
	if err := a.run.end(status, message, a.total.Made); err != nil {
		a.opts.Log.Warn("the log of runs was not told how this run ended", "table", a.maker.String(), "error", err)
	}
}
