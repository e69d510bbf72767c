package datatype

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParseCore has DataJoint's core types, as it writes them down in the comments of columns.
func TestParseCore(t *testing.T) {
	for spec, want := range map[string]Type{
		"int8":                        {Kind: Integer, Bits: 8},
		"int16":                       {Kind: Integer, Bits: 16},
		"int32":                       {Kind: Integer, Bits: 32},
		"int64":                       {Kind: Integer, Bits: 64},
		"float32":                     {Kind: Float, Bits: 32},
		"float64":                     {Kind: Float, Bits: 64},
		"bool":                        {Kind: Bool, Bits: 8},
		"date":                        {Kind: Date},
		"datetime":                    {Kind: DateTime},
		"datetime(0)":                 {Kind: DateTime},
		"datetime(6)":                 {Kind: DateTime, Fraction: 6},
		"datetime (3)":                {Kind: DateTime, Fraction: 3},
		"json":                        {Kind: JSON},
		"uuid":                        {Kind: UUID},
		"bytes":                       {Kind: Bytes, Size: longest},
		"char(1)":                     {Kind: Char, Size: 1},
		"char(0)":                     {Kind: Char},
		"char(255)":                   {Kind: Char, Size: 255},
		"varchar(16)":                 {Kind: Varchar, Size: 16},
		"decimal(12,4)":               {Kind: Decimal, Size: 12, Scale: 4},
		"decimal(12, 4)":              {Kind: Decimal, Size: 12, Scale: 4},
		"decimal(12 , 4)":             {Kind: Decimal, Size: 12, Scale: 4},
		"decimal(5,0)":                {Kind: Decimal, Size: 5},
		"enum('a')":                   {Kind: Enum, Members: []string{"a"}},
		"enum('')":                    {Kind: Enum, Members: []string{""}},
		"enum('  ', ' a ', 'b  ')":    {Kind: Enum, Members: []string{"", " a", "b"}},
		"enum( 'a' , 'b' )":           {Kind: Enum, Members: []string{"a", "b"}},
		`enum("a","b")`:               {Kind: Enum, Members: []string{"a", "b"}},
		`enum('it''s', "say ""hi""")`: {Kind: Enum, Members: []string{"it's", `say "hi"`}},
		"enum('a,b', '(c)', 'd:\ne')": {Kind: Enum, Members: []string{"a,b", "(c)", "d:\ne"}},
		`enum('"', "'")`:              {Kind: Enum, Members: []string{`"`, "'"}},
	} {
		want.Spec, want.Stored = spec, spec
		got, ok := Parse(spec)
		require.True(t, ok, spec)
		require.Equal(t, want, got)
		require.NoError(t, got.Check(), spec)
	}
}

