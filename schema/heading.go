package schema

import (
	"strings"
	"sync"

	"github.com/rowmill/rowmill/internal/datatype"
)

// An Attr is an attribute of a relation.
type Attr struct {
	Name     string
	Type     Type
	Codec    Codec  // keeps the values, where the type is a codec's; nil for none
	Rule     Rule   // says which values are meant; nil for all
	Key      bool   // part of the primary key
	Nullable bool   // may be NULL
	Default  string // SQL of the default value; empty for none
	Comment  string
	// Origin is the attribute that this one's values come from, through foreign keys, as
	// "schema.table.attribute"; DataJoint calls it the lineage. It is empty for secondary
	// attributes that no foreign key brought, and for computed ones.
	Origin string
	// Inherited tells that a foreign key brought the attribute, or shares it.
	Inherited bool
	// Unmarked tells that the attribute's column does not say of which core type it is, as native
	// types and foreign keys have it.
	Unmarked bool
}

// Hidden tells whether users see the attribute only where they name it: its name begins with an
// underscore.
func (a Attr) Hidden() bool { return strings.HasPrefix(a.Name, "_") }

// A Type is an attribute's type: Spec is its spelling ("varchar(16)", "<blob>"), Stored the
// type that is stored, Kind what it is, with its parameters in fields of their own.
type Type = datatype.Type

// A Heading is the list of a relation's attributes. It is immutable. Hidden attributes are found
// by their names, and are in no list but that of All: so what goes through lists, as a natural
// join, passes over them, and what is asked for by name is there.
type Heading struct {
	all   []Attr
	attrs []Attr // those that are not hidden
	index map[string]int

	bindings sync.Map // of reflect.Type: how rows of a type are bound to it, since that is asked for each time they are read
}

// NewHeading makes a heading of attributes, whose names must differ.
func NewHeading(attrs []Attr) *Heading {
	h := &Heading{all: attrs, index: make(map[string]int, len(attrs))}
	for i, a := range attrs {
		h.index[a.Name] = i
		if !a.Hidden() {
			h.attrs = append(h.attrs, a)
		}
	}
	return h
}

// Attrs are the attributes in their order, without the hidden ones. The slice must not be changed.
func (h *Heading) Attrs() []Attr { return h.attrs }

// All are the attributes in their order, with the hidden ones. The slice must not be changed.
func (h *Heading) All() []Attr { return h.all }

// Attr finds an attribute by its name, a hidden one as well.
func (h *Heading) Attr(name string) (Attr, bool) {
	i, ok := h.index[name]
	if !ok {
		return Attr{}, false
	}
	return h.all[i], true
}

// Has tells whether there is an attribute of this name, be it hidden.
func (h *Heading) Has(name string) bool {
	_, ok := h.index[name]
	return ok
}

// Names are the names of Attrs.
func (h *Heading) Names() []string {
	names := make([]string, len(h.attrs))
	for i, a := range h.attrs {
		names[i] = a.Name
	}
	return names
}

// Key is the primary key: the names of its attributes, in their order. It is empty for a
// relation of at most one row.
func (h *Heading) Key() []string {
	var names []string
	for _, a := range h.attrs {
		if a.Key {
			names = append(names, a.Name)
		}
	}
	return names
}
