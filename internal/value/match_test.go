package value

import (
	"database/sql"
	"encoding/json"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestMatch(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	p := new(int8(5))
	var inAny any = int16(5)
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
		{"int32", &inAny, int64(5)},
		{"int32", (*int32)(nil), nil},
		{"int32", new((*int32)(nil)), nil},
		{"int32", nil, nil},
		{"int32", sql.Null[int64]{}, nil},
		{"int32", sql.Null[int64]{V: 4, Valid: true}, int64(4)},
		{"int32", sql.NullInt16{Int16: 3, Valid: true}, int64(3)},
		{"int32", &sql.NullInt16{Int16: 3, Valid: true}, int64(3)},
		{"int32", sql.NullInt16{}, nil},
		{"int32", subject(9), int64(9)},
		{"int32", new(picky(5)), int64(5)},
		{"int32", picky(5), int64(5)},
		{"int32", held{"5"}, "5"},
		{"mediumint", int8(-5), int64(-5)},
		{"mediumint unsigned", 1<<24 - 1, int64(1<<24 - 1)},
		{"tinyint unsigned", int64(255), int64(255)},
		{"bigint unsigned", 5, int64(5)},
		{"bigint unsigned", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"serial", 7, int64(7)},
		{"serial", 0, int64(0)}, // no row has it, but NULL would be another question
		{"int auto_increment", int8(0), int64(0)},
		{"year", int8(0), int64(0)},
		{"year", uint64(2024), int64(2024)},
		{"year", subject(1901), int64(1901)},
		{"bool", true, true},
		{"bool", 1, int64(1)},
		{"bool", sql.NullBool{Bool: true, Valid: true}, true},
		{"float64", 100, 100.0},
		{"float64", uint8(1), 1.0},
		{"float64", int64(-1 << 53), -float64(1 << 53)},
		{"float64", float32(0.5), 0.5},
		{"float64", volts(0.5), 0.5},
		{"float32", float32(0.1), float32(0.1)},
		{"float32", 0.1, float32(0.1)},
		{"float32", 3, float32(3)},
		{"varchar(5)", new("x"), "x"},
		{"varchar(5)", species("mouse"), "mouse"},
		{"longtext", sql.NullString{String: "x", Valid: true}, "x"},
		{"char(5)", "x  ", "x"},
		{"enum('a')", "a", "a"},
		{"set('a','b')", "b,a", "a,b"},
		{"decimal(5,2)", "1.20", "1.20"},
		{"decimal(5,2)", "+01.2", "1.20"},
		{"decimal(5,2)", 1.2, "1.20"},
		{"decimal(5,2)", float32(1.2), "1.20"},
		{"decimal(5,2)", -7, "-7.00"},
		{"decimal(5,2)", uint8(7), "7.00"},
		{"decimal(20,0)", uint64(math.MaxUint64), "18446744073709551615"},
		{"decimal(5,2)", money{120}, "1.20"},
		{"decimal(5,2)", &money{120}, "1.20"},
		{"decimal(5,2)", cents(120), "1.20"}, // and not 120
		{"decimal(5,2)", big.NewRat(6, 5), "1.20"},
		{"decimal(5,2)", big.NewInt(7), "7.00"},
		{"decimal(5,2)", json.Number("7"), "7.00"},
		{"decimal(5,2)", (*big.Rat)(nil), nil},
		{"date", at, "2024-01-02"},
		{"date", "2024-01-02", "2024-01-02"},
		{"date", "2024-01-02 00:00:00", "2024-01-02"},
		{"date", species("2024-01-02"), "2024-01-02"},
		{"datetime(3)", &at, "2024-01-02 03:04:05.678"},
		{"datetime", sql.NullTime{Time: at, Valid: true}, "2024-01-02 03:04:05"},
		{"datetime", sql.NullTime{}, nil},
		{"datetime(3)", "2024-01-02T03:04:05.120", "2024-01-02 03:04:05.12"},
		{"timestamp", "2024-01-02", "2024-01-02 00:00:00"},
		{"datetime", (*time.Time)(nil), nil},
		{"time", "1:02:03", "01:02:03"},
		{"time(3)", "-01:02:03.500", "-01:02:03.5"},
		{"time", time.Hour, "01:00:00"},
		{"time(3)", new(-1500 * time.Millisecond), "-00:00:01.5"},
		{"uuid", id, id[:]},
		{"uuid", &id, id[:]},
		{"uuid", id[:], id[:]},
		{"uuid", id.String(), id[:]},
		{"uuid", uuid.NullUUID{}, nil},
		{"uuid", uuid.NullUUID{UUID: id, Valid: true}, id[:]},
		{"uuid", null(id), id[:]},
		{"binary(16)", id, id[:]},
		{"binary(3)", []byte{1}, []byte{1, 0, 0}},
		{"bytes?", []byte(nil), nil},
		{"bytes", []byte(nil), []byte{}},
		{"longblob", []float64{1}, blobOf([]float64{1})},
		{"json", map[string]int{"a": 1}, `{"a":1}`},
		{"json?", map[string]int(nil), nil},
		{"json", &tag{5}, `{"A":5}`},
		{"json", &selfmade{}, `"selfmade"`},
		{"json", money{5}, `{}`}, // as encoding/json has it
		{"json", null(tag{5}), `{"A":5}`},
		{"json", sql.NullString{}, nil},
		{"json", "x", `"x"`},
		{"<blob>", []float64{1}, blobOf([]float64{1})},
		{"<blob>?", []float64(nil), nil},
		{"<blob>", null(1.5), blobOf(1.5)},
		{"<blob>", (*tag)(nil), nil},
		{"<upper>", new("x"), []byte("X")},
		{"<upper>", null("x"), []byte("X")},
		{"<upper>", (*string)(nil), nil},
		{"<upperv>", "x", "X"},
		{"<keyed>", &tag{5}, `{"A":5}`},
		{"<keyed>?", (*tag)(nil), nil},
		{"<keyed>", new(&tag{5}), `{"A":5}`},
		{"<kept>?", []byte(nil), nil},
		{"", 5, int64(5)},
		{"", new("x"), "x"},
		{"", at, "2024-01-02 03:04:05.6789"},
		{"", money{5}, "0.05"},
		{"", sql.NullInt64{}, nil},
	} {
		typ, codec, nullable := typed(t, c.spec)
		got, err := Match(typ, codec, nullable, c.given)
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
		{"int32", []int{1}, "is int32, which []int cannot hold: an int32 is wanted"},
		{"int8", 128, "is int8, which cannot be 128"},
		{"int8", -129, "is int8, which cannot be -129"},
		{"int64", uint64(1 << 63), "is int64, which cannot be 9223372036854775808"},
		{"mediumint", 1 << 23, "is mediumint, which cannot be 8388608"},
		{"tinyint unsigned", -1, "is tinyint unsigned, which cannot be -1"},
		{"tinyint unsigned", 256, "is tinyint unsigned, which cannot be 256"},
		{"bigint unsigned", -1, "is bigint unsigned, which cannot be -1"},
		{"year", 24, `"0024" is no year: a year from 1901 to 2155, or 0000, is wanted`},
		{"year", -1, "is year, which cannot be -1"},
		{"year", 70000, "is year, which cannot be 70000"},
		{"bool", 300, "is bool, which cannot be 300"},
		{"bool", "true", "is bool, which string cannot hold: a bool is wanted"},
		{"float64", int64(1<<53 + 1), "is float64, which cannot be exactly 9007199254740993"},
		{"float64", uint64(1<<53 + 1), "is float64, which cannot be exactly 9007199254740993"},
		{"float32", 1e39, "1e+39 is too large for float32"},
		{"float32", math.Inf(1), "+Inf is no number that a database keeps: make the attribute nullable, and leave it out"},
		{"float64", math.NaN(), "NaN is no number that a database keeps: make the attribute nullable, and leave it out"},
		{"float64", "1", "is float64, which string cannot hold: a float64 is wanted"},
		{"decimal(5,2)", 0.125, `"0.125" is no decimal(5,2): a number with at most 3 digits before the point and 2 after it is wanted`},
		{"decimal(5,2)", math.NaN(), `"NaN" is no decimal(5,2): a number with at most 3 digits before the point and 2 after it is wanted`},
		{"decimal(5,2)", true, "is decimal(5,2), which bool cannot hold: a string, or a type for decimals, is wanted"},
		{"decimal(5,2)", money{math.MinInt64}, "no such sum"},
		{"varchar(5)", 5, "is varchar(5), which int cannot hold: a string is wanted"},
		{"varchar(2)", "abc", `"abc" is no varchar(2): a text of at most 2 letters is wanted`},
		{"set('a','b')", "a,c", `"a,c" is no set('a','b'): some of its members, with commas between, is wanted`},
		{"date", "yesterday", `"yesterday" is no date or time`},
		{"date", 5, "is date, which int cannot hold: a time.Time is wanted"},
		{"datetime", "15:04:05", `"15:04:05" is no date or time`},
		{"time", "noon", `"noon" is no time: a time from -838:59:59 to 838:59:59, with at most 0 digits after a point, is wanted`},
		{"time", 5, "is time, which int cannot hold: a time.Duration or a string is wanted"},
		{"uuid", "x", "invalid UUID length: 1"},
		{"uuid", []byte{1}, "invalid UUID (got 1 bytes)"},
		{"uuid", 5, "is uuid, which int cannot hold: a uuid.UUID is wanted"},
		{"bit(9)", []byte{0, 1}, "is bit(9), which servers do not compare with bytes"},
		{"bytes", "x", "is bytes, which string cannot hold: a []byte is wanted"},
		{"varchar(5)", struct{}{}, "is varchar(5), which struct {} cannot hold: a string is wanted"},
		{"json", make(chan int), "is json: chan int is no data"},
		{"<blob>", make(chan int), "is <blob>: chan int is no data"},
		{"<upper>", 5, "is <upper>: int cannot hold it: a string is wanted"},
		{"<upper>", null(5), "is <upper>: int cannot hold it: a string is wanted"},
		{"<upper>", "refused", `"refused" cannot be kept`},
		{"", struct{}{}, "is computed, and cannot be put into a struct {}: a number, a string, a time.Time or a []byte is wanted"},
	} {
		typ, codec, nullable := typed(t, c.spec)
		_, err := Match(typ, codec, nullable, c.given)
		require.EqualError(t, err, c.wanted, "%s: %#v", c.spec, c.given)
	}
}
