package populate

import (
	"maps"
	"math"
	"slices"
	"time"
)

// Durations are how long makes took, of any number of them in little memory. The zero value is of none. It is not
// safe for concurrent use.
//
// They are kept as a DDSketch (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
// relative-error guarantees", VLDB 2019): counted in buckets whose bounds grow by a factor, so that what is read from
// a bucket is wrong by 1 % at most. From a nanosecond to 292 years, the longest Duration, that takes 2200 buckets;
// only those are there that hold something. Sketches are added by adding their buckets, which loses nothing.
type Durations struct { //nolint:recvcheck // a value is the same JSON as its pointer
	buckets           map[int]int // bucket i counts what is in (growth^(i-1), growth^i] nanoseconds
	count             int
	total             time.Duration
	shortest, longest time.Duration
}

const (
	precision = 0.01
	growth    = (1 + precision) / (1 - precision)
)

var logGrowth = math.Log(growth)

// Count is how many makes there were.
func (d *Durations) Count() int { return d.count }

// Total is how long all makes took together.
func (d *Durations) Total() time.Duration { return d.total }

// Longest is how long the longest make took, exactly; 0 where there was none.
func (d *Durations) Longest() time.Duration { return d.longest }

// Median is what half of the makes took at most, to 1 %; 0 where there was none.
func (d *Durations) Median() time.Duration { return d.Quantile(0.5) }

// Quantile is what a share q of the makes took at most, to 1 %: Quantile(0.95) is the 95th percentile. It is 0 where
// there was none; what is below 0 counts as 0, the shortest, and what is above 1 as 1, the longest.
func (d *Durations) Quantile(q float64) time.Duration {
	rank := max(1, int(math.Ceil(min(q, 1)*float64(d.count))))
	if rank >= d.count {
		return d.longest
	}
	upTo := 0
	for _, i := range slices.Sorted(maps.Keys(d.buckets)) {
		if upTo += d.buckets[i]; upTo >= rank {
			middle := 2 * math.Pow(growth, float64(i)) / (growth + 1) // as far from both bounds, relatively
			return min(max(time.Duration(middle), d.shortest), d.longest)
		}
	}
	return d.longest
}

// add counts a make.
func (d *Durations) add(took time.Duration) {
	took = max(took, 1)
	if d.count == 0 {
		d.buckets, d.shortest = map[int]int{}, took
	}
	d.buckets[int(math.Ceil(math.Log(float64(took))/logGrowth))]++
	d.count++
	d.total += took
	d.shortest, d.longest = min(d.shortest, took), max(d.longest, took)
}

// addAll counts the makes of others.
func (d *Durations) addAll(o *Durations) {
	if o.count == 0 {
		return
	}
	if d.count == 0 {
		d.buckets, d.shortest = map[int]int{}, o.shortest
	}
	for i, n := range o.buckets {
		d.buckets[i] += n
	}
	d.count += o.count
	d.total += o.total
	d.shortest, d.longest = min(d.shortest, o.shortest), max(d.longest, o.longest)
}
