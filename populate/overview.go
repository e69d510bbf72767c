package populate

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rowmill/rowmill"
)

// Progresses are those of several makers, in the order in which their tables come from each other.
type Progresses []Progress

// Overview asks how far the making of each of several tables is, as of a whole schema, whatever their order. Each is
// looked at in a snapshot of its own.
func Overview(ctx context.Context, db *rowmill.DB, makers ...*Maker) (Progresses, error) {
	all := Progresses{}
	for _, m := range inOrder(makers) {
		p, err := m.Progress(ctx, db)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// countNames are what heads the columns of counts.
var countNames = []string{"total", "done", "pending", "later", "reserved", "errors", "ignored"}

// cells are the counts, in the order of countNames.
func (c Counts) cells() []string {
	var cells []string
	for _, n := range []int{c.Total, c.Done, c.Pending, c.Later, c.Reserved, c.Errors, c.Ignored} {
		cells = append(cells, fmt.Sprint(n))
	}
	return cells
}

// String is a table with a line for each maker. A rate or a time that is not known is a question mark.
func (ps Progresses) String() string {
	lines := [][]string{append(append([]string{"table"}, countNames...), "rate", "time left")}
	for _, p := range ps {
		rate, left := "?", "?"
		if p.Rate > 0 {
			rate = perTime(p.Rate)
		}
		if d, known := p.ETA(); known {
			left = roughly(d)
		}
		lines = append(lines, append(append([]string{p.Table}, p.cells()...), rate, left))
	}
	return aligned(lines, 1)
}

// aligned are lines of cells in columns, of which the first few are texts, and the others numbers.
func aligned(lines [][]string, texts int) string {
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	rows := make([]string, len(lines))
	for i, cells := range lines {
		padded := make([]string, len(cells))
		for j, cell := range cells {
			format := "%*s"
			if j < texts {
				format = "%-*s"
			}
			padded[j] = fmt.Sprintf(format, widths[j], cell)
		}
		rows[i] = strings.Join(padded, "  ")
	}
	return strings.Join(rows, "\n")
}
