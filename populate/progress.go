package populate

import (
	"context"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A Progress is how far the making of a table is, over all processes.
type Progress struct {
	Table    string
	Total    int // keys that ought to have a row
	Done     int // those that have one
	Pending  int // jobs that wait
	Reserved int // jobs that are being made
	Errors   int // jobs that failed
	Ignored  int // jobs that are not to be made
}

// Progress asks how far the making of the table is. It changes nothing; keys that nobody has
// queued yet are in Total alone.
func (m *Maker) Progress(ctx context.Context, db *rowmill.DB) (Progress, error) {
	p := Progress{Table: m.String()}
	source := m.Source()
	var err error
	if p.Total, err = query.Count(ctx, db, source); err != nil {
		return p, fmt.Errorf("progress of %s: %w", m, err)
	}
	if p.Done, err = query.Count(ctx, db, source.In(query.From(m.table))); err != nil {
		return p, fmt.Errorf("progress of %s: %w", m, err)
	}
	n, err := m.queue.Progress(ctx, db)
	if err != nil {
		return p, err
	}
	p.Pending, p.Reserved, p.Errors, p.Ignored = n[jobs.Pending], n[jobs.Reserved], n[jobs.Error], n[jobs.Ignore]
	return p, nil
}

// String is the progress in a line: "Spectrum: 28 of 30 done, 2 failed".
func (p Progress) String() string {
	parts := []string{fmt.Sprintf("%s: %d of %d done", p.Table, p.Done, p.Total)}
	for _, c := range []struct {
		n    int
		what string
	}{
		{p.Reserved, "being made"}, {p.Pending, "waiting"}, {p.Errors, "failed"}, {p.Ignored, "ignored"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}
