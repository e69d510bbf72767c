package schema

import (
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// The attributes that tell of a made row when and by which code it was made, as DataJoint has
// them. They are hidden: a row struct has no fields for them, and a query finds them by name.
const (
	JobStartTime = "_job_start_time" // by the server's clock
	JobDuration  = "_job_duration"   // in seconds
	JobVersion   = "_job_version"    // of the code; at most MaxVersion letters
)

// MaxVersion is the length of the longest version that is kept.
const MaxVersion = 64

var jobMetadata = []Attr{
	{Name: JobStartTime, Type: datatype.MustParse("datetime(3)"), Nullable: true, Default: "NULL", Unmarked: true},
	{Name: JobDuration, Type: datatype.MustParse("float32"), Nullable: true, Default: "NULL", Unmarked: true},
	{Name: JobVersion, Type: datatype.MustParse("varchar(64)"), Nullable: true, Default: "''", Unmarked: true},
}

// singletonName is the key of a table that has no key, so that it has at most one row.
const singletonName = "_singleton"

// singleton is the key's attribute. No heading says that it is one.
func (t *Table) singleton() Attr {
	return Attr{
		Name: singletonName, Type: datatype.MustParse("bool"), Default: "TRUE", Comment: "singleton primary key",
		Origin: t.FullName() + "." + singletonName,
	}
}

// KeyColumns are the columns of the table's primary key. A table without a key has one all the same.
func (t *Table) KeyColumns() []string {
	if key := t.heading.Key(); len(key) > 0 {
		return key
	}
	return []string{singletonName}
}

// Auxiliary makes a table that belongs to another, as its queue does. It is not one of the
// schema's tables, has no rows of a struct type, and is declared by [Table.Declare]. The heading
// has the primary key first. It is for the packages of Rowmill.
func Auxiliary(of *Table, name, class, comment string, h *Heading, indexes []dialect.Index) *Table {
	t := of.schema.Auxiliary(name, class, comment, h, indexes)
	t.declaredAt = of.declaredAt
	return t
}

// Auxiliary makes such a table that belongs to all of the schema. It is for the packages of Rowmill.
func (s *Schema) Auxiliary(name, class, comment string, h *Heading, indexes []dialect.Index) *Table {
	return &Table{schema: s, name: name, class: class, tier: TierManual, comment: comment, heading: h, indexes: indexes, declaredAt: "Rowmill"}
}
