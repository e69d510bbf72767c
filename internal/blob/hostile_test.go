package blob

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	huge = "ffffffffffffff7f" // 2⁶³−1
	all  = "ffffffffffffffff" // 2⁶⁴−1
	one  = "0100000000000000"
	two  = "0200000000000000"
	none = one + "ff" // a sized None
)

// hostile holds bytes that are no blob, and what the error must say.
var hostile = []struct{ name, hex, want string }{
	{"nothing", "", `header "" found`},
	{"half a header", "646a", `header "dj" found`},
	{"another header", "61626364ff", `header "abcd" found`},
	{"no value", "646a3000", "0 bytes found, 1 were wanted"},
	{"unknown tag", "646a3000fe", "tag 0xfe found"},
	{"trailing byte", "646a3000ff00", "1 bytes follow"},
	{"half an int", "646a30000a0200ff", "1 bytes found, 2 were wanted"},
	{"half a float", "646a30000d00", "1 bytes found, 8 were wanted"},
	{"endless str", "646a300005" + all, "0 bytes found"},
	{"str of Latin 1", "646a300005" + one + "e9", "not UTF-8"},
	{"endless bytes", "646a300006" + huge + "00", "1 bytes found"},
	{"Decimal of letters", "646a300064" + one + "61", `Decimal "a" found`},
	{"month 13", "646a3000748d0d350100000000" + "00000000", "datetime 20254093 0 found"},
	{"30 February", "646a300074c6d83401" + all, "datetime 20240582 -1 found"},
	{"25 o'clock", "646a300074ffffffff00" + "18d1373a000000", "a date, a time or both were wanted"},
	{"neither date nor time", "646a300074ffffffff" + all, "a date, a time or both were wanted"},
	{"half a UUID", "646a3000750011", "2 bytes found, 16 were wanted"},
	{"endless list", "646a300002" + all + none, "9 bytes found, 18446744073709551615 elements"},
	{"list longer than its values", "646a300002" + two + none, "9 bytes found, 2 elements of 9"},
	{"list with an overlong value", "646a300002" + one + huge + "ff", "1 bytes found"},
	{"list with a value and a rest", "646a300002" + one + two + "ffff", "1 bytes follow"},
	{"list with a value of nothing", "646a300002" + one + "000000000000000000", "0 bytes found, 1 were wanted"},
	{"endless dict", "646a300004" + huge + none + none, "18 bytes found"},
	{"dict whose count overflows", "646a300004" + "0000000000000080" + none + none, "18 bytes found"},
	{"too many dimensions", "6d596d0041" + huge, "at most 64 were wanted"},
	{"dimensions without extents", "6d596d0041" + "4000000000000000", "0 bytes found, 64 elements"},
	{"extent beyond an int", "6d596d0041" + one + all + "0600000000000000", "extent of 18446744073709551615"},
	{"product beyond an int", "6d596d0041" + two + huge + huge + "0600000000000000", "which no memory holds"},
	{"product that wraps to 0", "6d596d0041" + two + "0000000000000040" + "0400000000000000" + "0600000000000000", "which no memory holds"},
	{"endless array", "6d596d0041" + one + huge + "0600000000000000" + one, "8 bytes found"},
	{"endless chars", "6d596d0041" + one + huge + "0400000000000000" + one, "8 bytes found"},
	{"endless objects", "646a300041" + one + huge + "0500000000000000" + none, "9 bytes found"},
	{"endless datetimes", "646a300041" + one + huge + "0800010000000000" + one, "8 bytes found"},
	{"complex without imaginary part", "6d596d0041" + one + one + "0600000001000000" + one, "0 bytes found, 1 elements"},
	{"complex objects", "6d596d0041" + one + one + "0500000001000000" + none + none, "complex array: elements of []any"},
	{"complex bools", "6d596d0041" + one + one + "0300000001000000" + "0101", "complex array: elements of []bool"},
	{
		"complex beyond float64", "6d596d0041" + one + one + "0e00000001000000" + huge + huge,
		"complex array: element 0 is 9223372036854775807, which float64 cannot hold exactly",
	},
	{"function array", "6d596d0041" + one + one + "1000000000000000" + one, "function array found"},
	{"unknown element type", "6d596d0041" + one + one + "1100000000000000" + one, "unknown element type 17"},
	{"unknown unit of time", "646a300041" + one + one + "0d00010000000000" + one, "unknown element type 65549"},
	{"sparse array", "6d596d0050", "sparse array found"},
	{"endless cell", "6d596d0043" + one + huge + none, "9 bytes found"},
	{"endless struct array", "6d596d0053" + one + huge + "01000000" + "6100" + none, "9 bytes found"},
	{"endless fields", "6d596d0053" + one + one + "ffffffff" + "6100", "2 bytes found"},
	{"field without an end", "6d596d0053" + one + one + "01000000" + "6161", "name of a field without an end"},
	{"endless columns", "646a300046ffffffff", "0 bytes found"},
	{"columns without bytes for them", "646a30004602000000" + "6100" + "ff", "3 bytes found, 2 elements of 6"},
	{"column that is no array", "646a300046010000006100ff000000", "tag 0xff found, an array was wanted"},
	{"half a compressed value", "5a4c31323300" + "0a000000", "without its length"},
	{"compressed value that is none", "5a4c31323300" + "0a00000000000000" + "646a3000ff", "inflate: zlib"},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	require.NoError(t, err)
	return data
}

