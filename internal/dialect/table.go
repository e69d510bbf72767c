package dialect

import "strings"

// A Table is what CREATE TABLE has to say.
type Table struct {
	Schema, Name, Comment string

	Columns []Column
	Key     []string // the primary key's columns
	Foreign []ForeignKey
	Indexes []Index
}

// A Column is one column of a table.
type Column struct {
	Name string

	// Type is the type as the definition spells it: a core type ("int32",
	// "varchar(16)"), a codec ("<blob>"), or a native type of the server.
	Type string
	// Core is the core type that is stored: that of the codec, or Type itself. It is
	// empty where Type is native.
	Core string
	// Unmarked tells that the column does not say of which core type it is, where the server
	// keeps that beside its own type: DataJoint has it so of foreign keys and hidden columns.
	Unmarked bool

	// Key tells, of a column that was found, that it is part of the primary key; what is to be
	// created says so in Table.Key.
	Key bool

	Nullable bool
	Default  string // SQL of the default value; empty for none
	Comment  string
}

// A ForeignKey lets Columns refer to the key of another table.
type ForeignKey struct {
	Columns          []string
	Schema, Table    string
	ReferenceColumns []string
}

// An Index is an index over columns.
type Index struct {
	Columns []string
	Unique  bool
	// Foreign marks the index of a foreign key that is unique.
	Foreign bool
}

// Hidden tells whether a column is one that users do not see unless they name it: its name
// begins with an underscore.
func (c Column) Hidden() bool { return strings.HasPrefix(c.Name, "_") }

// Literal quotes text as an SQL string. It is for the parts of a definition (defaults,
// members of an enum), which no server takes as arguments.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
