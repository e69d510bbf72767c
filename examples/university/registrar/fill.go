package registrar

import (
	"context"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Fill enters the rows of the university, the same ones each time, unless there are students
// already. All are entered in one transaction: who is interrupted finds the tables empty again.
func Fill(ctx context.Context, db *rowmill.DB) error {
	err := db.Transact(ctx, func(tx *rowmill.Tx) error {
		there, err := query.Exists(ctx, tx, query.From(Students))
		if err != nil || there {
			return err
		}
		return draw().enter(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("fill the university: %w", err)
	}
	return nil
}

// enter enters all rows, those that others refer to first.
func (u *university) enter(ctx context.Context, tx *rowmill.Tx) error {
	for _, insert := range []func() error{
		rowsOf(ctx, tx, Departments, u.departments),
		rowsOf(ctx, tx, Courses, u.courses),
		rowsOf(ctx, tx, Terms, u.terms),
		rowsOf(ctx, tx, Sections, u.sections),
		rowsOf(ctx, tx, Students, u.students),
		rowsOf(ctx, tx, StudentMajors, u.majors),
		rowsOf(ctx, tx, Enrollments, u.enrollments),
		rowsOf(ctx, tx, Grades, u.grades),
	} {
		if err := insert(); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf is what inserts the rows of a table.
func rowsOf[Row any](ctx context.Context, tx *rowmill.Tx, table *schema.TableOf[Row], rows []Row) func() error {
	return func() error { return query.Insert(ctx, tx, table, rows...) }
}
