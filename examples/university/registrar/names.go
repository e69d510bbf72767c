package registrar

import "strings"

// departments are those of the university.
var departments = []Department{
	{"BIOL", "Life Sciences"},
	{"CS", "Computer Science"},
	{"MATH", "Mathematics"},
	{"PHYS", "Physics"},
}

// catalogue lists the courses.
var catalogue = []Course{
	{CourseKey{"BIOL", 1010}, "Biology in the 21st Century", "3.0"},
	{CourseKey{"BIOL", 1210}, "Principles of Biology", "4.0"},
	{CourseKey{"BIOL", 2020}, "Principles of Cell Biology", "3.0"},
	{CourseKey{"BIOL", 2325}, "Human Anatomy", "4.0"},
	{CourseKey{"BIOL", 2420}, "Human Physiology", "4.0"},
	{CourseKey{"CS", 1030}, "Foundations of Computer Science", "3.0"},
	{CourseKey{"CS", 1410}, "Introduction to Object-Oriented Programming", "4.0"},
	{CourseKey{"CS", 2100}, "Discrete Structures", "3.0"},
	{CourseKey{"CS", 2420}, "Introduction to Algorithms and Data Structures", "4.0"},
	{CourseKey{"CS", 3500}, "Software Practice", "4.0"},
	{CourseKey{"CS", 4940}, "Undergraduate Research", "1.5"},
	{planned, "Databases", "3.0"},
	{CourseKey{"MATH", 1210}, "Calculus I", "4.0"},
	{CourseKey{"MATH", 1220}, "Calculus II", "4.0"},
	{CourseKey{"MATH", 2210}, "Calculus III", "3.0"},
	{CourseKey{"MATH", 2270}, "Linear Algebra", "4.0"},
	{CourseKey{"MATH", 3210}, "Foundations of Analysis", "3.0"},
	{CourseKey{"PHYS", 2040}, "Classical Theoretical Physics", "4.0"},
	{CourseKey{"PHYS", 2060}, "Quantum Mechanics", "3.0"},
	{CourseKey{"PHYS", 2100}, "General Relativity and Cosmology", "3.0"},
	{CourseKey{"PHYS", 2140}, "Statistical Mechanics", "4.0"},
}

// planned is a course that was never given yet.
var planned = CourseKey{"CS", 5530}

// A home is a town in a state.
type home struct{ city, state string }

// homes are where students come from; a town that stands here twice sends twice as many.
var homes = []home{
	{"Salt Lake City", "UT"}, {"Salt Lake City", "UT"}, {"Salt Lake City", "UT"}, {"Provo", "UT"}, {"Ogden", "UT"},
	{"Los Angeles", "CA"}, {"Sacramento", "CA"}, {"San Diego", "CA"}, {"Houston", "TX"}, {"Austin", "TX"},
	{"New York", "NY"}, {"Buffalo", "NY"}, {"Denver", "CO"}, {"Boise", "ID"}, {"Las Vegas", "NV"},
	{"Phoenix", "AZ"}, {"Seattle", "WA"}, {"Chicago", "IL"}, {"Coeur d'Alene", "ID"}, {"Honolulu", "HI"},
}

// auditoriums are the rooms where courses are given.
var auditoriums = strings.Fields("B101 B102 C210 C310 D001 E400 Aula Forum")

// The names of students.
var (
	womensNames = strings.Fields(`Alice Amelia Ava Beatriz Chloe Emma Grace Hannah Isabella Julia Leila Mei
		Mia Nora Olivia Priya Ruth Sofia Yuki Zoe`)
	mensNames = strings.Fields(`Aaron Ahmed Benjamin Carlos Daniel Diego Elijah Ethan Hiro Jack James Liam
		Lucas Mateo Noah Oliver Ravi Samuel Tom William`)
	lastNames = strings.Fields(`Adams Baker Brown Carter Chen Clark Cohen Davis Diaz Evans Fischer Garcia Gomez
		Green Hall Harris Ito Jackson Johnson Jones Khan Kim King Lee Lewis Lopez Martin Miller Moore Nguyen
		O'Brien Patel Perez Rossi Silva Singh Smith Taylor Thomas Walker Wang White Wilson Wright Young`)
)

// letters are the marks there are, the best one first.
var letters = []LetterGrade{
	{"A", "4.00"}, {"A-", "3.67"},
	{"B+", "3.33"}, {"B", "3.00"}, {"B-", "2.67"},
	{"C+", "2.33"}, {"C", "2.00"}, {"C-", "1.67"},
	{"D+", "1.33"}, {"D", "1.00"}, {"D-", "0.67"},
	{"F", "0.00"},
}
