package populate

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// The environment of a campaign: how often processes are killed, and the seed that an earlier one has logged.
const (
	envKills = "ROWMILL_TEST_KILLS"
	envSeed  = "ROWMILL_TEST_SEED"
)

const (
	campaignProcesses = 4
	campaignLease     = 500 * time.Millisecond
	// campaignPace is how long a make takes on average: what happens to processes happens to makes that are under way.
	// For 20,000 keys, of which eight are made at once, it takes three minutes.
	campaignPace = 72 * time.Millisecond
)

// campaigning are the options of a process in a campaign.
func campaigning(o *Options) { o.Workers, o.Lease = 2, campaignLease }

// visitedMakers make results with parts, and a visit with each, in each form that a make can have.
var visitedMakers = map[string]*Maker{
	"new": New(results, visited),
	"staged": Staged(results, fetchSubject, func(ctx context.Context, _ Key, s Subject) (Subject, error) {
		return s, work(ctx)
	}, insertVisited),
	"batched": Batched(results, 3, func(ctx context.Context, tx *Tx, keys []Key) error {
		var fetched []Subject
		for _, k := range keys { // what is inserted is so after all the work: it takes the turn to write
			s, err := fetchSubject(ctx, tx, k)
			if err == nil {
				err = work(ctx)
			}
			if err != nil {
				return err
			}
			fetched = append(fetched, s)
		}
		for i, k := range keys {
			if err := insertVisited(ctx, tx, k, fetched[i]); err != nil {
				return err
			}
		}
		return nil
	}),
}

func visited(ctx context.Context, tx *Tx, key Key) error {
	s, err := fetchSubject(ctx, tx, key)
	if err == nil {
		err = work(ctx)
	}
	if err != nil {
		return err
	}
	return insertVisited(ctx, tx, key, s)
}

