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
	"comment":    {[]string{"#", "#c", "a : int8 #", "a : int8 # x : y # z"}, []string{"#:c", "# : c", "a : int8 # : c"}},
	"line":       {[]string{"# c\n# r\na : int8\n---\n-> B\nindex(a)"}, []string{"a", "a int8", "= : int8"}},
	"remark":     {[]string{"a : int8\n# r", "a : int8\n#", "-> B # : r", "a : int8\nindex(a) # : r"}, []string{"a : int8\n// r"}},
	"divider":    {[]string{"---", "-----", "--- secondary", "a : int8\n---\nb : int8"}, []string{"--", "---\n---", "- --"}},
	"attribute":  {[]string{"a:int8", "a=5:int8#c", " a = 5 : int8 # c "}, []string{"a : int8 = 5", "a := 5 : int8", "a : ", "a"}},
	"name":       {[]string{"a1_b : int8", "order : int8", "null : int8"}, []string{"A : int8", "_a : int8", "1a : int8", "a b : int8", "ä : int8"}},
	"default":    {[]string{"---\na = null : <blob>", "---\na = NULL : int8", "a = 5 : int8"}, []string{"a = : int8", "---\na = 5 : json", "---\na = 'x' : uuid"}},
	"now": {[]string{"a = CURRENT_TIMESTAMP : datetime", "a = current_timestamp(3) : datetime(3)"},
		[]string{"a = CURRENT_TIMESTAMP : datetime(3)", "a = CURRENT_TIMESTAMP(7) : datetime", "a = CURRENT_TIMESTAMP : date", "a = NOW() : datetime"}},
	"quoted": {[]string{"a = 'it''s \"b\" : # c' : varchar(20)", `a = "it's" : varchar(9)`, "a = '' : char(1)", "a = '5' : int8"},
		[]string{"a = 'it's' : varchar(9)", `a = "a""b" : varchar(9)`, `a = 'a\b' : varchar(9)`, "a = 'a' 'b' : varchar(9)"}},
	"bare": {[]string{"a = mouse : varchar(9)", "a = two words : varchar(9)", "a = -1.5e3 : float64", "a = true : bool", "a = 2024-01-02 : date"},
		[]string{"a = b'c' : varchar(9)", `a = \n : varchar(9)`, "a = 2024-01-02 03:04:05 : datetime"}},
	"type": {[]string{
		"a : int8", "a : int16", "a : int32", "a : int64", "a : float32", "a : float64", "a : bool", "a : char(255)", "a : varchar(16383)",
		"a : decimal(5)", "a : decimal(5,2)", "a : decimal(65, 30)", "a : enum('a')", "a : enum('a' , \"b\",'c')", "a : date", "a : datetime",
		"a : datetime(6)", "---\na : json", "a : uuid", "---\na : bytes", "---\na : <blob>",
	}, []string{
		"a : INT8", "a : int", "a : int 8", "a : char", "a : char(0)", "a : char(256)", "a : varchar(16384)", "a : varchar( 5 )", "a : decimal",
		"a : decimal(0)", "a : decimal(66)", "a : decimal(2,3)", "a : decimal(40,31)", "a : enum", "a : enum()", "a : enum(a)", "a : <blab>", "a : blob",
	}},
	"member": {[]string{"a : enum('it''s')", `a : enum("say ""hi""", "it's", 'x:y#z(')`}, []string{`a : enum('a\b')`, "a : enum('a','a')", "a : enum('a','A ')", "a : enum('it's')"}},
	"places": {[]string{"a : datetime(0)", "a : datetime(6)"}, []string{"a : datetime(7)", "a : datetime()", "a : datetime(03)"}},
	"foreign_key": {[]string{"-> B", "->B", "-> B # r", "---\n-> [nullable, unique] B.C.proj(x='y') # r", "-> [] B"},
		[]string{"->", "- > B", "-> B C", "-> B & 'x'", "-> b.c"}},
	"option":     {[]string{"-> [unique] B", "---\n-> [ Nullable , UNIQUE ] B"}, []string{"-> [nullable] B", "-> [big] B"}},
	"parent":     {[]string{"-> B", "-> B.C", "-> master"}, []string{"-> B.c", "-> B.C.D", "-> 1B"}},
	"projection": {[]string{"-> B.proj()", "-> B.proj(x='y')", "-> B.proj( x = 'y' , z='w' )"}, []string{"-> B.proj", "-> B.proj(x='y'", "-> B.proj(x='y',)"}},
	"renaming":   {[]string{"-> B.proj(x='y')", `-> B.proj(x="y")`}, []string{"-> B.proj(x=y)", "-> B.proj('y')", "-> B.proj(_x='y')", "-> B.proj(X='y')"}},
	"index":      {[]string{"index(a)", "INDEX ( a , b )", "unique index(a)", "Unique Index (a) # r"}, []string{"index", "index(", "index()", "index(a,)", "index(lower(a))", "unique(a)"}},
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
	for _, name := range names {
		p, ok := productions[name]
		require.True(t, ok, "%s has no cases", name)
		require.NotEmpty(t, p.right, name)
		require.NotEmpty(t, p.wrong, name)
		for _, text := range p.right {
			_, err := Parse(text)
			require.NoError(t, err, "%s: %s", name, text)
		}
		for _, text := range p.wrong {
			_, err := Parse(text)
			require.Error(t, err, "%s: %s", name, text)
			require.True(t, strings.HasPrefix(err.Error(), "line "), err)
		}
	}
}