func TestHostile(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			_, err := Decode(unhex(t, h.hex))
			require.ErrorContains(t, err, h.want)
		})
	}
}

// Every vector that is cut short is an error, and so is one with a byte more.
func TestTruncated(t *testing.T) {
	for _, v := range vectors {
		data := v.bytes(t)
		for n := range data {
			_, err := Decode(data[:n])
			require.Error(t, err, "%s cut to %d bytes", v.python, n)
		}
		_, err := Decode(append(data, 0))
		require.Error(t, err, "%s with a byte more", v.python)
	}
}

// nested returns a blob of n lists within each other.
func nested(n int) []byte {
	v := []byte{tagNone}
	for range n {
		v = append(le.AppendUint64(nil, uint64(len(v))), v...)
		v = append([]byte{tagList, 1, 0, 0, 0, 0, 0, 0, 0}, v...)
	}
	return append([]byte(magicPython), v...)
}

func TestDepth(t *testing.T) {
	v, err := Decode(nested(maxDepth - 1))
	require.NoError(t, err)
	_, err = Encode(v)
	require.NoError(t, err)
	_, err = Decode(nested(maxDepth))
	require.ErrorContains(t, err, "nested deeper than 1000")

	records := magicPython + strings.Repeat("F\x01\x00\x00\x00a\x00", 1<<16)
	_, err = Decode([]byte(records))
	require.ErrorContains(t, err, "nested deeper than 1000")
}

