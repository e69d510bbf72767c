package populate

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/internal/fingerprint"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// stages are the functions of a make in stages.
type stages struct {
	fetch   func(ctx context.Context, tx *Tx, key any) (any, error)
	compute func(ctx context.Context, key, fetched any) (any, error)
	insert  func(ctx context.Context, tx *Tx, key, computed any) error
}

// Staged pairs a table with the functions that make a row of it in three stages, as DataJoint's three-part make:
// fetch reads what the key comes from, compute makes of it what is to be kept, and insert inserts that. Only insert has a
// transaction: while compute works none is open, and nobody waits. In the transaction of insert, fetch is called again, and where
// what it returns is not what it was, the key is computed again: so what is kept comes from what stood there at one moment.
// Results of several keys that are ready are kept in one transaction, in few
// statements; a key that fails costs only itself.
//
// What fetch asks for by [Tx.Upstream], of small rows of which there is one a key, is read for many keys at once, so that most calls of it
// need no statement: when the keys are reserved, up to a second before, and again in the transaction of insert.
//
// The stages return what functions of [New] return. fetch and compute may be called at once for several keys, and
// are called again, for what a transaction shows, before an error of theirs is believed;
// what fetch returns must not have what is different each time, as the time of its call. insert inserts
// best by [query.Insert] alone, and reads nothing: so it can be grouped with others.
//
// Staged panics as New does.
func Staged[Row, Key, Fetched, Computed any](
	table *schema.TableOf[Row],
	fetch func(ctx context.Context, tx *Tx, key Key) (Fetched, error),
	compute func(ctx context.Context, key Key, fetched Fetched) (Computed, error),
	insert func(ctx context.Context, tx *Tx, key Key, computed Computed) error,
) *Maker {
	m := newMaker[Key](table.Untyped(), "populate.Staged", callsite.Of(1), fetch != nil && compute != nil && insert != nil)
	m.stages = &stages{
		fetch: func(ctx context.Context, tx *Tx, key any) (any, error) { return fetch(ctx, tx, *key.(*Key)) },
		compute: func(ctx context.Context, key, fetched any) (any, error) {
			return compute(ctx, *key.(*Key), as[Fetched](fetched))
		},
		insert: func(ctx context.Context, tx *Tx, key, computed any) error {
			return insert(ctx, tx, *key.(*Key), as[Computed](computed))
		},
	}
	return m
}

// as is a value of a type, which may be that of an interface that is nil.
func as[T any](v any) T {
	t, _ := v.(T)
	return t
}

// errChanged says that what was fetched is no longer what it was.
var errChanged = errors.New("what the key comes from has changed while it was computed")

// stage fetches and computes a key, and hands it to the writer. Its error ends the run.
func (r *run) stage(ctx context.Context, m *making) error {
	if trouble, err := r.compute(m); err != nil {
		return r.finish(ctx, m, trouble, err)
	}
	m.allowed.pause()
	r.results <- m
	return nil
}

// compute runs the first two stages. Where it fails, trouble tells that this is the database's doing. At first each
// statement of fetch is by itself, which spares a transaction its beginning and end: the last stage sees whether what they
// found was there at one time. Where a stage fails, though, that may be since it was not.
func (r *run) compute(m *making) (trouble bool, err error) {
	fetched, failed := r.glance(m)
	glanced := failed == nil
	if glanced {
		if failed = r.computeOf(m, fetched); failed == nil {
			return false, nil
		}
	}
	if fetched, trouble, err = r.fetch(m); err != nil {
		return trouble, err
	}
	if glanced && fingerprint.Of(fetched) == m.fetched {
		return false, failed
	}
	return false, r.computeOf(m, fetched)
}

func (r *run) computeOf(m *making, fetched any) error {
	m.fetched = fingerprint.Of(fetched)
	return r.callers.catch(func() (err error) {
		m.computed, err = r.maker.stages.compute(r.inside(m), m.job.Key, fetched)
		return err
	})
}

// glance runs the first stage outside of a transaction, the first time with what was read ahead.
func (r *run) glance(m *making) (fetched any, err error) {
	tx := r.tx(r.db, m).reader(&r.habit, m.ahead)
	m.ahead = nil
	err = r.callers.catch(func() (err error) {
		fetched, err = r.maker.stages.fetch(r.inside(m), tx, m.job.Key)
		return err
	})
	return fetched, err
}

// fetch runs the first stage. Its transaction only reads: where the reply to its COMMIT was lost, nothing is lost but
// time. (That a job is no longer ours is told by the last stage.)
func (r *run) fetch(m *making) (fetched any, trouble bool, err error) {
	trouble, err = r.untilKnown(m, func() (bool, error) {
		return r.transact(m, func(ctx context.Context, tx *Tx) (err error) {
			fetched, err = r.maker.stages.fetch(ctx, tx.reader(nil, nil), m.job.Key)
			return err
		}, func(*rowmill.Tx) error { return nil })
	})
	return fetched, trouble, err
}

// keep is the last stage, in a transaction, in which ahead was read: what was fetched is looked at again.
func (r *run) keep(m *making, ahead *query.Ahead) func(ctx context.Context, tx *Tx) error {
	return func(ctx context.Context, tx *Tx) error {
		fetched, err := r.maker.stages.fetch(ctx, tx.reader(&r.habit, ahead), m.job.Key)
		switch {
		case err != nil:
			return err
		case fingerprint.Of(fetched) != m.fetched:
			return errChanged
		}
		return r.maker.stages.insert(ctx, tx, m.job.Key, m.computed)
	}
}

// mostChanges is how often a key is computed in a row, each time to find that what it comes from has changed.
const mostChanges = 5

// keepOne keeps a computed key in a transaction of its own, and computes it again as often as that takes, at first where its
// group has found that it changed. Its error ends the run.
func (r *run) keepOne(ctx context.Context, m *making) error {
	m.allowed.goOn()
	err := m.err
	for changes := 0; ; {
		var trouble bool
		if errors.Is(err, errChanged) {
			if changes++; changes == mostChanges {
				return r.finish(ctx, m, false, fmt.Errorf("%w, or fetch returns something else each time: %d times in a row", errChanged, changes))
			}
			if trouble, err = r.compute(m); err != nil {
				return r.finish(ctx, m, trouble, err)
			}
		}
		if trouble, err = r.attempt(m, r.keep(m, nil)); !errors.Is(err, errChanged) {
			return r.finish(ctx, m, trouble, err)
		}
	}
}

// mostTogether is how many keys are kept in one transaction.
const mostTogether = 256

// write keeps what is computed, together with what else is ready, until results is closed. Its error ends the
// run; what is ready then is given back.
func (r *run) write(ctx context.Context) error {
	var failed error
	for m := range r.results {
		group := []*making{m}
		for more := true; more && len(group) < mostTogether; {
			select {
			case m, ok := <-r.results:
				if more = ok; ok {
					group = append(group, m)
				}
			default:
				more = false
			}
		}
		if failed != nil {
			r.giveBack(ctx, group)
			continue
		}
		failed = r.stopAt(r.keepAll(ctx, group))
	}
	return failed
}

// giveBack ends makes, and gives their jobs back, all at once.
func (r *run) giveBack(ctx context.Context, group []*making) {
	if len(group) == 0 {
		return
	}
	for _, m := range group {
		m.end(nil)
	}
	r.release(ctx, jobsOf(group)...)
}
