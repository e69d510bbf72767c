package populate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
)

const (
	// tellPause is the time between two looks whether makes have told something.
	tellPause = time.Second
	// mostTold is how many bytes of what a make has logged are held; the queue keeps as many.
	mostTold = 64 << 10
)

// A telling is what a make has told of its jobs: how far it is, and what it has logged. It is safe for concurrent
// use.
type telling struct {
	jobs []*jobs.Reservation

	mu           sync.Mutex
	completeness *float64
	ticks        int
	log          []byte
	recalled     bool // what earlier attempts have logged stands before it
	changed      bool // since it was last kept
	keeping      sync.Mutex
}

// newTelling is nothing told yet.
func newTelling(batch ...*jobs.Reservation) *telling { return &telling{jobs: batch} }

func (t *telling) complete(change func(before float64) float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := 0.0
	if t.completeness != nil {
		before = *t.completeness
	}
	now := min(max(change(before), 0), 1)
	t.completeness, t.changed = &now, true
}

func (t *telling) tick(n int) {
	t.complete(func(float64) float64 {
		t.ticks++
		return float64(t.ticks) / float64(n)
	})
}

// Write adds to the log. What is most in it is cut at the beginning, at a line's end.
func (t *telling) Write(line []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log, t.changed = lastLines(append(t.log, line...)), true
	return len(line), nil
}

// lastLines are the last lines of a log that is too long.
func lastLines(log []byte) []byte {
	if len(log) <= mostTold {
		return log
	}
	log = log[len(log)-mostTold/2:] // not each line is to move all others
	if end := slices.Index(log, '\n'); end >= 0 {
		log = log[end+1:]
	}
	return log
}

// taken is what was told, if anything was since the last time.
func (t *telling) taken() (completeness *float64, log string, changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed, t.changed = t.changed, false
	return t.completeness, string(t.log), changed
}

// all is what was told, if anything was.
func (t *telling) all() (completeness *float64, log string, told bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.completeness, string(t.log), t.completeness != nil || len(t.log) > 0
}

// forgets tells whether there may be a log of earlier attempts that was not read yet, and something to add to it.
func (t *telling) forgets() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.jobs[0].Attempt == 1 && !t.jobs[0].Unfinished
	return !t.recalled && !first && (t.completeness != nil || len(t.log) > 0)
}

// again has what was taken be taken again.
func (t *telling) again() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = true
}

// recall puts what earlier attempts have logged before what this one has.
func (t *telling) recall(earlier string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log, t.recalled = lastLines(append([]byte(earlier), t.log...)), true
}

// tellAll keeps what makes tell until ctx ends.
func (r *run) tellAll(ctx context.Context) {
	tick := time.NewTicker(tellPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, t := range r.tellings() {
			r.keepTold(ctx, r.db.Brief(), t)
		}
	}
}

// tellings are those of the makes that are under way.
func (r *run) tellings() (all []*telling) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.held {
		if h.telling != nil && !slices.Contains(all, h.telling) {
			all = append(all, h.telling)
		}
	}
	return all
}

// keepTold keeps what was told, if anything was. That it cannot is no reason for a make to fail.
func (r *run) keepTold(ctx context.Context, session rowmill.Session, t *telling) {
	t.keeping.Lock() // what was told later is kept later
	defer t.keeping.Unlock()
	if err := r.recall(ctx, session, t); err != nil {
		r.untold(ctx, err)
		return
	}
	completeness, log, changed := t.taken()
	if !changed {
		return
	}
	if err := r.ledger.tell(ctx, session, t.jobs, completeness, log); err != nil {
		t.again()
		r.untold(ctx, err)
	}
}

// keepToldWith keeps all that was told in the transaction that completes the jobs. It waits for nobody who keeps it
// otherwise, as he may wait for this transaction; and where it is rolled back, nothing counts as kept.
func (r *run) keepToldWith(ctx context.Context, tx *rowmill.Tx, t *telling) {
	completeness, log, told := t.all()
	if !told {
		return
	}
	earlier := ""
	if t.forgets() {
		var err error
		if earlier, err = r.earlier(ctx, tx, t.jobs[0]); err != nil {
			r.untold(ctx, err)
			return
		}
	}
	if err := r.ledger.tell(ctx, tx, t.jobs, completeness, string(lastLines([]byte(earlier+log)))); err != nil {
		r.untold(ctx, err)
	}
}

// recall reads, before the first line is kept, what earlier attempts have logged.
func (r *run) recall(ctx context.Context, session rowmill.Session, t *telling) error {
	if !t.forgets() {
		return nil
	}
	earlier, err := r.earlier(ctx, session, t.jobs[0])
	if err != nil {
		return err
	}
	t.recall(earlier)
	return nil
}

// earlier is what earlier attempts have logged.
func (r *run) earlier(ctx context.Context, session rowmill.Session, job *jobs.Reservation) (string, error) {
	log, err := r.ledger.told(ctx, session, job)
	if log != "" {
		log += fmt.Sprintf("--- attempt %d\n", job.Attempt)
	}
	return log, err
}

func (r *run) untold(ctx context.Context, err error) {
	if ctx.Err() == nil && !errors.Is(err, jobs.ErrLeaseLost) { // of which the heartbeat tells
		r.opts.Log.Warn("what a make has told was not kept", "table", r.maker.String(), "error", err)
	}
}

// tellTogether has what one make tells be told of all its jobs.
func (r *run) tellTogether(group []*making) {
	batch := make([]*jobs.Reservation, len(group))
	for i, m := range group {
		batch[i] = m.job
	}
	shared := newTelling(batch...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range group {
		m.telling = shared
		if h := r.held[m.job]; h != nil {
			h.telling = shared
		}
	}
}
