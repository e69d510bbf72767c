package blob

import (
	"encoding/hex"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A golden is a blob that DataJoint packed, and what it holds.
type golden struct {
	python string // the value, as Python writes it
	hex    string
	want   any
	other  string // why Encode has other bytes for want; empty if it has the same
}

// Why a blob is written otherwise than it was read.
const (
	whySorted   = "the keys of a map are sorted"
	whyPlain    = "a NumPy scalar becomes a plain value"
	whyText     = "MATLAB's text becomes a str, and its characters strs in an array of objects"
	whyMicros   = "datetimes become datetime64[us]"
	whyDeflate  = "zlib's deflate and Go's choose different bytes for the same"
	whyWide     = "counts are written in 64 bits"
	whyDatetime = "a datetime64 becomes a datetime"
)

func bigInt(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 0)
	return n
}

func utc(year int, month time.Month, day, h, m, s, ns int) time.Time {
	return time.Date(year, month, day, h, m, s, ns, time.UTC)
}

var referenceVectors = []golden{
	// Scalars.
	{"None", "646a3000ff", nil, ""},
	{"True", "646a30000b01", true, ""},
	{"0", "646a30000a010000", int64(0), ""},
	{"1", "646a30000a010001", int64(1), ""},
	{"-1", "646a30000a0100ff", int64(-1), ""},
	{"128", "646a30000a02008000", int64(128), ""},
	{"255", "646a30000a0200ff00", int64(255), ""},
	{"256", "646a30000a02000001", int64(256), ""},
	{"-128", "646a30000a020080ff", int64(-128), ""},
	{"-256", "646a30000a020000ff", int64(-256), ""},
	{"2**40", "646a30000a0600000000000001", int64(1) << 40, ""},
	{"-2**63", "646a30000a09000000000000000080ff", int64(-1) << 63, ""},
	{"2**63", "646a30000a0900000000000000008000", bigInt("0x8000000000000000"), ""},
	{"2**64-1", "646a30000a0900ffffffffffffffff00", bigInt("0xffffffffffffffff"), ""},
	{"-2**63-1", "646a30000a0900ffffffffffffff7fff", bigInt("-0x8000000000000001"), ""},
	{"2**70", "646a30000a0900000000000000000040", bigInt("0x400000000000000000"), ""},
	{"-2**70", "646a30000a09000000000000000000c0", bigInt("-0x400000000000000000"), ""},
	{"1.5", "646a30000d000000000000f83f", 1.5, ""},
	{"1+2j", "646a30000c000000000000f03f0000000000000040", 1 + 2i, ""},
	{"'hi'", "646a30000502000000000000006869", "hi", ""},
	{"''", "646a3000050000000000000000", "", ""},
	{"'é'", "646a3000050200000000000000c3a9", "é", ""},
	{"'abc'", "646a3000050300000000000000616263", "abc", ""},
	{"b'abc'", "646a3000060300000000000000616263", []byte("abc"), ""},
	{"b'ab'", "646a30000602000000000000006162", []byte("ab"), ""},
	{"Decimal('1.50')", "646a3000640400000000000000312e3530", Decimal("1.50"), ""},
	{"Decimal('1.25')", "646a3000640400000000000000312e3235", Decimal("1.25"), ""},
	{"Decimal('NaN')", "646a30006403000000000000004e614e", Decimal("NaN"), ""},
	{"Decimal('1E+5')", "646a300064040000000000000031452b35", Decimal("1E+5"), ""},
	{"date(2024,1,2)", "646a300074e6d63401ffffffffffffffff", Date{2024, 1, 2}, ""},
	{"date(2020,1,2)", "646a300074a63a3401ffffffffffffffff", Date{2020, 1, 2}, ""},
	{
		"time(3,4,5,6)", "646a300074ffffffff467b471407000000",
		TimeOfDay(3*time.Hour + 4*time.Minute + 5*time.Second + 6*time.Microsecond), "",
	},
	{"time(0)", "646a300074ffffffff0000000000000000", TimeOfDay(0), ""},
	{"datetime(2024,1,2,3,4,5,678901)", "646a300074e6d6340135d7511407000000", utc(2024, 1, 2, 3, 4, 5, 678901000), ""},
	{"datetime(2020,1,2,3,4,5,6)", "646a300074a63a3401467b471407000000", utc(2020, 1, 2, 3, 4, 5, 6000), ""},
	{"datetime(2020,1,2)", "646a300074a63a34010000000000000000", utc(2020, 1, 2, 0, 0, 0, 0), ""},
	{
		"UUID('00112233445566778899aabbccddeeff')", "646a30007500112233445566778899aabbccddeeff",
		uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff"), "",
	},
	{"UUID(int=1)", "646a30007500000000000000000000000000000001", uuid.UUID{15: 1}, ""},

	// Containers.
	{
		"[1,'a']", "646a300002020000000000000004000000000000000a0100010a0000000000000005010000000000000061",
		[]any{int64(1), "a"}, "",
	},
	{"(1,)", "646a300001010000000000000004000000000000000a010001", Tuple{int64(1)}, ""},
	{"{1}", "646a300003010000000000000004000000000000000a010001", Set{int64(1)}, ""},
	{
		"(1,2)", "646a300001020000000000000004000000000000000a01000104000000000000000a010002",
		Tuple{int64(1), int64(2)}, "",
	},
	{
		"{1,2}", "646a300003020000000000000004000000000000000a01000104000000000000000a010002",
		Set{int64(1), int64(2)}, "",
	},
	{
		"{'a':1}", "646a30000401000000000000000a000000000000000501000000000000006104000000000000000a010001",
		map[string]any{"a": int64(1)}, "",
	},
	{
		"{1:'a', (2,):None}",
		"646a300004020000000000000004000000000000000a0100010a0000000000000005010000000000000061" +
			"150000000000000001010000000000000004000000000000000a0100020100000000000000ff",
		Dict{{int64(1), "a"}, {Tuple{int64(2)}, nil}}, "",
	},
	{
		"{'trials':[{'t':0.5,'ok':True}],'w':np.array([1,2],'uint8')}",
		"646a30000402000000000000000f00000000000000050600000000000000747269616c735a00000000000000" +
			"02010000000000000049000000000000000402000000000000000a0000000000000005010000000000000074" +
			"09000000000000000d000000000000e03f0b000000000000000502000000000000006f6b0200000000000000" +
			"0b010a00000000000000050100000000000000771b0000000000000041010000000000000002000000000000" +
			"0009000000000000000102",
		map[string]any{
			"trials": []any{map[string]any{"t": 0.5, "ok": true}},
			"w":      Array[uint8]{[]int{2}, []uint8{1, 2}},
		}, whySorted,
	},

	// Arrays.
	{
		"np.array([1,2,3])",
		"6d596d0041010000000000000003000000000000000e00000000000000010000000000000002000000000000000300000000000000",
		[]int64{1, 2, 3}, "",
	},
	{
		"np.arange(3)",
		"6d596d0041010000000000000003000000000000000e00000000000000000000000000000001000000000000000200000000000000",
		[]int64{0, 1, 2}, "",
	},
	{
		"np.arange(3,dtype='int32')",
		"6d596d0041010000000000000003000000000000000c00000000000000000000000100000002000000", []int32{0, 1, 2}, "",
	},
	{
		"np.array([1.5,2.5])",
		"6d596d0041010000000000000002000000000000000600000000000000000000000000f83f0000000000000440",
		[]float64{1.5, 2.5}, "",
	},
	{
		"np.array([True,False])",
		"6d596d00410100000000000000020000000000000003000000000000000100", []bool{true, false}, "",
	},
	{
		"np.array([1+2j])",
		"6d596d0041010000000000000001000000000000000600000001000000000000000000f03f0000000000000040",
		[]complex128{1 + 2i}, "",
	},
	{"np.array([])", "6d596d0041010000000000000000000000000000000600000000000000", []float64{}, ""},
	{
		"np.array([[1,2,3],[4,5,6]],'int16')",
		"6d596d00410200000000000000020000000000000003000000000000000a00000000000000010004000200050003000600",
		Array[int16]{[]int{2, 3}, []int16{1, 2, 3, 4, 5, 6}}, "",
	},
	{
		"np.array([[1,2],[3,4]],'uint8')",
		"6d596d0041020000000000000002000000000000000200000000000000090000000000000001030204",
		Array[uint8]{[]int{2, 2}, []uint8{1, 2, 3, 4}}, "",
	},
	{
		"np.arange(24,dtype='int16').reshape(2,3,4)",
		"6d596d004103000000000000000200000000000000030000000000000004000000000000000a00000000000000" +
			"00000c00040010000800140001000d00050011000900150002000e00060012000a00160003000f00070013000b001700",
		Array[int16]{[]int{2, 3, 4}, counting(24)}, "",
	},
	{
		"np.array([[1+2j,3],[4,5j]],'complex64')",
		"6d596d004102000000000000000200000000000000020000000000000007000000010000000000803f00008040" +
			"00004040000000000000004000000000000000000000a040",
		Array[complex64]{[]int{2, 2}, []complex64{1 + 2i, 3, 4, 5i}}, "",
	},
	{
		"np.zeros((0,3))", "6d596d00410200000000000000000000000000000003000000000000000600000000000000",
		Array[float64]{[]int{0, 3}, []float64{}}, "",
	},
	{
		"np.array(['a','bc'])",
		"646a3000410100000000000000020000000000000005000000000000000a0000000000000005010000000000000061" +
			"0b000000000000000502000000000000006263",
		Array[any]{[]int{2}, []any{"a", "bc"}}, "",
	},
	{
		"np.array([['a','b'],['c','d']])",
		"646a30004102000000000000000200000000000000020000000000000005000000000000000a00000000000000050100" +
			"000000000000610a00000000000000050100000000000000630a00000000000000050100000000000000620a00000000" +
			"00000005010000000000000064",
		Array[any]{[]int{2, 2}, []any{"a", "b", "c", "d"}}, "",
	},
	{
		"np.array([1,'a',None],object)",
		"646a30004101000000000000000300000000000000050000000000000004000000000000000a0100010a000000000000" +
			"00050100000000000000610100000000000000ff",
		Array[any]{[]int{3}, []any{int64(1), "a", nil}}, "",
	},

	// NumPy scalars, which become plain ones.
	{"np.float64(2.5)", "646a300041000000000000000006000000000000000000000000000440", 2.5, whyPlain},
	{"np.float32(1.5)", "646a300041000000000000000007000000000000000000c03f", float32(1.5), whyPlain},
	{"np.array(True)", "646a3000410000000000000000030000000000000001", true, whyPlain},
	{
		"np.complex128(1-1j)", "646a30004100000000000000000600000001000000000000000000f03f000000000000f0bf",
		1 - 1i, whyPlain,
	},

	// datetime64: of whatever unit, times; of them, microseconds.
	{
		"np.array(['2020-01-02T03:04:05.000006','NaT'],'datetime64[us]')",
		"646a30004101000000000000000200000000000000080001000000000046f326721f9b05000000000000000080",
		[]time.Time{utc(2020, 1, 2, 3, 4, 5, 6000), {}}, "",
	},
	{
		"datetime64[D]", "646a3000410100000000000000020000000000000003000100000000005747000000000000ffffffffffffffff",
		[]time.Time{utc(2020, 1, 2, 0, 0, 0, 0), utc(1969, 12, 31, 0, 0, 0, 0)}, whyMicros,
	},
	{
		"datetime64[ns]", "646a300041010000000000000001000000000000000900010000000000063226e8d5f2e515",
		[]time.Time{utc(2020, 1, 2, 3, 4, 5, 6)}, "",
	},
	{
		"datetime64[M]", "646a300041010000000000000002000000000000000100010000000000feffffffffffffff5902000000000000",
		[]time.Time{utc(1969, 11, 1, 0, 0, 0, 0), utc(2020, 2, 1, 0, 0, 0, 0)}, whyMicros,
	},
	{
		"datetime64[Y]", "646a300041010000000000000002000000000000000000010000000000ffffffffffffffff3200000000000000",
		[]time.Time{utc(1969, 1, 1, 0, 0, 0, 0), utc(2020, 1, 1, 0, 0, 0, 0)}, whyMicros,
	},
	{
		"datetime64[W]", "646a300041010000000000000001000000000000000200010000000000310a000000000000",
		[]time.Time{utc(2020, 1, 2, 0, 0, 0, 0)}, whyMicros,
	},
	{
		"datetime64[ms]", "646a300041010000000000000001000000000000000700010000000000ffffffffffffffff",
		[]time.Time{utc(1969, 12, 31, 23, 59, 59, 999e6)}, whyMicros,
	},
	{
		"datetime64[ps]", "646a300041010000000000000001000000000000000a00010000000000003665c4ffffffff",
		[]time.Time{utc(1969, 12, 31, 23, 59, 59, 999e6)}, whyMicros,
	},
	{
		"np.datetime64('2020-01-02','s')", "646a3000410000000000000000060001000000000080320d5e00000000",
		utc(2020, 1, 2, 0, 0, 0, 0), whyDatetime,
	},

	// What MATLAB has: char, cell and struct arrays.
	{"char row", "6d596d0041020000000000000001000000000000000200000000000000040000000000000068006900", "hi", whyText},
	{"char vector", "6d596d004101000000000000000200000000000000040000000000000068006900", "hi", whyText},
	{
		"char matrix", "6d596d004102000000000000000200000000000000020000000000000004000000000000006100630062006400",
		Array[string]{[]int{2, 2}, []string{"a", "b", "c", "d"}}, whyText,
	},
	{
		"cell of 1x2",
		"6d596d0043020000000000000001000000000000000200000000000000290000000000000041010000000000000002000000" +
			"000000000600000000000000000000000000f03f0000000000000040210000000000000041010000000000000001000000" +
			"0000000006000000000000000000000000000840",
		CellArray{[]int{1, 2}, []any{[]float64{1, 2}, []float64{3}}}, "",
	},
	{
		"cell of 2x2",
		"646a30004302000000000000000200000000000000020000000000000009000000000000000d000000000000f03f" +
			"0100000000000000ff0a0000000000000005010000000000000061150000000000000002010000000000000004" +
			"000000000000000a010001",
		CellArray{[]int{2, 2}, []any{1.0, "a", nil, []any{int64(1)}}}, "",
	},
	{"empty cell", "6d596d004301000000000000000000000000000000", CellArray{[]int{0}, []any{}}, ""},
	{
		"struct array",
		"646a300053010000000000000002000000000000000200000078006e616d650009000000000000000d000000000000f03f" +
			"0a000000000000000501000000000000006109000000000000000d00000000000000400a00000000000000050100000000" +
			"00000062",
		StructArray{[]int{2}, []string{"x", "name"}, [][]any{{1.0, "a"}, {2.0, "b"}}}, "",
	},
	{
		"struct of 1x1",
		"646a3000530200000000000000010000000000000001000000000000000200000078006e616d650009000000000000000d" +
			"000000000000f03f0a0000000000000005010000000000000061",
		StructArray{[]int{1, 1}, []string{"x", "name"}, [][]any{{1.0, "a"}}}, "",
	},

	// Record arrays.
	{
		"np.rec.array([(1,2.0)],[('x','i4'),('y','f8')])",
		"646a300046020000007800790041010000000000000001000000000000000c0000000000000001000000410100000000" +
			"000000010000000000000006000000000000000000000000000040",
		RecordArray{[]string{"x", "y"}, []any{vector([]int32{1}), vector([]float64{2})}}, "",
	},
	{
		"nested records",
		"646a300046020000006100620041010000000000000001000000000000000a000000000000000100460200000063006400" +
			"4101000000000000000100000000000000090000000000000002410100000000000000010000000000000007000000" +
			"0000000000004040",
		RecordArray{[]string{"a", "b"}, []any{vector([]int16{1}), RecordArray{
			[]string{"c", "d"}, []any{vector([]uint8{2}), vector([]float32{3})},
		}}}, "",
	},
	{
		"records of no dimensions",
		"646a30004602000000780079004100000000000000000c0000000000000001000000" +
			"41000000000000000006000000000000000000000000000040",
		RecordArray{[]string{"x", "y"}, []any{
			Array[int32]{[]int{}, []int32{1}}, Array[float64]{[]int{}, []float64{2}},
		}}, "",
	},

	// Compressed.
	{
		"'x'*2000",
		"5a4c31323300dd07000000000000789c4bc9326060bdc0ce000615a360148c8251300a46c12818f200005a48ab88",
		strings.Repeat("x", 2000), whyDeflate,
	},
	{
		"np.zeros(2000)",
		"5a4c313233009d3e000000000000789cedc5210100201004b0c3402e6210e2bb1209f182129b599dca1e6977f533" +
			"000000000000000000000000000000f03d81ba0253",
		make([]float64, 2000), whyDeflate,
	},
}

