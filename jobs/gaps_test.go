package jobs

import (
	"bytes"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// TestALostReplyToAClaim loses the connection when the server has reserved jobs, before it could say so. They are the
// claimer's, and he knows.
func TestALostReplyToAClaim(t *testing.T) {
	dsn := testdb.MariaDB(t)
	f := newFixture(t, dsn)
	f.queue(5)
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	var lost atomic.Bool
	u.Host = loseReply(t, u.Host, []byte("SET status = 'reserved'"), &lost)
	db, err := rowmill.Open(t.Context(), u.String())
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	claimed, err := f.q.Claim(t.Context(), db, f.worker(time.Minute), f.key, 3, query.Rel{})
	require.NoError(t, err)
	require.True(t, lost.Load())
	require.Equal(t, []ResultKey{{1, "a"}, {2, "a"}, {3, "a"}}, keysOf(claimed))
	require.Equal(t, map[Status]int{Reserved: 3, Pending: 2}, f.statuses())
	for _, r := range claimed {
		require.NoError(t, f.complete(r))
	}
}

// TestALostReplyToATurn loses the connection when the server has given the turn to refresh, before it could say so: nobody
// waits until the lease of the turn has run out.
func TestALostReplyToATurn(t *testing.T) {
	dsn := testdb.MariaDB(t)
	f := newFixture(t, dsn)
	f.queue(5)
	p := testdb.NewProxy(t, dsn)
	db, err := rowmill.Open(t.Context(), p.DSN())
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	p.CutOnce("SET token = ", testdb.After)
	f.enter(6, 6)
	f.quickly(func() {
		r, err := f.q.Refresh(t.Context(), db, nil)
		require.NoError(t, err)
		require.Equal(t, Refreshed{Added: 1}, r)
	})
	require.Equal(t, 1, scan[int](f, "SELECT finished = round AND lease_until IS NULL FROM {turns}"))
}

// TestALostReplyToAnAcknowledgement loses the connection at the COMMIT that ends a job, before the server has done that or
// when it could not say so any more.
func TestALostReplyToAnAcknowledgement(t *testing.T) {
	for _, when := range []testdb.Moment{testdb.Before, testdb.After} {
		t.Run(when.String(), func(t *testing.T) {
			dsn := testdb.MariaDB(t)
			f := newFixture(t, dsn)
			f.queue(1)
			r := f.claimOne()
			require.NoError(t, makeResult(t.Context(), f.db, ResultKey{1, "a"}))
			p := testdb.NewProxy(t, dsn)
			db, err := rowmill.Open(t.Context(), p.DSN())
			require.NoError(t, err)
			defer func() { _ = db.Close() }()
			p.CutOnce("\x03COMMIT", when) // as a command
			require.NoError(t, f.q.Acknowledge(t.Context(), db, r))
			require.Empty(t, f.statuses())
		})
	}
}

// loseReply stands before a server, and cuts the first connection on which something is sent instead of passing the
// reply on: then it is lost. It returns where to connect.
func loseReply(t *testing.T, server string, to []byte, lost *atomic.Bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	pass := func(client, server net.Conn) {
		defer func() { _, _ = client.Close(), server.Close() }()
		var mute atomic.Bool
		forward := func(from, into net.Conn, stop func(sent []byte) bool) {
			buffer := make([]byte, 1<<16)
			for {
				n, err := from.Read(buffer)
				if err != nil || stop(buffer[:n]) {
					return
				}
				if _, err := into.Write(buffer[:n]); err != nil {
					return
				}
			}
		}
		go func() {
			defer func() { _ = client.Close() }()
			forward(server, client, func([]byte) bool { return mute.Load() })
		}()
		forward(client, server, func(sent []byte) bool {
			if bytes.Contains(sent, to) && lost.CompareAndSwap(false, true) {
				mute.Store(true)
			}
			return false
		})
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if conn, err := net.Dial("tcp", server); err == nil {
				go pass(client, conn)
			}
		}
	}()
	return listener.Addr().String()
}

// TestALostConnectionIsNoDeath kills the connection whose number a job shows: its worker lives, and holds the job.
func TestALostConnectionIsNoDeath(t *testing.T) {
	onMariaDB(t, func(t *fixture) {
		t.queue(1)
		other := newFixture(t.T, testdb.MariaDB(t.T))
		w := other.worker(time.Minute)
		claimed, err := t.q.Claim(t.Context(), other.db, w, t.key, 1, query.Rel{})
		require.NoError(t, err)
		t.exec("KILL CONNECTION ?", scan[int64](t, "SELECT connection_id FROM {jobs}"))
		require.Equal(t, Refreshed{}, t.refresh(nil))
		lost, err := t.q.Heartbeat(t.Context(), other.db, w, t.key, claimed)
		require.NoError(t, err)
		require.Empty(t, lost)
		require.NoError(t, other.complete(claimed[0]))
	})
}

