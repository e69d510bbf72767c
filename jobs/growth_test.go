package jobs

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// rowsAsked is how many jobs the tests of growth have: few, unless ROWMILL_TEST_ROWS says how many, up to a million.
// Only then are times compared: with few jobs, and the race detector, they say little.
func rowsAsked(t *testing.T) (n int, compare bool) {
	t.Helper()
	text := os.Getenv("ROWMILL_TEST_ROWS")
	if text == "" {
		if raceDetector {
			return 1000, false
		}
		return 20_000, false
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n, true
}

// eachLarge is each on servers that have as much memory as a lab's.
func eachLarge(t *testing.T, f func(t *fixture, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		dsn := "sqlite:" + t.TempDir() + "/test.db"
		f(newFixture(t, dsn), dsn)
	})
	t.Run("mariadb", func(t *testing.T) {
		dsn := testdb.NewServer(t, "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M").DSN()
		f(newFixture(t, dsn), dsn)
	})
}

// enterMany enters subjects 0…n-1 and a method, in one statement.
func (t *fixture) enterMany(n int, method string) {
	t.Helper()
	require.NoError(t, query.Insert(t.Context(), t.db, methods, Method{method}))
	number, digits := "0", "(SELECT 0 AS d) AS zero"
	for power := 1; power < n; power *= 10 {
		number += fmt.Sprintf(" + %d * d%[1]d.d", power)
		digits += fmt.Sprintf(", d AS d%d", power)
	}
	t.exec("INSERT INTO "+t.db.Dialect().Table("lab", "subject")+" (subject_id, species)"+
		" WITH d AS (SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"+
		" SELECT "+number+" AS n, 'mouse' FROM "+digits+" WHERE "+number+" < ? ORDER BY n", n)
}

// byHand runs a statement of the queue as one would by hand: on all jobs at once.
func (t *fixture) byHand(statement string, args ...any) {
	t.Helper()
	for _, limit := range []string{"{some}", "{at most ?}", " LIMIT ?"} {
		statement = strings.ReplaceAll(statement, limit, "")
	}
	_, err := t.q.exec(t.Context(), t.db, statement, args...)
	require.NoError(t, err)
}

func (t *fixture) empty() {
	t.Helper()
	if t.onServer() {
		t.exec("TRUNCATE TABLE {jobs}")
		return
	}
	t.exec("DELETE FROM {jobs}")
}

// A race has two ways to do the same take turns, so that a busy machine is as busy for both.
type race struct{ ours, hand []time.Duration }

// ratio is how many times the time by hand ours is, each at its best.
func (r *race) ratio() float64 { return float64(slices.Min(r.ours)) / float64(slices.Min(r.hand)) }

func (r *race) check(t *testing.T, name string, compare bool) {
	t.Helper()
	t.Logf("%s: by hand %v, ours %v: %.2f times", name, r.hand, r.ours, r.ratio())
	if compare {
		require.LessOrEqual(t, r.ratio(), 1.3, name)
	}
}

// since is how long it has been, to the millisecond.
func since(start time.Time) time.Duration { return time.Since(start).Round(time.Millisecond) }

