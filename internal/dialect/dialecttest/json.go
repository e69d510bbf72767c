package dialecttest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
)

// testJSONValue reads values of documents, as they are and as types.
func testJSONValue(t *testing.T, x *suite) {
	x.create(t, "docs", column("id", "int32"), column("doc", "json"))
	long := strings.Repeat("größe ", 500)
	x.exec(t, x.Write, "INSERT INTO %s (id, doc) VALUES (1, ?)", "docs", `{"text": "say \"hi\", it's\\", "n": 5, "f": 1.5, "yes": true, "no": false,`+
		` "nothing": null, "empty": "", "deep": {"list": [1, {"k": "v"}]}, "day": "2024-02-29", "at": "2024-02-29 01:02:03.5", "digits": "007",`+
		` "word": "null", "large": 9007199254740993, "long": "`+long+`"}`)
	for _, c := range []struct {
		path, spec, want string
	}{
		{"$.text", "", `say "hi", it's\`}, {"$.n", "", "5"}, {"$.f", "", "1.5"}, {"$.yes", "", "true"}, {"$.no", "", "false"},
		{"$.nothing", "", "NULL"}, {"$.missing", "", "NULL"}, {"$.deep.missing[3]", "", "NULL"}, {"$.n.k", "", "NULL"}, {"$.empty", "", ""},
		{"$.deep.list[0]", "", "1"}, {"$.deep.list[1].k", "", "v"}, {"$.deep", "", `{"list":[1,{"k":"v"}]}`}, {"$.deep.list", "", `[1,{"k":"v"}]`},
		{"$.long", "", long}, {"$.word", "", "null"}, {"$.digits", "", "007"}, {"$.large", "", "9007199254740993"},
		{"$.n", "int32", "5"}, {"$.digits", "int64", "7"}, {"$.n", "int unsigned", "5"}, {"$.large", "int64", "9007199254740993"},
		{"$.f", "float64", "1.5"}, {"$.n", "float64", "5"}, {"$.f", "decimal(5,2)", "1.50"}, {"$.digits", "decimal(5,0)", "7"},
		{"$.day", "date", "2024-02-29"}, {"$.at", "datetime(3)", "2024-02-29 01:02:03.5"}, {"$.day", "datetime", "2024-02-29 00:00:00"},
		{"$.text", "char(3)", "say"}, {"$.long", "varchar(5)", "größe"}, {"$.n", "char(9)", "5"}, {"$.yes", "varchar(9)", "true"},
		{"$.nothing", "int32", "NULL"}, {"$.missing", "decimal(5,2)", "NULL"}, {"$.nothing", "char(9)", "NULL"}, {"$.missing", "date", "NULL"},
		{"$.nothing", "float64", "NULL"}, {"$.nothing", "datetime", "NULL"},
	} {
		var typ datatype.Type
		if c.spec != "" {
			typ = datatype.MustParse(c.spec)
		}
		expression := x.d.JSONValue("t.`doc`", c.path, typ)
		var v any
		require.NoError(t, x.Read.QueryRowContext(t.Context(), x.in("SELECT "+expression+" FROM %s AS t", "docs")).Scan(&v), expression)
		found := spell(typ, v)
		if strings.HasPrefix(found, "{") || strings.HasPrefix(found, "[") {
			found = strings.ReplaceAll(found, " ", "") // which servers put where they like
		}
		require.Equal(t, c.want, found, "%s as %q", c.path, c.spec)
		if v != nil && typ.Kind != datatype.Unknown {
			require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s AS t WHERE "+expression+" = ?", "docs", c.want), "%s as %q", c.path, c.spec)
		}
	}
}

func testSchemas(t *testing.T, x *suite) {
	for _, name := range []string{"z", "Z-1", "größe", "a`b", "a%"} {
		x.run(t, x.d.CreateSchema(x.schema+name))
	}
	found, err := x.d.Schemas(t.Context(), x.query)
	require.NoError(t, err)
	var mine []string
	for _, name := range found {
		if rest, ok := strings.CutPrefix(name, x.schema); ok {
			mine = append(mine, rest)
		}
		require.NotContains(t, []string{"", "mysql", "sys", "information_schema", "performance_schema"}, name)
	}
	require.ElementsMatch(t, []string{"", "z", "Z-1", "größe", "a`b", "a%"}, mine)
}