// TestParseNative has types as definitions write them, for which DataJoint passes them on, and as the
// information_schema of MySQL 8.4 and of MariaDB 10.11 tells them.
func TestParseNative(t *testing.T) {
	const eight, sixteen, long = math.MaxUint8, math.MaxUint16, longest
	for spec, want := range map[string]Type{
		"tinyint":                         {Kind: Integer, Bits: 8},
		"tinyint(1)":                      {Kind: Integer, Bits: 8},
		"tinyint(3) unsigned":             {Kind: Integer, Bits: 8, Unsigned: true},
		"smallint":                        {Kind: Integer, Bits: 16},
		"smallint ( 6 )":                  {Kind: Integer, Bits: 16},
		"mediumint":                       {Kind: Integer, Bits: 24},
		"mediumint(8) unsigned":           {Kind: Integer, Bits: 24, Unsigned: true},
		"int":                             {Kind: Integer, Bits: 32},
		"INT":                             {Kind: Integer, Bits: 32},
		"integer":                         {Kind: Integer, Bits: 32},
		"int(11)":                         {Kind: Integer, Bits: 32},
		"int(255)":                        {Kind: Integer, Bits: 32},
		"int unsigned":                    {Kind: Integer, Bits: 32, Unsigned: true},
		"Int  Unsigned":                   {Kind: Integer, Bits: 32, Unsigned: true},
		"int zerofill":                    {Kind: Integer, Bits: 32, Unsigned: true},
		"int(10) unsigned zerofill":       {Kind: Integer, Bits: 32, Unsigned: true},
		"int auto_increment":              {Kind: Integer, Bits: 32, Auto: true},
		"int(10) unsigned auto_increment": {Kind: Integer, Bits: 32, Unsigned: true, Auto: true},
		"bigint(20) unsigned":             {Kind: Integer, Bits: 64, Unsigned: true},
		"bigint unsigned zerofill auto_increment": {Kind: Integer, Bits: 64, Unsigned: true, Auto: true},
		"serial": {Kind: Integer, Bits: 64, Unsigned: true, Auto: true},

		"decimal":                        {Kind: Decimal, Size: 10},
		"decimal(5)":                     {Kind: Decimal, Size: 5},
		"decimal (5, 2)":                 {Kind: Decimal, Size: 5, Scale: 2},
		"numeric(6,2)":                   {Kind: Decimal, Size: 6, Scale: 2},
		"dec(6,2) unsigned":              {Kind: Decimal, Size: 6, Scale: 2, Unsigned: true},
		"fixed":                          {Kind: Decimal, Size: 10},
		"decimal(10,0) unsigned":         {Kind: Decimal, Size: 10, Unsigned: true},
		"decimal(5,2) unsigned zerofill": {Kind: Decimal, Size: 5, Scale: 2, Unsigned: true},

		"float":                        {Kind: Float, Bits: 32},
		"float unsigned":               {Kind: Float, Bits: 32, Unsigned: true},
		"float zerofill":               {Kind: Float, Bits: 32, Unsigned: true},
		"float(0)":                     {Kind: Float, Bits: 32},
		"float(24)":                    {Kind: Float, Bits: 32},
		"float(25)":                    {Kind: Float, Bits: 64},
		"float(53)":                    {Kind: Float, Bits: 64},
		"float(7,3) unsigned zerofill": {Kind: Float, Bits: 32, Size: 7, Scale: 3, Unsigned: true},
		"float(30,3)":                  {Kind: Float, Bits: 32, Size: 30, Scale: 3},
		"double":                       {Kind: Float, Bits: 64},
		"double precision unsigned":    {Kind: Float, Bits: 64, Unsigned: true},
		"double(8,2)":                  {Kind: Float, Bits: 64, Size: 8, Scale: 2},
		"real":                         {Kind: Float, Bits: 64},

		"time":         {Kind: Time},
		"TIME(3)":      {Kind: Time, Fraction: 3},
		"timestamp":    {Kind: Timestamp},
		"timestamp(6)": {Kind: Timestamp, Fraction: 6},
		"year":         {Kind: Year},
		"year(4)":      {Kind: Year},

		"tinytext":      {Kind: Text, Size: eight},
		"text":          {Kind: Text, Size: sixteen},
		"mediumtext":    {Kind: Text, Size: 1<<24 - 1},
		"longtext":      {Kind: Text, Size: long},
		"tinyblob":      {Kind: Bytes, Size: eight},
		"blob":          {Kind: Bytes, Size: sixteen},
		"mediumblob":    {Kind: Bytes, Size: 1<<24 - 1},
		"LONGBLOB":      {Kind: Bytes, Size: long},
		"binary(16)":    {Kind: Binary, Size: 16},
		"binary(0)":     {Kind: Binary},
		"varbinary(16)": {Kind: Varbinary, Size: 16},
		"char( 5 )":     {Kind: Char, Size: 5},
		"VARCHAR(5)":    {Kind: Varchar, Size: 5},

		"bit":                {Kind: Bit, Size: 1},
		"bit(17)":            {Kind: Bit, Size: 17},
		"set('a','b''c')":    {Kind: Set, Members: []string{"a", "b'c"}},
		`SET ( 'A' , "b" )`:  {Kind: Set, Members: []string{"A", "b"}},
		"geometry":           {Kind: Spatial},
		"point":              {Kind: Spatial},
		"geomcollection":     {Kind: Spatial},
		"geometrycollection": {Kind: Spatial},
		"multipolygon":       {Kind: Spatial},
	} {
		want.Spec, want.Stored, want.Native = spec, spec, true
		got, ok := Parse(spec)
		require.True(t, ok, spec)
		require.Equal(t, want, got)
		require.NoError(t, got.Check(), spec)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, spec := range []string{
		"", " ", "INT32", "int32 ", " int32", "int32(4)", "int4", "int24", "tinyinteger", "uint8", "Bool", "boolean", "UUID", "Date", "<blob", "<blob>",
		"int unsigned unsigned", "int auto_increment unsigned", "int(11", "int(256)", "int(99999999999999999999)", "int(-1)", "int(1,2)", "int signed", "int; DROP TABLE x",
		"smallserial", "serial unsigned", "int32 unsigned", "int16 auto_increment",
		"datetime(7)", "datetime()", "datetime(-1)", "DATETIME", "time(7)", "time()", "timestamp(9)", "year(2)", "year(3)", "year()", "date(3)",
		"char", "char()", "char(a)", "char(-1)", "varchar", "varchar(1", "varchar(1))", "string",
		"decimal(5,)", "decimal(a,b)", "decimal(-1,2)", "decimal()", "decimal(5,2,1)", "decimal(5 2)",
		"float(54)", "float(99999999999999999999)", "float()", "double(5)", "real(8)", "float32(3)", "double unsigned precision",
		"enum", "enum()", "enum(a)", "enum('a' 'b')", "enum('a',)", "enum('it's')", "enum('a','b') ", "enum('a'); DROP TABLE x; --')", "ENUM('a')", "enum ('a')", `enum('a\'b')`,
		"set", "set()", "set('a',)", "set('a') unsigned",
		"uuid(16)", "json()", "jsonb", "bool(1)", "bytes(3)", "smallblob", "smalltext", "blob(3)", "text(3)", "binary", "varbinary", "bit()", "bit(a)", "point()", "inet6", "vector(3)",
		"int\x00", "ïnt", "varchar(１６)",
	} {
		got, ok := Parse(spec)
		require.False(t, ok, spec)
		require.Equal(t, Type{Spec: spec, Stored: spec, Native: true}, got)
	}
}

func TestMustParse(t *testing.T) {
	require.Equal(t, Type{Spec: "int8", Stored: "int8", Kind: Integer, Bits: 8}, MustParse("int8"))
	require.PanicsWithValue(t, `datatype: "int7" is no type`, func() { MustParse("int7") })
}

func TestOfCodec(t *testing.T) {
	got, ok := OfCodec("blob", "bytes")
	require.True(t, ok)
	require.Equal(t, Type{Spec: "<blob>", Stored: "bytes", Codec: "blob", Kind: Bytes, Size: longest}, got)

	got, ok = OfCodec("npy@raw", "json")
	require.True(t, ok)
	require.Equal(t, Type{Spec: "<npy@raw>", Stored: "json", Codec: "npy@raw", Kind: JSON}, got)

	got, ok = OfCodec("tag", "varchar(20000)")
	require.True(t, ok)
	require.EqualError(t, got.Check(), "varchar(20000) is too long: servers take at most varchar(16383)")

	got, ok = OfCodec("blob", "longblob") // as a server tells it
	require.True(t, ok)
	require.False(t, got.Native)

	got, ok = OfCodec("x", "vector(3)")
	require.False(t, ok)
	require.Equal(t, Type{Spec: "<x>", Stored: "vector(3)", Codec: "x"}, got)
}

// TestSpellings: what is guessed is a type, where its letters are numbers.
func TestSpellings(t *testing.T) {
	for _, spec := range Spellings() {
		spec = strings.NewReplacer("(n)", "(3)", "(p,s)", "(5,2)").Replace(spec)
		typ, ok := Parse(spec)
		require.True(t, ok, spec)
		require.False(t, typ.Native, spec)
	}
}

func TestCheck(t *testing.T) {
	for _, spec := range []string{
		"char(255)", "varchar(16383)", "binary(255)", "varbinary(65532)", "bit(1)", "bit(64)", "decimal(65,30)", "decimal(1)", "decimal(30,30)",
		"float(255,30)", "double(1,0)", "float(5,5)", "enum('" + strings.Repeat("ä", 255) + "')", "enum('a','b','ab')", "set('a')",
		"set(" + list(64) + ")", "enum(" + list(100) + ")", "enum('a','')",
	} {
		require.NoError(t, MustParse(spec).Check(), spec)
	}
	for _, c := range []struct{ spec, want string }{
		{"char(256)", "char(256) is too long: servers take at most char(255)"},
		{"varchar(16384)", "varchar(16384) is too long: servers take at most varchar(16383)"},
		{"varchar(99999999999999999999)", "varchar(99999999999999999999) is too long: servers take at most varchar(16383)"},
		{"VARCHAR( 20000 )", "VARCHAR( 20000 ) is too long: servers take at most VARCHAR(16383)"},
		{"binary(256)", "binary(256) is too long: servers take at most binary(255)"},
		{"varbinary (65533)", "varbinary (65533) is too long: servers take at most varbinary(65532)"},
		{"bit(65)", "bit(65) is too long: servers take at most bit(64)"},
		{"bit(0)", "bit(0): at least one bit is wanted"},
		{"decimal(66,2)", "decimal(66,2): from 1 to 65 digits are wanted"},
		{"decimal(0,0)", "decimal(0,0): from 1 to 65 digits are wanted"},
		{"decimal(99999999999999999999)", "decimal(99999999999999999999): from 1 to 65 digits are wanted"},
		{"decimal(5,6)", "decimal(5,6): of 5 digits no 6 can stand after the point"},
		{"decimal(5,99999999999999999999)", "decimal(5,99999999999999999999): of 5 digits no 9223372036854775807 can stand after the point"},
		{"decimal(40,31)", "decimal(40,31): at most 30 digits can stand after the point"},
		{"float(256,3)", "float(256,3): from 1 to 255 digits are wanted"},
		{"double(5,6)", "double(5,6): of 5 digits no 6 can stand after the point"},
		{"double(40,31)", "double(40,31): at most 30 digits can stand after the point"},
		{`enum('a\b')`, `the member "a\\b" has a backslash, which means one thing to one server and another to the next`},
		{"enum('a','A')", `the members "a" and "A" are the same to servers`},
		{"enum('a','a ')", `the members "a" and "a" are the same to servers`},
		{"enum('ä','Ä')", `the members "ä" and "Ä" are the same to servers`},
		{"set('a','b','a')", `the members "a" and "a" are the same to servers`},
		{"set('a,b')", `the member "a,b" has a comma, which parts the members of a set`},
		{"set('a',' ')", `the member "" is what a set without members is`},
		{"set(" + list(65) + ")", "the set has 65 members; servers take at most 64"},
	} {
		require.EqualError(t, MustParse(c.spec).Check(), c.want)
	}
	long := strings.Repeat("x", 256)
	require.EqualError(t, MustParse("enum('"+long+"')").Check(), `the member "`+long+`" is too long: servers take at most 255 letters`)
}

// list are so many members.
func list(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = "'" + string(rune('一'+i)) + "'"
	}
	return strings.Join(members, ",")
}

