package value

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
)

type (
	subject int32
	volts   float64
	species string
	gray    []uint8
	stamp   time.Time
	tag     struct{ A int }
	link    struct {
		Next *link
		C    chan int
	}
	skipped struct {
		C chan int `db:"-" json:"-"`
		c chan int //nolint:unused // unexported, and so no data
	}
	embedding struct{ link }
)

// goTypes are the types that a field may have.
var goTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](),
	reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](),
	reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](),
	reflect.TypeFor[float64](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](),
	reflect.TypeFor[time.Duration](), reflect.TypeFor[uuid.UUID](), reflect.TypeFor[subject](), reflect.TypeFor[volts](),
	reflect.TypeFor[species](), reflect.TypeFor[gray](), reflect.TypeFor[stamp](), reflect.TypeFor[tag](), reflect.TypeFor[[]float64](),
	reflect.TypeFor[map[string]int](), reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[*big.Rat](),
	reflect.TypeFor[big.Float](), reflect.TypeFor[money](), reflect.TypeFor[cents](), reflect.TypeFor[*int64](),
	reflect.TypeFor[sql.Null[int64]](), reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[complex128](), reflect.TypeFor[chan int](),
}

// Some of goTypes. money scans itself, and so goes into everything but JSON, where it is what encoding/json
// makes of it.
const (
	int8s       = int16s + " int8"
	int16s      = int32s + " int16"
	int32s      = int64s + " int32 value.subject"
	int64s      = "int int64 time.Duration value.cents " + scanners
	uint8s      = uint16s + " uint8"
	uint16s     = uint32s + " uint16"
	uint32s     = "uint uint64 uint32"
	stringTypes = "string value.species " + scanners
	scanners    = "value.money"
	byteTypes   = "[]uint8 value.gray json.RawMessage " + scanners
	data        = "bool int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 float32 float64 string []uint8 time.Time time.Duration uuid.UUID " +
		"value.subject value.volts value.species value.gray value.stamp value.tag []float64 map[string]int interface{} json.RawMessage *big.Rat big.Float " +
		"value.money value.cents *int64"
)

// fits lists which of goTypes each type goes into, by their names.
var fits = map[string]string{
	"int8":  int8s + " " + uint8s,
	"int16": int16s + " " + uint8s,
	"int32": int32s + " " + uint8s,
	"int64": int64s + " " + uint8s,
	"bool":  int8s + " " + uint8s + " bool",

	"tinyint":                     int8s + " " + uint8s,
	"tinyint unsigned":            int16s + " " + uint8s,
	"smallint unsigned":           int32s + " " + uint16s,
	"mediumint":                   int32s + " " + uint8s,
	"mediumint unsigned":          int32s + " " + uint32s,
	"int unsigned":                int64s + " " + uint32s,
	"bigint unsigned":             "uint uint64 " + scanners,
	"int unsigned auto_increment": int64s + " " + uint32s,
	"serial":                      "uint uint64 " + scanners,
	"year":                        int16s + " " + uint16s,

	"float32":         "float32 float64 value.volts " + scanners,
	"float unsigned":  "float32 float64 value.volts " + scanners,
	"float64":         "float64 value.volts " + scanners,
	"double unsigned": "float64 value.volts " + scanners,
	"decimal(5,2)":    stringTypes + " *big.Rat big.Float value.cents",
	"numeric":         stringTypes + " *big.Rat big.Float value.cents",

	"varchar(5)":   stringTypes,
	"char(5)":      stringTypes,
	"longtext":     stringTypes,
	"enum('a')":    stringTypes,
	"set('a','b')": stringTypes,

	"date":         "time.Time " + scanners,
	"datetime":     "time.Time " + scanners,
	"datetime(6)":  "time.Time " + scanners,
	"timestamp(3)": "time.Time " + scanners,
	"time(3)":      "time.Duration " + stringTypes,

	"uuid":         "uuid.UUID " + scanners,
	"bytes":        byteTypes,
	"binary(16)":   byteTypes + " uuid.UUID",
	"binary(15)":   byteTypes,
	"varbinary(5)": byteTypes,
	"bit(8)":       byteTypes,
	"point":        byteTypes,

	"longblob": data,
	"tinyblob": data,
	"<blob>":   data,
	"json":     data,
}

func names(types []reflect.Type, keep func(reflect.Type) bool) []string {
	var kept []string
	for _, t := range types {
		if keep(t) {
			kept = append(kept, t.String())
		}
	}
	slices.Sort(kept)
	return kept
}

func words(s string) []string {
	s = strings.ReplaceAll(s, "interface{}", "interface_{}") // is one word
	all := slices.Sorted(slices.Values(strings.Fields(s)))
	for i, w := range all {
		all[i] = strings.ReplaceAll(w, "_", " ")
	}
	return slices.Compact(all)
}

// fitting tells which Go types a type goes into.
func fitting(t *testing.T, spec string) func(reflect.Type) bool {
	t.Helper()
	typ, codec, nullable := typed(t, spec)
	return func(g reflect.Type) bool {
		c, err := For(typ, codec, nullable, g)
		if err == nil {
			require.NotNil(t, c.Encode)
			require.NotNil(t, c.Decode)
		}
		return err == nil
	}
}

