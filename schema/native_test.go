package schema

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// longestClock is the longest time that servers take.
const longestClock = 838*time.Hour + 59*time.Minute + 59*time.Second

// TestNativeRoundTrips stores and loads the servers' own types, as tables have them that are older
// than core types.
func TestNativeRoundTrips(t *testing.T) {
	tryAll(t, []trial{
		trip("tinyint", []int8{math.MinInt8, math.MaxInt8}),
		trip("tinyint(1)", []int8{0, 1, -128}),
		trip("tinyint unsigned", []uint8{0, math.MaxUint8}),
		trip("tinyint unsigned", []int16{0, 255}),
		trip("smallint", []int16{math.MinInt16, math.MaxInt16}),
		trip("smallint unsigned", []uint16{0, math.MaxUint16}),
		trip("mediumint", []int32{-1 << 23, 1<<23 - 1}),
		trip("mediumint unsigned", []uint32{0, 1<<24 - 1}),
		trip("int", []int{math.MinInt32, math.MaxInt32}),
		trip("INTEGER", []int32{math.MinInt32, math.MaxInt32}),
		trip("int unsigned", []uint32{0, math.MaxUint32}),
		trip("INT(10) UNSIGNED", []int64{0, math.MaxUint32}),
		trip("bigint", []int64{math.MinInt64, math.MaxInt64}),
		trip("bigint unsigned", []uint64{0, 1<<53 + 1, math.MaxInt64}),
		trip("bigint(20) unsigned", []uint{0, math.MaxInt64}),

		trip("numeric", []string{"-9999999999", "9999999999"}),
		trip("numeric(8,3)", []string{"-12345.678", "0.000"}),
		trip("dec(8, 3) unsigned", []string{"12345.678", "0.000"}),
		trip("fixed(20,10)", []thousands{"1234567890.0123456789"}),
		trip("double", []float64{0.1, math.SmallestNonzeroFloat64, -math.MaxFloat64}),
		trip("double precision", []float64{math.Pi}),
		trip("double unsigned", []float64{0, math.MaxFloat64}),
		trip("real", []float64{math.Pi}),
		trip("float", []float32{0.1, math.Pi, math.MaxFloat32, math.SmallestNonzeroFloat32}),
		trip("float unsigned", []float32{0, 0.1}),
		trip("float(53)", []float64{math.Pi}),

		trip("time", []time.Duration{0, -time.Second, 25 * time.Hour, longestClock, -longestClock}),
		trip("time", []time.Duration{1999 * time.Millisecond, -1999 * time.Millisecond, longestClock + 999*time.Millisecond}, // cut, and not rounded
			time.Second, -time.Second, longestClock),
		trip("time(6)", []time.Duration{time.Microsecond, -time.Microsecond, 100*time.Hour + 1500*time.Millisecond, -longestClock}),
		trip("time(3)", []time.Duration{1234567 * time.Microsecond}, 1234*time.Millisecond),
		trip("time", []string{"00:00:00", "-01:02:03", "838:59:59", "-838:59:59", "100:00:00"}),
		trip("time(3)", []string{"1:02:03.500", "-0:00:00"}, "01:02:03.5", "00:00:00"),
		trip("year", []int16{0, 1901, 2024, 2155}),
		trip("year(4)", []uint16{1999}),
		trip("timestamp", []time.Time{wall("2024-01-02 03:04:05"), wall("1970-01-02 00:00:00"), wall("2038-01-18 00:00:00")}),
		trip("timestamp(6)", []time.Time{wall("2024-01-02 03:04:05.000001"), wall("2024-01-02 03:04:05")}),

		trip("tinytext", []string{"", "a ", strings.Repeat("a", 255), strings.Repeat("☃", 85)}),
		trip("text", []string{"", "null", strings.Repeat("a", 65535)}),
		trip("mediumtext", []string{strings.Repeat("𝄞", 20000)}),
		trip("longtext", []label{"", "'\\\x00\n"}),
		trip("tinyblob", [][]byte{{}, {0xff, 0}, make([]byte, 255)}),
		trip("blob", [][]byte{{}, make([]byte, 65535)}),
		trip("mediumblob", [][]byte{make([]byte, 65536)}),
		trip("longblob", [][]byte{{}, make([]byte, 1<<20)}),
		trip("longblob", [][]float64{{}, {1, math.Inf(1)}}), // as DataJoint had <blob> before it had codecs
		trip("mediumblob", []map[string]any{{"a": int64(1), "b": []any{"x"}}}),
		trip("blob", []string{"", "text"}),
		trip("binary(4)", [][]byte{{1, 2, 3, 4}, {0, 0, 0, 0}, {1, 2}, nil}, []byte{1, 2, 3, 4}, []byte{0, 0, 0, 0}, []byte{1, 2, 0, 0}, []byte{0, 0, 0, 0}),
		trip("binary(16)", []uuid.UUID{uuid.Nil, uuid.Max}),
		trip("varbinary(4)", [][]byte{{}, {1, 0}, {0, 0, 0, 0}}),
		trip("set('a','b','c')", []string{"", "a", "b,c", "a,b,c"}),
		trip("set('a','b','c')", []label{"c,a", "b,b"}, "a,c", "b"),
		trip("bit(1)", [][]byte{{0}, {1}, nil}, []byte{0}, []byte{1}, []byte{0}),
		trip("bit(12)", [][]byte{{0x0f, 0xff}, {1}}, []byte{0x0f, 0xff}, []byte{0, 1}),
		trip("bit(64)", [][]byte{{0xff, 2, 3, 4, 5, 6, 7, 8}}),
	})
}