func TestSame(t *testing.T) {
	same := [][]string{
		{"int8", "tinyint", "tinyint(4)", "bool", "tinyint(1)"},
		{"int16", "smallint", "smallint(6)"},
		{"mediumint", "mediumint(9)"},
		{"int32", "int", "int(11)", "integer"},
		{"int unsigned", "int(10) unsigned zerofill"},
		{"int auto_increment"},
		{"int64", "bigint", "bigint(20)"},
		{"serial", "bigint unsigned auto_increment"},
		{"bigint unsigned"},
		{"float32", "float", "float(24)"},
		{"float64", "double", "real", "float(25)", "double precision"},
		{"double unsigned"},
		{"float(7,3)"},
		{"decimal(10,0)", "decimal", "numeric(10)", "dec", "fixed"},
		{"decimal(10,0) unsigned"},
		{"decimal(10,2)", "numeric(10,2)"},
		{"char(16)"},
		{"varchar(16)", "VARCHAR( 16 )"},
		{"varchar(17)"},
		{"uuid", "binary(16)"},
		{"varbinary(16)"},
		{"bytes", "longblob"},
		{"blob"},
		{"text"},
		{"longtext"},
		{"json"},
		{"enum('a','b')", `enum("a", 'b ')`},
		{"enum('b','a')"},
		{"enum('a','B')"},
		{"set('a','b')"},
		{"date"},
		{"datetime", "datetime(0)"},
		{"datetime(3)"},
		{"timestamp"},
		{"time", "time(0)"},
		{"time(6)"},
		{"year", "year(4)"},
		{"bit", "bit(1)"},
		{"bit(2)"},
		{"geometrycollection", "geomcollection", "GeomCollection"},
		{"geometry"},
		{"point"},
		{"inet6", "INET6"},
		{"inet4"},
	}
	for i, group := range same {
		for j, other := range same {
			for _, a := range group {
				for _, b := range other {
					x, _ := Parse(a)
					y, _ := Parse(b)
					require.Equal(t, i == j, Same(x, y), "%s and %s", a, b)
				}
			}
		}
	}
	codec, _ := OfCodec("blob", "bytes")
	require.True(t, Same(codec, MustParse("longblob")), "what codecs make of it is another matter")
}

func TestLargeAndTemporal(t *testing.T) {
	for spec, want := range map[string][2]bool{ // Large, Temporal
		"int32": {}, "varchar(16)": {}, "uuid": {}, "binary(3)": {}, "varbinary(3)": {}, "set('a')": {}, "date": {}, "time": {}, "year": {},
		"text": {true}, "tinyblob": {true}, "json": {true}, "bytes": {true}, "point": {true}, "bit": {true},
		"datetime": {false, true}, "datetime(6)": {false, true}, "timestamp(3)": {false, true},
	} {
		typ := MustParse(spec)
		require.Equal(t, want, [2]bool{typ.Large(), typ.Temporal()}, spec)
	}
	codec, _ := OfCodec("tag", "varchar(3)")
	require.True(t, codec.Large())
	require.False(t, Type{}.Large())
}

func TestReferring(t *testing.T) {
	for spec, want := range map[string]string{
		"int32": "int32", "serial": "bigint unsigned", "SERIAL": "bigint unsigned", "int auto_increment": "int",
		"int(10) unsigned zerofill\tauto_increment": "int(10) unsigned zerofill",
	} {
		require.Equal(t, MustParse(want), MustParse(spec).Referring(), spec)
	}
}
