package importtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dialectNames are the names of the database servers.
var dialectNames = []string{"mysql", "mariadb", "sqlite"}

// nameHome is the one file above internal/ that may hold them: it reads DSNs.
const nameHome = "dsn.go"

// TestNoSwitchOnADialect fails when a file above internal/ writes the name of a
// server, since there is nothing to do with it but to compare it. What servers do
// differently is a method of the dialect interface.
func TestNoSwitchOnADialect(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.path == nameHome || in(f.pkg, "internal/...") {
			continue
		}
		for _, fault := range dialectLiterals(f.fset, f.file) {
			t.Errorf("%s: want a method of the dialect", fault)
		}
	}
}

// dialectLiterals says where a file holds a server's name as a string. A text that
// only mentions one, like an error message, is no concern.
func dialectLiterals(fset *token.FileSet, file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			return true
		}
		for _, name := range dialectNames {
			if strings.EqualFold(text, name) {
				found = append(found, fmt.Sprintf("%s: the name of a server, %s", fset.Position(lit.Pos()), lit.Value))
			}
		}
		return true
	})
	return found
}

func TestDialectLiteralsAreFound(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", `package x

import _ "modernc.org/sqlite"

const server = "MySQL"

func f(d interface{ Name() string }) string {
	switch d.Name() {
	case "mariadb":
		return "no mysql server there"
	}
	if d.Name() == `+"`sqlite`"+` {
		return "sqlite:lab.db"
	}
	return ""
}
`, parser.SkipObjectResolution)
	require.NoError(t, err)
	require.Equal(t, []string{
		`x.go:5:16: the name of a server, "MySQL"`,
		`x.go:9:7: the name of a server, "mariadb"`,
		"x.go:12:17: the name of a server, `sqlite`",
	}, dialectLiterals(fset, file))
}
