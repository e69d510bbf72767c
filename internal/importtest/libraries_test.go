package importtest

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A library is one that only some packages link, as not everybody wants it.
type library struct {
	prefix string   // of the paths of its packages
	pkgs   []string // patterns as in a floor
}

var libraries = []library{
	{prefix: "github.com/prometheus/", pkgs: []string{"populate/metrics"}},
	{prefix: "github.com/santhosh-tekuri/", pkgs: []string{"schema/jsonschema", "examples/alarms/..."}},
}

// TestLibraries fails when a package links what it should not, be it through others. The go command says
// what is linked, since libraries import libraries; what the module's own files import is looked at besides, as go
// test runs this again only when a file has changed that the test itself has read.
func TestLibraries(t *testing.T) {
	for _, f := range sources(t) {
		for _, l := range libraries {
			if !f.test && !l.allows(f.pkg) && slices.ContainsFunc(f.imports, l.has) {
				t.Errorf("%s imports %s…, which is for %v only", f.path, l.prefix, l.pkgs)
			}
		}
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	list.Dir = path.Join("..", "..")
	out, err := list.Output()
	require.NoError(t, err)
	linked := map[string]int{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := strings.TrimPrefix(strings.TrimPrefix(words[0], module), "/")
		for _, l := range libraries {
			switch has := slices.ContainsFunc(words[1:], l.has); {
			case has && !l.allows(pkg):
				t.Errorf("%q links %s…, which is for %v only", pkg, l.prefix, l.pkgs)
			case has:
				linked[l.prefix]++
			}
		}
	}
	for _, l := range libraries {
		require.Positive(t, linked[l.prefix], "nobody links %s…: is it still in the module?", l.prefix)
	}
}

func (l library) has(path string) bool { return strings.HasPrefix(path, l.prefix) }

func (l library) allows(pkg string) bool {
	return slices.ContainsFunc(l.pkgs, func(pattern string) bool { return in(pkg, pattern) })
}
