package blob

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
)

// compressors keeps zlib writers for the next blob: a new one costs most of a
// megabyte, many times the blob it is for. They prefer speed: on measured
// numbers that is five to ten times as fast as the default, and two or three
// percent longer. Readers cannot tell.
var compressors = sync.Pool{New: func() any {
	w, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	return w
}}

// compress returns body compressed, or as it is if it is short or gets no
// shorter.
func compress(body []byte) ([]byte, error) {
	if len(body) <= compressAbove {
		return body, nil
	}
	var out bytes.Buffer
	out.WriteString(magicZlib)
	out.Write(le.AppendUint64(nil, uint64(len(body))))
	w := compressors.Get().(*zlib.Writer)
	defer compressors.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() >= len(body) {
		return body, nil
	}
	return out.Bytes(), nil
}

// inflate returns the body in data. It believes the length declared there only
// as far as deflate could have reached it, and allocates as bytes arrive.
func inflate(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte(magicZlib)) {
		return data, nil
	}
	rest := data[len(magicZlib):]
	if len(rest) < 8 {
		return nil, errors.New("compressed value without its length")
	}
	declared, stream := le.Uint64(rest), rest[8:]
	if declared > math.MaxUint32 { // no length, but 32 bits of one and the stream
		declared, stream = uint64(le.Uint32(rest)), rest[4:]
	}
	if declared > maxBody {
		return nil, fmt.Errorf("compressed value of %d bytes found, at most %d were wanted", declared, maxBody)
	}
	if declared/maxRatio > uint64(len(stream)) {
		return nil, fmt.Errorf("%d compressed bytes claim to hold %d, more than any can", len(stream), declared)
	}
	source := bytes.NewReader(stream)
	zr, err := zlib.NewReader(source)
	if err != nil {
		return nil, fmt.Errorf("inflate: %w", err)
	}
	body, err := readExactly(zr, int(declared), 4*len(stream))
	if err != nil {
		return nil, fmt.Errorf("inflate: %w", err)
	}
	if source.Len() > 0 {
		return nil, fmt.Errorf("%d bytes follow the compressed value", source.Len())
	}
	return body, nil
}

// readExactly reads n bytes and the end of r, into memory that is guess bytes
// at first and then doubles.
func readExactly(r io.Reader, n, guess int) ([]byte, error) {
	buf := make([]byte, 0, min(n, guess))
	for len(buf) < n {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, min(len(buf)+1, n-len(buf)))
		}
		m, err := io.ReadFull(r, buf[len(buf):min(cap(buf), n)])
		buf = buf[:len(buf)+m]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%d bytes found, %d were declared", len(buf), n)
		}
		if err != nil {
			return nil, err
		}
	}
	// The reader checks the sum of what it read when it meets the end.
	switch m, err := r.Read(make([]byte, 1)); {
	case m > 0:
		return nil, fmt.Errorf("more bytes found than the %d declared", n)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	return buf, nil
}
