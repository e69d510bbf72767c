package main

import (
	"regexp"
	"strings"
)

// answers are the questions in SQL, by number, as one writes it by hand. A name in braces is a table's, or one
// of spellings.
var answers = map[string]string{
	"1": `SELECT {all} FROM {student} WHERE home_state = 'CA'`,
	"2": `SELECT {all} FROM {student} WHERE sex = 'F' AND home_state <> 'CA'`,
	"3": `SELECT {all} FROM {student} WHERE home_state = 'CA' OR home_state = 'TX' OR home_state = 'NY'`,
	"4": `SELECT {all} FROM {student} WHERE home_state = 'CA'
		UNION ALL SELECT {all} FROM {student} WHERE home_state = 'TX'`,
	"5": `SELECT {all} FROM {student} WHERE student_id IN (SELECT student_id FROM {student_major} WHERE dept = 'CS')`,
	"6": `SELECT {all} FROM {student} WHERE student_id NOT IN (SELECT student_id FROM {enroll} WHERE dept = 'MATH')`,
	"7": `SELECT {all} FROM {student} WHERE student_id IN (
		SELECT e.student_id FROM {enroll} e
		LEFT JOIN {grade} g ON g.student_id = e.student_id AND g.dept = e.dept AND g.course = e.course
			AND g.term_year = e.term_year AND g.term = e.term AND g.section = e.section
		WHERE g.grade IS NULL)`,
	"8": `SELECT {all} FROM {student} WHERE student_id IN (
		SELECT student_id FROM {grade} GROUP BY student_id HAVING MIN(grade) = 'A' AND MAX(grade) = 'A')`,

	"9a":  `SELECT student_id, first_name FROM {student}`,
	"9b":  `SELECT student_id, last_name AS family_name FROM {student}`,
	"9c":  `SELECT student_id, first_name, last_name, sex, home_city, home_state FROM {student}`,
	"10a": `SELECT student_id, {full_name} AS full_name FROM {student}`,
	"10b": `SELECT {all}, {age} AS age FROM {student}`,
	"11a": `SELECT DISTINCT first_name FROM {student}`,
	"11b": `SELECT DISTINCT s.home_state FROM {student} s INNER JOIN {enroll} e ON e.student_id = s.student_id`,
	"12": `SELECT DISTINCT {birth_year} AS birth_year FROM {student}
		WHERE student_id IN (SELECT student_id FROM {enroll} WHERE dept = 'CS')`,

	"13a": `SELECT m.student_id, first_name, dept, declare_date
		FROM {student_major} m, {student} s WHERE s.student_id = m.student_id`,
	"13b": `SELECT s.student_id, first_name, dept, declare_date
		FROM {student_major} m, {student} s WHERE s.student_id = m.student_id
		UNION ALL SELECT student_id, first_name, NULL, NULL
		FROM {student} WHERE student_id NOT IN (SELECT student_id FROM {student_major})`,
	"14": `SELECT g.student_id, g.dept, g.course, g.term_year, g.term, g.section, s.first_name, g.grade, c.course_name, c.credits
		FROM {grade} g, {course} c, {student} s
		WHERE c.course = g.course AND c.dept = g.dept AND s.student_id = g.student_id`,

	"15": `SELECT dept, (SELECT COUNT(*) FROM {student_major} m WHERE m.dept = d.dept) AS n FROM {department} d`,
	"16": `SELECT m.dept, COUNT(CASE s.sex WHEN 'F' THEN 1 END) AS n_female, COUNT(CASE s.sex WHEN 'M' THEN 1 END) AS n_male
		FROM {student_major} m INNER JOIN {student} s ON s.student_id = m.student_id GROUP BY m.dept`,
	"17": `SELECT dept, course, course_name, credits,
		(SELECT COUNT(*) FROM {enroll} e WHERE e.dept = c.dept AND e.course = c.course) AS n FROM {course} c`,
	"18": `SELECT dept, course, course_name,
		(SELECT AVG(points) FROM {grade} g INNER JOIN {#letter_grade} l ON l.grade = g.grade
			WHERE g.dept = c.dept AND g.course = c.course) AS avg,
		(SELECT COUNT(*) FROM {grade} g WHERE g.dept = c.dept AND g.course = c.course) AS n
		FROM {course} c`,
	"19": gpaByHand,
	"20": `SELECT student_id, first_name, credits, gpa FROM (` + gpaByHand + `) a
		WHERE credits >= 12 ORDER BY gpa DESC, student_id LIMIT 5`,
	"21": `SELECT {all} FROM {student} WHERE student_id IN (SELECT student_id FROM {enroll}
		GROUP BY student_id HAVING COUNT(DISTINCT dept) = (SELECT COUNT(*) FROM {department}))`,
	"22": `SELECT dept, course, course_name, credits, n, n AS max_n FROM (` + popularityByHand + `) p
		WHERE NOT EXISTS (SELECT * FROM (` + popularityByHand + `) q WHERE q.dept = p.dept AND q.n > p.n)`,
	"23": `SELECT l.grade, MIN(l.points) AS points, COUNT(*) AS count
		FROM {grade} g INNER JOIN {#letter_grade} l ON l.grade = g.grade GROUP BY l.grade`,
	"24": `SELECT COUNT(*) AS n FROM {grade}`,
}

// What answers have in common.
const (
	gpaByHand = `SELECT s.student_id, s.first_name, t.credits, t.weighted / t.credits AS gpa FROM {student} s LEFT JOIN (
			SELECT g.student_id, SUM(c.credits) AS credits, SUM(l.points * c.credits) AS weighted
			FROM {grade} g, {#letter_grade} l, {course} c
			WHERE l.grade = g.grade AND c.dept = g.dept AND c.course = g.course GROUP BY g.student_id
		) t ON t.student_id = s.student_id`
	popularityByHand = `SELECT e.dept, e.course, c.course_name, c.credits, COUNT(*) AS n
			FROM {enroll} e INNER JOIN {course} c ON c.dept = e.dept AND c.course = e.course
			GROUP BY e.dept, e.course, c.course_name, c.credits`
	studentByHand = `student_id, first_name, last_name, sex, date_of_birth, home_city, home_state`
)

// spellings are how the two families of servers say what they say differently, each in its own way.
var spellings = map[bool]map[string]string{
	true: { // SQLite
		"{all}":        studentByHand,
		"{full_name}":  `first_name || ' ' || last_name`,
		"{birth_year}": `CAST(strftime('%Y', date_of_birth) AS INTEGER)`,
		"{age}":        `CAST(strftime('%Y%m%d', 'now') - strftime('%Y%m%d', date_of_birth) AS INTEGER) / 10000`,
	},
	false: { // MySQL and MariaDB
		"{all}":        studentByHand,
		"{full_name}":  `CONCAT(first_name, ' ', last_name)`,
		"{birth_year}": `YEAR(date_of_birth)`,
		"{age}":        `TIMESTAMPDIFF(YEAR, date_of_birth, CURDATE())`,
	},
}

// sqlOf is the answer to a question, for the server of a DSN.
func sqlOf(number, dsn string) string {
	sqlite := strings.HasPrefix(dsn, "sqlite:")
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllStringFunc(answers[number], func(name string) string {
		if spelled, ok := spellings[sqlite][name]; ok {
			return spelled
		}
		if sqlite {
			return "`university." + strings.Trim(name, "{}") + "`"
		}
		return "university.`" + strings.Trim(name, "{}") + "`"
	})
}
