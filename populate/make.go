package populate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
)

// make makes one key, and settles its job. Its error ends the run.
func (r *run) make(ctx context.Context, job *jobs.Reservation) error {
	defer r.letGo(job)
	if ctx.Err() != nil {
		r.release(ctx, job)
		return ctx.Err()
	}
	if job.Done {
		err := r.maker.queue.Acknowledge(ctx, r.db, job)
		if !errors.Is(err, jobs.ErrNothingMade) { // else it was removed since the claim, and is to be made
			return r.settle(ctx, job, err, func(n *Report) { n.AlreadyThere++ })
		}
	}
	making, done := r.making(ctx)
	defer done(nil)
	if !r.begin(job, done) {
		return r.settle(ctx, job, jobs.ErrLeaseLost, nil)
	}
	started := time.Now()
	trouble, err := r.attempt(making, job)
	took := time.Since(started)
	r.keepPace(took)
	if cause := context.Cause(making); err != nil && cause != nil {
		err = cause // which the make may have told in words of its own
	}
	lasting, cancel := lasting(ctx)
	defer cancel()
	return r.judge(lasting, job, err, trouble, took)
}

// making is the context of a make. It outlives ctx by the time of grace, and ends with errStopped then.
func (r *run) making(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	making, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stops := []func() bool{context.AfterFunc(ctx, func() {
		time.AfterFunc(max(r.opts.Grace, 0), func() { cancel(errStopped) })
	})}
	if t := r.opts.Timeout; t > 0 {
		stops = append(stops, time.AfterFunc(t, func() { cancel(fmt.Errorf("the make took longer than %v", t)) }).Stop)
	}
	return making, func(cause error) {
		for _, stop := range stops {
			stop()
		}
		cancel(cause)
	}
}

// errStopped ends makes that have not finished when the run ends.
var errStopped = errors.New("the run was told to end")

// lasting is a context in which what became of a job is recorded, when ctx has ended, too.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(releaseTime, cancel) })
	return longer, func() { stop(); cancel() }
}

// attempt runs the make and the completion of its job in one transaction. Where it fails, trouble
// tells that this is the database's doing, and not the make's own.
func (r *run) attempt(ctx context.Context, job *jobs.Reservation) (trouble bool, err error) {
	for {
		var made error
		var last *rowmill.Tx
		err := r.db.TransactDeferred(ctx, func(tx *rowmill.Tx) error {
			last = tx
			t := &Tx{tx: tx, maker: r.maker, rights: r.rights, key: job.Key, version: r.opts.Version, started: time.Now()}
			making := r.db.Forbid(ctx, "inside a make, write through its tx")
			if made = catch(func() error { return r.maker.make(making, t, job.Key) }); made != nil {
				return made
			}
			return r.maker.queue.Complete(ctx, tx, job)
		})
		if !errors.Is(err, rowmill.ErrCommitUnknown) {
			return made == nil || last.Err() != nil, err
		}
		// The result and the completion are one: where the job is still ours, neither is there.
		// (Where it is gone, a heartbeat may have taken that for a lost lease, and ended ctx.)
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		holds, err := r.maker.queue.Holds(look, r.db, job)
		cancel()
		if err != nil || !holds {
			return true, err
		}
	}
}

