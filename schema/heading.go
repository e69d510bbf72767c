package schema

import (
	"github.com/rowmill/rowmill/internal/value"
)

// An Attr is an attribute of a relation.
type Attr struct {
	Name     string
	Type     Type
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

	ownLine bool // Inherited, and declared by a line of its own, whose type and comment are kept
}

// A Type is an attribute's type: Spec is its spelling ("varchar(16)", "<blob>"), Core the core
// type that is stored, Codec the codec's name if there is one.
type Type = value.Type

// A Heading is the list of a relation's attributes. It is immutable.
type Heading struct {
	attrs []Attr
	index map[string]int
}

// NewHeading makes a heading of attributes, whose names must differ.
func NewHeading(attrs []Attr) *Heading {
	h := &Heading{attrs: attrs, index: make(map[string]int, len(attrs))}
	for i, a := range attrs {
		h.index[a.Name] = i
	}
	return h
}

// Attrs are the attributes in their order. The slice must not be changed.
func (h *Heading) Attrs() []Attr { return h.attrs }

// Attr finds an attribute by its name.
func (h *Heading) Attr(name string) (Attr, bool) {
	i, ok := h.index[name]
	if !ok {
		return Attr{}, false
	}
	return h.attrs[i], true
}

// Has tells whether there is an attribute of this name.
func (h *Heading) Has(name string) bool {
	_, ok := h.index[name]
	return ok
}

// Names are the names of all attributes, in their order.
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
