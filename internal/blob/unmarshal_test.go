package blob

import (
	"math"
	"math/big"
	"reflect"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type point struct {
	X int32
	Y float64
}

type columns struct {
	X []int64
	Y []float64
}

type optional struct {
	X    int
	Note *string
	Any  any
}

// records and structs hold the points (1, 2) and (3, 4).
var (
	records = RecordArray{[]string{"x", "y"}, []any{vector([]int32{1, 3}), vector([]float64{2, 4})}}
	structs = StructArray{[]int{1, 2}, []string{"x", "y"}, [][]any{{int64(1), 2.0}, {int64(3), 4.0}}}
	matrix  = Array[int16]{[]int{2, 3}, []int16{1, 2, 3, 4, 5, 6}}
	row     = Array[float64]{[]int{1, 3}, []float64{1, 2, 3}}
	column  = Array[float64]{[]int{3, 1}, []float64{1, 2, 3}}
)

// What is encoded on the left can be had as what is on the right.
func TestUnmarshal(t *testing.T) {
	big70 := bigInt("0x400000000000000000")
	cases := []struct {
		name     string
		in, want any
	}{
		{"any", 1, any(int64(1))},
		{"int to int8", 127, int8(127)},
		{"int to uint64", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"int to float", 3, 3.0},
		{"whole float to int", 3.0, 3},
		{"float to float32", 0.5, float32(0.5)},
		{"NaN-free named", 0.5, volts(0.5)},
		{"float to complex", 0.5, complex(0.5, 0)},
		{"complex to complex64", 1 + 2i, complex64(1 + 2i)},
		{"scalar to pointer", 5, new(int16(5))},
		{"int to *big.Int", 5, big.NewInt(5)},
		{"big int to *big.Int", big70, big70},
		{"big int to big.Int", big70, *big70},
		{"None to pointer", nil, (*int)(nil)},
		{"None to slice", nil, []float64(nil)},
		{"None to map", nil, map[string]int(nil)},
		{"None to any", nil, any(nil)},
		{"named string", "x", label("x")},
		{"Decimal to string", Decimal("1.50"), "1.50"},
		{"date to time", Date{2024, 2, 29}, utc(2024, 2, 29, 0, 0, 0, 0)},
		{"time of day to duration", TimeOfDay(time.Minute), time.Minute},
		{"uuid", uuid.UUID{1}, uuid.UUID{1}},
		{"one element to scalar", Array[int8]{[]int{1, 1}, []int8{7}}, 7},
		{"NumPy scalar to float64", Array[float32]{Data: []float32{0.5}}, 0.5},
		{"NumPy scalar to int", Array[uint16]{Data: []uint16{5}}, 5},

		{"float32s to float64s", []float32{0.1}, []float64{float64(float32(0.1))}},
		{"int8s to ints", []int8{-1, 2}, []int{-1, 2}},
		{"uint16s to int32s", []uint16{1, 65535}, []int32{1, 65535}},
		{"int64s to float64s", []int64{1 << 53, -1}, []float64{1 << 53, -1}},
		{"doubles of MATLAB's to uint8s", row, []uint8{1, 2, 3}},
		{"infinities", []float64{math.Inf(1), math.Inf(-1)}, []float32{float32(math.Inf(1)), float32(math.Inf(-1))}},
		{"reals to complex", []float64{1}, []complex128{1}},
		{"ints to complex64", []int16{1}, []complex64{1}},
		{"complex64s to complex128s", []complex64{1i}, []complex128{1i}},
		{"complex128s to complex64s", []complex128{1i}, []complex64{1i}},
		{"named slice", []float64{1}, trace{1}},
		{"named elements", []float32{1}, []volts{1}},
		{"uint8 array to bytes", Array[uint8]{[]int{2}, []uint8{1, 2}}, []byte{1, 2}},
		{"Go array", []float64{1, 2}, [2]float64{1, 2}},
		{"row to slice", row, []float64{1, 2, 3}},
		{"column to slice", column, []float64{1, 2, 3}},
		{"row to row", row, [][]float64{{1, 2, 3}}},
		{"empty of MATLAB's to slice", Array[float64]{[]int{0, 0}, nil}, []float64{}},
		{"elements to any", []float64{1, 2}, []any{1.0, 2.0}},
		{"matrix to slices", matrix, [][]int16{{1, 2, 3}, {4, 5, 6}}},
		{"matrix to wider slices", matrix, [][]float64{{1, 2, 3}, {4, 5, 6}}},
		{"matrix to Go arrays", matrix, [][3]int{{1, 2, 3}, {4, 5, 6}}},
		{"matrix to Array", matrix, Array[int16]{[]int{2, 3}, []int16{1, 2, 3, 4, 5, 6}}},
		{"matrix to wider Array", matrix, Array[int]{[]int{2, 3}, []int{1, 2, 3, 4, 5, 6}}},
		{"slice to *Array", []int8{1, 2}, &Array[int]{[]int{2}, []int{1, 2}}},
		{"rows without columns", Array[float64]{[]int{3, 0}, nil}, [][]float64{{}, {}, {}}},
		{"image", Array[uint8]{[]int{2, 1}, []uint8{1, 2}}, [][]gray{{1}, {2}}},
		{"objects to strings", Array[any]{[]int{2}, []any{"a", "b"}}, []string{"a", "b"}},
		{"times", []time.Time{utc(2024, 1, 2, 3, 4, 5, 0)}, []time.Time{utc(2024, 1, 2, 3, 4, 5, 0)}},

		{"cube to Go arrays", Array[int8]{[]int{2, 1, 2}, []int8{1, 2, 3, 4}}, [2][1][2]int{{{1, 2}}, {{3, 4}}}},
		{"cube without a middle", [2][0][3]float32{}, [2][0][3]float32{}},
		{"cube without a middle to slices", [2][0][3]float32{}, [][][]float32{{}, {}}},
		{"table of times", [][]time.Time{{utc(2024, 1, 2, 3, 4, 5, 6)}, {{}}}, [][]time.Time{{utc(2024, 1, 2, 3, 4, 5, 6)}, {{}}}},
		{"NaT", Array[time.Time]{Data: []time.Time{{}}}, time.Time{}},
		{"far datetime", Array[time.Time]{Data: []time.Time{utc(22024, 1, 2, 3, 4, 5, 0)}}, utc(22024, 1, 2, 3, 4, 5, 0)},
		{"bytes to Go array", []byte{1, 2}, [2]byte{1, 2}},
		{"list of bytes to Go arrays", [][]byte{{1, 2}}, [][2]byte{{1, 2}}},
		{"named bytes", gray(1), gray(1)},

		{"list to strings", []string{"a"}, []string{"a"}},
		{"list to floats", []any{1, 2.5}, []float64{1, 2.5}},
		{"tuple to ints", Tuple{1, 2}, []int{1, 2}},
		{"set to strings", Set{"a"}, []string{"a"}},
		{"ragged", [][]float64{{1, 2}, {3}}, [][]float64{{1, 2}, {3}}},
		{"ragged cell", CellArray{[]int{1, 2}, []any{[]float64{1, 2}, []float64{3}}}, [][]float64{{1, 2}, {3}}},
		{"cell matrix", CellArray{[]int{2, 2}, []any{"a", "b", "c", "d"}}, [][]string{{"a", "b"}, {"c", "d"}}},
		{"cell to Array", CellArray{[]int{1, 1}, []any{"a"}}, Array[string]{[]int{1, 1}, []string{"a"}}},

		{"dict to map", map[string]any{"a": 1}, map[label]float32{"a": 1}},
		{"dict by int", map[int]string{1: "a"}, map[uint8]string{1: "a"}},
		{"empty dict by int", map[int]string{}, map[int]string{}},
		{"dict to struct", map[string]any{"x": 1, "y": 2, "z": 3}, point{1, 2}},
		{"dict without the optional", map[string]any{"x": 1}, optional{X: 1}},
		{"dict with the optional", map[string]any{"x": 1, "note": "n", "any": 2}, optional{1, new("n"), int64(2)}},
		{"struct to struct", session{SubjectID: 3, RateHz: 0.5}, session{SubjectID: 3, RateHz: 0.5}},
		{"records to structs", records, []point{{1, 2}, {3, 4}}},
		{"records to maps", records, []map[string]float64{{"x": 1, "y": 2}, {"x": 3, "y": 4}}},
		{"records to columns", records, columns{[]int64{1, 3}, []float64{2, 4}}},
		{"records to a map of columns", records, map[string][]int{"x": {1, 3}, "y": {2, 4}}},
		{
			"records with vectors", RecordArray{[]string{"x", "y"}, []any{
				Array[float32]{[]int{2, 3}, []float32{1, 2, 3, 4, 5, 6}}, vector([]string{"a", "b"}),
			}}, []struct {
				X [3]float64
				Y string
			}{{[3]float64{1, 2, 3}, "a"}, {[3]float64{4, 5, 6}, "b"}},
		},
		{
			"table of records", RecordArray{[]string{"x", "y"}, []any{
				Array[int32]{[]int{1, 2}, []int32{1, 3}}, Array[float64]{[]int{1, 2}, []float64{2, 4}},
			}}, [][]point{{{1, 2}, {3, 4}}},
		},
		{
			"records in records", RecordArray{[]string{"p", "n"}, []any{records, []bool{true, false}}},
			[]struct {
				P point
				N bool
			}{{point{1, 2}, true}, {point{3, 4}, false}},
		},
		{"records to any", records, []any{
			map[string]any{"x": int32(1), "y": 2.0}, map[string]any{"x": int32(3), "y": 4.0},
		}},
		{"one record to struct", RecordArray{[]string{"x", "y"}, []any{
			Array[int32]{Data: []int32{1}}, Array[float64]{Data: []float64{2}},
		}}, point{1, 2}},
		{"row of a struct array to rows", structs, [][]point{{{1, 2}, {3, 4}}}},
		{"struct array to structs", structs, []point{{1, 2}, {3, 4}}},
		{"struct array to struct", StructArray{[]int{1, 1}, []string{"x", "y"}, [][]any{{1, 2}}}, point{1, 2}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := Encode(c.in)
			require.NoError(t, err)
			got, want := target(c.want)
			require.NoError(t, Unmarshal(data, got))
			require.Equal(t, want, reflect.ValueOf(got).Elem().Interface())
		})
	}
}

