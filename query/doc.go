// Package query asks questions of tables in the relational algebra, and enters rows.
//
//	type row struct {
//		Species string
//		PeakHz  float64
//	}
//	fast := query.From(lab.Subjects, lab.Spectra).Where("peak_hz > ?", 60)
//	for r, err := range query.Each[row](ctx, db, fast) { … }
//
// A [Rel] is a relation: a question that has not been asked yet. Its methods make new
// relations of it, and never change it. [Fetch], [Each], [One] and [Count] ask, as one SELECT;
// the fields of the row type say which attributes are wanted.
//
// Hidden attributes, whose names begin with an underscore, as those that tell when and by which code
// a row was made, are passed over until they are named: Where("_job_duration > 60"), or a
// field with the tag `db:"_job_version"`.
//
// The stages, and what each may not know: rel.go, join.go, project.go and condition.go know headings and no SQL but
// what the user wrote; compile.go makes one SELECT of the whole, and knows no Go types; fetch.go
// and insert.go run statements, and know no algebra.
package query
