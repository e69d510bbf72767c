package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// writeAttr writes the line of an attribute. Where no line can say what its default is, or its codec,
// it says what is nearest.
func (w *writer) writeAttr(c dialect.Column) error {
	l := writtenLine{name: c.Name}
	l.spec, l.comment = w.typeOf(c)
	a, err := w.parse(l)
	if err != nil {
		return err
	}
	if text := spellDefault(c); text != "" {
		with := l
		with.name += " = " + text
		if b, err := w.parse(with); err == nil {
			a, l = b, with
		}
	}
	if !sameColumn(a.column(), c) {
		w.remarkf("%s cannot be said: it is %s", c.Name, showSQL(c))
		w.unsaid[c.Name] = true
	}
	w.declared = append(w.declared, c.Name)
	w.lines = append(w.lines, l)
	return nil
}

func (w *writer) parse(l writtenLine) (Attr, error) {
	if strings.Contains(l.String(), "\n") {
		return Attr{}, fmt.Errorf("%q is more than a line", l.String())
	}
	return w.table.schema.codecs.parseAttr(l.String())
}

// oldMark is how DataJoint marked types, in comments, before there were codecs.
var oldMark = regexp.MustCompile(`^:([a-z][\w@-]*):(.*)$`)

// typeOf is the spelling of a column's type, and its comment. What is said of a type that cannot be
// said goes into the comment.
func (w *writer) typeOf(c dialect.Column) (spec, comment string) {
	c.Comment = strings.ReplaceAll(c.Comment, "\t", " ") // which definitions would have up to the next column
	comment = oneLine(c.Comment)
	if m := oldMark.FindStringSubmatch(c.Comment); m != nil {
		rest := plainComment(m[2])
		if m[1] == "attach" && c.Type.Kind == datatype.Bytes {
			return "<attach>", rest
		}
		return c.Type.Spec, strings.TrimSuffix(m[1]+": "+rest, ": ")
	}
	comment = plainComment(comment)
	if c.Type.Codec == "" {
		return c.Type.Spec, comment
	}
	if codec := w.table.schema.codecs[c.Type.Codec]; codec != nil {
		if t, ok := datatype.OfCodec(codec.Name(), codec.Stored()); ok && datatype.Same(t, c.Type) {
			return c.Type.Spec, comment
		}
	}
	return c.Type.Stored, strings.TrimSuffix(oneLine(c.Type.Spec)+": "+comment, ": ")
}

// bareNumber is a default that needs no quotes.
var bareNumber = regexp.MustCompile(`^[+-]?[\d.]+(?:[eE][+-]?\d+)?$`)

// spellDefault is a column's default as a definition has it; empty for none.
func spellDefault(c dialect.Column) string {
	text, isText := defaultText(c)
	switch {
	case c.Nullable:
		return "null"
	case isText && numeric(c.Type) && bareNumber.MatchString(text):
		return text
	case isText:
		return dialect.Literal(text)
	case text == "NULL":
		return ""
	}
	return text
}

// showSQL shows what the database has of a column.
func showSQL(c dialect.Column) string {
	text := c.Type.Spec
	if c.Nullable {
		text += " NULL"
	}
	if c.Default != "" {
		text += " DEFAULT " + c.Default
	}
	return text
}

func numeric(t datatype.Type) bool {
	kinds := []datatype.Kind{datatype.Integer, datatype.Float, datatype.Bool, datatype.Decimal, datatype.Year}
	return slices.Contains(kinds, t.Kind)
}

// writeIndexes writes the indexes in the order of their spelling, as servers keep no other.
func (w *writer) writeIndexes() {
	var visible []Attr
	for _, c := range w.found.Columns {
		if !c.Hidden() {
			visible = append(visible, w.attr(c))
		}
	}
	probe := &Table{heading: NewHeading(visible)}
	var texts []string
	for _, i := range w.indexes {
		text := showIndex(i)
		err := probe.checkIndex(i)
		if err == nil {
			_, err = parseIndex(text)
		}
		if err != nil || strings.Contains(text, "\n") {
			w.remarkf("%s cannot be said: %v", text, err)
			continue
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, text := range texts {
		w.lines = append(w.lines, writtenLine{text: text})
	}
}

// withHidden adds the hidden columns to the attributes of the definition.
func (w *writer) withHidden(visible []Attr) []Attr {
	var first, last []Attr
	for _, c := range w.found.Columns {
		switch a := w.attr(c); {
		case c.Name == singletonName && w.inKey(c):
			a.Origin = w.table.FullName() + "." + singletonName
			first = append(first, a)
		case c.Hidden():
			last = append(last, a)
		}
	}
	return slices.Concat(first, visible, last)
}

// attr is a column as an attribute that no foreign key brings.
func (w *writer) attr(c dialect.Column) Attr {
	return Attr{
		Name: c.Name, Type: c.Type, Codec: w.table.schema.codecs[c.Type.Codec],
		Nullable: c.Nullable, Default: c.Default, Comment: c.Comment, Unmarked: c.Unmarked,
	}
}

// remarkf keeps what the definition cannot say, to be said to its reader.
func (w *writer) remarkf(format string, args ...any) {
	w.remarks = append(w.remarks, oneLine(fmt.Sprintf(format, args...)))
}

// A writtenLine is a line of a definition. An attribute's is in pieces, which text aligns.
type writtenLine struct{ text, name, spec, comment string }

func (l writtenLine) String() string {
	switch {
	case l.text != "":
		return l.text
	case l.comment == "":
		return l.name + " : " + l.spec
	}
	return l.name + " : " + l.spec + "  # " + l.comment
}

// The longest names and types with which others are aligned.
const widestName, widestType = 24, 24

// text is the definition.
func (w *writer) text() string {
	var b strings.Builder
	if c := plainComment(w.found.Comment); c != "" {
		fmt.Fprintf(&b, "# %s\n", c)
	}
	name, spec := 0, 0
	for _, l := range w.lines {
		if n := utf8.RuneCountInString(l.name); n <= widestName {
			name = max(name, n)
		}
		if n := utf8.RuneCountInString(l.spec); n <= widestType && l.comment != "" {
			spec = max(spec, n)
		}
	}
	for _, l := range w.lines {
		if l.text == "" {
			l.name = fmt.Sprintf("%-*s", name, l.name)
		}
		if l.comment != "" {
			l.spec = fmt.Sprintf("%-*s", spec, l.spec)
		}
		b.WriteString(l.String() + "\n")
	}
	for _, r := range w.remarks {
		fmt.Fprintf(&b, "# %s\n", r)
	}
	return b.String()
}

// plainComment is a comment as it can stand in a definition: in a line, and with no colon before it.
func plainComment(comment string) string {
	return strings.TrimLeftFunc(oneLine(comment), func(c rune) bool { return c == ':' || unicode.IsSpace(c) })
}

func oneLine(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text))
}
