package schema

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/spell"
	"github.com/rowmill/rowmill/internal/value"
)

// A Definition is the text of a table's definition, read: see grammar.txt beside this file.
// It does not know yet what its foreign keys refer to.
type Definition struct {
	Comment string
	lines   []line
	indexes []dialect.Index
}

// A line declares one attribute, or the attributes of one foreign key.
type line struct {
	number  int
	primary bool // above the ---
	attr    Attr
	foreign *reference // instead of attr
}

// A reference is a foreign key as it is written.
type reference struct {
	parent   string            // "Session", "Spectrum.Peak" or "master"
	renamed  map[string]string // attribute of the parent → attribute here
	nullable bool
	unique   bool
}

// Parse reads the text of a definition. Its error names the line and what is wrong with it.
func Parse(text string) (*Definition, error) {
	d := &Definition{}
	primary, first := true, true
	for i, raw := range strings.Split(text, "\n") {
		s := strings.TrimSpace(raw)
		if s == "" {
			continue
		}
		var err error
		switch {
		case strings.HasPrefix(s, "#"):
			if first {
				d.Comment = strings.TrimSpace(s[1:])
			}
			if strings.HasPrefix(d.Comment, ":") {
				err = fmt.Errorf("a comment cannot begin with a colon")
			}
		case strings.HasPrefix(s, "---"):
			if !primary {
				err = fmt.Errorf("a second ---: one ends the primary key")
			}
			primary = false
		default:
			err = d.parseLine(s, i+1, primary)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d (%s): %w", i+1, s, err)
		}
		first = false
	}
	return d, nil
}

// Attrs are the attributes that the definition declares by lines of their own.
func (d *Definition) Attrs() []Attr {
	var attrs []Attr
	for _, l := range d.lines {
		if l.foreign == nil {
			attrs = append(attrs, l.attr)
		}
	}
	return attrs
}

var (
	arrow     = regexp.MustCompile(`^->\s*(?:\[([^\]]*)\]\s*)?([A-Za-z][A-Za-z0-9_]*(?:\.[A-Z][A-Za-z0-9]*)?)\s*(?:\.proj\(([^()]*)\))?\s*(?:#.*)?$`)
	renaming  = regexp.MustCompile(`^\s*([a-z][a-z0-9_]*)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*$`)
	indexHead = regexp.MustCompile(`(?i)^(unique\s+)?index\s*\(`)
	indexText = regexp.MustCompile(`(?i)^(unique\s+)?index\s*\(([^()]*)\)\s*(?:#.*)?$`)
)

func (d *Definition) parseLine(s string, number int, primary bool) error {
	l := line{number: number, primary: primary}
	switch {
	case strings.HasPrefix(s, "->"):
		ref, err := parseReference(s)
		if err != nil {
			return err
		}
		if ref.nullable && primary {
			return fmt.Errorf("a key cannot be nullable: put the foreign key below the ---")
		}
		l.foreign = ref
	case indexHead.MatchString(s):
		return d.parseIndex(s)
	default:
		a, err := parseAttr(s)
		if err != nil {
			return err
		}
		if a.Nullable && primary {
			return fmt.Errorf("%q is part of the primary key, which cannot be null", a.Name)
		}
		if primary && (a.Type.Codec != "" || a.Type.Core == "bytes" || a.Type.Core == "json") {
			return fmt.Errorf("%q is part of the primary key, which cannot be of type %s", a.Name, a.Type.Spec)
		}
		l.attr = a
		l.attr.Key = primary
	}
	d.lines = append(d.lines, l)
	return nil
}

