package blob

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const million = 1_000_000

// ramp returns a million numbers that compress as measured ones do: somewhat.
func ramp() []float64 {
	data := make([]float64, million)
	for i, b := range noise(million) {
		data[i] = float64(i) + float64(b)/256
	}
	return data
}

// body returns v encoded but not compressed.
func body(b *testing.B, v any) []byte {
	b.Helper()
	e := &encoder{buf: []byte(magicMATLAB)}
	require.NoError(b, e.value(v))
	return e.buf
}

func BenchmarkEncode(b *testing.B) {
	vector := ramp()
	rows := make([][]float64, 1000)
	for i := range rows {
		rows[i] = vector[1000*i : 1000*(i+1)]
	}
	b.Run("body of 1e6 float64", func(b *testing.B) { benchmarkBody(b, vector) })
	b.Run("body of 1e3x1e3 float64", func(b *testing.B) { benchmarkBody(b, rows) })
	b.Run("copy of 1e6 float64", func(b *testing.B) { // what the bodies are measured against
		b.SetBytes(8 * million)
		for b.Loop() {
			_ = append([]float64(nil), vector...)
		}
	})
	b.Run("compressed 1e6 float64", func(b *testing.B) {
		b.SetBytes(8 * million)
		for b.Loop() {
			_, err := Encode(vector)
			require.NoError(b, err)
		}
	})
}

func benchmarkBody(b *testing.B, v any) {
	b.Helper()
	b.SetBytes(8 * million)
	b.ReportAllocs()
	for b.Loop() {
		body(b, v)
	}
}

func BenchmarkDecode(b *testing.B) {
	plain := body(b, ramp())
	packed, err := Encode(ramp())
	require.NoError(b, err)
	matrix := body(b, Array[float64]{[]int{1000, 1000}, ramp()})
	for _, c := range []struct {
		name string
		data []byte
		dst  any
	}{
		{"1e6 float64", plain, new([]float64)},
		{"1e6 float64 as float32", body(b, make([]float64, million)), new([]float32)},
		{"1e3x1e3 float64", matrix, new([][]float64)},
		{"compressed 1e6 float64", packed, new([]float64)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(8 * million)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, Unmarshal(c.data, c.dst))
			}
		})
	}
}
