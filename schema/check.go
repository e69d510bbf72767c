package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/spell"
)

// maxComment is how many letters the longest comment on a column has that servers take.
const maxComment = 1024

// commentLength is how many letters the comment on the attribute's column has, which tells the type, too.
func (a Attr) commentLength() int {
	if a.Type.Native {
		return utf8.RuneCountInString(a.Comment)
	}
	return utf8.RuneCountInString("::" + a.Type.Spec + a.Comment)
}

// checkIndex wants an index to be of attributes that it can be of.
func (t *Table) checkIndex(index dialect.Index) error {
	for i, p := range index.Parts {
		if p.Column == "" {
			continue
		}
		a, ok := t.heading.Attr(p.Column)
		switch {
		case !ok:
			return fmt.Errorf("%q is no attribute%s", p.Column, spell.Guess(p.Column, t.heading.Names()))
		case p.Path != "" && a.Type.Kind != datatype.JSON:
			return fmt.Errorf("%q leads into %q, which is %s: only json has values on paths", p, a.Name, a.Type.Spec)
		case p.Path == "" && (a.Type.Large() || a.empty()):
			return fmt.Errorf("%q is %s: servers have no indexes of that", a.Name, a.Type.Spec)
		case slices.Contains(index.Parts[:i], p):
			return fmt.Errorf("%q is named twice", p)
		}
	}
	return nil
}

// checkNumbering wants an attribute by which the server numbers rows to be one that it can find the largest
// of.
func (r *resolver) checkNumbering() error {
	t := r.table
	i := slices.IndexFunc(r.attrs, func(a Attr) bool { return a.Type.Auto })
	if i < 0 {
		return nil
	}
	name := r.attrs[i].Name
	begins := func(i dialect.Index) bool { return i.Parts[0] == dialect.IndexPart{Column: name} }
	serial := strings.EqualFold(r.attrs[i].Type.Stored, "serial") // which brings an index of its own
	if key := t.heading.Key(); len(key) > 0 && key[0] == name || serial || slices.ContainsFunc(t.indexes, begins) {
		return nil
	}
	return r.own[name].fault(fmt.Errorf("%q numbers the rows: it must be the first of the primary key or of an index", name))
}

// Declarable says which rule keeps a table that [Describe] found from being declared otherwise than by
// [Existing]: databases and DataJoint for Python let it be, and makes could not work with it. It is nil
// for most tables.
func (t *Table) Declarable() error {
	_, err := t.brokenRule()
	return err
}

// brokenRule is a rule that the table breaks, and the attribute that does, if it is one's fault.
func (t *Table) brokenRule() (attr string, err error) {
	if t.master != nil && t.master.master != nil {
		return "", fmt.Errorf("%s is a part, and a part has no parts: make it another part of %s, with a line \"-> %s\"", t.master, t.master.master, t.master)
	}
	if err := t.checkDerivedNames(); err != nil {
		return "", err
	}
	if t.master != nil && !slices.ContainsFunc(t.foreign, t.leadsToMaster) {
		return "", fmt.Errorf("a part's primary key refers to its master: add a line \"-> master\" above the ---")
	}
	if t.tier.Made() {
		return t.checkMadeKey()
	}
	return "", nil
}

// leadsToMaster tells whether a foreign key gives each row of a part its row of the master, be it by
// another part.
func (t *Table) leadsToMaster(f ForeignKey) bool {
	return f.Primary && (f.Parent == t.master || f.Parent.master == t.master)
}

// checkMadeKey wants every key attribute of a made table to come from upstream: what ought to
// be made is known from there alone.
func (t *Table) checkMadeKey() (attr string, err error) {
	for _, a := range t.heading.attrs {
		if a.Key && !a.Inherited {
			return a.Name, fmt.Errorf("%q is in the primary key, and no foreign key brings it: the rows of %s tables are told by their parents; put it into a part",
				a.Name, t.tier)
		}
	}
	if len(t.MakeKey()) == 0 {
		return "", fmt.Errorf("it has no foreign key in its primary key, from which the rows that ought to exist would be known")
	}
	return "", nil
}