// work takes a while.
func work(ctx context.Context) error {
	select {
	case <-time.After(rand.N(2 * campaignPace)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func insertVisited(ctx context.Context, tx *Tx, key Key, s Subject) error {
	if err := query.Insert(ctx, tx, visits, Visit{rand.Int64(), key.SubjectID}); err != nil {
		return err
	}
	if err := query.Insert(ctx, tx, results, Result{key, 2 * s.Weight}); err != nil {
		return err
	}
	return query.Insert(ctx, tx, peaks, Peak{key, 0}, Peak{key, 1})
}

// TestCampaign has processes share the work, and everything happen to them that can: they are killed, and stopped for
// longer than their leases, their connections are cut, and the server is killed. At any moment each key has either a
// result, whole, or a job, and in the end all have a result that was committed once.
func TestCampaign(t *testing.T) {
	n, kills := 1600, 8
	if raceDetector {
		n, kills = 240, 6
	}
	deaths := 1 // of the server
	if more, err := strconv.Atoi(os.Getenv(envKills)); err == nil {
		n, kills, deaths = 200*more, more, 3 // make soak
	}
	t.Run("sqlite", func(t *testing.T) {
		c := newCampaign(t, "sqlite:"+t.TempDir()+"/test.db", n)
		c.run(map[string]int{"kill": kills, "stop": kills/4 + 1})
	})
	t.Run("mariadb", func(t *testing.T) {
		server := testdb.NewServer(t, "--innodb-flush-log-at-trx-commit=1")
		c := newCampaign(t, server.DSN(), n)
		c.server = server
		c.run(map[string]int{"kill": kills, "stop": kills/4 + 1, "cut": kills/4 + 1, "sever": kills/4 + 1, "crash": deaths})
	})
	t.Run("mysql", func(t *testing.T) {
		c := newCampaign(t, testdb.MySQL(t), n)
		c.run(map[string]int{"kill": kills, "stop": kills/4 + 1, "cut": kills/4 + 1, "sever": kills/4 + 1})
	})
}

// A campaign is a bench with processes that make results, and their troubles.
type campaign struct {
	*bench
	watch

	keys    int
	random  *rand.Rand
	workers []*process
	ended   []*process     // of those that were killed
	proxy   *testdb.Proxy  // nil for a file
	server  *testdb.Server // that can be killed; nil for others
	via     *bench         // through the proxy
}

func newCampaign(t *testing.T, dsn string, keys int) *campaign {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv(envSeed), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("%s=%d", envSeed, seed)
	c := &campaign{keys: keys, random: rand.New(rand.NewPCG(seed, 0)), bench: newBench(t, dsn, int32(keys))}
	c.refresh()
	c.via = c.bench
	if !c.db.Dialect().SingleWriter() {
		c.proxy = testdb.NewProxy(t, dsn)
		through := *c.bench
		through.dsn = c.proxy.DSN()
		c.via = &through
	}
	return c
}

// run has so many of each trouble happen in a random order, spread over the keys that are made meanwhile.
func (c *campaign) run(troubles map[string]int) {
	c.Helper()
	var order []func()
	for _, kind := range []struct {
		name string
		do   func()
	}{{"kill", c.kill}, {"stop", c.stop}, {"cut", c.cut}, {"sever", c.sever}, {"crash", c.crash}} {
		for range troubles[kind.name] {
			order = append(order, kind.do)
		}
	}
	c.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	began := time.Now()
	stopWatching := c.watchFrom(c.bench)
	for i := range campaignProcesses {
		c.workers = append(c.workers, c.start(i))
	}
	for i, happens := range order {
		c.await(c.keys * (i + 1) / (len(order) + 1))
		time.Sleep(time.Duration(c.random.IntN(20)) * time.Millisecond) // any moment will do
		happens()
	}
	for _, p := range c.workers {
		p.wait(c.bench)
	}
	stopWatching()
	given := c.statuses()["error"]
	c.finish()
	c.Logf("%d keys in %v: %v; %d leases lost, %d jobs given up, looked %d times", c.keys, time.Since(began).Round(time.Second),
		troubles, c.lost(), given, c.looks.Load())
}

// await waits until so many results are there, and wants all processes to go on until none are missing.
func (c *campaign) await(results int) {
	c.Helper()
	for began := time.Now(); int(c.made.Load()) < results; {
		if time.Since(began) > 2*time.Minute {
			require.Fail(c, "nothing goes on", "%v\n%s", c.statuses(), c.workers[0].out.String())
		}
		for _, p := range c.workers {
			select {
			case err := <-p.done:
				p.done <- err
				require.NoError(c, err, p.out.String())
				s, err := c.look(c.Context(), c.db)
				require.NoError(c, err)
				require.Equal(c, c.keys, s.Results+s.Errors, "a process has ended too early: %s", p.out.String())
			default:
			}
		}
		require.False(c, c.failed.Load(), "what was seen has been told")
		time.Sleep(time.Millisecond)
	}
}

func (c *campaign) victim() int { return c.random.IntN(len(c.workers)) }

// kill kills a process, and starts another.
func (c *campaign) kill() {
	i := c.victim()
	p := c.workers[i]
	_ = p.cmd.Process.Kill()
	if err := <-p.done; p.cmd.ProcessState.Exited() { // by itself, before
		require.NoError(c, err, p.out.String())
	}
	c.ended = append(c.ended, p)
	c.workers[i] = c.start(i)
}

// start starts the i-th process.
func (c *campaign) start(i int) *process {
	return start(c.via, "campaign "+forms[i%len(forms)])
}

// stop stops a process, for longer than its lease as a rule.
func (c *campaign) stop() {
	p := c.workers[c.victim()]
	_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	time.AfterFunc(campaignLease/2+time.Duration(c.random.Int64N(int64(3*campaignLease))), func() {
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
	})
}

// cut cuts connections between processes and the server: one, or all.
func (c *campaign) cut() {
	if c.random.IntN(2) == 0 {
		c.proxy.CutAll()
		return
	}
	c.proxy.CutOne()
}

// sever has the server end some of its connections.
func (c *campaign) sever() {
	var ids []int64
	require.Eventually(c, func() bool { // MySQL cannot tell of them while a statement with bytes in it is run
		ids = c.connections()
		return len(ids) > 0
	}, patience, time.Millisecond)
	for _, id := range ids {
		_, _ = c.db.Exec(c.Context(), "KILL CONNECTION "+strconv.FormatInt(id, 10)) // it may be gone
	}
}

// connections are the numbers of some that the server has, as far as it tells.
func (c *campaign) connections() (ids []int64) {
	rows, err := c.db.Query(c.Context(), "SELECT id FROM information_schema.processlist"+
		" WHERE command IN ('Query', 'Sleep') AND id <> CONNECTION_ID() ORDER BY RAND() LIMIT 5")
	if err != nil {
		return nil
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		if rows.Scan(&id) == nil {
			ids = append(ids, id)
		}
	}
	if rows.Err() != nil {
		return nil
	}
	return ids
}

// crash kills the server and starts it again.
func (c *campaign) crash() {
	c.server.Kill()
	require.NoError(c, c.server.Start())
}

// finish has what was given up made in peace, and wants all to be there, once.
func (c *campaign) finish() {
	c.Helper()
	_, err := c.queue.Retry(c.Context(), c.db, query.Rel{})
	require.NoError(c, err)
	start(c.bench, "campaign new").wait(c.bench)
	require.Empty(c, c.statuses())
	s, err := c.look(c.Context(), c.db)
	require.NoError(c, err)
	require.NoError(c, s.wrong())
	require.Equal(c, c.keys, s.Results)
}

// lost is how many leases processes were told that they had lost.
func (c *campaign) lost() (n int) {
	for _, p := range append(c.ended, c.workers...) {
		n += strings.Count(p.out.String(), "a job was taken by another process")
	}
	return n
}
