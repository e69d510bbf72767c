package blob

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// datetime reads a date, a time of day, or both.
func (d *decoder) datetime() any {
	date, clock := int32(d.uint32()), int64(d.uint64())
	day, okDay := dateOf(date)
	since, okClock := timeOf(clock)
	switch {
	case d.err != nil:
	case date >= 0 && !okDay, clock >= 0 && !okClock, date < 0 && clock < 0:
		d.failf("datetime %d %d found, a date, a time or both were wanted", date, clock)
	case clock < 0:
		return day
	case date < 0:
		return since
	default:
		return day.Time().Add(time.Duration(since))
	}
	return nil
}

// dateOf returns the date that n spells as yyyymmdd, if there is such a day.
func dateOf(n int32) (Date, bool) {
	d := Date{int(n / 10000), time.Month(n / 100 % 100), int(n % 100)}
	return d, d.valid()
}

// valid reports whether d is a day that Python knows.
func (d Date) valid() bool {
	t := d.Time()
	return d.Year >= 1 && d.Year <= 9999 && t.Month() == d.Month && t.Day() == d.Day
}

// timeOf returns the time that n spells as hhmmss and microseconds, if there is
// such a time.
func timeOf(n int64) (TimeOfDay, bool) {
	us, s := n%1e6, n/1e6
	h, m, s := s/1e4, s/100%100, s%100
	t := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute +
		time.Duration(s)*time.Second + time.Duration(us)*time.Microsecond
	return TimeOfDay(t), n >= 0 && h < 24 && m < 60 && s < 60
}

// clockNumber is the inverse of timeOf.
func clockNumber(t TimeOfDay) int64 {
	us := time.Duration(t).Microseconds()
	s := us / 1e6
	return ((s/3600*100+s/60%60)*100+s%60)*1e6 + us%1e6
}

func dateNumber(d Date) int32 { return int32((d.Year*100+int(d.Month))*100 + d.Day) }

func (e *encoder) date(d Date) error {
	if !d.valid() {
		return fmt.Errorf("date %+v found, a day of the years 1 to 9999 was wanted", d)
	}
	e.dateAndClock(dateNumber(d), -1)
	return nil
}

func (e *encoder) timeOfDay(t TimeOfDay) error {
	if t < 0 || time.Duration(t) >= 24*time.Hour {
		return fmt.Errorf("time of day %v found, one from 0 to 24 hours was wanted", time.Duration(t))
	}
	e.dateAndClock(-1, clockNumber(t))
	return nil
}

// datetime writes what the wall clock of t reads.
func (e *encoder) datetime(t time.Time) error {
	year, month, day := t.Date()
	if !inDatetime(t) {
		return fmt.Errorf("time in the year %d found, one of the years 1 to 9999 was wanted", year)
	}
	h, m, s := t.Clock()
	clock := int64((h*100+m)*100+s)*1e6 + int64(t.Nanosecond()/1e3)
	e.dateAndClock(dateNumber(Date{year, month, day}), clock)
	return nil
}

// inDatetime reports whether Python's datetime knows the year of t.
func inDatetime(t time.Time) bool { return 1 <= t.Year() && t.Year() <= 9999 }

func (e *encoder) dateAndClock(date int32, clock int64) {
	e.tag(tagDatetime)
	e.buf = le.AppendUint32(e.buf, uint32(date))
	e.buf = le.AppendUint64(e.buf, uint64(clock))
}

// A datetimeUnit is a resolution of NumPy's datetime64. Of its three scales one
// is not 0.
type datetimeUnit struct {
	name      string
	months    int64 // in one unit
	seconds   int64 // in one unit
	perSecond int64 // units in one second
}

// datetimeUnits are the units in the order of their element types.
var datetimeUnits = [...]datetimeUnit{
	{name: "Y", months: 12}, {name: "M", months: 1},
	{name: "W", seconds: 7 * 86400}, {name: "D", seconds: 86400},
	{name: "h", seconds: 3600}, {name: "m", seconds: 60}, {name: "s", seconds: 1},
	{name: "ms", perSecond: 1e3}, {name: "us", perSecond: 1e6}, {name: "ns", perSecond: 1e9},
	{name: "ps", perSecond: 1e12}, {name: "fs", perSecond: 1e15}, {name: "as", perSecond: 1e18},
}

