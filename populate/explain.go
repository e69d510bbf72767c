package populate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Why says why a key is made or is not, in a snapshot: that it is not due, for lack of which rows upstream; that
// it waits, behind how many jobs or until when; who makes it; why it failed, or is ignored. It changes nothing.
//
// The key is a struct with a field for each attribute of the table's key, as that of the make.
func (m *Maker) Why(ctx context.Context, db *rowmill.DB, key any) (Explanation, error) {
	var e *explaining
	values, err := m.keyValues(key)
	if err == nil {
		err = m.look(ctx, db, func(tx *rowmill.Tx, has present) error {
			e = &explaining{
				Explanation: Explanation{Table: m.String(), Key: key, Text: keyText(m.keyNames(), values)},
				maker:       m, tx: tx, values: values, seen: map[string]bool{},
			}
			return e.explain(ctx, has)
		})
	}
	if err != nil {
		return Explanation{}, fmt.Errorf("why of a key of %s: %w", m, err)
	}
	return e.Explanation, nil
}

// keyValues are the values of a key, of the types that those of a map in query.Each have.
func (m *Maker) keyValues(key any) (map[string]any, error) {
	h := schema.NewHeading(m.table.MakeKey())
	names, stored, err := schema.Match(key, h)
	if err != nil {
		return nil, err
	}
	if missing := slices.DeleteFunc(h.Names(), func(name string) bool { return slices.Contains(names, name) }); len(missing) > 0 {
		return nil, fmt.Errorf("the %T has no %s: the whole key is wanted, which is %s", key, strings.Join(missing, ", "), strings.Join(h.Names(), ", "))
	}
	values := map[string]any{}
	for i, name := range names {
		a, _ := h.Attr(name)
		read, _ := a.Natural("", func(v any) { values[name] = v }).(sql.Scanner)
		if err := read.Scan(stored[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// keyText is a key as people read it.
func keyText(names []string, values map[string]any) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name + "=" + shown(values[name])
	}
	return strings.Join(parts, " ")
}

// An explaining is an Explanation that is being found.
type explaining struct {
	Explanation

	maker  *Maker
	tx     *rowmill.Tx
	values map[string]any
	seen   map[string]bool // the rows upstream that were looked for
}

func (e *explaining) explain(ctx context.Context, has present) (err error) {
	if e.Now, err = e.maker.queue.Now(ctx, e.tx); err != nil {
		return err
	}
	if err := e.findRow(ctx, has.stamps); err != nil {
		return err
	}
	if has.queue {
		if err := e.findJob(ctx, has.leases); err != nil {
			return err
		}
	}
	if err := e.findSource(ctx); err != nil {
		return err
	}
	if e.State = e.state(); !e.waits() {
		return nil
	}
	e.Ahead, err = e.maker.queue.Ahead(ctx, e.tx, e.values)
	return err
}

// state is what the rest adds up to.
func (e *explaining) state() State {
	switch {
	case e.Made != nil:
		return StateMade
	case e.Job == nil && e.Due:
		return StateNotQueued
	case e.Job == nil:
		return StateNotDue
	}
	switch e.Job.Status {
	case jobs.Reserved:
		return StateReserved
	case jobs.Error:
		return StateFailed
	case jobs.Ignore:
		return StateIgnored
	case jobs.Success:
		return StateGone
	case jobs.Pending:
	}
	if e.Job.ScheduledTime.After(e.Now) {
		return StateLater
	}
	return StateQueued
}

// findRow looks for the made row, which may have stamps.
func (e *explaining) findRow(ctx context.Context, stamps bool) error {
	type made struct {
		stamp

		Version *string `db:"_job_version"`
	}
	found := query.From(e.maker.table).Match(e.values)
	if !stamps {
		there, err := query.Exists(ctx, e.tx, found)
		if there {
			e.Made = &Made{}
		}
		return err
	}
	row, err := query.One[made](ctx, e.tx, found)
	if errors.Is(err, rowmill.ErrNotFound) {
		return nil
	}
	e.Made = &Made{Duration: row.took()}
	if row.Started != nil {
		e.Made.Started = *row.Started
	}
	if row.Version != nil {
		e.Made.Version = *row.Version
	}
	return err
}

// findJob looks for the key's job, which may have a lease.
func (e *explaining) findJob(ctx context.Context, leases bool) (err error) {
	type leased struct {
		jobs.Job

		LeaseUntil *time.Time `db:"_lease_until"`
	}
	found := query.From(e.maker.queue).Match(e.values)
	var job leased
	if leases {
		job, err = query.One[leased](ctx, e.tx, found)
	} else {
		job.Plain, err = query.One[jobs.Plain](ctx, e.tx, found)
	}
	if errors.Is(err, rowmill.ErrNotFound) {
		return nil
	}
	e.Job, e.LeaseUntil = &job.Job, job.LeaseUntil
	return err
}

// findSource looks whether the key ought to exist, and for what is missing where it does not.
func (e *explaining) findSource(ctx context.Context) (err error) {
	e.Due, err = query.Exists(ctx, e.tx, e.maker.Source().Match(e.values))
	if err != nil || e.Due {
		return err
	}
	return e.climb(ctx, e.maker.table, e.values)
}

// climb looks for the rows to which a row of a table would refer, as far as its key tells, and where they are missing for
// those to which they would.
func (e *explaining) climb(ctx context.Context, from *schema.Table, key map[string]any) error {
	for _, f := range from.ForeignKeys() {
		up, known := referred(f, key)
		id := fmt.Sprintf("%p %#v", f.Parent, up)
		if !known || e.seen[id] {
			continue
		}
		e.seen[id] = true
		there, err := query.Exists(ctx, e.tx, query.From(f.Parent).Match(up))
		if err != nil {
			return err
		}
		if there { // and so is what it refers to
			continue
		}
		e.Missing = append(e.Missing, Missing{Table: f.Parent.String(), Key: keyText(f.Referred, up), Made: f.Parent.Tier().Made()})
		if err := e.climb(ctx, f.Parent, up); err != nil {
			return err
		}
	}
	return nil
}

// referred is the key of the row to which a row with a key would refer, if that is known.
func referred(f schema.ForeignKey, key map[string]any) (up map[string]any, known bool) {
	up = map[string]any{}
	for i, name := range f.Attrs {
		v, ok := key[name]
		if !ok {
			return nil, false
		}
		up[f.Referred[i]] = v
	}
	return up, true
}
