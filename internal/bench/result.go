package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A result is what came of one contender's runs of one line with one N.
type result struct {
	Server  string    `json:"server"`
	Line    string    `json:"line"`
	Unit    string    `json:"unit"`
	N       int       `json:"n"`
	Who     contender `json:"who"`
	Runs    []spent   `json:"runs"`
	Counted bool      `json:"counted"` // whether the server counts statements and waits for the disk

	statements, fsyncs []float64     // of each run
	prepared           time.Duration // how long it took to prepare them
}

// Seconds is the median of the times; NaN without runs.
func (r *result) Seconds() float64 { return median(r.times()) }

// total is how long all runs took, and what had to be done before each.
func (r *result) total() time.Duration {
	sum := r.prepared
	for _, s := range r.Runs {
		sum += time.Duration(s.Seconds * float64(time.Second))
	}
	return sum
}

// another tells whether there is to be one more run, and time for it, if it takes as long as the last ones.
func (r *result) another(s scale) bool {
	runs, limit := len(r.Runs), s.total
	if runs >= s.rounds {
		limit = s.short
	}
	return runs == 0 || runs < max(s.rounds, s.most) && r.total().Seconds()*float64(runs+1) <= limit.Seconds()*float64(runs)
}

func (r *result) times() []float64 {
	times := make([]float64, len(r.Runs))
	for i, s := range r.Runs {
		times[i] = s.Seconds
	}
	return times
}

// memory is the largest of the runs, in bytes; -1 where the system does not tell.
func (r *result) memory() int64 {
	most := int64(-1)
	for _, s := range r.Runs {
		most = max(most, s.Memory)
	}
	return most
}

// perKey is the median of what was counted, for each of N.
func (r *result) perKey(counted []float64) float64 { return median(counted) / float64(r.N) }

// String is the result in a line, for whoever waits.
func (r *result) String() string {
	return fmt.Sprintf("%s, %s, N = %s, %s: %s", r.Server, r.Line, number(r.N), r.Who, duration(r.Seconds()))
}

// median is the middle one, or between the two in the middle.
func median(of []float64) float64 {
	if len(of) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(of))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// A group are the results of one line with one N on one server.
type group []*result

func (g group) of(who contender) *result {
	for _, r := range g {
		if r.Who == who {
			return r
		}
	}
	return nil
}

// ratio is how many times as fast as another Rowmill is: the median of his times to that of ours.
func (g group) ratio(to contender) (float64, bool) {
	ours, other := g.of(rowmillWay), g.of(to)
	if ours == nil || other == nil {
		return 0, false
	}
	ratio := other.Seconds() / ours.Seconds()
	return ratio, !math.IsNaN(ratio) && !math.IsInf(ratio, 0)
}