// deflated returns body compressed, with a length declared for it.
func deflated(t testing.TB, declared uint64, body []byte) []byte {
	t.Helper()
	out := bytes.NewBufferString(magicZlib)
	out.Write(le.AppendUint64(nil, declared))
	w := zlib.NewWriter(out)
	_, err := w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestCompressedLies(t *testing.T) {
	body := []byte(magicPython + "\xff")
	good := deflated(t, 5, body)
	v, err := Decode(good)
	require.NoError(t, err)
	require.Nil(t, v)

	corrupt := bytes.Clone(good)
	corrupt[len(corrupt)-1]++ // the checksum
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"too long":    {deflated(t, 6, body), "5 bytes found, 6 were declared"},
		"too short":   {deflated(t, 4, body), "more bytes found than the 4 declared"},
		"impossible":  {deflated(t, maxBody, body), "more than any can"},
		"large":       {deflated(t, maxBody+1, body), "compressed value of 1073741825 bytes found, at most 1073741824"},
		"huge":        {deflated(t, math.MaxUint64, body), "at most 1073741824 were wanted"},
		"bomb":        {deflated(t, 100, make([]byte, 1<<20)), "more bytes found than the 100 declared"},
		"cut":         {good[:len(good)-5], "inflate"},
		"corrupt":     {corrupt, "checksum"},
		"followed":    {append(bytes.Clone(good), 0), "1 bytes follow the compressed value"},
		"twice":       {deflated(t, uint64(len(good)), good), "header"},
		"nothing":     {deflated(t, 0, nil), "header"},
		"without end": {append([]byte(magicZlib), make([]byte, 8)...), "inflate"},
	} {
		_, err := Decode(c.data)
		require.ErrorContains(t, err, c.want, name)
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// perByte bounds what may be allocated for each byte of a body, slack what a
// small one may take in any case, an inflater included.
const (
	perByte = 20
	slack   = 256 << 10
)

func size(n int) string         { return string(le.AppendUint64(nil, uint64(n))) }
func sized(value string) string { return size(len(value)) + value }

// many returns the blob of a list with as many of the value as 128 KiB hold.
func many(value string) []byte {
	n := 1 << 17 / (8 + len(value))
	return []byte(magicPython + "\x02" + size(n) + strings.Repeat(sized(value), n))
}

// arrayOf returns n zeros of an element type and a width, as an array of one
// dimension; if wanted, a complex one.
func arrayOf(n, width int, id, isComplex uint32) string {
	parts := 1 + int(isComplex)
	return "A" + size(1) + size(n) + string(le.AppendUint32(le.AppendUint32(nil, id), isComplex)) +
		string(make([]byte, parts*n*width))
}

// unnamed returns the head of a record array of n fields without names.
func unnamed(n int) string {
	return "F" + string(le.AppendUint32(nil, uint32(n))) + string(make([]byte, n))
}

// Whatever bytes claim, memory is allocated in proportion to them.
func TestAllocation(t *testing.T) {
	for _, h := range hostile {
		data := unhex(t, h.hex)
		used := allocated(func() { _, _ = Decode(data) })
		require.Less(t, used, uint64(slack), h.name)
	}
	none, empty := "\xff", "\x05"+size(0)
	for name, data := range map[string][]byte{
		"None":            many(none),
		"lists":           many("\x02" + size(0)),
		"small lists":     many("\x02" + size(1) + sized(none)),
		"dicts":           many("\x04" + size(0)),
		"small dicts":     many("\x04" + size(1) + sized(empty) + sized(none)),
		"dicts of None":   many("\x04" + size(1) + sized(none) + sized(none)),
		"ints":            many("\x0a\x01\x00\x01"),
		"large ints":      many("\x0a\x09\x00" + size(0) + "\x01"),
		"empty ints":      many("\x0a\x00\x00"),
		"strs":            many("\x05" + size(1) + "a"),
		"Decimals":        many("d" + size(1) + "1"),
		"arrays":          many(arrayOf(0, 8, typeFloat64, 0)),
		"scalars":         many("A" + size(0) + string(le.AppendUint32(nil, typeInt8)) + "\x00\x00\x00\x00" + "\x01"),
		"cells":           many("C" + size(1) + size(0)),
		"structs":         many("S" + size(0) + "\x00\x00\x00\x00"),
		"structs of None": many("S" + size(0) + "\x01\x00\x00\x00" + "\x00" + sized(none)),
		"records":         many("F\x00\x00\x00\x00"),
		"small records":   many(unnamed(1) + arrayOf(1, 1, typeInt8, 0)),
		"deep records":    many(strings.Repeat(unnamed(1), 900) + arrayOf(1, 1, typeInt8, 0)),
		"fields":          []byte(magicPython + "S" + size(1) + size(0) + unnamed(1 << 17)[1:]),
		"columns":         []byte(magicPython + unnamed(1<<14) + strings.Repeat(unnamed(0), 1<<14)),
		"complex bytes":   []byte(magicPython + arrayOf(1<<17, 1, typeInt8, 1)),
		"characters":      []byte(magicPython + arrayOf(1<<16, 2, typeChar, 0)),
		"datetimes":       []byte(magicPython + arrayOf(1<<14, 8, typeDatetimeUs, 0)),
		"bytes":           []byte(magicPython + arrayOf(1<<17, 1, typeUint8, 0)),
	} {
		var err error
		used := allocated(func() { _, err = Decode(data) })
		require.NoError(t, err, name)
		require.Less(t, used, uint64(perByte*len(data)), name)
	}
	bomb := deflated(t, 1000*1000, make([]byte, 1<<23))
	used := allocated(func() { _, _ = Decode(bomb) })
	require.Less(t, used, uint64(4*1000*1000))
	short := deflated(t, 1<<30, make([]byte, 1<<20))
	used = allocated(func() { _, _ = Decode(append(short, make([]byte, 2<<20)...)) })
	require.Less(t, used, uint64(32<<20), "what is claimed and never comes")
}

// Records that lie deep in each other, or have many columns without elements,
// become no more rows than their bytes are worth.
func TestManyRecords(t *testing.T) {
	deep := func(depth int) string { return strings.Repeat(unnamed(1), depth) + arrayOf(1<<14, 1, typeInt8, 0) }
	thin := "A" + size(2) + size(1<<17) + size(0) + "\x06\x00\x00\x00\x00\x00\x00\x00"
	for name, c := range map[string]struct {
		value     string
		isRefused bool
	}{
		"one in another":   {deep(2), false},
		"four deep":        {deep(4), false},
		"900 deep":         {deep(900), true},
		"a thin column":    {unnamed(1) + thin, true},
		"many thin ones":   {unnamed(4000) + strings.Repeat(thin, 4000), true},
		"two long columns": {unnamed(2) + arrayOf(1<<14, 1, typeInt8, 0) + arrayOf(1<<14, 8, typeFloat64, 0), false},
	} {
		data := []byte(magicPython + c.value)
		var err error
		used := allocated(func() { err = Unmarshal(data, new([]map[string]any)) })
		require.Equal(t, c.isRefused, err != nil, "%s: %v", name, err)
		require.Less(t, used, uint64(2000*len(data)), name)
	}
}

// An array that claims rows but no columns gets no more rows than it has bytes.
func TestRowsWithoutElements(t *testing.T) {
	data := unhex(t, "6d596d0041"+two+"0000000000000040"+"0000000000000000"+"0600000000000000")
	v, err := Decode(data)
	require.NoError(t, err)
	require.Equal(t, Array[float64]{[]int{1 << 62, 0}, []float64{}}, v)
	var rows [][]float64
	used := allocated(func() { err = Unmarshal(data, &rows) })
	require.EqualError(t, err,
		"blob: array of 2 dimensions of float64 with 4611686018427387904 rows found, fewer for so few bytes were wanted")
	require.Less(t, used, uint64(slack))
}
