package populate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A RequestState is how far the steps of a request are, as a whole.
type RequestState string

// The states of a request, in their order. One that failed is running again when its steps are retried.
const (
	RequestCreated  RequestState = "created"  // no worker has seen it yet, or it has no steps
	RequestQueued   RequestState = "queued"   // its steps wait, and none of them has been begun
	RequestRunning  RequestState = "running"  // some steps are being made, or have been, and some are left
	RequestFinished RequestState = "finished" // all steps are made, or were skipped
	RequestFailed   RequestState = "failed"   // no step is left, and some failed
)

// RequestState is the state of a request that has so many steps.
func (c Counts) RequestState() RequestState {
	begun := c.Reserved+c.Done+c.Errors+c.Ignored > 0
	switch {
	case c.Total == 0 && !begun:
		return RequestCreated
	case c.Left() == 0 && c.Reserved == 0 && c.Errors > 0:
		return RequestFailed
	case c.Left() == 0 && c.Reserved == 0:
		return RequestFinished
	case begun:
		return RequestRunning
	case c.Pending > 0:
		return RequestQueued
	}
	return RequestCreated
}

// Steps says how the steps of a request are: "3 of 8 steps (37.50 %) done, 1 failed", and where none is left and some
// failed, "2 of 8 steps (25.00 %) failed".
func (c Counts) Steps() string {
	if c.Total == 0 {
		return "no steps"
	}
	part := func(n int, what string) string {
		return fmt.Sprintf("%d of %d steps (%.2f %%) %s", n, c.Total, 100*float64(n)/float64(c.Total), what)
	}
	if c.RequestState() == RequestFailed {
		return part(c.Errors, "failed")
	}
	text := part(c.Done, "done")
	if c.Errors > 0 {
		text += fmt.Sprintf(", %d failed", c.Errors)
	}
	if c.Ignored > 0 {
		text += fmt.Sprintf(", %d skipped", c.Ignored)
	}
	return text
}

// A RequestList is how far some requests are.
type RequestList struct {
	Table    string    `json:"table"`
	By       []string  `json:"by"` // the primary key of the table of requests
	Requests []Request `json:"requests"`
}

// A Request is how far what was asked for by a row of a table is. All of it is derived from the rows that its steps have
// made and from their jobs.
type Request struct {
	Key map[string]any `json:"key"` // with values as those of a map in query.Each
	Counts
	State RequestState `json:"state"`
	// Changed is when a step was last queued, begun, made, failed or skipped, by the server's clock; nil where nothing
	// of it was. Of steps that were made at once, it is the end of that which began last. Rows that do not tell when they
	// were made, as those of DataJoint for Python may not, do not count.
	Changed *time.Time `json:"changed"`
}

// Requests asks how far what rows of a table ask for is: how many steps each has, in what state these are, and what that says of
// the request. The rows are entered by whoever asks for something, as parameters of what is to be made; steps are the
// keys of makers, whose foreign keys lead to the table. Nothing of it is stored, and nothing is changed.
//
// All is looked at in one snapshot, in a few statements for each maker. Requests are in the order of their keys; those whose row was
// deleted are not among them. Where makers come after each other, the steps of a later one are counted as they become due.
func Requests(ctx context.Context, db *rowmill.DB, table schema.Declared, makers ...*Maker) (RequestList, error) {
	t := table.Untyped()
	l, err := newRequestLook(ctx, db, t, makers)
	for err == nil {
		err = db.TransactDeferred(ctx, func(tx *rowmill.Tx) error { return l.ask(ctx, tx) })
		if errors.Is(err, rowmill.ErrNoTable) && l.without() {
			err = nil
			continue
		}
		break
	}
	if err != nil {
		return RequestList{}, fmt.Errorf("requests of %s: %w", t, err)
	}
	return l.list(), nil
}

// A requestLook is a look at requests.
type requestLook struct {
	table *schema.Table
	key   []string
	steps []stepsOf

	asking   int // which of the steps' queues is asked; -1 for none
	requests []*Request
	byKey    map[string]*Request
}

// A stepsOf is a maker whose keys are steps of requests.
type stepsOf struct {
	maker *Maker
	by    []string // the attributes of its key that are the request's key, in that order
	has   present
}

func newRequestLook(ctx context.Context, db *rowmill.DB, t *schema.Table, makers []*Maker) (*requestLook, error) {
	l := &requestLook{table: t, key: t.Heading().Key()}
	if len(makers) == 0 {
		return nil, errors.New("the makers are wanted whose keys are the steps of a request; there are none")
	}
	for _, m := range makers {
		by, err := m.keyOf(t)
		if err != nil {
			return nil, err
		}
		has, err := m.presentIn(ctx, db)
		if err != nil {
			return nil, err
		}
		l.steps = append(l.steps, stepsOf{maker: m, by: by, has: has})
	}
	return l, nil
}

