package dialecttest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/value"
)

// limits are values that a type takes, at its limits, and others that no server takes.
var limits = []struct {
	spec      string
	good, bad []any
}{
	{"int8", []any{-128, 127}, []any{-129, 128, "word"}},
	{"int16", []any{-1 << 15, 1<<15 - 1}, []any{-1<<15 - 1, 1 << 15}},
	{"int32", []any{-1 << 31, 1<<31 - 1}, []any{-1<<31 - 1, 1 << 31}},
	{"int64", []any{math.MinInt64, math.MaxInt64}, []any{"word"}},
	{"bool", []any{false, true, 0, 1}, []any{128}},
	{"tinyint unsigned", []any{0, 255}, []any{-1, 256}},
	{"smallint unsigned", []any{0, 65535}, []any{-1, 65536}},
	{"mediumint", []any{-1 << 23, 1<<23 - 1}, []any{-1<<23 - 1, 1 << 23}},
	{"mediumint unsigned", []any{0, 1<<24 - 1}, []any{-1, 1 << 24}},
	{"int unsigned", []any{0, 1<<32 - 1}, []any{-1, 1 << 32}},
	{"int unsigned zerofill", []any{0, 7}, []any{-1, 1 << 32}},
	{"bigint unsigned", []any{0, math.MaxInt64}, []any{-1}},
	{"float32", []any{0.5, -3.4e38, 3.4e38}, []any{1e39, -1e39, "word"}},
	{"float64", []any{-1.7e308, 1.7e308, 5e-324}, []any{"word"}},
	{"float unsigned", []any{0.0, 3.4e38}, []any{-0.5, 1e39}},
	{"double unsigned", []any{0.0, 1.7e308}, []any{-0.5}},
	{"decimal(5,2)", []any{"999.99", "-999.99", "0.00", "-0.01", 12}, []any{"1000", "-1000.00", "word", 123456}},
	{"decimal(3,3)", []any{"0.999", "-0.999"}, []any{"1", "-1.000"}},
	{"numeric(6,2) unsigned", []any{"9999.99", "0"}, []any{"-0.01", "10000"}},
	{"decimal(20,2)", []any{"999999999999999999.99", "-999999999999999999.99", "0.01", 7}, []any{"1000000000000000000.00", "word"}},
	{"decimal(20,2) unsigned", []any{"999999999999999999.99"}, []any{"-0.01", "1000000000000000000.00"}},
	{"decimal(65,0)", []any{strings.Repeat("9", 65)}, []any{"1" + strings.Repeat("0", 65)}},
	{"decimal(30,30)", []any{"0." + strings.Repeat("9", 30), "-0." + strings.Repeat("9", 30)}, []any{"1"}},
	{"char(3)", []any{"", "abc", "öäü", "中中中"}, []any{"abcd"}},
	{"varchar(3)", []any{"", "abc", "öäü"}, []any{"abcd", "öäüß"}},
	{"tinytext", []any{"", strings.Repeat("x", 255), strings.Repeat("ö", 127)}, []any{strings.Repeat("x", 256), strings.Repeat("ö", 128)}},
	{"text", []any{strings.Repeat("x", 65535)}, []any{strings.Repeat("x", 65536)}},
	{"mediumtext", []any{strings.Repeat("x", 70000)}, nil}, {"longtext", []any{strings.Repeat("x", 70000)}, nil},
	{"enum('a','it''s','@')", []any{"a", "it's", "@"}, []any{"c", "", "its", "a,@"}},
	{"set('a','it''s','b c','@')", []any{"", "a", "it's", "a,it's", "a,it's,b c,@"}, []any{"c", "a,c", "c,a", "a;b", "a,b", "b c,b", "A B"}},
	{"date", []any{"2024-02-29", "0001-01-01", "9999-12-31"}, []any{"2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "0000-00-00", "word", "", "now"}},
	{
		"datetime",
		[]any{"2024-02-29 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"},
		[]any{"2024-02-30 00:00:00", "2024-01-01 24:00:01", "2024-01-01 10:60:00", "2024-01-01 word", "word", "", "now", "0000-00-00 00:00:00"},
	},
	{
		"datetime(6)",
		[]any{"2024-02-29 00:00:00", "2024-02-29 12:34:56.7", "9999-12-31 23:59:59.999999"},
		[]any{"2024-02-30 00:00:00.5", "2024-01-01 10:00:00.5word", "2024-01-01 10:00:60.5"},
	},
	{"timestamp(3)", []any{"1970-01-02 00:00:00", "2038-01-18 00:00:00.125"}, []any{"1969-12-30 00:00:00", "2200-01-01 00:00:00", "word"}},
	{"time", []any{"00:00:00", "23:59:59", "-10:00:00", "838:59:59", "-838:59:59"}, []any{"839:00:00", "-839:00:00", "10:60:00", "10:00:60", "word"}},
	{"time(3)", []any{"00:00:00.125", "100:00:00.5", "-00:00:00.001"}, []any{"900:00:00.5"}},
	{"year", []any{1901, 2024, 2155, 0}, []any{1900, 2156, -1, "word"}},
	{"json", []any{"{}", "[1, 2]", "null", `"text"`, "7"}, []any{"no {json", "{'a': 1}"}},
	{"uuid", []any{make([]byte, 16), []byte("0123456789abcdef")}, []any{make([]byte, 17)}},
	{"bytes", []any{[]byte{}, []byte{0, 255, '\'', '\\'}, make([]byte, 70000)}, nil},
	{"tinyblob", []any{[]byte{}, make([]byte, 255)}, []any{make([]byte, 256)}},
	{"blob", []any{make([]byte, 65535)}, []any{make([]byte, 65536)}},
	{"mediumblob", []any{make([]byte, 70000)}, nil}, {"longblob", []any{make([]byte, 70000)}, nil},
	{"binary(3)", []any{[]byte("abc"), []byte{0, 255, 0}}, []any{[]byte("abcd")}},
	{"varbinary(3)", []any{[]byte{}, []byte("abc")}, []any{[]byte("abcd")}},
	{"bit", []any{[]byte{0}, []byte{1}}, []any{[]byte{2}, []byte{1, 0}}},
	{"bit(10)", []any{[]byte{0, 5}, []byte{3, 255}}, []any{[]byte{4, 0}, []byte{1, 0, 0}}},
	{"bit(64)", []any{[]byte("\x00\x00\x00\x00\x00\x00\x00\x00"), []byte("\xff\xff\xff\xff\xff\xff\xff\xff")}, []any{make([]byte, 9)[:9:9]}},
}

// testValues has every server take what a type takes, hand it over again, and refuse the rest.
func testValues(t *testing.T, x *suite) {
	for i, c := range limits {
		table := fmt.Sprintf("values%d", i)
		x.create(t, table, column("id", "int32"), nullable(column("v", c.spec)))
		insert := x.in("INSERT INTO %s (id, v) VALUES (?, ?)", table)
		for id, v := range append([]any{nil}, c.good...) {
			_, err := x.Write.ExecContext(t.Context(), insert, id, v)
			require.NoError(t, err, "%.40v as %s", v, c.spec)
			require.Equal(t, spell(column("", c.spec).Type, v), x.value(t, table, c.spec, id), "%.40v as %s", v, c.spec)
		}
		for _, v := range c.bad {
			if b, ok := v.([]byte); ok && strings.HasPrefix(c.spec, "bit") && len(b) == 9 {
				b[0] = 1
			}
			_, err := x.Write.ExecContext(t.Context(), insert, -1, v)
			require.Error(t, err, "%.40v as %s", v, c.spec)
			require.Equal(t, dialect.Value, x.d.Classify(err), "%.40v as %s: %.200v", v, c.spec, err)
			_, err = x.Write.ExecContext(t.Context(), x.in("UPDATE %s SET v = ? WHERE id = 1", table), v)
			require.Equal(t, dialect.Value, x.d.Classify(err), "%.40v as %s: %.200v", v, c.spec, err)
		}
	}
}

// value reads the value of a row, spelled in one way.
func (x *suite) value(t *testing.T, table, spec string, id int) string {
	t.Helper()
	var v any
	typ := column("", spec).Type
	query := x.in("SELECT "+x.d.Exact("t.v", typ)+" FROM %s AS t WHERE id = ?", table)
	require.NoError(t, x.Read.QueryRowContext(t.Context(), query, id).Scan(&v))
	return spell(typ, v)
}

// spell spells what was given, or what a driver handed over, in one way.
func spell(typ datatype.Type, v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return spell(typ, string(v))
	case bool:
		return spell(typ, map[bool]int{true: 1}[v])
	case time.Time:
		if typ.Kind == datatype.Date {
			return value.Date(v)
		}
		return value.Time(v, typ.Fraction)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case float64:
		if typ.Kind == datatype.Decimal {
			return fmt.Sprintf("%.*f", typ.Scale, v)
		}
		if typ.Bits == 32 {
			return strconv.FormatFloat(float64(float32(v)), 'g', -1, 32)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return spellText(typ, v)
	}
	return spellText(typ, fmt.Sprint(v))
}

func spellText(typ datatype.Type, v string) string {
	switch typ.Kind {
	case datatype.Integer:
		if typ.Unsigned { // which can be filled up with zeros
			return strings.TrimLeft(v[:len(v)-1], "0") + v[len(v)-1:]
		}
	case datatype.Float:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return spell(typ, f)
		}
	case datatype.JSON:
		return strings.ReplaceAll(v, " ", "")
	default:
	}
	return canonical(typ, v)
}

// canonical spells a text in one way, if it is of the type.
func canonical(typ datatype.Type, text string) string {
	if spelled, err := typ.Canonical(text); err == nil {
		return spelled
	}
	return text
}
