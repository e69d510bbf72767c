package query

import (
	"database/sql"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// TestFetchIntoAProjection asks for the attributes that the row type has, and no others.
func TestFetchIntoAProjection(t *testing.T) {
	type row struct {
		Species string
		PeakHz  float64
	}
	type keyed struct {
		SessionKey
		Hz    float64 `db:"peak_hz"`
		Twice int     // computed
		Name  *string
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		all := From(subjects, sessions, spectra)
		rows, err := Fetch[row](t.Context(), db, all.Where("method = 'fft'"))
		require.NoError(t, err)
		require.ElementsMatch(t, []row{{"mouse", 10}, {"mouse", 50}}, rows)

		got, err := Fetch[keyed](t.Context(), db, all.Where("peak_hz < ?", 20).
			Project("...", "twice = subject_id * 2", "name = CASE WHEN method = 'fft' THEN method END"))
		require.NoError(t, err)
		key := SessionKey{1, 1}
		require.ElementsMatch(t, []keyed{{key, 10, 2, new("fft")}, {key, 12, 2, nil}}, got)

		whole, err := Fetch[Session](t.Context(), db, From(sessions).Where("rig = ?", "a"))
		require.NoError(t, err)
		require.Equal(t, []Session{{key, 100, new("a"), 3}}, whole)

		nothing, err := Fetch[row](t.Context(), db, all.Where("1 = 0"))
		require.NoError(t, err)
		require.Empty(t, nothing)
	})
}

// TestFetchOfNullableKeys joins by a foreign key that may be NULL, and is not in the join.
func TestFetchOfNullableKeys(t *testing.T) {
	type row struct {
		Note   string
		Method string
		Gain   int32
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, rel := range []Rel{From(pairs, methods), From(methods, pairs)} {
			rows, err := Fetch[row](t.Context(), db, rel)
			require.NoError(t, err)
			require.Equal(t, []row{{"x", "fft", 1}}, rows)
		}
		_, err := Fetch[row](t.Context(), db, From(pairs).Project("note", "method", "gain = 1"))
		require.ErrorContains(t, err, "a *string or sql.Null[string] is wanted")
	})
}

func TestOneAndCount(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		mice := From(subjects).Where("species = 'mouse'")
		s, err := One[Subject](t.Context(), db, mice.Match(map[string]any{"subject_id": 1}))
		require.NoError(t, err)
		require.Equal(t, Subject{1, "mouse", new(20.5)}, s)

		_, err = One[Subject](t.Context(), db, mice.Where("subject_id = 9"))
		require.ErrorIs(t, err, rowmill.ErrNotFound)
		require.ErrorContains(t, err, "fetch one query.Subject: ")
		_, err = One[Subject](t.Context(), db, mice)
		require.ErrorIs(t, err, rowmill.ErrMultiple)

		n, err := Count(t.Context(), db, mice)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		n, err = Count(t.Context(), db, mice.Where("subject_id = 9"))
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// TestEachGivesItsConnectionBack leaves loops in every way, more often than a pool has
// connections.
func TestEachGivesItsConnectionBack(t *testing.T) {
	leave := map[string]func(conn rowmill.Conn){
		"break": func(conn rowmill.Conn) {
			for range Each[Subject](t.Context(), conn, From(subjects)) {
				break
			}
		},
		"return": func(conn rowmill.Conn) {
			for _, err := range Each[Subject](t.Context(), conn, From(subjects)) {
				if err == nil {
					return
				}
			}
		},
		"panic": func(conn rowmill.Conn) {
			defer func() { _ = recover() }()
			for range Each[Subject](t.Context(), conn, From(subjects)) {
				panic("left")
			}
		},
		"the end": func(conn rowmill.Conn) {
			for range Each[Subject](t.Context(), conn, From(subjects)) {
				continue
			}
		},
		"an error of a row": func(conn rowmill.Conn) {
			type narrow struct{ Twice uint8 }
			n := 0
			for _, err := range Each[narrow](t.Context(), conn, From(subjects).Project("twice = subject_id - 9")) {
				require.ErrorContains(t, err, "-8 is negative, which no unsigned integer is")
				n++
			}
			require.Equal(t, 1, n, "nothing comes after an error")
		},
		"one of many": func(conn rowmill.Conn) {
			_, err := One[Subject](t.Context(), conn, From(subjects))
			require.ErrorIs(t, err, rowmill.ErrMultiple)
		},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for name, f := range leave {
			t.Run(name, func(t *testing.T) {
				conn := &spy{DB: db}
				for range 20 {
					f(conn)
				}
				require.Equal(t, 20, conn.queries)
				for _, rows := range conn.rows {
					require.ErrorContains(t, rows.Scan(), "Rows are closed")
				}
				// A transaction has one connection, which a loop inside of it must leave free.
				require.NoError(t, db.Transact(t.Context(), func(tx *rowmill.Tx) error {
					f(tx)
					_, err := Count(t.Context(), tx, From(subjects))
					return err
				}))
			})
		}
	})
}

