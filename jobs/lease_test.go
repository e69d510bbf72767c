package jobs

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

func TestHeartbeatExtendsAndTellsWhatWasLost(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(5)
		claimed := t.claimFor(time.Millisecond, 5)
		beat := func(held ...*Reservation) []*Reservation {
			lost, err := t.q.Heartbeat(t.Context(), t.db, t.worker(time.Hour), t.key, held)
			require.NoError(t, err)
			return lost
		}
		require.Empty(t, beat())
		require.Empty(t, beat(claimed...))
		require.Equal(t, Refreshed{}, t.refresh(nil), "all are held for an hour")

		// Each was lost in another way: gone, pending, somebody else's, an error.
		t.exec("DELETE FROM {jobs} WHERE subject_id = 1")
		require.NoError(t, t.q.Release(t.Context(), t.db, claimed[1]))
		t.take(ResultKey{3, "a"})
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[3], Failure{}))
		theirs := scan[string](t, "SELECT _lease_until FROM {jobs} WHERE subject_id = 3")
		require.Equal(t, claimed[:4], beat(claimed...))
		require.Empty(t, beat(claimed[4]))
		require.Equal(t, theirs, scan[string](t, "SELECT _lease_until FROM {jobs} WHERE subject_id = 3"))
		for i, r := range claimed {
			holds, err := t.q.Holds(t.Context(), t.db, r)
			require.NoError(t, err)
			require.Equal(t, i == 4, holds, i)
		}
		require.NoError(t, t.complete(claimed[4]))
	})
}

// TestALeaseIsKeptToTheMillisecond has a lease run out while the test waits, by the server's clock.
func TestALeaseIsKeptToTheMillisecond(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(1)
		t.claimFor(100*time.Millisecond, 1)
		left := scan[float64](t, map[bool]string{
			true:  "SELECT TIMESTAMPDIFF(MICROSECOND, reserved_time, _lease_until) / 1e6 FROM {jobs}",
			false: "SELECT (julianday(_lease_until) - julianday(reserved_time)) * 86400 FROM {jobs}",
		}[t.onServer()])
		require.InDelta(t, 0.1, left, 0.002)
		require.Eventually(t, func() bool { return t.refresh(nil).Rescued == 1 }, 5*time.Second, time.Millisecond)
	})
}

// TestAJobThatADeadWorkerHadIsClaimedAlone, so that it takes no others with it if it kills: a
// worker holds many jobs, of which it has begun few.
func TestAJobThatADeadWorkerHadIsClaimedAlone(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(4)
		claimed := t.claim(3) // 1, 2 and 3, of which 1 is under way
		t.expire()
		require.Equal(t, Refreshed{Rescued: len(claimed)}, t.refresh(nil))
		for range maxDeaths - 1 { // 1 goes on killing
			require.Equal(t, []ResultKey{{1, "a"}}, keysOf(t.claim(10)))
			t.expire()
			t.refresh(nil)
		}
		require.Equal(t, map[Status]int{Pending: 3, Error: 1}, t.statuses())
		require.Equal(t, Error, t.job(1, "a").Status)
		require.Equal(t, []ResultKey{{2, "a"}}, keysOf(t.claim(10)))
		require.Equal(t, []ResultKey{{3, "a"}}, keysOf(t.claim(10)))
		require.Equal(t, []ResultKey{{4, "a"}}, keysOf(t.claim(10)))

		// One that none died of goes before those that one died of, by its priority.
		t.exec("UPDATE {jobs} SET status = 'pending', _deaths = 1, _token = NULL WHERE status = 'reserved'")
		t.exec("UPDATE {jobs} SET _deaths = 0, priority = 1 WHERE subject_id = 4")
		require.Equal(t, []ResultKey{{4, "a"}}, keysOf(t.claim(10)))
		require.Equal(t, []ResultKey{{2, "a"}}, keysOf(t.claim(10)))
	})
}

// A queue's key may be of every type that a key can have.

