package schema

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/mysql"
	"github.com/rowmill/rowmill/internal/dialect/sqlite"
)

// FuzzParse holds Parse to what the rest of the package takes for granted of a definition that
// it lets pass, and to errors of one line that name the place. What passes can be written anew from what was
// read, and is read alike, and makes the same tables.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "#", "---", "-> A", "a:int8", "# c\na = 'x' : varchar(4) # d\n-> [nullable] B.C.proj(x='y')\n---\nindex(a)",
		"---\na = \"it's\" : enum(\"x:y\", 'z''') # 100% {x}", "---\nb = null : <blob>", "---\nunique index (a,b) # c",
		"a : int unsigned auto_increment\n---\nb : json\nindex(b.c[0].d:char(20), (lower(a)))", "-> lab.A.proj(..., 'a', y=\"a\",)",
		"-> [unique] B.proj(z='x')\n---\n-> [nullable, unique] A.P\nindex(x, (p + '),(')) # d",
	} {
		f.Add(seed)
	}
	for _, c := range wrongDefinitions(f) {
		f.Add(c.text)
	}
	for _, p := range pasted(f) {
		f.Add(p.definition)
	}
	parents := fuzzParents()
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			require.Regexp(t, `(?s)^line [1-9][0-9]* \(.*\): .`, err.Error())
			return
		}
		requireSane(t, d)
		written := rewrite(d)
		again, err := Parse(written)
		require.NoError(t, err, written)
		require.Equal(t, d.Comment, again.Comment)
		require.Equal(t, withoutPlaces(d), withoutPlaces(again), written)

		one, err := fuzzTable(d, parents)
		other, errAgain := fuzzTable(again, parents)
		require.Equal(t, err == nil, errAgain == nil, "%v\n%v", err, errAgain)
		if err != nil {
			return
		}
		for _, family := range []dialect.Dialect{mysql.Dialect{}, sqlite.Dialect{}} {
			require.Equal(t, family.CreateTable(one.rendered()), family.CreateTable(other.rendered()))
		}
	})
}

func requireSane(t *testing.T, d *Definition) {
	t.Helper()
	require.NotContains(t, d.Comment, "\n")
	for _, a := range d.Attrs() {
		require.Regexp(t, `^[a-z][a-z0-9_]{0,63}$`, a.Name)
		require.NotContains(t, a.Comment, "\n")
		require.NotEmpty(t, a.Type.Stored)
		require.False(t, a.Key && a.Nullable)
		require.Regexp(t, `^(|NULL|CURRENT_TIMESTAMP(\([0-6]\))?|'([^']|'')*')$`, a.Default)
	}
	for _, l := range d.lines {
		switch {
		case l.foreign != nil:
			require.NotEmpty(t, l.foreign.parent)
			require.False(t, l.primary && l.foreign.nullable)
		case l.index != nil:
			require.NotEmpty(t, l.index.Parts)
		}
	}
}

// rewrite writes a definition from what was read of it.
func rewrite(d *Definition) string {
	lines := []string{"#" + d.Comment}
	for i, l := range d.lines {
		if !l.primary && (i == 0 || d.lines[i-1].primary) {
			lines = append(lines, "---")
		}
		switch {
		case l.index != nil:
			lines = append(lines, showIndex(*l.index))
		case l.foreign != nil:
			lines = append(lines, rewriteReference(l.foreign))
		case l.attr.Default != "":
			lines = append(lines, l.attr.Name+"="+l.attr.Default+":"+l.attr.Type.Spec+"#"+l.attr.Comment)
		default:
			lines = append(lines, l.attr.Name+":"+l.attr.Type.Spec+"#"+l.attr.Comment)
		}
	}
	return strings.Join(lines, "\n")
}

func rewriteReference(ref *reference) string {
	text := "->"
	switch {
	case ref.nullable && ref.unique:
		text += "[nullable,unique]"
	case ref.nullable:
		text += "[nullable]"
	case ref.unique:
		text += "[unique]"
	}
	if ref.of != "" {
		text += ref.of + "."
	}
	var items []string
	for _, name := range ref.named {
		items = append(items, "'"+name+"'")
	}
	for old, name := range ref.renamed {
		items = append(items, name+`="`+old+`"`)
		if strings.Contains(old, `"`) {
			items[len(items)-1] = name + "='" + old + "'"
		}
	}
	return text + ref.parent + ".proj(" + strings.Join(items, ",") + ")"
}

// withoutPlaces are the lines of a definition without where they stood.
func withoutPlaces(d *Definition) []line {
	lines := slices.Clone(d.lines)
	for i := range lines {
		lines[i].number, lines[i].text = 0, ""
	}
	return lines
}

// fuzzParents are tables to which definitions refer: A, B, and a part of A, P.
func fuzzParents() []*Table {
	var l library
	for _, p := range [][3]string{{"manual", "A", "a : int8"}, {"manual", "B", "x : int unsigned\ny : varchar(4)"}, {"part", "A.P", "-> master\np : uuid"}} {
		t, err := l.declare(p[0], p[1], p[2])
		if err != nil {
			panic(err)
		}
		l.tables = append(l.tables, t)
	}
	return l.tables
}

func fuzzTable(d *Definition, parents []*Table) (*Table, error) {
	l := library{tables: parents}
	t := &Table{schema: parents[0].schema}
	return t, errors.Join(t.setName("Row"), t.resolve(d, l.parents(t, d)))
}
