package populate

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

func (b *bench) progress(m *Maker) Progress {
	b.Helper()
	p, err := m.Progress(b.Context(), b.db)
	require.NoError(b, err)
	return p
}

func TestProgress(t *testing.T) {
	each(t, 6, func(b *bench) {
		maker := New(results, simple)
		require.Equal(b, "Result: 0 of 6 done; none made lately, time left unknown", b.progress(maker).String(), "without a queue")
		theirs := b.other(time.Hour, 2)
		require.NoError(b, b.queue.Error(b.Context(), b.db, theirs[0], jobs.Failure{Message: "no"}))
		require.NoError(b, b.queue.Ignore(b.Context(), b.db, Key{6}, "no"))
		_, err := b.queue.Reschedule(b.Context(), b.db, query.From(subjects).Where("subject_id = 4"), time.Hour)
		require.NoError(b, err)
		b.behind(5)
		require.Equal(b, Progress{Table: "Result", Counts: Counts{Total: 6, Done: 1, Pending: 3, Later: 1, Reserved: 1, Errors: 1, Ignored: 1}}, b.progress(maker))
		require.Equal(b, "Result: 1 of 6 done, 1 being made, 2 waiting, 1 scheduled for later, 1 failed, 1 ignored; none made lately, time left unknown",
			b.progress(maker).String())
		require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key: Key{7}}))
		b.populate(simple, func(o *Options) { o.LeaveOthers = true })
		p := b.progress(maker)
		require.Regexp(b, `^Result: 3 of 7 done, 1 being made, 1 scheduled for later, 1 failed, 1 ignored; [0-9.]+ a (second|minute), about [0-9.]+m?s left$`, p.String())
		require.Equal(b, 2, p.Left())
		b.populate(simple, func(o *Options) { o.Only, o.LeaveOthers = query.From(subjects).Where("subject_id = 7"), true })
		heavy := b.progress(maker.From(query.From(subjects).Where("weight > 5.5")))
		require.Equal(b, 1, heavy.Total, "6 alone")
		require.Zero(b, heavy.Done)
	})
}

// TestProgressOfSeveralRowsAKey counts keys, where what they come from has more rows than keys.
func TestProgressOfSeveralRowsAKey(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, family1(t.Context(), db))
		maker := New(lefts, func(context.Context, *Tx, Call) error { return nil }).From(query.From(probes))
		p, err := maker.Progress(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, Counts{Total: 3, Done: 1}, p.Counts, "4 probes, of 3 calls")
		by, err := maker.ProgressBy(t.Context(), db, "person")
		require.NoError(t, err)
		require.Equal(t, []GroupProgress{
			{map[string]any{"person": int64(1)}, Counts{Total: 2, Done: 1}},
			{map[string]any{"person": int64(2)}, Counts{Total: 1}},
		}, by.Groups)
	})
}

// TestProgressIsASnapshot looks while workers work: each key has either a row or a job, and never both.
func TestProgressIsASnapshot(t *testing.T) {
	const n = 150
	each(t, n, func(b *bench) {
		b.refresh()
		maker := New(results, simple)
		ended := make(chan error, 1)
		go func() {
			_, err := maker.Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers = 4 }))
			ended <- err
		}()
		for looks := 0; ; looks++ {
			p := b.progress(maker)
			require.Equal(b, n, p.Done+p.Pending+p.Reserved, "%+v", p)
			by, err := maker.ProgressBy(b.Context(), b.db, "subject_id")
			require.NoError(b, err)
			require.Len(b, by.Groups, n)
			for _, g := range by.Groups {
				require.Equal(b, 1, g.Done+g.Pending+g.Reserved, "%+v", g)
			}
			if p.Done == n {
				require.NoError(b, <-ended)
				require.NotZero(b, looks)
				return
			}
		}
	})
}

