package populate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs/runs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A RunStatus is the state of a run.
type RunStatus string

// The states of a run.
const (
	RunInProgress RunStatus = runs.InProgress
	RunSuccess    RunStatus = runs.Success
	RunError      RunStatus = runs.Error
)

// A RunRow is a row of the log of a schema's runs (see [Runs]). All times are by the server's clock.
type RunRow struct {
	Run  uuid.UUID
	Name string // of the maker's table, or as [StartRun] was given it
	// Status is RunSuccess where all went well, and RunError where the run ended with an error, a key failed in it, or
	// its process died. A run whose process has died is in progress until another begins in the schema.
	Status      RunStatus
	StartTime   time.Time
	EndTime     *time.Time // nil while it is in progress; of one whose process died, when that was found
	Message     string     // what became of the keys, or what went wrong; at most 2047 letters (see [MostRecent])
	Records     int64      // how many rows were made, or as [Run.Success] was given it
	Source      string     // of a maker, the tables that bring its keys: "lab.subject, lab.session"
	Destination string     // of a maker, its table: "lab.__result"
	User        string     // the name in the database
	Host        string     // the machine
	PID         int32      `db:"pid"` // the process
	Version     string     // of the code
}

// Runs is the log of a schema's runs, in no order, for rows of type [RunRow]:
//
//	failed := populate.Runs(lab.Schema).Where("status = 'error'").Top(10, "start_time DESC")
//	rows, err := query.Fetch[populate.RunRow](ctx, db, failed)
//
// Each call of [Maker.Populate], [All] and [Work] leaves one row for each of its makers in the schema of the maker's
// table, from when the call begins to look for what is to be made, even if there is nothing; so does [StartRun]. The log is the
// table ~run, which is created at the first run: before that its rows are asked for in vain, with an error that wraps
// rowmill.ErrNoTable. Nothing reads old rows but MostRecent: who wants them gone deletes them.
func Runs(s *schema.Schema) query.Rel { return query.From(runs.Of(s)) }

// MostRecent is when the last successful run of a name began, by the clock of the server on which the schema is: what the source of
// an incremental import has got since then is not imported yet. ok is false where there was none. A maker's run that left keys
// is passed over (see [Job.Since]): its Message ends with "; keys were left". Allow for the
// difference of two clocks where the source tells the time by another, and for what was entered there before, and committed
// since: what is asked for twice has to do no harm. examples/etl shows it.
func MostRecent(ctx context.Context, conn rowmill.Conn, s *schema.Schema, name string) (began time.Time, ok bool, err error) {
	began, ok, err = mostRecent(ctx, conn, successes(s, name))
	if err != nil {
		return began, false, fmt.Errorf("the most recent run of %s: %w", name, err)
	}
	return began, ok, nil
}

// leftKeys is at the end of what the log says of a success that left keys.
const leftKeys = "; keys were left"

// successes are the runs of a name that did all that there was to do.
func successes(s *schema.Schema, name string) query.Rel {
	return Runs(s).Where("status = 'success' AND name = ? AND message NOT LIKE ?", name, "%"+leftKeys)
}

func mostRecent(ctx context.Context, conn rowmill.Conn, of query.Rel) (began time.Time, ok bool, err error) {
	found, err := query.Column[time.Time](ctx, conn, of.Top(1, "start_time DESC"), "start_time")
	if errors.Is(err, rowmill.ErrNoTable) {
		return began, false, nil
	}
	if err != nil || len(found) == 0 {
		return began, false, err
	}
	return found[0], true, nil
}

// RunOptions say what the log tells of a run; nil stands for the defaults.
type RunOptions struct {
	// Source and Destination say from where to where data go. The default is "". They are cut to 1023 letters.
	Source, Destination string
	// Version is that of the code, at most 64 letters of it. The default, "", is the commit from which the program was
	// built, as far as it is known.
	Version string
	// Lease is how long after its process was last heard of the run is taken for dead. It is heard of three times as
	// often. The default, 0, is 30 s; the least is 100 ms.
	Lease time.Duration
	// Log is told where the process could not be heard of. The default, nil, is slog.Default().
	Log *slog.Logger
}

