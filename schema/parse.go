package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/spell"
)

// A Definition is the text of a table's definition, read: see grammar.txt beside this file.
// It does not know yet what its foreign keys refer to.
type Definition struct {
	Comment string
	lines   []line
}

// A line declares an attribute, the attributes of a foreign key, or an index.
type line struct {
	number  int
	text    string
	primary bool // above the ---
	attr    Attr
	foreign *reference     // instead of attr
	index   *dialect.Index // instead of attr
}

// fault says that an error is this line's. What is no line's own fault has a line without a number.
func (l line) fault(err error) error {
	if err == nil || l.number == 0 {
		return err
	}
	return fmt.Errorf("line %d (%s): %w", l.number, l.text, err)
}

// A reference is a foreign key as it is written.
type reference struct {
	parent   string            // "Session", "Spectrum.Peak", "master" or "master.Peak"
	of       string            // the schema's name, or a Python module's, before it; or empty
	renamed  map[string]string // attribute of the parent → attribute here
	named    []string          // attributes of the parent that a projection names beside these
	nullable bool
	unique   bool
}

// Parse reads the text of a definition, which may have types of <blob>, <attach> and these
// codecs. Its error names the line and what is wrong with it.
func Parse(text string, others ...Codec) (*Definition, error) {
	known, err := newCodecs(others)
	if err != nil {
		return nil, err
	}
	return known.parse(text)
}

func (all codecs) parse(text string) (*Definition, error) {
	d := &Definition{}
	primary, first := true, true
	for i, raw := range strings.Split(text, "\n") {
		l := line{number: i + 1, text: strings.TrimSpace(raw), primary: primary}
		var err error
		switch {
		case l.text == "":
			continue
		case !utf8.ValidString(l.text):
			err = fmt.Errorf("it is no text in UTF-8")
		case strings.HasPrefix(l.text, "#"):
			if first {
				err = d.setComment(strings.TrimSpace(l.text[1:]))
			}
		case strings.HasPrefix(l.text, "---"):
			primary = false
		default:
			err = all.parseLine(&l)
			d.lines = append(d.lines, l)
		}
		if err != nil {
			return nil, l.fault(err)
		}
		first = false
	}
	return d, nil
}

// maxTableComment is how many letters the longest comment on a table has that servers take.
const maxTableComment = 2048

func (d *Definition) setComment(text string) error {
	d.Comment = text
	if n := utf8.RuneCountInString(text); n > maxTableComment {
		return fmt.Errorf("the comment has %d letters; servers take at most %d", n, maxTableComment)
	}
	return checkComment(text)
}

func checkComment(text string) error {
	if strings.HasPrefix(text, ":") {
		return fmt.Errorf("a comment cannot begin with a colon")
	}
	return nil
}

// Attrs are the attributes that the definition declares by lines of their own.
func (d *Definition) Attrs() []Attr {
	var attrs []Attr
	for _, l := range d.lines {
		if l.foreign == nil && l.index == nil {
			attrs = append(attrs, l.attr)
		}
	}
	return attrs
}

func (all codecs) parseLine(l *line) (err error) {
	switch {
	case strings.HasPrefix(l.text, "->"):
		l.foreign, err = parseReference(l.text)
		if err == nil && l.foreign.nullable && l.primary {
			err = fmt.Errorf("a key cannot be nullable: put the foreign key below the ---")
		}
	case indexHead.MatchString(l.text):
		l.index, err = parseIndex(l.text)
	default:
		l.attr, err = all.parseAttr(l.text)
		l.attr.Key = l.primary
		if err == nil && l.primary {
			err = l.attr.checkKey()
		}
	}
	return err
}

// checkKey wants an attribute to be one that can be in a primary key.
func (a Attr) checkKey() error {
	switch {
	case a.Nullable:
		return fmt.Errorf("%q is part of the primary key, which cannot be null", a.Name)
	case a.Type.Large() || a.empty():
		return fmt.Errorf("%q is part of the primary key, which cannot be of type %s", a.Name, a.Type.Spec)
	}
	return nil
}

// empty tells whether the attribute has only values without a letter, which servers do not index.
func (a Attr) empty() bool {
	sized := []datatype.Kind{datatype.Char, datatype.Varchar, datatype.Binary, datatype.Varbinary}
	return a.Type.Size == 0 && slices.Contains(sized, a.Type.Kind)
}