// TestRate goes by the rows of the last minutes, whoever made them.
func TestRate(t *testing.T) {
	each(t, 40, func(b *bench) {
		maker := New(results, simple)
		stamp := func(ago, took float64, keys ...int32) {
			b.behind(keys...)
			for _, k := range keys {
				_, err := b.db.Exec(b.Context(), "UPDATE "+b.db.Dialect().Table("lab", "__result")+
					" SET _job_start_time = "+b.db.Dialect().After()+", _job_duration = ? WHERE subject_id = ?", -ago, took, k)
				require.NoError(b, err)
			}
		}
		stamp(3600, 1, 1, 2, 3)
		require.Zero(b, b.progress(maker).Rate, "an hour ago")
		stamp(100, 1, 4, 5, 6)
		p := b.progress(maker)
		require.InDelta(b, 0.03, p.Rate, 0.003)
		left, known := p.ETA()
		require.True(b, known)
		require.InDelta(b, 34/0.03, left.Seconds(), 120)
		stamp(500, 400, 7, 8, 9, 10, 11, 12, 13)
		require.InDelta(b, 10.0/500, b.progress(maker).Rate, 0.002, "of longer makes")
	})
}

func TestRateOf(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	made := func(n int, ago time.Duration, took float32) (rows []stamp) {
		started := now.Add(-ago)
		for range n {
			rows = append(rows, stamp{&started, &took})
		}
		return rows
	}
	for what, c := range map[string]struct {
		rows []stamp
		want float64
	}{
		"none":                           {nil, 0},
		"of a run that has just begun":   {made(60, 30*time.Second, 1), 2},
		"of the last five minutes":       {append(made(300, 299*time.Second, 1), made(900, 10*time.Minute, 1)...), 300.0 / 299},
		"begun before these":             {made(30, 6*time.Minute, 70), 30.0 / 300},
		"of makes of twenty minutes":     {made(2, 40*time.Minute, 1200), 2.0 / 2400},
		"that ended too long ago":        {made(2, 6*time.Hour, 1200), 0},
		"of a make that told no time":    {[]stamp{{Started: made(1, time.Minute, 0)[0].Started}}, 1.0 / 60},
		"at this moment":                 {made(1, 0, 0), 1000},
		"begun, by a clock that is fast": {made(2, -time.Second, 0), 2000},
	} {
		require.InDelta(t, c.want, rateOf(c.rows, now), 1e-9, what)
	}
}

func TestProgressString(t *testing.T) {
	counts := func(total, done, errors int) Counts { return Counts{Total: total, Done: done, Errors: errors} }
	for want, p := range map[string]Progress{
		"Result: 28 of 30 done, 2 failed":                                                                  {Counts: counts(30, 28, 2)},
		"Result: 0 of 0 done":                                                                              {},
		"Result: 30 of 30 done":                                                                            {Counts: counts(30, 30, 0), Rate: 5},
		"Result: 10 of 30 done; none made lately, time left unknown":                                       {Counts: counts(30, 10, 0)},
		"Result: 10 of 30 done; 2.5 a second, about 8s left":                                               {Counts: counts(30, 10, 0), Rate: 2.5},
		"Result: 10 of 30 done; 120 a second, about 167ms left":                                            {Counts: counts(30, 10, 0), Rate: 120},
		"Result: 10 of 1000 done, 3 failed; 12 a minute, about 1h22m left":                                 {Counts: counts(1000, 10, 3), Rate: 0.2},
		"Result: 10 of 30 done; 3 an hour, about 6h40m left":                                               {Counts: counts(30, 10, 0), Rate: 3.0 / 3600},
		"Result: 0 of 1000000000000000 done; 0.4 an hour, about 1281023h54m left":                          {Counts: counts(1e15, 0, 0), Rate: 0.4 / 3600},
		"Result: 6 of 9 done, 3 scheduled for later":                                                       {Counts: Counts{Total: 9, Done: 6, Pending: 3, Later: 3}, Rate: 1},
		"Result: 1 of 9 done, 2 being made, 1 waiting, 3 scheduled for later; 1 a minute, about 8m0s left": {Counts: Counts{Total: 9, Done: 1, Reserved: 2, Pending: 4, Later: 3}, Rate: 1.0 / 60},
	} {
		p.Table = "Result"
		require.Equal(t, want, p.String())
	}
}

