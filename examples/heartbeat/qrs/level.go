package qrs

import "slices"

const (
	memory  = 8   // peaks that a level is the median of (Hamilton and Tompkins)
	maxRise = 2.0 // a peak counts for no more than this many times the level
)

// A level is the median of the last few peaks of one kind: beats or noise.
type level struct {
	peaks [memory]float64
	next  int // the oldest, to be forgotten next
}

// newLevel returns a level that stands at v as if all peaks had been that high,
// so that the first few that come do not move it much.
func newLevel(v float64) *level {
	var l level
	for i := range l.peaks {
		l.peaks[i] = v
	}
	return &l
}

func (l *level) add(v float64) {
	l.peaks[l.next] = v
	l.next = (l.next + 1) % memory
}

func (l *level) value() float64 { return median(l.peaks[:]) }

// median returns the middle of x, or 0 when x is empty. x is not changed.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
