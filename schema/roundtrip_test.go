package schema

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// store enters rows through a table's binding, and load reads the whole table through it, in
// the order of the key n. What Go refuses is an errRefused, and has not gone to the server.
func store[Row any](t *testing.T, db *rowmill.DB, table *TableOf[Row], rows ...Row) error {
	t.Helper()
	b := table.Binding()
	marks := strings.Repeat(", ?", len(b.Attrs()))[2:]
	insert := "INSERT INTO " + tableOf(db, table) + " (" + dialect.QuoteAll(b.Attrs()) + ") VALUES (" + marks + ")"
	for i := range rows {
		values, err := b.Values(&rows[i])
		if err != nil {
			return fmt.Errorf("%w: %w", errRefused, err)
		}
		if _, err = db.Exec(t.Context(), insert, values...); err != nil {
			return err
		}
	}
	return nil
}

var errRefused = errors.New("refused")

func load[Row any](t *testing.T, db *rowmill.DB, table *TableOf[Row]) []Row {
	t.Helper()
	all, err := tryLoad(t, db, table)
	require.NoError(t, err)
	return all
}

func tryLoad[Row any](t *testing.T, db *rowmill.DB, table *TableOf[Row]) ([]Row, error) {
	t.Helper()
	b := table.Binding()
	var columns []string
	for _, name := range b.Attrs() {
		a, _ := table.table.heading.Attr(name)
		columns = append(columns, db.Dialect().Exact(dialect.Quote(name), a.Type))
	}
	rows, err := db.Query(t.Context(), "SELECT "+strings.Join(columns, ", ")+" FROM "+tableOf(db, table)+" ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	var all []Row
	for rows.Next() {
		var row Row
		if err := rows.Scan(b.Dests(&row)...); err != nil {
			return all, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// newTable declares a table for rows of any struct, which may be generic: those of tables that
// users declare have names.
func newTable[Row any](definition string, others ...Codec) (*TableOf[Row], error) {
	tables++
	s := New("cells", others...)
	def, err := s.codecs.parse(definition)
	if err != nil {
		return nil, err
	}
	table := &Table{schema: s, name: fmt.Sprintf("cell_%d", tables), class: "Cell", declaredAt: "roundtrip_test.go"}
	if err := table.resolve(def, nil); err != nil {
		return nil, err
	}
	b, err := Bind(reflect.TypeFor[Row](), table.heading)
	if err != nil {
		return nil, err
	}
	return &TableOf[Row]{table: table, binding: b}, nil
}

// tables counts the tables of newTable, each of which has a name of its own.
var tables int

// made is newTable in a database.
func made[Row any](t *testing.T, db *rowmill.DB, definition string, others ...Codec) *TableOf[Row] {
	t.Helper()
	table, err := newTable[Row](definition, others...)
	require.NoError(t, err)
	require.NoError(t, table.table.Declare(t.Context(), db))
	return table
}

// A Cell is a row with one value besides its key.
type Cell[T any] struct {
	N     int32
	Value T
}

// definitionOf is the definition of Cells of a type: "int8", or "int8 or null".
func definitionOf(typ string) string {
	if core, nullable := strings.CutSuffix(typ, " or null"); nullable {
		return "n : int32\n---\nvalue = null : " + core
	}
	return "n : int32\n---\nvalue : " + typ
}

// A trial is one line of the tables below.
type trial struct {
	name   string
	codecs []Codec
	run    func(*testing.T, *rowmill.DB, []Codec)
}

func tryAll(t *testing.T, trials []trial) {
	t.Helper()
	each(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range trials {
			t.Run(c.name, func(t *testing.T) { c.run(t, db, c.codecs) })
		}
	})
}

// trip stores values as Go's T in an attribute of a type, and wants them back: the same, or wanted
// where that is given.
func trip[T any](typ string, values []T, wanted ...T) trial {
	return trial{name: typ + " as " + reflect.TypeFor[T]().String(), run: func(t *testing.T, db *rowmill.DB, codecs []Codec) {
		if wanted == nil {
			wanted = values
		}
		table := made[Cell[T]](t, db, definitionOf(typ), codecs...)
		var rows, back []Cell[T]
		for i, v := range values {
			rows, back = append(rows, Cell[T]{int32(i), v}), append(back, Cell[T]{int32(i), wanted[i]})
		}
		require.NoError(t, store(t, db, table, rows...))
		require.Equal(t, back, load(t, db, table))
	}}
}

// misfit tries to store each of some values, which must be refused, by Go or by the server.
func misfit[T any](typ string, values ...T) trial {
	return trial{name: typ + " as " + reflect.TypeFor[T]().String(), run: func(t *testing.T, db *rowmill.DB, codecs []Codec) {
		table := made[Cell[T]](t, db, definitionOf(typ), codecs...)
		for _, v := range values {
			err := store(t, db, table, Cell[T]{1, v})
			require.ErrorContains(t, err, "value", "its error names the attribute: %.99v", v)
			if !errors.Is(err, errRefused) {
				require.ErrorIs(t, err, rowmill.ErrValue, "%.99v", v)
			}
		}
		require.Empty(t, load(t, db, table))
	}}
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
	numbers struct {
		N json.Number
		I int64
		U uint64
		F float64
	}
)

// thousandths is a decimal type as others have them: it scans itself.
type thousandths int64 //nolint:recvcheck // others have it so

func (d thousandths) Value() (driver.Value, error) {
	return fmt.Sprintf("%de-3", int64(d)), nil
}

func (d *thousandths) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("a %T was found", src)
	}
	n, err := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	*d = thousandths(n)
	return err
}

// spelledOut is a decimal type that others have as text.
type spelledOut struct{ digits string }

func (d spelledOut) MarshalText() ([]byte, error) { return []byte(d.digits), nil }

func (d *spelledOut) UnmarshalText(text []byte) error {
	d.digits = string(text)
	return nil
}

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
	tryAll(t, []trial{
		trip("int8", []int8{math.MinInt8, -1, 0, 1, math.MaxInt8}),
		trip("int8", []int{-128, 127}),
		trip("int8", []uint8{0, 127}),
		trip("int16", []int16{math.MinInt16, 0, math.MaxInt16}),
		trip("int32", []int32{math.MinInt32, 0, math.MaxInt32}),
		trip("int32", []uint64{0, math.MaxInt32}),
		trip("int64", []int64{math.MinInt64, 1<<53 + 1, math.MaxInt64}),
		trip("int64", []count{math.MinInt64, math.MaxInt64}),
		trip("int64", []uint64{0, math.MaxInt64}),
		trip("bool", []bool{true, false}),
		trip("bool", []toggle{true, false}),
		trip("bool", []int8{0, 1, 2}),

		trip("float32", []float32{0, 0.1, -1.5, math.Pi, 1 << 24, math.MaxFloat32, -math.MaxFloat32, 1e-40, math.SmallestNonzeroFloat32}),
		trip("float32", []float64{-1.5, 0.1, math.Pi, 1<<24 + 1}, -1.5, float64(float32(0.1)), float64(float32(math.Pi)), 1<<24),
		trip("float64", []float64{0, -1.5, math.Pi, 0.1, 1e21, 123456789012345678, math.Nextafter(1, 2), math.MaxFloat64, -math.MaxFloat64}),
		trip("float64", []float64{2.2250738585072014e-308, math.SmallestNonzeroFloat64, -1e-310}),
		trip("float64", []float64{math.Copysign(0, -1)}, 0),
		trip("decimal(8,3)", []string{"-12345.678", "0.000", "99999.999", "0.001"}),
		trip("decimal(8,3)", []string{"1", "+1.5", ".5", "-0", "0001.50", "1e2"}, "1.000", "1.500", "0.500", "0.000", "1.500", "100.000"),
		trip("decimal(15,15)", []string{"0.123456789012345", "-0.999999999999999"}),
		trip("decimal(38,0)", []label{"99999999999999999999999999999999999999", "0", "-1"}),
		trip("decimal(65,30)", []string{"-12345678901234567890123456789012345.123456789012345678901234567890"}),
		trip("decimal(8,3)", []thousandths{0, -12345678, 99999999}),
		trip("decimal(8,3)", []spelledOut{{"0.000"}, {"-12345.678"}}),
		trip("decimal(8,3)", []*big.Rat{big.NewRat(-12345678, 1000), big.NewRat(1, 8)}),

		trip("char(4)", []string{"", "a", " a", "☃☃☃☃", "𝄞a\x00b"}),
		trip("char(4)", []string{"a ", "    "}, "a", ""),
		trip("varchar(60)", []string{"", " ", "a  ", "null", "NULL", odd, strings.Repeat("𝄞", 60), "\x00", "a\x00b"}),
		trip("varchar(8)", []label{"", "x"}),
		trip("varchar(16000)", []string{strings.Repeat("☃", 16000)}),
		trip("enum('small', 'it''s', 'a:b,c', '☃', '1')", []mode{"small", "it's", "a:b,c", "☃", "1"}),
		trip("enum('a','b ')", []mode{"a ", "b", "b "}, "a", "b", "b"), // servers drop spaces at an end

		trip("date", []time.Time{wall("2024-02-29 00:00:00"), wall("1000-01-01 00:00:00"), wall("9999-12-31 00:00:00"), {}}),
		trip("date", []time.Time{time.Date(2024, 1, 2, 23, 59, 59, 1, east)}, wall("2024-01-02 00:00:00")),
		trip("datetime", []time.Time{wall("2024-01-02 03:04:05"), wall("1000-01-01 00:00:00"), wall("9999-12-31 23:59:59"), {}}),
		trip("datetime", []time.Time{wall("2024-01-02 23:59:59.999999999"), wall("9999-12-31 23:59:59.9")}, // cut, and not rounded
			wall("2024-01-02 23:59:59"), wall("9999-12-31 23:59:59")),
		trip("datetime(3)", []time.Time{wall("2024-01-02 03:04:05.12"), wall("2024-01-02 03:04:05.1239")},
			wall("2024-01-02 03:04:05.12"), wall("2024-01-02 03:04:05.123")),
		trip("datetime(6)", []time.Time{wall("2024-01-02 03:04:05.000001"), wall("2024-01-02 03:04:05"), wall("9999-12-31 23:59:59.999999")}),
		trip("datetime(6)", []time.Time{time.Date(2024, 7, 1, 12, 0, 0, 1000, east)}, wall("2024-07-01 12:00:00.000001")), // the wall clock

		trip("uuid", []uuid.UUID{id, uuid.Nil, uuid.Max}),
		trip("bytes", [][]byte{{}, {0}, []byte(odd), {0xff, 0, 0x27, 0x5c, 0x1a}}),
		trip("bytes", [][]byte{nil}, []byte{}),

		trip("json", []json.RawMessage{[]byte(`["☃\\\"'?"]`), []byte("null"), []byte(`""`), []byte(`"\u0000"`)}),
		trip("json", []json.RawMessage{nil, {}}, []byte("null"), []byte("null")),
		trip("json", []config{{}, {Name: odd, On: true}}),
		trip("json", []map[string]any{{}, {"a": nil, "b": []any{1.5, true}}}),
		trip("json", []any{nil, 1.5, "x", false, []any{}, map[string]any{"": ""}}),
		trip("json", []numbers{{"9007199254740993", math.MinInt64, math.MaxUint64, math.SmallestNonzeroFloat64}, {"-0.1", 1<<53 + 1, 0, math.MaxFloat64}}),
		trip[any]("json", []any{int64(1<<53 + 1)}, float64(1<<53)), // as encoding/json reads numbers into an any

		trip("<blob>", [][]float64{{}, {0, -1.5, math.Inf(1), math.MaxFloat64}, make([]float64, 5000)}),
		trip("<blob>", [][]float32{{}, {math.Pi, math.SmallestNonzeroFloat32}}),
		trip("<blob>", [][]int8{{}, {-128, 127}}),
		trip("<blob>", [][]int16{{math.MinInt16, math.MaxInt16}}),
		trip("<blob>", [][]int32{{math.MinInt32, math.MaxInt32}}),
		trip("<blob>", [][]int64{{math.MinInt64, math.MaxInt64}}),
		trip("<blob>", [][]uint16{{0, math.MaxUint16}}),
		trip("<blob>", [][]uint64{{0, math.MaxUint64}}),
		trip("<blob>", []any{nil, "x", int64(-1), []any{true, "y"}, map[string]any{"a": 1.5}}),
		trip("<attach>", []Attachment{{"a ☃.txt", []byte{}}, {"b", []byte{0, 1, '\'', 0xff}}}),
	})
}

