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
)

// Populate makes the rows that ought to exist and do not: it brings the queue up to date, and
// then makes what is queued, by the order of priority and time, until nothing is left. Other
// processes may do the same at once, and share the work.
//
// The report is returned in any case. Keys that failed are no error of Populate (see
// [Report.Err]): the error says what kept the run from going on. Where ctx ends, what was not
// finished is given back, and the error is that of ctx.
func (m *Maker) Populate(ctx context.Context, db *rowmill.DB, opts *Options) (*Report, error) {
	started := time.Now()
	r := &run{
		maker:  m,
		db:     db,
		opts:   opts.withDefaults(),
		rights: rightsOf(m.table),
		report: &Report{Table: m.String()},
		held:   map[*jobs.Reservation]*holding{},
	}
	err := r.do(ctx)
	if err == nil {
		err = r.countStanding(ctx)
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
	maker   *Maker
	db      *rowmill.DB
	opts    Options
	rights  *rights
	worker  jobs.Worker
	display display

	mu     sync.Mutex // guards what follows
	report *Report
	held   map[*jobs.Reservation]*holding
	pace   time.Duration // how long a make takes, lately
}

// A holding is what the run knows of a job that it reserved.
type holding struct {
	cancel context.CancelCauseFunc // ends its make; nil before that has begun
	lost   bool                    // its lease no longer holds
}

func (r *run) do(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	ready := make(chan *jobs.Reservation)
	beating, stopBeating := context.WithCancel(context.WithoutCancel(ctx))
	var heart sync.WaitGroup
	heart.Go(func() { r.beat(beating) })
	defer heart.Wait()
	defer stopBeating()

	group, working := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(ready)
		return r.claim(working, ready)
	})
	for range r.opts.Workers {
		group.Go(func() error {
			for job := range ready {
				if err := r.make(working, job); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// countStanding counts the errors that were there before.
func (r *run) countStanding(ctx context.Context) error {
	n, err := r.maker.queue.Progress(ctx, r.db)
	r.report.Standing = max(n[jobs.Error]-r.report.Failed, 0)
	return err
}

// prepare brings the queue up to date.
func (r *run) prepare(ctx context.Context) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	r.worker = jobs.Worker{Host: host, PID: os.Getpid(), Version: r.opts.Version, Lease: r.opts.Lease}
	if err := r.worker.Identify(ctx, r.db); err != nil {
		return err
	}
	q := r.maker.queue
	if err := q.Declare(ctx, r.db); err != nil {
		return err
	}
	if _, err := q.Refresh(ctx, r.db, r.maker.Source(), r.opts.Refresh); err != nil {
		return err
	}
	pending, _, err := q.Due(ctx, r.db)
	if err != nil {
		return err
	}
	r.display = newDisplay(r.opts.Output, r.maker.String())
	r.display.start(pending)
	return nil
}

// claim reserves jobs and hands them to the workers, until none are left.
func (r *run) claim(ctx context.Context, ready chan<- *jobs.Reservation) error {
	pause := firstPause
	for {
		batch, err := r.maker.queue.Claim(ctx, r.db, &r.worker, r.maker.key, r.batchSize())
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
		left, err := r.othersHold(ctx)
		if err != nil || !left {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

// The pauses between looks at what other processes have reserved.
const (
	firstPause = 20 * time.Millisecond
	longPause  = time.Second
)

// hand gives jobs to the workers, one by one as they become free. When the run ends before,
// the rest is given back.
func (r *run) hand(ctx context.Context, batch []*jobs.Reservation, ready chan<- *jobs.Reservation) error {
	r.hold(batch)
	for i, job := range batch {
		select {
		case ready <- job:
		case <-ctx.Done():
			for _, rest := range batch[i:] {
				r.release(ctx, rest)
			}
			return ctx.Err()
		}
	}
	return nil
}

// othersHold tells whether there may be more to do: jobs that others reserved, and may yet
// leave behind.
func (r *run) othersHold(ctx context.Context) (bool, error) {
	if r.opts.LeaveOthers {
		return false, nil
	}
	rescued, err := r.maker.queue.Rescue(ctx, r.db)
	if err != nil {
		return false, err
	}
	pending, reserved, err := r.maker.queue.Due(ctx, r.db)
	if err != nil {
		return false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	ours := 0
	for _, h := range r.held {
		if !h.lost {
			ours++
		}
	}
	return rescued.Rescued > 0 || pending > 0 || reserved > ours, nil
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
	return min(each*r.opts.Workers, max(maxBatch, r.opts.Workers))
}

// hold notes that jobs are this process's.
func (r *run) hold(batch []*jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range batch {
		r.held[job] = &holding{}
	}
}

// begin notes how to cancel a job's make. It is false where the lease was lost before.
func (r *run) begin(job *jobs.Reservation, cancel context.CancelCauseFunc) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.held[job]
	h.cancel = cancel
	return !h.lost
}

func (r *run) letGo(job *jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.held, job)
}

// beat keeps the leases of all held jobs until ctx ends.
func (r *run) beat(ctx context.Context) {
	tick := time.NewTicker(r.opts.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		r.mu.Lock()
		var held []*jobs.Reservation
		for job := range r.held {
			held = append(held, job)
		}
		r.mu.Unlock()
		lost, err := r.maker.queue.Heartbeat(ctx, r.db, &r.worker, r.maker.key, held)
		if err != nil && ctx.Err() == nil {
			r.opts.Log.Warn("heartbeat failed; it is tried again", "table", r.maker.String(), "error", err)
		}
		r.cancelLost(lost)
	}
}

// cancelLost ends the makes of jobs that are somebody else's by now, and keeps those from
// beginning that have not.
func (r *run) cancelLost(lost []*jobs.Reservation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range lost {
		h := r.held[job]
		if h == nil {
			continue // it has ended since
		}
		h.lost = true
		if h.cancel != nil {
			h.cancel(jobs.ErrLeaseLost)
		}
	}
}

// transient tells trouble of the database that is not the job's failure.
func transient(err error) bool {
	return errors.Is(err, rowmill.ErrBusy) || errors.Is(err, rowmill.ErrLost)
}
