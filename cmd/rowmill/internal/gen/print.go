package gen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rowmill/rowmill/schema"
)

// A printer writes the source of a package.
type printer struct {
	strings.Builder
	*unit

	pkg string
}

func newPrinter(pkg string, u *unit) *printer { return &printer{unit: u, pkg: pkg} }

func (p *printer) linef(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *printer) print() string {
	p.header()
	for _, s := range p.schemas {
		p.schema(s)
	}
	for _, t := range p.tables {
		p.table(t)
	}
	return p.String()
}

func (p *printer) header() {
	var of []string
	for _, s := range p.schemas[:p.asked] {
		of = append(of, s.Name())
	}
	noun := "schema"
	if len(of) > 1 {
		noun = "schemas"
	}
	p.comment("Package " + p.pkg + " declares the tables of the " + noun + " " + strings.Join(of, ", ") +
		", as rowmill gen found them in a database.")
	p.linef("//")
	about := "It is yours to edit."
	if slices.ContainsFunc(p.tables, func(t *table) bool { return slices.ContainsFunc(t.fields, field.holdsBlob) }) {
		about += " A field of type any holds what its <blob> does, and a []byte for a longblob the bytes of one:" +
			" both can be of the type that the data have, as []float64."
	}
	p.comment(about)
	if len(p.leftOut) > 0 {
		p.linef("//")
		p.comment("Left out, since no program can declare them:")
		for _, why := range p.leftOut {
			p.linef("//   - %s", printable(why))
		}
	}
	p.linef("package %s\n", p.pkg)
	p.imports()
}

// holdsBlob tells whether a field may hold what is in a blob.
func (f field) holdsBlob() bool { return f.typ == "any" || f.typ == "[]byte" }

// imports imports the packages that the types of fields need.
func (p *printer) imports() {
	p.linef("import (")
	for _, need := range []struct{ prefix, path string }{{"json.", "encoding/json"}, {"time.", "time"}} {
		if slices.ContainsFunc(p.tables, func(t *table) bool { return p.uses(t, need.prefix) }) {
			p.linef("%q", need.path)
		}
	}
	p.linef("")
	if slices.ContainsFunc(p.tables, func(t *table) bool { return p.uses(t, "uuid.") }) {
		p.linef("%q", "github.com/google/uuid")
	}
	p.linef("%q\n)\n", "github.com/rowmill/rowmill/schema")
}

func (p *printer) uses(t *table, prefix string) bool {
	fields := t.fields
	if t.key != nil {
		fields = append(slices.Clone(fields), t.key.fields...)
	}
	return slices.ContainsFunc(fields, func(f field) bool { return strings.HasPrefix(strings.TrimPrefix(f.typ, "*"), prefix) })
}

// schema declares a schema, with the codecs that its definitions name.
func (p *printer) schema(s *schema.Schema) {
	var codecs []string
	for _, t := range p.tables {
		for _, a := range t.Heading().Attrs() {
			if a.Codec == nil || ownCodecs[a.Codec.Name()] != "" || t.Schema().Name() != s.Name() {
				continue
			}
			codec := fmt.Sprintf(", schema.Opaque(%q, %q)", a.Codec.Name(), a.Codec.Stored())
			if !slices.Contains(codecs, codec) {
				codecs = append(codecs, codec)
			}
		}
	}
	name := p.schemaVars[s.Name()]
	p.comment(name + " holds the tables of " + s.Name() + ".")
	p.linef("var %s = schema.New(%q%s)\n", name, s.Name(), strings.Join(codecs, ""))
}

func (p *printer) table(t *table) {
	for _, e := range t.enums {
		p.enum(t, e)
	}
	if k := t.key; k != nil {
		p.comment(article(k.name) + " identifies a row of [" + t.variable + "].")
		p.linef("type %s struct {", k.name)
		p.fields(k.fields)
		p.linef("}\n")
	}
	doc := article(t.row) + " is a row of [" + t.variable + "]"
	if about := tableComment(t.Table); about != "" {
		doc += ": " + about
	}
	p.comment(strings.TrimRight(doc, ".") + ".")
	p.linef("type %s struct {", t.row)
	if class := className(t.Table); class != t.row {
		p.linef("_ struct{} `db:%q` // in the database it is called so", class)
	}
	p.fields(t.fields)
	p.linef("}\n")
	about := fmt.Sprintf("%s is the %s table %s", t.variable, t.Tier(), t.FullName())
	if existing(t.Table) {
		about += ", whose rows other programs make"
	}
	p.comment(about + ".")
	p.declaration(t)
}

// tableComment is the first line of the definition, if it is a comment.
func tableComment(t *schema.Table) string {
	first, _, _ := strings.Cut(t.Definition(), "\n")
	if comment, ok := strings.CutPrefix(first, "#"); ok {
		return strings.TrimSpace(comment)
	}
	return ""
}

func (p *printer) enum(t *table, e enum) {
	p.comment(article(e.name) + " is what " + e.attr + " of [" + t.variable + "] can be.")
	p.linef("type %s string\n", e.name)
	p.comment("The values of " + e.name + ".")
	p.linef("const (")
	for i, c := range e.constants {
		p.linef("%s %s = %s", c, e.name, strconv.Quote(e.members[i]))
	}
	p.linef(")\n")
}

func (p *printer) fields(fields []field) {
	for _, f := range fields {
		line := strings.TrimSpace(f.name + " " + f.typ + " " + f.tag)
		if c := printable(f.comment); c != "" {
			line += " // " + c
		}
		p.linef("%s", line)
	}
}

// declaration writes the variable of a table.
func (p *printer) declaration(t *table) {
	tier, of := goName(t.Tier().String()), p.schemaVars[t.Schema().Name()]
	args := []string{definition(t.Definition())}
	switch {
	case t.Master() != nil:
		of = p.find(t.Master()).variable
	case existing(t.Table):
		tier, of = "Existing", of+", schema.Tier"+tier
	case t.Tier() == schema.TierLookup:
		args = append(args, "nil")
	}
	for _, f := range t.ForeignKeys() {
		if v := p.find(f.Parent).variable; f.Parent != t.Master() && !slices.Contains(args, v) {
			args = append(args, v)
		}
	}
	p.linef("var %s = schema.%s[%s](%s, %s)\n", t.variable, tier, t.row, of, strings.Join(args, ", "))
}

// definition is a literal of a definition: a raw one, unless there is something in it that cannot stand there.
func definition(text string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	if utf8.ValidString(text) && !strings.ContainsAny(text, "`\r\x00\ufeff") {
		return "`\n\t" + strings.Join(lines, "\t") + "\n`"
	}
	for i, line := range lines {
		lines[i] = strconv.Quote(line)
	}
	return strings.Join(lines, " +\n")
}

// article puts the article before a name.
func article(name string) string {
	if strings.ContainsAny(name[:1], "AEIO") {
		return "An " + name
	}
	return "A " + name
}

// comment writes a comment of lines that are not too long.
func (p *printer) comment(text string) {
	const width = 95
	line := "//"
	for word := range strings.FieldsSeq(printable(text)) {
		if len(line) > len("//") && utf8.RuneCountInString(line)+utf8.RuneCountInString(word) > width {
			p.linef("%s", line)
			line = "//"
		}
		line += " " + word
	}
	p.linef("%s", line)
}

// printable is a text without what a line of Go cannot hold, or people cannot see.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return ' '
		}
		return c
	}, text))
}