// TestMisfits are refused on every server, whether it would have cut, rounded or guessed.
func TestMisfits(t *testing.T) {
	late, early := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
	tryAll(t, []trial{
		misfit("int8", 128, -129),
		misfit("int16", -32769),
		misfit("int32", int64(math.MaxInt32)+1),
		misfit("int64", uint64(math.MaxInt64)+1, math.MaxUint64),
		misfit("bool", 200),
		misfit("float32", math.MaxFloat64, -1e39, math.NaN()),
		misfit("float64", math.NaN(), math.Inf(-1)),
		misfit("decimal(8,3)", "", "x", "1.2345", "100000", "NaN", "0x1", "1,5", " 1"),
		misfit("decimal(8,3)", thousandths(100000000)),
		misfit("decimal(8,3)", spelledOut{"1.2345"}),
		misfit("decimal(8,3)", big.NewRat(1, 3), nil),
		misfit("char(2)", "abc", "ab ", "\xff"),
		misfit("varchar(2)", "☃☃☃", "ab ", "a\x00bc", "\xff"),
		misfit("enum('a','b','1')", mode("c"), "", "A", "a,b", "0", "2"),
		misfit("date", late, early),
		misfit("datetime(6)", late, early),
		misfit("json", json.RawMessage("{"), json.RawMessage("1 2"), json.RawMessage("\"\xff\"")),
		misfit("json", math.Inf(1)),
		misfit[any]("<blob>", make(chan int)),
		misfit("<attach>", Attachment{}, Attachment{"../x", nil}),
	})
}

