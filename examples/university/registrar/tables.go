// Package registrar is what a university's registrar keeps:
//
//	Department ← Course ←─┐
//	                      ├─ Section ←─┐
//	               Term ←─┘            ├─ Enroll ← Grade → LetterGrade
//	                         Student ←─┘
//
//	Department ← StudentMajor → Student
//
// A department gives courses. A course that is given in a term has one section or more, in which
// students enroll, and are graded. A student may major in a department.
//
// It is the schema that DataJoint teaches with. The tables are declared in tables.go; [Fill] enters
// the rows of a university that never was, which draw.go draws.
package registrar

import (
	"time"

	"github.com/rowmill/rowmill/schema"
)

// Schema holds the tables of the university.
var Schema = schema.New("university")

// A Student is somebody who studies, or has studied.
type Student struct {
	StudentID   int64
	FirstName   string
	LastName    string
	Sex         string
	DateOfBirth time.Time
	HomeCity    string
	HomeState   string
}

// Students are all who were ever admitted.
var Students = schema.Manual[Student](Schema, `
	# Somebody who studies, or has studied
	student_id    : int64              # number on the student's card
	---
	first_name    : varchar(40)
	last_name     : varchar(40)
	sex           : enum('F','M','U')  # U: undisclosed
	date_of_birth : date
	home_city     : varchar(60)
	home_state    : char(2)            # as the post abbreviates it
`)

// A Department teaches a subject.
type Department struct {
	Dept     string
	DeptName string
}

// Departments are those of the university.
var Departments = schema.Manual[Department](Schema, `
	# Department that teaches a subject
	dept      : varchar(6)    # as in the course catalogue
	---
	dept_name : varchar(200)
`)

// A StudentMajor is the department in which a student majors.
type StudentMajor struct {
	StudentID   int64
	Dept        string
	DeclareDate time.Time
}

// StudentMajors are declared by students, at most one by each.
var StudentMajors = schema.Manual[StudentMajor](Schema, `
	# Department in which a student majors
	-> Student
	---
	-> Department
	declare_date : date  # when the student said so
`, Students, Departments)

// A CourseKey identifies a course.
type CourseKey struct {
	Dept   string
	Course int16
}

// A Course is what a department teaches in one term.
type Course struct {
	CourseKey
	CourseName string
	Credits    string
}

// Courses are those of the catalogue, whether they are given or not.
var Courses = schema.Manual[Course](Schema, `
	# Course of the catalogue
	-> Department
	course      : int16         # number in the catalogue
	---
	course_name : varchar(200)
	credits     : decimal(3,1)  # what it counts
`, Departments)

// A Term is a part of the academic year.
type Term struct {
	TermYear int16
	Term     string
}

// Terms are those in which courses were given.
var Terms = schema.Manual[Term](Schema, `
	# Part of the academic year
	term_year : int16
	term      : enum('Spring','Summer','Fall')
`)

// A SectionKey identifies a section.
type SectionKey struct {
	CourseKey
	TermYear int16
	Term     string
	Section  string
}

// A Section is a course as it is given once.
type Section struct {
	SectionKey
	Auditorium string
}

// Sections are the courses that were given.
var Sections = schema.Manual[Section](Schema, `
	# Course as it is given once
	-> Course
	-> Term
	section    : char(1)      # a, b, …
	---
	auditorium : varchar(12)
`, Courses, Terms)

// An Enroll is the enrolment of a student in a section.
type Enroll struct {
	StudentID int64
	SectionKey
}

// Enrollments say who took what.
var Enrollments = schema.Manual[Enroll](Schema, `
	# Enrolment of a student in a section
	-> Student
	-> Section
`, Students, Sections)

// A LetterGrade is a mark, and what it counts.
type LetterGrade struct {
	Grade  string
	Points string
}

// LetterGrades are the marks there are.
var LetterGrades = schema.Lookup(Schema, `
	# Mark, and what it counts
	grade  : char(2)
	---
	points : decimal(3,2)
`, letters)

// A Grade is the mark of a student in a section.
type Grade struct {
	Enroll
	Grade string
}

// Grades are given at the end of a term, to those who finish.
var Grades = schema.Manual[Grade](Schema, `
	# Mark of a student in a section
	-> Enroll
	---
	-> LetterGrade
`, Enrollments, LetterGrades)
