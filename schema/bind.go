package schema

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx/reflectx"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/spell"
	"github.com/rowmill/rowmill/internal/value"
)

// mapper finds the fields of structs by the rules that sqlx has: a tag `db:"name"`, or the
// field's name in snake case; embedded structs count as their fields; `db:"-"` is left out.
var mapper = reflectx.NewMapperFunc("db", spell.Snake)

// classOf is the name of the class whose table a row struct declares: its own, or that in the tag of a
// field _, as two structs of a package cannot have one name:
//
//	type SessionPeak struct {
//		_ struct{} `db:"Peak"`
//		…
func classOf(row reflect.Type) string {
	for i := 0; isStruct(row) && i < row.NumField(); i++ {
		if f := row.Field(i); f.Name == "_" && f.Tag.Get("db") != "" {
			return f.Tag.Get("db")
		}
	}
	return row.Name()
}

// A Binding ties the fields of a row struct to the attributes of a heading. It is immutable,
// and safe for concurrent use.
type Binding struct {
	row    reflect.Type
	fields []field
}

// A field is an attribute and where its value is in the struct.
type field struct {
	attr  Attr
	index []int
	value.Converter

	direct value.Target // nil where there is none
}

// in is the field's value in a row, or the row where it is bound as a whole.
func (f *field) in(row reflect.Value) reflect.Value {
	if f.index == nil {
		return row
	}
	return row.FieldByIndex(f.index)
}

// Bind ties every field of a struct type to the attribute of its name. Attributes without a
// field are left out. Its error names the field, and guesses.
func Bind(row reflect.Type, h *Heading) (*Binding, error) {
	if b, ok := h.bindings.Load(row); ok {
		return b.(*Binding), nil
	}
	b, err := bind(row, h)
	if err != nil {
		return nil, err
	}
	h.bindings.Store(row, b)
	return b, nil
}

func bind(row reflect.Type, h *Heading) (*Binding, error) {
	if row.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is no struct; a row is a struct with a field for each attribute", row)
	}
	b := &Binding{row: row}
	seen := map[string]string{}
	for _, info := range leaves(row) {
		a, ok := h.Attr(info.Name)
		if !ok {
			return nil, notThere(info, without(h.Names(), row))
		}
		if other := seen[a.Name]; other != "" {
			return nil, fmt.Errorf("the fields %s and %s both stand for %q: tag one of them `db:\"-\"`", other, fieldName(info), a.Name)
		}
		seen[a.Name] = fieldName(info)
		f, err := newField(info.Field.Type, info.Index, a)
		if err != nil {
			return nil, fmt.Errorf("the field %s: %q %w", fieldName(info), a.Name, err)
		}
		b.fields = append(b.fields, f)
	}
	if len(b.fields) == 0 {
		return nil, fmt.Errorf("%s has no field that stands for an attribute: fields begin with a capital", row)
	}
	return b, nil
}

// notThere says what a field can stand for that stands for no attribute.
func notThere(info *reflectx.FieldInfo, missing []string) error {
	if t := info.Field.Type; info.Embedded && t.Kind() == reflect.Pointer && isStruct(t.Elem()) {
		return fmt.Errorf("the field %s is a pointer, which cannot be embedded: %s is wanted", info.Field.Name, t.Elem())
	}
	hint := spell.Guess(info.Name, missing)
	switch {
	case hint == "" && len(missing) > 0:
		hint = "; those without a field are " + strings.Join(missing, ", ")
	case hint == "":
		hint = ": a tag `db:\"-\"` says that it stands for none"
	}
	return fmt.Errorf("the field %s stands for an attribute %q, which is not there%s", fieldName(info), info.Name, hint)
}

// fieldName is a field's name, with that of the embedded struct before it whose field it is.
func fieldName(info *reflectx.FieldInfo) string {
	if p := info.Parent; p != nil && p.Embedded {
		return p.Field.Name + "." + info.Field.Name
	}
	return info.Field.Name
}

// leaves are the fields of a struct that hold values, with those of embedded structs.
func leaves(row reflect.Type) []*reflectx.FieldInfo {
	var fields []*reflectx.FieldInfo
	var walk func(*reflectx.FieldInfo)
	walk = func(parent *reflectx.FieldInfo) {
		for _, f := range parent.Children {
			switch {
			case f == nil || f.Name == "-":
			case f.Embedded && f.Field.Tag.Get("db") == "" && isStruct(f.Field.Type):
				walk(f)
			case f.Field.IsExported():
				fields = append(fields, f)
			}
		}
	}
	walk(mapper.TypeMap(row).Tree)
	return fields
}

// without are the names for which a struct has no field: those that a misspelt one can mean.
func without(names []string, row reflect.Type) []string {
	fields := map[string]bool{}
	for _, info := range leaves(row) {
		fields[info.Name] = true
	}
	return slices.DeleteFunc(names, func(name string) bool { return fields[name] })
}

func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct }

// Covers wants a field for each attribute that a row cannot do without.
func (b *Binding) Covers(h *Heading) error {
	for _, a := range h.attrs {
		if a.Default == "" && !a.Nullable && !a.Type.Auto && !b.has(a.Name) {
			return b.missing(a)
		}
	}
	return nil
}

// missing says which field is wanted for an attribute that has none.
func (b *Binding) missing(a Attr) error {
	for _, f := range reflect.VisibleFields(b.row) {
		if !f.IsExported() && !f.Anonymous && cmp.Or(f.Tag.Get("db"), spell.Snake(f.Name)) == a.Name {
			return fmt.Errorf("the field %s is not exported, so that it cannot hold %q: %s is wanted", f.Name, a.Name, spell.Field(a.Name))
		}
	}
	return fmt.Errorf("%s has no field for the attribute %q (%s): %s is wanted", cmp.Or(b.row.Name(), "the struct"), a.Name, a.Type.Spec, spell.Field(a.Name))
}

