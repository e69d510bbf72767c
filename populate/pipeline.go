package populate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/schema"
)

// Reports are those of several makers, in the order in which their tables come from each other.
type Reports []*Report

// Err is nil if no key failed, and else an error that tells of each maker's.
func (rs Reports) Err() error {
	var errs []error
	for _, r := range rs {
		errs = append(errs, r.Err())
	}
	return errors.Join(errs...)
}

// Made is how many rows were made, of all tables.
func (rs Reports) Made() int {
	n := 0
	for _, r := range rs {
		n += r.Made
	}
	return n
}

// String has a line for each maker.
func (rs Reports) String() string {
	lines := make([]string, len(rs))
	for i, r := range rs {
		lines[i] = r.String()
	}
	return strings.Join(lines, "\n")
}

// Details has some lines for each maker; see [Report.Details].
func (rs Reports) Details() string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = r.Details()
	}
	return strings.Join(parts, "\n")
}

// All populates the tables of several makers, whatever their order: what comes from others begins as soon as these have
// rows, and all of it ends when nothing is left. Options.Workers is how many makes run at once over all makers,
// and Options.MaxCalls how many calls there are; what else the options say holds for each of them; Only has to fit all. What one maker makes that is missing
// upstream of another is made by nobody unless its maker is among them, too.
//
// There is a report for each maker in any case. The error is of what kept one of them from going on: then the
// others are told to end, too.
func All(ctx context.Context, db *rowmill.DB, opts *Options, makers ...*Maker) (Reports, error) {
	if len(makers) == 0 {
		return nil, errors.New("all: there are no makers; one or more are wanted")
	}
	p := newPipeline(opts, makers)
	var end func()
	p.opts, end = opts.shown(once, p.makers...)
	defer end()
	told := newAccounts(makers...)
	defer told.close()
	return p.run(ctx, db, told)
}

// A pipeline is one call of All.
type pipeline struct {
	opts   *Options
	makers []*Maker // what others come from first
	slots  chan struct{}
	calls  *quota
	hall   *hall

	mu    sync.Mutex    // guards what follows
	news  chan struct{} // is closed when something was made, or a maker has ended, or has nothing to do for now
	parts map[*Maker]*part
}

// inOrder are makers, each once, those first from whose tables others come.
func inOrder(makers []*Maker) []*Maker {
	tables := make([]schema.Declared, len(makers))
	for i, m := range makers {
		tables[i] = m.table
	}
	order := schema.NewDiagram(tables...).Tables()
	sorted := slices.Clone(makers)
	slices.SortStableFunc(sorted, func(a, b *Maker) int { return slices.Index(order, a.table) - slices.Index(order, b.table) })
	return slices.CompactFunc(sorted, func(a, b *Maker) bool { return a == b })
}

func newPipeline(opts *Options, makers []*Maker) *pipeline {
	filled := opts.withDefaults()
	return &pipeline{
		opts: opts, makers: inOrder(makers),
		slots: make(chan struct{}, max(filled.Workers, 0)), calls: newQuota(filled.MaxCalls), hall: newHall(), news: make(chan struct{}), parts: partsOf(makers),
	}
}

func (p *pipeline) run(ctx context.Context, db *rowmill.DB, told accounts) (Reports, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reports, errs := make(Reports, len(p.makers)), make([]error, len(p.makers))
	var running sync.WaitGroup
	for i, m := range p.makers {
		running.Go(func() {
			defer p.end(m)
			reports[i], errs[i] = m.populate(ctx, db, p.opts, told[m], p)
			if errs[i] != nil {
				cancel()
			}
		})
	}
	running.Wait()
	first := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) })
	if first >= 0 {
		return reports, errs[first]
	}
	return reports, errors.Join(errs...)
}

func sum(a, b jobs.Refreshed) jobs.Refreshed {
	if a == (jobs.Refreshed{}) {
		return b
	}
	return jobs.Refreshed{
		Added: a.Added + b.Added, Repended: a.Repended + b.Repended, Removed: a.Removed + b.Removed, Settled: a.Settled + b.Settled,
		Rescued: a.Rescued + b.Rescued, Buried: a.Buried + b.Buried, Shared: a.Shared && b.Shared,
	}
}

