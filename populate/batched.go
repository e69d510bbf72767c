package populate

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/schema"
)

// A batch is the function of a make of many keys.
type batch struct {
	size int
	make func(ctx context.Context, tx *Tx, keys []any) error
}

// Batched pairs a table with a function that makes the rows of many keys at once, at most size: for work that is
// done for many as fast as for one. The function is called in one transaction for all its keys, [Tx.Upstream] is what
// any of them comes from, and it inserts a row for each. Where it fails for several keys, it is called again for
// each alone, so that one key's failure costs only itself; an outcome as [Skip] is of a call for one key.
//
// Batched panics as New does, and where size is not positive.
func Batched[Row, Key any](table *schema.TableOf[Row], size int, fn func(ctx context.Context, tx *Tx, keys []Key) error) *Maker {
	at := callsite.Of(1)
	m := newMaker[Key](table.Untyped(), "populate.Batched", at, fn != nil)
	if size < 1 {
		panic(fmt.Sprintf("%s: populate.Batched(%s): batches of %d keys; 1 or more are wanted", at, m, size))
	}
	m.batch = &batch{size, func(ctx context.Context, tx *Tx, keys []any) error {
		some := make([]Key, len(keys))
		for i, k := range keys {
			some[i] = *k.(*Key)
		}
		return fn(ctx, tx, some)
	}}
	return m
}

// many makes several keys in one transaction or, where that fails for whatever reason, each in its own. Its error
// ends the run.
func (r *run) many(ctx context.Context, group []*making) error {
	together := len(group) > 1 && r.manyTogether(group) == nil
	if together {
		r.closeHolds(group)
	}
	for i, m := range group {
		var err error
		switch {
		case together:
			err = r.finish(ctx, m, false, nil)
		case r.graceOver():
			r.giveBack(ctx, group[i:])
			return nil
		default:
			err = r.alone(ctx, m)
		}
		if err != nil {
			r.giveBack(ctx, group[i+1:])
			return err
		}
	}
	return nil
}

// alone makes a key of a batch by itself, with a context of its own: that of the batch ends with its first key.
func (r *run) alone(ctx context.Context, m *making) error {
	m.end(nil)
	m.ctx, m.allowed, m.cancel = r.making()
	m.telling = newTelling(m.job)
	if !r.begin(m) {
		m.end(jobs.ErrLeaseLost)
	}
	return r.one(ctx, m, func(ctx context.Context, tx *Tx) error { return r.maker.batch.make(ctx, tx, tx.keys) })
}

func (r *run) manyTogether(group []*making) error {
	first := group[0]
	batch := make([]*jobs.Reservation, len(group))
	keys := make([]any, len(group))
	for i, m := range group {
		batch[i], keys[i] = m.job, m.job.Key
	}
	r.tellTogether(group)
	err := r.db.TransactDeferred(first.ctx, func(tx *rowmill.Tx) error {
		t := r.tx(tx, first)
		t.keys = keys
		if err := r.callers.catch(func() error { return r.maker.batch.make(r.inside(first), t, keys) }); err != nil {
			return err
		}
		if r.opts.KeepCompleted {
			r.keepToldWith(first.ctx, tx, first.telling)
		}
		return r.ledger.completeAll(first.ctx, tx, batch)
	})
	if errors.Is(err, rowmill.ErrCommitUnknown) {
		if holds, e := r.holds(first); e == nil && !holds {
			return nil
		}
	}
	return err
}
