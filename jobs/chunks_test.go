package jobs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/query"
)

// TestChunks has each statement about the whole queue change it in chunks, of which the first is one job: all jobs that it is
// about, and no others.
func TestChunks(t *testing.T) {
	const n, others = 60, 7
	for _, c := range []struct {
		name, prepare string
		step          func(t *fixture) step
		left          map[Status]int
	}{
		{"settle", "INSERT INTO {target} ({key}, value) SELECT subject_id, 'a', 1 FROM {subject} WHERE subject_id >= 7",
			func(*fixture) step { return step{statement: settle, own: []any{-60}} }, map[Status]int{Pending: others}},
		{"settleKept", "INSERT INTO {target} ({key}, value) SELECT subject_id, 'a', 1 FROM {subject} WHERE subject_id >= 7",
			func(*fixture) step { return step{statement: settleKept, own: []any{-60}} }, map[Status]int{Pending: others, Success: n - others}},
		{"repend", "UPDATE {jobs} SET status = CASE WHEN subject_id >= 7 THEN 'success' ELSE 'ignore' END",
			func(t *fixture) step { return step{statement: repend, elsewhere: []any{t.keys(source)}} }, map[Status]int{Pending: n - others, Ignore: others}},
		{"sweep", "UPDATE {jobs} SET created_time = '2001-01-01 00:00:00'", func(t *fixture) step {
			return step{statement: sweep, own: []any{-60}, elsewhere: []any{t.keys(source.Where("subject_id < 7"))}}
		}, map[Status]int{Pending: others}},
		{"rescueOrphans", "UPDATE {jobs} SET status = 'reserved', reserved_time = '2001-01-01 00:00:00' WHERE subject_id >= 7",
			func(*fixture) step { return step{statement: rescueOrphans, own: []any{-60}} }, map[Status]int{Pending: n}},
		{"buryOrphans", "UPDATE {jobs} SET status = 'reserved', _deaths = 2, reserved_time = '2001-01-01 00:00:00' WHERE subject_id >= 7",
			func(*fixture) step { return step{statement: buryOrphans, sets: []any{"no"}, own: []any{2, -60}} },
			map[Status]int{Pending: others, Error: n - others}},
		{"add", "DELETE FROM {jobs} WHERE subject_id >= 7", func(t *fixture) step {
			return step{statement: add, sets: []any{5, 0, t.keys(source)}}
		}, map[Status]int{Pending: n}},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.enterMany(n, "a")
				t.refresh(nil)
				t.exec(t.inLab(c.prepare))
				t.q.firstChunk = 1
				s := c.step(t)
				changed, err := t.q.inChunks(t.Context(), t.db, s.statement, 0, s.args()...)
				require.NoError(t, err)
				require.Equal(t, n-others, changed)
				require.Equal(t, c.left, t.statuses())
			})
		})
	}
}

// keys are the keys of a source, as a statement is given them.
func (t *fixture) keys(source query.Rel) any {
	t.Helper()
	keys, err := t.q.keysOf(t.db, source)
	require.NoError(t, err)
	return keys
}
