package qrs

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func detect(t *testing.T, mv []float64, rateHz float64) []Beat {
	t.Helper()
	beats, err := Detect(mv, rateHz, Default())
	require.NoError(t, err)
	return beats
}

func TestDetectFindsKnownBeats(t *testing.T) {
	plain := model{rateHz: 360, lengthS: 60, perMinute: 75, jitter: 0.05, seed: 1}
	with := func(change func(*model)) model {
		m := plain
		change(&m)
		return m
	}
	for _, c := range []struct {
		name  string
		model model
		least float64 // of sensitivity and positive predictivity
	}{
		{"clean", plain, 1},
		{"slow", with(func(m *model) { m.perMinute = 40 }), 1},
		{"fast", with(func(m *model) { m.perMinute = 150 }), 1},
		{"very fast", with(func(m *model) { m.perMinute = 190; m.jitter = 0.02 }), 1},
		{"irregular", with(func(m *model) { m.jitter = 0.2 }), 1},
		{"some noise", with(func(m *model) { m.noiseMV = 0.05 }), 1},
		{"much noise", with(func(m *model) { m.noiseMV = 0.2 }), 0.97},
		{"wander of twice the QRS", with(func(m *model) { m.wanderMV = 2 }), 1},
		{"every third ventricular", with(func(m *model) { m.ventricularN = 3; m.noiseMV = 0.03 }), 1},
		{"every second ventricular, wander", with(func(m *model) { m.ventricularN = 2; m.wanderMV = 1 }), 1},
		{"250 samples a second", with(func(m *model) { m.rateHz = 250; m.noiseMV = 0.05 }), 1},
		{"1000 samples a second", with(func(m *model) { m.rateHz = 1000; m.noiseMV = 0.05 }), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			mv, truth := c.model.draw()
			sensitivity, predictivity := score(detect(t, mv, c.model.rateHz), truth)
			require.GreaterOrEqual(t, sensitivity, c.least, "sensitivity")
			require.GreaterOrEqual(t, predictivity, c.least, "positive predictivity")
		})
	}
}

func TestDetectPlacesBeatAtRPeak(t *testing.T) {
	m := model{rateHz: 360, lengthS: 20, perMinute: 70, jitter: 0.05, wanderMV: 0.5, seed: 2}
	mv, truth := m.draw()
	beats := detect(t, mv, m.rateHz)
	require.Len(t, beats, len(truth))
	for i, b := range beats {
		require.InDelta(t, truth[i], b.TimeS, 1.5/m.rateHz)
		require.InDelta(t, 1, b.AmplitudeMV, 0.2, "R of 1 mV on a slope")
	}
}

func TestDetectOfInvertedSignal(t *testing.T) {
	m := model{rateHz: 360, lengthS: 20, perMinute: 80, jitter: 0.1, noiseMV: 0.02, ventricularN: 5, seed: 3}
	mv, _ := m.draw()
	upright := detect(t, mv, m.rateHz)
	for i := range mv {
		mv[i] = -mv[i]
	}
	inverted := detect(t, mv, m.rateHz)
	require.Len(t, inverted, len(upright))
	for i, b := range inverted {
		require.Equal(t, upright[i].TimeS, b.TimeS)
		require.Equal(t, -upright[i].AmplitudeMV, b.AmplitudeMV)
	}
}

func TestDetectLosesNoBeatAtTheWindowsEnds(t *testing.T) {
	m := model{rateHz: 360, lengthS: 10, perMinute: 75, noiseMV: 0.02, seed: 4}
	for cut := range 36 { // the R peaks move through the window's start and end
		mv, truth := m.draw()
		from := cut * 8
		sensitivity, predictivity := score(shift(detect(t, mv[from:], m.rateHz), float64(from)/m.rateHz),
			slices.DeleteFunc(truth, func(s float64) bool { return s < float64(from)/m.rateHz+0.02 }))
		require.EqualValues(t, 1, sensitivity, "cut at sample %d", from)
		require.GreaterOrEqual(t, predictivity, 0.9, "cut at sample %d", from)
	}
}

func shift(beats []Beat, s float64) []Beat {
	for i := range beats {
		beats[i].TimeS += s
	}
	return beats
}

