package populate

import (
	"context"
	"errors"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// errApart says that keys cannot be kept together, and are to be kept one by one.
var errApart = errors.New("keep the keys one by one")

// keepAll keeps computed keys: in one transaction, or, where that fails for whatever reason, each in its own. Its
// error ends the run.
func (r *run) keepAll(ctx context.Context, group []*making) error {
	if len(group) == 1 || r.keepTogether(group) != nil {
		return r.keepEach(ctx, group)
	}
	r.closeHolds(slices.DeleteFunc(slices.Clone(group), func(m *making) bool { return m.err != nil }))
	var apart []*making
	var failed error
	for _, m := range group { // all of them: what follows one that ends the run is kept already
		if errors.Is(m.err, errChanged) {
			apart = append(apart, m)
			continue
		}
		if err := r.finish(ctx, m, false, m.err); failed == nil {
			failed = err
		}
	}
	if failed != nil {
		r.giveBack(ctx, apart)
		return failed
	}
	return r.keepEach(ctx, apart)
}

func (r *run) keepEach(ctx context.Context, group []*making) error {
	for i, m := range group {
		if r.graceOver() {
			r.giveBack(ctx, group[i:])
			return nil
		}
		if err := r.keepOne(ctx, m); err != nil {
			r.giveBack(ctx, group[i+1:])
			return err
		}
	}
	return nil
}

// keepTogether keeps computed keys in one transaction. Where a function fails, or what a key comes from has changed,
// that is noted with the key, and the others are kept all the same. After an error, nothing is kept.
func (r *run) keepTogether(group []*making) error {
	err := r.db.Transact(r.grace, func(tx *rowmill.Tx) error {
		kept, rows, err := r.collect(tx, group)
		if err == nil {
			err = query.Enter(r.grace, tx, rows)
		}
		if err != nil {
			return err
		}
		if r.opts.KeepCompleted {
			for _, m := range group {
				r.keepToldWith(r.grace, tx, m.telling)
			}
		}
		return r.ledger.completeAll(r.grace, tx, kept)
	})
	if !errors.Is(err, rowmill.ErrCommitUnknown) {
		return err
	}
	for _, m := range group {
		if m.err != nil {
			continue
		}
		if holds, err := r.holds(m); holds || err != nil {
			return errApart // they are all kept, or none
		}
		return nil
	}
	return errApart
}

// collect calls the last stage of computed keys in a transaction. It returns the jobs of those which it is done with, and what it
// inserts of them.
func (r *run) collect(tx *rowmill.Tx, group []*making) (kept []*jobs.Reservation, rows []*query.Collected, err error) {
	c := &collection{}
	ahead, err := r.ahead(r.grace, tx, jobsOf(group))
	if err != nil {
		return nil, nil, err
	}
	for _, m := range group {
		t := r.tx(tx, m)
		t.collects = c
		had, direct := len(c.rows), c.direct
		m.allowed.goOn()
		m.err = r.callers.catch(func() error { return r.keep(m, ahead)(r.inside(m), t) })
		m.allowed.undo()
		switch {
		case tx.Err() != nil, m.err != nil && c.direct > direct:
			return nil, nil, errApart
		case m.err != nil:
			c.rows = c.rows[:had]
		default:
			kept = append(kept, m.job)
		}
		if c.direct > direct { // it may have changed what was read ahead
			ahead = nil
		}
	}
	return kept, c.rows, nil
}

// A collection is the rows that makes insert which are kept together.
type collection struct {
	rows   []*query.Collected
	direct int // how often a make has asked for more than that
}

// Collecting tells whether what is inserted is collected.
func (tx *Tx) Collecting() bool { return tx.collects != nil }

// Collect keeps rows, if the make may insert them. It is for package query.
func (tx *Tx) Collect(rows *query.Collected) error {
	if err := tx.allow(rowmill.Use{Writes: []string{rows.Table().FullName()}}); err != nil {
		return err
	}
	tx.collects.rows = append(tx.collects.rows, rows)
	return nil
}

// A flushing is the session of a make that asks for more than inserts: what was collected is entered before.
type flushing struct {
	rowmill.Session

	entering rowmill.Session // the transaction, where the make asked to read only
	collects *collection
}

func (f flushing) flush(ctx context.Context) error {
	f.collects.direct++
	rows := f.collects.rows
	f.collects.rows = nil
	return query.Enter(ctx, f.entering, rows)
}

// Query runs a SELECT.
func (f flushing) Query(ctx context.Context, sql string, args ...any) (*rowmill.Rows, error) {
	if err := f.flush(ctx); err != nil {
		return nil, err
	}
	return f.Session.Query(ctx, sql, args...)
}

// Exec runs a statement that changes something.
func (f flushing) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := f.flush(ctx); err != nil {
		return 0, err
	}
	return f.Session.Exec(ctx, sql, args...)
}

// Atomic runs do.
func (f flushing) Atomic(ctx context.Context, do func(rowmill.Session) error) error {
	if err := f.flush(ctx); err != nil {
		return err
	}
	return f.Session.Atomic(ctx, do)
}
