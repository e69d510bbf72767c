package populate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// An honouring has a queue of subjects 1…5, of which one side says what the other is to do.
type honouring struct {
	*bench

	peer *testdb.PythonPeer
}

// made are the subjects that have results.
func (h honouring) made() []int32 {
	h.Helper()
	made, err := query.Column[int32](h.Context(), h.db, query.From(results).Top(query.All, "subject_id"), "subject_id")
	require.NoError(h, err)
	return made
}

// inPython has Python populate, and say how many it made.
func (h honouring) inPython(args string) (n int) {
	h.Helper()
	h.peer.Ask("Result.populate("+args+")['success_count']", &n)
	return n
}

func (h honouring) refresh(opts *jobs.RefreshOptions) {
	h.Helper()
	_, err := h.queue.Refresh(h.Context(), h.db, opts)
	require.NoError(h, err)
}

var honours = []struct {
	name string
	test func(h honouring)
}{
	{"what Go ignores", func(h honouring) {
		require.NoError(h, h.queue.Ignore(h.Context(), h.db, Key{2}, "no signal ☃"))
		require.Equal(h, 4, h.inPython("reserve_jobs=True"))
		require.Equal(h, []int32{1, 3, 4, 5}, h.made())
		var why []string
		h.peer.Ask("list(Result().jobs.ignored.to_arrays('error_message'))", &why)
		require.Equal(h, []string{"no signal ☃"}, why)
	}},
	{"what Python ignores", func(h honouring) {
		h.peer.Do("Result().jobs.ignore({'subject_id': 2})") // which it had not queued
		h.peer.Do("Result().jobs.refresh()\nResult().jobs.ignore({'subject_id': 4})")
		require.Equal(h, Report{Table: "Result", Made: 3}, counts(h.populate(simple, nil)))
		require.Equal(h, []int32{1, 3, 5}, h.made())
		p, err := New(results, simple).Progress(h.Context(), h.db)
		require.NoError(h, err)
		require.Equal(h, 2, p.Ignored)
	}},
	{"priorities of Go's", func(h honouring) {
		h.refresh(nil)
		_, err := h.queue.Reprioritize(h.Context(), h.db, query.From(subjects).Where("subject_id IN (3, 4)"), 1)
		require.NoError(h, err)
		_, err = h.queue.Reprioritize(h.Context(), h.db, query.From(subjects).Where("subject_id = 4"), -3)
		require.NoError(h, err)
		require.Equal(h, 1, h.inPython("reserve_jobs=True, max_calls=1"))
		require.Equal(h, []int32{4}, h.made())
		require.Equal(h, 1, h.inPython("reserve_jobs=True, priority=1"))
		require.Equal(h, []int32{3, 4}, h.made())
	}},
	{"priorities of Python's", func(h honouring) {
		h.peer.Do("Result().jobs.refresh('subject_id = 4', priority=-3)\nResult().jobs.refresh('subject_id = 3', priority=1)\nResult().jobs.refresh()")
		h.populate(simple, func(o *Options) { o.MaxCalls = 1 })
		require.Equal(h, []int32{4}, h.made())
		h.populate(simple, func(o *Options) { o.MaxPriority = new(int8(1)) })
		require.Equal(h, []int32{3, 4}, h.made())
	}},
	{"when Go says", func(h honouring) {
		h.refresh(&jobs.RefreshOptions{Delay: time.Hour})
		require.Zero(h, h.inPython("reserve_jobs=True"))
		_, err := h.queue.Reschedule(h.Context(), h.db, query.From(subjects).Where("subject_id < 3"), 0)
		require.NoError(h, err)
		require.Equal(h, 2, h.inPython("reserve_jobs=True"))
		require.Equal(h, []int32{1, 2}, h.made())
	}},
	{"when Python says", func(h honouring) {
		h.peer.Do("Result().jobs.refresh('subject_id < 3', delay=3600)")
		require.Equal(h, Report{Table: "Result", Made: 3, Later: 2}, counts(h.populate(simple, nil)))
		require.Equal(h, []int32{3, 4, 5}, h.made())
	}},
	{"a key that Go is to try again later", func(h honouring) {
		h.populate(func(context.Context, *Tx, Key) error { return NotReady(time.Hour) }, nil)
		require.Zero(h, h.inPython("reserve_jobs=True"))
		var jobs map[string]int
		h.peer.Ask("Result().jobs.progress()", &jobs)
		require.Equal(h, 5, jobs["pending"])
	}},
	{"what was made, and is kept", func(h honouring) {
		h.peer.Do("dj.config.jobs.keep_completed = True")
		require.Equal(h, 2, h.inPython("reserve_jobs=True, max_calls=2"))
		h.populate(simple, func(o *Options) { o.KeepCompleted = true })
		require.Equal(h, []int32{1, 2, 3, 4, 5}, h.made())
		require.Equal(h, map[jobs.Status]int{jobs.Success: 5}, h.statuses())
		var kept []struct {
			Duration      *float64
			CompletedTime string `json:"completed_time"`
			ReservedTime  string `json:"reserved_time"`
		}
		h.peer.Ask("Result().jobs.completed.to_dicts()", &kept)
		for _, j := range kept {
			require.NotNil(h, j.Duration)
			require.LessOrEqual(h, j.ReservedTime, j.CompletedTime)
		}
		require.Zero(h, h.inPython("reserve_jobs=True"))
		require.Equal(h, nothing, counts(h.populate(simple, func(o *Options) { o.KeepCompleted = true })))

		// What is deleted by one is queued again, and made, by the other.
		h.peer.Do("(Result & 'subject_id > 3').delete(prompt=False)")
		require.Equal(h, Report{Table: "Result", Made: 2}, counts(h.populate(simple, func(o *Options) { o.KeepCompleted = true })))
		_, err := query.Delete(h.Context(), h.db, query.From(results).Where("subject_id < 3"), nil)
		require.NoError(h, err)
		require.Equal(h, 2, h.inPython("reserve_jobs=True"))
		require.Equal(h, []int32{1, 2, 3, 4, 5}, h.made())
	}},
}

