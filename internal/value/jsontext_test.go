package value

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/blob"
)

// TestJSONText packs values and spells what is unpacked.
func TestJSONText(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	for _, c := range []struct {
		in   any
		want string
	}{
		{nil, `null`},
		{true, `true`},
		{int64(math.MinInt64), `-9223372036854775808`},
		{uint64(math.MaxUint64), `18446744073709551615`},
		{new(big.Int).Lsh(big.NewInt(1), 70), `1180591620717411303424`},
		{0.1, `0.1`},
		{1e300, `1e+300`},
		{math.Copysign(0, -1), `-0`},
		{nan, `null`},
		{inf, `null`},
		{1 - 2i, `[1,-2]`},
		{"", `""`},
		{"it's \"<&>\"\n\\ ☃ \u2028", `"it's \"<&>\"\n\\ ☃ \u2028"`},
		{[]byte{}, `""`},
		{[]byte{0, 255}, `"AP8="`},
		{blob.Decimal("1.50"), `"1.50"`},
		{id, `"00112233-4455-6677-8899-aabbccddeeff"`},
		{time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC), `"2024-01-02T03:04:05.000006"`},
		{time.Time{}, `"0001-01-01T00:00:00"`},
		{blob.Date{Year: 2024, Month: 2, Day: 29}, `"2024-02-29"`},
		{blob.TimeOfDay(3*time.Hour + 500*time.Millisecond), `"03:00:00.5"`},
		{blob.Datetime64{Count: -5, Unit: "as"}, `[-5,"as"]`},

		{[]any{}, `[]`},
		{[]any{nil, "x", []any{int64(1)}, time.Time{}}, `[null,"x",[1],"0001-01-01T00:00:00"]`},
		{blob.Tuple{int64(1), blob.Set{"a"}}, `[1,["a"]]`},
		{map[string]any{}, `{}`},
		{map[string]any{"b": int64(1), "a\"": []float64{1.5, nan}, "B": nil}, `{"B":null,"a\"":[1.5,null],"b":1}`},
		{blob.Dict{{Key: int64(1), Value: "a"}, {Key: "b", Value: nil}}, `[[1,"a"],["b",null]]`},

		{[]float64{}, `[]`},
		{[]float64{1, 2.5, nan, inf}, `[1,2.5,null,null]`},
		{[]float32{0.1}, `[0.1]`},
		{[]bool{true, false}, `[true,false]`},
		{[]complex64{1 + 2i}, `[[1,2]]`},
		{[][]int16{{1, 2, 3}, {4, 5, 6}}, `[[1,2,3],[4,5,6]]`},
		{[][][]int8{{{1}, {2}}, {{3}, {4}}}, `[[[1],[2]],[[3],[4]]]`},
		{[][]float64{{}, {}}, `[]`},
		{[][]float64{{}, {1}}, `[[],[1]]`}, // a list of arrays
		{blob.Array[uint8]{Shape: []int{3}, Data: []uint8{1, 2, 3}}, `[1,2,3]`},
		{blob.Array[uint8]{Shape: []int{1, 2}, Data: []uint8{1, 2}}, `[[1,2]]`},
		{blob.Array[float32]{Data: []float32{1.5}}, `1.5`},
		{blob.Array[any]{Shape: []int{2, 1}, Data: []any{"a", nil}}, `[["a"],[null]]`},
		{blob.Array[any]{Data: []any{"a"}}, `"a"`},
		{[]time.Time{{}, time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)}, `[null,"2024-01-02T00:00:00"]`},
		{blob.Array[time.Time]{Data: []time.Time{{}}}, `null`},
		{blob.CellArray{Shape: []int{1, 2}, Data: []any{int64(1), "b"}}, `[[1,"b"]]`},
		{blob.StructArray{Shape: []int{1, 2}, Fields: []string{"y", "x"}, Data: [][]any{{int64(1), "a"}, {int64(2), nil}}}, `[[{"y":1,"x":"a"},{"y":2,"x":null}]]`},
		{blob.RecordArray{Fields: []string{"y", "x"}, Columns: []any{[]int32{1, 2}, []float64{0.5, nan}}}, `{"y":[1,2],"x":[0.5,null]}`},

		// Where there is nothing, extents may be as large as they like.
		{blob.Array[float64]{Shape: []int{1 << 40, 0}}, `[]`},
		{blob.CellArray{Shape: []int{1 << 40, 0, 1 << 40}}, `[]`},
		{blob.StructArray{Shape: []int{1 << 20, 1 << 20}}, `[]`},
	} {
		data, err := blob.Encode(c.in)
		require.NoError(t, err, "%#v", c.in)
		v, err := blob.Decode(data)
		require.NoError(t, err, "%#v", c.in)
		text, err := JSONText(v)
		require.NoError(t, err, "%#v", c.in)
		require.Equal(t, c.want, text, "%#v", c.in)
		require.True(t, json.Valid([]byte(text)), text)
	}
}

// TestJSONTextRefuses what no blob holds.
func TestJSONTextRefuses(t *testing.T) {
	for _, v := range []any{make(chan int), []any{func() {}}, map[string]any{"a": tag{}}, blob.Array[any]{Shape: []int{1, 1}, Data: []any{link{}}}} {
		_, err := JSONText(v)
		require.ErrorContains(t, err, " cannot be written as JSON")
	}
}

// TestCanonicalJSON: texts of one value are one text, with all digits.
func TestCanonicalJSON(t *testing.T) {
	for given, want := range map[string]string{
		` { "b": 1,"a" : [1.50, 12345678901234567890, 1e400] , "":null}`: `{"":null,"a":[1.50,12345678901234567890,1e400],"b":1}`,
		`"\u00e9 <&> \/"`: `"é <&> /"`,
		` 1 `:             `1`,
	} {
		got, err := CanonicalJSON([]byte(given))
		require.NoError(t, err)
		require.Equal(t, want, got)
		again, err := CanonicalJSON([]byte(got))
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, wrong := range []string{"", "{", `{"a"}`} {
		_, err := CanonicalJSON([]byte(wrong))
		require.Error(t, err, wrong)
	}
}
