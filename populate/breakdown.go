package populate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/spell"
	"github.com/rowmill/rowmill/query"
)

// A Breakdown is how far the making of a table is for each value of some attributes of its key.
type Breakdown struct {
	Table  string          `json:"table"`
	By     []string        `json:"by"`     // the attributes
	Groups []GroupProgress `json:"groups"` // in the order of their values
}

// A GroupProgress is how far the making of the keys is that have the same values of some attributes.
type GroupProgress struct {
	Key map[string]any `json:"key"` // the attributes, with values as those of a map in query.Each
	Counts
}

// ProgressBy asks how far the making of the table is for each value of attributes of its key, in one snapshot and in a few
// statements, however many values there are: of which subject how much is done, say. All values are among them that keys have
// which ought to exist, and after these those that only jobs have, whose keys are no longer due.
func (m *Maker) ProgressBy(ctx context.Context, db *rowmill.DB, attrs ...string) (Breakdown, error) {
	var b *breaking
	err := m.groupable(attrs)
	if err == nil {
		err = m.look(ctx, db, func(tx *rowmill.Tx, has present) error {
			b = &breaking{Breakdown: Breakdown{Table: m.String(), By: attrs, Groups: []GroupProgress{}}, places: map[string]int{}}
			return b.ask(ctx, tx, m, has.queue)
		})
	}
	if err != nil {
		return Breakdown{}, fmt.Errorf("progress of %s by %s: %w", m, strings.Join(attrs, ", "), err)
	}
	return b.Breakdown, nil
}

// groupable wants attributes of the key.
func (m *Maker) groupable(attrs []string) error {
	key := m.keyNames()
	if len(attrs) == 0 {
		return fmt.Errorf("an attribute of the key is wanted, which is %s; Progress is for all keys at once", strings.Join(key, ", "))
	}
	for i, name := range attrs {
		switch {
		case slices.Contains(attrs[:i], name):
			return fmt.Errorf("%q is mentioned twice", name)
		case !slices.Contains(key, name):
			return fmt.Errorf("%w: %q is not in the key, which is %s%s", rowmill.ErrNoAttribute, name, strings.Join(key, ", "), spell.Guess(name, key))
		}
	}
	return nil
}

// A breaking is a Breakdown that is being made.
type breaking struct {
	Breakdown

	places map[string]int // of a group, by its key
}

func (b *breaking) ask(ctx context.Context, tx *rowmill.Tx, m *Maker, queued bool) error {
	due := m.due()
	if err := b.count(ctx, tx, due, func(c *Counts, n int) { c.Total = n }); err != nil {
		return err
	}
	err := b.count(ctx, tx, due.In(m.made()), func(c *Counts, n int) { c.Done = n })
	if err != nil || !queued {
		return err
	}
	groups, err := m.queue.ProgressBy(ctx, tx, b.By...)
	for _, g := range groups {
		c := b.group(g.Key)
		*c = c.with(g)
	}
	return err
}

// count counts the keys of each group.
func (b *breaking) count(ctx context.Context, tx *rowmill.Tx, keys query.Rel, set func(c *Counts, n int)) error {
	counted := query.Universal(b.By...).Aggregate(keys, "keys_counted = count(*)").Top(query.All, b.By...)
	for row, err := range query.Each[map[string]any](ctx, tx, counted) {
		if err != nil {
			return err
		}
		n, _ := row["keys_counted"].(int64)
		delete(row, "keys_counted")
		set(b.group(row), int(n))
	}
	return nil
}

// group is the group of a key, a new one where there is none yet.
func (b *breaking) group(key map[string]any) *Counts {
	id := fmt.Sprintf("%#v", key)
	place, ok := b.places[id]
	if !ok {
		place, b.places[id] = len(b.Groups), len(b.Groups)
		b.Groups = append(b.Groups, GroupProgress{Key: key})
	}
	return &b.Groups[place].Counts
}

// String is a table with a line for each group.
func (b Breakdown) String() string {
	lines := [][]string{slices.Concat(b.By, countNames)}
	for _, g := range b.Groups {
		var cells []string
		for _, name := range b.By {
			cells = append(cells, shown(g.Key[name]))
		}
		lines = append(lines, append(cells, g.cells()...))
	}
	return aligned(lines, len(b.By))
}

// shown is a value of a key for people.
func shown(v any) string {
	if t, ok := v.(time.Time); ok {
		return strings.TrimSuffix(moment(t), " 00:00:00")
	}
	return fmt.Sprint(v)
}

// moment is a time as servers spell it.
func moment(t time.Time) string { return t.Format("2006-01-02 15:04:05.999") }
