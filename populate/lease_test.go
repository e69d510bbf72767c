package populate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/jobs"
)

// TestTheDeadAreNoticedByTheBusy has a worker die while another has more to do: his job is pending again before that one
// has come to an end, which here it does only then.
func TestTheDeadAreNoticedByTheBusy(t *testing.T) {
	each(t, 3, func(b *bench) {
		b.other(time.Hour, 1)
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID != 1 {
				b.exec("UPDATE %s SET _lease_until = reserved_time WHERE host = 'elsewhere'")
				require.Eventually(b, func() bool { return b.job(1).Host != "elsewhere" || b.job(1).Status == jobs.Pending }, patience, time.Millisecond)
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Lease = time.Second })
		require.Equal(b, Report{Table: "Result", Made: 3}, counts(report))
		require.Equal(b, 1, report.Refreshed.Rescued)
	})
}

// TestCancelLeavesTheTime has a lost lease cancel a make, and not touch what limits its time: that is for the goroutine that
// has the make.
func TestCancelLeavesTheTime(t *testing.T) {
	job := &jobs.Reservation{}
	r := &run{maker: New(results, simple), opts: Options{Observer: nobody{}, Timeout: time.Hour}, held: map[*jobs.Reservation]*holding{job: {}}, grace: t.Context()}
	m := &making{job: job}
	m.ctx, m.allowed, m.cancel = r.making()
	require.True(t, r.begin(m))
	r.cancelLost([]*jobs.Reservation{job})
	require.ErrorIs(t, context.Cause(m.ctx), jobs.ErrLeaseLost)
	require.True(t, m.allowed.timer.Stop(), "it is going yet")
}