func TestForFits(t *testing.T) {
	for spec, want := range fits {
		want := words(want)
		if spec == "<blob>" || spec == "longblob" || spec == "tinyblob" {
			want = append(want, "complex128")
		}
		slices.Sort(want)
		require.Equal(t, want, names(goTypes, fitting(t, spec)), spec)
	}
}

// TestForNullable: what may be NULL goes into pointers to what it goes into otherwise, sql.Null of these, and
// what can be nil.
func TestForNullable(t *testing.T) {
	for spec := range fits {
		fit, fitNull := fitting(t, spec), fitting(t, spec+"?")
		for _, g := range goTypes {
			if strings.HasPrefix(g.String(), "sql.") {
				require.False(t, fit(g), "%s in %s", spec, g)
				require.Equal(t, fit(reflect.TypeFor[int64]()), fitNull(g), "%s or NULL in %s", spec, g)
				continue
			}
			require.Equal(t, fit(g), fitNull(reflect.PointerTo(g)), "%s or NULL in *%s", spec, g)
			switch g.Kind() {
			case reflect.Slice, reflect.Map, reflect.Interface:
				require.Equal(t, fit(g), fitNull(g), "%s or NULL in %s", spec, g)
			case reflect.Pointer:
				require.Equal(t, fit(g) || fit(g.Elem()), fitNull(g), "%s or NULL in %s", spec, g)
			default:
				require.False(t, fitNull(g), "%s or NULL in %s", spec, g)
			}
		}
	}
}

// TestForSQLNull: all of database/sql's types for what may be NULL are for that, and for nothing else.
func TestForSQLNull(t *testing.T) {
	for _, c := range []struct {
		specs string
		in    reflect.Type
	}{
		{"varchar(5)|longtext|enum('a')|set('a')|decimal(5,2)|time", reflect.TypeFor[sql.NullString]()},
		{"int8|int32|int64|int unsigned|year|bool", reflect.TypeFor[sql.NullInt64]()},
		{"int8|int32|smallint unsigned|mediumint", reflect.TypeFor[sql.NullInt32]()},
		{"int8|int16|tinyint unsigned|year", reflect.TypeFor[sql.NullInt16]()},
		{"tinyint unsigned|int8", reflect.TypeFor[sql.NullByte]()},
		{"float32|float64", reflect.TypeFor[sql.NullFloat64]()},
		{"bool", reflect.TypeFor[sql.NullBool]()},
		{"date|datetime(3)|timestamp", reflect.TypeFor[sql.NullTime]()},
		{"uuid", reflect.TypeFor[sql.Null[uuid.UUID]]()},
		{"time", reflect.TypeFor[sql.Null[time.Duration]]()},
		{"json|<blob>|longblob", reflect.TypeFor[sql.Null[tag]]()},
		{"bytes|point|bit", reflect.TypeFor[sql.Null[[]byte]]()},
		{"decimal(5,2)", reflect.TypeFor[sql.Null[money]]()},
	} {
		for spec := range strings.SplitSeq(c.specs, "|") {
			require.True(t, fitting(t, spec+"?")(c.in), "%s or NULL in %s", spec, c.in)
			require.False(t, fitting(t, spec)(c.in), "%s in %s", spec, c.in)
		}
	}
}

