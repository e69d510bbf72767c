package gen

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rowmill/rowmill/internal/spell"
	"github.com/rowmill/rowmill/schema"
)

// names are those that are taken.
type names map[string]bool

// take takes the first of the names that is free, or the last with a number.
func (n names) take(candidates ...string) string {
	for _, name := range candidates {
		if !n[name] {
			n[name] = true
			return name
		}
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("%s%d", candidates[len(candidates)-1], i); !n[name] {
			n[name] = true
			return name
		}
	}
}

// className is a table's class without that of its master.
func className(t *schema.Table) string {
	class := t.String()
	return class[strings.LastIndex(class, ".")+1:]
}

// goName makes a name of a schema's, or of any text: PascalCase of what letters and digits it has.
func goName(text string) string {
	var b strings.Builder
	begins := true
	for _, c := range text {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			begins = true
		case begins:
			b.WriteRune(unicode.ToUpper(c))
			begins = false
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// nameSchemas names the variables of the schemas.
func (u *unit) nameSchemas() {
	for i, s := range u.schemas {
		if i == 0 {
			u.schemaVars[s.Name()] = u.names.take("Schema")
			continue
		}
		u.schemaVars[s.Name()] = u.names.take(goName(s.Name()) + "Schema")
	}
}

// nameRows names the structs after the classes. Where two classes are called alike, a part is called after its
// master too, and a table of a schema that was not asked for after that.
func (u *unit) nameRows() {
	count := map[string]int{}
	for _, t := range u.tables {
		count[className(t.Table)]++
	}
	asked := map[string]bool{}
	for _, s := range u.schemas[:u.asked] {
		asked[s.Name()] = true
	}
	for _, turn := range []func(*table) bool{
		func(t *table) bool { return t.Master() == nil && asked[t.Schema().Name()] },
		func(t *table) bool { return t.Master() == nil },
		func(t *table) bool { return t.Master() != nil && count[className(t.Table)] == 1 },
		func(*table) bool { return true },
	} {
		for _, t := range u.tables {
			if t.row == "" && turn(t) {
				u.nameRow(t, count[className(t.Table)] > 1)
			}
		}
	}
}

func (u *unit) nameRow(t *table, shared bool) {
	class, prefix := className(t.Table), goName(t.Schema().Name())
	if t.Master() != nil {
		prefix = u.find(t.Master()).row
		if shared {
			t.row = u.names.take(prefix+class, prefix+class+"Row")
			return
		}
	}
	t.row = u.names.take(class, prefix+class, prefix+class+"Row")
}

// irregular are the ends of nouns that scientists' tables are called by, and of their plurals.
var irregular = []struct{ one, many string }{
	{"pectrum", "pectra"}, {"atum", "ata"}, {"timulus", "timuli"}, {"ucleus", "uclei"}, {"Mouse", "Mice"}, {"hild", "hildren"},
	{"erson", "eople"}, {"riterion", "riteria"}, {"atrix", "atrices"}, {"ertex", "ertices"}, {"ndex", "ndices"}, {"ortex", "ortices"},
	{"Data", "Data"}, {"is", "es"}, {"ss", "sses"}, {"us", "uses"}, {"s", "s"}, {"x", "xes"}, {"z", "zes"}, {"ch", "ches"}, {"sh", "shes"},
	{"ay", "ays"}, {"ey", "eys"}, {"oy", "oys"}, {"uy", "uys"}, {"Y", "Ys"}, {"y", "ies"},
}

// plural is a noun in the plural.
func plural(noun string) string {
	for _, i := range irregular {
		if stem, ok := strings.CutSuffix(noun, i.one); ok {
			return stem + i.many
		}
	}
	return noun + "s"
}

// fieldName is the name of an attribute's field in a struct where some names are taken.
func fieldName(taken names, attr string) string {
	return taken.take(spell.Field(attr), strings.ToUpper(attr[:1])+attr[1:])
}

// tag is the tag that a field needs whose name does not tell its attribute.
func tag(field, attr string) string {
	if spell.Snake(field) == attr {
		return ""
	}
	return "`db:\"" + attr + "\"`"
}