func TestProgressJSON(t *testing.T) {
	for want, p := range map[string]Progress{
		`{"table":"Result","total":9,"done":1,"pending":4,"later":3,"reserved":2,"errors":1,"ignored":0,"rate_per_second":0.5,"left":7,"eta_seconds":14}`: {
			"Result", Counts{Total: 9, Done: 1, Reserved: 2, Pending: 4, Later: 3, Errors: 1}, 0.5},
		`{"table":"Result","total":2,"done":1,"pending":0,"later":0,"reserved":0,"errors":0,"ignored":0,"rate_per_second":null,"left":1,"eta_seconds":null}`: {
			"Result", Counts{Total: 2, Done: 1}, 0},
		`{"table":"Result","total":1,"done":1,"pending":0,"later":0,"reserved":0,"errors":0,"ignored":0,"rate_per_second":null,"left":0,"eta_seconds":0}`: {
			"Result", Counts{Total: 1, Done: 1}, 0},
	} {
		text, err := json.Marshal(p)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
		var read Progress
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, p, read)
	}
}

func TestProgressBy(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, family1(ctx, db))
		maker := New(lefts, func(context.Context, *Tx, Call) error { return nil })
		by := func(attrs ...string) Breakdown {
			b, err := maker.ProgressBy(ctx, db, attrs...)
			require.NoError(t, err)
			return b
		}
		require.Equal(t, ""+
			"person  total  done  pending  later  reserved  errors  ignored\n"+
			"1           2     1        0      0         0       0        0\n"+
			"2           1     0        0      0         0       0        0\n"+
			"3           1     0        0      0         0       0        0", by("person").String(), "without a queue")

		q := maker.queue
		require.NoError(t, q.Declare(ctx, db))
		require.NoError(t, query.Insert(ctx, db, calls, Call{4, 10}, Call{4, 11}))
		_, err = q.Refresh(ctx, db, nil)
		require.NoError(t, err)
		only := func(person int) query.Rel { return query.From(calls).Where("person = ?", person) }
		_, err = q.Reschedule(ctx, db, only(2), time.Hour)
		require.NoError(t, err)
		_, err = q.Clear(ctx, db, only(3), jobs.Pending)
		require.NoError(t, err)
		r, err := q.Reserve(ctx, db, &jobs.Worker{Lease: time.Hour}, Call{4, 10})
		require.NoError(t, err)
		require.NoError(t, q.Error(ctx, db, r, jobs.Failure{Message: "no"}))
		require.NoError(t, q.Ignore(ctx, db, Call{4, 11}, ""))
		require.NoError(t, q.Ignore(ctx, db, Call{0, 10}, ""))
		r, err = q.Reserve(ctx, db, &jobs.Worker{Lease: time.Hour}, Call{1, 11})
		require.NoError(t, err)
		require.NotNil(t, r)
		require.Equal(t, ""+
			"person  total  done  pending  later  reserved  errors  ignored\n"+
			"1           2     1        0      0         1       0        0\n"+
			"2           1     0        1      1         0       0        0\n"+
			"3           1     0        0      0         0       0        0\n"+
			"4           2     0        0      0         0       1        1\n"+
			"0           0     0        0      0         0       0        1", by("person").String())
		require.Equal(t, Breakdown{Table: "Left", By: []string{"call", "person"}, Groups: []GroupProgress{
			{map[string]any{"call": int64(10), "person": int64(1)}, Counts{Total: 1, Done: 1}},
			{map[string]any{"call": int64(10), "person": int64(2)}, Counts{Total: 1, Pending: 1, Later: 1}},
			{map[string]any{"call": int64(10), "person": int64(3)}, Counts{Total: 1}},
			{map[string]any{"call": int64(10), "person": int64(4)}, Counts{Total: 1, Errors: 1}},
			{map[string]any{"call": int64(11), "person": int64(1)}, Counts{Total: 1, Reserved: 1}},
			{map[string]any{"call": int64(11), "person": int64(4)}, Counts{Total: 1, Ignored: 1}},
			{map[string]any{"call": int64(10), "person": int64(0)}, Counts{Ignored: 1}},
		}}, by("call", "person"))
		text, err := json.Marshal(by("call"))
		require.NoError(t, err)
		require.JSONEq(t, `{"table":"Left","by":["call"],"groups":[`+
			`{"key":{"call":10},"total":4,"done":1,"pending":1,"later":1,"reserved":0,"errors":1,"ignored":1},`+
			`{"key":{"call":11},"total":2,"done":0,"pending":0,"later":0,"reserved":1,"errors":0,"ignored":1}]}`, string(text))

		for wanted, attrs := range map[string][]string{
			`progress of Left by persn: no such attribute: "persn" is not in the key, which is person, call; did you mean "person"?`: {"persn"},
			`progress of Left by : an attribute of the key is wanted, which is person, call; Progress is for all keys at once`:       {},
			`progress of Left by call, call: "call" is mentioned twice`:                                                              {"call", "call"},
		} {
			_, err := maker.ProgressBy(ctx, db, attrs...)
			require.ErrorContains(t, err, wanted)
		}
		_, err = New(others, func(context.Context, *Tx, Key) error { return nil }).ProgressBy(ctx, db, "subject_id")
		require.ErrorIs(t, err, rowmill.ErrNoTable, "which nobody has declared")
	})
}

