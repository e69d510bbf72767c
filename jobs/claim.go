package jobs

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/linger"
	"github.com/rowmill/rowmill/internal/process"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A Worker is who claims jobs: what the queue shows of a reservation.
type Worker struct {
	Host    string // the machine's name
	PID     int
	Version string        // of the code; at most 64 letters
	Lease   time.Duration // how long a job is his without a heartbeat
	// KeepCompleted keeps his completed jobs as a success, where otherwise they are removed.
	KeepCompleted bool

	user         string // as the server sees him
	connectionID int64
}

// Identify asks the server who the worker is.
func (w *Worker) Identify(ctx context.Context, db *rowmill.DB) error {
	rows, err := db.Query(ctx, db.Dialect().Identity())
	if err != nil {
		return fmt.Errorf("ask who the worker is: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&w.user, &w.connectionID); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A Reservation is a job that its holder may make.
type Reservation struct {
	// Key is a pointer to the key, of the struct type that the claim was given.
	Key any
	// Attempt counts the attempts at the job, from 1. Where the queue cannot count them, it is math.MaxInt: what fails
	// is not tried again.
	Attempt int
	// Retried is how many attempts there were before it was last retried (see [Queue.Retry]): a RetryPolicy does not count
	// these.
	Retried int
	// Deaths is how many of its workers died, since then.
	Deaths int
	// Unfinished tells that an attempt has left a state to go on from (see [Queue.Suspend]).
	Unfinished bool
	// Done tells that a row of the key was there when the job was claimed.
	Done bool

	priority int
	due      bool // when it was found

	queue   *Queue // in the form that it was claimed in
	values  []any  // the key, as it is stored
	id      string // tells it from other keys
	asOf    string // the time of the window; empty where a token is drawn
	claimed time.Time
	lease   time.Duration
	keep    bool   // the job when it is completed
	version string // of its worker
	grip    *grip
}

// A grip is by what a worker holds a job. It may be changed while the job is made.
type grip struct {
	owner atomic.Pointer[[]any]     // by which the job is known to be the worker's: a token, or what stands for it
	good  atomic.Pointer[time.Time] // when it was last known to be
}

// ID tells the keys of a queue apart. It is empty where the reservation is none of a queue's.
func (r *Reservation) ID() string { return r.id }

// Renew lets a job be completed as another reservation of its key, which the same process has claimed: the job was queued
// anew behind its worker's back while he makes it. The other one is not to be used then.
func (r *Reservation) Renew(by *Reservation) {
	r.grip.owner.Store(by.grip.owner.Load())
	r.grip.good.Store(by.grip.good.Load())
}

// own are the values by which the job is found as long as it is the worker's.
func (r *Reservation) own() []any { return slices.Concat(r.values, *r.grip.owner.Load()) }

// goodStill tells whether the lease cannot have run out. The present time is looked at in both of its forms: a machine
// that slept shows it in one, and one whose clock was set in the other.
func (r *Reservation) goodStill() bool {
	now, since := time.Now(), *r.grip.good.Load()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0))) < r.lease
}

// goodSince notes that the job was the worker's.
func (r *Reservation) goodSince(t time.Time) { r.grip.good.Store(&t) }

// Claim reserves up to n of the jobs that are due, in the order of priority, scheduled time and
// key. Their keys are read into structs of the type that key binds (see [Queue.Bind]). Nobody
// waits for anybody: where other processes were faster, there may be fewer than n though more
// are due. No jobs and no error means that none are due. With only, which may be the zero Rel,
// jobs are left alone whose keys are not in it.
func (q *Queue) Claim(ctx context.Context, db *rowmill.DB, w *Worker, key *schema.Binding, n int, only query.Rel) ([]*Reservation, error) {
	q, err := q.in(ctx, db)
	if err != nil {
		return nil, q.claiming(err)
	}
	last, times := "", 0
	for {
		found, err := q.window(ctx, db, key, n, only)
		if err != nil || len(found) == 0 {
			return nil, q.claiming(err)
		}
		taken, err := q.take(ctx, db, w, key, alone(found))
		if err != nil || len(taken) > 0 {
			return taken, q.claiming(err)
		}
		// Others were faster. Then these are theirs now, and do not come again.
		if first := found[0].ID(); first != last {
			last, times = first, 0
		}
		if times++; times < maxFruitless {
			continue
		}
		there, err := q.finds(ctx, db, isQueued, found[0].values...)
		switch {
		case err != nil:
			return nil, q.claiming(err)
		case there: // it comes and goes
			times = 0
		case times > maxFruitless: // and it has been found since it was not there
			return nil, q.claiming(fmt.Errorf("the job of %s is found and cannot be reserved: what is stored there is spelled otherwise than Rowmill spells it",
				key.Format(found[0].Key)))
		}
	}
}

