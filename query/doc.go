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
// the fields of the row type say which attributes are wanted. A struct is also the shortest way to say
// which rows are wanted: Match(struct{ Species string }{"mouse"}).
//
// Hidden attributes, whose names begin with an underscore, as those that tell when and by which code
// a row was made, are passed over until they are named: Where("_job_duration > 60"), or a
// field with the tag `db:"_job_version"`.
//
// [Insert], [Replace], [InsertMissing], [InsertFrom] and [Update] change rows, [Delete] takes them away with all that
// comes from them, and [Trace] finds what they come from.
//
// The stages, and what each may not know: rel.go, condition.go and a file for each operator know headings and no SQL but
// what the user wrote (expression.go, calls.go); compile.go makes one SELECT of the whole, and knows no Go types; fetch.go and
// rows.go run it, and know no algebra. insert.go, intake.go, missing.go and blame.go enter rows; delete.go, cascade.go,
// reach.go, parts.go and erase.go delete them, and drop.go drops tables; catalog.go looks which are there.
package query