type AnyKey struct {
	ID     uuid.UUID
	Day    time.Time
	At     time.Time
	Flag   bool
	Number int64
	Small  int8
	Kind   string
	Price  string
	Name   string
}

type Many struct{ AnyKey }

type Outcome struct {
	AnyKey

	Value float64
}

var (
	kinds = schema.New("kinds")
	manys = schema.Manual[Many](kinds, `
		id     : uuid
		day    : date
		at     : datetime(3)
		flag   : bool
		number : int64
		small  : int8
		kind   : enum('it''s', "b:c")
		price  : decimal(6,2)
		name   : varchar(20)
	`)
	outcomes = schema.Computed[Outcome](kinds, `
		-> Many
		---
		value : float64
	`, manys)
)

// TestKeysOfEveryType goes through all that a queue does with a key.
func TestKeysOfEveryType(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, kinds.Declare(ctx, db))
		q := For(outcomes)
		require.NoError(t, q.Declare(ctx, db))
		require.NoError(t, q.Declare(ctx, db), "again")
		base := AnyKey{
			ID: uuid.MustParse("ff000000-0000-0000-0000-0000000000ff"), Day: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC),
			At: time.Date(2026, 2, 3, 4, 5, 6, 70e6, time.UTC), Number: -1 << 63, Small: -128, Kind: "it's", Price: "-12.50", Name: "ä?'` ",
		}
		for _, c := range []func(k *AnyKey){
			func(*AnyKey) {},
			func(k *AnyKey) { k.ID[0] = 0 },
			func(k *AnyKey) { k.Day = k.Day.AddDate(0, 0, 1) },
			func(k *AnyKey) { k.At = k.At.Add(time.Millisecond) },
			func(k *AnyKey) { k.Flag = true },
			func(k *AnyKey) { k.Number++ },
			func(k *AnyKey) { k.Number = 1<<63 - 1 },
			func(k *AnyKey) { k.Small = 127 },
			func(k *AnyKey) { k.Kind = "b:c" },
			func(k *AnyKey) { k.Price = "9999.99" },
			func(k *AnyKey) { k.Name = "" },
		} {
			k := base
			c(&k)
			require.NoError(t, query.Insert(ctx, db, manys, Many{k}))
		}
		r, err := q.Refresh(ctx, db, nil)
		require.NoError(t, err)
		require.Equal(t, Refreshed{Added: 11}, r)

		key, err := q.Bind(reflect.TypeFor[AnyKey]())
		require.NoError(t, err)
		w := &Worker{Lease: time.Minute}
		found, err := q.window(ctx, db, key, 20, query.Rel{})
		require.NoError(t, err)
		first, err := q.Claim(ctx, db, w, key, 4, query.Rel{})
		require.NoError(t, err)
		rest, err := q.take(ctx, db, w, key, found)
		require.NoError(t, err)
		all := map[string]bool{}
		for _, r := range append(first, rest...) {
			all[r.ID()] = true
		}
		require.Len(t, all, 11, "each of them once")

		_, err = db.Exec(ctx, q.fill(db.Dialect(), "UPDATE {jobs} SET status = 'pending', _token = NULL, _attempts = 1 WHERE {keys}", 1), first[0].values...)
		require.NoError(t, err)
		lost, err := q.Heartbeat(ctx, db, w, key, append(first, rest...))
		require.NoError(t, err)
		require.Equal(t, first[:1], lost)
		for _, r := range rest {
			err := db.Transact(ctx, func(tx *rowmill.Tx) error {
				if err := query.Insert(ctx, maker{tx}, outcomes, Outcome{AnyKey: *r.Key.(*AnyKey)}); err != nil {
					return err
				}
				return q.Complete(ctx, tx, r)
			})
			require.NoError(t, err)
		}
		require.NoError(t, q.Ignore(ctx, db, *first[0].Key.(*AnyKey), "enough"))
		left, err := q.Progress(ctx, db)
		require.NoError(t, err)
		require.Equal(t, map[Status]int{Reserved: 3, Ignore: 1}, left)
	})
}
