package populate

import (
	"context"
	"fmt"
	"slices"

	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// An urgency is where the priorities of a maker's jobs come from.
type urgency struct {
	of   query.Rel
	attr string
}

// PrioritizedBy is the maker whose jobs get the priority that a relation says, in an attribute that is an int8, lower first: a
// request, say, can so tell how urgent it is. The relation has attributes of the maker's key.
//
//	var MakeSteps = populate.New(Steps, makeStep).PrioritizedBy(query.From(Requests), "urgency")
//
// A job gets it as soon as the process that has queued it sees to that, and keeps it: what is changed later is said to the queue
// by [jobs.Queue.Reprioritize]. Keys that the relation has not have the priority that they have without it. PrioritizedBy panics with the
// file and line of its call where the relation cannot say so.
func (m *Maker) PrioritizedBy(of query.Rel, attr string) *Maker {
	if err := m.urgencyFault(of, attr); err != nil {
		panic(fmt.Sprintf("%s: PrioritizedBy of the maker of %s: %v", callsite.Of(1), m, err))
	}
	prioritized := *m
	prioritized.urgency = &urgency{of, attr}
	return &prioritized
}

func (m *Maker) urgencyFault(of query.Rel, attr string) error {
	h, err := of.Heading()
	if err != nil {
		return err
	}
	a, ok := h.Attr(attr)
	switch {
	case !ok:
		return fmt.Errorf("the relation has no attribute %q: it has %v", attr, h.Names())
	case a.Type.Kind != datatype.Integer || a.Type.Spec != "int8" || a.Nullable:
		return fmt.Errorf("priorities are -128…127, so that an int8 is wanted that is not null: %q is %s", attr, a.Type.Spec)
	case !slices.ContainsFunc(m.keyNames(), h.Has):
		return fmt.Errorf("the relation has none of the key's attributes, which are %v", m.keyNames())
	}
	return nil
}

// prioritize gives jobs that have been queued just now the priorities that they are to have.
func (q *queued) prioritize(ctx context.Context) error {
	u := q.run.maker.urgency
	standard := int8(jobs.DefaultPriority)
	if p := q.run.opts.Priority; p != nil {
		standard = *p
	}
	queue := query.From(q.queue())
	waiting := queue.Where("status = 'pending' AND priority = ?", standard)
	wanted := u.of.In(waiting.Project())
	priorities, err := query.Column[int8](ctx, q.run.db, query.Universal(u.attr).In(wanted), u.attr)
	if err != nil {
		return err
	}
	for _, p := range priorities {
		if p == standard {
			continue
		}
		if _, err := q.queue().Reprioritize(ctx, q.run.db, waiting.Project().In(u.of.Where(u.attr+" = ?", p)), p); err != nil {
			return err
		}
	}
	return nil
}
