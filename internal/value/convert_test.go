package value

import (
	"database/sql"
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/blob"
)

// blobOf is a value in DataJoint's format.
func blobOf(v any) []byte {
	data, err := blob.Encode(v)
	if err != nil {
		panic(err)
	}
	return data
}

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		spec     string
		in, want any
	}{
		{"int8", int8(-128), int64(-128)},
		{"int8", 300, int64(300)}, // the server refuses it
		{"int64", int64(math.MinInt64), int64(math.MinInt64)},
		{"int64", uint64(math.MaxInt64), int64(math.MaxInt64)},
		{"int32", subject(7), int64(7)},
		{"mediumint", int32(-8388608), int64(-8388608)},
		{"smallint unsigned", int32(65535), int64(65535)},
		{"smallint unsigned", uint16(65535), int64(65535)},
		{"bigint unsigned", uint64(5), int64(5)},
		{"bigint unsigned", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"serial", uint64(0), nil},
		{"serial", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"int auto_increment", 0, nil},
		{"int auto_increment", 7, int64(7)},
		{"int auto_increment", subject(0), nil},
		{"year", 2024, int64(2024)},
		{"year", uint16(1901), int64(1901)},
		{"year", int16(0), int64(0)},
		{"bool", true, true},
		{"bool", int8(1), int64(1)},
		{"float64", 0.1, 0.1},
		{"float64", math.Copysign(0, -1), math.Copysign(0, -1)},
		{"float64", math.MaxFloat64, math.MaxFloat64},
		{"float64", volts(1.5), 1.5},
		{"float32", float32(0.1), float32(0.1)},
		{"float unsigned", 0.5, float32(0.5)},
		{"float32", 0.1, float32(0.1)},
		{"float32", -math.MaxFloat32, float32(-math.MaxFloat32)},
		{"varchar(5)", "it's\x00", "it's\x00"},
		{"varchar(5)", species("mouse"), "mouse"},
		{"longtext", "x", "x"},
		{"varchar(5)", "mouse", "mouse"},
		{"varchar(3)", "a  ", "a  "},
		{"char(3)", "a  ", "a"}, // as MySQL keeps it
		{"char(3)", "日本語", "日本語"},
		{"enum('a','b ')", "b", "b"},
		{"tinytext", strings.Repeat("x", 255), strings.Repeat("x", 255)},
		{"set('a','b','c')", "c,a", "a,c"},
		{"set('a','b','c')", "", ""},

		{"decimal(5,2)", "1.20", "1.20"},
		{"decimal(8,3)", "1.5", "1.500"},
		{"decimal(8,3)", "-01.5000", "-1.500"},
		{"decimal(8,3)", species("1e2"), "100.000"},
		{"decimal(8,3)", json.Number("7"), "7.000"},
		{"decimal(8,3)", money{150}, "1.500"},
		{"decimal(8,3)", cents(1205), "12.050"},
		{"decimal(8,3)", big.NewRat(3, 2), "1.500"},
		{"decimal(8,3)", big.NewRat(-1, 8), "-0.125"},
		{"decimal(8,3)", *big.NewFloat(1.25), "1.250"},
		{"decimal(8,3)", big.NewInt(-7), "-7.000"},
		{"numeric", "12", "12"},

		{"bytes", []byte(nil), []byte{}},
		{"bytes", []byte{0, 255}, []byte{0, 255}},
		{"bytes", gray{1}, []byte{1}},
		{"varbinary(5)", []byte{1}, []byte{1}},
		{"binary(3)", []byte{1}, []byte{1, 0, 0}},
		{"binary(3)", []byte(nil), []byte{0, 0, 0}},
		{"binary(0)", []byte(nil), []byte{}},
		{"binary(16)", id, id[:]},
		{"bit(9)", []byte{5}, []byte{0, 5}},
		{"bit(9)", []byte{1, 255}, []byte{1, 255}},
		{"bit", gray{1}, []byte{1}},
		{"point", []byte{1, 2}, []byte{1, 2}},
		{"uuid", id, id[:]},

		{"date", aMoment, "2024-02-29"},
		{"datetime", aMoment, "2024-02-29 23:59:58"},
		{"datetime(3)", aMoment, "2024-02-29 23:59:58.123"},
		{"datetime(6)", aMoment, "2024-02-29 23:59:58.123456"},
		{"timestamp(2)", aMoment, "2024-02-29 23:59:58.12"},
		{"time", "1:02:03", "01:02:03"},
		{"time(3)", species("-00:00:00.500"), "-00:00:00.5"},
		{"time", 15*time.Hour + 4*time.Minute + 5*time.Second, "15:04:05"},
		{"time", time.Duration(0), "00:00:00"},
		{"time", -999 * time.Millisecond, "00:00:00"}, // cut, as times are
		{"time(3)", -1500 * time.Millisecond, "-00:00:01.5"},
		{"time(6)", 123456789 * time.Nanosecond, "00:00:00.123456"},
		{"time(6)", longestClock, "838:59:59"},
		{"time", -longestClock - 999*time.Millisecond, "-838:59:59"},

		{"json", map[string]int{"b": 1, "a": 2}, `{"a":2,"b":1}`},
		{"json", []float64{1, 2.5}, `[1,2.5]`},
		{"json", []float64(nil), `null`},
		{"json", json.RawMessage(nil), `null`},
		{"json", json.RawMessage(`{"a": 1}`), `{"a":1}`},
		{"json", tag{5}, `{"A":5}`},
		{"json", (*tag)(nil), `null`},
		{"json", selfmade{}, `"selfmade"`},
		{"json", money{5}, `{}`}, // as encoding/json has it
		{"json", cents(5), `"0.05"`},

		{"longblob", []byte("raw"), []byte("raw")},
		{"longblob", []float64{1, 2}, blobOf([]float64{1, 2})},
		{"tinyblob", map[string]any{"a": 1}, blobOf(map[string]any{"a": 1})},
		{"<blob>", []byte("raw"), blobOf([]byte("raw"))},
		{"<blob>", tag{5}, blobOf(tag{5})},
		{"<blob>", (*tag)(nil), blobOf(nil)},
		{"<upper>", "mouse", []byte("MOUSE")},
		{"<upper>", "", []byte{}}, // which nil would not be
		{"<upperv>", "mouse", "MOUSE"},
		{"<upperv>", "", ""},
		{"<keyed>", &tag{5}, `{"A":5}`},
		{"<keyed>", (*tag)(nil), `null`},

		{"int32?", (*int32)(nil), nil},
		{"int32?", new(int32(0)), int64(0)},
		{"int32?", sql.Null[int32]{V: 5}, nil},
		{"int32?", null(int32(5)), int64(5)},
		{"int32?", sql.NullInt64{Int64: 5, Valid: true}, int64(5)},
		{"int32?", sql.NullInt64{Int64: 5}, nil},
		{"bigint unsigned?", new(uint64(math.MaxUint64)), uint64(math.MaxUint64)},
		{"year?", (*int16)(nil), nil},
		{"float64?", new(0.5), 0.5},
		{"varchar(5)?", new(""), ""},
		{"varchar(5)?", sql.NullString{String: "x", Valid: true}, "x"},
		{"decimal(5,2)?", sql.NullString{String: "1.5", Valid: true}, "1.50"},
		{"decimal(5,2)?", (*big.Rat)(nil), nil},
		{"decimal(5,2)?", big.NewRat(1, 4), "0.25"},
		{"decimal(5,2)?", null(money{125}), "1.25"},
		{"uuid?", null(id), id[:]},
		{"uuid?", uuid.NullUUID{UUID: id, Valid: true}, id[:]},
		{"uuid?", uuid.NullUUID{}, nil},
		{"datetime?", new(aMoment), "2024-02-29 23:59:58"},
		{"datetime?", sql.NullTime{Time: aMoment, Valid: true}, "2024-02-29 23:59:58"},
		{"time?", new(time.Minute), "00:01:00"},
		{"bytes?", []byte(nil), nil},
		{"bytes?", []byte{}, []byte{}},
		{"binary(2)?", []byte(nil), nil},
		{"binary(2)?", []byte{}, []byte{0, 0}},
		{"json?", map[string]int(nil), nil},
		{"json?", json.RawMessage(nil), nil},
		{"json?", null(tag{5}), `{"A":5}`},
		{"<blob>?", []float64(nil), nil},
		{"<blob>?", (*tag)(nil), nil},
		{"<blob>?", &tag{5}, blobOf(tag{5})},
		{"longblob?", []float64(nil), nil},
		{"<upper>?", (*string)(nil), nil},
		{"<upper>?", new("x"), []byte("X")},
		{"<upper>?", sql.Null[string]{}, nil},
		{"<upperv>?", sql.NullString{String: "x", Valid: true}, "X"},
		{"<keyed>?", (*tag)(nil), nil},
		{"<keyed>?", &tag{5}, `{"A":5}`},
		{"<keyed>?", sql.Null[*tag]{}, nil},
		{"<kept>?", []byte(nil), nil},
		{"<kept>?", []byte{1}, []byte{1}},
		{"", true, true},
		{"", aMoment, "2024-02-29 23:59:58.123456"},
		{"", (*int)(nil), nil},
		{"", sql.NullString{}, nil},
		{"", money{5}, "0.05"},
	} {
		got, err := encode(t, c.spec, c.in)
		require.NoError(t, err, "%s from %#v", c.spec, c.in)
		require.Equal(t, c.want, got, "%s from %#v", c.spec, c.in)
	}
}

