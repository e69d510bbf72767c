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

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/blob"
	"github.com/rowmill/rowmill/schema"
)

// Complete ends a job whose result the transaction holds, and is run in that transaction. It
// returns ErrLeaseLost where the job is somebody else's by now, and ErrNothingMade where there
// is no result: the transaction must be rolled back then.
func (q *Queue) Complete(ctx context.Context, tx *rowmill.Tx, r *Reservation) error {
	args := append(append(append([]any{}, r.values...), r.token), r.values...)
	n, err := tx.Exec(ctx, q.fill(tx.Dialect(), complete, 1), args...)
	if err != nil {
		return fmt.Errorf("complete job of %s: %w", q.table, err)
	}
	if n == 1 {
		return nil
	}
	n, err = tx.Exec(ctx, q.fill(tx.Dialect(), hold, 1), append(slices.Clone(r.values), r.token)...)
	switch {
	case err != nil:
		return fmt.Errorf("complete job of %s: %w", q.table, err)
	case n == 1:
		return ErrNothingMade
	}
	return ErrLeaseLost
}

// A Failure says what went wrong with a job.
type Failure struct {
	Message  string // at most 2047 letters are kept
	Stack    string // at most 64 KiB are kept
	Duration time.Duration
	Version  string
}

// Fail makes a job an error.
func (q *Queue) Fail(ctx context.Context, db *rowmill.DB, r *Reservation, f Failure) error {
	stack, err := blob.Encode(valid(f.Stack[:min(len(f.Stack), maxStack)]))
	if err != nil {
		return fmt.Errorf("keep the stack of a failed job: %w", err)
	}
	return plainly(f.Message, func(message string) error {
		return q.end(ctx, db, r, Error, message, fail, f.Duration.Seconds(), message, stack, f.Version)
	})
}

// Release gives jobs back as if they had never been claimed, in one statement. The error is
// ErrLeaseLost where some of them were somebody else's by then; the others are given back.
func (q *Queue) Release(ctx context.Context, db *rowmill.DB, jobs ...*Reservation) error {
	if len(jobs) == 0 {
		return nil
	}
	n, err := db.Brief().Exec(ctx, q.fill(db.Dialect(), release, len(jobs)), tokens(jobs)...)
	switch {
	case err != nil:
		return fmt.Errorf("release jobs of %s: %w", q.table, err)
	case int(n) < len(jobs):
		return ErrLeaseLost
	}
	return nil
}

// Skip keeps a reserved job from being made, now and later, and why.
func (q *Queue) Skip(ctx context.Context, db *rowmill.DB, r *Reservation, reason string) error {
	return plainly(reason, func(reason string) error { return q.end(ctx, db, r, Ignore, reason, ignoreHeld, reason) })
}

// Acknowledge ends a reserved job whose result was found to be there, as Complete does, in a
// transaction of its own.
func (q *Queue) Acknowledge(ctx context.Context, db *rowmill.DB, r *Reservation) error {
	return db.Transact(ctx, func(tx *rowmill.Tx) error { return q.Complete(ctx, tx, r) })
}

// end runs a statement that ends a reservation with a status and a message. Where it finds no
// such reservation, it may be the second try of one whose reply was lost: the job says.
func (q *Queue) end(ctx context.Context, db *rowmill.DB, r *Reservation, status Status, message, statement string, args ...any) error {
	n, err := db.Brief().Exec(ctx, q.fill(db.Dialect(), statement, 1), append(append(args, r.values...), r.token)...)
	if err == nil && n == 0 {
		return q.endedSo(ctx, db, r, status, message)
	}
	if err != nil {
		return fmt.Errorf("end job of %s: %w", q.table, err)
	}
	return nil
}

func (q *Queue) endedSo(ctx context.Context, db *rowmill.DB, r *Reservation, status Status, message string) error {
	rows, err := db.Query(ctx, q.fill(db.Dialect(), ended, 1), append(slices.Clone(r.values), string(status), message)...)
	if err != nil {
		return fmt.Errorf("look how a job of %s ended: %w", q.table, err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		return nil
	}
	return errors.Join(ErrLeaseLost, rows.Err())
}

// Ignore keeps a key from being made, and why. The key is a struct with a field for each
// attribute of the queue's key, and need not be queued. A job that is reserved cannot be
// ignored: the error wraps rowmill.ErrRefused.
func (q *Queue) Ignore(ctx context.Context, db *rowmill.DB, key any, reason string) error {
	values, err := q.keyValues(key)
	if err != nil {
		return fmt.Errorf("ignore a key of %s: %w", q.table, err)
	}
	err = plainly(reason, func(reason string) error { return q.ignore(ctx, db, values, reason) })
	if err != nil {
		return fmt.Errorf("ignore a key of %s: %w", q.table, err)
	}
	return nil
}

func (q *Queue) ignore(ctx context.Context, db *rowmill.DB, key []any, reason string) error {
	idle := func() (int64, error) {
		return db.Brief().Exec(ctx, q.fill(db.Dialect(), ignoreIdle, 1), append([]any{reason}, key...)...)
	}
	n, err := idle()
	if err != nil || n > 0 {
		return err
	}
	_, err = db.Brief().Exec(ctx, q.fill(db.Dialect(), ignoreNew, 1), append(slices.Clone(key), DefaultPriority, reason)...)
	if !errors.Is(err, rowmill.ErrDuplicate) {
		return err
	}
	if n, err = idle(); err == nil && n == 0 { // not even queued by others in the meantime
		return fmt.Errorf("%w: it is being made", rowmill.ErrRefused)
	}
	return err
}

// Clear removes jobs that have one of these states, and returns how many they were: the keys are
// queued again by the next Refresh if they are still due, as are those that were ignored by
// mistake. Reserved jobs cannot be cleared.
func (q *Queue) Clear(ctx context.Context, db *rowmill.DB, statuses ...Status) (int, error) {
	total := 0
	for _, s := range statuses {
		if !slices.Contains([]Status{Pending, Success, Error, Ignore}, s) {
			return total, fmt.Errorf("clear jobs of %s: %q jobs cannot be cleared; pending, success, error and ignore can", q.table, s)
		}
		n, err := q.exec(ctx, db, purge, string(s))
		if err != nil {
			return total, fmt.Errorf("clear jobs of %s: %w", q.table, err)
		}
		total += n
	}
	return total, nil
}

// keyValues are the values of a key's struct, in the order of the queue's key.
func (q *Queue) keyValues(key any) ([]any, error) {
	names, values, err := schema.Match(key, schema.NewHeading(q.target.MakeKey()))
	if err != nil {
		return nil, err
	}
	if len(names) != len(q.key) {
		return nil, fmt.Errorf("the whole key is wanted: %v", q.key)
	}
	byName := map[string]any{}
	for i, n := range names {
		byName[n] = values[i]
	}
	ordered := make([]any, len(q.key))
	for i, n := range q.key {
		ordered[i] = byName[n]
	}
	return ordered, nil
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
