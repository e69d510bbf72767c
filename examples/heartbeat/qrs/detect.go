package qrs

import (
	"fmt"
	"math"
)

// A Beat is one heart beat: the R peak of its QRS complex.
type Beat struct {
	TimeS       float64 // seconds from the first sample
	AmplitudeMV float64 // mV above the local baseline; negative where the QRS points down
}

const (
	minRateHz  = 50   // below this a QRS complex is three or four samples
	minLengthS = 2.0  // Pan and Tompkins' learning phase: two seconds
	minPeakMV  = 0.05 // least band-passed peak of a beat; half a small square of ECG paper
)

// Detect returns the heart beats in samplesMV, an electrocardiogram in mV
// sampled rateHz times a second, in order of time. The package comment says
// how. A signal without beats gives none and no error; a signal shorter than
// 2 s, a sample that is no finite number, a rate below 50 Hz or settings
// outside their ranges give an error. The samples are not changed.
func Detect(samplesMV []float64, rateHz float64, p Params) ([]Beat, error) {
	if err := check(samplesMV, rateHz, p); err != nil {
		return nil, fmt.Errorf("detect beats: %w", err)
	}
	band := bandPass(samplesMV, p.LowHz, p.HighHz, rateHz)
	slope := rootMeanSquare(derivative(band, rateHz), samples(p.WindowS, rateHz))
	found := classify(slope, rateHz, p)
	return place(found, samplesMV, band, rateHz, p), nil
}

func check(samplesMV []float64, rateHz float64, p Params) error {
	if err := p.check(rateHz); err != nil {
		return err
	}
	if least := math.Ceil(minLengthS * rateHz); float64(len(samplesMV)) < least {
		return fmt.Errorf("signal has %d samples, want at least %.0f: %g s at %g Hz", len(samplesMV), least, minLengthS, rateHz)
	}
	for i, v := range samplesMV {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("sample %d is %g, want a finite number of mV", i, v)
		}
	}
	return nil
}

// samples converts a time in seconds to the nearest whole number of samples.
func samples(s, rateHz float64) int { return int(math.Round(s * rateHz)) }
