package value

import (
	"database/sql"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// typed is a type by its spelling; "" is a computed one, "x?" one that may be NULL.
func typed(t *testing.T, spec string) (typ Type, nullable bool) {
	t.Helper()
	if spec == "" {
		return Type{Spec: "sum"}, false
	}
	if spec[len(spec)-1] == '?' {
		spec, nullable = spec[:len(spec)-1], true
	}
	typ, ok := ParseType(spec)
	require.True(t, ok, spec)
	return typ, nullable
}

func encode(t *testing.T, spec string, v any) (any, error) {
	t.Helper()
	typ, nullable := typed(t, spec)
	c, err := For(typ, nullable, reflect.TypeOf(v))
	require.NoError(t, err, "%s from %T", spec, v)
	return c.Encode(reflect.ValueOf(v))
}

// decode decodes into a variable of the type of into, which holds that already.
func decode(t *testing.T, spec string, src, into any) (any, error) {
	t.Helper()
	typ, nullable := typed(t, spec)
	dst := reflect.New(reflect.TypeOf(into)).Elem()
	dst.Set(reflect.ValueOf(into))
	c, err := For(typ, nullable, dst.Type())
	require.NoError(t, err, "%s into %T", spec, into)
	err = c.Decode(src, dst)
	return dst.Interface(), err
}

func null[T any](v T) sql.Null[T] { return sql.Null[T]{V: v, Valid: true} }

var (
	id      = uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")
	aMoment = time.Date(2024, 2, 29, 23, 59, 58, 123456789, time.FixedZone("", 2*3600))
)

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
		{"bool", true, true},
		{"bool", int8(1), int64(1)},
		{"float64", 0.1, 0.1},
		{"float64", math.Copysign(0, -1), math.Copysign(0, -1)},
		{"float64", math.MaxFloat64, math.MaxFloat64},
		{"float64", volts(1.5), 1.5},
		{"float32", float32(0.1), float32(0.1)},
		{"varchar(5)", "it's\x00", "it's\x00"},
		{"varchar(5)", species("mouse"), "mouse"},
		{"decimal(5,2)", "1.20", "1.20"},
		{"bytes", []byte(nil), []byte{}},
		{"bytes", []byte{0, 255}, []byte{0, 255}},
		{"bytes", gray{1}, []byte{1}},
		{"uuid", id, id[:]},
		{"date", aMoment, "2024-02-29"},
		{"datetime", aMoment, "2024-02-29 23:59:58"},
		{"datetime(3)", aMoment, "2024-02-29 23:59:58.123"},
		{"datetime(6)", aMoment, "2024-02-29 23:59:58.123456"},
		{"json", map[string]int{"b": 1, "a": 2}, `{"a":2,"b":1}`},
		{"json", []float64{1, 2.5}, `[1,2.5]`},
		{"json", []float64(nil), `null`},
		{"json", json.RawMessage(nil), `null`},
		{"json", json.RawMessage(`{"a": 1}`), `{"a":1}`},
		{"json", tag{5}, `{"A":5}`},

		{"int32?", (*int32)(nil), nil},
		{"int32?", new(int32(0)), int64(0)},
		{"int32?", sql.Null[int32]{V: 5}, nil},
		{"int32?", null(int32(5)), int64(5)},
		{"float64?", new(0.5), 0.5},
		{"varchar(5)?", new(""), ""},
		{"uuid?", null(id), id[:]},
		{"datetime?", new(aMoment), "2024-02-29 23:59:58"},
		{"bytes?", []byte(nil), nil},
		{"bytes?", []byte{}, []byte{}},
		{"json?", map[string]int(nil), nil},
		{"json?", json.RawMessage(nil), nil},
		{"<blob>?", []float64(nil), nil},
		{"<blob>?", (*tag)(nil), nil},
		{"", true, true},
		{"", aMoment, "2024-02-29 23:59:58.123456"},
	} {
		got, err := encode(t, c.spec, c.in)
		require.NoError(t, err, "%s from %#v", c.spec, c.in)
		require.Equal(t, c.want, got, "%s from %#v", c.spec, c.in)
	}
}

func TestEncodeRefuses(t *testing.T) {
	const noNumber = " is no number that a database keeps: make the attribute nullable, and leave it out"
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
		{"int64", uint64(math.MaxInt64 + 1), "9223372036854775808 is larger than an int64 holds"},
		{"datetime", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "the year 10000 is not from 0 to 9999"},
		{"date", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), "the year -1 is not from 0 to 9999"},
		{"json", make(chan int), "json: unsupported type: chan int"},
		{"json", json.RawMessage(`{`), "json: error calling MarshalJSON for type json.RawMessage: unexpected end of JSON input"},
	} {
		_, err := encode(t, c.spec, c.in)
		require.EqualError(t, err, c.want)
	}
}