// thousands is a string type for decimals.
type thousands string

// TestNativeMisfits are refused on every server.
func TestNativeMisfits(t *testing.T) {
	tryAll(t, []trial{
		misfit("tinyint unsigned", -1, 256),
		misfit("smallint unsigned", -1, 1<<16),
		misfit("mediumint", 1<<23, -1<<23-1),
		misfit("mediumint unsigned", -1, 1<<24),
		misfit("int unsigned", -1, 1<<32),
		misfit("numeric", "1.5", "99999999999"),
		misfit("dec(8,3) unsigned", "-0.001"),
		misfit("double unsigned", -0.1, math.NaN()),
		misfit("float", 1e39, math.Inf(1)),
		misfit("float unsigned", float32(-0.1)),
		misfit("time", longestClock+time.Second, -longestClock-time.Second),
		misfit("time(6)", longestClock+time.Microsecond),
		misfit("time(3)", "", "noon", "839:00:00", "12:60:00", "10", "01:02:03.1234", "1 02:03:04"),
		misfit("year", 1900, 2156, 70, 5, -1),
		misfit("timestamp", wall("1969-12-30 00:00:00"), wall("2500-01-01 00:00:00")),
		misfit("tinytext", strings.Repeat("a", 256), strings.Repeat("☃", 86), "\xff"),
		misfit("text", strings.Repeat("a", 65536)),
		misfit("tinyblob", make([]byte, 256)),
		misfit("blob", make([]byte, 65536)),
		misfit("binary(2)", []byte{1, 2, 3}, []byte{1, 2, 0}),
		misfit("varbinary(2)", []byte{1, 2, 3}),
		misfit("set('a','b')", "c", "A", "1", "a,", "a, b"),
		misfit("bit(1)", []byte{2}, []byte{0, 1}),
		misfit("bit(12)", []byte{0x10, 0}),
	})
}

// TestLargestUnsigned is what a server's bigint unsigned holds, and no integer of SQLite's.
func TestLargestUnsigned(t *testing.T) {
	large := []Cell[uint64]{{1, math.MaxInt64 + 1}, {2, math.MaxUint64}}
	each(t, func(t *testing.T, db *rowmill.DB) {
		table := made[Cell[uint64]](t, db, definitionOf("bigint unsigned"))
		if strings.HasSuffix(t.Name(), "/sqlite") {
			require.Error(t, store(t, db, table, large[0]))
			require.Error(t, store(t, db, table, large[1]))
			require.Empty(t, load(t, db, table))
			return
		}
		require.NoError(t, store(t, db, table, large...))
		require.Equal(t, large, load(t, db, table))
	})
}
