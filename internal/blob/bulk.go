package blob

import "math"

// The loops that move elements between bytes and slices. They are plain so that
// they compile to little more than a copy, whatever the machine's byte order.

func getBools(dst []bool, src []byte) {
	for i, b := range src {
		dst[i] = b != 0
	}
}

func putBools(dst []byte, src []bool) {
	for i, x := range src {
		if x {
			dst[i] = 1
		}
	}
}

func get8[T int8 | uint8](dst []T, src []byte) {
	for i, b := range src {
		dst[i] = T(b)
	}
}

func put8[T int8 | uint8](dst []byte, src []T) {
	for i, x := range src {
		dst[i] = byte(x)
	}
}

func get16[T int16 | uint16 | char](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(le.Uint16(src[2*i:]))
	}
}

func put16[T int16 | uint16](dst []byte, src []T) {
	for i, x := range src {
		le.PutUint16(dst[2*i:], uint16(x))
	}
}

func get32[T int32 | uint32](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(le.Uint32(src[4*i:]))
	}
}

func put32[T int32 | uint32](dst []byte, src []T) {
	for i, x := range src {
		le.PutUint32(dst[4*i:], uint32(x))
	}
}

func get64[T int64 | uint64](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(le.Uint64(src[8*i:]))
	}
}

func put64[T int64 | uint64 | int | uint](dst []byte, src []T) {
	for i, x := range src {
		le.PutUint64(dst[8*i:], uint64(x))
	}
}

func getFloat32s(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(le.Uint32(src[4*i:]))
	}
}

func putFloat32s(dst []byte, src []float32) {
	for i, x := range src {
		le.PutUint32(dst[4*i:], math.Float32bits(x))
	}
}

func getFloat64s(dst []float64, src []byte) {
	for i := range dst {
		dst[i] = math.Float64frombits(le.Uint64(src[8*i:]))
	}
}

func putFloat64s(dst []byte, src []float64) {
	for i, x := range src {
		le.PutUint64(dst[8*i:], math.Float64bits(x))
	}
}
