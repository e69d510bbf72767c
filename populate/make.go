package populate

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A making is one key in the making.
type making struct {
	job     *jobs.Reservation
	ctx     context.Context // of the make; it ends with why
	cancel  context.CancelCauseFunc
	allowed *allowance
	started time.Time
	telling *telling
	calls   int // of the present function, in transactions that trouble of the database may have ended

	// Of a make in stages: what was read ahead for it, the fingerprint of what was fetched, and what was computed of it.
	ahead    *query.Ahead
	fetched  uint64
	computed any
	// Of one that is committed with others: why it is not.
	err error
}

// end ends the make, with what limits its time. It is for the goroutine that has the make; others only cancel it.
func (m *making) end(cause error) {
	m.allowed.pause()
	m.cancel(cause)
}

// take begins the making of jobs that share a context. Jobs of which there is nothing to make are settled, and left out.
func (r *run) take(ctx context.Context, batch []*jobs.Reservation) (taken []*making, err error) {
	shared, allowed, cancel := r.making()
	for i, job := range batch {
		if ctx.Err() != nil {
			r.release(ctx, batch[i:]...)
			err = ctx.Err()
			break
		}
		m := &making{job: job, ctx: shared, cancel: cancel, allowed: allowed, started: time.Now(), telling: newTelling(job)}
		settled, e := r.settleUnmade(ctx, m)
		if e != nil {
			r.release(ctx, batch[i+1:]...)
			err = e
			break
		}
		if !settled {
			taken = append(taken, m)
		}
	}
	if err != nil {
		r.giveBack(ctx, taken)
		taken = nil
	}
	if len(taken) == 0 {
		allowed.pause()
		cancel(nil)
	}
	return taken, err
}

// settleUnmade begins the making of a job or, where its row was there when it was claimed, or its lease was lost since, settles
// it.
func (r *run) settleUnmade(ctx context.Context, m *making) (settled bool, err error) {
	if m.job.Done {
		settled, err = r.acknowledge(ctx, m.job)
	}
	if !settled && !r.begin(m) {
		settled, err = true, r.settle(ctx, m.job, jobs.ErrLeaseLost, nil)
	}
	if settled {
		r.letGo(m.job)
	}
	return settled, err
}

// acknowledge ends a job whose row seems to be there already. It is false where it is not, be it that it was removed since.
// Where the database keeps it from being ended, the job is given back: whoever claims it next sees that its row is there.
func (r *run) acknowledge(ctx context.Context, job *jobs.Reservation) (settled bool, err error) {
	err = r.ledger.acknowledge(ctx, job)
	switch {
	case errors.Is(err, jobs.ErrNothingMade):
		return false, nil
	case ctx.Err() == nil && (transient(err) || errors.Is(err, rowmill.ErrCommitUnknown)):
		r.yield(ctx, job, err)
		return true, nil
	}
	return true, r.settle(ctx, job, err, r.outcome(job, OutcomeAlreadyThere))
}

// finish settles what was made. Its error ends the run.
func (r *run) finish(ctx context.Context, m *making, trouble bool, err error) error {
	defer r.letGo(m.job)
	r.closeHold(m.job)
	took := time.Since(m.started)
	r.keepPace(took)
	if cause := context.Cause(m.ctx); err != nil && cause != nil {
		err = cause // which the make may have told in words of its own
	}
	m.end(nil)
	if err == nil {
		r.made(m.job)
		return nil
	}
	lasting, cancel := r.lasting(ctx)
	defer cancel()
	r.keepTold(lasting, r.db.Brief(), m.telling)
	return r.judge(lasting, m, err, trouble, took)
}

// one makes one key in one transaction, by a function that is called in it. Its error ends the run.
func (r *run) one(ctx context.Context, m *making, do func(ctx context.Context, tx *Tx) error) error {
	trouble, err := r.attempt(m, do)
	return r.finish(ctx, m, trouble, err)
}

// tx is what a make gets of a transaction.
func (r *run) tx(session rowmill.Session, m *making) *Tx {
	return &Tx{session: session, maker: r.maker, rights: r.rights, keys: []any{m.job.Key}, version: r.opts.Version, stamps: r.stamps, started: m.started, job: r.jobOf(m)}
}

// making is the context of a make, and what limits its time. It ends with errStopped when the time of grace is over, and
// otherwise with what it is ended with.
func (r *run) making() (context.Context, *allowance, context.CancelCauseFunc) {
	making, cancel := context.WithCancelCause(r.grace)
	return making, newAllowance(r.opts.Timeout, cancel), cancel
}

// errStopped ends makes that have not finished when the run ends.
var errStopped = errors.New("the run was told to end")

// attempt runs a make and the completion of its job in one transaction. Where it fails, trouble
// tells that this is the database's doing, and not the make's own.
func (r *run) attempt(m *making, do func(ctx context.Context, tx *Tx) error) (trouble bool, err error) {
	return r.untilKnown(m, func() (bool, error) {
		return r.transact(m, do, func(tx *rowmill.Tx) error {
			if r.opts.KeepCompleted {
				r.keepToldWith(m.ctx, tx, m.telling)
			}
			return r.ledger.complete(m.ctx, tx, m.job)
		})
	})
}

