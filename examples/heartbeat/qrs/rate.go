package qrs

import "math"

// A Summary is the heart rate over a series of beats.
type Summary struct {
	Beats         int     // how many there are
	MeanPerMinute float64 // 60 s over the mean beat-to-beat interval; NaN with fewer than two beats
	IntervalSDMS  float64 // sample standard deviation of the intervals, ms; NaN with fewer than three beats
}

// Summarize returns the heart rate over beats, which are in order of time, all
// at different times, and from a stretch without a gap. What cannot be known
// from so few beats is NaN (in a database: NULL), never a rate of zero, which
// would be a finding.
func Summarize(beats []Beat) Summary {
	s := Summary{Beats: len(beats), MeanPerMinute: math.NaN(), IntervalSDMS: math.NaN()}
	n := float64(len(beats) - 1) // intervals
	if n < 1 {
		return s
	}
	mean := (beats[len(beats)-1].TimeS - beats[0].TimeS) / n
	s.MeanPerMinute = 60 / mean
	if n < 2 {
		return s
	}
	var squares float64
	for i, b := range beats[1:] {
		d := b.TimeS - beats[i].TimeS - mean
		squares += d * d
	}
	s.IntervalSDMS = 1000 * math.Sqrt(squares/(n-1))
	return s
}