// target returns a pointer to a variable of want's type, and want as what it
// would then hold.
func target(want any) (dst, held any) {
	if want == nil {
		return new(any), nil
	}
	return reflect.New(reflect.TypeOf(want)).Interface(), want
}

func TestUnmarshalErrors(t *testing.T) {
	cube := Array[float64]{[]int{2, 2, 2}, make([]float64, 8)}
	cases := []struct {
		in   any
		dst  any
		want string
	}{
		{cube, new([]float64), "blob: array of 3 dimensions of float64 found, []float64 was wanted"},
		{cube, new([][]float64), "blob: row 0: array of 2 dimensions of float64 found, []float64 was wanted"},
		{matrix, new([][2]int), "blob: row 0: array of 3 elements of int16 found, [2]int was wanted"},
		{[]float64{1, 2}, new(float64), "blob: array of 2 elements of float64 found, float64 was wanted"},
		{[]float64{1, 2}, new([3]float64), "blob: array of 2 elements of float64 found, [3]float64 was wanted"},
		{[]float64{1, 0.1}, new([]float32), "blob: element 1 is 0.1, which float32 cannot hold exactly"},
		{[]float64{math.NaN()}, new([]int), "blob: element 0 is NaN, which int cannot hold exactly"},
		{[]int64{300}, new([]uint8), "blob: element 0 is 300, which uint8 cannot hold exactly"},
		{[]int8{-1}, new([]uint64), "blob: element 0 is -1, which uint64 cannot hold exactly"},
		{[]float64{1 << 63}, new([]int64), "blob: element 0 is 9.223372036854776e+18, which int64 cannot hold exactly"},
		{[]int64{math.MaxInt64}, new([]float64), "blob: element 0 is 9223372036854775807, which float64 cannot hold exactly"},
		{[]uint64{math.MaxUint64}, new([]float32), "blob: element 0 is 18446744073709551615, which float32 cannot hold exactly"},
		{[]complex128{0.1i}, new([]complex64), "blob: element 0 is (0+0.1i), which complex64 cannot hold exactly"},
		{[]complex64{1}, new([]float64), "blob: element 0: complex64 (1+0i) found, float64 was wanted"},
		{[]bool{true}, new([]int), "blob: element 0: bool true found, int was wanted"},
		{[]string{"a"}, new([]float64), `blob: element 0: string "a" found, float64 was wanted`},
		{300, new(int8), "blob: int64 300 found, int8 was wanted"},
		{-1, new(uint), "blob: int64 -1 found, uint was wanted"},
		{1.5, new(int), "blob: float64 1.5 found, int was wanted"},
		{1i, new(float64), "blob: complex128 (0+1i) found, float64 was wanted"},
		{bigInt("0x400000000000000000"), new(int64), "blob: int of 71 bits found, int64 was wanted"},
		{nil, new(float64), "blob: None found, float64 was wanted"},
		{"x", new([]byte), `blob: string "x" found, []uint8 was wanted`},
		{[]byte("x"), new(string), "blob: 1 bytes found, string was wanted"},
		{"x", new(time.Time), `blob: string "x" found, time.Time was wanted`},
		{1, new(chan int), "blob: int64 1 found, chan int was wanted"},
		{1, new(error), "blob: int64 1 found, error was wanted"},
		{1, new(big.Float), "blob: int64 1 found, big.Float was wanted"},
		{1.5, new(*big.Int), "blob: float64 1.5 found, big.Int was wanted"},
		{1, new(Array[int]), "blob: int64 1 found, blob.Array[int] was wanted"},
		{[]any{1}, new(int), "blob: list of 1 values found, int was wanted"},
		{Tuple{1}, new(int), "blob: tuple of 1 values found, int was wanted"},
		{Set{1}, new(int), "blob: set of 1 values found, int was wanted"},
		{map[string]int{"x": 1}, new(point), `blob: dict of 1 keys without "y" found, one for blob.point was wanted`},
		{map[string]any{"x": "a", "y": 1}, new(point), `blob: x: string "a" found, int32 was wanted`},
		{map[string]any{"x": 1}, new(int), "blob: dict of 1 keys found, int was wanted"},
		{map[string]any{"x": "a"}, new(map[string]int), `blob: key x: string "a" found, int was wanted`},
		{map[int]int{1: 1}, new(point), "blob: dict of 1 keys found, blob.point was wanted"},
		{map[string]any{"x": 1}, new(map[int]int), `blob: key: string "x" found, int was wanted`},
		{Dict{{[]byte{1}, 1}}, new(map[any]int), "blob: key: 1 bytes found, a value that can be compared was wanted"},
		{structs, new(point), "blob: struct array of shape [1 2] found, blob.point was wanted"},
		{RecordArray{}, new([]point), "blob: record array of 0 columns found, []blob.point was wanted"},
		{
			RecordArray{[]string{"x", "y"}, []any{[]int8{1}, vector([]string{"a"})}}, new([]point),
			`blob: row 0: y: string "a" found, float64 was wanted`,
		},
		{
			StructArray{[]int{2, 2}, []string{"x"}, [][]any{{1}, {2}, {3}, {4}}}, new([]map[string]int),
			"blob: array of 2 dimensions of any found, []map[string]int was wanted",
		},
		{records, new(int), "blob: record array of 2 columns found, int was wanted"},
		{
			RecordArray{[]string{"x", "y"}, []any{[]int8{1}, []int8{1, 2}}}, new([]point),
			"blob: record array of 2 columns found, []blob.point was wanted",
		},
		{CellArray{[]int{1, 1}, []any{1}}, new(int), "blob: cell array of shape [1 1] found, int was wanted"},
	}
	for _, c := range cases {
		data, err := Encode(c.in)
		require.NoError(t, err)
		require.EqualError(t, Unmarshal(data, c.dst), c.want)
		require.True(t, reflect.ValueOf(c.dst).Elem().IsZero(), "%T was changed", c.dst)
	}
	data, err := Encode(1)
	require.NoError(t, err)
	require.EqualError(t, Unmarshal(data, 1), "blob: int given to Unmarshal, a pointer that is not nil was wanted")
	require.EqualError(t, Unmarshal(data, (*int)(nil)), "blob: *int given to Unmarshal, a pointer that is not nil was wanted")
	require.EqualError(t, Unmarshal(data, nil), "blob: <nil> given to Unmarshal, a pointer that is not nil was wanted")
}

