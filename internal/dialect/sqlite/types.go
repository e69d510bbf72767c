package sqlite

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// columnLine is a column's line of CREATE TABLE: one of the types of a STRICT table, and a
// CHECK that lets in what the core type lets in.
func columnLine(c dialect.Column) string {
	storage, check := storage(c)
	line := dialect.Quote(c.Name) + " " + storage
	if !c.Nullable {
		line += " NOT NULL"
	}
	if c.Default != "" {
		line += " DEFAULT " + defaultValue(c.Default)
	}
	if check != "" {
		line += " CHECK (" + check + ")"
	}
	return line
}

// integer is the STRICT type of integers. A key of the type INTEGER, its synonym elsewhere,
// would be given a number of SQLite's choice in place of a NULL.
const integer = "INT"

// integers are the ranges of the integer types.
var integers = map[string][2]int64{
	"int8": {math.MinInt8, math.MaxInt8}, "int16": {math.MinInt16, math.MaxInt16},
	"int32": {math.MinInt32, math.MaxInt32}, "bool": {math.MinInt8, math.MaxInt8},
}

var (
	lengthOf = regexp.MustCompile(`^(?:var)?char\((\d+)\)$`)
	enumOf   = regexp.MustCompile(`(?s)^enum\((.*)\)$`)

	quotedMembers = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"`)
)

// singleQuotes spells a member of an enum as SQL does. What is in double quotes is a column
// to SQLite where there is one of the name.
func singleQuotes(member string) string {
	if !strings.HasPrefix(member, `"`) {
		return member
	}
	return dialect.Literal(strings.ReplaceAll(member[1:len(member)-1], `""`, `"`))
}

// storage is the STRICT type of a column, and its check.
func storage(c dialect.Column) (typ, check string) {
	name, core := dialect.Quote(c.Name), c.Core
	if core == "" {
		core = c.Type
	}
	if r, ok := integers[core]; ok {
		return integer, fmt.Sprintf("%s BETWEEN %d AND %d", name, r[0], r[1])
	}
	if m := lengthOf.FindStringSubmatch(core); m != nil {
		return "TEXT", fmt.Sprintf("length(%s) <= %s", name, m[1])
	}
	if m := enumOf.FindStringSubmatch(core); m != nil {
		return "TEXT", fmt.Sprintf("%s IN (%s)", name, quotedMembers.ReplaceAllStringFunc(m[1], singleQuotes))
	}
	switch core {
	case "int64":
		return integer, ""
	case "float32":
		return "REAL", fmt.Sprintf("abs(%s) <= %v", name, math.MaxFloat32)
	case "float64":
		return "REAL", ""
	case "uuid":
		return "BLOB", fmt.Sprintf("length(%s) = 16", name)
	case "bytes":
		return "BLOB", ""
	case "json":
		return "TEXT", fmt.Sprintf("json_valid(%s)", name)
	}
	return "TEXT", "" // dates and times as ISO 8601 has them, decimals digit by digit
}

// defaultValue spells a default as SQLite does.
func defaultValue(sql string) string {
	if strings.HasPrefix(sql, "CURRENT_TIMESTAMP") {
		return "(" + Dialect{}.Now() + ")"
	}
	return sql
}
