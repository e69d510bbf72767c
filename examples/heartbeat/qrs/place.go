package qrs

import "math"

const (
	refineS   = 0.040 // the raw peak lies within this time of the band-passed one
	baselineS = 0.5   // the baseline is the median of the signal within this time
)

// A peak is a beat with its sample and how steep it is.
type peak struct {
	candidate
	Beat
}

// place puts each beat at its R peak, and leaves out what turns out to be too
// small, cut off by the window's end or too close to a steeper beat.
func place(found []candidate, raw, band []float64, rateHz float64, p Params) []Beat {
	reach, refine := samples(p.WindowS/2, rateHz), samples(refineS, rateHz)
	refractory := samples(p.RefractoryS, rateHz)
	sign := polarity(found, band, reach)
	var peaks []peak
	for _, c := range found {
		at := extreme(band, sign, c.at, reach)
		if math.Abs(band[at]) < minPeakMV {
			continue
		}
		c.at = extreme(raw, sign, at, refine)
		if c.at == 0 || c.at == len(raw)-1 {
			continue
		}
		q := peak{c, Beat{TimeS: float64(c.at) / rateHz, AmplitudeMV: raw[c.at] - baseline(raw, c.at, rateHz)}}
		if n := len(peaks); n > 0 && c.at-peaks[n-1].at < refractory {
			if c.slope > peaks[n-1].slope {
				peaks[n-1] = q
			}
			continue
		}
		peaks = append(peaks, q)
	}
	var beats []Beat
	for _, q := range peaks {
		beats = append(beats, q.Beat)
	}
	return beats
}

// polarity returns −1 where most QRS complexes point down, else 1.
func polarity(found []candidate, band []float64, reach int) float64 {
	var up, down []float64
	for _, c := range found {
		up = append(up, band[extreme(band, 1, c.at, reach)])
		down = append(down, -band[extreme(band, -1, c.at, reach)])
	}
	if median(down) > median(up) {
		return -1
	}
	return 1
}

// extreme returns where sign·x is greatest within reach samples of at.
func extreme(x []float64, sign float64, at, reach int) int {
	from, to := max(at-reach, 0), min(at+reach, len(x)-1)
	best := from
	for i := from; i <= to; i++ {
		if sign*x[i] > sign*x[best] {
			best = i
		}
	}
	return best
}

// baseline returns the median of x about a sample, which lies between the
// waves: they take up less than half of the time.
func baseline(x []float64, at int, rateHz float64) float64 {
	reach := samples(baselineS, rateHz)
	return median(x[max(at-reach, 0):min(at+reach+1, len(x))])
}
