package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A Collector is a Stamper that keeps rows which [Insert] is given, to enter them later with others. It is for the packages of
// Rowmill.
type Collector interface {
	Stamper
	// Collecting tells whether it does so now.
	Collecting() bool
	// Collect keeps rows, or refuses them.
	Collect(rows *Collected) error
}

// Collected are rows of one table that wait to be entered, as they are stored.
type Collected struct {
	table   *schema.Table
	columns []string // of a row's values
	hidden  []string // those that a make adds
	stamp   string   // SQL of their values, whose arguments end each row
	rows    [][]any
}

// Table is the table of the rows.
func (c *Collected) Table() *schema.Table { return c.table }

// like tells whether rows can stand in the same statement.
func (c *Collected) like(o *Collected) bool {
	return c.table == o.table && c.stamp == o.stamp && slices.Equal(c.columns, o.columns) && slices.Equal(c.hidden, o.hidden)
}

// collect gives all rows to the collector.
func (in *intake) collect(to Collector) (err error) {
	if in.hidden, in.stamp, in.stampArgs, err = stampFor(to, in.table); err != nil || in.count == 0 {
		return err
	}
	c := &Collected{table: in.table, columns: in.attrs, hidden: in.hidden, stamp: in.stamp}
	for i := range in.count {
		row, err := in.encode(nil, i)
		if err != nil {
			return fmt.Errorf("%s%w: %w", in.named(i), rowmill.ErrValue, err)
		}
		c.rows = append(c.rows, append(row, in.stampArgs...))
	}
	return to.Collect(c)
}

// Enter enters rows that were collected, those of one table in as few statements as can be, in a session that is one
// transaction. Tables come in the order in which they were met. An error says nothing of the row that it is
// about: that one is found when rows are entered one by one.
func Enter(ctx context.Context, session rowmill.Session, collected []*Collected) error {
	var merged []*Collected
	for _, c := range collected {
		i := slices.IndexFunc(merged, c.like)
		if i < 0 {
			first := *c
			first.rows = slices.Clip(c.rows)
			merged = append(merged, &first)
			continue
		}
		merged[i].rows = append(merged[i].rows, c.rows...)
	}
	for _, c := range merged {
		if err := c.enter(ctx, session); err != nil {
			return fmt.Errorf("insert into %s: %w", c.table, err)
		}
	}
	return nil
}

func (c *Collected) enter(ctx context.Context, session rowmill.Session) error {
	if len(c.rows) == 0 {
		return nil
	}
	in := &intake{table: c.table, attrs: c.columns, hidden: c.hidden, stamp: c.stamp, count: len(c.rows), session: session}
	in.encode = func(values []any, i int) ([]any, error) { return append(values, c.rows[i]...), nil }
	in.limit(len(c.rows[0]))
	for begin := 0; begin < in.count; {
		end, err := in.fill(begin, in.count)
		if err != nil {
			return err
		}
		if err := in.run(ctx, session, end-begin); err != nil {
			return err
		}
		begin = end
	}
	return nil
}
