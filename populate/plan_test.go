package populate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/query"
)

// TestPlan has each option leave out, in the plan, the keys that the run then leaves out.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(o *Options)
		want   string
	}{
		{"all", nil, "Result: 5 to make, about 10s; 1 failed before; 1 ignored; 1 being made; 1 scheduled for later"},
		{"workers", func(o *Options) { o.Workers = 2 }, "Result: 5 to make, about 6s; 1 failed before; 1 ignored; 1 being made; 1 scheduled for later"},
		{"retry errors", func(o *Options) { o.RetryErrors = true }, "Result: 6 to make, about 12s; 1 ignored; 1 being made; 1 scheduled for later"},
		{"only", func(o *Options) { o.Only = query.From(subjects).Where("subject_id < 4") }, "Result: 1 to make, about 2s; 1 failed before"},
		{"urgent", func(o *Options) { o.MaxPriority = new(int8(2)) }, "Result: 1 to make, about 2s; 1 failed before; 1 ignored; 1 being made; 1 scheduled for later"},
		{"urgent, and so is what is new", func(o *Options) { o.MaxPriority, o.Priority = new(int8(2)), new(int8(-1)) },
			"Result: 2 to make, about 4s; 1 failed before; 1 ignored; 1 being made; 1 scheduled for later"},
		{"calls", func(o *Options) { o.MaxCalls = 3 }, "Result: 3 to make, about 6s; 1 failed before; 1 ignored; 1 being made; 1 scheduled for later"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 10, func(b *bench) {
				b.behind(1)
				_, err := b.db.Exec(b.Context(), "UPDATE "+b.db.Dialect().Table("lab", "__result")+" SET _job_start_time = ?, _job_duration = 2", "2026-01-02 03:04:05")
				require.NoError(b, err)
				_, err = query.Delete(b.Context(), b.db, query.From(subjects).Where("subject_id = 10"), nil)
				require.NoError(b, err)
				b.refresh()
				b.exec("UPDATE %s SET status = 'error' WHERE subject_id = 2")
				b.exec("UPDATE %s SET priority = 2 WHERE subject_id = 3")
				b.exec("UPDATE %s SET status = 'ignore' WHERE subject_id = 4")
				b.exec("UPDATE %s SET status = 'reserved', _token = ?, _lease_until = ? WHERE subject_id = 5", []byte("0123456789abcdef"), "2999-01-01 00:00:00")
				b.exec("UPDATE %s SET scheduled_time = ? WHERE subject_id = 6", "2999-01-01 00:00:00")
				require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{10}, 1}))

				opts := b.options(func(o *Options) {
					o.LeaveOthers = true
					if c.change != nil {
						c.change(o)
					}
				})
				plan, err := New(results, simple).Plan(b.Context(), b.db, opts)
				require.NoError(b, err)
				require.Equal(b, c.want, plan.String())
				keys, err := query.Fetch[Key](b.Context(), b.db, plan.Keys)
				require.NoError(b, err)

				report, err := New(results, simple).Populate(b.Context(), b.db, opts)
				require.NoError(b, err)
				require.Equal(b, plan.Count, report.Made, "it does what was planned")
				if opts.MaxCalls > 0 {
					return
				}
				for _, k := range keys {
					there, err := query.Exists(b.Context(), b.db, query.From(results).Match(k))
					require.NoError(b, err)
					require.True(b, there, k)
				}
			})
		})
	}
}

// TestOnlyOfOtherKeys is refused alike by what plans and what does.
func TestOnlyOfOtherKeys(t *testing.T) {
	each(t, 1, func(b *bench) {
		for _, direct := range []bool{false, true} {
			o := b.options(func(o *Options) { o.Direct, o.Only = direct, query.From(subjects).Project("other = subject_id") })
			const want = "the restriction: the relation has none of the key's attributes, which are subject_id, and so restricts nothing: it has other, which Project can rename"
			_, err := New(results, simple).Plan(b.Context(), b.db, o)
			require.EqualError(b, err, "plan Result: "+want)
			_, err = New(results, simple).Populate(b.Context(), b.db, o)
			require.EqualError(b, err, "populate Result: "+want)
		}
	})
}

// TestPlanOfNothingYet is where there is no queue, and nothing was made.
func TestPlanOfNothingYet(t *testing.T) {
	each(t, 3, func(b *bench) {
		for _, direct := range []bool{false, true} {
			plan, err := New(results, simple).Plan(b.Context(), b.db, &Options{Direct: direct})
			require.NoError(b, err)
			require.Equal(b, "Result: 3 to make, none was made before to tell how long that takes", plan.String())
		}
		plan, err := New(results, simple).Plan(b.Context(), b.db, &Options{MaxPriority: new(int8(4))})
		require.NoError(b, err)
		require.Equal(b, "Result: nothing to make", plan.String())
		b.unqueued()
		b.populate(simple, nil)
		plan, err = New(results, simple).Plan(b.Context(), b.db, nil)
		require.NoError(b, err)
		require.Equal(b, "Result: nothing to make", plan.String())
		_, err = New(results, simple).Plan(b.Context(), b.db, &Options{Workers: -1})
		require.ErrorContains(b, err, "plan Result: Options.Workers is -1")
	})
}
