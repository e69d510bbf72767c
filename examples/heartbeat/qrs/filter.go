package qrs

import (
	"math"
	"slices"
)

// padS is how much of the signal is reflected at either end before it is
// filtered, in seconds. The slowest pole of a 5 Hz high-pass has died away to
// less than a thousandth after 0.5 s; twice that is cheap.
const padS = 1.0

// A biquad is a second-order recursive filter whose a0 has been divided out:
//
//	y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]
type biquad struct {
	b0, b1, b2, a1, a2 float64
}

// lowPass and highPass are Butterworth filters (Q = 1/√2) from the bilinear
// transform, as R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad
// filter coefficients" gives them.
func lowPass(cornerHz, rateHz float64) biquad {
	cos, alpha := warp(cornerHz, rateHz)
	return biquad{
		b0: (1 - cos) / 2, b1: 1 - cos, b2: (1 - cos) / 2,
		a1: -2 * cos, a2: 1 - alpha,
	}.over(1 + alpha)
}

func highPass(cornerHz, rateHz float64) biquad {
	cos, alpha := warp(cornerHz, rateHz)
	return biquad{
		b0: (1 + cos) / 2, b1: -(1 + cos), b2: (1 + cos) / 2,
		a1: -2 * cos, a2: 1 - alpha,
	}.over(1 + alpha)
}

func warp(cornerHz, rateHz float64) (cos, alpha float64) {
	sin, cos := math.Sincos(2 * math.Pi * cornerHz / rateHz)
	return cos, sin / math.Sqrt2
}

func (f biquad) over(a0 float64) biquad {
	return biquad{f.b0 / a0, f.b1 / a0, f.b2 / a0, f.a1 / a0, f.a2 / a0}
}

// run filters x in place. It starts as if the first sample had been there for
// ever, so that an offset makes no transient.
func (f biquad) run(x []float64) {
	gain := (f.b0 + f.b1 + f.b2) / (1 + f.a1 + f.a2) // at 0 Hz
	x1, x2 := x[0], x[0]
	y1, y2 := gain*x[0], gain*x[0]
	for i, v := range x {
		y := f.b0*v + f.b1*x1 + f.b2*x2 - f.a1*y1 - f.a2*y2
		x1, x2 = v, x1
		y1, y2 = y, y1
		x[i] = y
	}
}

// bandPass returns x between lowHz and highHz, without delay: each filter runs
// forwards and backwards, which doubles its order and halves the amplitude at
// its corner. The ends are continued by a point reflection, which keeps value
// and slope continuous, so the first and last second are as good as the rest.
func bandPass(x []float64, lowHz, highHz, rateHz float64) []float64 {
	pad := min(int(padS*rateHz), len(x)-1)
	y := reflect(x, pad)
	for _, f := range []biquad{highPass(lowHz, rateHz), lowPass(highHz, rateHz)} {
		f.run(y)
		slices.Reverse(y)
		f.run(y)
		slices.Reverse(y)
	}
	return y[pad : pad+len(x)]
}

// reflect returns x with pad samples more at either end: x turned by 180°
// about its first and its last sample.
func reflect(x []float64, pad int) []float64 {
	n := len(x)
	y := make([]float64, n+2*pad)
	copy(y[pad:], x)
	for i := 1; i <= pad; i++ {
		y[pad-i] = 2*x[0] - x[i]
		y[pad+n-1+i] = 2*x[n-1] - x[n-1-i]
	}
	return y
}