// TestEachHonoursTheOther has what one of Go and Python says of jobs be done by the other, and both count them alike.
func TestEachHonoursTheOther(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		peer := testdb.StartPython(t, dsn, nil)
		b := newBench(t, dsn, 5)
		peer.Do("exec(open('testdata/lab.py').read())\nResult().jobs.progress()")
		require.NoError(t, b.queue.Declare(t.Context(), b.db))
		for _, c := range honours {
			t.Run(c.name, func(t *testing.T) {
				on := *b
				on.T = t
				c.test(honouring{&on, peer})

				var theirs map[jobs.Status]int
				peer.Ask("{k: n for k, n in Result().jobs.progress().items() if n and k != 'total'}", &theirs)
				require.Equal(t, on.statuses(), theirs)
				peer.Do("dj.config.jobs.keep_completed = False\nResult().delete(prompt=False)\nResult().jobs.delete()")
			})
		}
	})
}

// TestAJobQueuedAnewIsRenewed has a job that is being made be deleted and queued anew, and this process claim it again. It
// is made once.
func TestAJobQueuedAnewIsRenewed(t *testing.T) {
	each(t, 1, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			b.exec("DELETE FROM %s")
			b.exec("INSERT INTO %s (subject_id, status, priority) VALUES (1, 'pending', 5)")
			require.Eventually(b, func() bool { return b.statuses()[jobs.Reserved] == 1 }, time.Minute, time.Millisecond)
			time.Sleep(1200 * time.Millisecond) // a heartbeat, which keeps the lease
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Workers, o.Lease = 2, 3*time.Second })
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(report))
		require.Empty(b, b.statuses())
	})
}
