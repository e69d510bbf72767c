package jobs

import (
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/query"
)

// TestStretches walks along a queue in stretches of every length: each job is in one of them, and the walk ends.
func TestStretches(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(-3, 3, "", "a", "b's", "B") // keys that sort otherwise here than there
		t.refresh(nil)
		const visit = "UPDATE {jobs} SET priority = priority + 1 WHERE {some}_deaths = ?{within}{at most ?}"
		for n := 1; n < 31; n++ {
			t.exec("UPDATE {jobs} SET priority = 0")
			visited, steps := 0, 0
			for s := (stretch{}); !s.over(s.walking); steps++ {
				var err error
				s, err = t.q.after(t.Context(), t.db, s, n)
				require.NoError(t, err)
				changed, err := t.q.execFor(t.Context(), t.db.Brief(), s.of(visit), 0, s.args([]any{0}, 1000)...)
				require.NoError(t, err)
				require.LessOrEqual(t, changed, n)
				visited += changed
			}
			require.Equal(t, 28, visited)
			require.LessOrEqual(t, steps, 28/n+1)
			once, err := query.Count(t.Context(), t.db, query.From(t.q).Where("priority = 1"))
			require.NoError(t, err)
			require.Equal(t, 28, once, "in stretches of %d", n)
		}
	})
}

// TestAStretchIsFoundByKey has a server pass over no more of the queue than the stretch.
func TestAStretchIsFoundByKey(t *testing.T) {
	each(t, func(t *fixture) {
		if !t.onServer() {
			t.Skip("an SQLite file is not walked along")
		}
		t.enterMany(5000, "7")
		t.refresh(nil)
		// Of each status so many that the index of the status leads to more jobs than the stretch has.
		t.exec("UPDATE {jobs} SET status = 'reserved', _token = ? WHERE subject_id % 2 = 0", newToken())
		t.exec("ANALYZE TABLE {jobs}")
		s, err := t.q.after(t.Context(), t.db, stretch{}, 1000)
		require.NoError(t, err)
		s, err = t.q.after(t.Context(), t.db, s, 1000)
		require.NoError(t, err)
		none, err := query.Select(t.db, t.q.Source(), t.q.key)
		require.NoError(t, err)
		for name, of := range map[string]struct {
			statement string
			args      []any
			n         int
		}{
			"milestone": {milestone, nil, 999},
			"rescue":    {rescue, nil, 1000},
			"sweep":     {sweep, []any{-3600, none}, 1000},
			"nextJobs":  {strings.Replace(nextJobs, "{condition}", "status <> 'reserved'{within}", 1), nil, 100},
		} {
			sql, args, err := squirrel.Expr(t.q.fill(t.db.Dialect(), s.of(of.statement), 0), s.args(of.args, of.n)...).ToSql()
			require.NoError(t, err)
			plan := t.explain(sql, args...)
			job := ""
			for line := range strings.Lines(plan) {
				if strings.Contains(line, "~~result") {
					job = line
				}
			}
			require.Regexp(t, "type=range.*key=PRIMARY", job, "%s:\n%s", name, plan)
		}
	})
}