func parseReference(s string) (*reference, error) {
	m := arrow.FindStringSubmatch(s)
	if m == nil {
		return nil, fmt.Errorf(`a foreign key is written "-> Table", "-> [nullable] Table" or "-> Table.proj(new='old')"`)
	}
	ref := &reference{parent: m[2], renamed: map[string]string{}}
	for option := range strings.SplitSeq(m[1], ",") {
		switch strings.ToLower(strings.TrimSpace(option)) {
		case "":
		case "nullable":
			ref.nullable = true
		case "unique":
			ref.unique = true
		default:
			return nil, fmt.Errorf("%q is no option of a foreign key; nullable and unique are", strings.TrimSpace(option))
		}
	}
	if strings.TrimSpace(m[3]) == "" {
		return ref, nil
	}
	for r := range strings.SplitSeq(m[3], ",") {
		p := renaming.FindStringSubmatch(r)
		if p == nil {
			return nil, fmt.Errorf("%q does not rename an attribute: new='old' is wanted", strings.TrimSpace(r))
		}
		old := p[2] + p[3]
		if ref.renamed[old] != "" {
			return nil, fmt.Errorf("%q is renamed twice", old)
		}
		for other, name := range ref.renamed {
			if name == p[1] {
				return nil, fmt.Errorf("%q and %q are both renamed to %q", other, old, name)
			}
		}
		ref.renamed[old] = p[1]
	}
	return ref, nil
}

func (d *Definition) parseIndex(s string) error {
	m := indexText.FindStringSubmatch(s)
	if m == nil {
		return fmt.Errorf("an index is of attributes, not of expressions: it is written index(a, b)")
	}
	index := dialect.Index{Unique: m[1] != ""}
	for c := range strings.SplitSeq(m[2], ",") {
		c = strings.TrimSpace(c)
		if !attrName.MatchString(c) {
			return fmt.Errorf("%q is no attribute: an index is written index(a, b)", c)
		}
		index.Columns = append(index.Columns, c)
	}
	d.indexes = append(d.indexes, index)
	return nil
}

func parseAttr(s string) (Attr, error) {
	head, rest, found := cutOutsideQuotes(s, ':')
	if !found {
		return Attr{}, fmt.Errorf(`an attribute is written "name : type  # comment"`)
	}
	spec, comment, _ := cutOutsideQuotes(rest, '#')
	name, def, hasDefault := strings.Cut(head, "=")
	a := Attr{Name: strings.TrimSpace(name), Comment: strings.TrimSpace(comment)}
	switch {
	case strings.HasPrefix(a.Name, "_"):
		return a, fmt.Errorf("%q begins with an underscore, which marks columns that users do not see", a.Name)
	case !attrName.MatchString(a.Name):
		return a, fmt.Errorf("%q is no name for an attribute: small letters, digits and underscores are, a letter first", a.Name)
	case len(a.Name) > maxName:
		return a, fmt.Errorf("%q has %d letters; databases take at most %d", a.Name, len(a.Name), maxName)
	case strings.HasPrefix(a.Comment, ":"):
		return a, fmt.Errorf("a comment cannot begin with a colon")
	}
	spec = strings.TrimSpace(spec)
	var ok bool
	if a.Type, ok = value.ParseType(spec); !ok {
		return a, fmt.Errorf("%q is no type%s", spec, guessType(spec))
	}
	if err := a.Type.Check(); err != nil {
		return a, err
	}
	if hasDefault {
		return a.withDefault(strings.TrimSpace(def))
	}
	return a, nil
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

// native are spellings of types that databases have and definitions do not.
var native = map[string]string{
	"int": "int32", "integer": "int32", "smallint": "int16", "tinyint": "int8", "bigint": "int64",
	"float": "float32", "double": "float64", "real": "float64", "string": "varchar(n)", "text": "varchar(n)",
	"decimal": "decimal(p,s)", "numeric": "decimal(p,s)", "enum": "enum('a','b')", "char": "char(n)", "varchar": "varchar(n)",
	"time": "datetime", "double precision": "float64", "longblob": "<blob>", "blob": "<blob>", "boolean": "bool", "timestamp": "datetime",
}

func guessType(spec string) string {
	if core, ok := native[strings.ToLower(spec)]; ok {
		return fmt.Sprintf("; did you mean %q?", core)
	}
	return spell.Guess(spec, value.CoreTypes)
}
