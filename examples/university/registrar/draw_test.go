package registrar

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDraw wants the university to be what its constants say, and the same one each time.
func TestDraw(t *testing.T) {
	u := draw()
	require.Equal(t, u, draw())
	require.Len(t, u.departments, 4)
	require.Len(t, u.courses, 21)
	require.Len(t, u.terms, 3*years)
	require.Len(t, u.students, admitted)
	require.InDelta(t, 1-undecided, float64(len(u.majors))/admitted, 0.02)
	require.InDelta(t, 1-ungraded, float64(len(u.grades))/float64(len(u.enrollments)), 0.01)

	enrolled, taken := map[int64]bool{}, map[Enroll]bool{}
	for _, e := range u.enrollments {
		enrolled[e.StudentID] = true
		course := Enroll{e.StudentID, SectionKey{CourseKey: e.CourseKey}}
		require.False(t, taken[course], "%+v is taken twice", course)
		taken[course] = true
	}
	require.InDelta(t, 1-absent, float64(len(enrolled))/admitted, 0.01)
}

// TestGaps wants there to be what some questions are about: a course that was never given, and a
// mark that nobody has.
func TestGaps(t *testing.T) {
	u := draw()
	for _, s := range u.sections {
		require.NotEqual(t, planned, s.CourseKey)
	}
	given := map[string]bool{}
	for _, g := range u.grades {
		given[g.Grade] = true
	}
	require.Len(t, given, len(letters)-1)
	require.False(t, given[notGiven])
}