func TestForSays(t *testing.T) {
	for _, c := range []struct {
		spec string
		in   any
		want string
	}{
		{"int32", int16(0), "is int32, which int16 cannot hold: an int32 or wider is wanted"},
		{"int32", "", "is int32, which string cannot hold: an int32 is wanted"},
		{"int64", 0.0, "is int64, which float64 cannot hold: an int64 is wanted"},
		{"int64", int32(0), "is int64, which int32 cannot hold: an int64 is wanted"},
		{"mediumint", int16(0), "is mediumint, which int16 cannot hold: an int32 or wider is wanted"},
		{"smallint unsigned", int16(0), "is smallint unsigned, which int16 cannot hold: a uint16 or wider is wanted"},
		{"mediumint unsigned", uint16(0), "is mediumint unsigned, which uint16 cannot hold: a uint32 or wider is wanted"},
		{"bigint unsigned", int64(0), "is bigint unsigned, which int64 cannot hold: a uint64 is wanted"},
		{"year", int8(0), "is year, which int8 cannot hold: an int16 or wider is wanted"},
		{"year", uint8(0), "is year, which uint8 cannot hold: an int16 or wider is wanted"},
		{"bool", "", "is bool, which string cannot hold: a bool is wanted"},
		{"float64", float32(0), "is float64, which float32 cannot hold: a float64 is wanted"},
		{"float32", 0, "is float32, which int cannot hold: a float32 is wanted"},
		{"decimal(5,2)", 0.0, "is decimal(5,2), which float64 cannot hold: a string, or a type for decimals, is wanted"},
		{"decimal(5,2)", new(cents), "is decimal(5,2), which *value.cents cannot hold: a string, or a type for decimals, is wanted"},
		{"decimal(5,2)", id, "is decimal(5,2), which uuid.UUID cannot hold: a string, or a type for decimals, is wanted"},
		{"varchar(16)", []byte{}, "is varchar(16), which []uint8 cannot hold: a string is wanted"},
		{"set('a')", []string{}, "is set('a'), which []string cannot hold: a string is wanted"},
		{"datetime(3)", "", "is datetime(3), which string cannot hold: a time.Time is wanted"},
		{"time", time.Time{}, "is time, which time.Time cannot hold: a time.Duration or a string is wanted"},
		{"uuid", "", "is uuid, which string cannot hold: a uuid.UUID is wanted"},
		{"bytes", "", "is bytes, which string cannot hold: a []byte is wanted"},
		{"bit(8)", 0, "is bit(8), which int cannot hold: a []byte is wanted"},
		{"longblob", make(chan int), "is longblob, which chan int cannot hold: a []byte is wanted"},
		{"<blob>", make(chan int), "is <blob>: chan int is no data"},
		{"<blob>", func() {}, "is <blob>: func() is no data"},
		{"<blob>", link{}, "is <blob>: value.link holds chan int, which is no data"},
		{"<blob>", map[string][]*link{}, "is <blob>: map[string][]*value.link holds chan int, which is no data"},
		{"<blob>?", new(embedding), "is <blob>: value.embedding holds chan int, which is no data"},
		{"<blob>", sql.NullString{}, "is <blob>: sql.NullString is for what may be NULL: string is wanted"},
		{"json", [2]func(){}, "is json: [2]func() holds func(), which is no data"},
		{"json", []complex64{}, "is json: []complex64 holds complex64, which is no data"},
		{"json", sql.Null[int64]{}, "is json: sql.Null[int64] is for what may be NULL: int64 is wanted"},

		{"int32?", int32(0), "is int32 or NULL, which int32 cannot hold: a *int32 or sql.Null[int32] is wanted"},
		{"int32?", new(int16), "is int32, which int16 cannot hold: an int32 or wider is wanted"},
		{"int32?", sql.NullInt16{}, "is int32, which int16 cannot hold: an int32 or wider is wanted"},
		{"varchar(9)", sql.NullString{}, "is varchar(9), which sql.NullString cannot hold: a string is wanted"},
		{"decimal(5,2)?", money{}, "is decimal(5,2) or NULL, which value.money cannot hold: a *value.money or sql.Null[value.money] is wanted"},
		{"<blob>?", tag{}, "is <blob> or NULL, which value.tag cannot hold: a *value.tag or sql.Null[value.tag] is wanted"},
		{"json?", tag{}, "is json or NULL, which value.tag cannot hold: a *value.tag or sql.Null[value.tag] is wanted"},
		{"<upper>", 5, "is <upper>: int cannot hold it: a string is wanted"},
		{"<upper>?", "", "is <upper> or NULL, which string cannot hold: a *string or sql.Null[string] is wanted"},
		{"<upper>?", new(5), "is <upper>: int cannot hold it: a string is wanted"},

		{"", tag{}, "is computed, and cannot be put into a value.tag: a number, a string, a time.Time or a []byte is wanted"},
		{"inet6", tag{}, "is inet6, which value.tag cannot hold: a number, a string, a time.Time or a []byte is wanted"},
	} {
		typ, codec, nullable := typed(t, c.spec)
		_, err := For(typ, codec, nullable, reflect.TypeOf(c.in))
		require.EqualError(t, err, c.want)
	}
}

// TestForData: what leaves fields out, and what writes itself, may hold what is no data.
func TestForData(t *testing.T) {
	for _, g := range []reflect.Type{reflect.TypeFor[skipped](), reflect.TypeFor[*skipped](), reflect.TypeFor[map[string][]skipped]()} {
		require.True(t, fitting(t, "<blob>")(g))
		require.True(t, fitting(t, "json")(g))
	}
	require.True(t, fitting(t, "json")(reflect.TypeFor[selfmade]()))
	require.True(t, fitting(t, "json")(reflect.TypeFor[[]net.IP]()))
	require.False(t, fitting(t, "<blob>")(reflect.TypeFor[selfmade]()))
}

// selfmade writes itself as JSON, through a pointer.
type selfmade struct{ C chan int }

func (*selfmade) MarshalJSON() ([]byte, error) { return []byte(`"selfmade"`), nil }

// TestForUnknown: what has no known type goes by the Go type alone.
func TestForUnknown(t *testing.T) {
	want := "[]uint8 bool float32 float64 int int16 int32 int64 int8 string time.Time time.Duration uuid.UUID " +
		"value.species value.subject value.volts value.money value.cents *int64 sql.Null[int64] sql.NullInt64 uint uint8 uint16 uint32 uint64"
	require.Equal(t, words(want), names(goTypes, fitting(t, "")))
	require.Equal(t, words(want), names(goTypes, fitting(t, "inet6")))
	_, err := For(datatype.Type{}, nil, true, reflect.TypeFor[*string]())
	require.NoError(t, err)
}
