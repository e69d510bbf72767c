package value

import (
	"database/sql"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestMatch(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	p := new(int8(5))
	for _, c := range []struct {
		spec          string
		given, wanted any
	}{
		{"int32", int8(5), int64(5)},
		{"int32", uint64(5), int64(5)},
		{"int8", 127, int64(127)},
		{"int8", int64(-128), int64(-128)},
		{"int64", uint64(1<<63 - 1), int64(1<<63 - 1)},
		{"int32", &p, int64(5)},
		{"int32", (*int32)(nil), nil},
		{"int32", nil, nil},
		{"int32", sql.Null[int64]{}, nil},
		{"int32", sql.Null[int64]{V: 4, Valid: true}, int64(4)},
		{"int32", sql.NullInt16{Int16: 3, Valid: true}, int64(3)},
		{"int32", sql.NullInt16{}, nil},
		{"int32", subject(9), int64(9)},
		{"bool", true, true},
		{"bool", 1, int64(1)},
		{"float64", 100, 100.0},
		{"float64", uint8(1), 1.0},
		{"float64", float32(0.5), 0.5},
		{"float32", float32(0.1), float32(0.1)},
		{"float32", 0.1, float32(0.1)},
		{"float32", 3, float32(3)},
		{"varchar(5)", new("x"), "x"},
		{"varchar(5)", species("mouse"), "mouse"},
		{"decimal(5,2)", "1.20", "1.20"},
		{"date", at, "2024-01-02"},
		{"date", "2024-01-02", "2024-01-02"},
		{"date", "2024-01-02 00:00:00", "2024-01-02"},
		{"datetime(3)", &at, "2024-01-02 03:04:05.678"},
		{"datetime", sql.NullTime{Time: at, Valid: true}, "2024-01-02 03:04:05"},
		{"datetime(3)", "2024-01-02T03:04:05.120", "2024-01-02 03:04:05.12"},
		{"datetime", (*time.Time)(nil), nil},
		{"uuid", id, id[:]},
		{"uuid", &id, id[:]},
		{"uuid", id[:], id[:]},
		{"uuid", id.String(), id[:]},
		{"uuid", uuid.NullUUID{}, nil},
		{"bytes?", []byte(nil), nil},
		{"bytes", []byte(nil), []byte{}},
		{"json", map[string]int{"a": 1}, `{"a":1}`},
		{"", 5, int64(5)},
		{"", new("x"), "x"},
		{"", at, "2024-01-02 03:04:05.6789"},
	} {
		typ, nullable := typed(t, c.spec)
		got, err := Match(typ, nullable, c.given)
		require.NoError(t, err, "%s: %#v", c.spec, c.given)
		require.Equal(t, c.wanted, got, "%s: %#v", c.spec, c.given)
	}
}

func TestMatchRefuses(t *testing.T) {
	for _, c := range []struct {
		spec   string
		given  any
		wanted string
	}{
		{"int32", "1", "is int32, which string cannot hold: an int32 is wanted"},
		{"int32", 1.0, "is int32, which float64 cannot hold: an int32 is wanted"},
		{"int8", 128, "is int8, which cannot be 128"},
		{"int8", -129, "is int8, which cannot be -129"},
		{"int64", uint64(1 << 63), "is int64, which cannot be 9223372036854775808"},
		{"bool", 300, "is bool, which cannot be 300"},
		{"float64", int64(1<<53 + 1), "is float64, which cannot be exactly 9007199254740993"},
		{"float32", 1e39, "is float32, which cannot be 1e+39"},
		{"float32", math.Inf(1), "+Inf is no number"},
		{"float64", math.NaN(), "NaN is no number"},
		{"float64", "1", "is float64, which string cannot hold: a float64 is wanted"},
		{"varchar(5)", 5, "is varchar(5), which int cannot hold: a string is wanted"},
		{"date", "yesterday", `"yesterday" is no date or time`},
		{"date", 5, "is date, which int cannot hold: a time.Time is wanted"},
		{"uuid", "x", "invalid UUID length: 1"},
		{"uuid", []byte{1}, "invalid UUID (got 1 bytes)"},
		{"varchar(5)", struct{}{}, "is varchar(5), which struct {} cannot hold: a string is wanted"},
		{"", struct{}{}, "is computed, and cannot be put into a struct {}"},
	} {
		typ, nullable := typed(t, c.spec)
		_, err := Match(typ, nullable, c.given)
		require.ErrorContains(t, err, c.wanted, "%s: %#v", c.spec, c.given)
	}
}