// A NaN stays one among floats.
func TestUnmarshalNaN(t *testing.T) {
	data, err := Encode([]float64{math.NaN()})
	require.NoError(t, err)
	var got []float32
	require.NoError(t, Unmarshal(data, &got))
	require.Len(t, got, 1)
	require.True(t, isNaN(got[0]))
}

// What Encode takes apart, Unmarshal puts together again.
func TestRoundTrip(t *testing.T) {
	type inner struct {
		A bool
		B *string
		C map[string]int16
	}
	type everything struct {
		Int      int
		Int8     int8
		Int64    int64
		Uint     uint
		Uint64   uint64
		Uintptr  uintptr
		Float32  float32
		Float64  float64
		C64      complex64
		C128     complex128
		Text     string
		Bytes    []byte
		ID       uuid.UUID
		Fixed    [3]byte
		IDs      []uuid.UUID
		Labels   []label
		Bools    []bool
		Int8s    []int8
		Uint16s  []uint16
		Ints     []int
		Uints    []uint
		Float32s []float32
		C64s     []complex64
		Volts    []volts
		Waits    []time.Duration
		Ragged   [][]float64
		Cube     [2][3][1]int32
		Grays    [][]gray
		Blobs    [][]byte
		Hashes   [][2]byte
		Inners   []inner
		Named    map[label][]float32
		ByInt    map[int8]inner
		ByFloat  map[float64]bool
		ByBytes  map[[2]byte]string
		Pointer  *inner
		Deep     ***int
	}
	same := func(in everything) bool {
		data, err := Encode(in)
		require.NoError(t, err)
		var out everything
		require.NoError(t, Unmarshal(data, &out))
		return assert.Equal(t, in, out)
	}
	require.NoError(t, quick.Check(same, nil))
}