// A Both is a row whose values may be NULL.
type Both[T any] struct {
	N       int32
	Pointer *T
	Null    sql.Null[T]
}

// null stores NULL, and a value, in the Go types that know of NULL.
func null[T any](typ string, v T) trial {
	return trial{name: typ + " as " + reflect.TypeFor[T]().String(), run: func(t *testing.T, db *rowmill.DB, codecs []Codec) {
		table := made[Both[T]](t, db, "n : int32\n---\npointer = null : "+typ+"\nnull = null : "+typ, codecs...)
		rows := []Both[T]{{N: 1}, {2, &v, sql.Null[T]{V: v, Valid: true}}, {3, nil, sql.Null[T]{V: v, Valid: true}}}
		require.NoError(t, store(t, db, table, rows...))
		require.Equal(t, rows, load(t, db, table))
		require.Equal(t, []string{"1"}, texts(t, db, "SELECT n FROM "+tableOf(db, table)+" WHERE `null` IS NULL"))
		require.Equal(t, []string{"1", "3"}, texts(t, db, "SELECT n FROM "+tableOf(db, table)+" WHERE `pointer` IS NULL ORDER BY n"))
	}}
}

// TestNulls has NULL in attributes of every kind.
func TestNulls(t *testing.T) {
	at := wall("2024-01-02 03:04:05")
	tryAll(t, []trial{
		null[int8]("int8", 0), null("int64", count(math.MinInt64)), null[uint16]("smallint unsigned", 0), null[int32]("mediumint", -1),
		null("bool", false), null[float32]("float32", 0.1), null("float64", 0.0), null("double unsigned", 1e300),
		null("decimal(8,3)", "0.000"), null("decimal(8,3)", thousandths(0)), null("decimal(8,3)", spelledOut{"1.500"}), null("decimal(8,3)", *big.NewRat(3, 2)),
		null("char(3)", ""), null("varchar(4)", "NULL"), null("text", ""), null("enum('a','b')", mode("b")), null("set('a','b')", ""),
		null("date", wall("2024-01-02 00:00:00")), null("datetime(6)", at), null("timestamp", at), null("time", -time.Second), null("time", "00:00:00"), null("year", 0),
		null("uuid", uuid.Nil), null("bytes", []byte{}), null("tinyblob", []byte{0}), null("longblob", []float64{1}), null("longblob", map[string]any{"a": "b"}),
		null("binary(2)", []byte{0, 0}), null("varbinary(2)", []byte{}), null("bit(9)", []byte{1, 0}),
		null("json", config{Name: "x"}), null("json", map[string]int{}), null("json", json.RawMessage("null")),
		null("<blob>", []float64{}), null("<blob>", ""), null("<attach>", Attachment{"a", []byte{}}),

		trip("int64 or null", []sql.NullInt64{{}, {Int64: -5, Valid: true}}),
		trip("int32 or null", []sql.NullInt32{{}, {Int32: 0, Valid: true}}),
		trip("int16 or null", []sql.NullInt16{{}, {Int16: 0, Valid: true}}),
		trip("tinyint unsigned or null", []sql.NullByte{{}, {Byte: 255, Valid: true}}),
		trip("bool or null", []sql.NullBool{{}, {Bool: false, Valid: true}}),
		trip("float64 or null", []sql.NullFloat64{{}, {Float64: math.E, Valid: true}}),
		trip("varchar(8) or null", []sql.NullString{{}, {String: "", Valid: true}}),
		trip("datetime or null", []sql.NullTime{{}, {Time: at, Valid: true}}),
		trip("uuid or null", []uuid.NullUUID{{}, {UUID: uuid.Max, Valid: true}}),

		// A nil is NULL, and what is empty is not.
		trip("bytes or null", [][]byte{nil, {}, {1}}),
		trip("longblob or null", [][]float64{nil, {}, {1}}),
		trip("json or null", []map[string]int{nil, {}, {"a": 1}}),
		trip("json or null", []json.RawMessage{nil, []byte("null"), []byte("1")}),
		trip("json or null", []any{nil, "null", 1.5}),
		trip("<blob> or null", [][]float64{nil, {}, {1}}),
		trip("<blob> or null", []any{nil, "null", []float64{}}),
	})
}

