package qrs

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSummarize(t *testing.T) {
	at := func(times ...float64) (beats []Beat) {
		for _, s := range times {
			beats = append(beats, Beat{TimeS: s})
		}
		return beats
	}
	for _, c := range []struct {
		name  string
		beats []Beat
		want  Summary
	}{
		{"no beat", nil, Summary{0, math.NaN(), math.NaN()}},
		{"one beat", at(3), Summary{1, math.NaN(), math.NaN()}},
		{"two beats", at(1, 1.5), Summary{2, 120, math.NaN()}},
		{"even beats", at(1, 2, 3, 4), Summary{4, 60, 0}},
		{"intervals of 0.5, 0.6 and 0.7 s", at(0, 0.5, 1.1, 1.8), Summary{4, 100, 100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Summarize(c.beats)
			require.Equal(t, c.want.Beats, got.Beats)
			require.InDelta(t, c.want.MeanPerMinute, got.MeanPerMinute, 1e-9)
			require.InDelta(t, c.want.IntervalSDMS, got.IntervalSDMS, 1e-9)
		})
	}
}