func (b *Binding) has(name string) bool {
	for _, f := range b.fields {
		if f.attr.Name == name {
			return true
		}
	}
	return false
}

// Attrs are the names of the attributes that have a field, in the order of Values and Dests.
func (b *Binding) Attrs() []string {
	names := make([]string, len(b.fields))
	for i, f := range b.fields {
		names[i] = f.attr.Name
	}
	return names
}

// Select is the binding of these attributes alone, in this order. Each must have a field.
func (b *Binding) Select(names []string) (*Binding, error) {
	selected := &Binding{row: b.row}
	for _, name := range names {
		i := slices.IndexFunc(b.fields, func(f field) bool { return f.attr.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s has no field for the attribute %q", b.row, name)
		}
		selected.fields = append(selected.fields, b.fields[i])
	}
	return selected, nil
}

// New makes a row: a pointer to a zero struct of the bound type.
func (b *Binding) New() any { return reflect.New(b.row).Interface() }

// Format shows a row's attributes to people: "subject_id=2 session=1".
func (b *Binding) Format(row any) string {
	v := reflect.ValueOf(row).Elem()
	parts := make([]string, len(b.fields))
	for i, f := range b.fields {
		parts[i] = fmt.Sprintf("%s=%v", f.attr.Name, v.FieldByIndex(f.index).Interface())
	}
	return strings.Join(parts, " ")
}

// Map is what the fields of a row, a pointer to a struct of the bound type, hold, by the names of the attributes.
func (b *Binding) Map(row any) map[string]any {
	v := reflect.ValueOf(row).Elem()
	m := make(map[string]any, len(b.fields))
	for _, f := range b.fields {
		m[f.attr.Name] = v.FieldByIndex(f.index).Interface()
	}
	return m
}

// Values are what a row, a pointer to a struct of the bound type, stores in its attributes.
func (b *Binding) Values(row any) ([]any, error) {
	return b.Append(make([]any, 0, len(b.fields)), row)
}

// Append appends Values to values.
func (b *Binding) Append(values []any, row any) ([]any, error) {
	v := reflect.ValueOf(row).Elem()
	for i := range b.fields {
		f := &b.fields[i]
		kept, err := f.Encode(v.FieldByIndex(f.index))
		if err == nil {
			err = f.attr.allows(kept)
		}
		if err != nil {
			return values, fmt.Errorf("%s: %w", f.attr.Name, err)
		}
		values = append(values, kept)
	}
	return values, nil
}

// Dests are what a row of a result is scanned into: each fills its field of row, a pointer to
// a struct of the bound type. They serve for any number of rows, one after the other, if row is
// zero before each.
func (b *Binding) Dests(row any) []any {
	v := reflect.ValueOf(row).Elem()
	dests := make([]any, len(b.fields))
	for i := range b.fields {
		f := &b.fields[i]
		c := &cell{field: f, dst: f.in(v)}
		dests[i] = c
		if f.direct != nil {
			dests[i] = f.direct(c.dst, c)
		}
	}
	return dests
}

// A cell scans one value into its field.
type cell struct {
	field *field
	dst   reflect.Value
}

// Scan implements sql.Scanner.
func (c *cell) Scan(src any) (err error) {
	defer tellAttr(c.field.attr.Name, &err)
	if src == nil && !c.field.attr.Nullable && c.dst.Kind() != reflect.Pointer {
		return &ScanError{fmt.Errorf("%s is NULL, which a %s cannot hold: a pointer is wanted", c.field.attr.Name, c.dst.Type())}
	}
	return c.field.Decode(src, c.dst)
}

// Match are the attributes and values of key, which is a struct, a pointer to one, or a
// map[string]any: what a row must have to match it. A value that its attribute cannot have is an error that
// wraps rowmill.ErrValue; the values before it are returned with it.
func Match(key any, h *Heading) (names []string, values []any, err error) {
	if m, ok := key.(map[string]any); ok {
		return matchMap(m, h)
	}
	v := reflect.ValueOf(key)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, nil, fmt.Errorf("a %T cannot be matched: a struct or a map[string]any of attributes is wanted", key)
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	b, err := Bind(v.Type(), h)
	if err != nil {
		return nil, nil, err
	}
	if values, err = b.Values(p.Interface()); err != nil {
		err = fmt.Errorf("%w: %w", rowmill.ErrValue, err)
	}
	return b.Attrs(), values, err
}

func matchMap(m map[string]any, h *Heading) (names []string, values []any, err error) {
	for _, a := range h.all {
		v, ok := m[a.Name]
		if !ok {
			continue
		}
		kept, err := value.Match(a.Type, a.Codec, a.Nullable, v)
		if err != nil {
			return names, values, fmt.Errorf("%w: %q %w", rowmill.ErrValue, a.Name, err)
		}
		if err := a.allows(kept); err != nil {
			return names, values, fmt.Errorf("%w: %s: %w", rowmill.ErrValue, a.Name, err)
		}
		names, values = append(names, a.Name), append(values, kept)
	}
	if len(names) == len(m) {
		return names, values, nil
	}
	var unknown []string
	for name := range m {
		if !h.Has(name) {
			unknown = append(unknown, name+spell.Guess(name, h.Names()))
		}
	}
	return nil, nil, fmt.Errorf("%w: %s", rowmill.ErrNoAttribute, strings.Join(slices.Sorted(slices.Values(unknown)), ", "))
}
