package populate

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A Plan is what Populate would do.
type Plan struct {
	Table string
	// Keys is the relation of the keys that would be made, to be fetched into the key's struct:
	//
	//	keys, err := query.Fetch[SessionKey](ctx, db, plan.Keys)
	//
	// It is asked anew each time that it is fetched.
	Keys query.Rel
	// Count is how many they are, or Options.MaxCalls if that is fewer.
	Count int
	// Failed, Ignored, Reserved and Later are how many jobs would be left alone: since they failed before, are not to be
	// made, are being made by others, or are scheduled for later.
	Failed, Ignored, Reserved, Later int
	// Each is how long a make took, on average of the last 1000 that were begun; 0 where there is none.
	Each time.Duration
	// Workers is how many makes would run at once.
	Workers int
}

// Plan looks what [Maker.Populate] would do with these options, in one snapshot, and changes nothing: which keys it would
// make, how many they are, and how long that may take.
func (m *Maker) Plan(ctx context.Context, db *rowmill.DB, opts *Options) (*Plan, error) {
	o := opts.withDefaults()
	p := &Plan{Table: m.String(), Workers: o.Workers}
	err := o.checkFor(m)
	if err == nil {
		err = m.look(ctx, db, func(tx *rowmill.Tx, has present) error { return m.plan(ctx, tx, &o, has, p) })
	}
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", m, err)
	}
	return p, nil
}

func (m *Maker) plan(ctx context.Context, tx *rowmill.Tx, o *Options, has present, p *Plan) (err error) {
	p.Keys = m.due()
	if !o.Only.IsZero() {
		p.Keys = p.Keys.In(o.Only)
	}
	p.Keys = p.Keys.NotIn(m.made())
	if !o.Direct {
		if err := m.planQueue(ctx, tx, o, has.queue, p); err != nil {
			return err
		}
	}
	if p.Count, err = query.Count(ctx, tx, p.Keys); err != nil {
		return err
	}
	if o.MaxCalls > 0 {
		p.Count = min(p.Count, o.MaxCalls)
	}
	if has.stamps {
		p.Each, err = m.each(ctx, tx)
	}
	return err
}

// planQueue leaves out what the queue says is not to be made now.
func (m *Maker) planQueue(ctx context.Context, tx *rowmill.Tx, o *Options, queued bool, p *Plan) error {
	if queued {
		now, err := m.queue.Now(ctx, tx)
		if err != nil {
			return err
		}
		left := []struct {
			n    *int
			jobs query.Rel
		}{
			{&p.Ignored, m.queue.With(jobs.Ignore)},
			{&p.Reserved, m.queue.With(jobs.Reserved)},
			{&p.Later, m.queue.With(jobs.Pending).Where("scheduled_time > ?", now)},
			{&p.Failed, m.queue.With(jobs.Error)},
		}
		if o.RetryErrors {
			left = left[:3]
		}
		for _, l := range left {
			if *l.n, err = query.Count(ctx, tx, p.Keys.In(l.jobs)); err != nil {
				return err
			}
		}
		for _, l := range left {
			p.Keys = p.Keys.NotIn(l.jobs)
		}
	}
	return m.planPriority(o, queued, p)
}

// planPriority leaves out what is less urgent than Options.MaxPriority, as are perhaps all keys that are yet to be queued.
func (m *Maker) planPriority(o *Options, queued bool, p *Plan) error {
	if o.MaxPriority == nil {
		return nil
	}
	first := int8(jobs.DefaultPriority)
	if o.Priority != nil {
		first = *o.Priority
	}
	switch urgent := first <= *o.MaxPriority; {
	case !queued && !urgent:
		p.Keys = p.Keys.Top(0)
	case queued && urgent:
		p.Keys = p.Keys.NotIn(query.From(m.queue).Where("priority > ?", *o.MaxPriority))
	case queued:
		p.Keys = p.Keys.In(query.From(m.queue).Where("priority <= ?", *o.MaxPriority))
	}
	return nil
}

// each is how long a make took lately, on average.
func (m *Maker) each(ctx context.Context, tx *rowmill.Tx) (time.Duration, error) {
	rows, err := query.Fetch[stamp](ctx, tx, query.From(m.table).Where("_job_duration IS NOT NULL").Top(latest, "_job_start_time DESC"))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var sum time.Duration
	for _, r := range rows {
		sum += r.took()
	}
	return sum / time.Duration(len(rows)), nil
}

// Estimate is how long the makes of this process would take, by how long they took before; without what they wait for
// each other. It is not known where something is to be made and nothing was.
func (p *Plan) Estimate() (d time.Duration, known bool) {
	if p.Count == 0 || p.Each == 0 {
		return 0, p.Count == 0
	}
	rounds := math.Ceil(float64(p.Count) / float64(p.Workers))
	return time.Duration(min(rounds*float64(p.Each), math.MaxInt64/2)), true
}

// String is the plan in a line: "Spectrum: 28 to make, about 1m24s; 2 failed before".
func (p *Plan) String() string {
	text := fmt.Sprintf("%s: %d to make", p.Table, p.Count)
	switch d, known := p.Estimate(); {
	case p.Count == 0:
		text = p.Table + ": nothing to make"
	case known:
		text += ", about " + roughly(d)
	default:
		text += ", none was made before to tell how long that takes"
	}
	for _, c := range []struct {
		n    int
		what string
	}{
		{p.Failed, "failed before"}, {p.Ignored, "ignored"}, {p.Reserved, "being made"}, {p.Later, "scheduled for later"},
	} {
		if c.n > 0 {
			text += fmt.Sprintf("; %d %s", c.n, c.what)
		}
	}
	return text
}
