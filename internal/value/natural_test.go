package value

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
)

// declared is a codec that says what its values are; aloof one that fits none of the usual types.
type (
	declared struct{ upper }
	aloof    struct{ upper }
)

func (declared) GoType() reflect.Type   { return reflect.TypeFor[string]() }
func (aloof) Fits(t reflect.Type) error { return fmt.Errorf("%s cannot hold it", t) }

// TestNaturalFits: what is natural for a type goes into it, and is what the reader makes.
func TestNaturalFits(t *testing.T) {
	want := map[string]any{
		"bigint unsigned": uint64(5), "serial": uint64(5), "int unsigned": uint64(5), "int8": int64(5), "year": int64(2024), "bool": true,
		"float32": 0.5, "double unsigned": 0.5, "decimal(5,2)": "1.50", "char(5)": "a", "enum('a')": "a", "set('a','b')": "a,b",
		"date": time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC), "datetime(6)": aMoment.UTC().Truncate(time.Microsecond), "time(3)": -1500 * time.Millisecond,
		"uuid": id, "bytes": []byte{0, 1}, "binary(16)": id[:], "bit(8)": []byte{1}, "point": []byte{1, 2}, "longblob": []byte("dj0"), "json": map[string]any{"a": 1.0},
		"<blob>": []float64{1, 2}, "<upper>": "mouse", "<upperv>": "mouse",
	}
	for spec := range fits {
		typ, codec, _ := typed(t, spec)
		natural := Natural(typ, codec)
		require.NotNil(t, natural, spec)
		if typ.Bits == 0 || typ.Bits == 64 { // of the others it is wider than it need be
			_, err := For(typ, codec, false, natural)
			require.NoError(t, err)
		}
	}
	for spec, v := range want {
		typ, codec, _ := typed(t, spec)
		require.True(t, reflect.TypeOf(v).AssignableTo(Natural(typ, codec)), spec)
		kept, err := encode(t, spec, v)
		require.NoError(t, err, spec)
		got, err := NaturalReader(typ, codec, "")(kept)
		require.NoError(t, err, spec)
		require.Equal(t, v, got, spec)
	}
	require.Nil(t, Natural(typedOnly(t, ""), nil))
	require.Nil(t, Natural(typedOnly(t, "inet6"), nil))
	require.Equal(t, reflect.TypeFor[string](), Natural(typedOnly(t, "<upper>"), declared{}))
	require.Equal(t, bytesType, Natural(typedOnly(t, "<upper>"), kept{}))
	require.Nil(t, Natural(typedOnly(t, "<upper>"), aloof{}))
}

func typedOnly(t *testing.T, spec string) datatype.Type {
	t.Helper()
	typ, _, _ := typed(t, spec)
	return typ
}

