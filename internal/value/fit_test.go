package value

import (
	"database/sql"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

type (
	subject int32
	volts   float64
	species string
	gray    []uint8
	stamp   time.Time
	tag     struct{ A int }
)

// goTypes are the types that a field may have.
var goTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](),
	reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](),
	reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](),
	reflect.TypeFor[float64](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](),
	reflect.TypeFor[uuid.UUID](), reflect.TypeFor[subject](), reflect.TypeFor[volts](), reflect.TypeFor[species](),
	reflect.TypeFor[gray](), reflect.TypeFor[stamp](), reflect.TypeFor[tag](), reflect.TypeFor[[]float64](),
	reflect.TypeFor[map[string]int](), reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage](),
	reflect.TypeFor[*int64](), reflect.TypeFor[sql.Null[int64]](), reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[complex128](),
}

const unsignedTypes = "uint uint8 uint16 uint32 uint64"

// fits lists which of goTypes each core type goes into, by their names.
var fits = map[string]string{
	"int8":         "int int8 int16 int32 int64 value.subject " + unsignedTypes,
	"int16":        "int int16 int32 int64 value.subject " + unsignedTypes,
	"int32":        "int int32 int64 value.subject " + unsignedTypes,
	"int64":        "int int64 " + unsignedTypes,
	"bool":         "bool int int8 int16 int32 int64 value.subject " + unsignedTypes,
	"float32":      "float32 float64 value.volts",
	"float64":      "float64 value.volts",
	"varchar(5)":   "string value.species",
	"char(5)":      "string value.species",
	"enum('a')":    "string value.species",
	"decimal(5,2)": "string value.species",
	"date":         "time.Time",
	"datetime":     "time.Time",
	"datetime(6)":  "time.Time",
	"uuid":         "uuid.UUID",
	"bytes":        "[]uint8 value.gray json.RawMessage",
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
	return slices.Sorted(slices.Values(strings.Fields(s)))
}

func TestForFits(t *testing.T) {
	for core, want := range fits {
		typ := Type{Spec: core, Core: core}
		fit := func(nullable bool) func(reflect.Type) bool {
			return func(g reflect.Type) bool {
				c, err := For(typ, nullable, g)
				if err == nil {
					require.NotNil(t, c.Encode)
					require.NotNil(t, c.Decode)
				}
				return err == nil
			}
		}
		require.Equal(t, words(want), names(goTypes, fit(false)), core)

		// What may be NULL goes into pointers to these, sql.Null of them, and what can be nil.
		for _, g := range goTypes {
			ok := fit(false)(g)
			pointer := reflect.PointerTo(g)
			require.Equal(t, ok, fit(true)(pointer), "%s or NULL in %s", core, pointer)
			require.False(t, fit(false)(pointer), "%s in %s", core, pointer)
			nillable := ok && g.Kind() == reflect.Slice
			ofInt64 := slices.Contains([]string{"*int64", "sql.Null[int64]"}, g.String()) && slices.Contains(words(want), "int64")
			require.Equal(t, nillable || ofInt64, fit(true)(g), "%s or NULL in %s", core, g)
		}
	}
}

// TestForBlobsAndJSON: a codec takes every Go type.
func TestForBlobsAndJSON(t *testing.T) {
	for _, typ := range []Type{{Spec: "<blob>", Core: "bytes", Codec: "blob"}, {Spec: "json", Core: "json"}} {
		for _, g := range goTypes {
			_, err := For(typ, false, g)
			require.NoError(t, err, "%s in %s", typ.Spec, g)
		}
		for _, g := range []reflect.Type{reflect.TypeFor[*tag](), reflect.TypeFor[sql.Null[tag]](), reflect.TypeFor[[]float64](), reflect.TypeFor[any](), reflect.TypeFor[map[string]int]()} {
			_, err := For(typ, true, g)
			require.NoError(t, err, "%s or NULL in %s", typ.Spec, g)
		}
		_, err := For(typ, true, reflect.TypeFor[tag]())
		require.EqualError(t, err, "is "+typ.Spec+" or NULL, which value.tag cannot hold: a *value.tag or sql.Null[value.tag] is wanted")
	}
}

func TestForSays(t *testing.T) {
	for _, c := range []struct {
		core     string
		nullable bool
		in       reflect.Type
		want     string
	}{
		{"int32", false, reflect.TypeFor[int16](), "is int32, which int16 cannot hold: an int32 or wider is wanted"},
		{"int32", false, reflect.TypeFor[string](), "is int32, which string cannot hold: an int32 is wanted"},
		{"int64", false, reflect.TypeFor[float64](), "is int64, which float64 cannot hold: an int64 is wanted"},
		{"bool", false, reflect.TypeFor[string](), "is bool, which string cannot hold: a bool is wanted"},
		{"float64", false, reflect.TypeFor[float32](), "is float64, which float32 cannot hold: a float64 is wanted"},
		{"varchar(16)", false, reflect.TypeFor[[]byte](), "is varchar(16), which []uint8 cannot hold: a string is wanted"},
		{"datetime(3)", false, reflect.TypeFor[string](), "is datetime(3), which string cannot hold: a time.Time is wanted"},
		{"uuid", false, reflect.TypeFor[string](), "is uuid, which string cannot hold: a uuid.UUID is wanted"},
		{"bytes", false, reflect.TypeFor[string](), "is bytes, which string cannot hold: a []byte is wanted"},
		{"int32", true, reflect.TypeFor[int32](), "is int32 or NULL, which int32 cannot hold: a *int32 or sql.Null[int32] is wanted"},
		{"int32", true, reflect.TypeFor[*int16](), "is int32, which int16 cannot hold: an int32 or wider is wanted"},
		{"varchar(9)", true, reflect.TypeFor[sql.NullString](), "is varchar(9), which sql.NullString cannot hold: a string is wanted"},
		{"", false, reflect.TypeFor[tag](), "is computed, and cannot be put into a value.tag: a number, a string, a time.Time or a []byte is wanted"},
	} {
		_, err := For(Type{Spec: c.core, Core: c.core}, c.nullable, c.in)
		require.EqualError(t, err, c.want)
	}
}

// TestForComputed: what has no declared type goes by the Go type alone.
func TestForComputed(t *testing.T) {
	want := "[]uint8 bool float32 float64 int int16 int32 int64 int8 string time.Time uuid.UUID " +
		"value.species value.subject value.volts *int64 " + unsignedTypes
	require.Equal(t, words(want), names(goTypes, func(g reflect.Type) bool {
		_, err := For(Type{Spec: "sum"}, false, g)
		return err == nil
	}))
}
