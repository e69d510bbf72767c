package dialect

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rowmill/rowmill/internal/datatype"
)

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

	// Type is the type. What is stored is Type.Stored, in the definition's spelling.
	Type datatype.Type
	// Unmarked tells that the column does not say of which core type it is, where the server
	// keeps that beside its own type: DataJoint has it so of foreign keys, hidden columns and
	// native types.
	Unmarked bool

	Nullable bool
	// Default is SQL of the default value: NULL, CURRENT_TIMESTAMP with as many digits as the type
	// has, TRUE, or a text in quotes, of numbers too, as Literal and Bytes make it. Empty for none.
	Default string
	Comment string

	// Besides is what a server does with the column that nothing else here says, as "on update
	// current_timestamp()", and that Alter's Modify takes away. Describe tells it; empty for nothing.
	Besides string
}

// A ForeignKey lets Columns refer to the key of another table.
type ForeignKey struct {
	Columns          []string
	Schema, Table    string
	ReferenceColumns []string
}

// A Change is one thing that Alter does to a table. One of its fields is set, or Modify and From.
type Change struct {
	Add    *Column // is not there; it is nullable, or has a constant default, or the table is empty
	After  string  // the column behind which Add is put; empty for the end
	Modify *Column // is there as From, which has the same name
	From   *Column
	Drop   *Column

	AddIndex  *Index
	DropIndex *Index // as Describe found it, with its name
	Comment   *string
}

// Hidden tells whether a column is one that users do not see unless they name it: its name
// begins with an underscore.
func (c Column) Hidden() bool { return strings.HasPrefix(c.Name, "_") }

// Literal quotes text as an SQL string. It is for the parts of a definition (defaults,
// members of an enum), which no server takes as arguments.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// Bytes spells bytes in SQL: as Literal does where they are a text, and in hexadecimal digits
// otherwise.
func Bytes(b []byte) string {
	if utf8.Valid(b) && !bytes.ContainsFunc(b, func(c rune) bool { return c < ' ' || c == '\\' }) {
		return Literal(string(b))
	}
	return fmt.Sprintf("X'%X'", b)
}
