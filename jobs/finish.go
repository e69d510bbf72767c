package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/blob"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/query"
)

// Complete ends a job whose result the transaction holds, and is run in that transaction. It
// returns ErrLeaseLost where the job is somebody else's by now, or may have been, and ErrNothingMade where there
// is no result: the transaction must be rolled back then. Where the worker keeps what is completed, the job
// is a success, with how long it took since it was claimed.
//
// A job that a Python worker or a person has removed, or changed, while the lease was good and nobody else claimed it,
// is completed as well.
func (q *Queue) Complete(ctx context.Context, tx *rowmill.Tx, r *Reservation) error {
	for {
		grip := r.grip.owner.Load()
		c := completion{r.queue, tx, r, r.own()}
		err := c.do(ctx)
		switch {
		case err == nil || errors.Is(err, ErrNothingMade):
			return err
		case !errors.Is(err, ErrLeaseLost):
			return fmt.Errorf("complete job of %s: %w", q.table, err)
		case grip == r.grip.owner.Load(): // else it was renewed meanwhile
			return err
		}
	}
}

// A completion is that of one job.
type completion struct {
	q   *Queue
	tx  *rowmill.Tx
	r   *Reservation
	own []any // of the reservation, which may be renewed
}

func (c completion) exec(ctx context.Context, statement string, args ...[]any) (found bool, err error) {
	n, err := c.tx.Exec(ctx, c.q.fixed(c.tx.Dialect(), statement), slices.Concat(args...)...)
	return n > 0, err
}

func (c completion) do(ctx context.Context) error {
	r := c.r
	statement, kept := complete, []any{}
	if r.keep {
		statement, kept = completeKept, []any{time.Since(r.claimed).Seconds(), r.version}
	}
	if done, err := c.exec(dialect.Often(ctx), statement, kept, c.own, r.values); done || err != nil {
		return err
	}
	holds, err := c.exec(ctx, hold, c.own)
	switch {
	case err != nil:
		return err
	case holds:
		return ErrNothingMade
	case !r.goodStill():
		return ErrLeaseLost
	}
	return c.disturbed(ctx, kept)
}

// disturbed completes a job that does not say any more that it is reserved, unless somebody else has it.
func (c completion) disturbed(ctx context.Context, kept []any) error {
	statement := removeMine
	if c.r.keep {
		statement = keepMine
	}
	mine, err := c.exec(ctx, statement, kept, c.own)
	if err != nil {
		return err
	}
	if !mine {
		if there, err := c.exec(ctx, touch, c.r.values); there || err != nil {
			return errors.Join(ErrLeaseLost, err)
		}
	}
	rows, err := c.tx.Query(ctx, c.q.fixed(c.tx.Dialect(), made), c.r.values...)
	if err != nil {
		return err
	}
	found := rows.Next()
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || found {
		return err
	}
	return ErrNothingMade
}

