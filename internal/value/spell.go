package value

import (
	"database/sql"
	"time"

	"github.com/google/uuid"
)

// Time spells a time as columns keep it: the wall clock, whatever its zone, with as many
// digits of a second as are not zero, so that equal times are equal texts.
func Time(t time.Time, digits int) string {
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return t.Truncate(unit(digits)).Format("2006-01-02 15:04:05.999999")
}

// unit is the last of so many digits of a second.
func unit(digits int) time.Duration {
	u := time.Second
	for range digits {
		u /= 10
	}
	return u
}

// Date spells a day.
func Date(t time.Time) string { return t.Format(time.DateOnly) }

// Arg turns an argument of a condition into what columns keep: a time into its text, a UUID
// into its bytes, whether it can be NULL or not. Everything else is left to the driver.
func Arg(v any) any {
	switch v := v.(type) {
	case time.Time:
		return Time(v, 6)
	case uuid.UUID:
		return v[:]
	case *time.Time:
		return argOrNull(v != nil, func() any { return *v })
	case *uuid.UUID:
		return argOrNull(v != nil, func() any { return *v })
	case sql.Null[time.Time]:
		return argOrNull(v.Valid, func() any { return v.V })
	case sql.Null[uuid.UUID]:
		return argOrNull(v.Valid, func() any { return v.V })
	case sql.NullTime:
		return argOrNull(v.Valid, func() any { return v.Time })
	case uuid.NullUUID:
		return argOrNull(v.Valid, func() any { return v.UUID })
	}
	return v
}

// Duration is an argument that is a duration, and not NULL.
func Duration(v any) (time.Duration, bool) {
	switch v := v.(type) {
	case time.Duration:
		return v, true
	case *time.Duration:
		if v != nil {
			return *v, true
		}
	case sql.Null[time.Duration]:
		return v.V, v.Valid
	}
	return 0, false
}

func argOrNull(valid bool, v func() any) any {
	if !valid {
		return nil
	}
	return Arg(v())
}
