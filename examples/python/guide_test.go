package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

type subject struct{ Subject string }

var key1, key2 = SessionKey{"ada", 1}, SessionKey{"bob", 2}

// relations are the same in both languages.
var relations = []struct {
	python string
	here   query.Rel
}{
	{`Session()`, query.From(Sessions)},
	{`Session & "rate_hz > 100"`, query.From(Sessions).Where("rate_hz > ?", 100)},
	{`Session & {"subject": "ada"}`, query.From(Sessions).Match(subject{"ada"})},
	{`Session & [key1, key2]`, query.From(Sessions).Match(key1, key2)},
	{`Session - [key1]`, query.From(Sessions).NotMatch(key1)},
	{`Session & Spectrum`, query.From(Sessions).In(query.From(Spectra))},
	{`Session - Spectrum`, query.From(Sessions).NotIn(query.From(Spectra))},
	{`Session * Spectrum`, query.From(Sessions, Spectra)},
	{`Session.extend(Spectrum)`, query.From(Sessions).Extend(query.From(Spectra))},
	{`Session.proj()`, query.From(Sessions).Project()},
	{`Session.proj("rate_hz")`, query.From(Sessions).Project("rate_hz")},
	{`Session.proj(..., hz="rate_hz")`, query.From(Sessions).Project("...", "hz = rate_hz")},
	{`Session.proj(nyquist="rate_hz / 2")`, query.From(Sessions).Project("nyquist = rate_hz / 2")},
	{`Session.aggr(Spectrum.Line, n="count(hz)")`, query.From(Sessions).Aggregate(query.From(Lines), "n = count(hz)")},
	{`Session.aggr(Spectrum.Line, n="count(hz)", exclude_nonmatching=True)`, query.From(Sessions).AggregateMatching(query.From(Lines), "n = count(hz)")},
	{`dj.U("subject").aggr(Session, n="count(*)")`, query.Universal("subject").Aggregate(query.From(Sessions), "n = count(*)")},
	{`dj.U("subject") & Session`, query.Universal("subject").In(query.From(Sessions))},
	{`Session & dj.Top(3, "session DESC")`, query.From(Sessions).Top(3, "session DESC")},
	{`(Session & key1).proj() + (Session & key2).proj()`, query.From(Sessions).Match(key1).Project().Union(query.From(Sessions).Match(key2).Project())},
}

// A call is made in both languages. Where how is not empty it is what makes a number of the Python one, which the
// other one returns, too.
type call struct {
	python, how string
	here        func(ctx context.Context, db *rowmill.DB) (int, error)
}

