package populate

import (
	"context"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

var (
	clockTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?`)
	spanTime  = regexp.MustCompile(`(\(|in )[0-9hms.]+( ago\)|, at|, by)`)
)

// timeless is a sentence with T for each time, and D for each duration.
func timeless(text string) string {
	return spanTime.ReplaceAllString(clockTime.ReplaceAllString(text, "T"), "${1}D${2}")
}

// reserve reserves the job of a subject, as another process would.
func (b *bench) reserve(subject int32, lease time.Duration) *jobs.Reservation {
	b.Helper()
	w := &jobs.Worker{Host: "elsewhere", PID: 1234, Lease: lease}
	require.NoError(b, w.Identify(b.Context(), b.db))
	r, err := b.queue.Reserve(b.Context(), b.db, w, Key{subject})
	require.NoError(b, err)
	require.NotNil(b, r)
	return r
}

// inTrouble brings 20 subjects into as many states.
func inTrouble(b *bench) {
	ctx, q := b.Context(), b.queue
	one := func(subject int32) query.Rel { return query.From(subjects).Match(Key{subject}) }
	must := func(_ int, err error) { b.Helper(); require.NoError(b, err) }
	b.populate(simple, func(o *Options) { o.Only = one(1) })
	b.behind(2)
	b.refresh()
	must(q.Reprioritize(ctx, b.db, one(3), 1))
	must(q.Reprioritize(ctx, b.db, one(4), 2))
	must(q.Reprioritize(ctx, b.db, one(5), 3))
	must(q.Reschedule(ctx, b.db, one(6), time.Hour))
	require.NoError(b, q.Postpone(ctx, b.db, b.reserve(7, time.Hour), time.Hour, "not ready, perhaps in 1h0m0s"))
	b.reserve(8, time.Hour)
	b.reserve(9, time.Hour)
	b.exec("UPDATE %s SET _token = NULL, _lease_until = NULL WHERE subject_id = 9")
	b.reserve(10, -time.Hour)
	require.NoError(b, q.Error(ctx, b.db, b.reserve(11, time.Hour), jobs.Failure{Message: "the file is damaged."}))
	require.NoError(b, q.Error(ctx, b.db, b.reserve(12, time.Hour), jobs.Failure{Message: "what? no"}))
	b.exec("UPDATE %s SET _attempts = 3 WHERE subject_id = 12")
	require.NoError(b, q.Ignore(ctx, b.db, Key{13}, "a test animal"))
	require.NoError(b, q.Ignore(ctx, b.db, Key{14}, ""))
	b.exec("UPDATE %s SET status = 'success', completed_time = created_time WHERE subject_id = 15")
	must(q.Clear(ctx, b.db, one(16), jobs.Pending))
	require.NoError(b, q.Error(ctx, b.db, b.reserve(18, time.Hour), jobs.Failure{Message: "too busy", Again: true, After: time.Hour}))
	must(q.Reprioritize(ctx, b.db, one(19), 4))
	b.exec("UPDATE %s SET _attempts = 2, _deaths = 2 WHERE subject_id = 19")                     // as a rescue would
	_, err := query.Delete(ctx, b.db, query.From(subjects).Where("subject_id IN (17, 20)"), nil) // with their jobs
	require.NoError(b, err)
	require.NoError(b, q.Ignore(ctx, b.db, Key{20}, "no longer there"))
}

func TestWhy(t *testing.T) {
	each(t, 20, func(b *bench) {
		inTrouble(b)
		maker := New(results, simple)
		who := "by process 1234 on elsewhere"
		if user := b.job(8).User; user != "" { // which SQLite has none of
			who += ", user " + user
		}
		b.exec("UPDATE %s SET user = '' WHERE subject_id = 10")
		queues := "Populate, or Refresh of its queue, queues it"
		retries := "Retry of its queue, or Options.RetryErrors, queues it again"
		for subject, want := range []struct {
			state State
			text  string
		}{
			{StateNotDue, "Result of subject_id=0 is not due: there is no Subject with subject_id=0."},
			{StateMade, "Result of subject_id=1 is made: begun at T, in D, by version v1."},
			{StateMade, "Result of subject_id=2 is made: when, in which time and by which version is not known."},
			{StateQueued, "Result of subject_id=3 is queued: it is next."},
			{StateQueued, "Result of subject_id=4 is queued: 1 job comes before it."},
			{StateQueued, "Result of subject_id=5 is queued: 2 jobs come before it."},
			{StateLater, "Result of subject_id=6 is scheduled for later: in D, at T by the server's clock."},
			{StateLater, "Result of subject_id=7 is scheduled for later: in D, at T by the server's clock: not ready, perhaps in 1h0m0s."},
			{StateReserved, "Result of subject_id=8 is being made since T (D ago) " + who + "; its lease is good until T."},
			{StateReserved, "Result of subject_id=9 is being made since T (D ago) " + who +
				"; it has no lease, as those of DataJoint for Python: if its worker died, RefreshOptions.OrphanTimeout frees it."},
			{StateReserved, "Result of subject_id=10 is being made since T (D ago) by process 1234 on elsewhere" +
				"; its lease ran out at T, so that " + queues + " again."},
			{StateFailed, "Result of subject_id=11 is an error since T (D ago): it was tried once, with the error: the file is damaged; " + retries + "."},
			{StateFailed, "Result of subject_id=12 is an error since T (D ago): it was tried 3 times, with the error: what? no; " + retries + "."},
			{StateIgnored, "Result of subject_id=13 is ignored since T (D ago): a test animal."},
			{StateIgnored, "Result of subject_id=14 is ignored since T (D ago): no reason was given."},
			{StateGone, "Result of subject_id=15 was made at T (D ago), and its row is gone: " + queues + " again."},
			{StateNotQueued, "Result of subject_id=16 is not queued yet: " + queues + "."},
			{StateNotDue, "Result of subject_id=17 is not due: there is no Subject with subject_id=17."},
			{StateLater, "Result of subject_id=18 is scheduled for later: in D, at T by the server's clock. So far it was tried once, with the error: too busy."},
			{StateQueued, "Result of subject_id=19 is queued: 3 jobs come before it. So far it was tried 2 times."},
			{StateIgnored, "Result of subject_id=20 is ignored since T (D ago): no longer there. It is no longer due: there is no Subject with subject_id=20."},
		} {
			why, err := maker.Why(b.Context(), b.db, Key{int32(subject)})
			require.NoError(b, err)
			require.Equal(b, want.text, timeless(why.String()), why.String())
			require.Equal(b, want.state, why.State)
		}
	})
}

// TestWhyTells looks at what an explanation has beside its sentences.
func TestWhyTells(t *testing.T) {
	each(t, 20, func(b *bench) {
		inTrouble(b)
		why := func(m *Maker, subject int32) Explanation {
			e, err := m.Why(b.Context(), b.db, &Key{subject})
			require.NoError(b, err)
			return e
		}
		maker := New(results, simple)
		made := why(maker, 1)
		require.Equal(b, "v1", made.Made.Version)
		require.True(b, made.Due)
		require.Nil(b, made.Job)
		require.WithinDuration(b, made.Now, made.Made.Started, time.Minute)
		require.Equal(b, &Key{1}, made.Key)
		later := why(maker, 6)
		require.InDelta(b, time.Hour.Seconds(), later.Job.ScheduledTime.Sub(later.Now).Seconds(), 60)
		require.InDelta(b, time.Hour.Seconds(), why(maker, 8).LeaseUntil.Sub(later.Now).Seconds(), 60)
		require.Equal(b, Explanation{
			Table: "Result", Key: &Key{17}, Text: "subject_id=17", State: StateNotDue, Now: later.Now,
			Missing: []Missing{{"Subject", "subject_id=17", false}},
		}, func() Explanation { e := why(maker, 17); e.Now = later.Now; return e }())

		light := maker.From(query.From(subjects).Where("weight < 5"))
		require.Equal(b, "Result of subject_id=16 is not due: it is not among the keys of From.", why(light, 16).String())
		require.Equal(b, "Result of subject_id=17 is not due: there is no Subject with subject_id=17.", why(light, 17).String())
		require.Equal(b, "Result of subject_id=5 is queued: 2 jobs come before it. It is no longer due: it is not among the keys of From.", why(light, 5).String())
		require.Regexp(b, "^Result of subject_id=1 is made: begun at .*, by version v1.$", why(light, 4-3).String())

		b.exec("DROP TABLE %s")
		require.Equal(b, StateMade, why(maker, 1).State)
		require.Equal(b, StateNotQueued, why(maker, 8).State, "without a queue")
	})
}

// TestWhyClimbs finds what is missing upstream.
func TestWhyClimbs(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, family1(ctx, db))
		var (
			left  = New(lefts, func(context.Context, *Tx, Call) error { return nil })
			both  = New(boths, func(context.Context, *Tx, Call) error { return nil })
			pair  = New(pairs, func(context.Context, *Tx, PairKey) error { return nil })
			swap  = New(swaps, func(context.Context, *Tx, PairKey) error { return nil })
			loan  = New(loans, func(context.Context, *Tx, LoanKey) error { return nil })
			probe = New(ofParts, func(context.Context, *Tx, Probe) error { return nil })
		)
		for _, c := range []struct {
			maker *Maker
			key   any
			want  string
		}{
			{left, Call{1, 11}, "Left of person=1 call=11 is not queued yet: Populate, or Refresh of its queue, queues it."},
			{left, Call{1, 12}, "Left of person=1 call=12 is not due: there is no Call with person=1 call=12."},
			{left, Call{9, 12}, "Left of person=9 call=12 is not due: there is no Call with person=9 call=12; and no Person with person=9."},
			{both, Call{1, 11}, "Both of person=1 call=11 is not due: there is no Left with person=1 call=11, which its own maker makes; " +
				"and no Right with person=1 call=11, which its own maker makes."},
			{both, Call{1, 10}, "Both of person=1 call=10 is not queued yet: Populate, or Refresh of its queue, queues it."},
			{pair, PairKey{1, 2}, "Pair of a=1 b=2 is made: when, in which time and by which version is not known."},
			{pair, PairKey{1, 9}, "Pair of a=1 b=9 is not due: there is no Person with person=9."},
			{pair, PairKey{8, 9}, "Pair of a=8 b=9 is not due: there is no Person with person=8; and no Person with person=9."},
			{pair, PairKey{9, 9}, "Pair of a=9 b=9 is not due: there is no Person with person=9."},
			{swap, PairKey{1, 9}, "Swap of b=9 a=1 is not due: there is no Pair with a=9 b=1, which its own maker makes; and no Person with person=9."},
			{loan, LoanKey{Call{1, 12}, 7}, "Loan of person=1 call=12 borrower=7 is not due: there is no Call with person=1 call=12; and no Person with person=7."},
			{probe, Probe{Call{1, 10}, 5}, "OfPart of person=1 call=10 probe=5 is not queued yet: Populate, or Refresh of its queue, queues it."},
			{probe, Probe{Call{1, 12}, 5}, "OfPart of person=1 call=12 probe=5 is not due: there is no Call.Probe with person=1 call=12 probe=5; and no Call with person=1 call=12."},
			{probe, map[string]any{"person": 1, "call": 10, "probe": 7}, "OfPart of person=1 call=10 probe=7 is not due: there is no Call.Probe with person=1 call=10 probe=7."},
		} {
			why, err := c.maker.Why(ctx, db, c.key)
			require.NoError(t, err)
			require.Equal(t, c.want, why.String())
		}
	})
}

func TestWhyRefuses(t *testing.T) {
	each(t, 1, func(b *bench) {
		maker, twin := New(results, simple), New(pairs, func(context.Context, *Tx, PairKey) error { return nil })
		for _, c := range []struct {
			maker *Maker
			key   any
			want  string
		}{
			{maker, 7, "why of a key of Result: a int cannot be matched: a struct or a map[string]any of attributes is wanted"},
			{maker, nil, "a <nil> cannot be matched"},
			{maker, (*Key)(nil), "a *populate.Key cannot be matched"},
			{maker, Subject{}, `the field Weight stands for an attribute "weight", which is not there`},
			{maker, struct{ SubjectID string }{"x"}, `the field SubjectID: "subject_id"`},
			{twin, struct{ A int32 }{1}, "the struct { A int32 } has no b: the whole key is wanted, which is a, b"},
			{twin, map[string]any{"a": 1, "bb": 2}, "bb"},
			{twin, PairKey{1, 2}, "why of a key of Pair: "}, // its table was not declared
		} {
			_, err := c.maker.Why(b.Context(), b.db, c.key)
			require.ErrorContains(b, err, c.want)
		}
		_, err := twin.Why(b.Context(), b.db, PairKey{1, 2})
		require.ErrorIs(b, err, rowmill.ErrNoTable)
	})
}

// The tables of keys of many types.
var zoo = schema.New("zoo")

type (
	CageKey struct {
		Day  time.Time
		Code uuid.UUID
		Name string
		At   time.Time
		Open bool
	}
	Cage  struct{ CageKey }
	Clean struct{ CageKey }
)

var (
	cages = schema.Manual[Cage](zoo, `
		day : date
		code : uuid
		name : varchar(20)
		at : datetime(3)
		open : bool
	`)
	cleans = schema.Computed[Clean](zoo, `-> Cage`, cages)
)

// TestKeysOfManyTypes explains and groups by keys that servers keep in other forms than people read.
func TestKeysOfManyTypes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, zoo.Declare(ctx, db))
		key := func(day int, name string) CageKey {
			at := time.Date(2026, 5, day, 12, 30, 0, 250e6, time.UTC)
			return CageKey{at.Truncate(24 * time.Hour), uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), name, at, true}
		}
		require.NoError(t, query.Insert(ctx, db, cages, Cage{key(1, "ape")}, Cage{key(1, "bär")}, Cage{key(2, "cat")}))
		maker := New(cleans, func(context.Context, *Tx, CageKey) error { return nil })
		require.NoError(t, maker.queue.Declare(ctx, db))
		_, err = maker.queue.Refresh(ctx, db, nil)
		require.NoError(t, err)
		for i, name := range []string{"ape", "bär"} {
			_, err := maker.queue.Reprioritize(ctx, db, query.From(cages).Where("name = ?", name), int8(i))
			require.NoError(t, err)
		}
		for _, c := range []struct {
			key  CageKey
			want string
		}{
			{key(2, "cat"), "Clean of day=2026-05-02 code=6ba7b810-9dad-11d1-80b4-00c04fd430c8 name=cat at=2026-05-02 12:30:00.25 open=true is queued: 2 jobs come before it."},
			{key(3, "dog"), "Clean of day=2026-05-03 code=6ba7b810-9dad-11d1-80b4-00c04fd430c8 name=dog at=2026-05-03 12:30:00.25 open=true is not due: " +
				"there is no Cage with day=2026-05-03 code=6ba7b810-9dad-11d1-80b4-00c04fd430c8 name=dog at=2026-05-03 12:30:00.25 open=true."},
		} {
			why, err := maker.Why(ctx, db, c.key)
			require.NoError(t, err)
			require.Equal(t, c.want, why.String())
		}
		by, err := maker.ProgressBy(ctx, db, "day", "code")
		require.NoError(t, err)
		require.Equal(t, ""+
			"day         code                                  total  done  pending  later  reserved  errors  ignored\n"+
			"2026-05-01  6ba7b810-9dad-11d1-80b4-00c04fd430c8      2     0        2      0         0       0        0\n"+
			"2026-05-02  6ba7b810-9dad-11d1-80b4-00c04fd430c8      1     0        1      0         0       0        0", by.String())
		by, err = maker.ProgressBy(ctx, db, "name", "at", "open")
		require.NoError(t, err)
		require.Len(t, by.Groups, 3)
		require.Equal(t, Counts{Total: 1, Pending: 1}, by.Groups[1].Counts)
	})
}

// TestLookingFromFarAway has somebody who may only read ask a server whose clock is in a zone ten hours from his.
func TestLookingFromFarAway(t *testing.T) {
	here := time.Local
	t.Cleanup(func() { time.Local = here })
	time.Local = time.FixedZone("client", 5*3600)
	dsn := testdb.NewServer(t, "--default-time-zone=-05:00").DSN()
	b := newBench(t, dsn, 5)
	b.populate(simple, func(o *Options) { o.Only = query.From(subjects).Where("subject_id = 1") })
	b.refresh()
	_, err := b.queue.Reschedule(b.Context(), b.db, query.From(subjects).Where("subject_id > 3"), time.Hour)
	require.NoError(t, err)
	b.reserve(2, time.Minute)
	for _, statement := range []string{"CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'", "GRANT SELECT ON *.* TO reader@'127.0.0.1'"} {
		_, err := b.db.Exec(b.Context(), statement)
		require.NoError(t, err)
	}
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.UserPassword("reader", "secret")
	b.db, err = rowmill.Open(t.Context(), u.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.db.Close() })

	maker := New(results, simple)
	p := b.progress(maker)
	require.Positive(t, p.Rate)
	require.Equal(t, Counts{Total: 5, Done: 1, Pending: 3, Later: 2, Reserved: 1}, p.Counts)
	by, err := maker.ProgressBy(t.Context(), b.db, "subject_id")
	require.NoError(t, err)
	require.Equal(t, Counts{Total: 1, Pending: 1, Later: 1}, by.Groups[3].Counts)
	for subject, want := range map[int32]string{
		2: `being made since .* \([0-9.]+m?s ago\) by .* good until`,
		3: "it is next",
		4: "for later: in (59m5[0-9]s|1h0m), at",
	} {
		why, err := maker.Why(t.Context(), b.db, Key{subject})
		require.NoError(t, err)
		require.Regexp(t, want, why.String())
	}
}
