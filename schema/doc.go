// Package schema declares tables.
//
// A table is a definition, a text in DataJoint's language, beside a plain Go struct that
// holds one of its rows:
//
//	var Schema = schema.New("lab")
//
//	// A Session is one recording of a subject.
//	type Session struct {
//		SubjectID int32
//		Session   int32
//		RateHz    float64
//		Signal    []float64
//	}
//
//	var Sessions = schema.Manual[Session](Schema, `
//		# One recording of a subject
//		-> Subject
//		session : int32
//		---
//		rate_hz : float64  # samples per second
//		signal  : <blob>   # the samples
//	`, Subjects)
//
// What stands above the --- is the primary key. The struct names the table, and its fields the
// attributes: SubjectID is subject_id; a tag `db:"name"` says otherwise. An embedded struct,
// as a key that several tables share, counts as its fields. "-> Subject" is a foreign key: it
// brings the primary key of Subjects, one of the tables that follow the definition.
//
// Declarations are checked when the program starts. One that is wrong, or does not fit its
// struct, panics with the file and line of the declaration. [Schema.Declare] creates the tables
// in a database.
//
// The package knows tables and what can be stored in them. It runs no queries.
package schema
