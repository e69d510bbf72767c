package blob

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzBlob feeds any bytes to the decoder. What it accepts can be encoded, and
// is the same after that; and no variable that it is unmarshalled into, and then
// encoded from, panics.
func FuzzBlob(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.bytes(f))
	}
	for _, h := range hostile {
		f.Add(unhex(f, h.hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Decode(data)
		for _, dst := range []any{
			new([]float64), new([][]float64), new([]int8), new([3]int), new(float64), new(string), new([]string),
			new([][]string), new(map[string]any), new(map[any]any), new([]map[string]int), new(point), new([]point),
			new(columns), new(*optional), new(Array[float64]), new([][][]complex128), new(any), new([]any),
			new([][]map[string]any), new([][]*point), new([2]byte), new([]time.Time), new(*big.Int), new(map[float64]gray),
			new([2][2][0]volts), new(uint16), new(time.Duration), new([]time.Duration), new(knot),
		} {
			unmarshalErr := Unmarshal(data, dst)
			if err != nil {
				require.Error(t, unmarshalErr)
			}
			if unmarshalErr == nil {
				_, _ = Encode(dst)
			}
		}
		if err != nil {
			return
		}
		encoded, err := Encode(v)
		require.NoError(t, err)
		again, err := Decode(encoded)
		require.NoError(t, err)
		// Written once more rather than compared: a NaN is not equal to itself.
		twice, err := Encode(again)
		require.NoError(t, err)
		require.Equal(t, encoded, twice)
	})
}
