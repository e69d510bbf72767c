package datatype

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCanonical has texts, and the one spelling of each; SameText and CheckText go by it.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ spec, text, want string }{
		{"int8", "-128", "-128"},
		{"int8", "127", "127"},
		{"int8", "+007", "7"},
		{"int16", "-32768", "-32768"},
		{"mediumint", "-8388608", "-8388608"},
		{"mediumint", "8388607", "8388607"},
		{"mediumint unsigned", "16777215", "16777215"},
		{"int32", "-0", "0"},
		{"int64", "-9223372036854775808", "-9223372036854775808"},
		{"int64", "9223372036854775807", "9223372036854775807"},
		{"tinyint unsigned", "+255", "255"},
		{"bigint unsigned", "18446744073709551615", "18446744073709551615"},

		{"float64", "2.50", "2.5"},
		{"float64", "1e300", "1e+300"},
		{"float64", ".5", "0.5"},
		{"float64", "5.", "5"},
		{"float64", "-0.0", "0"},
		{"float64", "1e-400", "0"},
		{"float64", "0.1000000000000000055511151231257827", "0.1"},
		{"float32", "0.1", "0.1"},
		{"float32", "3.4028235e38", "3.4028235e+38"},
		{"float unsigned", "-0", "0"},

		{"bool", "TRUE", "1"},
		{"bool", "False", "0"},
		{"bool", "1", "1"},

		{"decimal(8,3)", "1.5", "1.500"},
		{"decimal(8,3)", "+01.50", "1.500"},
		{"decimal(8,3)", "1.5000000000", "1.500"},
		{"decimal(8,3)", ".5", "0.500"},
		{"decimal(8,3)", "5.", "5.000"},
		{"decimal(8,3)", "-0.000", "0.000"},
		{"decimal(8,3)", "-99999.999", "-99999.999"},
		{"decimal(8,3)", "1e2", "100.000"},
		{"decimal(8,3)", "12345E-3", "12.345"},
		{"decimal(8,3)", "0.00001e3", "0.010"},
		{"decimal(8,3)", "0e999", "0.000"},
		{"decimal(8,3)", strings.Repeat("0", 1000) + "7", "7.000"},
		{"decimal(5)", "-5", "-5"},
		{"decimal(3,3)", "-.125", "-0.125"},
		{"decimal(65,30)", strings.Repeat("9", 35) + "." + strings.Repeat("9", 30), strings.Repeat("9", 35) + "." + strings.Repeat("9", 30)},
		{"decimal(5,2) unsigned", "-0", "0.00"},

		{"char(3)", "äöü", "äöü"},
		{"char(3)", "a  ", "a"},
		{"varchar(3)", "a  ", "a  "},
		{"varchar(3)", "日本語", "日本語"},
		{"varchar(3)", "", ""},
		{"binary(3)", "abc", "abc"},
		{"varbinary(3)", "ä", "ä"},
		{"enum('a','b')", "b", "b"},
		{"enum('a ','b')", "a ", "a"},
		{"enum('a ','b')", "b ", "b"},
		{"set('a','b','c')", "c,a", "a,c"},
		{"set('a','b','c')", "b,a,b", "a,b"},
		{"set('a','b','c')", "", ""},

		{"date", "2024-02-29", "2024-02-29"},
		{"datetime", "2024-02-29", "2024-02-29 00:00:00"},
		{"datetime", "2024-02-29 23:59:58", "2024-02-29 23:59:58"},
		{"datetime(3)", "2024-02-29 23:59:58.120", "2024-02-29 23:59:58.12"},
		{"datetime(6)", "9999-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"},
		{"timestamp", "1970-01-01 00:00:01", "1970-01-01 00:00:01"},
		{"timestamp", "2038-01-19 03:14:07", "2038-01-19 03:14:07"},
		{"time", "1:02:03", "01:02:03"},
		{"time", "-838:59:59", "-838:59:59"},
		{"time", "838:59:59", "838:59:59"},
		{"time", "008:59:59", "08:59:59"},
		{"time", "-00:00:00", "00:00:00"},
		{"time(6)", "-00:00:00.500000", "-00:00:00.5"},
		{"time(6)", "100:00:00.000001", "100:00:00.000001"},
		{"year", "1901", "1901"},
		{"year", "2155", "2155"},
		{"year", "0000", "0000"},

		{"text", "anything\x00", "anything\x00"},
		{"json", "{", "{"},
		{"uuid", "x", "x"},
		{"bit", "x", "x"},
		{"point", "x", "x"},
	} {
		typ := MustParse(c.spec)
		got, err := typ.Canonical(c.text)
		require.NoError(t, err, c.spec)
		require.Equal(t, c.want, got, "%s %q", c.spec, c.text)
		require.NoError(t, typ.CheckText(c.text))
		require.True(t, typ.SameText(c.text, c.want))
		again, err := typ.Canonical(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
}

func TestCheckTextRefuses(t *testing.T) {
	for _, c := range []struct {
		spec   string
		texts  []string
		wanted string
	}{
		{"int8", []string{"", "-129", "128", "1.0", "1e1", "0x1", "1_0", "+-1", "--1", " 1", "1 ", "one", strings.Repeat("9", 1000)}, "an integer from -128 to 127"},
		{"mediumint", []string{"-8388609", "8388608"}, "an integer from -8388608 to 8388607"},
		{"int64", []string{"-9223372036854775809", "9223372036854775808"}, "an integer from -9223372036854775808 to 9223372036854775807"},
		{"tinyint unsigned", []string{"-1", "-0", "256", "++1"}, "an integer from 0 to 255"},
		{"bigint unsigned", []string{"18446744073709551616"}, "an integer from 0 to 18446744073709551615"},
		{
			"float64", []string{"", ".", "e1", "1e309", "-1e309", "1e1000", "1e1000000000", "1e-1000000000", "inf", "Infinity", "nan", "0x1p-2", "0x1", "1_0", "1/2", "1,5", " 1", "+", "1e"},
			"a number that a float64 holds",
		},
		{"float", []string{"3.5e38"}, "a number that a float holds"},
		{"float unsigned", []string{"-0.1"}, "a number that a float unsigned holds"},
		{"bool", []string{"", "yes", "2", "t"}, "true, false, 0 or 1"},
		{
			"decimal(5,2)", []string{"", ".", "1000", "-1000", "1.234", "1e3", "1e-3", "1e99", "1e-99", "1e1000000000", "1/2", "0x1", "1_0", "inf", "NaN", strings.Repeat("1", 100000), "0." + strings.Repeat("1", 100000)},
			"a number with at most 3 digits before the point and 2 after it",
		},
		{"decimal(2,2)", []string{"1"}, "a number with at most 0 digits before the point and 2 after it"},
		{"decimal(5,2) unsigned", []string{"-0.01"}, "a number from 0 on with at most 3 digits before the point and 2 after it"},
		{"char(3)", []string{"abcd", "    "}, "a text of at most 3 letters"},
		{"varchar(3)", []string{"日本語x"}, "a text of at most 3 letters"},
		{"binary(1)", []string{"ä"}, "a text of at most 1 bytes"},
		{"enum('a','b')", []string{"", "A", "a,b", "c"}, "one of its members"},
		{"set('a','b')", []string{",", "a,", "a,c", "A", "a, b", strings.Repeat("a,", 100000)}, "some of its members, with commas between,"},
		{"date", []string{"", "2024-02-30", "2024-2-3", "24-02-03", "2024-01-01 00:00:00", "today", "0000-00-00"}, "a day as 2006-01-31"},
		{
			"datetime(3)", []string{"", "2024-02-30 00:00:00", "2024-01-01 1:02:03", "2024-01-01T01:02:03", "2024-01-01 01:02:03,5", "2024-01-01 01:02:03.", "2024-01-01 01:02:03.1234", "2024-01-01.5", "2024-01-01 24:00:00", "now"},
			"a time as 2006-01-31 15:04:05, with at most 3 digits after a point, or a day",
		},
		{
			"timestamp", []string{"1970-01-01 00:00:00", "1969-12-31", "2038-01-19 03:14:08", "9999-01-01", "2024-01-01 00:00:00.1"},
			"a time from 1970-01-01 00:00:01 to 2038-01-19 03:14:07, with at most 0 digits after a point,",
		},
		{
			"time(3)", []string{"", "12", "12:30", "+12:30:00", "12:60:00", "12:30:60", "839:00:00", "-839:00:00", "838:59:59.001", "1000:00:00", "12:30:00.1234", "12:30:00.", "1h2:00:00"},
			"a time from -838:59:59 to 838:59:59, with at most 3 digits after a point,",
		},
		{"year", []string{"", "0", "00", "24", "1900", "2156", "+2024", "02024", "-2024", "20.4"}, "a year from 1901 to 2155, or 0000,"},
	} {
		typ := MustParse(c.spec)
		for _, text := range c.texts {
			err := typ.CheckText(text)
			require.Error(t, err, "%s %.99q", c.spec, text)
			require.Contains(t, err.Error(), " is no "+c.spec+": "+c.wanted+" is wanted", "%.99q", text)
		}
	}
	require.EqualError(t, MustParse("int8").CheckText("x"), `"x" is no int8: an integer from -128 to 127 is wanted`)
}

func TestSameText(t *testing.T) {
	for _, c := range []struct{ spec, a, b string }{
		{"decimal(8,3)", "1.25", "1.250"}, {"int32", "7", "07"}, {"float64", "1e1", "10"}, {"bool", "true", "1"},
		{"datetime(3)", "2024-01-02", "2024-01-02 00:00:00.000"}, {"time", "1:02:03", "01:02:03"}, {"set('p','q')", "q,p", "p,q"},
		{"int32", "x", "x"},
	} {
		require.True(t, MustParse(c.spec).SameText(c.a, c.b), c)
	}
	for _, c := range []struct{ spec, a, b string }{
		{"decimal(8,3)", "1.25", "1.251"}, {"decimal(8,3)", "1/2", "0.5"}, {"decimal(8,3)", "1e1000000000", "1e1000000001"},
		{"float64", "0x10", "16"}, {"float32", "0.1", "0.10001"}, {"float32", "inf", "nan"}, {"int32", "x", "y"}, {"int32", "x", ""},
		{"int32", "1_0", "10"}, {"varchar(3)", "1", "01"}, {"varchar(3)", "a", "a "}, {"bool", "true", "false"}, {"year", "0000", "2000"},
	} {
		require.False(t, MustParse(c.spec).SameText(c.a, c.b), c)
	}
}

func TestRange(t *testing.T) {
	for spec, want := range map[string]struct {
		least int64
		most  uint64
	}{
		"int8": {-128, 127}, "bool": {-128, 127}, "mediumint": {-1 << 23, 1<<23 - 1}, "int64": {-1 << 63, 1<<63 - 1},
		"tinyint unsigned": {0, 255}, "mediumint unsigned": {0, 1<<24 - 1}, "bigint unsigned": {0, 1<<64 - 1}, "year": {0, 2155},
	} {
		least, most := MustParse(spec).Range()
		require.Equal(t, want.least, least, spec)
		require.Equal(t, want.most, most, spec)
	}
}