// vectors are all blobs that another program packed.
var vectors = slices.Concat(referenceVectors, pythonVectors, legacyVectors)

func counting(n int) []int16 {
	data := make([]int16, n)
	for i := range data {
		data[i] = int16(i)
	}
	return data
}

func (v golden) bytes(t testing.TB) []byte {
	t.Helper()
	data, err := hex.DecodeString(v.hex)
	require.NoError(t, err)
	return data
}

// Every vector decodes to what it holds, and that encodes to the same bytes
// where it can have been nothing else. Where Encode chooses other bytes, these
// hold what will stay the same.
func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.python, func(t *testing.T) {
			got, err := Decode(v.bytes(t))
			require.NoError(t, err)
			require.Equal(t, v.want, got)

			encoded, err := Encode(got)
			require.NoError(t, err)
			if v.other == "" {
				require.Equal(t, v.hex, hex.EncodeToString(encoded))
				return
			}
			require.NotEqual(t, v.hex, hex.EncodeToString(encoded), "not so: %s", v.other)
			again, err := Decode(encoded)
			require.NoError(t, err)
			twice, err := Encode(again)
			require.NoError(t, err)
			require.Equal(t, encoded, twice)
		})
	}
}

// A NumPy scalar is written as an array of no dimensions.
func TestNumPyScalar(t *testing.T) {
	for _, v := range vectors {
		if v.other != whyPlain {
			continue
		}
		scalar := reflect.ValueOf(v.want)
		slice := reflect.Append(reflect.MakeSlice(reflect.SliceOf(scalar.Type()), 0, 1), scalar)
		encoded, err := Encode(asArray(slice.Interface()).as(nil))
		require.NoError(t, err)
		require.Equal(t, v.hex, hex.EncodeToString(encoded))
	}
}

// A datetime64 that no time.Time holds stays as it is.
func TestDatetime64(t *testing.T) {
	for _, in := range []Datetime64{
		{math.MaxInt64, "Y"}, {9e12, "M"}, {math.MinInt64 + 1, "W"}, {1e12, "D"}, {math.MaxInt64, "h"}, {-1e18, "m"},
		{math.MaxInt64, "s"}, {math.MaxInt64, "ms"}, {math.MaxInt64, "us"}, {1, "ps"}, {-1, "fs"}, {1, "as"},
	} {
		data, err := Encode(in)
		require.NoError(t, err)
		got, err := Decode(data)
		require.NoError(t, err)
		require.Equal(t, in, got)
		require.ErrorContains(t, Unmarshal(data, new(time.Time)), "found, time.Time was wanted")
	}
}

// Readers treat both headers alike.
func TestEitherHeader(t *testing.T) {
	for _, v := range slices.Concat(referenceVectors, pythonVectors) {
		data := v.bytes(t)
		if string(data[:4]) == magicPython {
			copy(data, magicMATLAB)
			got, err := Decode(data)
			require.NoError(t, err, v.python)
			require.Equal(t, v.want, got, v.python)
		}
	}
}
