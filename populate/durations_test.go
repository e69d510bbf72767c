package populate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDurationsArePrecise compares with what all values say, over twelve orders of magnitude.
func TestDurationsArePrecise(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	for name, draw := range map[string]func() time.Duration{
		"even":      func() time.Duration { return time.Duration(random.Int64N(int64(time.Hour))) },
		"long tail": func() time.Duration { return time.Duration(1 + 1e9*random.ExpFloat64()*random.ExpFloat64()) },
		"apart":     func() time.Duration { return []time.Duration{1, time.Millisecond, 1000 * time.Hour}[random.IntN(3)] },
		"alike":     func() time.Duration { return 7 * time.Millisecond },
	} {
		var d, parts Durations
		var all []time.Duration
		for range 10 {
			var part Durations
			for range 1000 {
				took := draw()
				all = append(all, took)
				d.add(took)
				part.add(took)
			}
			parts.addAll(&part)
		}
		slices.Sort(all)
		for _, q := range []float64{0, 0.001, 0.25, 0.5, 0.95, 0.999, 1} {
			want := all[max(0, int(q*float64(len(all)))-1)]
			require.InEpsilon(t, float64(want), float64(d.Quantile(q)), precision+1e-9, "%s: %v", name, q)
			require.Equal(t, d.Quantile(q), parts.Quantile(q), "%s: sums lose nothing", name)
		}
		require.Equal(t, all[len(all)-1], d.Longest(), name)
		require.Equal(t, d.Quantile(0.5), d.Median(), name)
		require.Equal(t, len(all), parts.Count(), name)
		require.Equal(t, d.Total(), parts.Total(), name)
	}
}

func TestDurationsOfFew(t *testing.T) {
	var d Durations
	d.addAll(&Durations{})
	require.Zero(t, d.Median())
	require.Zero(t, d.Quantile(1))
	require.Zero(t, d.Longest())
	d.add(3 * time.Second)
	for _, q := range []float64{-1, 0, 0.5, 1, 2} {
		require.Equal(t, 3*time.Second, d.Quantile(q), "what is the only one is exact")
	}
	d.add(0) // a clock that stood still
	require.EqualValues(t, 1, d.Median())
	require.Equal(t, 3*time.Second+1, d.Total())
}

// TestDurationsStaySmall has values from the shortest to the longest that there are.
func TestDurationsStaySmall(t *testing.T) {
	var d Durations
	for took := time.Duration(1); took > 0 && took < 1<<62; took += 1 + took/1000 {
		d.add(took)
	}
	require.Greater(t, d.Count(), 20_000)
	require.Less(t, len(d.buckets), 2200)
}
