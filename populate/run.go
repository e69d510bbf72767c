package populate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
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
	return m.populate(ctx, db, opts, nil)
}

// populate is a call of Populate, or a maker's part in a pipeline.
func (m *Maker) populate(ctx context.Context, db *rowmill.DB, opts *Options, p *pipeline) (*Report, error) {
	started := time.Now()
	r := &run{
		pipeline: p,
		maker:    m,
		db:       db,
		opts:     opts.withDefaults(),
		rights:   rightsOf(m.table),
		report:   &Report{Table: m.String()},
		held:     map[*jobs.Reservation]*holding{},
		ended:    make(chan struct{}, 1),
	}
	err := r.opts.check()
	if err == nil {
		err = r.do(ctx)
	}
	r.report.Elapsed = time.Since(started)
	if r.display != nil {
		r.display.end(r.report)
	}
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

	pipeline *pipeline // of which it is a part; nil if of none
	complete bool      // what is upstream has ended, and was looked at since
	looked   time.Time // when it was looked for what had come from upstream

	claimable query.Rel // the jobs that this run makes; zero for all
	rights    *rights
	worker    jobs.Worker
	display   display
	ended     chan struct{} // has a word when a job has ended
	results   chan *making  // what is computed, for the writer of a make in stages
	stop      context.CancelCauseFunc
	grace     context.Context // of all makes

	mu      sync.Mutex // guards what follows
	report  *Report
	held    map[*jobs.Reservation]*holding
	pace    time.Duration // how long a make takes, lately
	longest time.Duration // of the makes so far
	calls   int           // of the make function, for jobs that are held no more
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
	beside.Go(func() { r.show(beating) })
	defer beside.Wait()
	defer stopBeating()

	stoppable, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	group, working := errgroup.WithContext(stoppable)
	defer r.allowGrace(working)()
	group.Go(func() error {
		defer close(ready)
		return r.claim(working, ready)
	})
	r.results = make(chan *making, mostTogether)
	written := make(chan error, 1)
	go func() { written <- r.write(working) }()
	for range r.opts.Workers {
		group.Go(func() error { return r.work(working, ready) })
	}
	err := group.Wait()
	close(r.results)
	if failed := <-written; failed != nil {
		return failed
	}
	return err
}

// allowGrace makes the context of all makes, which ends a while after ctx. It returns what ends it in any case.
func (r *run) allowGrace(ctx context.Context) (end func()) {
	grace, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	r.grace = grace
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(max(r.opts.Grace, 0), func() { cancel(errStopped) })
	})
	return func() {
		stop()
		cancel(nil)
	}
}