func TestEncodeRefuses(t *testing.T) {
	const noNumber = " is no number that a database keeps: make the attribute nullable, and leave it out"
	const noDecimal = " is no decimal(5,2): a number with at most 3 digits before the point and 2 after it is wanted"
	for _, c := range []struct {
		spec string
		in   any
		want string
	}{
		{"float64", math.NaN(), "NaN" + noNumber},
		{"float64", math.Inf(1), "+Inf" + noNumber},
		{"float32", float32(math.Inf(-1)), "-Inf" + noNumber},
		{"float64?", new(math.NaN()), "NaN" + noNumber},
		{"float64?", null(math.NaN()), "NaN" + noNumber},
		{"float32", 1e39, "1e+39 is too large for float32"},
		{"float32", math.NaN(), "NaN" + noNumber},
		{"float", math.Inf(-1), "-Inf" + noNumber},
		{"varchar(3)", "mouse", `"mouse" is no varchar(3): a text of at most 3 letters is wanted`},
		{"varchar(3)", "\xff", `"\xff" is no text in UTF-8`},
		{"char(2)", "日本語", `"日本語" is no char(2): a text of at most 2 letters is wanted`},
		{"enum('a')", "A", `"A" is no enum('a'): one of its members is wanted`},
		{"tinytext", strings.Repeat("ä", 128), "256 bytes are too many for tinytext, which has at most 255"},
		{"int64", uint64(math.MaxInt64 + 1), "9223372036854775808 is larger than an int64 holds"},
		{"year", 24, `"0024" is no year: a year from 1901 to 2155, or 0000, is wanted`},
		{"year", 2156, `"2156" is no year: a year from 1901 to 2155, or 0000, is wanted`},
		{"year", -1, `"-001" is no year: a year from 1901 to 2155, or 0000, is wanted`},
		{"year?", new(uint16(1900)), `"1900" is no year: a year from 1901 to 2155, or 0000, is wanted`},
		{"datetime", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "the year 10000 is not from 0 to 9999"},
		{"date", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), "the year -1 is not from 0 to 9999"},
		{"time", longestClock + time.Second, "839h0m0s is longer than 838h59m59s, the longest that a time holds"},
		{"time(6)", longestClock + time.Microsecond, "838h59m59.000001s is longer than 838h59m59s, the longest that a time(6) holds"},
		{"time", time.Duration(math.MinInt64), "-2562047h47m16s is longer than 838h59m59s, the longest that a time holds"},
		{"time", "12:30", `"12:30" is no time: a time from -838:59:59 to 838:59:59, with at most 0 digits after a point, is wanted`},
		{"time", "839:00:00", `"839:00:00" is no time: a time from -838:59:59 to 838:59:59, with at most 0 digits after a point, is wanted`},
		{"set('a','b')", "a,c", `"a,c" is no set('a','b'): some of its members, with commas between, is wanted`},
		{"decimal(5,2)", "1.234", `"1.234"` + noDecimal},
		{"decimal(5,2)", "1000", `"1000"` + noDecimal},
		{"decimal(5,2)", "", `""` + noDecimal},
		{"decimal(5,2)", "NaN", `"NaN"` + noDecimal},
		{"decimal(5,2)", "1/2", `"1/2"` + noDecimal},
		{"decimal(5,2)", "1e1000000000", `"1e1000000000"` + noDecimal},
		{"decimal(5,2)", money{100000}, `"1000"` + noDecimal},
		{"decimal(5,2)", money{math.MinInt64}, "no such sum"},
		{"decimal(5,2)", cents(-1), "-1 are less than none"},
		{"decimal(5,2)", big.NewRat(1, 3), "1/3 has no end as a decimal"},
		{"decimal(5,2)", big.NewRat(1, 8), `"0.125"` + noDecimal},
		{"decimal(5,2)", (*big.Rat)(nil), "nil is no decimal(5,2)"},
		{"decimal(5,2)", *big.NewFloat(math.Inf(1)), `"+Inf"` + noDecimal},
		{"decimal(5,2)", netip.MustParseAddr("::1"), `"::1"` + noDecimal},
		{"decimal(5,2)?", sql.NullString{Valid: true}, `""` + noDecimal},
		{"decimal(5,2) unsigned", "-1", `"-1" is no decimal(5,2) unsigned: a number from 0 on with at most 3 digits before the point and 2 after it is wanted`},
		{"binary(2)", []byte{1, 2, 3}, "3 bytes are too many for binary(2), which has 2"},
		{"bit(8)", []byte{1, 2}, "2 bytes are too many for bit(8), which has 1"},
		{"bit(9)", []byte{2, 0}, "0200 has more bits than bit(9)"},
		{"bit", []byte{2}, "02 has more bits than bit"},
		{"json", json.RawMessage(`{`), "json: error calling MarshalJSON for type *json.RawMessage: unexpected end of JSON input"},
		{"json", []any{make(chan int)}, "json: unsupported type: chan int"},
		{"<upper>", "refused", `"refused" cannot be kept`},
		{"<upperv>", "too long for it", `"TOO LONG FOR IT" is no <upperv>: a text of at most 9 letters is wanted`},
		{"<upperv>?", new("refused"), `"refused" cannot be kept`},
	} {
		_, err := encode(t, c.spec, c.in)
		require.EqualError(t, err, c.want)
	}
	_, err := encode(t, "<blob>", []any{make(chan int)})
	require.ErrorContains(t, err, "chan int")
}

