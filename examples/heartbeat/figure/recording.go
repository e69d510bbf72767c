package figure

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
)

// A recording is a checked trace in the order and shape that drawing wants.
type recording struct {
	Trace
	runs   []Window      // the windows in order of time, joined where they touch
	marks  plotter.XYs   // the beats: time in s, height in mV of the sample there
	spells [][]RatePoint // the rates in order of time, parted where the recording has a gap
	endS   float64       // end of the last sample
	minMV  float64
	maxMV  float64
}

// A span is a stretch of time, in s.
type span struct{ from, to float64 }

// arrange checks t and returns it as a recording. t is not changed.
func arrange(t Trace) (*recording, error) {
	if err := check(t); err != nil {
		return nil, err
	}
	r := &recording{Trace: t, runs: join(t.Windows, t.RateHz), minMV: math.Inf(1), maxMV: math.Inf(-1)}
	for _, run := range r.runs {
		r.minMV = min(r.minMV, slices.Min(run.MV))
		r.maxMV = max(r.maxMV, slices.Max(run.MV))
		r.endS = max(r.endS, r.end(run))
	}
	for _, b := range t.Beats {
		if mv, ok := r.at(b.TimeS); ok {
			r.marks = append(r.marks, plotter.XY{X: b.TimeS, Y: mv})
		}
	}
	r.spells = r.partRates()
	return r, nil
}

// join returns the windows that have samples in order of time, those that
// follow one another within a sample made one.
func join(windows []Window, rateHz float64) []Window {
	sorted := slices.SortedFunc(slices.Values(windows), func(a, b Window) int { return cmp.Compare(a.StartS, b.StartS) })
	var runs []Window
	next := math.Inf(-1) // where a window continues the last run
	for _, w := range sorted {
		if len(w.MV) == 0 {
			continue
		}
		if math.Abs(w.StartS-next) < 1/rateHz {
			last := &runs[len(runs)-1]
			last.MV = append(last.MV, w.MV...)
		} else {
			runs = append(runs, Window{w.StartS, slices.Clone(w.MV)})
		}
		next = w.StartS + float64(len(w.MV))/rateHz
	}
	return runs
}

func (r *recording) end(w Window) float64 { return w.StartS + float64(len(w.MV))/r.RateHz }

// at returns the sample nearest to a time, and whether there is one.
func (r *recording) at(timeS float64) (mv float64, ok bool) {
	for _, run := range r.runs {
		i := math.Round((timeS - run.StartS) * r.RateHz)
		if i >= 0 && i < float64(len(run.MV)) {
			return run.MV[int(i)], true
		}
	}
	return 0, false
}

// strips cuts the recording into at most maxStrips stretches of one length,
// the shortest of a row of round numbers that does.
func (r *recording) strips() []span {
	length := 0.0
	for _, length = range []float64{10, 20, 30, 60, 120, 300, 600, 1200, 3600, 4 * 3600, 12 * 3600, maxDurationS / maxStrips} {
		if length*maxStrips >= r.endS {
			break
		}
	}
	var s []span
	for from := 0.0; from < r.endS; from += length {
		s = append(s, span{from, from + length})
	}
	return s
}

// absent returns the stretches of s in which nothing was recorded.
func (r *recording) absent(s span) []span {
	var gaps []span
	from := s.from
	for _, run := range r.runs {
		if run.StartS > from && from < s.to {
			gaps = append(gaps, span{from, min(run.StartS, s.to)})
		}
		from = max(from, r.end(run))
	}
	if from < s.to {
		gaps = append(gaps, span{from, s.to})
	}
	return gaps
}
