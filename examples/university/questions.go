package main

import (
	"github.com/rowmill/rowmill/examples/university/registrar"
	"github.com/rowmill/rowmill/query"
)

// A question is what somebody wants to know of the university, and the relation that answers.
// Those of one number are variants.
type question struct {
	number string
	text   string
	answer query.Rel
}

// The tables, as relations.
var (
	students    = query.From(registrar.Students)
	departments = query.From(registrar.Departments)
	majors      = query.From(registrar.StudentMajors)
	courses     = query.From(registrar.Courses)
	enrollments = query.From(registrar.Enrollments)
	letters     = query.From(registrar.LetterGrades)
	grades      = query.From(registrar.Grades)
)

// What relations are matched with: any struct whose fields are attributes.
type (
	state struct{ HomeState string }
	sex   struct{ Sex string }
	dept  struct{ Dept string }
	grade struct{ Grade string }
)

// Functions are the server's own, and a relation that uses them is that server's. These are spelled so that
// all servers take them.
const (
	// SQLite has CONCAT since 3.44. Its || is an OR to MySQL and MariaDB.
	fullName = "CONCAT(first_name, ' ', last_name)"

	// MySQL and MariaDB say YEAR(date_of_birth), SQLite strftime('%Y', date_of_birth). A date
	// that is cut like a text begins with its year everywhere; SIGNED is MySQL's word for an
	// integer, which SQLite takes for a number.
	birthYear = "CAST(SUBSTR(date_of_birth, 1, 4) AS SIGNED)"

	// MySQL and MariaDB say TIMESTAMPDIFF(YEAR, date_of_birth, CURDATE()), for which SQLite has no
	// function: the years between, less one before this year's birthday. CURRENT_DATE is the
	// day by the server's clock, and in SQLite by UTC.
	age = "CAST(SUBSTR(CURRENT_DATE, 1, 4) AS SIGNED) - " + birthYear +
		" - (SUBSTR(CURRENT_DATE, 6, 5) < SUBSTR(date_of_birth, 6, 5))"
)

// Relations are values: what several questions need has a name.
var (
	// gpa is each student's grade average, in which a course counts as many times as it has credits.
	gpa = students.Aggregate(grades.Join(letters).Join(courses),
		"first_name", "credits = SUM(credits)", "gpa = SUM(points * credits) / SUM(credits)")

	// popularity is how many took each course.
	popularity = courses.Aggregate(enrollments, "...", "n = COUNT(*)")
)

// restrictions ask which rows: by values, by conditions, and by other relations.
var restrictions = []question{
	{"1", "students from California", students.Match(state{"CA"})},
	{"2", "women who are not from California", students.Match(sex{"F"}).NotMatch(state{"CA"})},
	{"3", "students from California, Texas or New York, by a condition", students.Where("home_state IN ('CA', 'TX', 'NY')")},
	{"4", "students from California or Texas, by a list", students.Match(state{"CA"}, state{"TX"})},
	{"5", "students who major in computer science", students.In(majors.Match(dept{"CS"}))},
	{"6", "students who never took a course in mathematics", students.NotIn(enrollments.Match(dept{"MATH"}))},
	{"7", "students with an enrolment that has no grade", students.In(enrollments.NotIn(grades))},
	{"8", "students whose grades are all A, and who have some", students.In(grades).NotIn(grades.NotMatch(grade{"A"}))},
}

// projections ask for other attributes: fewer, renamed, computed; and for their distinct values.
var projections = []question{
	{"9a", "students by their first names", students.Project("first_name")},
	{"9b", "students by their family names", students.Project("family_name = last_name")},
	{"9c", "students without their dates of birth", students.Project("...", "-date_of_birth")},
	{"10a", "students by their full names", students.Project("full_name = " + fullName)},
	{"10b", "students with their ages in years", students.Project("...", "age = "+age)},
	{"11a", "the first names there are", query.Universal("first_name").In(students)},
	{"11b", "the home states of those who enrolled", query.Universal("home_state").In(students.In(enrollments))},
	{
		"12", "the birth years of those who took a course in computer science",
		query.Universal("birth_year").In(students.Project("birth_year = " + birthYear).In(enrollments.Match(dept{"CS"}))),
	},
}

// joins put tables together.
var joins = []question{
	{"13a", "students with their majors", students.Project("first_name").Join(majors)},
	{"13b", "students with their majors, and those without one", students.Project("first_name").Extend(majors)},
	{
		"14", "grades with the names of students and courses",
		students.Project("first_name").Join(grades).Join(courses.Project("course_name", "credits")),
	},
}

// summaries compute over many rows.
var summaries = []question{
	{"15", "students per department", departments.Aggregate(majors, "n = COUNT(*)")},
	{
		"16", "women and men per department",
		departments.Aggregate(majors.Join(students), "n_female = SUM(sex = 'F')", "n_male = SUM(sex = 'M')"),
	},
	{"17", "enrolments per course", popularity},
	{
		"18", "mean points per course",
		courses.Aggregate(grades.Join(letters), "course_name", "avg = AVG(points)", "n = COUNT(*)"),
	},
	{"19", "grade average of each student, weighted by credits", gpa},
	{"20", "the best five of those with 12 credits or more", gpa.Where("credits >= 12").Top(5, "gpa DESC")},
	{
		// In a department each student has taken a course, but for these pairs: they took none.
		"21", "students who took courses in all departments",
		students.NotIn(students.Project().Join(departments).NotIn(enrollments)),
	},
	{
		"22", "each department's most popular course",
		popularity.Join(departments.Aggregate(popularity, "max_n = MAX(n)")).Where("n = max_n"),
	},
	// AggregateMatching would leave the zero out by itself.
	{"23", "how often each grade was given, zero left out", letters.Aggregate(grades, "...", "count = COUNT(*)").Where("count > 0")},
	{"24", "how many grades were given in all", query.Universal().Aggregate(grades, "n = COUNT(*)")},
}
