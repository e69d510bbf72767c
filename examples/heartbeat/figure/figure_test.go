package figure

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/examples/heartbeat/qrs"
)

const rateHz = 360

// trace returns windows of 10 s from the starts given, in s, of a recording
// with a peak of 1 mV each second, half a second after the full one.
func trace(starts ...float64) Trace {
	t := Trace{Title: "a test", RateHz: rateHz}
	for _, start := range starts {
		mv := make([]float64, 10*rateHz)
		for i := range mv {
			d := math.Mod(float64(i)/rateHz, 1) - 0.5
			mv[i] = math.Exp(-d * d / 2e-4)
		}
		t.Windows = append(t.Windows, Window{StartS: start, MV: mv})
		for k := range 10 {
			t.Beats = append(t.Beats, qrs.Beat{TimeS: start + float64(k) + 0.5, AmplitudeMV: 1})
		}
		t.Rates = append(t.Rates, RatePoint{TimeS: start + 5, PerMinute: 60})
	}
	return t
}

func paint(t *testing.T, tr Trace) image.Image {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, tr))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	return img
}

// count returns how many pixels of img have exactly the colour c.
func count(img image.Image, c color.RGBA) int {
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Bounds(), img, img.Bounds().Min, draw.Src)
	n := 0
	for p := range slices.Chunk(rgba.Pix, 4) {
		if p[0] == c.R && p[1] == c.G && p[2] == c.B && p[3] == c.A {
			n++
		}
	}
	return n
}

func TestWriteDrawsTraceBeatsAndRate(t *testing.T) {
	img := paint(t, trace(0, 10, 20))
	require.Equal(t, 1600, img.Bounds().Dx())
	require.Equal(t, 2*(headerPt+3*stripPt+stripAxisPt+ratePt+2*marginPt), img.Bounds().Dy(), "three strips of 10 s")
	require.Greater(t, count(img, traceInk), 2000, "trace")
	require.Greater(t, count(img, beatInk), 30*4, "beats")
	require.Zero(t, count(img, absentInk), "no gap")
}

func TestWriteShadesGaps(t *testing.T) {
	img := paint(t, trace(20, 0)) // 10–20 s is missing: the second of three strips
	strip := 1600 * 2 * stripPt
	grey := count(img, absentInk)
	require.Greater(t, grey, strip/2)
	require.Less(t, grey, 2*strip)
}

func TestWriteTakesWhatAFailedPipelineLeaves(t *testing.T) {
	bare := trace(0)
	bare.Title, bare.Beats, bare.Rates = "", nil, nil
	paint(t, bare)

	flat := Trace{RateHz: rateHz, Windows: []Window{{MV: make([]float64, 100)}, {StartS: 5}}}
	paint(t, flat)

	single := Trace{RateHz: rateHz, Windows: []Window{{StartS: 3, MV: []float64{1}}}}
	single.Beats = []qrs.Beat{{TimeS: 3}, {TimeS: 99}, {TimeS: math.NaN()}}
	single.Rates = []RatePoint{{TimeS: 3, PerMinute: 60}}
	paint(t, single)
}

func TestWriteRefuses(t *testing.T) {
	sample := func(mv float64) []Window { return []Window{{MV: []float64{0, mv}}} }
	for _, c := range []struct {
		name  string
		trace Trace
		want  string
	}{
		{"nothing", Trace{RateHz: rateHz},
			"draw figure: trace has no samples, want at least one window with samples"},
		{"empty windows", Trace{RateHz: rateHz, Windows: []Window{{StartS: 10}}},
			"draw figure: trace has no samples, want at least one window with samples"},
		{"no rate", Trace{Windows: sample(0)},
			"draw figure: sampling rate is 0 Hz, want a positive number"},
		{"a sample", Trace{RateHz: rateHz, Windows: sample(math.NaN())},
			"draw figure: sample 1 of the window at 0 s is NaN, want a finite number of mV"},
		{"a time", Trace{RateHz: rateHz, Windows: []Window{{StartS: -1, MV: []float64{0}}}},
			"draw figure: window of 1 samples starts at -1 s, want it to lie between 0 and 604800 s"},
		{"a heart rate", Trace{RateHz: rateHz, Windows: sample(0), Rates: []RatePoint{{TimeS: 5, PerMinute: math.NaN()}}},
			"draw figure: heart rate at 5 s is NaN per minute, want finite numbers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.EqualError(t, Write(new(bytes.Buffer), c.trace), c.want)
		})
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteReturnsTheWritersError(t *testing.T) {
	require.ErrorIs(t, Write(full{}, trace(0)), errFull)
}

func TestWriteDrawsLongRecordingsInAFewStrips(t *testing.T) {
	var starts []float64
	for s := 0.0; s < 1200; s += 10 {
		starts = append(starts, s)
	}
	img := paint(t, trace(starts...))
	require.LessOrEqual(t, img.Bounds().Dy(), 2*(headerPt+maxStrips*stripPt+stripAxisPt+ratePt+2*marginPt))
}

func TestReduceKeepsTheExtremes(t *testing.T) {
	mv := make([]float64, 60*rateHz)
	mv[7001], mv[7002] = 3, -2 // in one column
	r, err := arrange(Trace{RateHz: rateHz, Windows: []Window{{MV: mv}}})
	require.NoError(t, err)
	line := traceLine{r, span{0, 60}}
	xys := line.reduce(r.runs[0], 1000)
	require.LessOrEqual(t, len(xys), 2000)
	var high, low bool
	for i, v := range xys {
		high, low = high || v.Y == 3, low || v.Y == -2
		require.True(t, i == 0 || v.X > xys[i-1].X, "in order of time")
	}
	require.True(t, high && low)
}

func TestJoinMakesTouchingWindowsOne(t *testing.T) {
	tr := trace(10, 0, 30)
	runs := join(tr.Windows, rateHz)
	require.Len(t, runs, 2)
	require.Len(t, runs[0].MV, 20*rateHz)
	require.Len(t, tr.Windows[1].MV, 10*rateHz, "the input is as it was")
}

func TestTicksAreRound(t *testing.T) {
	labels := func(low, high float64) (l []string) {
		for _, tick := range ticks(low, high, 4) {
			l = append(l, tick.Label)
		}
		return l
	}
	require.Equal(t, []string{"-2", "0", "2", "4"}, labels(-3.8, 4.1))
	require.Equal(t, []string{"0", "0.05", "0.1", "0.15", "0.2"}, labels(0, 0.2))
}

func BenchmarkWrite(b *testing.B) {
	var starts []float64
	for s := 0.0; s < 300; s += 10 {
		starts = append(starts, s)
	}
	tr := trace(starts...)
	for b.Loop() {
		if err := Write(new(bytes.Buffer), tr); err != nil {
			b.Fatal(err)
		}
	}
}