func TestDecode(t *testing.T) {
	utc := func(ns int) time.Time { return time.Date(2024, 2, 29, 23, 59, 58, ns, time.UTC) }
	var none any
	for _, c := range []struct {
		spec            string
		src, into, want any
	}{
		{"int8", int64(-128), int8(0), int8(-128)},
		{"int32", []byte("-5"), 9, -5},
		{"int64", "9223372036854775807", int64(0), int64(math.MaxInt64)},
		{"int64", uint64(math.MaxInt64), uint64(0), uint64(math.MaxInt64)},
		{"int16", 7.0, int16(0), int16(7)},
		{"int16", float32(7), subject(0), subject(7)},
		{"int32", int64(5), uint8(0), uint8(5)},
		{"int(10) unsigned zerofill", []byte("0000000007"), 0, 7},
		{"smallint unsigned", int64(65535), int32(0), int32(65535)},
		{"bigint unsigned", uint64(math.MaxUint64), uint64(0), uint64(math.MaxUint64)},
		{"bigint unsigned", []byte("18446744073709551615"), uint64(0), uint64(math.MaxUint64)},
		{"bigint unsigned", "18446744073709551615", uint(0), uint(math.MaxUint)},
		{"bigint unsigned", int64(5), uint64(0), uint64(5)},
		{"bigint unsigned", 5.0, uint64(0), uint64(5)},
		{"serial", int64(5), uint64(9), uint64(5)},
		{"year", int64(2024), int16(0), int16(2024)},
		{"year", []byte("2155"), uint16(0), uint16(2155)},
		{"bool", int64(1), false, true},
		{"bool", []byte("0"), true, false},
		{"bool", true, int8(0), int8(1)},
		{"float64", []byte("0.1"), 0.0, 0.1},
		{"float64", int64(3), 0.0, 3.0},
		{"float64", uint64(math.MaxUint64), 0.0, float64(1 << 64)},
		{"float64", "1e300", 0.0, 1e300},
		{"float32", float32(0.1), float32(0), float32(0.1)},
		{"float32", 0.1, float32(0), float32(0.1)},
		{"varchar(5)", []byte("mouse"), "", "mouse"},
		{"varchar(5)", "", "before", ""},
		{"longtext", []byte("mouse"), species(""), species("mouse")},
		{"set('a','b')", []byte("a,b"), "", "a,b"},

		{"decimal(5,2)", []byte("1.20"), "", "1.20"},
		{"decimal(5,2)", 1.2, "", "1.20"},
		{"decimal(15,2)", 1234567890123.45, "", "1234567890123.45"},
		{"decimal(15,15)", 0.123456789012345, "", "0.123456789012345"},
		{"decimal(15,0)", -999999999999999.0, "", "-999999999999999"},
		{"decimal(8,3)", int64(5), "", "5.000"},
		{"decimal(5,2) unsigned zerofill", []byte("001.20"), "", "1.20"},
		{"decimal(5,2)", []byte("12345.678"), "", "12345.678"}, // what the server has is what there is
		{"decimal(5,2)", []byte("1.20"), money{}, money{120}},
		{"decimal(5,2)", 1.2, money{}, money{120}},
		{"decimal(5,2)", []byte("1.20"), cents(0), cents(120)},
		{"decimal(5,2)", 1.5, new(big.Rat), big.NewRat(3, 2)},
		{"decimal(5,2)", []byte("1.50"), (*big.Rat)(nil), big.NewRat(3, 2)},

		{"bytes", []byte{}, []byte{1}, []byte{}},
		{"bit(9)", []byte{0, 5}, []byte(nil), []byte{0, 5}},
		{"binary(16)", id[:], uuid.UUID{}, id},
		{"uuid", id[:], uuid.UUID{}, id},
		{"uuid", string(id[:]), uuid.UUID{}, id},
		{"uuid", []byte(id.String()), uuid.UUID{}, id}, // of MariaDB's own type

		{"datetime(6)", "2024-02-29 23:59:58.123456", time.Time{}, utc(123456000)},
		{"datetime(3)", []byte("2024-02-29 23:59:58.1"), time.Time{}, utc(100000000)},
		{"datetime", utc(0), time.Time{}, utc(0)},
		{"datetime", "2024-02-29T23:59:58", time.Time{}, utc(0)},
		{"date", "2024-02-29", time.Time{}, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"timestamp", utc(0), time.Time{}, utc(0)},
		{"time", []byte("15:04:05"), time.Duration(0), 15*time.Hour + 4*time.Minute + 5*time.Second},
		{"time(6)", []byte("-838:59:59.000000"), time.Duration(0), -longestClock},
		{"time(6)", []byte("-00:00:00.500000"), time.Duration(0), -500 * time.Millisecond},
		{"time(6)", "838:59:59.999999", time.Duration(0), longestClock + 999999*time.Microsecond}, // MariaDB's longest
		{"time(6)", "838:59:59.999999", "", "838:59:59.999999"},
		{"time(6)", []byte("-00:00:00.500000"), "", "-00:00:00.5"},

		{"json", `{"a":1}`, map[string]int{"b": 2}, map[string]int{"a": 1}},
		{"json", []byte(`{}`), tag{5}, tag{}},
		{"json", `[1]`, json.RawMessage{}, json.RawMessage(`[1]`)},
		{"json", `null`, (*tag)(nil), (*tag)(nil)},
		{"json", `"0.05"`, cents(0), cents(5)},

		{"longblob", []byte("raw"), []byte(nil), []byte("raw")},
		{"longblob", blobOf([]float64{1, 2}), []float64(nil), []float64{1, 2}},
		{"mediumblob", blobOf(map[string]any{"a": 1.0}), map[string]float64(nil), map[string]float64{"a": 1}},
		{"<blob>", blobOf(tag{5}), tag{}, tag{5}},
		{"<upper>", []byte("MOUSE"), "", "mouse"},
		{"<upperv>", "MOUSE", "", "mouse"},
		{"<keyed>", `{"A":5}`, (*tag)(nil), &tag{5}},

		{"int32?", nil, new(int32(5)), (*int32)(nil)},
		{"int32?", int64(5), (*int32)(nil), new(int32(5))},
		{"int32?", nil, null(int32(5)), sql.Null[int32]{}},
		{"int32?", int64(5), sql.Null[int32]{}, null(int32(5))},
		{"int32?", int64(5), sql.NullInt32{}, sql.NullInt32{Int32: 5, Valid: true}},
		{"int32?", nil, sql.NullInt32{Int32: 5, Valid: true}, sql.NullInt32{}},
		{"bool?", int64(1), sql.NullBool{}, sql.NullBool{Bool: true, Valid: true}},
		{"varchar(5)?", []byte("x"), sql.NullString{}, sql.NullString{String: "x", Valid: true}},
		{"datetime?", "2024-02-29 23:59:58", sql.NullTime{}, sql.NullTime{Time: utc(0), Valid: true}},
		{"bytes?", nil, []byte{1}, []byte(nil)},
		{"bytes?", []byte{}, []byte(nil), []byte{}},
		{"json?", nil, map[string]int{"b": 2}, map[string]int(nil)},
		{"datetime?", "2024-02-29 23:59:58", (*time.Time)(nil), new(utc(0))},
		{"decimal(5,2)?", nil, big.NewRat(1, 2), (*big.Rat)(nil)},
		{"decimal(5,2)?", 0.5, (*big.Rat)(nil), big.NewRat(1, 2)},
		{"decimal(5,2)?", "0.50", sql.Null[money]{}, null(money{50})},
		{"uuid?", id[:], uuid.NullUUID{}, uuid.NullUUID{UUID: id, Valid: true}},
		{"uuid?", nil, uuid.NullUUID{UUID: id, Valid: true}, uuid.NullUUID{}},
		{"<blob>?", nil, []float64{1}, []float64(nil)},
		{"<upper>?", nil, new("x"), (*string)(nil)},
		{"<upper>?", []byte("X"), (*string)(nil), new("x")},
		{"<upperv>?", "X", sql.NullString{}, sql.NullString{String: "x", Valid: true}},
		{"<keyed>?", nil, &tag{5}, (*tag)(nil)},
		{"<keyed>?", `{"A":5}`, (*tag)(nil), &tag{5}},
		{"<kept>?", nil, []byte{1}, []byte(nil)},

		{"", nil, new(int64(5)), (*int64)(nil)},
		{"", []byte("12"), (*int64)(nil), new(int64(12))},
		{"", nil, sql.NullInt64{Int64: 5, Valid: true}, sql.NullInt64{}},
		{"", []byte("12"), sql.Null[int64]{}, null(int64(12))},
		{"", float32(0.1), "", "0.1"},
		{"", int64(12), "", "12"},
		{"", uint64(math.MaxUint64), "", "18446744073709551615"},
		{"", 0.1, "", "0.1"},
		{"", false, 5, 0},
		{"", utc(5000), "", "2024-02-29 23:59:58.000005"},
		{"", []byte("12.50"), 0.0, 12.5},
		{"", []byte("15:04:05"), time.Time{}, time.Date(0, 1, 1, 15, 4, 5, 0, time.UTC)},
		{"", 12.5, money{}, money{1250}},
		{"inet6", []byte("::1"), "", "::1"},
	} {
		got, err := decode(t, c.spec, c.src, c.into)
		require.NoError(t, err, "%s from %#v", c.spec, c.src)
		require.Equal(t, c.want, got, "%s from %#v", c.spec, c.src)
	}

	for spec, src := range map[string]any{"json": `{"a":[1,null]}`, "<blob>": blobOf(map[string]any{"a": []any{1.0, nil}})} {
		typ, codec, _ := typed(t, spec)
		c, err := For(typ, codec, false, reflect.TypeFor[any]())
		require.NoError(t, err)
		require.NoError(t, c.Decode(src, reflect.ValueOf(&none).Elem()))
		require.Equal(t, map[string]any{"a": []any{1.0, nil}}, none, spec)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		spec      string
		src, into any
		want      string
	}{
		{"int8", int64(300), int8(0), "300 is too large for int8"},
		{"int8", int64(-1), uint8(0), "-1 is negative, which no unsigned integer is"},
		{"int32", int64(256), uint8(0), "256 does not fit uint8"},
		{"bigint unsigned", []byte("18446744073709551616"), uint64(0), `"18446744073709551616" is no integer that an int64 holds`},
		{"int64", uint64(math.MaxUint64), int64(0), "18446744073709551615 is larger than an int64 holds"},
		{"int64", []byte("9223372036854775808"), int64(0), `"9223372036854775808" is no integer that an int64 holds`},
		{"int64", "mouse", int64(0), `"mouse" is no integer that an int64 holds`},
		{"", []byte("12.5000"), 0, `"12.5000" is no integer that an int64 holds`},
		{"", 12.5, 0, "12.5 is no integer that an int64 holds"},
		{"", math.NaN(), 0, "NaN is no integer that an int64 holds"},
		{"", math.Inf(1), 0, "+Inf is no integer that an int64 holds"},
		{"", float64(1 << 63), 0, "9.223372036854776e+18 is no integer that an int64 holds"},
		{"", time.Time{}, 0, "a time.Time was found, an integer wanted"},
		{"float32", 1e300, float32(0), "1e+300 is too large for float32"},
		{"float64", "mouse", 0.0, `"mouse" is no number that a float64 holds`},
		{"float64", "1e999", 0.0, `"1e999" is no number that a float64 holds`},
		{"float64", time.Time{}, 0.0, "a time.Time was found, a number wanted"},
		{"varchar(5)", true, "", "a bool was found, text wanted"},
		{"decimal(5,2)", true, "", "a bool was found, text wanted"},
		{"decimal(5,2)", true, cents(0), "a bool was found, text wanted"},
		{"decimal(5,2)", true, money{}, "a bool was found, text wanted"},
		{"bytes", int64(1), []byte{}, "a int64 was found, bytes wanted"},
		{"uuid", []byte{1, 2, 3}, uuid.UUID{}, "invalid UUID (got 3 bytes)"},
		{"uuid", "no uuid but longer", uuid.UUID{}, "invalid UUID length: 18"},
		{"uuid", int64(1), uuid.UUID{}, "a int64 was found, bytes wanted"},
		{"datetime", "yesterday", time.Time{}, `"yesterday" is no date or time`},
		{"datetime", true, time.Time{}, "a bool was found, text wanted"},
		{"datetime", "2024-02-30 00:00:00", time.Time{}, `"2024-02-30 00:00:00" is no date or time`},
		{"time", "noon", time.Duration(0), `"noon" is no time as 15:04:05`},
		{"time", "1h2:03:04", time.Duration(0), `"1h2:03:04" is no time as 15:04:05`},
		{"time", "99999999999:00:00", time.Duration(0), `"99999999999:00:00" is no time as 15:04:05`},
		{"time", true, time.Duration(0), "a bool was found, text wanted"},
		{"json", "{", tag{}, "unexpected end of JSON input"},
		{"json", int64(5), tag{}, "a int64 was found, bytes wanted"},
		{"longblob", []byte("raw"), []float64{}, `blob: header "raw" found, "mYm\x00" or "dj0\x00" was wanted`},
		{"<upper>", int64(5), "", "a int64 was found, bytes wanted"},
		{"int32?", int64(1 << 40), (*int32)(nil), "1099511627776 is too large for int32"},
		{"int32?", int64(1 << 40), sql.Null[int32]{}, "1099511627776 is too large for int32"},
	} {
		_, err := decode(t, c.spec, c.src, c.into)
		require.EqualError(t, err, c.want, "%s from %#v", c.spec, c.src)
	}
}