var fetches = []call{
	{`Session.to_dicts()`, "len(%)", func(ctx context.Context, db *rowmill.DB) (int, error) {
		all, err := query.Fetch[Session](ctx, db, query.From(Sessions))
		return len(all), err
	}},
	{`for row in Session():`, "len(list(Session()))", func(ctx context.Context, db *rowmill.DB) (n int, err error) {
		for _, err := range query.Each[Session](ctx, db, query.From(Sessions)) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}},
	{`(Session & key1).fetch1()`, "%['session']", func(ctx context.Context, db *rowmill.DB) (int, error) {
		one, err := query.One[Session](ctx, db, query.From(Sessions).Match(key1))
		return int(one.Session), err
	}},
	{`Session.keys()`, "len(%)", func(ctx context.Context, db *rowmill.DB) (int, error) {
		keys, err := query.Keys[SessionKey](ctx, db, query.From(Sessions))
		return len(keys), err
	}},
	{`Session.to_arrays("rate_hz")`, "len(%)", func(ctx context.Context, db *rowmill.DB) (int, error) {
		rates, err := query.Column[float64](ctx, db, query.From(Sessions), "rate_hz")
		return len(rates), err
	}},
	{`len(Session())`, "%", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return query.Count(ctx, db, query.From(Sessions))
	}},
	{`bool(Session & key1)`, "int(%)", func(ctx context.Context, db *rowmill.DB) (int, error) {
		there, err := query.Exists(ctx, db, query.From(Sessions).Match(key1))
		if there {
			return 1, err
		}
		return 0, err
	}},
	{`Session().make_sql()`, "", func(_ context.Context, db *rowmill.DB) (int, error) {
		_, _, err := query.SQL(db, query.From(Sessions))
		return 0, err
	}},
	{`dj.Diagram.trace(Spectrum & key1)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return query.Count(ctx, db, query.Trace(query.From(Spectra).Match(key1)).Of(Sessions))
	}},
}

// row and rows are entered, and deleted.
var (
	row  = Session{SessionKey{"eve", 1}, 100, []float64{1, 2, 3, 4}}
	rows = []Session{{SessionKey{"eve", 2}, 100, nil}, {SessionKey{"eve", 3}, 100, nil}}
)

// changes enter, change and delete.
var changes = []call{
	{`Session.insert1(row)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return 0, query.Insert(ctx, db, Sessions, row)
	}},
	{`Session.insert(rows)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return 0, query.Insert(ctx, db, Sessions, rows...)
	}},
	{`Session.insert(rows, skip_duplicates=True)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return query.InsertMissing(ctx, db, Sessions, rows...)
	}},
	{`Session.insert(rows, replace=True)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return 0, query.Replace(ctx, db, Sessions, rows...)
	}},
	{`Session.update1(change)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		change := struct {
			SessionKey

			RateHz float64
		}{row.SessionKey, 200}
		return 0, query.Update(ctx, db, Sessions, change)
	}},
	{`(Session & {"subject": "eve"}).delete(prompt=False)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		deleted, err := query.Delete(ctx, db, query.From(Sessions).Match(subject{"eve"}), nil)
		return len(deleted), err
	}},
	{`dj.Diagram.cascade(Session & key1).counts()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		deleted, err := query.Delete(ctx, db, query.From(Sessions).Match(key1), &query.DeleteOptions{DryRun: true})
		return len(deleted), err
	}},
}

var declares = []call{
	{`dj.list_schemas()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		names, err := schema.List(ctx, db)
		return len(names), err
	}},
	{`dj.VirtualModule("lab", "spectra")`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		described, err := schema.Describe(ctx, db, "spectra")
		return len(described.Tables()), err
	}},
	{`Session().describe()`, "", func(context.Context, *rowmill.DB) (int, error) {
		return len(Sessions.Untyped().Definition()), nil
	}},
	{`Session().alter(prompt=False)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		alteration, err := Schema.Alter(ctx, db, nil)
		if err == nil {
			err = alteration.Run(ctx, db)
		}
		return 0, err
	}},
	{`dj.Diagram(schema)`, "", func(context.Context, *rowmill.DB) (int, error) {
		return len(Schema.Diagram().Mermaid()), nil
	}},
}