// TestEachStreams has rows come one by one: a loop that is left early has not read the rest.
func TestEachStreams(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		seen := map[int32]string{}
		for s, err := range Each[Subject](t.Context(), db, From(subjects)) {
			require.NoError(t, err)
			seen[s.SubjectID] = s.Species
			// Another question while the rows of the first are still coming.
			n, err := Count(t.Context(), db, From(sessions))
			require.NoError(t, err)
			require.Equal(t, 3, n)
		}
		require.Equal(t, map[int32]string{1: "mouse", 2: "rat", 3: "mouse"}, seen)
	})
}

type (
	Exact struct {
		N       int32
		Single  float32
		Maybe   *float32
		Day     time.Time
		Moment  time.Time
		Precise time.Time
	}
)

var (
	exactLab = schema.New("exact")
	exacts   = schema.Manual[Exact](exactLab, `
		n : int32
		---
		single : float32
		maybe = null : float32
		day : date
		moment : datetime
		precise : datetime(3)
	`)
)

// TestFetchLosesNothing of what servers show with fewer digits than they keep, and finds rows by
// what was fetched.
func TestFetchLosesNothing(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, exactLab.Declare(t.Context(), db))
		for i, f := range []float32{math.Pi, 16777215, 1.2345678e-20, math.MaxFloat32, -0.1, 0} {
			e := Exact{N: int32(i), Single: f, Maybe: &f, Day: at, Moment: at, Precise: at}
			require.NoError(t, Insert(t.Context(), db, exacts, e))
			got, err := One[Exact](t.Context(), db, From(exacts).Match(map[string]any{"n": i}))
			require.NoError(t, err)
			e.Day, e.Moment, e.Precise = at.Truncate(24*time.Hour), at.Truncate(time.Second), at.Truncate(time.Millisecond)
			require.Equal(t, e, got)

			for what, rel := range map[string]Rel{
				"a struct":        From(exacts).Match(got),
				"a struct's time": From(exacts).Match(struct{ Day, Moment, Precise time.Time }{at, at, at}),
				"a map's time":    From(exacts).Match(map[string]any{"day": at, "moment": at, "precise": at}),
				"a float32":       From(exacts).Where("single = ?", f),
				"a day":           From(exacts).Where("day = ? AND day >= ? AND NOT (? < `day`)", got.Day, &got.Day, got.Day),
				"a day's moment":  From(exacts).Where("day < ?", at),
				"a moment's day":  From(exacts).Where("moment > ? AND day = ?", got.Day, "2024-01-02"),
				"a time":          From(exacts).Where("moment = ? AND precise = ?", got.Moment, got.Precise),
			} {
				n, err := Count(t.Context(), db, rel.Where("n = ?", i))
				require.NoError(t, err)
				require.Equal(t, 1, n, "%v by %s", f, what)
			}
		}
	})
}

type Lap struct {
	Lap int32
	Lag time.Duration
}

var (
	lapLab = schema.New("laps")
	laps   = schema.Manual[Lap](lapLab, "lap : int32\n---\nlag : time(3)")
)

// TestDurationsInConditions are clocks where a time of the day is asked for, as in rows.
func TestDurationsInConditions(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, lapLab.Declare(t.Context(), db))
		lag := 90*time.Minute + 250*time.Millisecond
		require.NoError(t, Insert(t.Context(), db, laps, Lap{1, lag}, Lap{2, time.Minute}))
		for _, rel := range []Rel{
			From(laps).Where("lag = ?", lag), From(laps).Where("lag > ?", time.Hour), From(laps).Where("lag IN (?)", []time.Duration{lag, time.Second}),
			From(laps).Where("? = lag", &lag), From(laps).Where("lag = ?", sql.Null[time.Duration]{V: lag, Valid: true}), From(laps).Match(map[string]any{"lag": lag}),
		} {
			found, err := Keys[int32](t.Context(), db, rel)
			require.NoError(t, err)
			require.Equal(t, []int32{1}, found)
		}
		n, err := Count(t.Context(), db, From(laps).Where("lap > ?", time.Duration(1)))
		require.NoError(t, err)
		require.Equal(t, 1, n, "elsewhere it is a number")
	})
}
