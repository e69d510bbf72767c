package dialecttest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/value"
)

// exactValues are types that find a row, and values with all of their digits.
var exactValues = []struct {
	spec   string
	values []any
}{
	{"float32", []any{float32(math.Pi), float32(16777215), float32(1.2345678e-20), float32(math.MaxFloat32), float32(-0.1), float32(0)}},
	{"float(10,2)", []any{float32(0.1), float32(-1234.56)}},
	{"float64", []any{math.Pi, 0.1 + 0.2, 1e308, 5e-324, -1.0 / 3, 123456789012345678.0, 0.0}},
	{"double unsigned", []any{math.Pi}},
	{"int64", []any{int64(math.MaxInt64), int64(math.MinInt64), 0}}, {"bigint unsigned", []any{int64(math.MaxInt64)}}, {"int unsigned", []any{1<<32 - 1}},
	{"mediumint", []any{-5}}, {"bool", []any{1, 0}}, {"year", []any{2024, 0}},
	{"decimal(8,2)", []any{"7.25", "-123456.78", "0.01"}}, {"decimal(30,10)", []any{"12345678901234567890.0123456789", "-0.0000000001"}},
	{"varchar(20)", []any{"größe", `it's \ "x"`, ""}}, {"char(5)", []any{"ab"}}, {"enum('a','b''c')", []any{"b'c"}}, {"set('a','b')", []any{"a,b", ""}},
	{"date", []any{"2024-02-29"}}, {"datetime(6)", []any{"2024-02-29 01:02:03.123456", "2024-02-29 01:02:03"}},
	{"timestamp(3)", []any{"2024-02-29 01:02:03.125"}}, {"time(6)", []any{"-01:02:03.123456", "100:00:00"}},
	{"uuid", []any{[]byte("0123456789abcde\x00")}}, {"binary(2)", []any{[]byte{0, 255}}}, {"varbinary(9)", []any{[]byte("\x00'\\\xff")}},
}

// testExact reads values of all their digits, and finds their rows by what was read.
func testExact(t *testing.T, x *suite) {
	for i, c := range exactValues {
		table, typ := fmt.Sprintf("exact%d", i), datatype.MustParse(c.spec)
		x.create(t, table, column("id", "int32"), column("v", c.spec))
		for id, v := range c.values {
			x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (?, ?)", table, id, v)
			var read any
			query := x.in("SELECT "+x.d.Exact("t.`v`", typ)+" FROM %s AS t WHERE id = ?", table)
			require.NoError(t, x.Read.QueryRowContext(t.Context(), query, id).Scan(&read))
			if f, ok := read.(float64); ok && typ.Kind == datatype.Float && typ.Bits == 64 {
				require.Equal(t, v, f)
			}
			require.Equal(t, spell(typ, v), spell(typ, read), c.spec)
			if text, ok := read.([]byte); ok && typ.Kind != datatype.UUID && typ.Kind != datatype.Binary && typ.Kind != datatype.Varbinary {
				read = string(text)
			}
			if text, ok := v.(string); ok && typ.Kind == datatype.DateTime {
				read = text // as arguments are spelled
			}
			require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE id = ? AND v = ?", table, id, value.Arg(read)),
				"%v of %v as %s", read, v, c.spec)
		}
	}
	require.Equal(t, "t.`a`", x.d.Exact("t.`a`", datatype.Type{}), "no type")
}

// testExactDecimals writes and reads decimals of more or fewer digits than some server may keep in a float. Those
// that it can keep so are ordered as numbers.
func testExactDecimals(t *testing.T, x *suite) {
	random := rand.New(rand.NewPCG(1, 2)) // the same numbers each time
	for size, rows := range map[int]int{1: 6, 7: 6, 14: 6, 15: 40, 16: 6, 30: 6} {
		for _, scale := range slices.Compact([]int{0, (size + 2) / 3, size}) {
			spec := fmt.Sprintf("decimal(%d,%d)", size, scale)
			typ, table := datatype.MustParse(spec), fmt.Sprintf("d%d_%d", size, scale)
			x.create(t, table, column("id", "int32"), column("v", spec))
			given := map[int]string{0: canonical(typ, "0"), 1: digits(random, typ, '9'), 2: "-" + digits(random, typ, '9')}
			for id := 3; id < rows; id++ {
				given[id] = canonical(typ, []string{"", "-"}[id%2]+digits(random, typ, 0))
			}
			for id, v := range given {
				x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (?, ?)", table, id, v)
			}
			for id, v := range given {
				require.Equal(t, v, x.value(t, table, spec, id), spec)
				require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE id = ? AND v = ?", table, id, v), "%s as %s", v, spec)
			}
			if size < 16 {
				x.requireOrder(t, table, given)
			}
		}
	}
}

// requireOrder wants numbers in their order.
func (x *suite) requireOrder(t *testing.T, table string, given map[int]string) {
	t.Helper()
	for id, v := range given {
		less := 0
		for _, other := range given {
			if rational(other).Cmp(rational(v)) < 0 {
				less++
			}
		}
		require.Equal(t, less, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE v < (SELECT v FROM "+x.d.Table(x.schema, table)+" WHERE id = ?)", table, id))
	}
}

func rational(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	return r
}

// digits are random digits of a decimal, or the same each.
func digits(random *rand.Rand, typ datatype.Type, same byte) string {
	var b strings.Builder
	for i := range typ.Size {
		if i == typ.Size-typ.Scale {
			b.WriteString(".")
		}
		if same != 0 {
			b.WriteByte(same)
			continue
		}
		b.WriteByte(byte('0' + random.IntN(10)))
	}
	return canonical(typ, b.String())
}
