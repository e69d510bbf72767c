package value

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/rowmill/rowmill/internal/datatype"
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

func forMoment(typ datatype.Type, t reflect.Type) (Converter, error) {
	if t != timeType {
		return Converter{}, misfit(typ, t, "a time.Time")
	}
	return moments(typ), nil
}

func moments(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			t := v.Interface().(time.Time)
			if y := t.Year(); y < 0 || y > 9999 {
				return nil, fmt.Errorf("the year %d is not from 0 to 9999", y)
			}
			if typ.Kind == datatype.Date {
				return Date(t), nil
			}
			return Time(t, typ.Fraction), nil
		},
		Decode: func(src any, dst reflect.Value) error {
			t, err := moment(src)
			dst.Set(reflect.ValueOf(t))
			return err
		},
	}
}

// forClock holds a time of the day, or a duration of days at most, as MySQL's type time is both.
func forClock(typ datatype.Type, t reflect.Type) (Converter, error) {
	switch {
	case t.Kind() == reflect.String:
		return spelled(typ), nil
	case t == durationType:
		return clocks(typ), nil
	}
	return Converter{}, misfit(typ, t, "a time.Duration or a string")
}

func clocks(typ datatype.Type) Converter {
	return Converter{
		Encode: func(v reflect.Value) (any, error) {
			d := time.Duration(v.Int()).Truncate(unit(typ.Fraction))
			if d.Abs() > longestClock {
				return nil, fmt.Errorf("%v is longer than %v, the longest that a %s holds", d, longestClock, typ.Spec)
			}
			return spellClock(d), nil
		},
		Decode: func(src any, dst reflect.Value) error {
			s, err := text(src)
			if err != nil {
				return err
			}
			d, err := parseClock(s)
			dst.SetInt(int64(d))
			return err
		},
	}
}

// longestClock is the longest time that every server takes.
const longestClock = 838*time.Hour + 59*time.Minute + 59*time.Second

// spellClock spells a duration as columns keep it, with as many digits of a second as are not zero.
func spellClock(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	s := fmt.Sprintf("%s%02d:%02d:%02d.%06d", sign, d/time.Hour, d/time.Minute%60, d/time.Second%60, d/time.Microsecond%1e6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// clockText is a time as servers spell it, which can be longer than what they take.
var clockText = regexp.MustCompile(`^(-?\d+):(\d\d):(\d\d(?:\.\d+)?)$`)

func parseClock(s string) (time.Duration, error) {
	if m := clockText.FindStringSubmatch(s); m != nil {
		if d, err := time.ParseDuration(m[1] + "h" + m[2] + "m" + m[3] + "s"); err == nil {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is no time as 15:04:05", s)
}
