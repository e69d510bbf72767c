package query

import (
	"slices"
	"time"
)

// An algebraCase is a question and its answer: the rows as texts of all attributes, sorted, and
// the primary key.
type algebraCase struct {
	name string
	rel  Rel
	key  string
	rows []string

	quotedMarks int  // question marks in quoted text
	inOrder     bool // the rows have the order of the answer
}

// Rows that several answers share.
var (
	subject1, subject2, subject3 = "1 mouse 20.5", "2 rat NULL", "3 mouse NULL"
	session11, session12         = "1 1 100 a 3", "1 2 200 NULL 1"
	session21                    = "2 1 100 NULL 2"
	fft11, welch11, fft12        = "1 1 fft 10", "1 1 welch 12", "1 2 fft 50"
	none                         = []string{}
)

func algebraCases() []algebraCase {
	return slices.Concat(restrictionCases(), listCases(), documentCases(), hiddenCases(), projectionCases(), joinCases(), extendCases(), memberCases(),
		orderCases(), pageCases(), aggregateCases(), nestedAggregateCases(), unionCases(), universalCases(), totalCases())
}

func restrictionCases() []algebraCase {
	noon := time.Date(2024, 1, 2, 12, 0, 0, 0, time.UTC)
	return []algebraCase{
		{name: "a table", rel: From(subjects), key: "subject_id", rows: []string{subject1, subject2, subject3}},
		{name: "a table of one row", rel: From(setups), key: "", rows: []string{"7"}},
		{name: "an empty table", rel: From(blanks), key: "blank", rows: none},
		{name: "where", rel: From(subjects).Where("species = ?", "mouse"), key: "subject_id", rows: []string{subject1, subject3}},
		{name: "where twice", rel: From(subjects).Where("species = 'mouse' OR species = 'rat'").Where("subject_id > ?", 1),
			key: "subject_id", rows: []string{subject2, subject3}},
		{name: "where a reserved word", rel: From(sessions).Where("`order` > ? AND rate_hz BETWEEN ? AND ?", 1, 50, 150.5),
			key: "subject_id session", rows: []string{session11, session21}},
		{name: "where null", rel: From(subjects).Where("weight IS NULL AND NOT (subject_id IN (?, ?))", 3, 4),
			key: "subject_id", rows: []string{subject2}},
		{name: "where a null argument", rel: From(subjects).Where("weight = ?", nil), key: "subject_id", rows: none},
		{name: "where functions", rel: From(subjects).Where("abs(weight) > 20 or length (species) = 3"),
			key: "subject_id", rows: []string{subject1, subject2}},
		{name: "where a case", rel: From(subjects).Where("CASE WHEN weight IS NULL THEN 1 ELSE 0 END = ?", true),
			key: "subject_id", rows: []string{subject2, subject3}},
		{name: "where quoted marks", rel: From(pairs).Where("note <> '?' AND note = 'it''s'"),
			key: "a b", rows: []string{"1 3 NULL it's"}, quotedMarks: 1},
		{name: "where quoted marks and arguments", rel: From(pairs).Where("note <> '?;--' AND note = ?", "x"),
			key: "a b", rows: []string{"1 2 fft x"}, quotedMarks: 1},
		{name: "where double quotes", rel: From(pairs).Where(`note = "it's" OR note = "note"`),
			key: "a b", rows: []string{"1 3 NULL it's"}},
		{name: "where a moment", rel: From(subjects).Where("? < '2024-01-03'", noon).Where("? > '2024-01-02'", &noon).Where("subject_id = 1"),
			key: "subject_id", rows: []string{subject1}},
		{name: "match a key", rel: From(sessions).Match(SessionKey{1, 2}), key: "subject_id session", rows: []string{session12}},
		{name: "match a pointer", rel: From(sessions).Match(&SessionKey{1, 1}), key: "subject_id session", rows: []string{session11}},
		{name: "match a map", rel: From(sessions).Match(map[string]any{"rate_hz": 100, "subject_id": 2}),
			key: "subject_id session", rows: []string{session21}},
		{name: "match a map of other numbers", rel: From(sessions).Match(map[string]any{"rate_hz": uint8(100), "subject_id": int64(2), "session": uint(1), "order": new(int32(2))}),
			key: "subject_id session", rows: []string{session21}},
		{name: "match a typed nil", rel: From(sessions).Match(map[string]any{"rig": (*string)(nil)}), key: "subject_id session", rows: []string{session12, session21}},
		{name: "match null", rel: From(sessions).Match(map[string]any{"rig": nil}), key: "subject_id session", rows: []string{session12, session21}},
		{name: "match a null field", rel: From(pairs).Match(struct{ Method *string }{}), key: "a b", rows: []string{"1 3 NULL it's", "2 3 NULL "}},
		{name: "match nothing in particular", rel: From(tags).Match(map[string]any{}), key: "tag", rows: []string{"t"}},
	}
}

