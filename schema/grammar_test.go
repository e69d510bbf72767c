package schema

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// productions has, for each production of grammar.txt, definitions that it allows and definitions
// that it does not.
var productions = map[string]struct{ right, wrong []string }{
	"definition": {[]string{"", "# c", "# c\na : int8", "\n \n# c\n\na : int8\n"}, []string{"x"}},
	"comment": {[]string{"#", "#c", "a : int8 #", "a : int8 # x : y # z", "# " + strings.Repeat("☃", 2048)},
		[]string{"#:c", "# : c", "a : int8 # : c", "# " + strings.Repeat("x", 2049)}},
	"line":      {[]string{"# c\n# r\na : int8\n---\n-> B\nindex(a)"}, []string{"a", "a int8", "= : int8"}},
	"remark":    {[]string{"a : int8\n# r", "a : int8\n#", "-> B # : r", "a : int8\nindex(a) # : r"}, []string{"a : int8\n// r"}},
	"divider":   {[]string{"---", "-----", "--- secondary", "a : int8\n---\nb : int8", "---\nb : int8\n---"}, []string{"--", "- --"}},
	"attribute": {[]string{"a:int8", "a=5:int8#c", " a = 5 : int8 # c "}, []string{"a : int8 = 5", "a := 5 : int8", "a : ", "a"}},
	"name":      {[]string{"a1_b : int8", "order : int8", "null : int8"}, []string{"A : int8", "_a : int8", "1a : int8", "a b : int8", "ä : int8"}},
	"default": {[]string{"---\na = null : <blob>", "---\na = NULL : int8", "a = 5 : int8", "---\na = null : bit", "---\na = null : text"},
		[]string{"a = : int8", "---\na = 5 : json", "---\na = 'x' : uuid", "---\na = 5 : bit(8)", "---\na = 'x' : text", "a = 5 : serial", "---\na = null : int auto_increment"}},
	"now": {[]string{"a = CURRENT_TIMESTAMP : datetime", "a = current_timestamp(3) : datetime(3)", "a = CURRENT_TIMESTAMP(6) : timestamp(6)", "a = CURRENT_TIMESTAMP() : datetime"},
		[]string{"a = CURRENT_TIMESTAMP : datetime(3)", "a = CURRENT_TIMESTAMP(7) : datetime", "a = CURRENT_TIMESTAMP : date", "a = CURRENT_TIMESTAMP : time", "a = NOW() : datetime"}},
	"quoted": {[]string{"a = 'it''s \"b\" : # c' : varchar(20)", `a = "it's" : varchar(9)`, "a = '' : char(1)", "a = '5' : int8"},
		[]string{"a = 'it's' : varchar(9)", `a = "a""b" : varchar(9)`, `a = 'a\b' : varchar(9)`, "a = 'a' 'b' : varchar(9)"}},
	"bare": {[]string{"a = mouse : varchar(9)", "a = two words : varchar(9)", "a = -1.5e3 : float64", "a = true : bool", "a = 2024-01-02 : date"},
		[]string{"a = b'c' : varchar(9)", `a = \n : varchar(9)`, "a = 2024-01-02 03:04:05 : datetime"}},
	"places": {[]string{"a : datetime(0)", "a : datetime(6)"}, []string{"a : datetime(7)", "a : datetime()", "a : datetime(03)", "a : timestamp(7)"}},

	"type": {[]string{"a : int8", "---\na : <blob>", "a : int"}, []string{"a : int7", "a : blab", "a : <blab>"}},
	"core": {[]string{
		"a : int8", "a : int16", "a : int32", "a : int64", "a : float32", "a : float64", "a : bool", "a : char(255)", "a : varchar(16383)",
		"a : decimal(5,2)", "a : decimal(65, 30)", "a : decimal(5 , 2)", "a : enum('a')", "a : enum( 'a' , \"b\",'c' )", "a : date", "a : datetime",
		"a : datetime(6)", "---\na : json", "a : uuid", "---\na : bytes",
	}, []string{
		"a : INT8", "a : int 8", "a : char", "a : char(256)", "a : varchar(16384)", "a : Enum('a')", "a : JSON", "a : jsonb", "a : DATE",
		"a : decimal(0,0)", "a : decimal(66,0)", "a : decimal(2,3)", "a : decimal(40,31)", "a : enum", "a : enum()", "a : enum(a)", "a : enum('a',)",
	}},
	"member": {[]string{"a : enum('it''s')", `a : enum("say ""hi""", "it's", 'x:y#z(')`}, []string{`a : enum('a\b')`, "a : enum('a','a')", "a : enum('a','A ')", "a : enum('it's')"}},
	"codec":  {[]string{"---\na : <blob>", "---\na : <attach> # c", "---\na:<odd@raw>"}, []string{"---\na : <>", "---\na : <blob", "---\na : < blob >", "---\na : <Blob>", "---\na : <odd>", "a : <blob>"}},
	"store":  {[]string{"---\na : <even@>", "---\na : <odd@raw>"}, []string{"---\na : <blob@>", "---\na : <odd@cold>"}},

	"native": {[]string{"a : int", "a : INT UNSIGNED", "a : Numeric (5,2)"}, []string{"a : int 5", "a : number"}},
	"integer": {[]string{
		"a : tinyint", "a : smallint(5)", "a : mediumint unsigned", "a : int (11)", "a : integer", "a : bigint(20)  unsigned", "a : int unsigned zerofill auto_increment", "a : serial",
		"a : int8\nb : int auto_increment\nindex(b)", "b : int8\n---\na : serial",
	}, []string{
		"a : tiny", "a : int24", "a : tinyint(3)unsigned", "a : int auto_increment unsigned", "a : bigint(300)", "a : biginteger", "a : serial unsigned",
	}},
	"number": {[]string{
		"a : decimal", "a : decimal(5)", "a : NUMERIC(5, 2)", "a : dec (5)", "a : fixed unsigned", "a : float", "a : float(7,3)", "a : float(53)", "a : double unsigned",
		"a : double precision", "a : real", "a : decimal(5,2) unsigned zerofill",
	}, []string{"a : decimal(66)", "a : numeric(2,3)", "a : float(54)", "a : double(5)", "a : decimal zerofill unsigned", "a : decimal()"}},
	"time":   {[]string{"a : time", "a : time(3)", "a : TIMESTAMP (6)", "a : year", "a : year(4)"}, []string{"a : year(2)", "a : time(7)", "a : timestamp with time zone"}},
	"text":   {[]string{"---\na : text", "---\na : LONGTEXT", "a : VARCHAR (9)", "a : char( 4 )", "a : set('a', 'b')", "a : Set('a')"}, []string{"a : text", "---\na : bigtext", "a : set()", "a : set('a,b')", "---\na : text(9)"}},
	"binary": {[]string{"---\na : blob", "---\na : mediumblob", "a : binary(16)", "a : varbinary (9)", "---\na : bit", "---\na : bit(64)"}, []string{"a : longblob", "a : binary", "a : bit(65)", "a : binary(256)"}},
	"shape":  {[]string{"---\na : point", "---\na : GEOMETRY"}, []string{"a : point", "---\na : circle"}},

	"foreign_key": {[]string{"-> B", "->B", "-> B # r", "---\n-> [nullable, unique] B.C.proj(x='y') # r"},
		[]string{"->", "- > B", "-> B C", "-> B & 'x'", "-> b.c", "-> (B)", "-> [] B"}},
	"option": {[]string{"-> [unique] B", "---\n-> [ Nullable , UNIQUE ] B"}, []string{"-> [nullable] B", "-> [big] B", "---\n-> [nullable unique] B", "-> [unique,] B"}},
	"parent": {[]string{"-> B", "-> B.C", "-> master", "-> master.C", "-> B()", "-> B . C"}, []string{"-> B.c", "-> 1B", "-> self", "-> master.master", "-> b"}},
	"module": {[]string{"-> lab.B", "-> lab.sub.B.C", "-> Lab.B.C", "-> my-lab.B", "-> _lab . B"}, []string{"-> .B", "-> lab..B", "-> lab/B", "-> 1ab.B", "-> lab.master"}},
	"projection": {[]string{"-> B.proj()", "-> B.proj(x='y')", "-> B.proj( x = 'y' , z='w' )", "-> B.proj(x='y',)", "-> B . proj (x='y')"},
		[]string{"-> B.proj", "-> B.proj(x='y'", "-> B.proj(,)", "-> B.proj(x='y',,)", "-> B.proj(x='y').proj(z='x')"}},
	"item":     {[]string{"-> B.proj(...)", "-> B.proj('y', \"-z\", ..., x='y')"}, []string{"-> B.proj(y)", "-> B.proj('Y')", "-> B.proj(....)", "-> B.proj('y+1')", "-> B.proj(5)"}},
	"renaming": {[]string{"-> B.proj(x='y')", `-> B.proj(x="y")`}, []string{"-> B.proj(x=y)", "-> B.proj(_x='y')", "-> B.proj(X='y')", "-> B.proj(x='a', y='a')", "-> B.proj(x='a', x='b')"}},

	"index":      {[]string{"index(a)", "INDEX ( a , b )", "unique index(a)", "Unique Index (a) # r", "index(a,)"}, []string{"index", "index(", "index()", "index(a,,b)", "unique(a)", "index(a) b"}},
	"index_part": {[]string{"index(a, a.b, (a))"}, []string{"index(A)", "index(lower(a))", "index(a(5))", "index(a desc)", "index(`a`)", "index('a')"}},
	"path":       {[]string{"index(a.b)", "index(a.b.c:char(20))", "index(a.b: unsigned)"}, []string{"index(a.)", "index(a:char(20))", "index(a.b :char(20))", "index(a.b:)"}},
	"step":       {[]string{"index(a.B)", "index(a.list[0].x)", "index(a.*)"}, []string{"index(a.b-c)", "index(a.'b')", "index(a.b c)"}},
	"returned":   {[]string{"index(a.b:decimal(10,2))", "index(a.b:CHAR(9))", "index(a.b:double)"}, []string{"index(a.b:char(20)", "index(a.b:'x')"}},
	"expression": {[]string{"index((lower(a)))", "index((concat(a, ',)#')), b) # r"}, []string{"index((lower(a))", "index((concat(a, ')))", "index((a) b)"}},
}

// TestGrammar holds the parser to grammar.txt, production by production.
func TestGrammar(t *testing.T) {
	file, err := os.ReadFile("grammar.txt")
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z_]+) += `).FindAllStringSubmatch(string(file), -1) {
		names = append(names, m[1])
	}
	require.Len(t, productions, len(names), names)
	odd := []Codec{Opaque("odd@raw", "json"), Opaque("even@", "json")}
	for _, name := range names {
		p, ok := productions[name]
		require.True(t, ok, "%s has no cases", name)
		require.NotEmpty(t, p.right, name)
		require.NotEmpty(t, p.wrong, name)
		for _, text := range p.right {
			_, err := Parse(text, odd...)
			require.NoError(t, err, "%s: %s", name, text)
		}
		for _, text := range p.wrong {
			_, err := Parse(text, odd...)
			require.Error(t, err, "%s: %s", name, text)
			require.True(t, strings.HasPrefix(err.Error(), "line "), err)
		}
	}
}
