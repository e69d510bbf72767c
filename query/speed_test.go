package query

import (
	"context"
	"fmt"
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

func timed(t *testing.T, f func() error) time.Duration {
	t.Helper()
	runtime.GC()
	start := time.Now()
	require.NoError(t, f())
	return time.Since(start)
}

func TestSpeed(t *testing.T) {
	n, rounds := 100_000, 5
	if text := os.Getenv("ROWMILL_TEST_ROWS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, speedLab.Declare(ctx, db))
		table := db.Dialect().Table("speed", "sample")
		by := bare(t, dsn)
		rows := make([]Sample, n)
		for i := range rows {
			rows[i] = sampleAt(i)
		}
		clear := func() {
			_, err := db.Exec(ctx, "DELETE FROM "+table)
			require.NoError(t, err)
		}
		hand := map[int][]time.Duration{}
		var ours []time.Duration
		for range 3 {
			for _, atOnce := range []int{100, 1000, 5000} {
				hand[atOnce] = append(hand[atOnce], timed(t, func() error { return insertBare(ctx, by, table, rows, atOnce) }))
				clear()
			}
			ours = append(ours, timed(t, func() error { return Insert(ctx, db, samples, rows...) }))
			clear()
		}
		for _, atOnce := range []int{100, 1000, 5000} {
			fmt.Printf("insert %s bare by %d: %v\n", t.Name(), atOnce, slices.Sorted(slices.Values(hand[atOnce])))
		}
		fmt.Printf("insert %s ours: %v\n", t.Name(), slices.Sorted(slices.Values(ours)))
		require.NoError(t, Insert(ctx, db, samples, rows...))
		rows = nil
		var a, b []time.Duration
		for range rounds {
			a = append(a, timed(t, func() error { _, _, err := fetchBare(ctx, by, table); return err }))
			b = append(b, timed(t, func() error { _, _, err := fetchEach(ctx, db); return err }))
		}
		fmt.Printf("fetch %s bare: %v\n", t.Name(), slices.Sorted(slices.Values(a)))
		fmt.Printf("fetch %s ours: %v\n", t.Name(), slices.Sorted(slices.Values(b)))
	})
}
