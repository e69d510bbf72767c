package populate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

const (
	// lately is how far back the rate of makes looks, or four makes, if these take longer; a day at most.
	lately      = 5 * time.Minute
	latelyMakes = 4
	longestAgo  = 24 * time.Hour
	// latest is how many rows it looks at: of those that are made faster, the last ones tell enough.
	latest = 1000
)

// A stamp is what a made row tells of its make.
type stamp struct {
	Started  *time.Time `db:"_job_start_time"`
	Duration *float32   `db:"_job_duration"` // in seconds
}

// rate is how many rows a second were made lately, by the server's clock.
func (m *Maker) rate(ctx context.Context, tx *rowmill.Tx) (float64, error) {
	now, err := m.queue.Now(ctx, tx)
	if err != nil {
		return 0, err
	}
	stamped := query.From(m.table).Where("_job_start_time >= ?", now.Add(-longestAgo))
	rows, err := query.Fetch[stamp](ctx, tx, stamped.Top(latest, "_job_start_time DESC"))
	if err != nil {
		return 0, err
	}
	return rateOf(rows, now), nil
}

// rateOf is how many rows a second were made by some time, of which these were begun last.
func rateOf(rows []stamp, now time.Time) float64 {
	window := windowOf(rows)
	begin, n := now, 0
	for _, r := range rows {
		if r.Started.Add(r.took()).Before(now.Add(-window)) {
			continue
		}
		n++
		if r.Started.Before(begin) {
			begin = *r.Started
		}
	}
	if n == 0 {
		return 0
	}
	span := min(max(now.Sub(begin), time.Millisecond), window)
	return float64(n) / span.Seconds()
}

// windowOf is the time in which the makes count that ended.
func windowOf(rows []stamp) time.Duration {
	if len(rows) == 0 {
		return lately
	}
	took := make([]time.Duration, len(rows))
	for i, r := range rows {
		took[i] = r.took()
	}
	slices.Sort(took)
	return min(max(lately, latelyMakes*took[len(took)/2]), longestAgo)
}

func (s stamp) took() time.Duration {
	if s.Duration == nil {
		return 0
	}
	return time.Duration(float64(*s.Duration) * float64(time.Second))
}

// eta is how long it takes to make what is left at a rate a second; where something is left and the rate is 0, that
// is not known.
func eta(left int, rate float64) (d time.Duration, known bool) {
	if left == 0 || rate <= 0 {
		return 0, left == 0
	}
	return time.Duration(min(float64(left)/rate*float64(time.Second), math.MaxInt64/2)), true
}

// perTime is a rate as people read it.
func perTime(rate float64) string {
	per, unit := 3600.0, "an hour"
	switch {
	case rate >= 1:
		per, unit = 1, "a second"
	case rate >= 1.0/60:
		per, unit = 60, "a minute"
	}
	n := rate * per
	if n >= 10 {
		return fmt.Sprintf("%.0f %s", n, unit)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0") + " " + unit
}

// roughly is a duration as people say it.
func roughly(d time.Duration) string {
	switch {
	case d.Round(time.Second) >= time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	case d.Round(time.Millisecond) >= time.Second:
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}