// TestGrowth refreshes a queue of very many keys, and compares that with the statements that do the same by hand, each on all
// at once: what is asserted is how many statements are sent, how much memory is used, and how long it takes.
func TestGrowth(t *testing.T) {
	n, compare := rowsAsked(t)
	rounds := 1
	if compare {
		rounds = 3
	}
	eachLarge(t, func(t *fixture, _ string) {
		t.refresh(nil) // the connections are there now, and the turn's table
		t.enterMany(n, "a")
		nothing := query.From(subjects).Where("subject_id < 0").Join(query.From(methods)).Project()
		all, err := query.Select(t.db, t.q.Source(), t.q.key)
		require.NoError(t, err)
		none, err := query.Select(t.db, nothing, t.q.key)
		require.NoError(t, err)
		refill := func() { t.empty(); t.byHand(add, DefaultPriority, 0, all) }
		for _, c := range []struct {
			name         string
			before, hand func()
			opts         RefreshOptions
			want         Refreshed
		}{
			{"add all", t.empty, func() { t.byHand(add, DefaultPriority, 0, all) }, RefreshOptions{}, Refreshed{Added: n}},
			{"nothing to do", func() {}, func() {
				t.byHand(settle, -60)
				t.byHand(sweep, -3600, all)
				t.byHand(add, DefaultPriority, 0, all)
			}, RefreshOptions{}, Refreshed{}},
			{"all workers dead", func() {
				refill()
				t.exec("UPDATE {jobs} SET status = 'reserved', _token = ?, _lease_until = {after}, _worker = 'x'", newToken(), -1.0)
			}, func() {
				t.byHand(rescue)
				t.byHand(settle, -60)
				t.byHand(sweep, -3600, all)
				t.byHand(add, DefaultPriority, 0, all)
			}, RefreshOptions{}, Refreshed{Rescued: n}},
			{"all stale", func() {
				refill()
				t.exec("UPDATE {jobs} SET created_time = {after}", -7200.0)
			}, func() {
				t.byHand(settle, -60)
				t.byHand(sweep, -3600, none)
			}, RefreshOptions{Source: nothing}, Refreshed{Removed: n}},
		} {
			r := &race{}
			for range rounds {
				c.before()
				start := time.Now()
				c.hand()
				r.hand = append(r.hand, since(start))
				c.before()
				sent, taken := t.sent(), allocated()
				start = time.Now()
				require.Equal(t, c.want, t.refresh(&c.opts), c.name)
				r.ours = append(r.ours, since(start))
				require.Less(t, allocated()-taken, uint64(8<<20), "%s: bytes", c.name)
				chunks := n/firstChunk + int(time.Since(start)/(chunkTime/2)) // where they take long, they are made smaller
				require.LessOrEqual(t, t.sent()-sent, 12+2*chunks, "%s: statements", c.name)
			}
			r.check(t.T, c.name, compare)
		}
	})
}

// sent is how many statements a server was sent so far; of an SQLite file it cannot be told.
func (t *fixture) sent() int {
	if !t.onServer() {
		return 0
	}
	return t.questions()
}

// allocated is how many bytes this process has ever asked for.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestClaimsDoNotSlowDown compares a claim among very many pending jobs with one among a thousand; and with one where all
// but a few are for later, which come before some that are due.
func TestClaimsDoNotSlowDown(t *testing.T) {
	n, compare := rowsAsked(t)
	eachLarge(t, func(t *fixture, _ string) {
		t.enterMany(n, "a")
		best := func(n int, later bool) time.Duration {
			t.empty()
			if later {
				for _, part := range []struct {
					priority int8
					delay    time.Duration
					which    string
				}{{5, 0, "subject_id < 2"}, {7, 0, "subject_id <= 100"}, {3, time.Hour, "subject_id < 200"}} {
					t.refresh(&RefreshOptions{Only: query.From(subjects).Where(part.which), Priority: &part.priority, Delay: part.delay})
				}
				t.refresh(&RefreshOptions{Only: query.From(subjects).Where("subject_id < ?", n), Delay: time.Hour})
			} else {
				t.refresh(&RefreshOptions{Only: query.From(subjects).Where("subject_id < ?", n)})
			}
			w, least := t.worker(time.Minute), time.Hour
			for range 100 {
				start := time.Now()
				claimed, err := t.q.Claim(t.Context(), t.db, w, t.key, 5, query.Rel{})
				least = min(least, time.Since(start))
				require.NoError(t, err)
				require.Len(t, claimed, 5)
				require.NoError(t, t.q.Release(t.Context(), t.db, claimed...))
			}
			return least
		}
		for _, later := range []bool{false, true} {
			few, many := best(1000, later), best(n, later)
			t.Logf("%v of 1000, %v of %d (for later: %t)", few, many, n, later)
			if compare {
				require.LessOrEqual(t, float64(many), 1.5*float64(few))
			}
		}
	})
}

// TestOthersWriteMeanwhile has somebody else write to the database while very many keys are queued. In an SQLite file, he waits for a
// statement at a time, and not for all of them.
func TestOthersWriteMeanwhile(t *testing.T) {
	n, _ := rowsAsked(t)
	eachLarge(t, func(t *fixture, dsn string) {
		t.enterMany(n, "a")
		other, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer func() { _ = other.Close() }()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		longest := make(chan time.Duration)
		go func() {
			var most time.Duration
			for i := int32(0); ctx.Err() == nil; i++ {
				start := time.Now()
				_, err := other.Brief().Exec(ctx, "UPDATE "+t.db.Dialect().Table("lab", "subject")+" SET species = 'rat' WHERE subject_id = ?", i%100)
				most = max(most, time.Since(start))
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
			longest <- most
		}()
		require.Equal(t, Refreshed{Added: n}, t.refresh(nil))
		cancel()
		most := <-longest
		t.Logf("others waited for %v", most)
		require.Less(t, most, 3*soleAddTime)
	})
}
