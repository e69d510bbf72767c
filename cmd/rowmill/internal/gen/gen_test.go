package gen

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	for noun, many := range map[string]string{
		"Session": "Sessions", "Spectrum": "Spectra", "Body": "Bodies", "Day": "Days", "Analysis": "Analyses", "Class": "Classes",
		"Box": "Boxes", "Batch": "Batches", "Mouse": "Mice", "House": "Houses", "Person": "People", "Index": "Indices",
		"AllTypes": "AllTypes", "Data": "Data", "Focus": "Focuses", "X": "Xs", "ABTest": "ABTests", "Stimulus": "Stimuli", "S": "Ss",
	} {
		require.Equal(t, many, plural(noun), noun)
	}
	for text, name := range map[string]string{
		"lab": "Lab", "my_lab-2": "MyLab2", "wavelet/2": "Wavelet2", "+": "", "ωave": "Ωave", "it's": "ItS", "": "",
	} {
		require.Equal(t, name, goName(text))
	}
	for schema, name := range map[string]string{"lab": "lab", "My_Lab-2": "mylab2", "type": "typedb", "main": "maindb"} {
		require.Equal(t, name, packageName(schema))
	}
	taken := names{}
	require.Equal(t, []string{"A", "B", "B2", "B3"}, []string{
		taken.take("A", "B"), taken.take("A", "B"), taken.take("A", "B"), taken.take("A", "B"),
	})
	taken = names{}
	for _, c := range [][3]string{{"x1", "X1", ""}, {"x_1", "X_1", ""}, {"x__1", "X__1", ""}, {"a__b", "AB", "`db:\"a__b\"`"}, {"subject_id", "SubjectID", ""}} {
		field := fieldName(taken, c[0])
		require.Equal(t, c[1], field)
		require.Equal(t, c[2], tag(field, c[0]))
	}
}

// hostileTexts are texts that sources of Go cannot hold as they are.
var hostileTexts = []string{
	"plain", "`", "a\rb", "nul \x00", "\ufeffmark", "not \xff UTF-8", `\n "q" 'r'`, "*/ // /*", "\u2028 \u202e reversed", "%d", "",
}

// TestDefinition wants each literal to be that of its text, but for white space around lines.
func TestDefinition(t *testing.T) {
	for _, text := range hostileTexts {
		text = "# " + text + "\na : int8\n" + "# " + text
		source, err := format.Source([]byte("package p\n\nvar x = f(" + definition(text) + ")\n"))
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
		require.NoError(t, err)
		found := ""
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok {
				one, err := strconv.Unquote(l.Value)
				require.NoError(t, err)
				found += one
			}
			return true
		})
		require.Equal(t, trimmed(text), trimmed(found))
	}
}

func trimmed(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return lines
}

// TestComment wants comments that are comments, and nothing besides.
func TestComment(t *testing.T) {
	for _, text := range hostileTexts {
		p := newPrinter("p", nil)
		p.linef("package p\n")
		p.comment("X is " + strings.Repeat(text+" ", 40))
		p.linef("var X = 1 // %s", printable(text+"\nvar Y = 2"))
		file, err := parser.ParseFile(token.NewFileSet(), "", p.String(), parser.ParseComments)
		require.NoError(t, err)
		require.Len(t, file.Decls, 1)
		for line := range strings.Lines(p.String()) {
			require.Less(t, len(line), 250)
		}
	}
}