const (
	notATime = math.MinInt64 // NumPy's NaT, here the zero time.Time

	// maxSeconds is how far from 1970 times in an array may lie, 285,000 years:
	// as far as 64 bits of microseconds reach.
	maxSeconds = 9_000_000_000_000
)

// time returns the time that lies n units after 1970. It is not ok for times
// that are not held, and for those that are no whole nanosecond.
func (u datetimeUnit) time(n int64) (t time.Time, ok bool) {
	const maxMonths = maxSeconds / (28 * 86400)
	switch {
	case n == notATime:
		return time.Time{}, true
	case u.perSecond > 0:
		s, part := n/u.perSecond, n%u.perSecond
		t = time.Unix(s, nanoseconds(part, u.perSecond)).UTC()
		return t, isHeld(t) && (u.perSecond <= 1e9 || part%(u.perSecond/1e9) == 0)
	case n < -maxSeconds || n > maxSeconds: // the products below would overflow
		return t, false
	case u.seconds > 0:
		t = time.Unix(n*u.seconds, 0).UTC()
	case n*u.months < -maxMonths || n*u.months > maxMonths:
		return t, false
	default:
		t = time.Date(1970, 1+time.Month(n*u.months), 1, 0, 0, 0, 0, time.UTC)
	}
	return t, isHeld(t)
}

// counted returns counts of the unit.
func (u datetimeUnit) counted(counts []int64) []Datetime64 {
	times := make([]Datetime64, len(counts))
	for i, n := range counts {
		times[i] = Datetime64{n, u.name}
	}
	return times
}

// nanoseconds returns how long part of a second is.
func nanoseconds(part, perSecond int64) int64 {
	if perSecond > 1e9 {
		return part / (perSecond / 1e9)
	}
	return part * (1e9 / perSecond)
}

// isHeld reports whether t lies within maxSeconds, and is not the zero time, which
// stands for NaT.
func isHeld(t time.Time) bool {
	return -maxSeconds <= t.Unix() && t.Unix() <= maxSeconds && !t.IsZero()
}

// datetimes writes times, in column-major order, as microseconds of their wall
// clocks since 1970, or as nanoseconds; the zero time is NaT.
func (e *encoder) datetimes(shape []int, data []time.Time) error {
	id, count := uint32(typeDatetimeUs), time.Time.UnixMicro
	if needNanoseconds(data) {
		id, count = typeDatetimeNs, time.Time.UnixNano
	}
	counts := make([]int64, len(data))
	for i, t := range data {
		switch {
		case t.IsZero():
			counts[i] = notATime
		case !isHeld(t):
			return fmt.Errorf("time in the year %d found, one within 285000 years was wanted", t.Year())
		default:
			counts[i] = count(wallClock(t))
		}
	}
	e.counts(shape, id, counts)
	return nil
}

// wallClock returns the time at which a clock in UTC reads what t reads.
func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// The first and the last time that 64 bits of nanoseconds reach.
var firstNano, lastNano = time.Unix(0, notATime+1), time.Unix(0, math.MaxInt64)

// needNanoseconds reports whether one of the times is no whole microsecond, and
// nanoseconds reach all of them.
func needNanoseconds(data []time.Time) bool {
	need := false
	for _, t := range data {
		need = need || t.Nanosecond()%1e3 != 0
		if wall := wallClock(t); !t.IsZero() && (wall.Before(firstNano) || wall.After(lastNano)) {
			return false
		}
	}
	return need
}

// datetime64s writes times that are counted already, in column-major order.
func (e *encoder) datetime64s(shape []int, data []Datetime64) error {
	id := uint32(typeDatetimeUs)
	counts := make([]int64, len(data))
	for i, t := range data {
		unit := slices.IndexFunc(datetimeUnits[:], func(u datetimeUnit) bool { return u.name == t.Unit })
		if unit < 0 {
			return fmt.Errorf("datetime64[%s] found, a unit of NumPy's was wanted", t.Unit)
		}
		if t.Unit != data[0].Unit {
			return fmt.Errorf("datetime64[%s] found among those of [%s], one unit was wanted", t.Unit, data[0].Unit)
		}
		id = typeDatetime + uint32(unit)
		counts[i] = t.Count
	}
	e.counts(shape, id, counts)
	return nil
}

// counts writes the counts of an array of datetimes.
func (e *encoder) counts(shape []int, id uint32, counts []int64) {
	e.arrayHead(shape, id, false)
	put64(e.grow(8*len(counts)), counts)
}
