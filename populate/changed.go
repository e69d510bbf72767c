package populate

import (
	"context"
	"fmt"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// A change is when something last changed in a group of keys.
type change struct {
	key map[string]any // and what was asked for besides
	at  *time.Time
}

// changedLast is when rows were last made, and jobs last changed, for each value of attributes of the key.
func (m *Maker) changedLast(ctx context.Context, tx *rowmill.Tx, by []string, has present) (found []change, err error) {
	if has.stamps {
		if found, err = m.madeLast(ctx, tx, by); err != nil {
			return nil, err
		}
	}
	if !has.queue {
		return found, nil
	}
	jobs, err := m.queuedLast(ctx, tx, by, has.leases)
	return append(found, jobs...), err
}

// madeLast is when rows were last made, for each value of attributes of the key: the end of the makes that began last.
func (m *Maker) madeLast(ctx context.Context, tx *rowmill.Tx, by []string) ([]change, error) {
	made := query.From(m.table).Project("step_began = _job_start_time", "step_took = _job_duration")
	last := query.Universal(by...).Aggregate(made, "step_last = max(step_began)")
	ends := query.Universal(by...).Aggregate(made.Join(last).Where("step_began = step_last"), "step_last = max(step_last)", "step_took = max(step_took)")
	var found []change
	for row, err := range query.Each[map[string]any](ctx, tx, ends) {
		if err != nil {
			return nil, err
		}
		if at := timeOf(row["step_last"]); at != nil {
			took, _ := row["step_took"].(float64)
			end := at.Add(time.Duration(took * float64(time.Second))).Truncate(time.Millisecond)
			found = append(found, change{key: row, at: &end})
		}
	}
	return found, nil
}

// queuedLast is when jobs last changed, for each value of attributes of the key. Those that are to be tried again have only
// a hidden column that says when they failed.
func (m *Maker) queuedLast(ctx context.Context, tx *rowmill.Tx, by []string, leases bool) ([]change, error) {
	times := []string{"created_time", "reserved_time", "completed_time"}
	if leases {
		times = append(times, "_last_failed")
	}
	var asked []string
	for i, name := range times {
		asked = append(asked, fmt.Sprintf("step_%d = max(%s)", i, name))
	}
	var found []change
	for row, err := range query.Each[map[string]any](ctx, tx, query.Universal(by...).Aggregate(query.From(m.queue), asked...)) {
		if err != nil {
			return nil, err
		}
		for i := range times {
			found = append(found, change{key: row, at: timeOf(row[fmt.Sprintf("step_%d", i)])})
		}
	}
	return found, nil
}

// timeOf is a computed time: servers spell it as a text.
func timeOf(v any) *time.Time {
	switch v := v.(type) {
	case time.Time:
		return &v
	case string:
		if t, err := time.Parse("2006-01-02 15:04:05.999999", v); err == nil {
			return &t
		}
	case []byte:
		return timeOf(string(v))
	}
	return nil
}
