package query

import (
	"context"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// A Sample is a row of the kinds of values that tables of measurements have.
type Sample struct {
	Subject int32
	Sample  int64
	Channel int16
	Value   float64
	Noise   *float64
	Label   string
}

var (
	speedLab = schema.New("speed")
	samples  = schema.Manual[Sample](speedLab, `
		subject : int32
		sample : int64
		---
		channel : int16
		value : float64
		noise = null : float64
		label : varchar(32)
	`)
)

func sampleAt(i int) Sample {
	s := Sample{Subject: int32(i / 1000), Sample: int64(i % 1000), Channel: int16(i % 64), Value: float64(i) / 7, Label: "label " + strconv.Itoa(i%977)}
	if i%3 > 0 {
		s.Noise = new(float64(i) / 3)
	}
	return s
}

// bare opens what rowmill.Open opens, with nothing but sqlx.
func bare(t *testing.T, dsn string) *sqlx.DB {
	t.Helper()
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		db, err := sqlx.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(1000)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_txlock=immediate")
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr = u.User.Username(), "tcp", u.Host
	cfg.Passwd, _ = u.User.Password()
	cfg.ParseTime, cfg.InterpolateParams, cfg.MaxAllowedPacket = true, true, 0
	db, err := sqlx.Open("mysql", cfg.FormatDSN())
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// fetchBare reads all rows as one does by hand.
func fetchBare(ctx context.Context, db *sqlx.DB, table string) (n int, sum float64, err error) {
	rows, err := db.QueryxContext(ctx, "SELECT subject, sample, channel, value, noise, label FROM "+table)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var s Sample
		if err := rows.Scan(&s.Subject, &s.Sample, &s.Channel, &s.Value, &s.Noise, &s.Label); err != nil {
			return 0, 0, err
		}
		n++
		sum += s.Value
	}
	return n, sum, rows.Err()
}

func fetchEach(ctx context.Context, db *rowmill.DB) (n int, sum float64, err error) {
	for s, err := range Each[Sample](ctx, db, From(samples)) {
		if err != nil {
			return 0, 0, err
		}
		n++
		sum += s.Value
	}
	return n, sum, nil
}

// insertBare enters rows as one does by hand: in one transaction, so many a statement.
func insertBare(ctx context.Context, db *sqlx.DB, table string, rows []Sample, atOnce int) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for some := range slices.Chunk(rows, atOnce) {
		statement := "INSERT INTO " + table + " (subject, sample, channel, value, noise, label) VALUES " +
			strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(some))[2:]
		args := make([]any, 0, 6*len(some))
		for _, s := range some {
			args = append(args, s.Subject, s.Sample, s.Channel, s.Value, s.Noise, s.Label)
		}
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// rowsAsked is how many rows the tests of speed have: few, unless ROWMILL_TEST_ROWS says how many. Only then are
// times compared: with few rows, and the race detector, they say little.
func rowsAsked(t *testing.T) (n int, compare bool) {
	t.Helper()
	text := os.Getenv("ROWMILL_TEST_ROWS")
	if text == "" {
		return 20_000, false
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n, true
}

// A race has two ways to do the same take turns, so that a busy machine is as busy for both.
type race struct{ ours, hand []time.Duration }

func (r *race) run(t *testing.T, before func(), hand, ours func() error) {
	t.Helper()
	timed := func(f func() error) time.Duration {
		before()
		runtime.GC()
		start := time.Now()
		require.NoError(t, f())
		return time.Since(start)
	}
	r.hand, r.ours = append(r.hand, timed(hand)), append(r.ours, timed(ours))
}

// ratio is the median of how many times the time we take.
func (r *race) ratio() float64 {
	ratios := make([]float64, len(r.ours))
	for i, d := range r.ours {
		ratios[i] = float64(d) / float64(r.hand[i])
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func (r *race) check(t *testing.T, compare bool, most float64) {
	t.Helper()
	t.Logf("by hand %v, ours %v: %.2f times", r.hand, r.ours, r.ratio())
	if compare {
		require.LessOrEqual(t, r.ratio(), most)
	}
}

// TestSpeed compares what is done by hand with what we do: fetching rows, and inserting them, a thousand a
// statement. It says with -v what it measures.
func TestSpeed(t *testing.T) {
	n, compare := rowsAsked(t)
	rounds := 1
	if compare {
		rounds = 5
	}
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, speedLab.Declare(ctx, db))
		table, by := db.Dialect().Table("speed", "sample"), bare(t, dsn)
		rows := make([]Sample, n)
		sum := 0.0
		for i := range rows {
			rows[i] = sampleAt(i)
			sum += rows[i].Value
		}
		insertions, fetches := &race{}, &race{}
		for range rounds {
			empty := func() {
				_, err := by.ExecContext(ctx, "DELETE FROM "+table)
				require.NoError(t, err)
			}
			insertions.run(t, empty,
				func() error { return insertBare(ctx, by, table, rows, maxRows) },
				func() error { return Insert(ctx, db, samples, rows...) })
			check := func(got int, found float64, err error) error {
				require.Equal(t, n, got)
				require.InEpsilon(t, sum, found, 1e-9)
				return err
			}
			fetches.run(t, func() {},
				func() error { return check(fetchBare(ctx, by, table)) },
				func() error { return check(fetchEach(ctx, db)) })
		}
		insertions.check(t, compare, 1.2)
		fetches.check(t, compare, 1.3)
	})
}

// TestEachHoldsLittle streams all rows, and looks at the memory meanwhile.
func TestEachHoldsLittle(t *testing.T) {
	n, _ := rowsAsked(t)
	const most = 20 << 20
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, speedLab.Declare(t.Context(), db))
		for from := 0; from < n; from += 100_000 {
			some := make([]Sample, min(100_000, n-from))
			for i := range some {
				some[i] = sampleAt(from + i)
			}
			require.NoError(t, Insert(t.Context(), db, samples, some...))
		}
		w := &weigher{}
		before, highest, seen := w.heap(), uint64(0), 0
		for _, err := range Each[Sample](t.Context(), db, From(samples)) {
			require.NoError(t, err)
			if seen++; seen%(n/10) == 0 {
				highest = max(highest, w.heap())
			}
		}
		require.Equal(t, n, seen)
		t.Logf("%d bytes before, %d at most", before, highest)
		require.Less(t, highest, before+most)
	})
}
