package importtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A source is one Go file of the module.
type source struct {
	path    string // below the module's root, with slashes
	pkg     string // path of its package below the module's, "" for the root
	test    bool
	imports []string
	fset    *token.FileSet
	file    *ast.File
}

// sources parses every Go file of the module, whatever system it is built for.
//
// The files are read here rather than by the go command, so that go test knows of
// them: it runs the tests again, instead of repeating a stored result, when one changes.
func sources(t *testing.T) []source {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(root, "go.mod"))

	var files []source
	fset := token.NewFileSet()
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != root && skipped(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files = append(files, newSource(filepath.ToSlash(rel), fset, file))
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// skipped reports whether the go command does not look for packages in a directory.
func skipped(dir string) bool {
	name := filepath.Base(dir)
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor"
}

func newSource(rel string, fset *token.FileSet, file *ast.File) source {
	s := source{path: rel, pkg: pkgOf(rel), test: isTest(rel), fset: fset, file: file}
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
			s.imports = append(s.imports, imported)
		}
	}
	return s
}

// pkgOf returns the path, below the module's, of the package that a file belongs to.
func pkgOf(rel string) string {
	dir := path.Dir(rel)
	if dir == "." {
		return ""
	}
	return dir
}

func isTest(rel string) bool { return strings.HasSuffix(rel, "_test.go") }
