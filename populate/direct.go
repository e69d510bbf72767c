package populate

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A direct is a ledger without a queue: it walks along the keys that have no rows, in their order, and remembers what
// does not get any.
type direct struct {
	run  *run
	todo query.Rel // the keys that have no rows

	mu      sync.Mutex
	after   []any             // the last key that was read, as it is stored; nil at the beginning
	walked  bool              // nothing comes after it
	waiting []waiting         // what was given back
	settled map[string]bool   // keys that are not made by this run, by identity
	states  map[string][]byte // what Continue has left, likewise
}

// A waiting is a job that was given back, and when it is due again.
type waiting struct {
	job *jobs.Reservation
	due time.Time
}

func newDirect(r *run) *direct {
	todo := r.maker.due()
	if !r.opts.Only.IsZero() {
		todo = todo.In(r.opts.Only)
	}
	return &direct{run: r, todo: todo.NotIn(r.maker.made()), settled: map[string]bool{}, states: map[string][]byte{}}
}

func (d *direct) open(ctx context.Context) (int, error) { return query.Count(ctx, d.run.db, d.todo) }

// refresh begins anew: keys may have come anywhere.
func (d *direct) refresh(context.Context, time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.after, d.walked = nil, false
	return nil
}

func (d *direct) claim(ctx context.Context, n int) ([]*jobs.Reservation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if batch := d.again(n); len(batch) > 0 {
		return batch, nil
	}
	for !d.walked {
		batch, err := d.walk(ctx, n)
		if err != nil || len(batch) > 0 {
			return batch, err
		}
	}
	return nil, nil
}

// again takes what was given back and is due.
func (d *direct) again(n int) (batch []*jobs.Reservation) {
	now := time.Now()
	d.waiting = slices.DeleteFunc(d.waiting, func(w waiting) bool {
		due := len(batch) < n && !w.due.After(now)
		if due {
			batch = append(batch, w.job)
		}
		return due
	})
	return batch
}

// walk reads the next n keys.
func (d *direct) walk(ctx context.Context, n int) (batch []*jobs.Reservation, err error) {
	key := d.run.maker.key
	next, order := d.todo, key.Attrs()
	if d.after != nil {
		condition, args := beyond(order, d.after)
		next = next.Where(condition, args...)
	}
	keys, err := d.run.maker.read(ctx, d.run.db, next.Top(n, order...))
	if err != nil {
		return nil, err
	}
	d.walked = len(keys) < n
	for _, k := range keys {
		if d.after, err = key.Values(k); err != nil {
			return nil, err
		}
		if !d.settled[identity(d.after)] {
			batch = append(batch, &jobs.Reservation{Key: k, Attempt: 1})
		}
	}
	return batch, nil
}

// beyond is the condition for what comes after some values in the order of attributes.
func beyond(attrs []string, values []any) (condition string, args []any) {
	var parts []string
	for i, last := range attrs {
		var same strings.Builder
		for j, a := range attrs[:i] {
			same.WriteString(a + " = ? AND ")
			args = append(args, values[j])
		}
		parts = append(parts, "("+same.String()+last+" > ?)")
		args = append(args, values[i])
	}
	return strings.Join(parts, " OR "), args
}

func (d *direct) left(context.Context) (bool, error) {
	held := d.run.holding()
	d.mu.Lock()
	defer d.mu.Unlock()
	return held > 0 || len(d.waiting) > 0, nil
}

func (d *direct) close(context.Context) error { return nil }

// A process without a queue has no leases to keep.
func (d *direct) heartbeat(context.Context, []*jobs.Reservation) ([]*jobs.Reservation, error) {
	return nil, nil
}

func (d *direct) rescue(context.Context) error { return nil }

// holds looks for the rows: those of another process serve as well.
func (d *direct) holds(ctx context.Context, job *jobs.Reservation) (bool, error) {
	there, err := d.there(ctx, d.run.db, job)
	return !there, err
}

func (d *direct) there(ctx context.Context, conn rowmill.Conn, batch ...*jobs.Reservation) (bool, error) {
	keys := make([]any, len(batch))
	for i, job := range batch {
		keys[i] = job.Key
	}
	n, err := query.Count(ctx, conn, query.From(d.run.maker.table).Match(keys...))
	return n == len(batch), err
}

func (d *direct) state(_ context.Context, job *jobs.Reservation) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.states[d.run.maker.identity(job.Key)], nil
}

// What is told is kept nowhere; what is logged goes to Options.Log.
func (d *direct) tell(context.Context, rowmill.Session, []*jobs.Reservation, *float64, string) error {
	return nil
}

func (d *direct) told(context.Context, rowmill.Session, *jobs.Reservation) (string, error) {
	return "", nil
}

func (d *direct) complete(ctx context.Context, tx *rowmill.Tx, job *jobs.Reservation) error {
	return d.completeAll(ctx, tx, []*jobs.Reservation{job})
}

func (d *direct) completeAll(ctx context.Context, tx *rowmill.Tx, batch []*jobs.Reservation) error {
	there, err := d.there(ctx, tx, batch...)
	if err == nil && !there {
		return jobs.ErrNothingMade
	}
	return err
}

func (d *direct) acknowledge(ctx context.Context, job *jobs.Reservation) error {
	there, err := d.there(ctx, d.run.db, job)
	if err == nil && !there {
		return jobs.ErrNothingMade
	}
	return err
}

func (d *direct) withdraw(ctx context.Context, job *jobs.Reservation) (bool, error) {
	due, err := query.Exists(ctx, d.run.db, d.run.maker.Source().Match(job.Key))
	return err == nil && !due, err
}

// settle has a key not made by this run.
func (d *direct) settle(job *jobs.Reservation) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settled[d.run.maker.identity(job.Key)] = true
	return nil
}

func (d *direct) skip(_ context.Context, job *jobs.Reservation, _ string) error { return d.settle(job) }

func (d *direct) postpone(_ context.Context, job *jobs.Reservation, _ time.Duration, _ string) error {
	return d.settle(job)
}

func (d *direct) fail(_ context.Context, job *jobs.Reservation, f jobs.Failure) error {
	if !f.Again {
		return d.settle(job)
	}
	next := *job
	next.Attempt++
	d.wait(time.Now().Add(f.After), &next)
	return nil
}

func (d *direct) suspend(_ context.Context, job *jobs.Reservation, state []byte) error {
	d.mu.Lock()
	d.states[d.run.maker.identity(job.Key)] = state
	d.mu.Unlock()
	next := *job
	next.Unfinished = true
	d.wait(time.Time{}, &next)
	return nil
}

func (d *direct) release(_ context.Context, batch ...*jobs.Reservation) error {
	for _, job := range batch {
		next := *job // the run lets go of this one after it is given back
		d.wait(time.Time{}, &next)
	}
	return nil
}

func (d *direct) wait(due time.Time, job *jobs.Reservation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, waiting{job, due})
}
