package value

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/rowmill/rowmill/internal/datatype"
)

// integer reads an integer from any form in which a driver hands it over.
func integer(src any) (int64, error) {
	switch v := src.(type) {
	case int64:
		return v, nil
	case uint64:
		if v > math.MaxInt64 {
			return 0, fmt.Errorf("%d is larger than an int64 holds", v)
		}
		return int64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float32:
		return integer(float64(v))
	case float64:
		if v != math.Trunc(v) || v < -1<<63 || v >= 1<<63 {
			return 0, fmt.Errorf("%v is no integer that an int64 holds", v)
		}
		return int64(v), nil
	case []byte:
		return integer(string(v))
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is no integer that an int64 holds", v)
		}
		return n, nil
	}
	return 0, fmt.Errorf("a %T was found, an integer wanted", src)
}

// natural reads an integer that is not negative.
func natural(src any) (uint64, error) {
	switch v := src.(type) {
	case uint64:
		return v, nil
	case []byte:
		return natural(string(v))
	case string:
		if n, err := strconv.ParseUint(v, 10, 64); err == nil {
			return n, nil
		}
	}
	n, err := integer(src)
	if err == nil && n < 0 {
		err = fmt.Errorf("%d is negative, which no unsigned integer is", n)
	}
	return uint64(n), err
}

// float reads a number from any form in which a driver hands it over.
func float(src any) (float64, error) {
	switch v := src.(type) {
	case float64:
		return v, nil
	case float32:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case uint64:
		return float64(v), nil
	case []byte:
		return float(string(v))
	case string:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is no number that a float64 holds", v)
		}
		return f, nil
	}
	return 0, fmt.Errorf("a %T was found, a number wanted", src)
}

// text reads a string from any form in which a driver hands it over.
func text(src any) (string, error) {
	switch v := src.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case time.Time:
		return Time(v, 6), nil
	}
	return "", fmt.Errorf("a %T was found, text wanted", src)
}

// exactText reads a text of the type in the one way in which equal values are spelled. A decimal that
// comes as a float has few enough digits to be exact in it.
func exactText(typ datatype.Type, src any) (string, error) {
	if f, ok := src.(float64); ok && typ.Kind == datatype.Decimal {
		return strconv.FormatFloat(f, 'f', typ.Scale, 64), nil
	}
	s, err := text(src)
	if err != nil {
		return "", err
	}
	if spelled, err := typ.Canonical(s); err == nil {
		return spelled, nil
	}
	return s, nil // which the server has found to be one
}

// raw reads bytes. They belong to the driver, and are only good until the next row.
func raw(src any) ([]byte, error) {
	switch v := src.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("a %T was found, bytes wanted", src)
}

// moment reads a time from any form in which a driver hands it over.
func moment(src any) (time.Time, error) {
	if t, ok := src.(time.Time); ok {
		return t, nil
	}
	s, err := text(src)
	if err != nil {
		return time.Time{}, err
	}
	if clock, err := time.Parse(time.TimeOnly, s); err == nil { // of a computed attribute
		return clock, nil
	}
	return parseTime(s)
}

// parseTime reads a time as a column keeps it.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.DateTime, time.DateOnly, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date or time", text)
}

// anyForm reads a value of the type in one form, whichever server it comes from. It keeps nothing of src.
func anyForm(typ datatype.Type, src any) (any, error) {
	switch typ.Kind {
	case datatype.Integer, datatype.Bool, datatype.Year:
		if n, ok := src.(uint64); ok && n > math.MaxInt64 {
			return n, nil
		}
		return integer(src)
	case datatype.Float:
		return float(src)
	case datatype.Date, datatype.DateTime, datatype.Timestamp:
		return moment(src)
	case datatype.Decimal, datatype.Time, datatype.Char, datatype.Varchar, datatype.Text, datatype.Enum, datatype.Set:
		return exactText(typ, src)
	case datatype.UUID, datatype.Bytes, datatype.Binary, datatype.Varbinary, datatype.Bit, datatype.Spatial:
		b, err := raw(src)
		return append([]byte{}, b...), err // not nil where there are none, as some drivers have it: that is NULL's
	default: // Unknown
		if b, ok := src.([]byte); ok {
			return append([]byte{}, b...), nil
		}
		return src, nil
	}
}