func projectionCases() []algebraCase {
	slow := From(sessions).Project("...", "period = 1000 / rate_hz")
	return []algebraCase{
		{name: "project to the key", rel: From(sessions).Project(), key: "subject_id session", rows: []string{"1 1", "1 2", "2 1"}},
		{name: "project one", rel: From(sessions).Project("rate_hz"), key: "subject_id session", rows: []string{"1 1 100", "1 2 200", "2 1 100"}},
		{name: "project all but one", rel: From(sessions).Project("...", "-rig", "-order"), key: "subject_id session",
			rows: []string{"1 1 100", "1 2 200", "2 1 100"}},
		{name: "project all", rel: From(subjects).Project("..."), key: "subject_id", rows: []string{subject1, subject2, subject3}},
		{name: "rename a key", rel: From(sessions).Project("s = subject_id", "run=session"), key: "s run", rows: []string{"1 1", "1 2", "2 1"}},
		{name: "swap two names", rel: From(pairs).Project("a = b", "b = a"), key: "b a", rows: []string{"1 2", "1 3", "2 3"}},
		{name: "swap and restrict", rel: From(pairs).Project("a = b", "b = a").Where("a = 2"), key: "b a", rows: []string{"1 2"}},
		{name: "rename and where", rel: From(subjects).Project("kind = species").Where("kind = ?", "rat"), key: "subject_id", rows: []string{"2 rat"}},
		{name: "rename and match", rel: From(subjects).Project("kind = species").Match(map[string]any{"kind": "rat"}),
			key: "subject_id", rows: []string{"2 rat"}},
		{name: "where, rename, where", rel: From(subjects).Where("species = ?", "mouse").Project("species = weight").Where("species IS NOT NULL"),
			key: "subject_id", rows: []string{"1 20.5"}},
		{name: "compute", rel: From(subjects).Project("twice = 2 * subject_id"), key: "subject_id", rows: []string{"1 2", "2 4", "3 6"}},
		{name: "compute and where", rel: From(subjects).Project("twice = 2 * subject_id").Where("twice > ?", 2),
			key: "subject_id", rows: []string{"2 4", "3 6"}},
		{name: "compute of a condition and match", rel: From(subjects).Project("odd = species = 'rat' OR subject_id = 3").Match(map[string]any{"odd": 1}),
			key: "subject_id", rows: []string{"2 1", "3 1"}},
		{name: "compute null and match", rel: From(subjects).Project("w = weight OR weight").Match(map[string]any{"w": nil}),
			key: "subject_id", rows: []string{"2 NULL", "3 NULL"}},
		{name: "compute of computed", rel: slow.Where("period < ?", 10).Project("half = period / 2"), key: "subject_id session", rows: []string{"1 2 2.5"}},
		{name: "compute of renamed", rel: From(subjects).Project("n = subject_id").Project("m = n + 1"), key: "n", rows: []string{"1 2", "2 3", "3 4"}},
		{name: "compute of a reserved word", rel: From(sessions).Project("o = `order` + 1"), key: "subject_id session", rows: []string{"1 1 4", "1 2 2", "2 1 3"}},
		{name: "compute a quoted mark", rel: From(tags).Project("mark = '?'").Where("mark = ?", "?"), key: "tag", rows: []string{"t ?"}, quotedMarks: 2},
		{name: "compute over a window", rel: From(subjects).Project("n = count(*) OVER (PARTITION BY species)", "place = rank() over(ORDER BY subject_id DESC)"),
			key: "subject_id", rows: []string{"1 2 3", "2 1 2", "3 2 1"}},
		{name: "compute over a window, where", rel: From(subjects).Project("species", "n = count(*) OVER ()").Where("species = 'mouse' AND n = 3"),
			key: "subject_id", rows: []string{"1 mouse 3", "3 mouse 3"}},
		{name: "where, compute over a window, join", rel: From(subjects).Where("subject_id < 3").Project("n = count(*) OVER ()").Join(From(sessions)).Project("n"),
			key: "subject_id session", rows: []string{"1 1 2", "1 2 2", "2 1 2"}},
		{name: "top, compute over a window, top", rel: From(subjects).Top(2, "KEY DESC").Project("n = count(*) OVER ()").Top(1, "n", "KEY"),
			key: "subject_id", rows: []string{"2 2"}},
		{name: "compute and rename", rel: From(subjects).Project("id = subject_id", "n = 10 - subject_id").Project("m = n").Where("m = 8 AND id = 2"),
			key: "id", rows: []string{"2 8"}},
	}
}

