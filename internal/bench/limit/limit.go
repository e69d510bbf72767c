// Package limit makes the keys of a queue as an expert would by hand who needs nothing but this one table: with
// database/sql, the same statements and the same guarantees as Rowmill, and nothing general. It is what Rowmill is
// measured against.
package limit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/sync/errgroup"
)

// A Table is a computed table of a value for each key of a source, with its queue. Its names are quoted; its key is one
// integer, as is that of the source.
type Table struct {
	*Database

	Source string // with the attributes key and Read
	Read   string // the attribute of the source that is read; "" for weight
	Target string // with the key, value and the hidden attributes
	Queue  string
	Key    string
	Now    string // an expression of the server's
	After  string // the same, so many seconds later
	AtOnce int    // how many jobs are claimed at once; 0 for 256

	insertOne, completeOne, readOne *sql.Stmt
}

// A job is a key that is held.
type job struct {
	key    int64
	weight float64
	token  []byte
}

// lease is how long jobs are held at the most.
const lease = 30 * time.Second

// mostAtOnce is how many jobs are claimed at once by default, and kept together at most.
const mostAtOnce = 256

// Each makes what is queued by so many workers, each key in a transaction of its own.
func (t *Table) Each(ctx context.Context, workers int) error {
	if err := t.prepare(ctx); err != nil {
		return err
	}
	return t.work(ctx, workers, false, func(ctx context.Context, j job) error {
		return again(func() error {
			return t.transact(ctx, func(s session) error { return t.make(ctx, s, j) })
		})
	})
}

// make makes a key in a transaction.
func (t *Table) make(ctx context.Context, s session, j job) error {
	if err := t.read(ctx, s, &j); err != nil {
		return err
	}
	if _, err := exec(ctx, s, t.insertOne, t.insert(1), t.row(j)...); err != nil {
		return err
	}
	done, err := exec(ctx, s, t.completeOne, t.complete(), j.key, j.token, j.key)
	return exactly(1, done, err)
}