// TestJSON is kept as a value: what its text looked like is not.
func TestJSON(t *testing.T) {
	const given = `{ "bb": 1, "a": [1.50, 1e2, 9007199254740993], "c": "<&>" , "d":1, "d":2}`
	each(t, func(t *testing.T, db *rowmill.DB) {
		table := made[Cell[json.RawMessage]](t, db, definitionOf("json"))
		require.NoError(t, store(t, db, table, Cell[json.RawMessage]{1, json.RawMessage(given)}))
		found := load(t, db, table)
		require.JSONEq(t, given, string(found[0].Value))
		require.Contains(t, string(found[0].Value), "9007199254740993")
	})
}

// TestServersNumberRows that come without a number.
func TestServersNumberRows(t *testing.T) {
	type Numbered struct {
		N    uint32
		Note string
	}
	type Child struct{ N uint32 }
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := New("numbered")
		numbered := Manual[Numbered](s, "n : int unsigned auto_increment\n---\nnote : varchar(8)")
		children := Manual[Child](s, "-> Numbered", numbered)
		require.NoError(t, s.Declare(t.Context(), db))
		require.NoError(t, store(t, db, numbered, Numbered{0, "first"}, Numbered{10, "ten"}, Numbered{0, "eleven"}))
		require.Equal(t, []Numbered{{1, "first"}, {10, "ten"}, {11, "eleven"}}, load(t, db, numbered))
		require.NoError(t, store(t, db, children, Child{10}))
		require.ErrorIs(t, store(t, db, children, Child{0}), rowmill.ErrReferenced, "what refers to a number has one")
		require.ErrorIs(t, store(t, db, numbered, Numbered{10, "again"}), rowmill.ErrDuplicate)
	})
}