// TestNaturalReader takes the forms of several drivers.
func TestNaturalReader(t *testing.T) {
	noon := time.Date(2024, 1, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		spec, column string
		src, want    any
	}{
		{"int8", "TINYINT", []byte("-5"), int64(-5)},
		{"int64", "BIGINT", uint64(5), int64(5)},
		{"bigint unsigned", "UNSIGNED BIGINT", int64(5), uint64(5)},
		{"bigint unsigned", "UNSIGNED BIGINT", []byte("18446744073709551615"), uint64(math.MaxUint64)},
		{"bool", "TINYINT", int64(2), true},
		{"bool", "INTEGER", false, false},
		{"float32", "FLOAT", float32(0.5), 0.5},
		{"float64", "REAL", int64(3), 3.0},
		{"decimal(5,2)", "DECIMAL", []byte("1.5"), "1.50"},
		{"decimal(5,2)", "REAL", 1.5, "1.50"},
		{"char(3)", "CHAR", []byte("a  "), "a"},
		{"set('a','b')", "SET", "b,a", "a,b"},
		{"date", "DATE", noon, noon},
		{"datetime", "DATETIME", []byte("2024-01-02 12:00:00"), noon},
		{"time", "TIME", []byte("-01:00:00"), -time.Hour},
		{"uuid", "BINARY", id[:], id},
		{"uuid", "UUID", id.String(), id},
		{"bytes", "LONGBLOB", "text", []byte("text")},
		{"json", "JSON", []byte(`[1,null]`), []any{1.0, nil}},
		{"<blob>", "LONGBLOB", blobOf(nil), nil},
		{"<blob>", "LONGBLOB", blobOf(map[string]any{"a": int64(1)}), map[string]any{"a": int64(1)}},

		// What is computed goes by the server's name for its type.
		{"", "DECIMAL", []byte("12"), int64(12)},
		{"", "DECIMAL", []byte("12.0"), 12.0},
		{"", "UNSIGNED DECIMAL", []byte("18446744073709551615"), float64(math.MaxUint64)},
		{"", "BIGINT", int64(-1), int64(-1)},
		{"", "UNSIGNED BIGINT", uint64(7), int64(7)},
		{"", "UNSIGNED BIGINT", uint64(math.MaxUint64), float64(math.MaxUint64)},
		{"", "FLOAT", float32(0.5), 0.5},
		{"", "DATE", noon, "2024-01-02"},
		{"", "DATETIME", noon, "2024-01-02 12:00:00"},
		{"", "TIME", []byte("01:00:00"), "01:00:00"},
		{"", "VARCHAR", []byte("12"), "12"},
		{"", "TEXT", "x", "x"},
		{"", "LONGBLOB", []byte{1}, []byte{1}},
		{"", "VARBINARY", []byte{1}, []byte{1}},
		{"", "", []byte{1}, []byte{1}},
		{"inet6", "CHAR", []byte("::1"), "::1"},
	} {
		typ, codec, _ := typed(t, c.spec)
		read := NaturalReader(typ, codec, c.column)
		got, err := read(c.src)
		require.NoError(t, err, "%s of %s %v", c.spec, c.column, c.src)
		require.Equal(t, c.want, got, "%s of %s %v", c.spec, c.column, c.src)
		if b, ok := c.src.([]byte); ok { // the driver's, who writes the next row over them
			given := append([]byte{}, b...)
			clear(b)
			require.Equal(t, c.want, got, "%s of %s %s", c.spec, c.column, given)
		}
	}
	got, err := NaturalReader(typedOnly(t, "<upper>"), aloof{}, "LONGBLOB")([]byte("AS IT IS"))
	require.NoError(t, err)
	require.Equal(t, []byte("AS IT IS"), got)
}

func TestNaturalReaderRefuses(t *testing.T) {
	for _, c := range []struct {
		spec, column string
		src          any
		want         string
	}{
		{"int8", "TINYINT", "x", `"x" is no integer that an int64 holds`},
		{"bigint unsigned", "BIGINT", int64(-1), "-1 is negative, which no unsigned integer is"},
		{"float64", "DOUBLE", aMoment, "a time.Time was found, a number wanted"},
		{"date", "DATE", "0000-00-00", `"0000-00-00" is no date or time`},
		{"time", "TIME", "noon", `"noon" is no time as 15:04:05`},
		{"uuid", "BINARY", []byte{1}, "invalid UUID (got 1 bytes)"},
		{"json", "JSON", "{", "unexpected end of JSON input"},
		{"", "DECIMAL", "many", `"many" is no number that a float64 holds`},
	} {
		typ, codec, _ := typed(t, c.spec)
		_, err := NaturalReader(typ, codec, c.column)(c.src)
		require.EqualError(t, err, c.want)
	}
}

// TestClock spells durations as columns do.
func TestClock(t *testing.T) {
	require.Equal(t, "-01:02:03.5", Clock(-time.Hour-2*time.Minute-3500*time.Millisecond))
	require.Equal(t, "838:59:59", Clock(longestClock))
}

// TestNaturalReaderOfNoBytes is not nil, which stands for NULL, whatever the driver hands over.
func TestNaturalReaderOfNoBytes(t *testing.T) {
	for _, src := range []any{[]byte(nil), []byte{}, ""} {
		got, err := NaturalReader(datatype.Type{Kind: datatype.Bytes}, nil, "BLOB")(src)
		require.NoError(t, err)
		require.NotNil(t, got)
		require.NotNil(t, got.([]byte))
		require.Empty(t, got)
	}
	got, err := NaturalReader(datatype.Type{}, nil, "BLOB")([]byte(nil))
	require.NoError(t, err)
	require.NotNil(t, got.([]byte))
}
