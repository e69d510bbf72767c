package jobs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/linger"
	"github.com/rowmill/rowmill/internal/process"
	"github.com/rowmill/rowmill/schema"
)

// turnsTable keeps, for each queue of a schema, who refreshes it. It is hidden from DataJoint as all is whose name
// begins so, and derived data: dropping it does no harm.
func turnsTable(of *schema.Table) *schema.Table {
	attr := func(name, typ, byDefault string) schema.Attr {
		return schema.Attr{Name: name, Type: datatype.MustParse(typ), Unmarked: true, Default: byDefault, Nullable: byDefault == "NULL"}
	}
	key := attr("queue", "varchar(64)", "")
	key.Key = true
	return schema.Auxiliary(of, "~refresh", "turns to refresh", "Who refreshes which queue", schema.NewHeading([]schema.Attr{
		key, attr("token", "uuid", "NULL"), attr("worker", "varchar(128)", "''"), attr("lease_until", "datetime(3)", "NULL"),
		attr("begun", "datetime(3)", "NULL"), attr("round", "int64", "'0'"), attr("finished", "int64", "'0'"),
	}), nil)
}

const (
	// turnLease is after how long a refresher that was not heard of has lost its turn.
	turnLease = 15 * time.Second
	// The pauses between looks at another one's turn.
	shortLook, longLook = 10 * time.Millisecond, 250 * time.Millisecond
)

// inTurn has do refresh the queue, for all keys or for some, unless a refresh for all that began after inTurn was
// called, or at most every ago, has done it: then done is false. Others wait for a refresh that is under way, which
// may have looked too early for them, and the next of them does it for all.
func (q *Queue) inTurn(ctx context.Context, db *rowmill.DB, all bool, every time.Duration, do func(ctx context.Context) error) (done bool, err error) {
	t := &turn{q: q, db: db, all: all, every: every, token: newToken()}
	mine, err := t.await(ctx)
	if errors.Is(err, rowmill.ErrDenied) { // the table of turns is not there, and whoever may not make it does without
		return true, do(ctx)
	}
	if err != nil || !mine {
		return false, err
	}
	beating, stop := context.WithCancel(ctx)
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		t.keep(beating)
	}()
	err = do(ctx)
	stop()
	<-beaten
	return true, errors.Join(err, t.end(ctx, all && err == nil))
}

// A turn is one process's wish to refresh a queue.
type turn struct {
	q     *Queue
	db    *rowmill.DB
	all   bool
	every time.Duration
	token []byte

	serving int64 // the first round that began after we came; 0 until we have looked
}

// await waits until the turn is ours, or a refresh that serves us as well is finished.
func (t *turn) await(ctx context.Context) (mine bool, err error) {
	if mine, err := t.take(ctx); err != nil || mine {
		return mine, err
	}
	for pause := shortLook; ; pause = min(2*pause, longLook) {
		s, err := t.look(ctx)
		if err != nil {
			return false, err
		}
		if s.mine { // the reply that said so was lost
			return true, nil
		}
		if t.serving == 0 {
			t.serving = s.round + 1
		}
		if s.finished >= t.serving || s.recent && s.finished == s.round {
			return false, nil
		}
		if s.busy && process.Dead(s.worker) {
			if _, err := t.exec(ctx, breakTurn, t.q.table.Name(), s.worker); err != nil {
				return false, err
			}
			s.busy = false
		}
		if !s.busy {
			if mine, err := t.take(ctx); err != nil || mine {
				return mine, err
			}
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// take takes the turn if nobody has it. The table of turns, and the queue's row in it, are made by whoever is first.
func (t *turn) take(ctx context.Context) (bool, error) {
	before := t.serving
	if before == 0 || !t.all {
		before = math.MaxInt64
	}
	args := []any{t.token, process.Self(), t.q.turnLease.Seconds(), t.all, t.all, t.q.table.Name(), before, -t.every.Seconds()}
	n, err := t.exec(ctx, takeTurn, args...)
	if errors.Is(err, rowmill.ErrNoTable) {
		if err := t.q.turns.Declare(ctx, t.db); err != nil {
			return false, err
		}
		n, err = t.exec(ctx, takeTurn, args...)
	}
	return n == 1, err
}

// A standing is what there is to know of turns.
type standing struct {
	round, finished int64
	busy, recent    bool
	mine            bool // the turn is that of whoever looks
	worker          string
}

// look looks who refreshes, and makes room for a queue that nobody has refreshed.
func (t *turn) look(ctx context.Context) (s standing, err error) {
	rows, err := t.db.Query(ctx, t.q.fill(t.db.Dialect(), lookTurn, 0), t.token, -t.every.Seconds(), t.q.table.Name())
	if err != nil {
		return s, err
	}
	found := rows.Next()
	if found {
		err = rows.Scan(&s.round, &s.finished, &s.busy, &s.mine, &s.recent, &s.worker)
	}
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil || found {
		return s, err
	}
	_, err = t.exec(ctx, newTurn, t.q.table.Name())
	return s, err
}

// keep keeps the turn until ctx ends. Where that fails somebody else may refresh as well, which does no harm.
func (t *turn) keep(ctx context.Context) {
	tick := time.NewTicker(t.q.turnLease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = t.exec(ctx, keepTurn, t.q.turnLease.Seconds(), t.q.table.Name(), t.token)
		}
	}
}

func (t *turn) end(ctx context.Context, done bool) error {
	ctx, cancel := linger.Context(ctx, stopTime, nil)
	defer cancel()
	if _, err := t.exec(ctx, endTurn, done, t.q.table.Name(), t.token); err != nil {
		return fmt.Errorf("end the turn to refresh: %w", err)
	}
	return nil
}

func (t *turn) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	return t.db.Brief().Exec(ctx, t.q.fill(t.db.Dialect(), statement, 0), args...)
}
