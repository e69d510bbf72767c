package populate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// Counts are how many keys are how far. Jobs whose key is no longer due, or whose row was made behind the queue's back,
// are counted until a refresh removes them, so that the others need not add up to Total; keys that nobody has queued yet
// are in Total alone.
type Counts struct {
	Total    int `json:"total"`    // keys that ought to have a row
	Done     int `json:"done"`     // those that have one
	Pending  int `json:"pending"`  // jobs that wait, those of Later included
	Later    int `json:"later"`    // pending jobs whose scheduled time is to come
	Reserved int `json:"reserved"` // jobs that are being made
	Errors   int `json:"errors"`   // jobs that failed
	Ignored  int `json:"ignored"`  // jobs that are not to be made
}

// Left is how many keys are to be made yet: those that are neither done nor failed nor ignored.
func (c Counts) Left() int { return max(c.Total-c.Done-c.Errors-c.Ignored, 0) }

// with adds jobs.
func (c Counts) with(g jobs.Group) Counts {
	c.Pending, c.Later = c.Pending+g.Jobs[jobs.Pending], c.Later+g.Later
	c.Reserved += g.Jobs[jobs.Reserved]
	c.Errors += g.Jobs[jobs.Error]
	c.Ignored += g.Jobs[jobs.Ignore]
	return c
}

// A Progress is how far the making of a table is, over all processes. Its JSON has what its methods tell, too:
// "left", and "eta_seconds"; that and "rate_per_second" are null where they are unknown.
type Progress struct {
	Table string `json:"table"`
	Counts
	// Rate is how many rows a second were made lately, by all processes: in the last five minutes by the server's
	// clock, or, where makes take longer, in the time of four of them. It is 0 where none was.
	Rate float64 `json:"rate_per_second"`
}

// Progress asks how far the making of the table is, in a snapshot. It changes nothing.
func (m *Maker) Progress(ctx context.Context, db *rowmill.DB) (Progress, error) {
	var p Progress
	err := m.look(ctx, db, func(tx *rowmill.Tx, has present) (err error) {
		p, err = m.progress(ctx, tx, has)
		return err
	})
	if err != nil {
		return Progress{Table: m.String()}, fmt.Errorf("progress of %s: %w", m, err)
	}
	return p, nil
}

func (m *Maker) progress(ctx context.Context, tx *rowmill.Tx, has present) (Progress, error) {
	p := Progress{Table: m.String()}
	due := m.due()
	var err error
	if p.Total, err = query.Count(ctx, tx, due); err != nil {
		return p, err
	}
	if p.Done, err = query.Count(ctx, tx, m.done(due)); err != nil {
		return p, err
	}
	if has.stamps {
		if p.Rate, err = m.rate(ctx, tx); err != nil {
			return p, err
		}
	}
	if !has.queue {
		return p, nil
	}
	groups, err := m.queue.ProgressBy(ctx, tx)
	for _, g := range groups {
		p.Counts = p.with(g)
	}
	return p, err
}

// A present says what there is to look at. A queue that nobody has declared has no jobs, and what Python has declared lacks
// hidden columns.
type present struct {
	queue  bool
	leases bool // the queue has hidden columns
	stamps bool // the table has
}

// look has ask look at the maker's tables in one snapshot, perhaps several times.
func (m *Maker) look(ctx context.Context, db *rowmill.DB, ask func(tx *rowmill.Tx, has present) error) error {
	has, err := m.presentIn(ctx, db)
	if err != nil {
		return err
	}
	err = db.TransactDeferred(ctx, func(tx *rowmill.Tx) error { return ask(tx, has) })
	if errors.Is(err, rowmill.ErrNoTable) {
		has.queue = false
		err = db.TransactDeferred(ctx, func(tx *rowmill.Tx) error { return ask(tx, has) })
	}
	return err
}

// presentIn is what there is in a database, as long as nobody has said that there is no queue.
func (m *Maker) presentIn(ctx context.Context, db *rowmill.DB) (has present, err error) {
	has.queue = true
	if has.stamps, err = m.queue.Stamps(ctx, db); err == nil {
		has.leases, err = m.queue.Leases(ctx, db)
	}
	return has, err
}

// keyNames are the attributes of the key of a make.
func (m *Maker) keyNames() []string {
	attrs := m.table.MakeKey()
	names := make([]string, len(attrs))
	for i, a := range attrs {
		names[i] = a.Name
	}
	return names
}

// due is the relation of the keys that ought to exist, each once: a relation given to From may have more than one row
// of a key.
func (m *Maker) due() query.Rel {
	source, names := m.Source(), m.keyNames()
	h, err := source.Heading()
	if err != nil {
		return source
	}
	if slices.ContainsFunc(h.Key(), func(name string) bool { return !slices.Contains(names, name) }) {
		return query.Universal(names...).In(source)
	}
	return source.Project()
}

// done is the relation of the keys that are due and have a row. Where due are all that the foreign keys in the primary key name,
// each row is one of them, as foreign keys see to.
func (m *Maker) done(due query.Rel) query.Rel {
	if m.from.IsZero() && len(m.table.Heading().Key()) == len(m.table.MakeKey()) {
		return query.From(m.table)
	}
	return due.In(m.made())
}

// made is the relation of the keys that have a row.
func (m *Maker) made() query.Rel { return query.From(m.table).Project() }

// ETA is how long it takes to make what is left if it goes on as it did lately: without what is upstream and not there
// yet, and without waiting for what is scheduled for later. It is not known where something is left and nothing was
// made lately.
func (p Progress) ETA() (left time.Duration, known bool) { return eta(p.Left(), p.Rate) }

// String is the progress in a line: "Spectrum: 28 of 40 done, 10 waiting, 2 failed; 3.2 a minute, about 3m8s left".
func (p Progress) String() string {
	parts := []string{fmt.Sprintf("%s: %d of %d done", p.Table, p.Done, p.Total)}
	for _, c := range []struct {
		n    int
		what string
	}{
		{p.Reserved, "being made"}, {p.Pending - p.Later, "waiting"}, {p.Later, "scheduled for later"},
		{p.Errors, "failed"}, {p.Ignored, "ignored"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	text := strings.Join(parts, ", ")
	switch left, known := p.ETA(); {
	case p.Left() <= p.Later: // of what is scheduled for later, the rate tells nothing
		return text
	case !known:
		return text + "; none made lately, time left unknown"
	default:
		return fmt.Sprintf("%s; %s, about %s left", text, perTime(p.Rate), roughly(left))
	}
}

// MarshalJSON adds what is computed of the counts and the rate.
func (p Progress) MarshalJSON() ([]byte, error) {
	type plain Progress
	told := struct {
		plain

		Rate *float64 `json:"rate_per_second"`
		Left int      `json:"left"`
		ETA  *float64 `json:"eta_seconds"`
	}{plain: plain(p), Left: p.Left()}
	if p.Rate > 0 {
		told.Rate = &p.Rate
	}
	if left, known := p.ETA(); known {
		seconds := left.Seconds()
		told.ETA = &seconds
	}
	return json.Marshal(told)
}
