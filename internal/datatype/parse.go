package datatype

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MustParse reads a type that is one. It panics where it is none.
func MustParse(spec string) Type {
	t, ok := Parse(spec)
	if !ok {
		panic("datatype: " + strconv.Quote(spec) + " is no type")
	}
	return t
}

// Parse reads a type that is no codec as a definition, or a server, spells it. The second result is
// false where there is no such type; the Type is then of Kind Unknown, with its spelling.
func Parse(spec string) (Type, bool) {
	t, ok := parseCore(spec)
	if !ok {
		t, ok = parseNative(spec)
	}
	if !ok {
		t = Type{Native: true}
	}
	t.Spec, t.Stored = spec, spec
	return t, ok
}

// OfCodec is the type <name> of a codec that keeps its values in a core type.
func OfCodec(name, stored string) (Type, bool) {
	t, ok := Parse(stored)
	t.Spec, t.Codec, t.Native = "<"+name+">", name, false
	return t, ok
}

// Spellings are the core types as they are spelled, for guesses.
func Spellings() []string {
	return []string{
		"int8", "int16", "int32", "int64", "float32", "float64", "bool", "date", "datetime", "json", "uuid", "bytes",
		"char(n)", "varchar(n)", "datetime(n)", "decimal(p,s)", "enum('a','b')",
	}
}

// longest is the size of a longblob, as far as an int holds it.
const longest = min(math.MaxUint32, math.MaxInt)

// parseCore reads the types that DataJoint has for every server.
func parseCore(spec string) (Type, bool) {
	switch spec {
	case "int8", "int16", "int32", "int64":
		return Type{Kind: Integer, Bits: number(spec[3:])}, true
	case "float32", "float64":
		return Type{Kind: Float, Bits: number(spec[5:])}, true
	case "bool":
		return Type{Kind: Bool, Bits: 8}, true
	case "date":
		return Type{Kind: Date}, true
	case "datetime":
		return Type{Kind: DateTime}, true
	case "json":
		return Type{Kind: JSON}, true
	case "uuid":
		return Type{Kind: UUID}, true
	case "bytes":
		return Type{Kind: Bytes, Size: longest}, true
	}
	return parseParametric(spec)
}

var (
	coreText     = regexp.MustCompile(`^(var)?char\((\d+)\)$`)
	coreDecimal  = regexp.MustCompile(`^decimal\((\d+)\s*,\s*(\d+)\)$`)
	datetimeType = regexp.MustCompile(`^datetime\s*\(([0-6])\)$`)
	enumType     = regexp.MustCompile(`^enum\(` + memberList + `\)$`)
	setType      = regexp.MustCompile(`^(?i:set)\s*\(` + memberList + `\)$`)
	member       = regexp.MustCompile(oneMember)
)

// How SQL spells the members of an enum or a set.
const (
	oneMember  = `'(?:[^']|'')*'|"(?:[^"]|"")*"`
	memberList = `\s*((?:` + oneMember + `)(?:\s*,\s*(?:` + oneMember + `))*)\s*`
)

func parseParametric(spec string) (Type, bool) {
	if m := coreText.FindStringSubmatch(spec); m != nil {
		return Type{Kind: lettersKind(m[1]), Size: number(m[2])}, true
	}
	if m := coreDecimal.FindStringSubmatch(spec); m != nil {
		return Type{Kind: Decimal, Size: number(m[1]), Scale: number(m[2])}, true
	}
	if m := datetimeType.FindStringSubmatch(spec); m != nil {
		return Type{Kind: DateTime, Fraction: number(m[1])}, true
	}
	if m := enumType.FindStringSubmatch(spec); m != nil {
		return Type{Kind: Enum, Members: members(m[1])}, true
	}
	return Type{}, false
}

func lettersKind(prefix string) Kind {
	if prefix == "var" {
		return Varchar
	}
	return Char
}

// members are the texts in a list of quoted texts, without spaces at their ends, which servers drop.
func members(list string) []string {
	all := member.FindAllString(list, -1)
	for i, m := range all {
		quote := m[:1]
		all[i] = strings.TrimRight(strings.ReplaceAll(m[1:len(m)-1], quote+quote, quote), " ")
	}
	return all
}

// The types of MySQL and MariaDB, as definitions of DataJoint's and information_schema spell them,
// in small letters.
var (
	integerType = regexp.MustCompile(`^(?:(tiny|small|medium|big)?int|integer)(?:\s*\(\s*(\d+)\s*\))?(\s+unsigned)?(\s+zerofill)?(\s+auto_increment)?$`)
	decimalType = regexp.MustCompile(`^(?:decimal|numeric|dec|fixed)` + precision + `$`)
	floatType   = regexp.MustCompile(`^(double(?:\s+precision)?|real|float)` + precision + `$`)
	clockType   = regexp.MustCompile(`^(time|timestamp)(?:\s*\(\s*([0-6])\s*\))?$`)
	yearType    = regexp.MustCompile(`^year(?:\s*\(\s*4\s*\))?$`)
	letterType  = regexp.MustCompile(`^(var)?char\s*\(\s*(\d+)\s*\)$`)
	blobType    = regexp.MustCompile(`^(tiny|medium|long)?(blob|text)$`)
	binaryType  = regexp.MustCompile(`^(var)?binary\s*\(\s*(\d+)\s*\)$`)
	bitType     = regexp.MustCompile(`^bit(?:\s*\(\s*(\d+)\s*\))?$`)
)