// TestDecodeKeepsNothing changes what the driver handed over, as it does for the next row.
func TestDecodeKeepsNothing(t *testing.T) {
	for _, c := range []struct {
		spec string
		into any
	}{
		{"bytes", []byte{}}, {"bytes?", []byte(nil)}, {"binary(5)", []byte{}}, {"varchar(9)", ""}, {"json", json.RawMessage{}},
		{"json?", (*json.RawMessage)(nil)}, {"<kept>", []byte{}}, {"bytes", held{}}, {"varchar(9)", held{}}, {"", held{}}, {"", ""},
	} {
		src := []byte(`"abc"`)
		got, err := decode(t, c.spec, src, c.into)
		require.NoError(t, err)
		before, err := encode(t, c.spec, got)
		require.NoError(t, err)
		copy(src, `"xyz"`)
		now, err := encode(t, c.spec, got)
		require.NoError(t, err)
		require.Equal(t, before, now, c.spec)
	}
	raw := json.RawMessage(`{"row": 1}`)
	first := raw
	typ, _, _ := typed(t, "json")
	conv, err := For(typ, nil, false, reflect.TypeFor[json.RawMessage]())
	require.NoError(t, err)
	require.NoError(t, conv.Decode(`{"row": 2}`, reflect.ValueOf(&raw).Elem()))
	require.JSONEq(t, `{"row": 1}`, string(first), "a row that was read before keeps its own")
}