// CompleteAll ends jobs whose results the transaction holds, in a statement for hundreds of those that are not kept. Where one of
// them cannot be completed the error does not say which: the transaction must be rolled back then, and the jobs
// completed one by one.
func (q *Queue) CompleteAll(ctx context.Context, tx *rowmill.Tx, jobs []*Reservation) error {
	var removed []*Reservation
	for _, r := range jobs {
		if !r.keep {
			removed = append(removed, r)
		} else if err := q.Complete(ctx, tx, r); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(removed, handful) {
		n, err := some[0].queue.execFor(ctx, tx, completeAll, len(some), owned(some)...)
		switch {
		case err != nil:
			return fmt.Errorf("complete jobs of %s: %w", q.table, err)
		case n != len(some):
			return fmt.Errorf("complete jobs of %s: %d of %d could be", q.table, n, len(some))
		}
	}
	return nil
}

// A Failure says what went wrong with a job.
type Failure struct {
	Message  string // at most 2047 letters are kept
	Stack    string // at most 64 KiB are kept
	Duration time.Duration
	Version  string
	Kind     string // see [Queue.Kinds]; at most MaxKind letters are kept
	// Again lets the job be tried again after the time in After; otherwise it is an error. See [RetryPolicy].
	Again bool
	After time.Duration
}

// Error keeps what went wrong with a job. It is an error now, or pending again.
func (q *Queue) Error(ctx context.Context, db *rowmill.DB, r *Reservation, f Failure) error {
	stack, err := blob.Encode(valid(f.Stack[:min(len(f.Stack), maxStack)]))
	if err != nil {
		return fmt.Errorf("keep the stack of a failed job: %w", err)
	}
	return plainly(f.Message, func(message string) error {
		args := append([]any{f.Duration.Seconds(), message, stack, f.Version}, r.kind(f)...)
		if f.Again {
			return q.end(ctx, db, r, failLater, append([]any{f.After.Seconds()}, args...)...)
		}
		return q.end(ctx, db, r, fail, args...)
	})
}

// Withdraw removes a reserved job whose key is no longer among those that ought to exist, source, and tells
// whether it was so: what it comes from was deleted, and perhaps the job with it. It waits for nobody who is about
// to change what the key comes from.
func (q *Queue) Withdraw(ctx context.Context, db *rowmill.DB, r *Reservation, source query.Rel) (bool, error) {
	all, err := query.Select(db, source, q.key)
	if err != nil {
		return false, fmt.Errorf("withdraw job of %s: the source: %w", q.table, err)
	}
	gone, err := q.withdraw(ctx, db, r, all)
	if err != nil {
		return false, fmt.Errorf("withdraw job of %s: %w", q.table, err)
	}
	return gone, nil
}

func (q *Queue) withdraw(ctx context.Context, db *rowmill.DB, r *Reservation, all squirrel.Sqlizer) (bool, error) {
	due, err := q.finds(ctx, db, isDue, append([]any{all}, r.values...)...)
	if err != nil || due {
		return false, err
	}
	n, err := db.Brief().Exec(ctx, r.queue.fill(db.Dialect(), withdraw, 1), r.own()...)
	if err != nil || n == 1 {
		return err == nil, err
	}
	queued, err := q.finds(ctx, db, isQueued, r.values...) // then it is somebody else's
	return err == nil && !queued, err
}

// finds tells whether a SELECT finds a row.
func (q *Queue) finds(ctx context.Context, session rowmill.Session, statement string, args ...any) (bool, error) {
	sql, values, err := squirrel.Expr(q.fill(session.Dialect(), statement, 1), args...).ToSql()
	if err != nil {
		return false, err
	}
	rows, err := session.Query(ctx, sql, values...)
	if err != nil {
		return false, err
	}
	found := rows.Next()
	return found, errors.Join(rows.Err(), rows.Close())
}

// Release gives jobs back as if they had never been claimed, in a statement for hundreds of them. The error is
// ErrLeaseLost where some of them were somebody else's by then; the others are given back.
func (q *Queue) Release(ctx context.Context, db *rowmill.DB, jobs ...*Reservation) (err error) {
	for some := range slices.Chunk(jobs, handful) {
		n, e := some[0].queue.execFor(ctx, db.Brief(), release, len(some), owned(some)...)
		if e == nil && n < len(some) {
			e = q.ended(ctx, db, some...)
		}
		if e != nil && !errors.Is(e, ErrLeaseLost) {
			return fmt.Errorf("release jobs of %s: %w", q.table, e)
		}
		if e != nil {
			err = e
		}
	}
	return err
}

// Skip keeps a reserved job from being made, now and later, and why.
func (q *Queue) Skip(ctx context.Context, db *rowmill.DB, r *Reservation, reason string) error {
	return plainly(reason, func(reason string) error { return q.end(ctx, db, r, ignoreHeld, reason) })
}

// Acknowledge ends a reserved job whose result was found to be there, as Complete does, in a
// transaction of its own. Where the reply to its COMMIT is lost, the job tells whether that is done.
func (q *Queue) Acknowledge(ctx context.Context, db *rowmill.DB, r *Reservation) error {
	for {
		err := db.Transact(ctx, func(tx *rowmill.Tx) error { return q.Complete(ctx, tx, r) })
		if !errors.Is(err, rowmill.ErrCommitUnknown) {
			return err
		}
		if holds, err := q.Holds(ctx, db, r); err != nil || !holds {
			return err
		}
	}
}

// end runs a statement that ends a reservation. Where it finds no such reservation, it may be the second try of one whose
// reply was lost: the job says who gave it up last.
func (q *Queue) end(ctx context.Context, db *rowmill.DB, r *Reservation, statement string, args ...any) error {
	n, err := db.Brief().Exec(ctx, r.queue.fill(db.Dialect(), statement, 1), append(args, r.own()...)...)
	if err == nil && n == 0 {
		err = q.ended(ctx, db, r)
	}
	if err != nil && !errors.Is(err, ErrLeaseLost) {
		return fmt.Errorf("end job of %s: %w", q.table, err)
	}
	return err
}

// ended is ErrLeaseLost unless jobs were given up by those who held them so.
func (q *Queue) ended(ctx context.Context, db *rowmill.DB, jobs ...*Reservation) error {
	rows, err := db.Query(ctx, jobs[0].queue.fill(db.Dialect(), ended, len(jobs)), owned(jobs)...)
	if err != nil {
		return err
	}
	if keys, err := q.scanKeys(rows); err != nil || len(keys) == len(jobs) {
		return err
	}
	return ErrLeaseLost
}

// plainly has do keep a message. Where the database cannot, since its character set lacks a
// letter, do keeps it in ASCII: what is to be told of a job must not be its next trouble.
func plainly(message string, do func(message string) error) error {
	err := do(cut(valid(message)))
	if errors.Is(err, rowmill.ErrValue) {
		ascii := strconv.QuoteToASCII(message)
		return do(cut(ascii[1 : len(ascii)-1]))
	}
	return err
}

// valid is a text with a question mark in a lozenge for each stretch of it that is not UTF-8.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// maxStack is how many bytes of a stack are kept.
const maxStack = 64 << 10

const truncated = "...truncated"

// cut shortens a message as DataJoint does, to the letter.
func cut(message string) string {
	if utf8.RuneCountInString(message) <= maxMessage {
		return message
	}
	return string([]rune(message)[:maxMessage-len(truncated)]) + truncated
}
