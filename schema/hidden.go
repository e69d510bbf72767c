package schema

import "github.com/rowmill/rowmill/internal/dialect"

// The columns that tell of a made row when and by which code it was made, as DataJoint has
// them. Users do not see them in headings.
const (
	JobStartTime = "_job_start_time" // by the server's clock
	JobDuration  = "_job_duration"   // in seconds
	JobVersion   = "_job_version"    // of the code; at most MaxVersion letters
)

// MaxVersion is the length of the longest version that is kept.
const MaxVersion = 64

var jobMetadata = []dialect.Column{
	{Name: JobStartTime, Type: "datetime(3)", Core: "datetime(3)", Nullable: true, Default: "NULL"},
	{Name: JobDuration, Type: "float32", Core: "float32", Nullable: true, Default: "NULL"},
	{Name: JobVersion, Type: "varchar(64)", Core: "varchar(64)", Nullable: true, Default: "''"},
}

// singletonName is the key of a table that has no key, so that it has at most one row.
const singletonName = "_singleton"

var singletonKey = []dialect.Column{
	{Name: singletonName, Type: "bool", Core: "bool", Default: "TRUE", Comment: ":bool:singleton primary key"}, // so the peer spells it
}

// Auxiliary makes a table that belongs to another, as its queue does. It is not one of the
// schema's tables, has no rows of a struct type, and is declared by [Table.Declare]. The heading
// has the primary key first. It is for the packages of Rowmill.
func Auxiliary(of *Table, name, class, comment string, h *Heading, hidden []dialect.Column, indexes []dialect.Index) *Table {
	return &Table{
		schema: of.schema, name: name, class: class, tier: TierManual, comment: comment,
		heading: h, hidden: hidden, indexes: indexes, declaredAt: of.declaredAt,
	}
}