// TestZones has a server and a client in zones that are ten hours apart, and nobody notices: all times are the server's.
func TestZones(t *testing.T) {
	here := time.Local
	t.Cleanup(func() { time.Local = here })
	time.Local = time.FixedZone("client", 5*3600)
	f := newFixture(t, testdb.NewServer(t, "--default-time-zone=-05:00").DSN())
	f.enter(1, 3, "a")
	f.refresh(nil)
	_, err := f.q.Reschedule(t.Context(), f.db, query.From(subjects).Where("subject_id = 3"), time.Hour)
	require.NoError(t, err)
	require.Len(t, f.claim(3), 2, "those that are due, and no others")
	require.Equal(t, Refreshed{}, f.refresh(&RefreshOptions{StaleTimeout: time.Minute}), "no lease has run out, and nothing is old")
	f.expire()
	require.Equal(t, Refreshed{Rescued: 2}, f.refresh(nil))
	w := f.worker(time.Minute)
	w.KeepCompleted = true
	claimed, err := f.q.Claim(t.Context(), f.db, w, f.key, 1, query.Rel{})
	require.NoError(t, err)
	require.NoError(t, f.complete(claimed[0]))
	j := f.job(1, "a")
	require.InDelta(t, -5*3600, j.CompletedTime.Sub(time.Now().UTC()).Seconds(), 60, "as a Python worker would read it")
	require.False(t, j.CompletedTime.Before(*j.ReservedTime))
}

// TestLookingNeedsNoRights has somebody who may only read look at a queue, and at one that is not there. Nothing is created.
func TestLookingNeedsNoRights(t *testing.T) {
	onMariaDB(t, func(t *fixture) {
		t.queue(2)
		t.exec("CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'")
		t.exec("GRANT SELECT ON *.* TO reader@'127.0.0.1'")
		u, err := url.Parse(testdb.MariaDB(t.T))
		require.NoError(t, err)
		u.User = url.UserPassword("reader", "secret")
		db, err := rowmill.Open(t.Context(), u.String())
		require.NoError(t, err)
		defer func() { _ = db.Close() }()

		n, err := t.q.Progress(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, map[Status]int{Pending: 2}, n)
		left, err := t.q.Backlog(t.Context(), db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, Backlog{Pending: 2}, left)
		groups, err := t.q.ProgressBy(t.Context(), db, "method")
		require.NoError(t, err)
		require.Len(t, groups, 1)
		jobs, err := query.Fetch[job](t.Context(), db, t.q.With(Pending))
		require.NoError(t, err)
		require.Len(t, jobs, 2)
		_, err = t.q.Refresh(t.Context(), db, nil)
		require.Error(t, err, "that is no looking")

		t.exec("DROP TABLE {jobs}")
		for _, db := range []*rowmill.DB{db, t.db} { // nor does one create it who may
			n, err = t.q.Progress(t.Context(), db)
			require.NoError(t, err)
			require.Empty(t, n)
			groups, err = t.q.ProgressBy(t.Context(), db, "method")
			require.NoError(t, err)
			require.Empty(t, groups)
			_, err = t.q.Backlog(t.Context(), db, query.Rel{})
			require.ErrorIs(t, err, rowmill.ErrNoTable)
		}
	})
}

// TestPrioritiesOfAJob takes all there are, and lets urgent jobs that come later go first.
func TestPrioritiesOfAJob(t *testing.T) {
	each(t, func(t *fixture) {
		t.enter(1, 4, "a")
		first, last := int8(-128), int8(127)
		one := func(n int) query.Rel { return query.From(subjects).Where("subject_id = ?", n) }
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Only: one(1), Priority: &last}))
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Only: one(2)}))
		require.Equal(t, []ResultKey{{2, "a"}}, keysOf(t.claim(1)))
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Only: one(3), Priority: &first}))
		require.Equal(t, Refreshed{Added: 1}, t.refresh(&RefreshOptions{Priority: &last}), "it is that of what is added")
		require.Equal(t, []ResultKey{{3, "a"}}, keysOf(t.claim(1)), "though it came later")
		require.Equal(t, last, t.job(1, "a").Priority)
		require.EqualValues(t, DefaultPriority, t.job(2, "a").Priority)
	})
}
