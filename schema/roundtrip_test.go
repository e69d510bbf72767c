package schema

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// store enters rows through a table's binding, and load reads the whole table through it, in
// the order of the key n.
func store[Row any](t *testing.T, db *rowmill.DB, table *TableOf[Row], rows ...Row) error {
	t.Helper()
	b := table.Binding()
	marks := strings.Repeat(", ?", len(b.Attrs()))[2:]
	insert := "INSERT INTO " + tableOf(db, table) + " (" + dialect.QuoteAll(b.Attrs()) + ") VALUES (" + marks + ")"
	for i := range rows {
		values, err := b.Values(&rows[i])
		if err == nil {
			_, err = db.Exec(t.Context(), insert, values...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func load[Row any](t *testing.T, db *rowmill.DB, table *TableOf[Row]) []Row {
	t.Helper()
	b := table.Binding()
	rows, err := db.Query(t.Context(), "SELECT "+dialect.QuoteAll(b.Attrs())+" FROM "+tableOf(db, table)+" ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	var all []Row
	for rows.Next() {
		var row Row
		require.NoError(t, rows.Scan(b.Dests(&row)...))
		all = append(all, row)
	}
	require.NoError(t, rows.Err())
	return all
}

// A Cell is a row with one value besides its key.
type Cell[T any] struct {
	N     int32
	Value T
}

// trip declares a table with an attribute of a type, stores values as Go's T, and wants them
// back: the same, or wanted where that is given.
func trip[T any](typ string, values []T, wanted ...T) func(*testing.T, *rowmill.DB) {
	return func(t *testing.T, db *rowmill.DB) {
		if wanted == nil {
			wanted = values
		}
		attr := "value : " + typ
		if core, nullable := strings.CutSuffix(typ, " or null"); nullable {
			attr = "value = null : " + core
		}
		// Row structs are named, and these are of as many types as there are cases.
		table, err := cellTable[T](attr)
		require.NoError(t, err)
		require.NoError(t, table.table.Declare(t.Context(), db))
		var rows, back []Cell[T]
		for i, v := range values {
			rows, back = append(rows, Cell[T]{int32(i), v}), append(back, Cell[T]{int32(i), wanted[i]})
		}
		require.NoError(t, store(t, db, table, rows...))
		require.Equal(t, back, load(t, db, table))
	}
}

// cells counts the tables of this test, each of which has a name of its own.
var cells int

func cellTable[T any](attr string) (*TableOf[Cell[T]], error) {
	cells++
	def, err := Parse("n : int32\n---\n" + attr)
	if err != nil {
		return nil, err
	}
	table := &Table{schema: New("cells"), name: fmt.Sprintf("cell_%d", cells), class: "Cell", declaredAt: "roundtrip_test.go"}
	if err := table.resolve(def, nil); err != nil {
		return nil, err
	}
	b, err := Bind(reflect.TypeFor[Cell[T]](), table.heading)
	if err != nil {
		return nil, err
	}
	return &TableOf[Cell[T]]{table: table, binding: b}, nil
}

type (
	mode   string
	count  int64
	toggle bool
	label  string
	config struct {
		Name string `json:"name"`
		On   bool   `json:"on,omitempty"`
	}
)

func wall(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05.999999999", text)
	if err != nil {
		panic(err)
	}
	return at
}

// TestRoundTrips stores and loads every core type in the Go types that can hold it.
func TestRoundTrips(t *testing.T) {
	east := time.FixedZone("east", 5*3600)
	id := uuid.MustParse("01234567-89ab-cdef-0011-223344556677")
	odd := "ünï ☃ 𝄞 'q' \"d\" \\b\\ %s ? {x} \n\t`"
	cases := []struct {
		name string
		run  func(*testing.T, *rowmill.DB)
	}{
		{"int8", trip("int8", []int8{math.MinInt8, -1, 0, 1, math.MaxInt8})},
		{"int8 as int", trip("int8", []int{-128, 127})},
		{"int8 as uint8", trip("int8", []uint8{0, 127})},
		{"int16", trip("int16", []int16{math.MinInt16, 0, math.MaxInt16})},
		{"int32", trip("int32", []int32{math.MinInt32, 0, math.MaxInt32})},
		{"int32 as uint64", trip("int32", []uint64{0, math.MaxInt32})},
		{"int64", trip("int64", []int64{math.MinInt64, 0, math.MaxInt64})},
		{"int64 as a named type", trip("int64", []count{math.MinInt64, math.MaxInt64})},
		{"int64 as uint64", trip("int64", []uint64{0, math.MaxInt64})},
		{"int64 or null", trip("int64 or null", []*int64{nil, new(int64(0)), new(int64(math.MinInt64))})},
		{"int64 or null as sql.Null", trip("int64 or null", []sql.Null[int64]{{}, {V: 0, Valid: true}, {V: -5, Valid: true}})},
		{"bool", trip("bool", []bool{true, false})},
		{"bool as a named type", trip("bool", []toggle{true, false})},
		{"bool as int8", trip("bool", []int8{0, 1, 2})},
		{"bool or null", trip("bool or null", []*bool{nil, new(true), new(false)})},
		{"float32", trip("float32", []float32{0, -1.5, 1.25e-10, 1e30})},
		{"float32 as float64", trip("float32", []float64{0, -1.5, 0.25})},
		{"float64", trip("float64", []float64{0, -1.5, math.Pi, 0.1, math.MaxFloat64, -math.MaxFloat64, 2.2250738585072014e-308, 1e21, 123456789012345678})},
		{"float64 or null", trip("float64 or null", []*float64{nil, new(0.0), new(math.E)})},
		{"decimal", trip("decimal(8,3)", []string{"-12345.678", "0.000", "99999.999"})},
		{"decimal of whole numbers", trip("decimal(38)", []label{"99999999999999999999999999999999999999", "0"})},
		{"decimal or null", trip("decimal(8,3) or null", []*string{nil, new("1.500")})},
		{"char", trip("char(4)", []string{"", "a", "☃☃☃☃"})},
		{"varchar", trip("varchar(60)", []string{"", " ", "null", "NULL", odd, strings.Repeat("𝄞", 60)})},
		{"varchar as a named type", trip("varchar(8)", []label{"", "x"})},
		{"varchar or null", trip("varchar(8) or null", []*string{nil, new(""), new("NULL")})},
		{"varchar or null as sql.Null", trip("varchar(8) or null", []sql.Null[label]{{}, {V: "", Valid: true}})},
		{"enum", trip("enum('small', 'it''s', 'a:b,c', '☃')", []mode{"small", "it's", "a:b,c", "☃"})},
		{"enum or null", trip("enum('a','b') or null", []*mode{nil, new(mode("b"))})},
		{"date", trip("date", []time.Time{wall("2024-02-29 00:00:00"), wall("1000-01-01 00:00:00"), wall("9999-12-31 00:00:00")})},
		{"date of a moment", trip("date", []time.Time{time.Date(2024, 1, 2, 23, 59, 59, 1, east)}, wall("2024-01-02 00:00:00"))},
		{"date or null", trip("date or null", []*time.Time{nil, new(wall("2024-01-02 00:00:00"))})},
		{"datetime", trip("datetime", []time.Time{wall("2024-01-02 03:04:05"), wall("1000-01-01 00:00:00"), wall("9999-12-31 23:59:59")})},
		{"datetime is cut, not rounded", trip("datetime", []time.Time{wall("2024-01-02 23:59:59.999999999")}, wall("2024-01-02 23:59:59"))},
		{"datetime(3)", trip("datetime(3)", []time.Time{wall("2024-01-02 03:04:05.12"), wall("2024-01-02 03:04:05.1239")},
			wall("2024-01-02 03:04:05.12"), wall("2024-01-02 03:04:05.123"))},
		{"datetime(6)", trip("datetime(6)", []time.Time{wall("2024-01-02 03:04:05.000001"), wall("2024-01-02 03:04:05")})},
		{"datetime keeps the wall clock", trip("datetime", []time.Time{time.Date(2024, 7, 1, 12, 0, 0, 0, east)}, wall("2024-07-01 12:00:00"))},
		{"datetime or null as sql.Null", trip("datetime or null", []sql.Null[time.Time]{{}, {V: wall("2024-01-02 03:04:05"), Valid: true}})},
		{"uuid", trip("uuid", []uuid.UUID{id, uuid.Nil, uuid.Max})},
		{"uuid or null", trip("uuid or null", []*uuid.UUID{nil, &id})},
		{"bytes", trip("bytes", [][]byte{{}, {0}, []byte(odd), {0xff, 0, 0x27, 0x5c, 0x1a}})},
		{"bytes of nil", trip("bytes", [][]byte{nil}, []byte{})},
		{"bytes or null", trip("bytes or null", [][]byte{nil, {}, {1}})},
		{"json as text", trip("json", []json.RawMessage{[]byte(`["☃\\\"'?"]`), []byte("null"), []byte(`""`)})},
		{"json as a struct", trip("json", []config{{}, {Name: odd, On: true}})},
		{"json as a map", trip("json", []map[string]any{{}, {"a": nil, "b": []any{1.5, true}}})},
		{"json or null", trip("json or null", []*config{nil, {Name: "x"}})},
		{"json or null as a map", trip("json or null", []map[string]int{nil, {}, {"a": 1}})},
		{"blob of float64", trip("<blob>", [][]float64{{}, {0, -1.5, math.Inf(1), math.MaxFloat64}, make([]float64, 5000)})},
		{"blob of float32", trip("<blob>", [][]float32{{}, {math.Pi, math.SmallestNonzeroFloat32}})},
		{"blob of int8", trip("<blob>", [][]int8{{}, {-128, 127}})},
		{"blob of int16", trip("<blob>", [][]int16{{math.MinInt16, math.MaxInt16}})},
		{"blob of int32", trip("<blob>", [][]int32{{math.MinInt32, math.MaxInt32}})},
		{"blob of int64", trip("<blob>", [][]int64{{math.MinInt64, math.MaxInt64}})},
		{"blob of uint16", trip("<blob>", [][]uint16{{0, math.MaxUint16}})},
		{"blob of uint64", trip("<blob>", [][]uint64{{0, math.MaxUint64}})},
		{"blob or null", trip("<blob> or null", [][]float64{nil, {}, {1}})},
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { c.run(t, db) })
		}
	})
}

// misfit stores one value, which must be refused, by Go or by the server.
func misfit[T any](typ string, value T) func(*testing.T, *rowmill.DB) error {
	return func(t *testing.T, db *rowmill.DB) error {
		table, err := cellTable[T]("value : " + typ)
		require.NoError(t, err)
		require.NoError(t, table.table.Declare(t.Context(), db))
		err = store(t, db, table, Cell[T]{1, value})
		require.Empty(t, load(t, db, table))
		return err
	}
}

// TestValuesThatDoNotFit are refused on every server.
func TestValuesThatDoNotFit(t *testing.T) {
	cases := []struct {
		name string
		run  func(*testing.T, *rowmill.DB) error
		goes bool // as far as the server
	}{
		{"int8", misfit("int8", 128), true},
		{"int16", misfit("int16", -32769), true},
		{"int32", misfit("int32", int64(math.MaxInt32)+1), true},
		{"int64", misfit("int64", uint64(math.MaxUint64)), false},
		{"bool", misfit("bool", 200), true},
		{"float64 that is no number", misfit("float64", math.NaN()), false},
		{"float64 without end", misfit("float64", math.Inf(-1)), false},
		{"char", misfit("char(2)", "abc"), true},
		{"varchar", misfit("varchar(2)", "☃☃☃"), true},
		{"enum", misfit("enum('a','b')", mode("c")), true},
		{"enum of nothing", misfit("enum('a','b')", mode("")), true},
		{"json", misfit("json", json.RawMessage("{")), false},
		{"blob", misfit("<blob>", []chan int{nil}), false},
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := c.run(t, db)
				require.Error(t, err)
				if c.goes {
					require.ErrorIs(t, err, rowmill.ErrValue)
				} else {
					require.ErrorContains(t, err, "value: ")
				}
			})
		}
	})
}