// Grouped makes what is queued: what it comes from is read for all that is claimed at once, so many workers compute, and one
// keeps what is ready, after it has looked whether what was read is still so.
func (t *Table) Grouped(ctx context.Context, workers int) error {
	if err := t.prepare(ctx); err != nil {
		return err
	}
	ready := make(chan job, mostAtOnce)
	written := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		err := t.write(ctx, ready)
		if err != nil {
			cancel()
		}
		written <- err
	}()
	err := t.work(ctx, workers, true, func(ctx context.Context, j job) error {
		select {
		case ready <- j:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(ready)
	if failed := <-written; failed != nil {
		return failed
	}
	return err
}

// write keeps groups of what is ready.
func (t *Table) write(ctx context.Context, ready <-chan job) error {
	for first := range ready {
		group := []job{first}
		for len(group) < mostAtOnce {
			select {
			case j, ok := <-ready:
				if ok {
					group = append(group, j)
					continue
				}
			default:
			}
			break
		}
		err := again(func() error {
			return t.transact(ctx, func(s session) error { return t.keep(ctx, s, group) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) keep(ctx context.Context, s session, group []job) error {
	again := slices.Clone(group)
	if err := t.readAll(ctx, s, again); err != nil {
		return err
	}
	var rows, tokens []any
	for i, j := range group {
		if again[i].weight != j.weight {
			return fmt.Errorf("key %d has changed", j.key)
		}
		rows = append(rows, t.row(j)...)
		tokens = append(tokens, j.key, j.token)
	}
	if _, err := s.ExecContext(ctx, t.insert(len(group)), rows...); err != nil {
		return err
	}
	each := strings.Repeat(" OR ("+t.Key+" = ? AND CASE WHEN status = 'reserved' THEN _token END = ?)", len(group))[len(" OR "):]
	done, err := s.ExecContext(ctx, "DELETE FROM "+t.Queue+" WHERE ("+each+") AND EXISTS (SELECT 1 FROM "+t.Target+" AS t WHERE t."+t.Key+" = "+t.Queue+"."+t.Key+")", tokens...)
	return exactly(len(group), done, err)
}

// work has so many workers make what one claimer hands them, until nothing is queued, and reads before what it comes from,
// if it is to.
func (t *Table) work(ctx context.Context, workers int, reads bool, do func(ctx context.Context, j job) error) error {
	group, ctx := errgroup.WithContext(ctx)
	claimed := make(chan job)
	group.Go(func() error {
		defer close(claimed)
		return t.claim(ctx, reads, claimed)
	})
	for range workers {
		group.Go(func() error {
			for j := range claimed {
				if err := do(ctx, j); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// claim reserves what is due, in its order, as many as can be made soon.
func (t *Table) claim(ctx context.Context, reads bool, claimed chan<- job) error {
	for {
		keys, made, err := t.window(ctx)
		if err != nil || len(keys)+len(made) == 0 {
			return err
		}
		if err := t.settle(ctx, made); err != nil {
			return err
		}
		if len(keys) == 0 {
			continue
		}
		token := make([]byte, 16)
		_, _ = rand.Read(token)
		if keys, err = t.reserve(ctx, token, keys); err != nil {
			return err
		}
		jobs := make([]job, len(keys))
		for i, k := range keys {
			jobs[i] = job{key: k.(int64), token: token}
		}
		if reads && len(jobs) > 0 {
			if err := t.readAll(ctx, t.DB, jobs); err != nil {
				return err
			}
		}
		for _, j := range jobs {
			select {
			case claimed <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// reserve takes those of some keys that no other process has taken meanwhile.
func (t *Table) reserve(ctx context.Context, token []byte, keys []any) ([]any, error) {
	args := append([]any{token}, keys...)
	var changed int64
	err := again(func() error {
		done, err := t.Brief.ExecContext(ctx, "UPDATE "+t.Queue+" SET status = 'reserved', reserved_time = "+t.Now+", _lease_until = "+t.After+", _token = ?, _worker = 'limit',"+
			" host = 'host', pid = 1, connection_id = 1, user = 'user', version = 'v1' WHERE NOT (status <> 'pending') AND ("+t.each(keys)+")",
			append([]any{lease.Seconds()}, args...)...)
		if err == nil {
			changed, err = done.RowsAffected()
		}
		return err
	})
	if err != nil || int(changed) == len(keys) {
		return keys, err
	}
	keys, _, err = t.keys(ctx, "SELECT "+t.Key+", FALSE FROM "+t.Queue+" WHERE NOT (status <> 'reserved') AND _token = ? AND ("+t.each(keys)+")", args...)
	return keys, err
}

// each is the condition for one of these keys.
func (t *Table) each(keys []any) string {
	return strings.Repeat(" OR "+t.Key+" = ?", len(keys))[len(" OR "):]
}

// settle removes jobs whose result is there.
func (t *Table) settle(ctx context.Context, made []any) error {
	if len(made) == 0 {
		return nil
	}
	return again(func() error {
		_, err := t.Brief.ExecContext(ctx, "DELETE FROM "+t.Queue+" WHERE NOT (status <> 'pending') AND ("+t.each(made)+")"+
			" AND EXISTS (SELECT 1 FROM "+t.Target+" AS t WHERE t."+t.Key+" = "+t.Queue+"."+t.Key+")", made...)
		return err
	})
}

// window reads the next keys, and those of them whose result is there already.
func (t *Table) window(ctx context.Context) (keys, made []any, err error) {
	most := t.AtOnce
	if most == 0 {
		most = mostAtOnce
	}
	return t.keys(ctx, "SELECT j."+t.Key+", EXISTS (SELECT 1 FROM "+t.Target+" AS t WHERE t."+t.Key+" = j."+t.Key+") FROM "+t.Queue+" AS j"+
		" WHERE j.status = 'pending' AND j.scheduled_time <= "+t.Now+" ORDER BY j.priority, j.scheduled_time, j."+t.Key+" LIMIT ?", most)
}

// keys reads rows of a key and of whether its result is there.
func (t *Table) keys(ctx context.Context, query string, args ...any) (keys, made []any, err error) {
	rows, err := t.Brief.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key int64
		var there bool
		if err := rows.Scan(&key, &there); err != nil {
			return nil, nil, err
		}
		if there {
			made = append(made, key)
		} else {
			keys = append(keys, key)
		}
	}
	return keys, made, rows.Err()
}

func (t *Table) insert(rows int) string {
	return "INSERT INTO " + t.Target + " (" + t.Key + ", value, _job_start_time, _job_duration, _job_version) VALUES " +
		strings.Repeat(", (?, ?, "+t.Now+", ?, ?)", rows)[2:]
}

func (t *Table) complete() string {
	return "DELETE FROM " + t.Queue + " WHERE " + t.Key + " = ? AND CASE WHEN status = 'reserved' THEN _token END = ?" +
		" AND EXISTS (SELECT 1 FROM " + t.Target + " AS t WHERE t." + t.Key + " = ?)"
}

func (t *Table) row(j job) []any { return []any{j.key, 2 * j.weight, 0.001, "v1"} }

// exactly wants a statement to have changed so many rows.
func exactly(n int, done sql.Result, err error) error {
	if err != nil {
		return err
	}
	changed, err := done.RowsAffected()
	if err == nil && int(changed) != n {
		err = fmt.Errorf("%d rows are changed, of %d", changed, n)
	}
	return err
}

// again does what may be in the way of others, until it is not.
func again(do func() error) error {
	const tries, deadlock, lockWait = 20, 1213, 1205
	for i := 1; ; i++ {
		err := do()
		var failed *mysql.MySQLError
		if i == tries || !errors.As(err, &failed) || failed.Number != deadlock && failed.Number != lockWait {
			return err
		}
	}
}