var (
	arrow = regexp.MustCompile(`^->\s*(?:\[\s*(\w+(?:\s*,\s*\w+)*)\s*\]\s*)?` + // options
		`((?:[A-Za-z_][\w-]*\s*\.\s*)*?)((?:[A-Z]\w*|master)(?:\s*\.\s*[A-Z]\w*)?|self)\s*(?:\(\s*\)\s*)?` + // module, table
		`(?:\.\s*proj\s*\(([^()]*)\))?\s*(?:#.*)?$`)
	renaming  = regexp.MustCompile(`^([a-z][a-z0-9_]*)\s*=\s*(?:'([^']*)'|"([^"]*)")$`)
	naming    = regexp.MustCompile(`^(?:'-?([a-z][a-z0-9_]*)'|"-?([a-z][a-z0-9_]*)")$`)
	words     = regexp.MustCompile(`\w+`)
	spaces    = regexp.MustCompile(`\s+`)
	indexHead = regexp.MustCompile(`(?i)^(unique\s+)?index\s*\(`)
	remark    = regexp.MustCompile(`^\s*(?:#.*)?$`)

	uniqueOnly = regexp.MustCompile(`(?i)^(?:unique|key|primary key)\s*\(`)
)

func parseReference(s string) (*reference, error) {
	m := arrow.FindStringSubmatch(s)
	if m == nil || m[2] != "" && strings.HasPrefix(m[3], "master") {
		return nil, fmt.Errorf(`a foreign key is written "-> Table", "-> [nullable] Table" or "-> Table.proj(new='old')"`)
	}
	modules := strings.Split(strings.TrimSuffix(spaces.ReplaceAllString(m[2], ""), "."), ".")
	ref := &reference{parent: spaces.ReplaceAllString(m[3], ""), of: modules[len(modules)-1], renamed: map[string]string{}}
	for _, option := range words.FindAllString(m[1], -1) {
		switch strings.ToLower(option) {
		case "nullable":
			ref.nullable = true
		case "unique":
			ref.unique = true
		default:
			return nil, fmt.Errorf("%q is no option of a foreign key; nullable and unique are%s", option, spell.Guess(option, []string{"nullable", "unique"}))
		}
	}
	if ref.parent == "self" {
		return nil, errSelf
	}
	return ref, ref.project(m[4])
}

// errSelf is said of a table that refers to itself.
var errSelf = errors.New(`a table cannot refer to itself: declare the pairs of its rows as a table of their own, which refers to it twice`)

// project reads what stands between the parentheses of .proj( ).
func (ref *reference) project(list string) error {
	if list = strings.TrimSpace(list); list == "" {
		return nil
	}
	for item := range strings.SplitSeq(strings.TrimSuffix(list, ","), ",") {
		item = strings.TrimSpace(item)
		if item == "..." { // all attributes, of which those of the key count
			continue
		}
		if m := naming.FindStringSubmatch(item); m != nil {
			ref.named = append(ref.named, m[1]+m[2])
			continue
		}
		m := renaming.FindStringSubmatch(item)
		if m == nil {
			return fmt.Errorf("%q does not rename an attribute: new='old' is wanted", item)
		}
		if err := ref.rename(m[2]+m[3], m[1]); err != nil {
			return err
		}
	}
	return nil
}

func (ref *reference) rename(from, to string) error {
	if ref.renamed[from] != "" {
		return fmt.Errorf("%q is renamed twice", from)
	}
	for other, name := range ref.renamed {
		if name == to {
			return fmt.Errorf("%q and %q are both renamed to %q", other, from, to)
		}
	}
	ref.renamed[from] = to
	return nil
}

func parseIndex(s string) (*dialect.Index, error) {
	head := indexHead.FindStringSubmatch(s)
	inner, rest, found := cutAtParenthesis(s[len(head[0]):])
	if !found || !remark.MatchString(rest) {
		return nil, fmt.Errorf("an index is written index(a, b), index(a.path.to.value) or index((expression))")
	}
	parts, err := dialect.ParseIndex(strings.TrimSuffix(strings.TrimSpace(inner), ","))
	return &dialect.Index{Unique: head[1] != "", Parts: parts}, err
}

// cutAtParenthesis cuts s at the parenthesis that closes the one before it.
func cutAtParenthesis(s string) (before, after string, found bool) {
	var quote byte
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return s[:i], s[i+1:], true
		case c == ')':
			depth--
		}
	}
	return s, "", false
}

