package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A library holds the tables that a file below testdata declares: by lines as "Manual Subject",
// "Part Session.Trial" or "Manual far.Subject", each with a definition below it.
type library struct {
	codecs  []Codec
	schemas map[string]*Schema
	tables  []*Table
}

// schema is the schema of a name, made when it is asked for.
func (l *library) schema(name string) *Schema {
	if l.schemas == nil {
		l.schemas = map[string]*Schema{}
	}
	if l.schemas[name] == nil {
		l.schemas[name] = New(name, l.codecs...)
	}
	return l.schemas[name]
}

// find is the table of a name, with its schema before it if that is not "lab".
func (l *library) find(name string) *Table {
	schema, class := cutSchema(name)
	for _, t := range l.tables {
		if t.schema.name == schema && t.class == class {
			return t
		}
	}
	panic("no table " + name)
}

// cutSchema cuts the schema's name off, which begins with a small letter.
func cutSchema(name string) (schema, class string) {
	if before, after, ok := strings.Cut(name, "."); ok && before == strings.ToLower(before) {
		return before, after
	}
	return "lab", name
}

// declare declares a table, as a program does that has a struct for it.
func (l *library) declare(tier, name, definition string, parents ...Declared) (*Table, error) {
	schema, class := cutSchema(name)
	t := &Table{schema: l.schema(schema), definition: definition, declaredAt: "testdata"}
	for t.tier = TierManual; !strings.EqualFold(t.tier.String(), tier); t.tier++ {
	}
	if i := strings.LastIndex(class, "."); t.tier == TierPart {
		t.master, class = l.find(schema+"."+class[:i]), class[i+1:]
	}
	if err := t.setName(class); err != nil {
		return nil, err
	}
	d, err := t.schema.codecs.parse(definition)
	if err != nil {
		return nil, err
	}
	if parents == nil {
		parents = l.parents(t, d)
	}
	if err := t.resolve(d, parents); err != nil {
		return nil, err
	}
	return t, t.schema.add(t)
}

// parents are the tables that a definition names.
func (l *library) parents(t *Table, d *Definition) []Declared {
	var all []Declared
	for _, line := range d.lines {
		if line.foreign == nil {
			continue
		}
		r := resolver{table: t, parents: l.tables, used: map[*Table]bool{}}
		if p, err := r.parent(line.foreign); err == nil && p != t.master && !slices.Contains(all, Declared(p)) {
			all = append(all, p)
		}
	}
	return all
}

// readText reads a file below testdata.
func readText(t testing.TB, path ...string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, path...)...))
	require.NoError(t, err)
	return string(file)
}

// sections cuts a text at its lines that begin with a mark: what follows the mark, and the lines below it.
func sections(text, mark string) (heads, bodies []string) {
	for _, s := range strings.Split("\n"+text, "\n"+mark)[1:] {
		head, body, _ := strings.Cut(s, "\n")
		heads, bodies = append(heads, strings.TrimSpace(head)), append(bodies, body)
	}
	return heads, bodies
}

// A wrongDefinition is one of testdata/errors.txt.
type wrongDefinition struct {
	tier, name string
	parents    []string
	text       string
	wanted     string // the whole error
}

// wrongDefinitions are those of testdata/errors.txt, which says how it is written.
func wrongDefinitions(t testing.TB) []wrongDefinition {
	t.Helper()
	_, text, _ := strings.Cut(readText(t, "errors.txt"), "\n===")
	heads, bodies := sections("==="+text, "===")
	all := make([]wrongDefinition, len(heads))
	for i, head := range heads {
		c := wrongDefinition{tier: "Manual", name: "Row"}
		declaration, wanted, ofTable := strings.Cut(head, "###")
		words := strings.Fields(declaration)
		if len(words) > 0 {
			c.tier, c.name, c.parents = words[0], words[1], words[2:]
		}
		if ofTable {
			c.wanted = strings.TrimSpace(wanted)
		}
		var lines []string
		for n, l := range strings.Split(strings.TrimSuffix(bodies[i], "\n"), "\n") {
			line, message, found := strings.Cut(l, "###")
			if found {
				require.Empty(t, c.wanted, "two messages in\n%s", bodies[i])
				c.wanted = fmt.Sprintf("line %d (%s): %s", n+1, strings.TrimSpace(line), strings.TrimSpace(message))
			}
			lines = append(lines, line)
		}
		require.NotEmpty(t, c.wanted, "no ### in\n%s\n%s", head, bodies[i])
		c.text = strings.Join(lines, "\n")
		all[i] = c
	}
	return all
}