func joinCases() []algebraCase {
	fast := From(sessions).Where("rate_hz > ?", 150)
	spectraOf := From(methods, spectra)
	return []algebraCase{
		{name: "join", rel: From(subjects, sessions), key: "subject_id session",
			rows: []string{"1 1 100 a 3 mouse 20.5", "1 2 200 NULL 1 mouse 20.5", "2 1 100 NULL 2 rat NULL"}},
		{name: "join the other way round", rel: From(sessions, subjects).Project("species"), key: "subject_id session",
			rows: []string{"1 1 mouse", "1 2 mouse", "2 1 rat"}},
		{name: "join three", rel: From(subjects, sessions, spectra).Project("species", "peak_hz"), key: "subject_id session method",
			rows: []string{"1 1 fft 10 mouse", "1 1 welch 12 mouse", "1 2 fft 50 mouse"}},
		{name: "join five", rel: From(subjects, sessions, methods, spectra, peaks).Where("peak = 1 AND method = 'fft'").Project("species", "gain", "hz"),
			key: "subject_id session method peak", rows: []string{"1 1 fft 1 9.5 mouse 1", "1 2 fft 1 50 mouse 1"}},
		{name: "join with nothing in common", rel: From(methods, tags), key: "method tag", rows: []string{"fft t 1", "welch t 2"}},
		{name: "join with a table of one row", rel: From(subjects, setups), key: "subject_id",
			rows: []string{"1 mouse 20.5 7", "2 rat NULL 7", "3 mouse NULL 7"}},
		{name: "join with an empty table", rel: From(subjects, blanks), key: "subject_id blank", rows: none},
		{name: "join with itself", rel: From(subjects).Project().Join(From(subjects).Project("weight")), key: "subject_id", rows: []string{"1 20.5", "2 NULL", "3 NULL"}},
		{name: "join of restrictions", rel: From(subjects).Where("species = ?", "mouse").Join(fast).Project("rate_hz"),
			key: "subject_id session", rows: []string{"1 2 200"}},
		{name: "join and restrict a common attribute", rel: From(subjects, sessions, spectra).Where("subject_id = 1 AND session > ?", 1).Project(),
			key: "subject_id session method", rows: []string{"1 2 fft"}},
		{name: "join of projections", rel: From(subjects).Project("kind = species").Join(From(sessions).Project("hz = rate_hz / 100")),
			key: "subject_id session", rows: []string{"1 1 1 mouse", "1 2 2 mouse", "2 1 1 rat"}},
		{name: "join through renamed keys", rel: From(pairs).Join(From(subjects).Project("a = subject_id", "kind_a = species")).
			Join(From(subjects).Project("b = subject_id", "kind_b = species")).Project("kind_a", "kind_b"),
			key: "a b", rows: []string{"1 2 mouse rat", "1 3 mouse mouse", "2 3 rat mouse"}},
		{name: "join by a secondary attribute", rel: From(pairs, methods).Project("method", "gain"), key: "a b", rows: []string{"1 2 fft 1"}},
		{name: "join by a secondary attribute the other way round", rel: From(methods, pairs).Project("method", "gain"), key: "a b", rows: []string{"1 2 fft 1"}},
		{name: "join neither of which tells the other", rel: From(sessions).Project().Join(From(spectra).Project().Project("run = session")),
			key:  "subject_id session run method",
			rows: []string{"1 1 1 fft", "1 1 1 welch", "1 1 2 fft", "1 2 1 fft", "1 2 1 welch", "1 2 2 fft"}},
		{name: "a join on the right", rel: From(subjects).Join(From(sessions, spectra)).Project("species", "peak_hz"),
			key: "subject_id session method", rows: []string{"1 1 fft 10 mouse", "1 1 welch 12 mouse", "1 2 fft 50 mouse"}},
		{name: "a join on the right, restricted", rel: From(subjects).Join(From(sessions, spectra).Where("subject_id = 1 AND peak_hz > ?", 11)).Project("species"),
			key: "subject_id session method", rows: []string{"1 1 welch mouse", "1 2 fft mouse"}},
		{name: "a join on the right of nothing in common", rel: From(tags).Join(From(methods, spectra).Where("gain = 2")).Project("gain"),
			key: "tag subject_id session method", rows: []string{"t 1 1 welch 2"}},
		{name: "joins on the right of the right", rel: From(subjects).Join(From(sessions).Join(spectraOf.Join(From(peaks)))).Where("hz > ?", 10).Project("species", "gain", "hz"),
			key: "subject_id session method peak", rows: []string{"1 1 fft 2 20 1 mouse", "1 2 fft 1 50 1 mouse"}},
		{name: "joins on both sides", rel: From(subjects, sessions).Join(From(spectra, peaks).Where("hz < 30")).Where("`order` = ?", 3).Project("hz"),
			key: "subject_id session method peak", rows: []string{"1 1 fft 1 9.5", "1 1 fft 2 20"}},
		{name: "restricted by match after a join", rel: From(subjects).Join(From(sessions, spectra)).Match(SpectrumKey{SessionKey{1, 1}, "welch"}).Project("peak_hz"),
			key: "subject_id session method", rows: []string{"1 1 welch 12"}},
		{name: "project, join, project, where", rel: From(sessions).Project("r = rate_hz").Join(From(spectra).Project("p = peak_hz")).
			Project("share = p / r").Where("share > ?", 0.11), key: "subject_id session method", rows: []string{"1 1 welch 0.12", "1 2 fft 0.25"}},
	}
}