func (all codecs) parseAttr(s string) (Attr, error) {
	head, rest, found := cutOutsideQuotes(s, ':')
	if !found {
		if uniqueOnly.MatchString(s) {
			return Attr{}, fmt.Errorf("an index is written index(a, b) or unique index(a, b)")
		}
		return Attr{}, fmt.Errorf(`an attribute is written "name : type  # comment"`)
	}
	spec, _, _ := cutOutsideQuotes(rest, '#')
	_, comment, _ := cutOutsideQuotes(withoutTabs(s), '#')
	name, def, hasDefault := strings.Cut(head, "=")
	a := Attr{Name: strings.TrimSpace(name), Comment: strings.TrimSpace(comment)}
	switch {
	case strings.HasPrefix(a.Name, "_"):
		return a, fmt.Errorf("%q begins with an underscore, which marks columns that users do not see", a.Name)
	case !attrName.MatchString(a.Name):
		return a, fmt.Errorf("%q is no name for an attribute: small letters, digits and underscores are, a letter first", a.Name)
	case len(a.Name) > maxName:
		return a, fmt.Errorf("%q has %d letters; databases take at most %d", a.Name, len(a.Name), maxName)
	}
	if err := checkComment(a.Comment); err != nil {
		return a, err
	}
	if err := all.setType(&a, strings.TrimSpace(spec)); err != nil {
		return a, err
	}
	if hasDefault {
		return a.withDefault(strings.TrimSpace(def))
	}
	return a, nil
}

// withoutTabs has spaces for tabs, each up to the next of every eight columns: so DataJoint reads attributes, which
// shows in their comments.
func withoutTabs(s string) string {
	pieces := strings.Split(s, "\t")
	for i, p := range pieces[:len(pieces)-1] {
		pieces[i] = p + strings.Repeat(" ", 8-utf8.RuneCountInString(p)%8)
	}
	return strings.Join(pieces, "")
}

func (all codecs) setType(a *Attr, spec string) error {
	var ok bool
	if strings.HasPrefix(spec, "<") && strings.HasSuffix(spec, ">") {
		if a.Codec, ok = all[spec[1:len(spec)-1]]; ok {
			a.Type, ok = datatype.OfCodec(a.Codec.Name(), a.Codec.Stored())
		}
	} else {
		a.Type, ok = datatype.Parse(spec)
	}
	if !ok {
		return fmt.Errorf("%q is no type%s", spec, all.guessType(spec))
	}
	return a.Type.Check()
}

// cutOutsideQuotes cuts s at the first sep that does not stand in a quoted text.
func cutOutsideQuotes(s string, sep byte) (before, after string, found bool) {
	var quote byte
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == sep:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// foreign are spellings of types that other languages have.
var foreign = map[string]string{
	"string": "varchar(n)", "str": "varchar(n)", "varchar": "varchar(n)", "char": "char(n)", "enum": "enum('a','b')", "boolean": "bool",
	"number": "float64", "long": "int64", "uint8": "tinyint unsigned", "uint16": "smallint unsigned",
	"uint32": "int unsigned", "uint64": "bigint unsigned", "time.time": "datetime",
}

// natives are types of servers that definitions of DataJoint's have, for guesses.
var natives = []string{
	"tinyint", "smallint", "mediumint", "int", "integer", "bigint", "int unsigned", "bigint unsigned", "int auto_increment",
	"float", "double", "timestamp", "time", "year", "text", "longtext", "longblob", "mediumblob", "numeric(p,s)",
}

func (all codecs) guessType(spec string) string {
	if typ, value, ok := strings.Cut(spec, "="); ok {
		return fmt.Sprintf("; a default stands before the colon, as in name = %s : %s", strings.TrimSpace(value), strings.TrimSpace(typ))
	}
	if core, ok := foreign[strings.ToLower(spec)]; ok {
		return fmt.Sprintf("; did you mean %q?", core)
	}
	if guess := spell.Guess(spec, slices.Concat(datatype.Spellings(), all.names(), natives)); guess != "" {
		return guess
	}
	if name, ok := strings.CutPrefix(spec, "<"); ok && codecName.MatchString(strings.TrimSuffix(name, ">")) {
		return "; a codec of that name is wanted, after the schema's name in schema.New"
	}
	head, _, more := strings.Cut(spec, " ")
	if _, ok := datatype.Parse(head); ok && more {
		return fmt.Sprintf("; nothing stands behind %s but a comment, after a #", head)
	}
	word := words.FindString(spec)
	if core, ok := foreign[strings.ToLower(word)]; ok && strings.HasPrefix(spec, word) {
		return fmt.Sprintf("; did you mean %q?", core)
	}
	if strings.HasPrefix(spec, word+"@") { // as DataJoint had codecs before it called them so
		return fmt.Sprintf("; did you mean %q?", "<"+spec+">")
	}
	return ""
}