// keyOf are the attributes of the maker's key that come from the primary key of a table.
func (m *Maker) keyOf(t *schema.Table) ([]string, error) {
	var by []string
	for _, name := range t.Heading().Key() {
		a, _ := t.Heading().Attr(name)
		var found []string
		for _, k := range m.table.MakeKey() {
			if k.Origin == a.Origin {
				found = append(found, k.Name)
			}
		}
		switch {
		case len(found) == 1:
			by = append(by, found[0])
		case slices.Contains(found, name):
			by = append(by, name)
		case len(found) == 0:
			return nil, fmt.Errorf("the key of %s has no attribute that comes from %s.%s: its rows are made for no request", m, t, name)
		default:
			return nil, fmt.Errorf("the key of %s has several attributes that come from %s.%s: %s", m, t, name, strings.Join(found, ", "))
		}
	}
	if len(by) == 0 {
		return nil, fmt.Errorf("%s has no primary key by which requests could be told apart", t)
	}
	return by, nil
}

// without takes note that the queue which was asked for is not there, and tells whether it was one.
func (l *requestLook) without() bool {
	if l.asking < 0 {
		return false
	}
	l.steps[l.asking].has.queue = false
	return true
}

func (l *requestLook) ask(ctx context.Context, tx *rowmill.Tx) error {
	l.requests, l.byKey, l.asking = nil, map[string]*Request{}, -1
	for key, err := range query.Each[map[string]any](ctx, tx, query.From(l.table).Project().Top(query.All, l.key...)) {
		if err != nil {
			return err
		}
		r := &Request{Key: key}
		l.requests, l.byKey[l.identify(key, l.key)] = append(l.requests, r), r
	}
	for i, s := range l.steps {
		if err := l.askSteps(ctx, tx, i, s); err != nil {
			return err
		}
	}
	return nil
}

// askSteps asks for the steps that are keys of one maker.
func (l *requestLook) askSteps(ctx context.Context, tx *rowmill.Tx, i int, s stepsOf) error {
	l.asking = -1
	if s.has.queue {
		l.asking = i
	}
	b := &breaking{Breakdown: Breakdown{By: s.by}, places: map[string]int{}}
	if err := b.ask(ctx, tx, s.maker, s.has.queue); err != nil {
		return err
	}
	changed, err := s.maker.changedLast(ctx, tx, s.by, s.has)
	if err != nil {
		return err
	}
	for _, g := range b.Groups {
		if r := l.byKey[l.identify(g.Key, s.by)]; r != nil {
			r.Counts = r.plus(g.Counts)
		}
	}
	for _, c := range changed {
		if r := l.byKey[l.identify(c.key, s.by)]; r != nil {
			r.changedAt(c.at)
		}
	}
	return nil
}

// identify is a text that is the same for the keys of a request, by whatever names.
func (l *requestLook) identify(key map[string]any, names []string) string {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = key[name]
	}
	return identity(values)
}

func (l *requestLook) list() RequestList {
	list := RequestList{Table: l.table.String(), By: l.key, Requests: []Request{}}
	for _, r := range l.requests {
		r.State = r.RequestState()
		list.Requests = append(list.Requests, *r)
	}
	return list
}

// changedAt notes that something has changed.
func (r *Request) changedAt(at *time.Time) {
	if at != nil && (r.Changed == nil || at.After(*r.Changed)) {
		r.Changed = at
	}
}

// plus adds the counts of other keys.
func (c Counts) plus(o Counts) Counts {
	return Counts{
		Total: c.Total + o.Total, Done: c.Done + o.Done, Pending: c.Pending + o.Pending, Later: c.Later + o.Later,
		Reserved: c.Reserved + o.Reserved, Errors: c.Errors + o.Errors, Ignored: c.Ignored + o.Ignored,
	}
}

// String is a table with a line for each request: its key, its state, when it last changed, and its steps.
func (l RequestList) String() string {
	lines := [][]string{append(slices.Clone(l.By), "state", "changed", "steps")}
	for _, r := range l.Requests {
		var cells []string
		for _, name := range l.By {
			cells = append(cells, shown(r.Key[name]))
		}
		changed := "-"
		if r.Changed != nil {
			changed = r.Changed.Format(time.DateTime)
		}
		lines = append(lines, append(cells, string(r.State), changed, r.Steps()))
	}
	rows := strings.Split(aligned(lines, len(lines[0])), "\n")
	for i, row := range rows {
		rows[i] = strings.TrimRight(row, " ")
	}
	return strings.Join(rows, "\n")
}