// work makes jobs until there are no more. Its error ends the run.
func (r *run) work(ctx context.Context, ready <-chan []*jobs.Reservation) error {
	for batch := range ready {
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

// prepare brings the queue up to date.
func (r *run) prepare(ctx context.Context) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	r.worker = jobs.Worker{Host: host, PID: os.Getpid(), Version: r.opts.Version, Lease: r.opts.Lease, KeepCompleted: r.opts.KeepCompleted}
	if err := r.worker.Identify(ctx, r.db); err != nil {
		return err
	}
	q := r.maker.queue
	if _, err := query.Exists(ctx, r.db, query.From(r.maker.table)); err != nil { // else the queue would be there, and no table
		return err
	}
	if err := q.Declare(ctx, r.db); err != nil {
		return err
	}
	if r.opts.RetryErrors {
		if _, err := q.Retry(ctx, r.db, r.opts.Only); err != nil {
			return err
		}
	}
	r.report.Refreshed, err = q.Refresh(ctx, r.db, r.opts.refresh(r.maker))
	if err != nil {
		return err
	}
	r.claimable = r.opts.claimable(q)
	n, err := q.Progress(ctx, r.db)
	if err != nil {
		return err
	}
	r.report.FailedBefore = n[jobs.Error] - r.report.Refreshed.Buried
	left, err := q.Backlog(ctx, r.db, r.claimable)
	if err != nil {
		return err
	}
	r.display = newDisplay(r.opts.Output, r.maker.String())
	r.display.start(left.Pending)
	return nil
}

// claim reserves jobs and hands them to the workers, until none are left.
func (r *run) claim(ctx context.Context, ready chan<- []*jobs.Reservation) error {
	pause := firstPause
	for {
		room, err := r.room(ctx)
		if err != nil || room == 0 {
			return err
		}
		batch, err := r.maker.queue.Claim(ctx, r.db, &r.worker, r.maker.key, room, r.claimable)
		if err != nil {
			return err
		}
		if len(batch) > 0 {
			pause = firstPause
			if err := r.hand(ctx, batch, ready); err != nil {
				return err
			}
			continue
		}
		left, err := r.left(ctx)
		if err != nil {
			return err
		}
		if !left {
			more, err := r.more(ctx)
			if err != nil {
				return err
			}
			if more {
				continue
			}
			return r.countLater(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ended:
		case <-time.After(pause):
			pause = min(2*pause, longPause)
		}
	}
}

// The pauses between looks at what other processes have reserved.
const (
	firstPause = 20 * time.Millisecond
	longPause  = time.Second
)

// hand gives jobs to the workers, as many as one call makes, as they become free. When the run ends before,
// the rest is given back.
func (r *run) hand(ctx context.Context, batch []*jobs.Reservation, ready chan<- []*jobs.Reservation) error {
	r.hold(batch)
	if batch[0].Deaths > 0 {
		return r.handAlone(ctx, batch[0], ready)
	}
	for len(batch) > 0 {
		n := min(r.together(), len(batch))
		select {
		case ready <- batch[:n]:
			batch = batch[n:]
		case <-ctx.Done():
			r.release(ctx, batch...)
			return ctx.Err()
		}
	}
	return nil
}

// handAlone has a job made while this process makes nothing else: if it is what killed its workers,
// it is to kill no other job with them.
func (r *run) handAlone(ctx context.Context, job *jobs.Reservation, ready chan<- []*jobs.Reservation) error {
	err := r.await(ctx, 1)
	if err == nil {
		select {
		case ready <- []*jobs.Reservation{job}:
			return r.await(ctx, 0)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	r.release(ctx, job)
	return err
}

// await waits until at most n jobs are held.
func (r *run) await(ctx context.Context, n int) error {
	for {
		r.mu.Lock()
		held := len(r.held)
		r.mu.Unlock()
		if held <= n {
			return nil
		}
		select {
		case <-r.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// left tells whether there may be more to do: jobs that are due, or are held, by this process or
// by others, and may yet come back.
func (r *run) left(ctx context.Context) (bool, error) {
	r.mu.Lock()
	held := len(r.held) // before the look: what ends after it may come back
	r.mu.Unlock()
	left, err := r.maker.queue.Backlog(ctx, r.db, r.claimable)
	if err != nil || left.Pending > 0 {
		return true, err
	}
	var rescued jobs.Refreshed
	if left.Reserved > held { // others hold some, and may be dead
		if rescued, err = r.maker.queue.Rescue(ctx, r.db); err != nil {
			return false, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Refreshed.Rescued += rescued.Rescued
	r.report.Refreshed.Buried += rescued.Buried
	return rescued.Rescued > 0 || held > 0 || left.Reserved > 0 && !r.opts.LeaveOthers || left.Later > 0 && r.report.Retried > 0, nil
}

// countLater counts the jobs that are pending when none is due: they are scheduled for later.
func (r *run) countLater(ctx context.Context) error {
	if !r.opts.Only.IsZero() {
		return nil
	}
	n, err := r.maker.queue.Progress(ctx, r.db)
	r.note(func(report *Report) { report.Later = n[jobs.Pending] })
	return err
}

const (
	// batchTime is how much work one claim may fetch for each worker: enough that claims cost
	// little, and little enough that priorities count and others get their share.
	batchTime = 500 * time.Millisecond
	maxBatch  = 256
)

// batchSize is how many jobs to claim at once, by how long they take lately.
func (r *run) batchSize() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	each := 1
	if r.pace > 0 {
		each = int(batchTime/r.pace) + 1
	}
	each = max(each, r.together())
	return min(each*r.opts.Workers, max(maxBatch, r.together()*r.opts.Workers))
}

// room is how many jobs to claim at once, which Options.MaxCalls bounds: 0 when there can be no more calls. It
// waits while jobs are held that may turn out to need none.
func (r *run) room(ctx context.Context) (int, error) {
	if r.tooLate() {
		return 0, nil
	}
	for {
		batch := r.batchSize()
		r.mu.Lock()
		calls, held := r.calls, len(r.held)
		r.mu.Unlock()
		switch left := r.opts.MaxCalls - calls - held; {
		case r.opts.MaxCalls == 0:
			return batch, nil
		case left > 0:
			return min(batch, left), nil
		case held == 0:
			return 0, nil
		}
		select {
		case <-r.ended:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// tooLate tells whether a make that began now would not end before the deadline.
func (r *run) tooLate() bool {
	if r.opts.deadline.IsZero() {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.longest).After(r.opts.deadline)
}

// transient tells trouble of the database that is not the job's failure.
func transient(err error) bool {
	return errors.Is(err, rowmill.ErrBusy) || errors.Is(err, rowmill.ErrLost)
}
