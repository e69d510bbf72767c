package qrs

import (
	"cmp"
	"math"
	"slices"
)

// derivative returns the slope of x per second by Pan and Tompkins' five-point
// formula, (−x[n−2] − 2x[n−1] + 2x[n+1] + x[n+2]) / 8T, centred so that it has no
// delay. The formula wants two neighbours a side; at the ends the last sample
// stands for those that are missing.
func derivative(x []float64, rateHz float64) []float64 {
	at := func(i int) float64 { return x[min(max(i, 0), len(x)-1)] }
	d := make([]float64, len(x))
	for i := range x {
		d[i] = (at(i+2) + 2*at(i+1) - 2*at(i-1) - at(i-2)) * rateHz / 8
	}
	return d
}

// rootMeanSquare returns, for each sample, the root of the mean square of x in
// a window of width samples about it. Samples beyond the ends count as zero.
func rootMeanSquare(x []float64, width int) []float64 {
	half := width / 2
	sums := make([]float64, len(x)+1) // sums[i]: of the squares before i
	for i, v := range x {
		sums[i+1] = sums[i] + v*v
	}
	m := make([]float64, len(x))
	for i := range x {
		from, to := max(i-half, 0), min(i+half+1, len(x))
		m[i] = math.Sqrt((sums[to] - sums[from]) / float64(2*half+1))
	}
	return m
}

// A candidate is a peak of the slope signal: a beat, a T wave or noise.
type candidate struct {
	at    int     // sample
	slope float64 // root mean square slope there, mV/s
}

// candidates returns the local maxima of slope that are the highest within
// apart samples on either side, in order of time. A lesser peak so close to a
// greater one can be no beat of its own: the heart is still refractory.
func candidates(slope []float64, apart int) []candidate {
	var peaks []candidate
	for i := 1; i < len(slope)-1; i++ {
		if slope[i] > slope[i-1] && slope[i] >= slope[i+1] {
			peaks = append(peaks, candidate{i, slope[i]})
		}
	}
	slices.SortStableFunc(peaks, func(a, b candidate) int { return cmp.Compare(b.slope, a.slope) })

	taken := make([]bool, len(slope))
	kept := peaks[:0]
	for _, p := range peaks {
		if taken[p.at] {
			continue
		}
		kept = append(kept, p)
		for i := max(p.at-apart+1, 0); i < min(p.at+apart, len(slope)); i++ {
			taken[i] = true
		}
	}
	slices.SortFunc(kept, func(a, b candidate) int { return cmp.Compare(a.at, b.at) })
	return kept
}