// precision is how many digits a number has, how many of them after the point, and which signs.
const precision = `(?:\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?(\s+unsigned)?(\s+zerofill)?`

// shapes are the servers' types whose values are shapes in a plane.
var shapes = []string{
	"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
	"geometrycollection", "geomcollection",
}

// parseNative reads a type of MySQL's or MariaDB's, in small letters or capitals.
func parseNative(spec string) (Type, bool) {
	if m := setType.FindStringSubmatch(spec); m != nil {
		return Type{Native: true, Kind: Set, Members: members(m[1])}, true
	}
	spec = strings.ToLower(spec)
	for _, parse := range []func(string) (Type, bool){nativeInteger, nativeDecimal, nativeFloat, nativeTime, nativeText, nativeBytes} {
		if t, ok := parse(spec); ok {
			t.Native = true
			return t, true
		}
	}
	return Type{}, false
}

func nativeInteger(spec string) (Type, bool) {
	if spec == "serial" {
		return Type{Kind: Integer, Bits: 64, Unsigned: true, Auto: true}, true
	}
	m := integerType.FindStringSubmatch(spec)
	if m == nil || number(m[2]) > maxWidth {
		return Type{}, false
	}
	bits := map[string]int{"tiny": 8, "small": 16, "medium": 24, "": 32, "big": 64}[m[1]]
	return Type{Kind: Integer, Bits: bits, Unsigned: m[3]+m[4] != "", Auto: m[5] != ""}, true
}

func nativeDecimal(spec string) (Type, bool) {
	m := decimalType.FindStringSubmatch(spec)
	if m == nil {
		return Type{}, false
	}
	t := Type{Kind: Decimal, Size: 10, Scale: number(m[2]), Unsigned: m[3]+m[4] != ""} // ten digits unless it says how many
	if m[1] != "" {
		t.Size = number(m[1])
	}
	return t, true
}

func nativeFloat(spec string) (Type, bool) {
	m := floatType.FindStringSubmatch(spec)
	if m == nil {
		return Type{}, false
	}
	single := m[1] == "float"
	size, scale := m[2], m[3]
	t := Type{Kind: Float, Bits: 64, Unsigned: m[4]+m[5] != ""}
	switch {
	case scale != "": // so many digits
		t.Size, t.Scale = number(size), number(scale)
	case size != "": // bits, which only a float has, and which make it a double from 25 on
		single = single && number(size) <= 24
		if m[1] != "float" || number(size) > 53 {
			return Type{}, false
		}
	}
	if single {
		t.Bits = 32
	}
	return t, true
}

func nativeTime(spec string) (Type, bool) {
	m := clockType.FindStringSubmatch(spec)
	switch {
	case m == nil:
		return Type{Kind: Year}, yearType.MatchString(spec)
	case m[1] == "time":
		return Type{Kind: Time, Fraction: number(m[2])}, true
	}
	return Type{Kind: Timestamp, Fraction: number(m[2])}, true
}

func nativeText(spec string) (Type, bool) {
	if m := letterType.FindStringSubmatch(spec); m != nil {
		return Type{Kind: lettersKind(m[1]), Size: number(m[2])}, true
	}
	m := blobType.FindStringSubmatch(spec)
	if m == nil {
		return Type{}, false
	}
	size := map[string]int{"tiny": math.MaxUint8, "": math.MaxUint16, "medium": 1<<24 - 1, "long": longest}[m[1]]
	if m[2] == "text" {
		return Type{Kind: Text, Size: size}, true
	}
	return Type{Kind: Bytes, Size: size}, true
}

func nativeBytes(spec string) (Type, bool) {
	if m := binaryType.FindStringSubmatch(spec); m != nil {
		if m[1] == "var" {
			return Type{Kind: Varbinary, Size: number(m[2])}, true
		}
		return Type{Kind: Binary, Size: number(m[2])}, true
	}
	if m := bitType.FindStringSubmatch(spec); m != nil {
		if m[1] == "" {
			return Type{Kind: Bit, Size: 1}, true
		}
		return Type{Kind: Bit, Size: number(m[1])}, true
	}
	return Type{Kind: Spatial}, slices.Contains(shapes, spec)
}

// number reads digits. Of more than an int holds it makes the largest, and of none 0.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil && digits != "" {
		return math.MaxInt
	}
	return n
}