// A Run is a run in progress. Its methods may be called from any goroutine.
type Run struct {
	ctx   context.Context // which does not end
	db    *rowmill.DB
	log   *runs.Log
	id    uuid.UUID
	name  string
	lease time.Duration

	warn *slog.Logger
	stop context.CancelFunc // of the heartbeat

	mu    sync.Mutex // guards what follows
	ended bool
}

// StartRun enters a run in the log of a schema, for code that is no maker's. It is in progress until [Run.Success] or
// [Run.Error] is called, or its process dies: then the next run that begins in the schema, whatever its name, closes it as an error.
//
//	run, err := populate.StartRun(ctx, db, lab.Schema, "nightly import", nil)
//	if err != nil {
//		return err
//	}
//	n, err := importNew(ctx, db, since)
//	if err != nil {
//		return errors.Join(err, run.Error(err))
//	}
//	return run.Success(n)
//
// The end of ctx ends no run. The log is created if it is not there. Several runs of one name may be in progress.
func StartRun(ctx context.Context, db *rowmill.DB, s *schema.Schema, name string, opts *RunOptions) (*Run, error) {
	o := opts.withDefaults()
	switch {
	case name == "":
		return nil, errors.New("start a run: a name is wanted, and it is empty")
	case utf8.RuneCountInString(name) > runs.MaxName:
		return nil, fmt.Errorf("start a run: its name has more than %d letters: %.20s…", runs.MaxName, name)
	case o.Lease < leastLease:
		return nil, fmt.Errorf("start a run: RunOptions.Lease is %v; 0, for %v, or %v at least is wanted", o.Lease, defaultLease, leastLease)
	}
	r := &Run{ctx: context.WithoutCancel(ctx), db: db, log: runs.Of(s), name: name, lease: o.Lease, warn: o.Log}
	var err error
	r.id, err = r.log.Begin(ctx, db, runs.Entry{Name: name, Source: o.Source, Destination: o.Destination, Version: o.Version, Lease: o.Lease})
	if err != nil {
		return nil, fmt.Errorf("start a run of %s: %w", name, err)
	}
	beating, stop := context.WithCancel(r.ctx)
	r.stop = stop
	go r.beat(beating)
	return r, nil
}

func (o *RunOptions) withDefaults() RunOptions {
	var filled RunOptions
	if o != nil {
		filled = *o
	}
	if filled.Version == "" {
		filled.Version = buildVersion()
	}
	if filled.Lease == 0 {
		filled.Lease = defaultLease
	}
	if filled.Log == nil {
		filled.Log = slog.Default()
	}
	return filled
}

// Success says that the run did what it was to do, with so many records. A run ends once.
func (r *Run) Success(records int) error { return r.end(RunSuccess, "", records) }

// Error says that the run failed, and why. A run ends once.
func (r *Run) Error(cause error) error {
	message := "it was not said why"
	if cause != nil {
		message = cause.Error()
	}
	return r.end(RunError, message, 0)
}

// end says how the run ended. It takes no longer than a while, since programs end then.
func (r *Run) end(status RunStatus, message string, records int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return fmt.Errorf("end the run of %s: it has ended before", r.name)
	}
	ctx, cancel := context.WithTimeout(r.ctx, releaseTime)
	defer cancel()
	r.stop() // in any case: of whoever says that he has ended nobody is to hear any more
	if err := r.log.End(ctx, r.db, r.id, string(status), message, records); err != nil {
		return fmt.Errorf("end the run of %s: %w", r.name, err)
	}
	r.ended = true
	return nil
}

// beat says that the run goes on, until ctx ends.
func (r *Run) beat(ctx context.Context) {
	tick := time.NewTicker(r.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.log.Keep(ctx, r.db, r.id, r.lease); err != nil && ctx.Err() == nil {
			r.warn.Warn("the log was not told that a run goes on; it is tried again", "run", r.name, "error", err)
		}
	}
}
