package populate

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Options say how Populate works; nil stands for the defaults.
type Options struct {
	// Workers is how many makes run at once in this process. The default, 0, is 1.
	Workers int
	// Lease is how long after this process was last heard of its jobs are given to others.
	// It is heard of three times as often. The default, 0, is 30 s; the least is 100 ms.
	Lease time.Duration
	// LeaveOthers ends the call when nothing is left that this process could make. The
	// default is to wait until what other processes have reserved is made, too, and to make it
	// if they die.
	LeaveOthers bool
	// Only restricts the run to the keys that are in it: others are neither queued nor made.
	// The default, the zero Rel, is no restriction.
	Only query.Rel
	// Priority is that of the jobs that this run queues, -128…127, lower first. The default,
	// nil, is jobs.DefaultPriority.
	Priority *int8
	// MaxPriority leaves jobs alone whose priority is a higher number. The default, nil, makes all.
	MaxPriority *int8
	// MaxCalls is how many keys are begun at most in this run, over all workers: each is a call of the make function, or one of
	// the keys of a call of [Batched]; one that is tried again, or goes on, is begun again. The default, 0, is no limit.
	MaxCalls int
	// Timeout is how long a make may take: after that its context ends, and it has failed, as by a mistake of its own: it is
	// tried again as Retry.MaxAttempts says, and not as a time limit of the make's own, which passes. Of a make in stages, the time
	// does not count that its result waits for others to be kept. The default, 0, is no limit.
	Timeout time.Duration
	// Grace is how long makes may go on when the run is told to end, be it by its context or by StopOnError. After that
	// their contexts end, and their keys are given back. The default, 0, is 5 s; a negative one is none.
	Grace time.Duration
	// StopOnError ends the run at the first key that fails, with its error. The default is to make the others.
	StopOnError bool
	// RetryErrors queues the keys again that failed before, those of Only, before anything is made. The default is to
	// leave them.
	RetryErrors bool
	// Retry says whether and when keys are tried again that failed. The run waits for those that it has tried.
	// The default is that a key whose make fails is an error at once, unless the failure may pass by itself. Trouble of the
	// database is waited out for half a minute; that it did not pass is a failure where each of several calls of the make met
	// it, and no attempt where the database was gone.
	Retry jobs.RetryPolicy
	// KeepCompleted keeps the jobs that are done, with their durations, as DataJoint's setting jobs.keep_completed
	// does. The default is to remove them.
	KeepCompleted bool
	// StaleTimeout and OrphanTimeout are those of [jobs.RefreshOptions].
	StaleTimeout, OrphanTimeout time.Duration
	// Direct makes what is missing without the queue, in the order of keys: what fails, or is skipped, is remembered by
	// nothing but the report, and jobs are neither looked at nor changed. Where two processes do so at once, both
	// compute the same keys, of which one is kept. The default is to use the queue.
	Direct bool
	// Version is kept with each row that is made, at most 64 letters of it. The default, "",
	// is the commit from which the program was built, as far as it is known.
	Version  string
	deadline time.Time // after which no make begins; see Work

	// Output is where progress is shown: as a bar for each maker where it is a terminal, in plain lines, a minute
	// apart, elsewhere. The default, nil, is standard error; io.Discard is silence.
	Output io.Writer
	// Log is told of lost leases and of trouble that was overcome. The default, nil, is
	// slog.Default().
	Log *slog.Logger
	// Observer is told what happens as it happens. The default, nil, is nobody.
	Observer Observer
	board    *board // where progress is shown, if that is begun already
}

const (
	defaultLease = 30 * time.Second
	defaultGrace = 5 * time.Second
	leastLease   = 100 * time.Millisecond
)

// check refuses what cannot be meant.
func (o *Options) check() error {
	switch {
	case o.Workers < 0:
		return fmt.Errorf("Options.Workers is %d; 0, for 1, or more is wanted", o.Workers)
	case o.MaxCalls < 0:
		return fmt.Errorf("Options.MaxCalls is %d; 0, for no limit, or more is wanted", o.MaxCalls)
	case o.Timeout < 0:
		return fmt.Errorf("Options.Timeout is %v; 0, for no limit, or more is wanted", o.Timeout)
	case o.Lease < leastLease:
		return fmt.Errorf("Options.Lease is %v; 0, for %v, or %v at least is wanted", o.Lease, defaultLease, leastLease)
	}
	if err := o.checkRetry(); err != nil {
		return err
	}
	if o.Direct {
		return o.checkDirect()
	}
	return nil
}

// checkFor is check, of options for a maker.
func (o *Options) checkFor(m *Maker) error {
	if err := o.check(); err != nil || o.Only.IsZero() {
		return err
	}
	return m.queue.RestrictsBy(o.Only)
}

// checkRetry refuses negative numbers.
func (o *Options) checkRetry() error {
	switch p := &o.Retry; {
	case p.MaxAttempts < 0:
		return fmt.Errorf("Options.Retry.MaxAttempts is %d; 0, for 1, or more is wanted", p.MaxAttempts)
	case p.MaxTransient < 0:
		return fmt.Errorf("Options.Retry.MaxTransient is %d; 0, for 3, or more is wanted", p.MaxTransient)
	case p.Backoff < 0:
		return fmt.Errorf("Options.Retry.Backoff is %v; 0, for 1s, or more is wanted", p.Backoff)
	case p.MaxBackoff < 0:
		return fmt.Errorf("Options.Retry.MaxBackoff is %v; 0, for 5m, or more is wanted", p.MaxBackoff)
	}
	return nil
}

// checkDirect refuses what is about a queue.
func (o *Options) checkDirect() error {
	for _, c := range []struct {
		set  bool
		name string
	}{
		{o.Priority != nil, "Priority"}, {o.MaxPriority != nil, "MaxPriority"}, {o.RetryErrors, "RetryErrors"}, {o.KeepCompleted, "KeepCompleted"},
		{o.StaleTimeout != 0, "StaleTimeout"}, {o.OrphanTimeout != 0, "OrphanTimeout"},
	} {
		if c.set {
			return fmt.Errorf("%s needs the queue, which Options.Direct does without: leave one of them out", "Options."+c.name)
		}
	}
	return nil
}

// withDefaults fills in what was left out.
func (o *Options) withDefaults() Options {
	var filled Options
	if o != nil {
		filled = *o
	}
	if filled.Workers == 0 {
		filled.Workers = 1
	}
	if filled.Lease == 0 {
		filled.Lease = defaultLease
	}
	if filled.Grace == 0 {
		filled.Grace = defaultGrace
	}
	if filled.Version == "" {
		filled.Version = buildVersion()
	}
	if letters := []rune(filled.Version); len(letters) > schema.MaxVersion {
		filled.Version = string(letters[:schema.MaxVersion])
	}
	if filled.Output == nil {
		filled.Output = os.Stderr
	}
	if filled.Log == nil {
		filled.Log = slog.Default()
	}
	if filled.Observer == nil {
		filled.Observer = nobody{}
	}
	return filled
}

// claimable are the jobs that a run makes: those of Only, up to MaxPriority. It is zero for all.
func (o *Options) claimable(q *jobs.Queue) query.Rel {
	if o.MaxPriority == nil {
		return o.Only
	}
	urgent := query.From(q).Where("priority <= ?", *o.MaxPriority)
	if o.Only.IsZero() {
		return urgent
	}
	return urgent.In(o.Only)
}

// buildVersion is the commit from which the program was built, or the version of its module.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if commit != "" {
		return commit + dirty
	}
	if info.Main.Version == "(devel)" { // which says nothing
		return ""
	}
	return info.Main.Version
}
