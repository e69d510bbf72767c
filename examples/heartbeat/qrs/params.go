package qrs

import (
	"fmt"
	"math"
)

// Params are a detector's settings.
type Params struct {
	// LowHz and HighHz are the corners of the band-pass, in Hz, with
	// 0 < LowHz < HighHz < half the sampling rate. Pan and Tompkins aim at
	// 5–15 Hz, where the energy of the QRS complex is greatest and that of
	// P and T waves, wander and muscle is small.
	LowHz, HighHz float64

	// WindowS is the width of the moving-window integration in seconds, from
	// 0.02 to 0.4. It should be about as wide as the widest QRS complex: too
	// wide merges QRS and T wave, too narrow splits one QRS into several peaks.
	// Pan and Tompkins take 0.150 s.
	WindowS float64

	// Threshold says where between the noise level (0) and the signal level
	// (1) of the slope signal a peak becomes a beat; it lies strictly between
	// 0 and 1. Hamilton (2002) takes 0.3125 to 0.475, the more the fewer false
	// beats.
	Threshold float64

	// RefractoryS is the least time between two beats, in seconds, from 0.1 to
	// 1. The ventricles cannot be excited again within 0.200 s (Pan and Tompkins).
	RefractoryS float64
}

// A NamedParams is a set of settings with the name it is known by and one line
// on when to choose it.
type NamedParams struct {
	Name        string
	Description string
	Params
}

// Presets returns three sets of settings, the default first.
func Presets() []NamedParams {
	return []NamedParams{
		{
			"default", "5-15 Hz, 150 ms window, threshold 0.3125: the band and window of Pan and Tompkins",
			Params{LowHz: 5, HighHz: 15, WindowS: 0.150, Threshold: 0.3125, RefractoryS: 0.200},
		},
		{
			"sensitive", "5-20 Hz, 120 ms window, low threshold: finds small beats, more false ones in noise",
			Params{LowHz: 5, HighHz: 20, WindowS: 0.120, Threshold: 0.20, RefractoryS: 0.200},
		},
		{
			"specific", "8-16 Hz, 150 ms window, high threshold: few false beats, misses small or broad ones",
			Params{LowHz: 8, HighHz: 16, WindowS: 0.150, Threshold: 0.475, RefractoryS: 0.250},
		},
	}
}

// Default returns the settings to start with: the first of Presets.
func Default() Params { return Presets()[0].Params }

// check returns an error that names the first setting which cannot be used at
// rateHz.
func (p Params) check(rateHz float64) error {
	within := func(v, low, high float64) bool { return v >= low && v <= high } // false for NaN
	switch {
	case !within(rateHz, minRateHz, math.MaxFloat64):
		return fmt.Errorf("sampling rate is %g Hz, want at least %d Hz", rateHz, minRateHz)
	case !(p.LowHz > 0 && p.LowHz < p.HighHz && p.HighHz < rateHz/2):
		return fmt.Errorf("band is %g–%g Hz, want 0 < low < high < %g Hz, half the sampling rate",
			p.LowHz, p.HighHz, rateHz/2)
	case !within(p.WindowS, 0.02, 0.4):
		return fmt.Errorf("integration window is %g s, want 0.02 to 0.4 s", p.WindowS)
	case !(p.Threshold > 0 && p.Threshold < 1):
		return fmt.Errorf("threshold is %g, want more than 0 and less than 1", p.Threshold)
	case !within(p.RefractoryS, 0.1, 1):
		return fmt.Errorf("refractory period is %g s, want 0.1 to 1 s", p.RefractoryS)
	}
	return nil
}
