package qrs

import (
	"bufio"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	recordHz     = 360
	recordWindow = 10 * recordHz
)

// record returns record 208 of the MIT-BIH Arrhythmia Database in mV.
func record(t *testing.T) []float64 {
	t.Helper()
	f, err := os.Open("../ecg/sample/mitdb-208-mlii.csv")
	require.NoError(t, err)
	defer f.Close()
	var mv []float64
	lines := bufio.NewScanner(f)
	require.True(t, lines.Scan(), "header")
	for lines.Scan() {
		adc, err := strconv.ParseFloat(lines.Text(), 64)
		require.NoError(t, err)
		mv = append(mv, (adc-1024)/200)
	}
	require.NoError(t, lines.Err())
	require.Len(t, mv, 108000)
	return mv
}

// windowed returns the beats of all windows of 10 s, at their times in the
// recording, and the mean rate of each window.
func windowed(t *testing.T, mv []float64, p Params) (beats []Beat, rates []float64) {
	t.Helper()
	for from := 0; from < len(mv); from += recordWindow {
		found, err := Detect(mv[from:from+recordWindow], recordHz, p)
		require.NoError(t, err)
		rates = append(rates, Summarize(found).MeanPerMinute)
		beats = append(beats, shift(found, float64(from)/recordHz)...)
	}
	return beats, rates
}

func TestDetectOnRecord208(t *testing.T) {
	mv := record(t)
	for _, c := range []struct {
		name   string
		beats  int
		median float64
	}{
		{"default", 503, 100.13},
		{"sensitive", 508, 100.29},
		{"specific", 494, 100.13},
	} {
		t.Run(c.name, func(t *testing.T) {
			beats, rates := windowed(t, mv, preset(t, c.name))
			require.InDelta(t, 480, len(beats), 60, "what is plausible")
			require.InDelta(t, 103.5, median(rates), 8.5, "what is plausible")
			require.InDelta(t, c.beats, len(beats), 1, "what it was when every beat was looked at")
			require.InDelta(t, c.median, median(rates), 0.1)
		})
	}
}

func preset(t *testing.T, name string) Params {
	t.Helper()
	for _, p := range Presets() {
		if p.Name == name {
			return p.Params
		}
	}
	t.Fatalf("no preset %q", name)
	return Params{}
}

// Cutting the recording into windows must neither lose nor double beats.
func TestDetectInWindowsFindsWhatItFindsInTheWhole(t *testing.T) {
	mv := record(t)
	whole, err := Detect(mv, recordHz, Default())
	require.NoError(t, err)
	parts, _ := windowed(t, mv, Default())
	var times []float64
	for _, b := range whole {
		times = append(times, b.TimeS)
	}
	sensitivity, predictivity := score(parts, times)
	require.GreaterOrEqual(t, sensitivity, 0.996)
	require.GreaterOrEqual(t, predictivity, 0.996)
}

// Sixteen beats of a stretch of normal and ventricular beats, read off the trace by eye.
func TestDetectOnVentricularBeats(t *testing.T) {
	seen := []float64{
		140.1, 140.7, 141.2, 141.8, 142.6, 143.1, 144.0, 144.7, 145.1, 145.9,
		146.4, 147.0, 147.6, 148.1, 148.9, 149.5,
	}
	beats, err := Detect(record(t)[140*recordHz:150*recordHz], recordHz, Default())
	require.NoError(t, err)
	require.Len(t, beats, len(seen))
	for i, b := range beats {
		require.InDelta(t, seen[i], 140+b.TimeS, 0.06)
	}
}

// Between 209.5 and 213.4 s the electrode had no contact: nothing beats there.
func TestDetectFindsNothingWithoutContact(t *testing.T) {
	beats, _ := windowed(t, record(t), Default())
	for _, b := range beats {
		require.False(t, b.TimeS > 209.6 && b.TimeS < 213.3, "beat at %.2f s", b.TimeS)
	}
}
