package figure

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
)

// intervalRates returns for each two neighbouring beats the rate that their
// interval makes, at its middle; none across a gap.
func (r *recording) intervalRates() plotter.XYs {
	var rates plotter.XYs
	for _, run := range r.runs {
		last := math.Inf(-1)
		for _, m := range r.marks {
			if m.X < run.StartS || m.X >= r.end(run) {
				continue
			}
			if m.X > last && last >= 0 {
				rates = append(rates, plotter.XY{X: (last + m.X) / 2, Y: 60 / (m.X - last)})
			}
			last = m.X
		}
	}
	return rates
}

// rateRange returns what the rate panel spans: all of the given rates and of
// the rates from one interval the middle 98 of 100, with some room.
func (r *recording) rateRange(intervals plotter.XYs) (low, high float64) {
	var all []float64
	for _, v := range intervals {
		all = append(all, v.Y)
	}
	slices.Sort(all)
	all = all[len(all)/100 : len(all)-len(all)/100]
	for _, q := range r.Rates {
		all = append(all, q.PerMinute)
	}
	if len(all) == 0 {
		return 40, 120 // an empty panel with a plausible axis
	}
	low, high = slices.Min(all), slices.Max(all)
	room := max(0.1*(high-low), 5)
	return max(low-room, 0), high + room
}

// partRates sorts the rates and parts them wherever two neighbours are further
// apart than half as much again as usual, so that no line bridges a gap.
func (r *recording) partRates() [][]RatePoint {
	sorted := slices.SortedFunc(slices.Values(r.Rates), func(a, b RatePoint) int { return cmp.Compare(a.TimeS, b.TimeS) })
	if len(sorted) == 0 {
		return nil
	}
	var steps []float64
	for i := range sorted[1:] {
		steps = append(steps, sorted[i+1].TimeS-sorted[i].TimeS)
	}
	slices.Sort(steps)
	spells := [][]RatePoint{sorted[:1]}
	for i, p := range sorted[1:] {
		n := len(spells) - 1
		if p.TimeS-sorted[i].TimeS > 1.5*steps[len(steps)/2] {
			spells = append(spells, []RatePoint{p})
			continue
		}
		spells[n] = append(slices.Clip(spells[n]), p)
	}
	return spells
}
