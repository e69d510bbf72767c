package registrar

import (
	"math/rand/v2"
	"slices"
	"time"
)

// How large the university is. What is a share comes out about so, since rows are drawn.
const (
	firstYear, years = 2019, 5
	admitted         = 2000
	undecided        = 0.25 // of the students: those without a major
	absent           = 0.03 // of the students: those who never enrolled
	ungraded         = 0.10 // of the enrolments: those without a grade
)

// notGiven is a mark that no teacher of this university gives.
const notGiven = "D-"

// A university is the rows of all tables, but for the marks there are.
type university struct {
	departments []Department
	courses     []Course
	terms       []Term
	sections    []Section
	students    []Student
	majors      []StudentMajor
	enrollments []Enroll
	grades      []Grade

	rand  *rand.Rand
	held  map[Term][]SectionKey // the sections of each term
	marks []string              // those that are given, the best one first
}

// draw makes a university, the same one each time.
func draw() *university {
	u := &university{
		departments: departments, courses: catalogue,
		rand: rand.New(rand.NewPCG(1636, 1636)), held: map[Term][]SectionKey{},
	}
	for _, l := range letters {
		if l.Grade != notGiven {
			u.marks = append(u.marks, l.Grade)
		}
	}
	for year := range years {
		for _, term := range []string{"Spring", "Summer", "Fall"} {
			u.hold(Term{int16(firstYear + year), term})
		}
	}
	for i := range admitted {
		u.admit(int64(1001 + i))
	}
	return u
}

// hold gives the courses of a term, in one section or two each: most of them, and few in summer.
func (u *university) hold(term Term) {
	u.terms = append(u.terms, term)
	for _, course := range u.courses {
		held := u.chance(0.9)
		if term.Term == "Summer" {
			held = u.chance(0.2)
		}
		if !held || course.CourseKey == planned {
			continue
		}
		for _, name := range []string{"a", "b"}[:1+u.rand.IntN(2)] {
			key := SectionKey{course.CourseKey, term.TermYear, term.Term, name}
			u.sections = append(u.sections, Section{key, pick(u, auditoriums)})
			u.held[term] = append(u.held[term], key)
		}
	}
}

// admit lets a student come, choose a major, and take courses.
func (u *university) admit(id int64) {
	year := firstYear + u.rand.IntN(years)
	u.students = append(u.students, u.student(id, year))
	major := ""
	if !u.chance(undecided) {
		major = pick(u, u.departments).Dept
		u.majors = append(u.majors, StudentMajor{id, major, date(year+u.rand.IntN(2), u.rand.IntN(365))})
	}
	if !u.chance(absent) {
		u.study(id, year, major)
	}
}

// student draws somebody who is about twenty in a year.
func (u *university) student(id int64, year int) Student {
	home := pick(u, homes)
	s := Student{
		StudentID: id, LastName: pick(u, lastNames), HomeCity: home.city, HomeState: home.state,
		DateOfBirth: date(year-19-u.rand.IntN(3), u.rand.IntN(365)),
	}
	switch x := u.rand.Float64(); {
	case x < 0.50:
		s.Sex, s.FirstName = "F", pick(u, womensNames)
	case x < 0.98:
		s.Sex, s.FirstName = "M", pick(u, mensNames)
	default:
		s.Sex, s.FirstName = "U", pick(u, slices.Concat(womensNames, mensNames))
	}
	return s
}

// study has a student take courses from a year on, one or two a term, until they leave. No course
// is taken twice.
func (u *university) study(id int64, year int, major string) {
	talent := u.rand.NormFloat64()
	taken := map[CourseKey]bool{}
	for _, term := range u.terms {
		if int(term.TermYear) < year {
			continue
		}
		if len(taken) > 0 && u.chance(0.2) {
			return
		}
		for range 1 + u.rand.IntN(2) {
			section, ok := u.choose(term, major)
			if !ok || taken[section.CourseKey] {
				continue
			}
			taken[section.CourseKey] = true
			e := Enroll{id, section}
			u.enrollments = append(u.enrollments, e)
			if !u.chance(ungraded) {
				u.grades = append(u.grades, Grade{e, u.mark(talent)})
			}
		}
	}
}

// choose chooses a section of a term, more often than not one of the major. It is not ok if there
// is none.
func (u *university) choose(term Term, major string) (section SectionKey, ok bool) {
	held := u.held[term]
	elsewhere := func(s SectionKey) bool { return s.Dept != major }
	if own := slices.DeleteFunc(slices.Clone(held), elsewhere); len(own) > 0 && u.chance(0.6) {
		held = own
	}
	if len(held) == 0 {
		return SectionKey{}, false
	}
	return pick(u, held), true
}

// mark draws a mark: a B or so, better for those with talent.
func (u *university) mark(talent float64) string {
	rank := int(3.5 - 2*talent + 1.5*u.rand.NormFloat64())
	return u.marks[min(max(rank, 0), len(u.marks)-1)]
}

// chance is true with a probability.
func (u *university) chance(p float64) bool { return u.rand.Float64() < p }

// pick draws one of several.
func pick[T any](u *university, from []T) T { return from[u.rand.IntN(len(from))] }

// date is a day of a year, counted from 0.
func date(year, day int) time.Time { return time.Date(year, time.January, 1+day, 0, 0, 0, 0, time.UTC) }