// judge decides what becomes of a job by how its make ended. Its error ends the run.
func (r *run) judge(ctx context.Context, job *jobs.Reservation, err error, trouble bool, took time.Duration) error {
	q := r.maker.queue
	var skip *skip
	var later *notReadyError
	var unfinished *unfinishedError
	switch {
	case err == nil:
		r.note(func(n *Report) { n.Made++ })
		return nil
	case errors.Is(err, jobs.ErrLeaseLost):
		return r.settle(ctx, job, err, nil)
	case errors.As(err, &skip):
		return r.settle(ctx, job, q.Skip(ctx, r.db, job, skip.reason), func(n *Report) { n.Skipped++ })
	case errors.As(err, &later):
		return r.settle(ctx, job, q.Postpone(ctx, r.db, job, later.after, err.Error()), func(n *Report) { n.NotReady++ })
	case errors.As(err, &unfinished):
		return r.settle(ctx, job, q.Suspend(ctx, r.db, job, unfinished.state), func(n *Report) { n.Unfinished++ })
	case errors.Is(err, errStopped):
		r.release(ctx, job)
		return nil
	case trouble && errors.Is(err, rowmill.ErrReadOnly): // a full disk is no fault of the key
		r.release(ctx, job)
		return err
	case trouble && transient(err): // which is not the job's failure; where the database is gone, the next claim says so
		r.opts.Log.Warn("a job is given back, as the trouble of the database did not pass", "table", r.maker.String(), "error", err)
		r.release(ctx, job)
		return nil
	case errors.Is(err, rowmill.ErrDuplicate) && q.Acknowledge(ctx, r.db, job) == nil:
		r.note(func(n *Report) { n.AlreadyThere++ })
		return nil
	case errors.Is(err, jobs.ErrNothingMade):
		err = errNothingMade
	}
	return r.fail(ctx, job, err, took)
}

// fail keeps why a make failed, unless what its key comes from is gone, which may be why.
func (r *run) fail(ctx context.Context, job *jobs.Reservation, err error, took time.Duration) error {
	q := r.maker.queue
	switch gone, e := q.Withdraw(ctx, r.db, job, r.maker.Source()); {
	case e != nil:
		return r.settle(ctx, job, e, nil)
	case gone:
		r.note(func(n *Report) { n.Withdrawn++ })
		return nil
	}
	f := jobs.Failure{Message: err.Error(), Stack: stackOf(err), Duration: took, Version: r.opts.Version}
	count := func(n *Report) { n.fail(r.keyError(job, err)) }
	if f.After, f.Again = r.again(err, job.Attempt); f.Again {
		count = func(n *Report) { n.Retried++ }
	}
	if err := r.settle(ctx, job, q.Error(ctx, r.db, job, f), count); err != nil {
		return err
	}
	if r.opts.StopOnError && !f.Again {
		return r.keyError(job, err)
	}
	return nil
}

// again tells whether a key is tried again, and after which time.
func (r *run) again(err error, attempt int) (time.Duration, bool) {
	if errors.As(err, new(*permanent)) {
		return 0, false
	}
	return r.opts.Retry.Again(err, attempt)
}

// settle counts a job whose end was recorded, or lost to somebody else.
func (r *run) settle(ctx context.Context, job *jobs.Reservation, err error, count func(*Report)) error {
	switch {
	case err == nil:
		r.note(count)
	case errors.Is(err, jobs.ErrLeaseLost):
		r.opts.Log.Warn("a job was taken by another process; what was made of it is discarded",
			"table", r.maker.String(), "key", r.maker.key.Format(job.Key))
		r.note(func(n *Report) { n.LostLeases++ })
	case ctx.Err() != nil:
		r.release(ctx, job)
		return ctx.Err()
	default:
		return err
	}
	return nil
}

// releaseTime is how long giving jobs back may take when the run has been told to end.
const releaseTime = 5 * time.Second

// release gives jobs back. Where that fails too, their leases run out.
func (r *run) release(ctx context.Context, batch ...*jobs.Reservation) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	err := r.maker.queue.Release(ctx, r.db, batch...)
	if err != nil && !errors.Is(err, jobs.ErrLeaseLost) {
		r.opts.Log.Warn("jobs could not be given back; their leases will run out",
			"table", r.maker.String(), "jobs", len(batch), "error", err)
	}
	for _, job := range batch {
		r.letGo(job)
	}
	r.note(func(n *Report) { n.Released += len(batch) })
}

func (r *run) note(count func(*Report)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count(r.report)
}

// keepPace averages how long makes take, the latest counting a fifth.
func (r *run) keepPace(took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pace == 0 {
		r.pace = took
		return
	}
	r.pace += (took - r.pace) / 5
}

func (r *run) keyError(job *jobs.Reservation, err error) KeyError {
	return KeyError{Key: reflect.ValueOf(job.Key).Elem().Interface(), Text: r.maker.key.Format(job.Key), Err: err}
}