// TestEncodeKeepsNothing: what is handed to the driver is not the row's own memory.
func TestEncodeKeepsNothing(t *testing.T) {
	for _, spec := range []string{"bytes", "binary(3)", "bit(24)", "varbinary(3)"} {
		b := []byte{1, 2, 3}
		got, err := encode(t, spec, b)
		require.NoError(t, err)
		b[0] = 9
		require.Equal(t, []byte{1, 2, 3}, got, spec)
	}
}

// TestScan: a type that scans itself is handed values in one form, whichever server they come from, and
// hands over what the attribute keeps.
func TestScan(t *testing.T) {
	at := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		spec       string
		srcs       []any // what drivers hand over
		form, kept any   // what Scan is given, and what is kept of that
	}{
		{"int32", []any{int64(5), []byte("5"), "5"}, int64(5), int64(5)},
		{"bigint unsigned", []any{uint64(5), int64(5)}, int64(5), int64(5)},
		{"bigint unsigned", []any{uint64(math.MaxUint64)}, uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"bool", []any{int64(1), true}, int64(1), int64(1)},
		{"year", []any{int64(2024), []byte("2024")}, int64(2024), int64(2024)},
		{"float32", []any{float32(0.5), 0.5, []byte("0.5")}, 0.5, float32(0.5)},
		{"float64", []any{0.1, "0.1"}, 0.1, 0.1},
		{"decimal(5,2)", []any{[]byte("1.50"), 1.5}, "1.50", "1.50"},
		{"varchar(5)", []any{[]byte("x"), "x"}, "x", "x"},
		{"longtext", []any{[]byte("x"), "x"}, "x", "x"},
		{"enum('a')", []any{[]byte("a"), "a"}, "a", "a"},
		{"set('a','b')", []any{[]byte("a,b"), "a,b"}, "a,b", "a,b"},
		{"date", []any{at, []byte("2024-02-29"), "2024-02-29"}, at, "2024-02-29"},
		{"datetime", []any{at, "2024-02-29 00:00:00"}, at, "2024-02-29 00:00:00"},
		{"timestamp", []any{at, "2024-02-29 00:00:00"}, at, "2024-02-29 00:00:00"},
		{"time(3)", []any{[]byte("15:04:05.500"), "15:04:05.5"}, "15:04:05.5", "15:04:05.5"},
		{"uuid", []any{id[:], string(id[:])}, id[:], id[:]},
		{"bytes", []any{[]byte{1}, "\x01"}, []byte{1}, []byte{1}},
		{"longblob", []any{[]byte{1}}, []byte{1}, []byte{1}},
		{"binary(2)", []any{[]byte{1, 0}}, []byte{1, 0}, []byte{1, 0}},
		{"varbinary(2)", []any{[]byte{1}}, []byte{1}, []byte{1}},
		{"bit(4)", []any{[]byte{1}}, []byte{1}, []byte{1}},
		{"point", []any{[]byte{1}}, []byte{1}, []byte{1}},
		{"int32?", []any{nil}, nil, nil},
		{"datetime?", []any{nil}, nil, nil},
		{"<upper>?", nil, nil, nil},
		{"", []any{[]byte("x")}, []byte("x"), []byte("x")},
		{"", []any{5.5}, 5.5, 5.5},
		{"", []any{nil}, nil, nil},
	} {
		for _, src := range c.srcs {
			got, err := decode(t, c.spec, src, held{it: "before"})
			require.NoError(t, err, "%s from %#v", c.spec, src)
			require.Equal(t, held{c.form}, got, "%s from %#v", c.spec, src)
			kept, err := encode(t, c.spec, got)
			require.NoError(t, err, "%s from %#v", c.spec, src)
			require.Equal(t, c.kept, kept, "%s from %#v", c.spec, src)
		}
	}
}