// TestOverview shows a pipeline, what others come from first.
func TestOverview(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db := openPlant(t, dsn, 12)
		makers := plantMakers(func(string) {})
		all, err := Overview(ctx, db, makers...)
		require.NoError(t, err)
		require.Equal(t, ""+
			"table    total  done  pending  later  reserved  errors  ignored  rate  time left\n"+
			"Raw         12     0        0      0         0       0        0     ?          ?\n"+
			"LeftOf       0     0        0      0         0       0        0     ?         0s\n"+
			"RightOf      0     0        0      0         0       0        0     ?         0s\n"+
			"Side         0     0        0      0         0       0        0     ?         0s\n"+
			"BothOf       0     0        0      0         0       0        0     ?         0s\n"+
			"End          0     0        0      0         0       0        0     ?         0s", all.String())
		_, err = makers[len(makers)-1].Populate(ctx, db, (&bench{T: t, db: db, out: &testdb.Buffer{}, log: &testdb.Buffer{}}).options(nil))
		require.NoError(t, err)
		all, err = Overview(ctx, db, makers[0], makers[len(makers)-1], makers[2])
		require.NoError(t, err)
		require.Regexp(t, `^table +total .*\nRaw +12 +12 .* a (second|minute) +0s\nRightOf +12 +0 .*\?\nEnd +0 +0 .*0s$`, all.String())
		text, err := json.Marshal(all[1:])
		require.NoError(t, err)
		require.JSONEq(t, `[{"table":"RightOf","total":12,"done":0,"pending":0,"later":0,"reserved":0,"errors":0,"ignored":0,"rate_per_second":null,"left":12,"eta_seconds":null},`+
			`{"table":"End","total":0,"done":0,"pending":0,"later":0,"reserved":0,"errors":0,"ignored":0,"rate_per_second":null,"left":0,"eta_seconds":0}]`, string(text))
		none, err := Overview(ctx, db)
		require.NoError(t, err)
		text, err = json.Marshal(none)
		require.NoError(t, err)
		require.Equal(t, "[]", string(text))
		_, err = Overview(ctx, db, New(others, func(context.Context, *Tx, Key) error { return nil }))
		require.ErrorIs(t, err, rowmill.ErrNoTable)
	})
}
