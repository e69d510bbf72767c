package qrs

import (
	"math"
	"math/rand/v2"
)

// A wave is one deflection of the model heart beat: a Gaussian bell.
type wave struct{ delayS, widthS, mv float64 }

// normalBeat is P, Q, R, S and T; ventricularBeat a broad one without P, whose
// T points the other way.
var (
	normalBeat      = []wave{{-0.16, 0.020, 0.12}, {-0.025, 0.007, -0.1}, {0, 0.010, 1}, {0.025, 0.007, -0.2}, {0.24, 0.040, 0.25}}
	ventricularBeat = []wave{{0, 0.035, 1.6}, {0.10, 0.030, -0.6}, {0.28, 0.060, -0.4}}
)

// A model is an electrocardiogram whose beats are known.
type model struct {
	rateHz       float64
	lengthS      float64
	perMinute    float64
	jitter       float64 // standard deviation of the intervals as a part of their mean
	noiseMV      float64 // standard deviation of white noise
	wanderMV     float64 // amplitude of a slow wave at 0.3 Hz
	ventricularN int     // every so many beats one is ventricular; 0: none
	seed         uint64
}

// draw returns the samples in mV and the times of the R peaks in s.
func (m model) draw() (mv, times []float64) {
	random := rand.New(rand.NewPCG(m.seed, 208))
	mv = make([]float64, int(m.lengthS*m.rateHz))
	interval := 60 / m.perMinute
	for t := interval / 2; t < m.lengthS; t += interval * (1 + m.jitter*math.Max(-2, math.Min(2, random.NormFloat64()))) {
		shape := normalBeat
		if n := m.ventricularN; n > 0 && len(times)%n == n-1 {
			shape = ventricularBeat
		}
		times = append(times, t)
		m.add(mv, t, shape)
	}
	for i := range mv {
		s := float64(i) / m.rateHz
		mv[i] += m.wanderMV*math.Sin(2*math.Pi*0.3*s) + m.noiseMV*random.NormFloat64()
	}
	return mv, times
}

func (m model) add(mv []float64, at float64, shape []wave) {
	for _, w := range shape {
		middle := at + w.delayS
		from, to := int((middle-5*w.widthS)*m.rateHz), int((middle+5*w.widthS)*m.rateHz)
		for i := max(from, 0); i < min(to, len(mv)); i++ {
			d := (float64(i)/m.rateHz - middle) / w.widthS
			mv[i] += w.mv * math.Exp(-d*d/2)
		}
	}
}

// score returns which part of the true beats was found (sensitivity) and which
// part of the found beats is true (positive predictivity), a pair being within
// 50 ms of one another.
func score(found []Beat, truth []float64) (sensitivity, predictivity float64) {
	pairs, k := 0, 0
	for _, t := range truth {
		for k < len(found) && found[k].TimeS < t-0.05 {
			k++
		}
		if k < len(found) && found[k].TimeS <= t+0.05 {
			pairs++
			k++
		}
	}
	return float64(pairs) / float64(len(truth)), float64(pairs) / float64(len(found))
}