var populates = []call{
	{`Spectrum.populate(key1, reserve_jobs=True)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		report, err := MakeSpectra.Populate(ctx, db, quietly(populate.Options{Only: query.From(Sessions).Match(key1)}))
		return report.Made, err
	}},
	{`Spectrum.populate(reserve_jobs=True, max_calls=1)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		report, err := MakeSpectra.Populate(ctx, db, quietly(populate.Options{MaxCalls: 1}))
		return report.Made, err
	}},
	{`Spectrum.populate(reserve_jobs=True, priority=3)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		report, err := MakeSpectra.Populate(ctx, db, quietly(populate.Options{Priority: new(int8(3)), MaxPriority: new(int8(3))}))
		return report.Made, err
	}},
	{`Spectrum.populate(reserve_jobs=True, suppress_errors=True)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		report, err := MakeSpectra.Populate(ctx, db, quietly(populate.Options{Workers: 2}))
		return report.Made, err
	}},
	{`Spectrum.populate(reserve_jobs=True, suppress_errors=False)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		report, err := MakeSpectra.Populate(ctx, db, quietly(populate.Options{StopOnError: true}))
		return report.Made, err
	}},
	{`Spectrum.populate()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		report, err := MakeSpectra.Populate(ctx, db, quietly(populate.Options{Direct: true}))
		return report.Made, err
	}},
	{`Spectrum().progress()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		progress, err := MakeSpectra.Progress(ctx, db)
		return progress.Done, err
	}},
}

func quietly(o populate.Options) *populate.Options {
	o.Output = io.Discard
	return &o
}

var queues = []call{
	{`Spectrum().jobs.refresh()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		done, err := jobs.For(Spectra).Refresh(ctx, db, nil)
		return done.Added, err
	}},
	{`Spectrum().jobs.refresh(delay=60, priority=1)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		done, err := jobs.For(Spectra).Refresh(ctx, db, &jobs.RefreshOptions{Delay: time.Minute, Priority: new(int8(1))})
		return done.Added, err
	}},
	{`Spectrum().jobs.refresh(stale_timeout=3600, orphan_timeout=3600)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		done, err := jobs.For(Spectra).Refresh(ctx, db, &jobs.RefreshOptions{StaleTimeout: time.Hour, OrphanTimeout: time.Hour})
		return done.Removed, err
	}},
	{`len(Spectrum().jobs.pending)`, "%", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return query.Count(ctx, db, jobs.For(Spectra).With(jobs.Pending))
	}},
	{`Spectrum().jobs.errors.to_dicts()`, "len(%)", func(ctx context.Context, db *rowmill.DB) (int, error) {
		type failure struct {
			SessionKey
			jobs.Job
		}
		failures, err := query.Fetch[failure](ctx, db, jobs.For(Spectra).With(jobs.Error))
		return len(failures), err
	}},
	{`Spectrum().jobs.progress()`, "%['total']", func(ctx context.Context, db *rowmill.DB) (int, error) {
		states, err := jobs.For(Spectra).Progress(ctx, db)
		total := 0
		for _, n := range states {
			total += n
		}
		return total, err
	}},
	{`Spectrum().jobs.ignore(key1)`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return 0, jobs.For(Spectra).Ignore(ctx, db, key2, "no signal")
	}},
	{`Spectrum().jobs.errors.delete()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return jobs.For(Spectra).Retry(ctx, db, query.Rel{})
	}},
	{`Spectrum().jobs.ignored.delete()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		return jobs.For(Spectra).Clear(ctx, db, query.Rel{}, jobs.Ignore)
	}},
	{`Spectrum().jobs.delete()`, "", func(ctx context.Context, db *rowmill.DB) (int, error) {
		moved, err := jobs.For(Spectra).Reschedule(ctx, db, query.From(Sessions), 0)
		if err != nil {
			return moved, err
		}
		return jobs.For(Spectra).Reprioritize(ctx, db, query.From(Sessions), 5)
	}},
}

// TestGuide makes each call of the guide in both languages, on the database of lab.py.
func TestGuide(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		asDataJoint(t, dsn)
		peer := testdb.StartPython(t, dsn, nil)
		peer.Do(`sys.path.insert(0, '.')
sys.dont_write_bytecode = True
from lab import *
enter(4)
key1, key2 = {"subject": "ada", "session": 1}, {"subject": "bob", "session": 2}
row = {"subject": "eve", "session": 1, "rate_hz": 100, "signal": np.arange(4.0)}
rows = [{**row, "session": 2}, {**row, "session": 3}]
change = {"subject": "eve", "session": 1, "rate_hz": 200}
`)
		ctx := t.Context()
		db, err := rowmill.Open(ctx, "")
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, Schema.Declare(ctx, db))
		for _, c := range slices.Concat(declares, populates[:1]) {
			both(t, peer, db, c)
		}
		for _, r := range relations {
			both(t, peer, db, call{r.python, "len(%)", func(ctx context.Context, db *rowmill.DB) (int, error) { return query.Count(ctx, db, r.here) }})
		}
		for _, c := range slices.Concat(fetches, queues, populates) {
			both(t, peer, db, c)
		}
		for _, c := range changes { // the last but one deletes what was entered, so that the other may enter it again
			peer.Do(c.python)
		}
		for _, c := range changes {
			_, err := c.here(ctx, db)
			require.NoError(t, err, c.python)
		}
	})
}

// both makes a call in both languages.
func both(t *testing.T, peer *testdb.PythonPeer, db *rowmill.DB, c call) {
	t.Helper()
	n, err := c.here(t.Context(), db)
	require.NoError(t, err, c.python)
	if c.how == "" {
		peer.Do(c.python)
		return
	}
	var theirs int
	peer.Ask(string(bytes.ReplaceAll([]byte(c.how), []byte("%"), []byte(c.python))), &theirs)
	require.Equal(t, theirs, n, c.python)
}