func TestDecode(t *testing.T) {
	utc := func(ns int) time.Time { return time.Date(2024, 2, 29, 23, 59, 58, ns, time.UTC) }
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
		{"bool", int64(1), false, true},
		{"bool", []byte("0"), true, false},
		{"bool", true, int8(0), int8(1)},
		{"float64", []byte("0.1"), 0.0, 0.1},
		{"float64", int64(3), 0.0, 3.0},
		{"float64", "1e300", 0.0, 1e300},
		{"float32", float32(0.1), float32(0), float32(0.1)},
		{"float32", 0.1, float32(0), float32(0.1)},
		{"varchar(5)", []byte("mouse"), "", "mouse"},
		{"varchar(5)", "", "before", ""},
		{"decimal(5,2)", []byte("1.20"), "", "1.20"},
		{"decimal(5,2)", 1.2, "", "1.2"},
		{"bytes", []byte{}, []byte{1}, []byte{}},
		{"uuid", id[:], uuid.UUID{}, id},
		{"uuid", string(id[:]), uuid.UUID{}, id},
		{"datetime(6)", "2024-02-29 23:59:58.123456", time.Time{}, utc(123456000)},
		{"datetime(3)", []byte("2024-02-29 23:59:58.1"), time.Time{}, utc(100000000)},
		{"datetime", utc(0), time.Time{}, utc(0)},
		{"datetime", "2024-02-29T23:59:58", time.Time{}, utc(0)},
		{"date", "2024-02-29", time.Time{}, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"json", `{"a":1}`, map[string]int{"b": 2}, map[string]int{"a": 1}},
		{"json", []byte(`{}`), tag{5}, tag{}},
		{"json", `[1]`, json.RawMessage{}, json.RawMessage(`[1]`)},

		{"int32?", nil, new(int32(5)), (*int32)(nil)},
		{"int32?", int64(5), (*int32)(nil), new(int32(5))},
		{"int32?", nil, null(int32(5)), sql.Null[int32]{}},
		{"int32?", int64(5), sql.Null[int32]{}, null(int32(5))},
		{"bytes?", nil, []byte{1}, []byte(nil)},
		{"bytes?", []byte{}, []byte(nil), []byte{}},
		{"json?", nil, map[string]int{"b": 2}, map[string]int(nil)},
		{"datetime?", "2024-02-29 23:59:58", (*time.Time)(nil), new(utc(0))},

		{"", nil, new(int64(5)), (*int64)(nil)},
		{"", []byte("12"), (*int64)(nil), new(int64(12))},
		{"", float32(0.1), "", "0.1"},
		{"", int64(12), "", "12"},
		{"", utc(5000), "", "2024-02-29 23:59:58.000005"},
		{"", []byte("12.50"), 0.0, 12.5},
	} {
		got, err := decode(t, c.spec, c.src, c.into)
		require.NoError(t, err, "%s from %#v", c.spec, c.src)
		require.Equal(t, c.want, got, "%s from %#v", c.spec, c.src)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		spec      string
		src, into any
		want      string
	}{
		{"int8", int64(300), int8(0), "300 is too large for int8"},
		{"int8", int64(-1), uint8(0), "-1 does not fit uint8"},
		{"int32", int64(256), uint8(0), "256 does not fit uint8"},
		{"int64", uint64(math.MaxUint64), uint64(0), "18446744073709551615 is larger than an int64 holds"},
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
		{"varchar(5)", true, "", "a bool was found, text wanted"},
		{"bytes", int64(1), []byte{}, "a int64 was found, bytes wanted"},
		{"uuid", []byte{1, 2, 3}, uuid.UUID{}, "invalid UUID (got 3 bytes)"},
		{"datetime", "yesterday", time.Time{}, `"yesterday" is no date or time`},
		{"datetime", "2024-02-30 00:00:00", time.Time{}, `"2024-02-30 00:00:00" is no date or time`},
		{"json", "{", tag{}, "unexpected end of JSON input"},
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
		{"bytes", []byte{}}, {"bytes?", []byte(nil)}, {"varchar(9)", ""}, {"json", json.RawMessage{}}, {"json?", (*json.RawMessage)(nil)},
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
	typ, _ := typed(t, "json")
	conv, err := For(typ, false, reflect.TypeFor[json.RawMessage]())
	require.NoError(t, err)
	require.NoError(t, conv.Decode(`{"row": 2}`, reflect.ValueOf(&raw).Elem()))
	require.JSONEq(t, `{"row": 1}`, string(first), "a row that was read before keeps its own")
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