// TestValue: what a type says that it is may have another form than the attribute's.
func TestValue(t *testing.T) {
	for _, c := range []struct {
		spec     string
		it, want any
	}{
		{"int32", "+05", "5"},
		{"int32", []byte("5"), "5"},
		{"int32", nil, nil},
		{"bigint unsigned", "18446744073709551615", "18446744073709551615"},
		{"int auto_increment", int64(0), nil},
		{"float64", "0.50", "0.5"},
		{"float64", int64(3), 3.0},
		{"bool", "true", "1"},
		{"bool", true, true},
		{"year", "2024", "2024"},
		{"decimal(5,2)", "1.5", "1.50"},
		{"decimal(5,2)", []byte("1.5"), "1.50"},
		{"decimal(5,2)", 1.5, "1.50"},
		{"decimal(5,2)", int64(-1), "-1.00"},
		{"varchar(5)", []byte("x"), "x"},
		{"set('a','b')", []byte("b,a"), "a,b"},
		{"date", "2024-02-29", "2024-02-29"},
		{"date", []byte("2024-02-29"), "2024-02-29"},
		{"datetime(3)", aMoment, "2024-02-29 23:59:58.123"},
		{"time", []byte("1:02:03"), "01:02:03"},
		{"uuid", id.String(), id[:]},
		{"uuid", id[:], id[:]},
		{"bytes", "x", []byte("x")},
		{"bytes", []byte(nil), nil},
		{"binary(2)", "x", []byte("x\x00")},
		{"longblob", "x", []byte("x")},
		{"", "x", "x"},
		{"", []byte("x"), []byte("x")},
	} {
		got, err := encode(t, c.spec, held{c.it})
		require.NoError(t, err, "%s from %#v", c.spec, c.it)
		require.Equal(t, c.want, got, "%s from %#v", c.spec, c.it)
	}
	for _, c := range []struct {
		spec string
		it   any
		want string
	}{
		{"int8", int64(300), "is int8, which cannot be 300"},
		{"int8", "300", `"300" is no int8: an integer from -128 to 127 is wanted`},
		{"int8", 1.5, "is int8, which float64 cannot hold: an int8 is wanted"},
		{"varchar(5)", int64(5), "is varchar(5), which int64 cannot hold: a string is wanted"},
		{"decimal(5,2)", "1.234", `"1.234" is no decimal(5,2): a number with at most 3 digits before the point and 2 after it is wanted`},
		{"uuid", "x", "invalid UUID length: 1"},
		{"date", "x", `"x" is no date or time`},
	} {
		_, err := encode(t, c.spec, held{c.it})
		require.EqualError(t, err, c.want)
	}
}

