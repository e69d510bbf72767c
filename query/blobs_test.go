package query_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/blob"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A Box keeps any value.
type Box struct {
	N int32
	V any
}

// goValues are entered from Go, read and entered again by Python, and read again.
var goValues = []any{
	nil, true, false, 0, 1, -1, int64(math.MinInt64), uint64(math.MaxUint64), int8(-128), uint16(65535), 'x', big.NewInt(0).Lsh(big.NewInt(-1), 100),
	1.5, float32(0.1), math.Inf(-1), math.SmallestNonzeroFloat64, complex(1, -2), "", "é☃𝄞\x00'\"\\", string(make([]byte, 5000)),
	[]byte{}, []byte{0, 255}, time.Date(2024, 1, 2, 3, 4, 5, 678901000, time.UTC), uuid.UUID{1, 2, 15: 255}, blob.Decimal("-1.50"), blob.Date{Year: 2024, Month: 2, Day: 29},
	blob.TimeOfDay(time.Hour + time.Microsecond), []any{}, []any{1, "a", nil}, []string{"a", "ü"}, [2]bool{true, false}, blob.Tuple{1, blob.Tuple{}}, blob.Set{1, 2}, // which Python keeps in their order, as it does not texts
	map[string]any{}, map[string]any{"a": 1, "b": map[string]any{"c": []any{1.5, nil}}}, map[int]string{1: "one", -2: "two"}, blob.Dict{{Key: blob.Tuple{1, "x"}, Value: []any{}}},
	struct {
		Rate   float64
		Signal []float64
	}{30000, []float64{1, 2, 3}},
	[]float64{}, []float64{1, math.Inf(1), 5e-324}, make([]float64, 3000), []float32{0.1, 0.2}, []int8{-128, 127}, []uint16{0, 65535}, []int32{1 << 30}, []int64{math.MinInt64, math.MaxInt64},
	[]uint64{math.MaxUint64}, []bool{true, false}, []complex128{1 + 2i, -3i}, []complex64{1i}, [][]float64{{1, 2, 3}, {4, 5, 6}}, [][][]int16{{{1}, {2}}, {{3}, {4}}}, [2][3]float32{{1}, {2}},
	blob.Array[float64]{Shape: []int{2, 0, 3}, Data: []float64{}}, blob.Array[any]{Shape: []int{2}, Data: []any{"a", []int64{1}}},
	[]time.Time{time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), {}}, blob.RecordArray{Fields: []string{"x", "y"}, Columns: []any{[]int32{1, 2}, []float64{3, 4}}},
	[]any{[]float64{1}, map[string]any{"k": [][]float64{{1, 0}, {0, 1}}}}, map[string][]float64{"a": {1}, "b": {}}, (*float64)(nil), []any{[]any{[]any{[]any{1}}}},
}

// TestBlobsThereAndBack has values of each language go through the other, and come back as they were.
func TestBlobsThereAndBack(t *testing.T) {
	require.GreaterOrEqual(t, len(goValues), 60)
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		peer, db, ctx := testdb.StartPython(t, dsn, nil, "testdata/blobs.py"), openShared(t, dsn), t.Context()
		var n int
		peer.Ask("len(values)", &n)
		require.GreaterOrEqual(t, n, 60)
		s := schema.New("blobs")
		boxes := schema.Manual[Box](s, "n : int32\n---\nv = null : <blob>")
		require.NoError(t, s.Declare(ctx, db))

		peer.Do("Box.insert({'n': i, 'v': v} for i, v in enumerate(values))")
		for _, box := range ordered[Box](t, db, boxes, "n") {
			require.NoError(t, query.Insert(ctx, db, boxes, Box{1000 + box.N, box.V}))
		}
		var differ []int
		peer.Ask("differ()", &differ)
		require.Empty(t, differ)

		for i, v := range goValues {
			require.NoError(t, query.Insert(ctx, db, boxes, Box{int32(2000 + i), v}), "%T", v)
		}
		peer.Do("Box.insert([{'n': n + 1000, 'v': v} for n, v in zip(*(Box & 'n >= 2000').to_arrays('n', 'v'))])")
		for i, v := range goValues {
			there, back := boxOf(t, db, boxes, 2000+i), boxOf(t, db, boxes, 3000+i)
			require.Equal(t, there, back, "%T", v)
		}
		peer.Do("assert (Box & 'n = 3050').fetch1('v').tolist() == [[1, 2, 3], [4, 5, 6]]")
		var plain map[string]any
		peer.Ask("(Box & 'n = 3037').fetch1('v')", &plain)
		require.Equal(t, map[string]any{"rate": 30000.0, "signal": []any{1.0, 2.0, 3.0}}, plain)
		t.Logf("%d values of Python and %d of Go", n, len(goValues))
	})
}

func boxOf(t *testing.T, db *rowmill.DB, boxes schema.Declared, n int) any {
	t.Helper()
	box, err := query.One[Box](t.Context(), db, query.From(boxes).Where("n = ?", n))
	require.NoError(t, err)
	return box.V
}
