package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/mysql"
	"github.com/rowmill/rowmill/internal/dialect/sqlite"
)

// FuzzParse holds Parse to what the rest of the package takes for granted of a definition that
// it lets pass, and to errors of one line that name the place.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "#", "---", "-> A", "a:int8", "# c\na = 'x' : varchar(4) # d\n-> [nullable] B.C.proj(x='y')\n---\nindex(a)",
		"---\na = \"it's\" : enum(\"x:y\", 'z''') # 100% {x}", "---\nb = null : <blob>", "---\nunique index (a,b) # c",
	} {
		f.Add(seed)
	}
	file, err := os.ReadFile(filepath.Join("testdata", "errors.txt"))
	require.NoError(f, err)
	for _, seed := range strings.Split(string(file), "\n===\n")[1:] {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			require.Regexp(t, `(?s)^line [1-9][0-9]* \(.*\): .`, err.Error())
			return
		}
		require.NotContains(t, d.Comment, "\n")
		for _, a := range d.Attrs() {
			require.Regexp(t, `^[a-z][a-z0-9_]{0,63}$`, a.Name)
			require.NotContains(t, a.Comment, "\n")
			require.NotEmpty(t, a.Type.Core)
			require.False(t, a.Key && a.Nullable)
			require.Regexp(t, `^(|NULL|CURRENT_TIMESTAMP(\([0-6]\))?|'([^']|'')*')$`, a.Default)

			// A definition that passes once more with the attribute's own spelling says the same.
			again, err := Parse("---\n" + a.Name + ":" + a.Type.Spec + "#" + a.Comment)
			require.NoError(t, err)
			require.Equal(t, a.Type, again.Attrs()[0].Type)
			require.Equal(t, a.Comment, again.Attrs()[0].Comment)
		}
		for _, l := range d.lines {
			if l.foreign != nil {
				require.NotEmpty(t, l.foreign.parent)
				require.False(t, l.primary && l.foreign.nullable)
			}
		}
		render(d)
	})
}

// render has both families of servers spell the table of a definition.
func render(d *Definition) {
	t := &Table{schema: New("s"), name: "t", comment: d.Comment, heading: NewHeading(d.Attrs()), indexes: d.indexes}
	for _, family := range []dialect.Dialect{mysql.Dialect{}, sqlite.Dialect{}} {
		family.CreateTable(t.rendered())
	}
}