func TestDetectIsNotMisledByABurst(t *testing.T) {
	m := model{rateHz: 360, lengthS: 10, perMinute: 90, jitter: 0.03, noiseMV: 0.02, seed: 5}
	mv, truth := m.draw()
	for i := range 360 { // one second of artefact, ten times as large as a beat
		mv[1440+i] += 10 * math.Sin(2*math.Pi*8*float64(i)/360)
	}
	outside := func(s float64) bool { return s < 3.8 || s > 5.2 }
	beats := detect(t, mv, m.rateHz)
	sensitivity, predictivity := score(
		slices.DeleteFunc(beats, func(b Beat) bool { return !outside(b.TimeS) }),
		slices.DeleteFunc(truth, func(s float64) bool { return !outside(s) }))
	require.EqualValues(t, 1, sensitivity)
	require.EqualValues(t, 1, predictivity)
}

func TestDetectOfSignalWithoutBeats(t *testing.T) {
	flat := make([]float64, 3600)
	require.Empty(t, detect(t, flat, 360))
	for i := range flat {
		flat[i] = 3.2
	}
	require.Empty(t, detect(t, flat, 360), "constant offset")
	for i := range flat {
		flat[i] = 0.005 * float64(i*7919%3) // the converter's last digit
	}
	require.Empty(t, detect(t, flat, 360), "quantization noise")
	for i := range flat {
		flat[i] = float64(i) / 3600
	}
	require.Empty(t, detect(t, flat, 360), "drift")
}

func TestDetectKeepsTheRefractoryPeriod(t *testing.T) {
	m := model{rateHz: 360, lengthS: 60, perMinute: 100, noiseMV: 1, seed: 6}
	mv, _ := m.draw()
	for _, p := range Presets() {
		beats, err := Detect(mv, m.rateHz, p.Params)
		require.NoError(t, err)
		for i := 1; i < len(beats); i++ {
			require.GreaterOrEqual(t, beats[i].TimeS-beats[i-1].TimeS, p.RefractoryS-0.5/m.rateHz, p.Name)
		}
	}
}

func TestDetectRefuses(t *testing.T) {
	long := make([]float64, 3600)
	broken := slices.Clone(long)
	broken[17] = math.NaN()
	for _, c := range []struct {
		name   string
		mv     []float64
		rateHz float64
		change func(*Params)
		want   string
	}{
		{"a short signal", long[:719], 360, nil, "detect beats: signal has 719 samples, want at least 720: 2 s at 360 Hz"},
		{"no signal", nil, 360, nil, "detect beats: signal has 0 samples, want at least 720: 2 s at 360 Hz"},
		{"NaN", broken, 360, nil, "detect beats: sample 17 is NaN, want a finite number of mV"},
		{"a low rate", long, 40, nil, "detect beats: sampling rate is 40 Hz, want at least 50 Hz"},
		{"no rate", long, math.NaN(), nil, "detect beats: sampling rate is NaN Hz, want at least 50 Hz"},
		{"a band upside down", long, 360, func(p *Params) { p.LowHz = 20 },
			"detect beats: band is 20–15 Hz, want 0 < low < high < 180 Hz, half the sampling rate"},
		{"a band beyond the rate", long, 50, func(p *Params) { p.HighHz = 25 },
			"detect beats: band is 5–25 Hz, want 0 < low < high < 25 Hz, half the sampling rate"},
		{"a window of a second", long, 360, func(p *Params) { p.WindowS = 1 },
			"detect beats: integration window is 1 s, want 0.02 to 0.4 s"},
		{"a threshold of one", long, 360, func(p *Params) { p.Threshold = 1 },
			"detect beats: threshold is 1, want more than 0 and less than 1"},
		{"no refractory period", long, 360, func(p *Params) { p.RefractoryS = 0 },
			"detect beats: refractory period is 0 s, want 0.1 to 1 s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Default()
			if c.change != nil {
				c.change(&p)
			}
			_, err := Detect(c.mv, c.rateHz, p)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestDetectIsDeterministicAndLeavesItsInput(t *testing.T) {
	mv, _ := model{rateHz: 360, lengthS: 10, perMinute: 90, jitter: 0.1, noiseMV: 0.3, seed: 7}.draw()
	before := slices.Clone(mv)
	first := detect(t, mv, 360)
	for range 5 {
		require.Equal(t, first, detect(t, mv, 360))
	}
	require.Equal(t, before, mv)
}
