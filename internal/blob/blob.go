package blob

import (
	"encoding/binary"
	"fmt"
)

// Encode returns v in the blob format, compressed if that makes it shorter.
// The package comment lists which Go value becomes what.
//
// A struct becomes a dict of its exported fields, in their order, with names in
// snake case (SubjectID is subject_id) unless a tag `db:"name"` gives another;
// `db:"-"` leaves a field out, and an embedded struct adds its fields. The keys
// of a map are sorted, so equal values give equal bytes. A time.Time is written
// as its wall clock reads, without its zone, and cut to microseconds.
//
// Encode fails on a value the format cannot hold: a channel or a function, a
// year outside 1…9999, a Decimal that is no number, a map by what Python cannot
// hash (structs, say), an Array whose shape and data disagree, a value that
// contains itself or takes more than 1 GiB.
func Encode(v any) ([]byte, error) {
	e := &encoder{buf: []byte(magicMATLAB)}
	if err := e.value(v); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if e.python {
		copy(e.buf, magicPython)
	}
	if len(e.buf) > maxBody {
		return nil, fmt.Errorf("blob: value of %d bytes found, at most %d were wanted", len(e.buf), maxBody)
	}
	data, err := compress(e.buf)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return data, nil
}

// Decode returns the value in data as the Go type that is natural for it; the
// package comment lists these types. Times are in UTC, reading as the wall
// clock that was written. The value shares no memory with data.
//
// Decode fails on bytes that are no blob, or not exactly one, and on sparse and
// function arrays. Whatever the bytes claim, it allocates at most some twenty
// times as many as the body has, in a time that is proportional to them, too. A
// compressed body is as long as its header says or refused: 1 GiB at most, and no
// more than deflate can make of the bytes that are there, a thousand times as
// many. Memory for it is allocated as it arrives.
func Decode(data []byte) (any, error) {
	v, _, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return v, nil
}

// Unmarshal decodes data into what dst points to, which it leaves as it was
// when it fails.
//
// A value is converted only where nothing is lost, element by element: a
// number to any numeric type that holds it exactly, or to a complex one; an
// array of one element to a scalar; an array to nested slices or Go arrays of as
// many dimensions; an array with at most one extent other than 1 (a row or column
// of MATLAB's) to a slice; a list, tuple, set or cell array to a slice or Go
// array; bytes to a Go array of bytes; a date to a time.Time; a time of day to a
// time.Duration; a Decimal to a string; None to a nil pointer, slice, map or
// interface.
//
// A dict goes into a map, or into a struct by the names Encode would write.
// The struct chooses: keys it has no field for are skipped, but a field without
// a key is an error, unless it is a pointer or an interface, which becomes nil.
// A struct array goes into slices of structs or maps, as an array would, or into
// one if it has one element; a record array into slices of structs or maps (its
// rows), or into one struct or map (its columns).
//
// What is allocated is in proportion to what Decode allocates, times the size of
// an element of dst.
//
// An error says what was found and what was wanted.
func Unmarshal(data []byte, dst any) error {
	if !isPointer(dst) {
		return fmt.Errorf("blob: %T given to Unmarshal, a pointer that is not nil was wanted", dst)
	}
	v, size, err := decode(data)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if err := assign(dst, v, size); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// decode returns the value in data and the length of its body.
func decode(data []byte) (v any, size int, err error) {
	body, err := inflate(data)
	if err != nil {
		return nil, 0, err
	}
	magic := string(body[:min(len(body), len(magicMATLAB))])
	d := &decoder{rest: body[len(magic):]}
	switch magic {
	case magicMATLAB:
		d.narrow = isNarrow(d.rest)
	case magicPython:
	default:
		return nil, 0, fmt.Errorf("header %q found, %q or %q was wanted", magic, magicMATLAB, magicPython)
	}
	v = d.value()
	d.end()
	if d.err != nil {
		return nil, 0, d.err
	}
	return v, len(body), nil
}

// le is the byte order of the format.
var le = binary.LittleEndian
