package populate

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReportString(t *testing.T) {
	for _, c := range []struct {
		report Report
		want   string
	}{
		{Report{}, "Result: nothing to make"},
		{Report{Elapsed: time.Hour}, "Result: nothing to make"},
		{Report{Made: 28, Failed: 2, Elapsed: 1312 * time.Millisecond}, "Result: 28 made, 2 failed in 1.3s"},
		{Report{Made: 1, Elapsed: 1234567}, "Result: 1 made in 1ms"},
		{Report{Made: 1, Elapsed: 59960 * time.Millisecond}, "Result: 1 made in 1m0s"},
		{Report{Made: 1, Elapsed: 3*time.Minute + 1400*time.Millisecond}, "Result: 1 made in 3m1s"},
		{Report{FailedBefore: 2}, "Result: nothing to make; 2 failed before, and wait for a retry"},
		{
			Report{Made: 1, AlreadyThere: 2, Skipped: 3, Failed: 4, LostLeases: 5, Released: 6, Elapsed: time.Second},
			"Result: 1 made, 2 already there, 3 skipped, 4 failed, 5 taken by others, 6 given back in 1s",
		},
	} {
		c.report.Table = "Result"
		require.Equal(t, c.want, c.report.String())
	}
}

func TestReportErr(t *testing.T) {
	cause := errors.New("too light")
	r := &Report{Table: "Result"}
	require.NoError(t, r.Err())
	r.fail(KeyError{Key{7}, "subject_id=7", cause})
	require.EqualError(t, r.Err(), "Result: 1 failed: subject_id=7: too light")
	require.ErrorIs(t, r.Err(), cause)
	for i := range int32(2 * maxErrors) {
		r.fail(KeyError{Key{i}, "", fmt.Errorf("no %d", i)})
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
