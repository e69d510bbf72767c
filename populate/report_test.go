package populate

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReportString(t *testing.T) {
	for _, c := range []struct {
		report Report
		want   string
	}{
		{Report{}, "Result: not begun"},
		{Report{Elapsed: time.Hour}, "Result: nothing to make"},
		{Report{Made: 28, Failed: 2, Elapsed: 1312 * time.Millisecond}, "Result: 28 made, 2 failed in 1.3s"},
		{Report{Made: 1, Elapsed: 1234567}, "Result: 1 made in 1ms"},
		{Report{Made: 1, Elapsed: 59960 * time.Millisecond}, "Result: 1 made in 1m0s"},
		{Report{Made: 1, Elapsed: 3*time.Minute + 1400*time.Millisecond}, "Result: 1 made in 3m1s"},
		{Report{FailedBefore: 2, Elapsed: time.Hour}, "Result: nothing to make; 2 failed before, and wait for a retry"},
		{Report{Failed: 1, Retried: 2, Elapsed: time.Second}, "Result: 1 failed, 2 retries in 1s"},
		{Report{Made: 1, Retried: 1, Elapsed: time.Second}, "Result: 1 made, 1 retry in 1s"},
		{
			Report{Made: 1, AlreadyThere: 2, Skipped: 3, Failed: 4, LostLeases: 5, Released: 6, Elapsed: time.Second},
			"Result: 1 made, 2 already there, 3 skipped, 4 failed, 5 taken by others, 6 given back in 1s",
		},
	} {
		c.report.Table = "Result"
		require.Equal(t, c.want, c.report.String())
	}
}

func TestReportDetails(t *testing.T) {
	r := &Report{Table: "Result", Made: 3, Elapsed: 10 * time.Second}
	for _, took := range []time.Duration{1500 * time.Microsecond, 1500 * time.Microsecond, 90 * time.Second} {
		r.Durations.add(took)
	}
	require.Equal(t, "Result: 3 made in 10s\n"+
		"  half of the makes took 1.5ms at most, 95 % of them 1m30s, the longest 1m30s; 18 a minute", r.Details())
	for i := range int32(12) {
		r.fail(KeyError{Key: Key{i}, Text: fmt.Sprintf("subject_id=%d", i), Err: errors.New("no\nsense")})
	}
	require.Equal(t, 1+1+2*firstErrors+1, strings.Count(r.Details(), "\n")+1)
	require.Contains(t, r.Details(), "; 1.5 a second\n  subject_id=0: no\n    sense\n  subject_id=1: ")
	require.Contains(t, r.Details(), "\n  subject_id=9: no\n    sense\n  and 2 more that failed")
	require.Equal(t, "Other: not begun", (&Report{Table: "Other"}).Details())
	require.Equal(t, r.Details()+"\nOther: not begun", Reports{r, {Table: "Other"}}.Details())
	r.Errors[0].Err = errors.New(strings.Repeat("ü", 1<<20))
	require.Less(t, len(r.Details()), 4000)
}

// TestReportsAdd sums what happened in rounds.
func TestReportsAdd(t *testing.T) {
	one, two := wholeReport(), wholeReport()
	two.Durations.add(time.Hour)
	two.FailedBefore, two.Later = 1, 2
	two.Errors[0].Text = "subject_id=8"
	one.add(two)
	require.Equal(t, 5*time.Second, one.Elapsed)
	require.Equal(t, 4, one.Made)
	require.Equal(t, 2, one.Failed)
	require.Equal(t, 1, one.FailedBefore, "as it was at last")
	require.Equal(t, 2, one.Later)
	require.Equal(t, 28, one.Refreshed.Added)
	require.Equal(t, []string{"subject_id=7", "subject_id=8"}, []string{one.Errors[0].Text, one.Errors[1].Text})
	require.Equal(t, 5, one.Durations.Count())
	require.Equal(t, time.Hour, one.Durations.Longest())
	require.InEpsilon(t, float64(time.Minute), float64(one.Durations.Median()), precision)
	require.InEpsilon(t, 4.0, one.Throughput(), 1e-9)
	require.Equal(t, 3, two.Durations.Count(), "which is as it was")
}

func TestReportErr(t *testing.T) {
	cause := errors.New("too light")
	r := &Report{Table: "Result"}
	require.NoError(t, r.Err())
	r.fail(KeyError{Key: Key{7}, Text: "subject_id=7", Err: cause})
	require.EqualError(t, r.Err(), "Result: 1 failed: subject_id=7: too light")
	require.ErrorIs(t, r.Err(), cause)
	for i := range int32(2 * maxErrors) {
		r.fail(KeyError{Key: Key{i}, Err: fmt.Errorf("no %d", i)})
	}
	require.EqualError(t, r.Err(), "Result: 2001 failed, the first: subject_id=7: too light")
	require.Len(t, r.Errors, maxErrors, "the queue has them all")
	var one KeyError
	require.ErrorAs(t, r.Err(), &one)
	require.Equal(t, Key{7}, one.Key)
	require.EqualError(t, (&Report{Table: "Result", Failed: 3}).Err(), "Result: 3 failed")
}

func TestSkipSaysWhy(t *testing.T) {
	require.EqualError(t, Skip("too light"), "skipped: too light")
}