// maxFruitless is how often the same job may be found pending and not be reserved, before it is looked whether it can be
// found by its key.
const maxFruitless = 10

// take reserves those of the jobs that nobody else has taken meanwhile.
func (q *Queue) take(ctx context.Context, db *rowmill.DB, w *Worker, key *schema.Binding, jobs []*Reservation) ([]*Reservation, error) {
	// From here on a job may be ours: whoever is told to stop has to know, to give it back.
	ctx, cancel := linger.Context(ctx, stopTime, nil)
	defer cancel()
	began := time.Now()
	owner := q.newOwner(w, jobs[0].asOf)
	var ours []*Reservation
	for some := range slices.Chunk(jobs, handful) {
		for _, r := range some {
			r.grip = &grip{}
			r.grip.owner.Store(&owner)
			r.goodSince(began)
		}
		n, err := q.reserve(ctx, db, w, some, owner)
		if err == nil && n < len(some) {
			some, err = q.among(ctx, db, key, held, some)
		}
		switch {
		case err != nil && len(ours) == 0:
			return nil, err
		case err != nil: // the next claim says so, and these are ours
			return ours, nil
		}
		for _, r := range some {
			r.claimed, r.lease, r.keep, r.version = time.Now(), w.Lease, w.KeepCompleted, w.Version
		}
		ours = append(ours, some...)
	}
	return ours, nil
}

// Reserve reserves the one job of a key, a struct with a field for each attribute of the queue's key, if it is
// pending and due. It is nil where it is not, or somebody else is faster.
func (q *Queue) Reserve(ctx context.Context, db *rowmill.DB, w *Worker, key any) (*Reservation, error) {
	q, err := q.in(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("reserve a job of %s: %w", q.table, err)
	}
	values, err := q.keyValues(key)
	if err != nil {
		return nil, fmt.Errorf("reserve a job of %s: %w", q.table, err)
	}
	b, err := q.Bind(reflect.Indirect(reflect.ValueOf(key)).Type())
	if err != nil {
		return nil, fmt.Errorf("reserve a job of %s: %w", q.table, err)
	}
	found, err := q.look(ctx, db, b, q.fill(db.Dialect(), candidate, 1), values)
	if err == nil && len(found) > 0 {
		found, err = q.take(ctx, db, w, b, found)
	}
	if err != nil {
		return nil, fmt.Errorf("reserve a job of %s: %w", q.table, err)
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // nothing is an answer
	}
	return found[0], nil
}

// stopTime is how long a claim that has begun goes on when its context has ended.
const stopTime = 5 * time.Second

func (q *Queue) claiming(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("claim jobs of %s: %w", q.table, err)
}

// newToken is 16 bytes that nobody else has. It need not be secret.
func newToken() []byte {
	t := binary.LittleEndian.AppendUint64(nil, rand.Uint64())
	return binary.LittleEndian.AppendUint64(t, rand.Uint64())
}

// window reads the next jobs that are due: in one statement as a rule, and in one more for each priority of which some
// are for later that would come before them.
func (q *Queue) window(ctx context.Context, db *rowmill.DB, key *schema.Binding, n int, only query.Rel) (next []*Reservation, err error) {
	sql, args, err := q.restricted(db, window, only)
	if err != nil {
		return nil, err
	}
	for from := math.MinInt8; from <= math.MaxInt8; {
		found, err := q.look(ctx, db, key, sql, slices.Concat([]any{from}, args, []any{n - len(next)}))
		if err != nil {
			return nil, err
		}
		later := slices.IndexFunc(found, func(r *Reservation) bool { return !r.due })
		if later < 0 {
			return append(next, found...), nil
		}
		next, from = append(next, found[:later]...), found[later].priority+1
	}
	return next, nil
}

