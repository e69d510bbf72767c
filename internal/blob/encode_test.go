package blob

import (
	"bytes"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

type (
	volts float64
	gray  uint8
	label string
	trace []float64
	tree  struct{ Left *tree }
	knot  []knot
)

type position struct{ X, Y float64 }

type session struct {
	position
	SubjectID int32
	RateHz    float32 `db:"rate"`
	HTTPPort  uint16
	Notes     *string
	Secret    string `db:"-"`
	hidden    int
}

// What Encode makes of Go values, as Decode sees it.
func TestEncode(t *testing.T) {
	text := "text"
	zone := time.FixedZone("", 2*3600)
	cases := []struct {
		name     string
		in, want any
	}{
		{"int8", int8(-3), int64(-3)},
		{"uint64", uint64(math.MaxUint64), bigInt("0xffffffffffffffff")},
		{"uint16", uint16(7), int64(7)},
		{"named string", label("x"), "x"},
		{"float32", float32(0.5), 0.5},
		{"named float", volts(0.5), 0.5},
		{"complex64", complex64(1i), 1i},
		{"NaN is a number", []float64{math.Inf(1)}, []float64{math.Inf(1)}},
		{"pointer", &text, "text"},
		{"nil pointer", (*string)(nil), nil},
		{"nil *big.Int", (*big.Int)(nil), nil},
		{"nil *Array", (*Array[int8])(nil), nil},
		{"big.Int", *big.NewInt(5), int64(5)},
		{"pointer to Array", &Array[int8]{[]int{1}, []int8{4}}, []int8{4}},
		{"nil slice", []float64(nil), []float64{}},
		{"nil bytes", []byte(nil), []byte{}},
		{"nil list", []any(nil), []any{}},
		{"nil map", map[string]int(nil), map[string]any{}},
		{"ints", []int{1, -2}, []int64{1, -2}},
		{"uints", []uint{1}, []uint64{1}},
		{"Go array", [3]float64{1, 2, 3}, []float64{1, 2, 3}},
		{"Go array of bytes", [2]byte{1, 2}, []byte{1, 2}},
		{"named slice", trace{1, 2}, []float64{1, 2}},
		{"named elements", []volts{1, 2}, []float64{1, 2}},
		{"named bytes", []gray{1, 2}, Array[uint8]{[]int{2}, []uint8{1, 2}}},
		{"image", [][]gray{{1, 2}, {3, 4}}, Array[uint8]{[]int{2, 2}, []uint8{1, 2, 3, 4}}},
		{"matrix", [][]float64{{1, 2, 3}, {4, 5, 6}}, Array[float64]{[]int{2, 3}, []float64{1, 2, 3, 4, 5, 6}}},
		{"matrix of ints", [][]int{{1}, {2}}, Array[int64]{[]int{2, 1}, []int64{1, 2}}},
		{"cube", [][2][]int8{{{1}, {2}}, {{3}, {4}}}, Array[int8]{[]int{2, 2, 1}, []int8{1, 2, 3, 4}}},
		{"Go matrix", [2][3]float32{{1, 2, 3}, {4, 5, 6}}, Array[float32]{[]int{2, 3}, []float32{1, 2, 3, 4, 5, 6}}},
		{"rows without columns", [][]float64{{}, nil}, Array[float64]{[]int{2, 0}, []float64{}}},
		{"cube without a middle", [2][0][3]uint16{}, Array[uint16]{[]int{2, 0, 3}, []uint16{}}},
		{"no rows", [][]float64{}, Array[float64]{[]int{0, 0}, []float64{}}},
		{"no rows of three", [][3]float64{}, Array[float64]{[]int{0, 3}, []float64{}}},
		{"ragged", [][]float64{{1, 2}, {}}, []any{[]float64{1, 2}, []float64{}}},
		{
			"ragged cube", [][][]int8{{{1, 2}, {3, 4}}, {{5}, {6}}},
			[]any{Array[int8]{[]int{2, 2}, []int8{1, 2, 3, 4}}, Array[int8]{[]int{2, 1}, []int8{5, 6}}},
		},
		{"list of bytes", [][]byte{{1}, {2}}, []any{[]byte{1}, []byte{2}}},
		{"strings", []string{"a", "b"}, []any{"a", "b"}},
		{"array of strings", Array[string]{[]int{1}, []string{"a"}}, Array[any]{[]int{1}, []any{"a"}}},
		{"list of structs", []position{{1, 2}}, []any{map[string]any{"x": 1.0, "y": 2.0}}},
		{"map of slices", map[label][]bool{"a": {true}}, map[string]any{"a": []bool{true}}},
		{"map by int", map[int8]string{2: "b", -1: "a"}, Dict{{int64(-1), "a"}, {int64(2), "b"}}},
		{"map by uint", map[uint]bool{2: true, 1: true}, Dict{{int64(1), true}, {int64(2), true}}},
		{"map by bool", map[bool]int{true: 1, false: 0}, Dict{{false, int64(0)}, {true, int64(1)}}},
		{"map by float", map[float32]int{0.5: 1, -2: 2}, Dict{{-2.0, int64(2)}, {0.5, int64(1)}}},
		{"map by uuid", map[uuid.UUID]int{{2}: 2, {1}: 1}, Dict{{uuid.UUID{1}, int64(1)}, {uuid.UUID{2}, int64(2)}}},
		{"map by bytes", map[[2]byte]int{{1, 2}: 3}, Dict{{[]byte{1, 2}, int64(3)}}},
		{"map by date", map[Date]int{{2024, 1, 2}: 3}, Dict{{Date{2024, 1, 2}, int64(3)}}},
		{"map by any", map[any]int{"a": 1, 2: 2}, Dict{{"a", int64(1)}, {int64(2), int64(2)}}},
		{"empty struct", struct{}{}, map[string]any{}},
		{"zone", time.Date(2024, 5, 6, 7, 8, 9, 10_999, zone), utc(2024, 5, 6, 7, 8, 9, 10_000)},
		{"times of day", []TimeOfDay{1000}, []any{TimeOfDay(1000)}},
		{"durations", []time.Duration{time.Second}, []int64{1e9}},
		{
			"table of times", [][]time.Time{{utc(2024, 5, 6, 7, 8, 9, 0)}, {{}}},
			Array[time.Time]{[]int{2, 1}, []time.Time{utc(2024, 5, 6, 7, 8, 9, 0), {}}},
		},
		{"nanoseconds", []time.Time{utc(2024, 5, 6, 7, 8, 9, 1), {}}, []time.Time{utc(2024, 5, 6, 7, 8, 9, 1), {}}},
		{
			"nanoseconds too far", []time.Time{utc(2024, 5, 6, 7, 8, 9, 1001), utc(1600, 1, 1, 0, 0, 0, 0)},
			[]time.Time{utc(2024, 5, 6, 7, 8, 9, 1000), utc(1600, 1, 1, 0, 0, 0, 0)},
		},
		{"times", []time.Time{time.Date(1960, 5, 6, 7, 8, 9, 10_000, zone)}, []time.Time{utc(1960, 5, 6, 7, 8, 9, 10_000)}},
		{
			"struct", session{position: position{1, 2}, SubjectID: 3, RateHz: 0.5, HTTPPort: 80, hidden: 1},
			map[string]any{"x": 1.0, "y": 2.0, "subject_id": int64(3), "rate": 0.5, "http_port": int64(80), "notes": nil},
		},
		{
			"record of slices", RecordArray{[]string{"x"}, []any{[]int8{1}}},
			RecordArray{[]string{"x"}, []any{vector([]int8{1})}},
		},
		{"struct array without fields", StructArray{Shape: []int{3}}, StructArray{Shape: []int{3}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := Encode(c.in)
			require.NoError(t, err)
			got, err := Decode(data)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// A key that is not equal to itself is a key nevertheless.
func TestNaNKey(t *testing.T) {
	for _, m := range []any{map[float64]int{math.NaN(): 1}, map[any]int{math.NaN(): 1}} {
		data, err := Encode(m)
		require.NoError(t, err)
		got, err := Decode(data)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, int64(1), got.(Dict)[0].Value)
	}
}

// The header says whether MATLAB can read the blob.
func TestHeader(t *testing.T) {
	matlab := []any{
		[]float64{1}, [][]int8{{1}}, []bool{true}, []complex64{1},
		CellArray{[]int{1, 1}, []any{[]float64{1}}},
		StructArray{[]int{1}, []string{"x"}, [][]any{{[]float64{1}}}},
	}
	for _, v := range matlab {
		data, err := Encode(v)
		require.NoError(t, err)
		require.Equal(t, magicMATLAB, string(data[:4]), "%v", v)
	}
	python := []any{
		1, "", nil, Array[int8]{Data: []int8{1}}, Array[any]{[]int{0}, nil}, []time.Time{}, RecordArray{},
		CellArray{[]int{1, 1}, []any{1.0}},
		StructArray{[]int{1}, []string{"x"}, [][]any{{nil}}},
	}
	for _, v := range python {
		data, err := Encode(v)
		require.NoError(t, err)
		require.Equal(t, magicPython, string(data[:4]), "%v", v)
	}
}

// A body of 1000 bytes is left as it is, a longer one compressed if that helps.
func TestCompression(t *testing.T) {
	const overhead = len(magicPython) + 1 + 8
	for _, n := range []int{1000 - overhead, 1001 - overhead, 2000, 1 << 20} {
		in := strings.Repeat("x", n)
		data, err := Encode(in)
		require.NoError(t, err)
		require.Equal(t, n+overhead > 1000, bytes.HasPrefix(data, []byte(magicZlib)))
		out, err := Decode(data)
		require.NoError(t, err)
		require.Equal(t, in, out)
	}
	noise := noise(4000)
	data, err := Encode(noise)
	require.NoError(t, err)
	require.Len(t, data, 4000+overhead)
}

// noise returns n bytes that nothing can compress.
func noise(n int) []byte {
	b := make([]byte, n)
	state := uint64(1)
	for i := range b {
		state = state*6364136223846793005 + 1442695040888963407
		b[i] = byte(state >> 56)
	}
	return b
}

// Equal values give equal bytes, in whatever order a map is walked.
func TestDeterministic(t *testing.T) {
	m := map[string]int{}
	for i := range 50 {
		m[strings.Repeat("k", i)] = i
	}
	first, err := Encode(m)
	require.NoError(t, err)
	for range 5 {
		again, err := Encode(m)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestDecimal(t *testing.T) {
	for _, d := range []Decimal{"0", "-0", "+1", "1.", ".5", "1.50", "-2E+3", "2e-30", "NaN", "-sNaN12", "Inf", "-Infinity"} {
		require.True(t, d.valid(), "%s", d)
	}
	for _, d := range []Decimal{"", "-", ".", "--1", "1e", "1E+", "e5", ".e5", "1.2.3", "1,5", " 1", "1 ", "1_0", "NaNs", "infinity", "0x1"} {
		require.False(t, d.valid(), "%s", d)
	}
}

func TestEncodeErrors(t *testing.T) {
	loop := &tree{}
	loop.Left = loop
	knotted := make(knot, 1)
	knotted[0] = knotted
	cases := []struct {
		in   any
		want string
	}{
		{make(chan int), "blob: chan int found, which the format has nothing for"},
		{[]any{func() {}}, "blob: func() found, which the format has nothing for"},
		{"\xff", `blob: string "\xff" found, UTF-8 was wanted`},
		{Decimal("1,5"), `blob: Decimal "1,5" found, a number was wanted`},
		{time.Time{}.AddDate(-1, 0, 0), "blob: time in the year 0 found, one of the years 1 to 9999 was wanted"},
		{Date{2023, 2, 29}, "blob: date {Year:2023 Month:February Day:29} found, a day of the years 1 to 9999 was wanted"},
		{TimeOfDay(24 * time.Hour), "blob: time of day 24h0m0s found, one from 0 to 24 hours was wanted"},
		{[]time.Time{time.Unix(1<<50, 0)}, "blob: time in the year 35680317 found, one within 285000 years was wanted"},
		{
			Array[int8]{[]int{2, 3}, []int8{1}},
			"blob: array of shape [2 3] with 1 elements found, as many as the product of its shape were wanted",
		},
		{
			CellArray{[]int{-1}, nil},
			"blob: array of shape [-1] with 0 elements found, as many as the product of its shape were wanted",
		},
		{
			StructArray{[]int{1}, []string{"a"}, [][]any{{}}},
			"blob: struct array element of 0 values found, one a field (1) were wanted",
		},
		{StructArray{[]int{0}, []string{"a\x00"}, nil}, `blob: name "a\x00" of a field found, one without a zero was wanted`},
		{RecordArray{[]string{"a"}, nil}, "blob: record array of 0 columns found, one a field (1) were wanted"},
		{RecordArray{[]string{"a"}, []any{1}}, "blob: column a of type int found, an array was wanted"},
		{map[[2]int]int{{1, 2}: 1}, "blob: key of type [2]int found, a value that Python can hash was wanted"},
		{map[any]int{position{}: 1}, "blob: key of type blob.position found, a value that Python can hash was wanted"},
		{Array[int8]{make([]int, 65), nil}, "blob: array of 65 dimensions found, at most 64 were wanted"},
		{StructArray{Shape: make([]int, 65)}, "blob: array of 65 dimensions found, at most 64 were wanted"},
		{[]Datetime64{{1, "s"}, {1, "ms"}}, "blob: datetime64[ms] found among those of [s], one unit was wanted"},
		{Datetime64{1, "min"}, "blob: datetime64[min] found, a unit of NumPy's was wanted"},
		{struct{ a int }{1}, "blob: struct { a int } found, a struct with exported fields was wanted"},
		{
			struct {
				A int
				B int `db:"a"`
			}{},
			"blob: struct { A int; B int \"db:\\\"a\\\"\" } found, a struct with only one field named a was wanted",
		},
		{new(big.Int).Lsh(big.NewInt(1), 8*math.MaxUint16), "blob: int of 65536 bytes found, at most 65535 were wanted"},
		{map[string]any{"a": make(chan int)}, "blob: key a: chan int found, which the format has nothing for"},
	}
	for _, c := range cases {
		_, err := Encode(c.in)
		require.EqualError(t, err, c.want)
	}
	for _, cyclic := range []any{loop, knotted} {
		_, err := Encode(cyclic)
		require.ErrorContains(t, err, "nested deeper than 1000")
	}
}