// inside is the context that functions of makers get.
func (r *run) inside(m *making) context.Context {
	return r.db.Forbid(context.WithValue(m.ctx, jobKey{}, r.jobOf(m)), "inside a make, write through its tx")
}

// made counts a job that is completed, and tells of it downstream.
func (r *run) made(job *jobs.Reservation) {
	r.note(r.outcome(job, OutcomeMade))
	if r.pipeline != nil {
		r.pipeline.made(r.maker)
	}
}

// judge decides what becomes of a job by how its make failed. Its error ends the run.
func (r *run) judge(ctx context.Context, m *making, err error, trouble bool, took time.Duration) error {
	job := m.job
	var skip *skip
	var later *notReadyError
	var unfinished *unfinishedError
	switch {
	case errors.Is(err, jobs.ErrLeaseLost):
		return r.settle(ctx, job, err, nil)
	case errors.As(err, &skip):
		return r.settle(ctx, job, r.ledger.skip(ctx, job, skip.reason), r.outcome(job, OutcomeSkipped))
	case errors.As(err, &later):
		return r.settle(ctx, job, r.ledger.postpone(ctx, job, later.after, err.Error()), r.outcome(job, OutcomeNotReady))
	case errors.As(err, &unfinished):
		return r.settle(ctx, job, r.ledger.suspend(ctx, job, unfinished.state), r.outcome(job, OutcomeUnfinished))
	case errors.Is(err, errStopped):
		r.release(ctx, job)
		return nil
	case trouble && errors.Is(err, rowmill.ErrReadOnly): // a full disk is no fault of the key
		r.release(ctx, job)
		return err
	case trouble && transient(err):
		return r.troubled(ctx, m, err, took)
	case errors.Is(err, rowmill.ErrDuplicate):
		if settled, e := r.acknowledge(ctx, job); settled {
			return e
		}
	case errors.Is(err, jobs.ErrNothingMade):
		err = errNothingMade
	}
	return r.fail(ctx, job, err, took)
}

// fail keeps why a make failed, unless what its key comes from is gone, which may be why. Where that cannot be seen now,
// why it failed is kept nevertheless.
func (r *run) fail(ctx context.Context, job *jobs.Reservation, err error, took time.Duration) error {
	switch gone, e := r.ledger.withdraw(ctx, job); {
	case e != nil && !transient(e):
		return r.settle(ctx, job, e, nil)
	case gone:
		r.note(r.outcome(job, OutcomeWithdrawn))
		return nil
	case errors.Is(err, errGone):
		return r.settleGone(ctx, job)
	}
	f := jobs.Failure{Message: err.Error(), Stack: stackOf(err), Duration: took, Version: r.opts.Version, Kind: KindOf(err)}
	count := r.failed(job, err)
	if f.After, f.Again = r.again(err, job.Attempt-job.Retried); f.Again {
		count = r.outcome(job, OutcomeRetried)
	}
	if err := r.settle(ctx, job, r.ledger.fail(ctx, job, f), count); err != nil {
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

// settle counts a job whose end was recorded, or lost to somebody else. Another error ends the run; where it may pass, or
// the run was told to end, the job is given back.
func (r *run) settle(ctx context.Context, job *jobs.Reservation, err error, count func(*Report)) error {
	switch {
	case err == nil:
		r.note(count)
	case errors.Is(err, jobs.ErrLeaseLost):
		r.opts.Log.Warn("a job was taken by another process; what was made of it is discarded",
			"table", r.maker.String(), "key", r.maker.key.Format(job.Key))
		r.note(r.outcome(job, OutcomeLostLease))
	case ctx.Err() != nil, transient(err):
		r.release(ctx, job)
		return cmp.Or(ctx.Err(), err)
	default:
		return err
	}
	return nil
}

// release gives jobs back. Where that fails too, their leases run out.
func (r *run) release(ctx context.Context, batch ...*jobs.Reservation) {
	r.giveUp(ctx, batch)
	for _, job := range batch {
		r.note(r.outcome(job, OutcomeReleased))
		r.letGo(job)
	}
}

// putBack is release for a job that is only to be made at another time, of which the report says nothing.
func (r *run) putBack(ctx context.Context, job *jobs.Reservation) {
	r.giveUp(ctx, []*jobs.Reservation{job})
	r.note(func(*Report) { r.mark(job, OutcomeReleased) })
	r.letGo(job)
}

func (r *run) giveUp(ctx context.Context, batch []*jobs.Reservation) {
	ctx, cancel := r.releasing(ctx)
	defer cancel()
	r.closeHold(batch...)
	err := r.ledger.release(ctx, batch...)
	if err != nil && !errors.Is(err, jobs.ErrLeaseLost) {
		r.opts.Log.Warn("jobs could not be given back; their leases will run out",
			"table", r.maker.String(), "jobs", len(batch), "error", err)
	}
}

func (r *run) note(count func(*Report)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count(r.report)
}

// keepPace averages how long makes take, the latest counting a fifth.
func (r *run) keepPace(took time.Duration) {
	r.told.took(took)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pace == 0 {
		r.pace = took
		return
	}
	r.pace += (took - r.pace) / 5
}

func (r *run) keyError(job *jobs.Reservation, err error) KeyError {
	key := r.maker.key
	return KeyError{Key: reflect.ValueOf(job.Key).Elem().Interface(), Text: key.Format(job.Key), Err: err, attrs: key.Map(job.Key)}
}
