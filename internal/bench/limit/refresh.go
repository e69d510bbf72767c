package limit

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// The times that Rowmill takes by default, or is told to take.
const (
	stale    = time.Hour   // of jobs whose key is no longer due
	orphaned = time.Hour   // of reservations without a lease
	untold   = time.Minute // of results of which the queue was told nothing
)

// Refresh brings the queue up to date, each step in one statement on all jobs: it queues the jobs of workers again that
// died, or makes errors of those that died three times, removes those whose result is there, those whose key is no longer
// due, and adds what is missing. With orphans, reservations without a lease are among those of the dead.
func (t *Table) Refresh(ctx context.Context, orphans bool) error {
	const (
		death = "_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL"
		freed = " SET status = 'pending', reserved_time = NULL, " + death
		third = " SET status = 'error', error_message = 'its worker died 3 times', completed_time = "
		lost  = " WHERE status = 'reserved' AND _token IS NULL AND reserved_time < "
	)
	// With EXISTS, MariaDB would look for each key by itself where rows are changed.
	in := func(from string) string { return " IN (SELECT " + t.Key + " FROM " + from + ")" }
	ignore := "INSERT IGNORE"
	if t.Single {
		ignore = "INSERT OR IGNORE"
	}
	settled := "(status IN ('pending', 'error') OR status = 'reserved' AND _token IS NULL AND reserved_time < " + t.After + ") AND " + t.Key + in(t.Target)
	swept := "status IN ('pending', 'error', 'success') AND created_time < " + t.After + " AND " + t.Key + " NOT" + in(t.Source)
	left := " WHERE status = 'reserved' AND _token IS NOT NULL AND (_lease_until IS NULL OR _lease_until < " + t.Now + ")"
	steps := []step{
		{text: "UPDATE " + t.Queue + third + t.Now + ", " + death + left + " AND _deaths >= 2"},
		{text: "UPDATE " + t.Queue + freed + left},
		{"SELECT 1 FROM " + t.Queue + " WHERE " + settled + " LIMIT 1", "DELETE FROM " + t.Queue + " WHERE " + settled, []any{-untold.Seconds()}},
		{"SELECT 1 FROM " + t.Queue + " USE INDEX (PRIMARY) WHERE " + swept + " LIMIT 1", "DELETE FROM " + t.Queue + " WHERE " + swept, []any{-stale.Seconds()}},
		{text: ignore + " INTO " + t.Queue + " (" + t.Key + ", status, priority, scheduled_time)" +
			" SELECT " + t.Key + ", 'pending', 5, " + t.Now + " FROM " + t.Source +
			" WHERE " + t.Key + " NOT" + in(t.Target) + " AND " + t.Key + " NOT" + in(t.Queue)},
	}
	if orphans {
		steps = append([]step{
			{"", "UPDATE " + t.Queue + third + t.Now + ", " + death + lost + t.After + " AND _deaths >= 2", []any{-orphaned.Seconds()}},
			{"", "UPDATE " + t.Queue + freed + lost + t.After, []any{-orphaned.Seconds()}},
		}, steps...)
	}
	for _, s := range steps {
		if err := t.step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// A step is a statement and its arguments, and a SELECT with the same arguments that finds whether there is something to do; ""
// if the statement finds that as fast. In an SQLite file nobody is in its way while it looks.
type step struct {
	look, text string
	args       []any
}

func (t *Table) step(ctx context.Context, s step) error {
	if s.look != "" && !t.Single {
		var found int
		if err := t.Brief.QueryRowContext(ctx, s.look, s.args...).Scan(&found); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			return err
		}
	}
	return again(func() error {
		_, err := t.Brief.ExecContext(ctx, s.text, s.args...)
		return err
	})
}
