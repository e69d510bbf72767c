package blob

import (
	"fmt"
	"slices"
	"time"
)

// An Array is an array of any number of dimensions, in row-major order: the
// last index varies fastest, as in Go's arrays of arrays, in NumPy's default
// and in Gonum. So element (i, j) of a matrix is Data[i*Shape[1]+j].
type Array[T any] struct {
	Shape []int // the extent of each dimension; none for a single value
	Data  []T   // as many elements as the product of Shape
}

// array is what Arrays of all types have in common.
type array interface {
	shape() []int
	size() int
	at(i int) any            // element i of Data
	row(i int) array         // the part whose first index is i
	flat() any               // Data
	as(shape []int) array    // the same Data in another shape
	natural() any            // what Decode returns for it
	encode(e *encoder) error // as a value, tag and all
}

// arrayTarget is a pointer to an Array of any type.
type arrayTarget interface {
	target() (shape *[]int, data any) // pointers to Shape and to Data
}

func (a Array[T]) shape() []int { return a.Shape }
func (a Array[T]) size() int    { return len(a.Data) }
func (a Array[T]) at(i int) any { return a.Data[i] }
func (a Array[T]) flat() any    { return a.Data }

func (a Array[T]) as(shape []int) array { return Array[T]{shape, a.Data} }

func (a Array[T]) row(i int) array {
	n := len(a.Data) / a.Shape[0]
	return Array[T]{a.Shape[1:], a.Data[i*n : (i+1)*n : (i+1)*n]}
}

func (a *Array[T]) target() (shape *[]int, data any) { return &a.Shape, &a.Data }

// natural makes a scalar of an array without dimensions and a slice of one that
// has a single dimension, except where Encode would take these for something
// else: for bytes, or for a datetime, which has no NaT and few years.
func (a Array[T]) natural() any {
	switch data := any(a.Data).(type) {
	case []any:
		return a
	case []byte:
		if len(a.Shape) > 0 {
			return a
		}
	case []char:
		if oneText(a.Shape) {
			return joined(data)
		}
		return singly(Array[char]{a.Shape, data})
	case []time.Time:
		if len(a.Shape) == 0 && (data[0].IsZero() || !inDatetime(data[0])) {
			return a
		}
	}
	switch len(a.Shape) {
	case 0:
		return a.Data[0]
	case 1:
		return a.Data
	}
	return a
}

// checkShape returns an error unless an array of that many elements can have the
// shape.
func checkShape(shape []int, elements int) error {
	if len(shape) > maxDims {
		return fmt.Errorf("array of %d dimensions found, at most %d were wanted", len(shape), maxDims)
	}
	if n, ok := product(shape); !ok || n != elements {
		return fmt.Errorf("array of shape %v with %d elements found, as many as the product of its shape were wanted", shape, elements)
	}
	return nil
}

// vector is data as an array of one dimension.
func vector[T any](data []T) Array[T] { return Array[T]{[]int{len(data)}, data} }

// product returns the number of elements of a shape; it is not ok if an extent
// is negative or the number overflows.
func product(shape []int) (n int, ok bool) {
	if slices.Contains(shape, 0) {
		return 0, slices.Min(shape) == 0
	}
	n = 1
	for _, extent := range shape {
		if extent < 0 || n > maxInt/extent {
			return 0, false
		}
		n *= extent
	}
	return n, true
}

const maxInt = int(^uint(0) >> 1)

// flatShape reports whether an array of this shape lies in memory the same way
// in every order: at most one extent is not 1, or there are no elements.
func flatShape(shape []int) bool {
	long := 0
	for _, extent := range shape {
		if extent == 0 {
			return true
		}
		if extent != 1 {
			long++
		}
	}
	return long <= 1
}

// rowMajor returns column-major data of a shape in row-major order.
func rowMajor[T any](data []T, shape []int) []T {
	if flatShape(shape) {
		return data
	}
	reversed := slices.Clone(shape)
	slices.Reverse(reversed)
	return columnMajor(data, reversed)
}

// columnMajor returns row-major data of a shape in column-major order, which is
// the row-major order of the array with its axes reversed. Either is data itself
// if the orders are the same.
func columnMajor[T any](data []T, shape []int) []T {
	if flatShape(shape) {
		return data
	}
	moved := make([]T, 0, len(data))
	index := make([]int, len(shape))
	first := len(data) / shape[0] // how far apart neighbours along the first axis are
	for offset := 0; len(moved) < len(data); {
		for i := offset; i < len(data); i += first {
			moved = append(moved, data[i])
		}
		for axis, step := 1, first; axis < len(shape); axis++ {
			step /= shape[axis]
			offset += step
			if index[axis]++; index[axis] < shape[axis] {
				break
			}
			offset -= step * shape[axis]
			index[axis] = 0
		}
	}
	return moved
}