// TestScanNull: a type goes into what may be NULL if its Scan takes NULL.
func TestScanNull(t *testing.T) {
	require.True(t, fitting(t, "int32")(reflect.TypeFor[picky]()))
	require.False(t, fitting(t, "int32?")(reflect.TypeFor[picky]()))
	require.True(t, fitting(t, "int32?")(reflect.TypeFor[*picky]()))
	require.True(t, fitting(t, "int32?")(reflect.TypeFor[held]()))
	got, err := decode(t, "int32?", int64(5), (*picky)(nil))
	require.NoError(t, err)
	require.Equal(t, new(picky(5)), got)
	kept, err := encode(t, "int32", picky(5)) // whose Value wants a pointer
	require.NoError(t, err)
	require.Equal(t, int64(5), kept)
}

// TestRoundTrip encodes, and decodes as it was encoded.
func TestRoundTrip(t *testing.T) {
	for _, c := range []struct {
		spec string
		v    any
	}{
		{"<blob>", []float64{1, math.NaN(), math.Inf(1)}}, {"<blob>", [][]int32{{1, 2}, {3, 4}}}, {"<blob>", "text"},
		{"<blob>?", []float64(nil)}, {"<blob>?", new(tag{3})}, {"json", map[string]any{"a": []any{1.0, nil, "x"}}},
		{"float64", math.SmallestNonzeroFloat64}, {"int64", int64(math.MinInt64)}, {"uuid", uuid.Nil},
		{"datetime(6)", time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)}, {"date", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"bigint unsigned", uint64(math.MaxUint64)}, {"time(6)", -longestClock}, {"time(6)", time.Microsecond}, {"longblob", map[string]float64{"a": 1}},
		{"decimal(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567890"}, {"decimal(8,3)?", big.NewRat(-1, 8)},
		{"<upperv>", "x"}, {"<keyed>", &tag{5}}, {"year", 2155}, {"set('a','b')", "a,b"}, {"bit(64)", []byte{255, 0, 0, 0, 0, 0, 0, 1}},
	} {
		stored, err := encode(t, c.spec, c.v)
		require.NoError(t, err)
		got, err := decode(t, c.spec, stored, reflect.Zero(reflect.TypeOf(c.v)).Interface())
		require.NoError(t, err)
		if f, ok := c.v.([]float64); ok && len(f) > 1 && math.IsNaN(f[1]) {
			require.True(t, math.IsNaN(got.([]float64)[1]))
			continue
		}
		require.Equal(t, c.v, got, c.spec)
	}
}