// look reads jobs that wait.
func (q *Queue) look(ctx context.Context, db *rowmill.DB, key *schema.Binding, sql string, args []any) ([]*Reservation, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []*Reservation
	for rows.Next() {
		r := &Reservation{queue: q}
		if r.Key, r.values, err = scanKey(rows, key, &r.Attempt, &r.Retried, &r.Deaths, &r.Unfinished, &r.asOf, &r.Done, &r.priority, &r.due); err != nil {
			return nil, err
		}
		r.id = fingerprint(r.values)
		r.Attempt++
		if q.bare {
			r.Attempt = math.MaxInt
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// scanKey reads a row that begins with a key: into a struct of the key's type, and as it is
// stored. What follows the key is read into more.
func scanKey(rows *rowmill.Rows, key *schema.Binding, more ...any) (k any, values []any, err error) {
	k = key.New()
	if err := rows.Scan(append(key.Dests(k), more...)...); err != nil {
		return nil, nil, err
	}
	values, err = key.Values(k)
	return k, values, err
}

// restricted fills each {only} of a SELECT, whose first arguments these are.
func (q *Queue) restricted(db *rowmill.DB, statement string, only query.Rel) (sql string, args []any, err error) {
	if only.IsZero() {
		return strings.ReplaceAll(q.fill(db.Dialect(), statement, 0), "{only}", ""), nil, nil
	}
	keys, err := q.keysIn(db, only)
	if err != nil {
		return "", nil, err
	}
	some, values, err := keys.ToSql()
	if err != nil {
		return "", nil, err
	}
	for range strings.Count(statement, "{only}") {
		args = append(args, values...)
	}
	exists := "\nAND EXISTS (SELECT 1 FROM (" + some + ") AS o WHERE " + q.equal("o.", "j.") + ")"
	return strings.ReplaceAll(q.fill(db.Dialect(), statement, 0), "{only}", exists), args, nil
}

// alone leaves a job that a dead worker had by itself. If it was what killed him, it is to take
// no others with it: whoever holds many when he dies has begun only some of them.
func alone(found []*Reservation) []*Reservation {
	for i, r := range found {
		if r.Deaths > 0 {
			return found[:max(i, 1)]
		}
	}
	return found
}

// newOwner is that by which jobs are known that a worker reserves at once: a token, or who he is and when it was, by the
// server's clock.
func (q *Queue) newOwner(w *Worker, asOf string) []any {
	if q.bare {
		return []any{w.PID, w.Host, w.connectionID, asOf}
	}
	return []any{newToken()}
}

func (q *Queue) reserve(ctx context.Context, db *rowmill.DB, w *Worker, jobs []*Reservation, owner []any) (int, error) {
	statement, args := reserve, []any{w.Lease.Seconds(), owner[0], process.Self()}
	if q.bare {
		statement, args = reserveAt, []any{owner[len(owner)-1]}
	}
	args = append(args, w.Host, w.PID, w.connectionID, w.user, w.Version)
	for _, r := range jobs {
		args = append(args, r.values...)
	}
	n, err := db.Brief().Exec(ctx, q.fill(db.Dialect(), statement, len(jobs)), args...)
	return int(n), err
}

// among are those of the jobs that a statement finds which asks for their keys and owners. Of two jobs of one key it is the
// later one.
func (q *Queue) among(ctx context.Context, session rowmill.Session, key *schema.Binding, statement string, jobs []*Reservation) ([]*Reservation, error) {
	byKey := map[string]*Reservation{}
	for _, r := range jobs {
		key := r.ID()
		if other := byKey[key]; other == nil || r.claimed.After(other.claimed) {
			byKey[key] = r
		}
	}
	rows, err := session.Query(ctx, q.fill(session.Dialect(), statement, len(jobs)), owned(jobs)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []*Reservation
	for rows.Next() {
		_, values, err := scanKey(rows, key)
		if err != nil {
			return nil, err
		}
		found = append(found, byKey[fingerprint(values)])
	}
	return found, rows.Err()
}

// fingerprint tells keys apart.
func fingerprint(values []any) string {
	var short [64]byte // enough for most
	text := short[:0]
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			text = strconv.AppendInt(text, v, 10)
		case string:
			text = strconv.AppendQuote(text, v)
		case []byte:
			text = strconv.AppendQuote(append(text, 'b'), string(v))
		default:
			text = fmt.Appendf(text, "%#v", v)
		}
		text = append(text, ' ')
	}
	return string(text)
}