func memberCases() []algebraCase {
	mice := From(subjects).Where("species = ?", "mouse")
	todo := From(sessions).Join(From(methods)).Project().NotIn(From(spectra))
	return []algebraCase{
		{name: "in", rel: From(sessions).In(mice), key: "subject_id session", rows: []string{session11, session12}},
		{name: "in a child", rel: From(subjects).In(From(sessions)), key: "subject_id", rows: []string{subject1, subject2}},
		{name: "not in a child", rel: From(subjects).NotIn(From(sessions)), key: "subject_id", rows: []string{subject3}},
		{name: "in one of several", rel: From(subjects).In(From(sessions).Where("rate_hz = 200"), From(subjects).Project().Match(map[string]any{"subject_id": 3})),
			key: "subject_id", rows: []string{subject1, subject3}},
		{name: "in none of several", rel: From(subjects).NotIn(From(sessions).Where("rate_hz = ?", 200), From(subjects).Project().Match(map[string]any{"subject_id": 3})),
			key: "subject_id", rows: []string{subject2}},
		{name: "in nothing in common", rel: From(tags).In(From(methods)), key: "tag", rows: []string{"t"}},
		{name: "in nothing in common and empty", rel: From(tags).In(From(blanks)), key: "tag", rows: none},
		{name: "not in nothing in common", rel: From(tags).NotIn(From(methods)), key: "tag", rows: none},
		{name: "not in nothing in common and empty", rel: From(tags).NotIn(From(methods).Where("gain = 9")), key: "tag", rows: []string{"t"}},
		{name: "in with nulls", rel: From(pairs).In(From(methods)), key: "a b", rows: []string{"1 2 fft x"}},
		{name: "not in with nulls", rel: From(pairs).NotIn(From(methods)), key: "a b", rows: []string{"1 3 NULL it's", "2 3 NULL "}},
		{name: "in what has nulls", rel: From(methods).In(From(pairs)), key: "method", rows: []string{"fft 1"}},
		{name: "not in what has nulls", rel: From(methods).NotIn(From(pairs)), key: "method", rows: []string{"welch 2"}},
		{name: "in within in", rel: From(subjects).In(From(sessions).In(From(spectra).In(From(peaks).Where("hz = ?", 50)))),
			key: "subject_id", rows: []string{subject1}},
		{name: "not in within not in", rel: From(sessions).NotIn(From(spectra).NotIn(From(peaks))), key: "subject_id session",
			rows: []string{session12, session21}},
		{name: "in a join", rel: From(subjects).In(From(sessions, spectra).Where("rate_hz > peak_hz * ?", 8)), key: "subject_id", rows: []string{subject1}},
		{name: "a join in", rel: From(subjects, sessions).In(From(spectra)).Project("species"), key: "subject_id session", rows: []string{"1 1 mouse", "1 2 mouse"}},
		{name: "joins of in", rel: mice.In(From(sessions)).Join(From(sessions).NotIn(From(spectra).Where("method = 'welch'"))).Project(),
			key: "subject_id session", rows: []string{"1 2"}},
		{name: "in on the right of a join", rel: From(methods).Join(From(sessions, spectra).In(From(peaks).Where("peak = 2"))).Project("gain"),
			key: "subject_id session method", rows: []string{"1 1 fft 1"}},
		{name: "in through a renamed key", rel: From(subjects).In(From(pairs).Project("subject_id = a")), key: "subject_id", rows: []string{subject1, subject2}},
		{name: "renamed in", rel: From(subjects).Project("b = subject_id", "species").In(From(pairs).Where("note = ''")), key: "b", rows: []string{"3 mouse"}},
		{name: "renamed and in and where", rel: From(subjects).Project("b = subject_id", "kind = species").In(From(pairs)).Where("kind = 'mouse'"),
			key: "b", rows: []string{"3 mouse"}},
		{name: "in through two renamed keys", rel: From(peaks).In(From(reviews).Project("subject_id = subject", "session = run", "grade").Where("grade > ?", 4)),
			key: "subject_id session method peak", rows: []string{"1 1 fft 1 9.5"}},
		{name: "computed in", rel: From(subjects).Project("n = subject_id * 2").In(From(sessions).Where("rate_hz = 200")).Where("n = ?", 2),
			key: "subject_id", rows: []string{"1 2"}},
		{name: "in computed", rel: From(subjects).In(From(sessions).Project("n = rate_hz / 100").Where("n = 2")), key: "subject_id", rows: []string{subject1}},
		{name: "what is to be done", rel: todo, key: "subject_id session method", rows: []string{"1 2 welch", "2 1 fft", "2 1 welch"}},
		{name: "what is to be done of some", rel: todo.In(mice).Match(map[string]any{"method": "welch"}), key: "subject_id session method", rows: []string{"1 2 welch"}},
		{name: "what is done of what was to be done", rel: From(spectra).NotIn(todo).In(From(sessions).Where("rig IS NOT NULL")),
			key: "subject_id session method", rows: []string{fft11, welch11}},
		{name: "all that is done", rel: From(spectra).NotIn(todo), key: "subject_id session method", rows: []string{fft11, welch11, fft12}},
	}
}