// slot waits for the turn of one of the workers that all makers share. It returns what gives it back.
func (r *run) slot(ctx context.Context) (release func(), err error) {
	if r.pipeline == nil {
		return func() {}, nil
	}
	select {
	case r.pipeline.slots <- struct{}{}:
		return func() { <-r.pipeline.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// WorkOptions say how Work works; nil stands for the defaults.
type WorkOptions struct {
	Options

	// IdleLimit ends the work when there was nothing to do for so long. The default, 0, is no limit.
	IdleLimit time.Duration
	// TimeLimit ends the work after this time, as a batch job's: no make begins that would not end before, by how long
	// makes took. The default, 0, is no limit.
	TimeLimit time.Duration
	// LongestPause is how long it waits at most until it looks again when there is nothing to do: at first a second,
	// then twice as long each time. The default, 0, is 30 s.
	LongestPause time.Duration
}

const (
	firstIdle   = time.Second
	longestIdle = 30 * time.Second
)

// Work is All for ever: when nothing is left to do, it waits, and looks again, until ctx ends or a limit is reached.
// The reports are sums. Options.Direct is refused. That ctx ended is its error; that a limit was reached is none.
func Work(ctx context.Context, db *rowmill.DB, opts *WorkOptions, makers ...*Maker) (Reports, error) {
	if len(makers) == 0 {
		return nil, errors.New("work: there are no makers; one or more are wanted")
	}
	if opts == nil {
		opts = &WorkOptions{}
	}
	if opts.Direct {
		return nil, errors.New("work: Options.Direct makes what is missing once, and Work goes on: it needs the queue to know what has failed")
	}
	w := &worker{opts: *opts, calls: newQuota(opts.MaxCalls), told: newAccounts(makers...)}
	defer w.told.close()
	if w.opts.LongestPause == 0 {
		w.opts.LongestPause = longestIdle
	}
	if w.opts.TimeLimit > 0 {
		w.opts.deadline = time.Now().Add(w.opts.TimeLimit)
	}
	w.opts.LeaveOthers = true // it comes back for what they leave
	shown, end := w.opts.shown(again, inOrder(makers)...)
	defer end()
	w.opts.Options = *shown
	return w.run(ctx, db, makers)
}

// A worker is one call of Work.
type worker struct {
	opts    WorkOptions
	calls   *quota
	told    accounts
	reports Reports
}

func (w *worker) run(ctx context.Context, db *rowmill.DB, makers []*Maker) (Reports, error) {
	pause, idleSince := firstIdle, time.Now()
	for {
		p := newPipeline(&w.opts.Options, makers)
		p.calls = w.calls
		reports, err := p.run(ctx, db, w.told)
		did := w.add(reports)
		if err != nil {
			return w.reports, fmt.Errorf("work: %w", err)
		}
		if did {
			pause, idleSince = firstIdle, time.Now()
		}
		wait, over := w.next(pause, idleSince)
		if over || w.calls.spent() {
			return w.reports, nil
		}
		select {
		case <-ctx.Done():
			return w.reports, fmt.Errorf("work: %w", ctx.Err())
		case <-time.After(wait):
		}
		pause *= 2
	}
}

// next is how long it waits until it looks again, the last time when the limit of being idle is reached. It is over where a
// limit is reached before there could be something to do.
func (w *worker) next(pause time.Duration, idleSince time.Time) (wait time.Duration, over bool) {
	wait = min(pause, w.opts.LongestPause)
	if w.opts.IdleLimit > 0 {
		left := w.opts.IdleLimit - time.Since(idleSince)
		wait, over = min(wait, left), left <= 0
	}
	d := w.opts.deadline
	return wait, over || !d.IsZero() && time.Now().Add(wait).After(d)
}

// add adds reports to what was reported before, and tells whether anything was done.
func (w *worker) add(reports Reports) (did bool) {
	if w.reports == nil {
		w.reports = make(Reports, len(reports))
		for i, r := range reports {
			w.reports[i] = &Report{Table: r.Table}
		}
	}
	for i, r := range reports {
		did = did || r.finished()+r.Retried+r.Unfinished > 0
		w.reports[i].add(r)
	}
	return did
}
