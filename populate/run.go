package populate

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/linger"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// Populate makes the rows that ought to exist and do not: it brings the queue up to date, and
// then makes what is queued, by the order of priority and time, until nothing is left. Other
// processes may do the same at once, and share the work.
//
// The report is returned in any case. Keys that failed are no error of Populate (see
// [Report.Err]): the error says what kept the run from going on. Where ctx ends, what was not
// finished is given back, and the error is that of ctx.
func (m *Maker) Populate(ctx context.Context, db *rowmill.DB, opts *Options) (*Report, error) {
	opts, end := opts.shown(once, m)
	defer end()
	told := newAccounts(m)
	defer told.close()
	return m.populate(ctx, db, opts, told[m], nil)
}

// populate is a call of Populate, or a maker's part in a pipeline.
func (m *Maker) populate(ctx context.Context, db *rowmill.DB, opts *Options, told *account, p *pipeline) (*Report, error) {
	started := time.Now()
	r := &run{
		pipeline: p,
		told:     told,
		maker:    m,
		db:       db,
		opts:     opts.withDefaults(),
		rights:   rightsOf(m.table),
		report:   &Report{Table: m.String()},
		held:     map[*jobs.Reservation]*holding{},
		ended:    make(chan struct{}, 1),
	}
	r.row = r.opts.board.row(m)
	r.calls, r.hall = newQuota(r.opts.MaxCalls), newHall()
	if p != nil {
		r.calls, r.hall = p.calls, p.hall
	}
	err := r.opts.checkFor(m)
	if err == nil {
		err = r.do(ctx)
	}
	if r.begun {
		r.report.Elapsed = max(time.Since(started), 1)
	}
	r.row.end(r.report)
	told.add(r.report, err, r.leftKeys())
	if err != nil {
		return r.report, fmt.Errorf("populate %s: %w", m, err)
	}
	return r.report, nil
}

// A run is one call of Populate.
type run struct {
	maker *Maker
	db    *rowmill.DB
	opts  Options

	told     *account  // what the log is to tell
	pipeline *pipeline // of which it is a part; nil if of none
	complete bool      // what is upstream has ended, and was looked at since
	looked   time.Time // when it was looked for what had come from upstream
	supply   supply    // that had come by then

	ledger   ledger
	calls    *quota // of calls of the make function
	hall     *hall
	callers  callers
	rights   *rights
	row      *row                    // which shows how the run goes on
	ended    chan struct{}           // has a word when a job has ended
	habit    query.Habit             // of the stage that fetches
	results  chan *making            // what is computed, for the writer of a make in stages
	stop     context.CancelCauseFunc // tells the run to end
	grace    context.Context         // of all makes: it ends a while after the run was told to
	farewell farewell                // after that
	stamps   bool                    // rows have room for when and by what they were made
	begun    bool                    // it came to know which keys are to be made
	short    bool                    // it ended at a limit, before it had looked at all that is left

	mu     sync.Mutex // guards what follows
	report *Report
	held   map[*jobs.Reservation]*holding
	pace   time.Duration // how long a make takes, lately
}

func (r *run) do(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	ready := make(chan []*jobs.Reservation)
	beating, stopBeating := context.WithCancel(context.WithoutCancel(ctx))
	var beside sync.WaitGroup
	beside.Go(func() { r.beat(beating) })
	beside.Go(func() { r.rescue(beating) })
	beside.Go(func() { r.tellAll(beating) })
	beside.Go(func() { r.stopGone(beating) })
	beside.Go(func() { r.countQueue(beating) })
	defer beside.Wait()
	defer stopBeating()
	defer r.callers.close()

	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	var endGrace context.CancelFunc
	r.grace, endGrace = linger.Context(working, max(r.opts.Grace, 0), errStopped)
	defer endGrace()
	r.results = make(chan *making, mostTogether)
	written := make(chan error, 1)
	go func() { written <- r.write(working) }()
	var group errgroup.Group // without a context, which would end before all that is computed is written
	group.Go(func() error {
		defer close(ready)
		return r.stopAt(r.claim(working, ready))
	})
	for range r.opts.Workers {
		group.Go(func() error { return r.stopAt(r.work(working, ready)) })
	}
	err := group.Wait()
	close(r.results)
	if failed := <-written; failed != nil {
		err = failed
	}
	if ctx.Err() == nil { // what one of them ended the run with is why the others were cancelled
		err = cmp.Or(context.Cause(working), err)
	}
	return err
}

// stopAt tells the run to end if there is an error.
func (r *run) stopAt(err error) error {
	if err != nil {
		r.stop(err)
	}
	return err
}

// work makes jobs until there are no more, and gives those back for which it is too late by now. Its error ends the run.
func (r *run) work(ctx context.Context, ready <-chan []*jobs.Reservation) error {
	for batch := range ready {
		if r.tooLate() {
			r.release(ctx, batch...)
			continue
		}
		if err := r.workOn(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// workOn makes some jobs.
func (r *run) workOn(ctx context.Context, batch []*jobs.Reservation) error {
	release, err := r.slot(ctx)
	if err != nil {
		r.release(ctx, batch...)
		return err
	}
	defer release()
	taken, err := r.take(ctx, batch)
	if err != nil || len(taken) == 0 {
		return err
	}
	switch {
	case r.maker.stages != nil:
		return r.stage(ctx, taken[0])
	case r.maker.batch != nil:
		return r.many(ctx, taken)
	}
	return r.one(ctx, taken[0], func(ctx context.Context, tx *Tx) error { return r.maker.make(ctx, tx, tx.keys[0]) })
}

// together is how many keys one call makes.
func (r *run) together() int {
	if r.maker.batch == nil {
		return 1
	}
	return r.maker.batch.size
}

// prepare gets to know which keys are to be made.
func (r *run) prepare(ctx context.Context) error {
	var err error
	if r.stamps, err = r.maker.queue.Stamps(ctx, r.db); err != nil { // else the queue and the log would be there, and no table
		return err
	}
	if r.opts.Direct {
		r.ledger = newDirect(r)
	} else {
		r.ledger = &queued{run: r, retrying: map[string]time.Time{}}
	}
	r.told.begin(ctx, r)
	n, err := r.ledger.open(ctx)
	if err != nil {
		return err
	}
	r.row.begin(r, n)
	r.begun = true
	return nil
}

// holding is how many jobs this process has.
func (r *run) holding() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held)
}
