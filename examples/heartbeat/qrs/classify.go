package qrs

import "slices"

const (
	learnS        = 1.5   // a stretch of this length is one vote for the first signal level
	tWaveS        = 0.360 // a T wave follows its QRS complex within this time ...
	tWaveRatio    = 0.5   // ... and is less than this part as steep
	overdueRatio  = 1.66  // an interval longer than this many usual ones hides a beat ...
	searchBackCut = 0.5   // ... that exceeds this part of the threshold
)

// A verdict is a candidate with what was decided about it.
type verdict struct {
	candidate
	beat      bool
	threshold float64 // in force when it was judged, mV/s
}

// classify returns the candidates in slope, the root mean square slope in mV/s,
// that are beats.
func classify(slope []float64, rateHz float64, p Params) []candidate {
	judged := judge(slope, rateHz, p)
	for searchBack(judged, len(slope), rateHz) {
		// Each round finds one beat a gap and so leaves shorter gaps.
	}
	var beats []candidate
	for _, v := range judged {
		if v.beat {
			beats = append(beats, v.candidate)
		}
	}
	return beats
}

// judge goes through the candidates in order of time, holds each against the
// threshold and lets it move the level of its kind.
func judge(slope []float64, rateHz float64, p Params) []verdict {
	signal, noise := newLevel(firstLevel(slope, rateHz)), newLevel(0)
	var judged []verdict
	var last *candidate // beat
	for _, c := range candidates(slope, samples(p.RefractoryS, rateHz)) {
		threshold := noise.value() + p.Threshold*(signal.value()-noise.value())
		v := verdict{c, c.slope > threshold && !isTWave(c, last, rateHz), threshold}
		judged = append(judged, v)
		if v.beat {
			// A burst of artefact may last for more beats than half the memory.
			signal.add(min(c.slope, maxRise*signal.value()))
			last = &c
		} else {
			noise.add(c.slope)
		}
	}
	return judged
}

// firstLevel returns the signal level to start with: the median of the highest
// slopes of short stretches. A remainder shorter than half a stretch has no vote.
func firstLevel(slope []float64, rateHz float64) float64 {
	length := samples(learnS, rateHz)
	var highest []float64
	for stretch := range slices.Chunk(slope, length) {
		if 2*len(stretch) >= length {
			highest = append(highest, slices.Max(stretch))
		}
	}
	return median(highest)
}

// isTWave reports whether c is the T wave of the beat before it, which is nil
// where there is none.
func isTWave(c candidate, before *candidate, rateHz float64) bool {
	return before != nil && c.at-before.at < samples(tWaveS, rateHz) && c.slope < tWaveRatio*before.slope
}

// searchBack makes the best candidate in each gap in which a beat is overdue a
// beat, and reports whether there was any. length is the window's, in samples.
func searchBack(judged []verdict, length int, rateHz float64) bool {
	beats := beatIndices(judged)
	limit := overdueRatio * usualInterval(judged, beats)
	if limit == 0 {
		return false // too few beats to know what is usual
	}
	found := false
	for k := range len(beats) + 1 {
		var before *candidate
		first, start := 0, 0
		if k > 0 {
			before = &judged[beats[k-1]].candidate
			first, start = beats[k-1]+1, before.at
		}
		next, end := len(judged), length
		if k < len(beats) {
			next, end = beats[k], judged[beats[k]].at
		}
		if float64(end-start) > limit && recoverBeat(judged[first:next], before, rateHz) {
			found = true
		}
	}
	return found
}

// recoverBeat makes the steepest of the rejected candidates that can be a beat
// one, and reports whether there is such a candidate.
func recoverBeat(rejected []verdict, before *candidate, rateHz float64) bool {
	var best *verdict
	for i := range rejected {
		v := &rejected[i]
		if v.slope <= searchBackCut*v.threshold || isTWave(v.candidate, before, rateHz) {
			continue
		}
		if best == nil || v.slope > best.slope {
			best = v
		}
	}
	if best != nil {
		best.beat = true
	}
	return best != nil
}

func beatIndices(judged []verdict) []int {
	var beats []int
	for i, v := range judged {
		if v.beat {
			beats = append(beats, i)
		}
	}
	return beats
}

// usualInterval returns the median interval between beats in samples, or 0
// where there are fewer than two.
func usualInterval(judged []verdict, beats []int) float64 {
	var intervals []float64
	for k := 1; k < len(beats); k++ {
		intervals = append(intervals, float64(judged[beats[k]].at-judged[beats[k-1]].at))
	}
	return median(intervals)
}
