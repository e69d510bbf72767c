package gen

import (
	"strconv"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/schema"
)

// fieldType is the Go type of a field for an attribute of a table.
func (u *unit) fieldType(t *schema.Table, a schema.Attr) string {
	plain := u.plainType(t, a)
	switch {
	case !a.Nullable, plain == "any", plain == "[]byte", plain == "json.RawMessage":
		return plain
	}
	return "*" + plain
}

// plainType is the type of values that are not NULL. The attribute of a foreign key has that of the attribute
// to which it refers, of which alone an enum is a type.
func (u *unit) plainType(t *schema.Table, a schema.Attr) string {
	for _, f := range t.ForeignKeys() {
		for i, name := range f.Attrs {
			if referred, ok := f.Parent.Heading().Attr(f.Referred[i]); name == a.Name && ok {
				return u.plainType(f.Parent, referred)
			}
		}
	}
	if a.Codec != nil {
		return codecType(a)
	}
	switch a.Type.Kind {
	case datatype.Integer:
		return integerType(a.Type)
	case datatype.Float:
		if a.Type.Bits == 32 {
			return "float32"
		}
		return "float64"
	case datatype.Bool:
		return "bool"
	case datatype.Year:
		return "int16"
	case datatype.Enum:
		return u.enumType(t, a)
	case datatype.Date, datatype.DateTime, datatype.Timestamp:
		return "time.Time"
	case datatype.Time:
		return "time.Duration"
	case datatype.JSON:
		return "json.RawMessage"
	case datatype.UUID:
		return "uuid.UUID"
	case datatype.Binary, datatype.Varbinary, datatype.Bytes, datatype.Bit, datatype.Spatial:
		return "[]byte"
	default:
		return "string"
	}
}

// integerType is the narrowest of Go's integers that holds all values of a type.
func integerType(t datatype.Type) string {
	name := "int"
	if t.Unsigned {
		name = "uint"
	}
	switch {
	case t.Bits <= 8:
		return name + "8"
	case t.Bits <= 16:
		return name + "16"
	case t.Bits <= 32:
		return name + "32"
	}
	return name + "64"
}

// ownCodecs are those that every schema knows.
var ownCodecs = map[string]string{"blob": "any", "attach": "schema.Attachment"}

func codecType(a schema.Attr) string {
	if own := ownCodecs[a.Codec.Name()]; own != "" {
		return own
	}
	if a.Codec.Stored() == "json" {
		return "json.RawMessage"
	}
	return "[]byte"
}

// An enum is a string type with a constant for each member.
type enum struct {
	name, attr string
	constants  []string
	members    []string
}

// enumType is the type of an enum's values, which stands beside the struct of the table that declares it.
func (u *unit) enumType(t *schema.Table, a schema.Attr) string {
	owner := u.find(t)
	for _, e := range owner.enums {
		if e.attr == a.Name {
			return e.name
		}
	}
	name := owner.row + "Value"
	if rest := strings.TrimPrefix(goName(a.Name), owner.row); rest != "" {
		name = owner.row + rest
	}
	e := enum{name: u.names.take(name, name+"Enum"), attr: a.Name, members: a.Type.Members}
	for i, m := range e.members {
		word := goName(m)
		switch {
		case m == "":
			word = "Empty"
		case word == "":
			word = strconv.Itoa(i + 1)
		}
		e.constants = append(e.constants, u.names.take(e.name+word))
	}
	owner.enums = append(owner.enums, e)
	return e.name
}
