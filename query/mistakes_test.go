package query

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// TestMistakes has each mistake be the error of whatever runs the relation, and nothing run.
func TestMistakes(t *testing.T) {
	type wrong struct{ Specis string }
	all := From(subjects)
	cases := []struct {
		name   string
		rel    Rel
		wanted string
	}{
		{"where", all.Where("specis = ?", 1),
			`condition "specis = ?": no attribute "specis" among subject_id, species, weight; did you mean "species"?`},
		{"where quoted", all.Where("`specis` = 1"), `no attribute "specis" among subject_id, species, weight; did you mean "species"?`},
		{"where after project", all.Project().Where("species = 'x'"), `condition "species = 'x'": no attribute "species" among subject_id`},
		{"where after rename", all.Project("kind = species").Where("species = 'x'"), `no attribute "species" among subject_id, kind`},
		{"where other case", all.Where("Species = 'x'"), `no attribute "Species" among subject_id, species, weight; did you mean "species"?`},
		{"where a hidden column that is not there", all.Where("_job_version = 'x'"), `no attribute "_job_version" among subject_id, species, weight (Project leaves hidden`},
		{"where a hidden column that is not kept", From(spectra).Project("...").Where("_job_version = 'x'"), `no attribute "_job_version" among subject_id, session, method, peak_hz (`},
		{"where a hidden column of both sides of a join", From(spectra).Join(From(spectra).Project("_job_version")).Where("_job_version = 'x'"), `no attribute "_job_version" among`},
		{"where another table", all.Where("session.rate_hz > 1"), `no attribute "session" among`},
		{"where of nothing", all.Where(" "), `condition " ": an SQL expression is wanted, and it is empty`},
		{"too few arguments", all.Where("subject_id = ? OR weight > ?", 1), "it has 2 placeholders for 1 arguments"},
		{"too many arguments", all.Where("subject_id = 1", 1), "it has 0 placeholders for 1 arguments"},
		{"a quoted placeholder", all.Where("species = '?'", "x"), "it has 0 placeholders for 1 arguments"},
		{"a comment", all.Where("subject_id = 1 -- and more"), "comments and semicolons cannot stand in an expression"},
		{"a comment of C", all.Where("subject_id = 1 /* more */"), "comments and semicolons cannot stand in an expression"},
		{"a comment of MySQL", all.Where("subject_id = 1 # more"), "comments and semicolons cannot stand in an expression"},
		{"two statements", all.Where("subject_id = 1; DELETE"), "comments and semicolons cannot stand in an expression"},

		{"match a struct", all.Match(wrong{"x"}), `match: the field Specis stands for an attribute "specis", which is not there; did you mean "species"?`},
		{"match a map", all.Match(map[string]any{"specis": 1, "weight": 2}), `match: no such attribute: specis; did you mean "species"?`},
		{"match a map of another type", all.Match(map[string]any{"subject_id": "1"}), `match: a value does not fit its attribute: "subject_id" is int32, which string cannot hold`},
		{"match a map of a number too large", From(sessions).Match(map[string]any{"session": 40000}), `"session" is int16, which cannot be 40000`},
		{"match a number", all.Match(5), "match: a int cannot be matched: a struct or a map[string]any of attributes is wanted"},
		{"match nil", all.Match(nil), "match: a <nil> cannot be matched"},
		{"match a nil pointer", all.Match((*SessionKey)(nil)), "match: a *query.SessionKey cannot be matched"},
		{"match another type", all.Match(struct{ SubjectID string }{"1"}), `match: the field SubjectID: "subject_id" is int32, which string cannot hold`},

		{"project", all.Project("specis"), `project: no attribute "specis" among subject_id, species, weight; did you mean "species"?`},
		{"project without", all.Project("...", "-specis"), `project: no attribute "specis" among`},
		{"project without a key", all.Project("...", "-subject_id"), `project: "subject_id" is in the primary key, and cannot be left out`},
		{"project an expression", all.Project("n = specis + 1"), `project: "n = specis + 1": no attribute "specis" among`},
		{"project a placeholder", all.Project("n = subject_id + ?"), `project: "n = subject_id + ?": it has 1 placeholders for 0 arguments`},
		{"project an aggregate", all.Project("n = count(*)"), `project: "n" is an aggregate function of many rows: Aggregate computes those`},
		{"project an aggregate in a function", all.Project("n = 1 + abs(MAX (weight) )"), `project: "n" is an aggregate function of many rows`},
		{"project an aggregate beside a window", all.Project("n = count(*) + rank() OVER (ORDER BY weight)"), `project: "n" is an aggregate function of many rows`},
		{"project a window of an aggregate", all.Project("n = sum(count(*)) OVER ()"), `project: "n" is an aggregate function of many rows`},
		{"aggregate a window", all.Aggregate(From(sessions), "n = sum(rate_hz) OVER ()"), `aggregate: "n": a function of a window (OVER) cannot be among the aggregates`},
		{"universal of a window", Universal().Aggregate(all, "n = rank() over (ORDER BY weight)"), `universal: "n": a function of a window (OVER) cannot be`},
		{"where an aggregate", all.Where("count(*) > 1"), `condition "count(*) > 1": a condition is about one row, and functions of many rows are not: compute them with Aggregate`},
		{"where a window", all.Where("rank() OVER (ORDER BY weight) = 1"), "or with OVER in Project, and restrict the result"},
		{"where infinity", all.Where("weight < ?", math.Inf(1)), "+Inf is no number that all servers know"},
		{"where no number", all.Where("weight IN (?)", []*float64{nil, new(math.NaN())}), "is no number that all servers know"},
		{"where a zero byte", all.Where("species = 'a\x00'"), "a zero byte cannot stand in an expression: put ? and pass the text"},
		{"project to a long name", all.Project(strings.Repeat("n", 65) + " = 1"), "a letter first, 64 at most"},
		{"project nothing", all.Project("n = "), `project: "n = ": an SQL expression is wanted, and it is empty`},
		{"project to a name twice", all.Project("n = species", "n = weight"), "project: two attributes have the same name in subject_id, n, n"},
		{"project to a name that is kept", all.Project("species", "species = weight"), "project: two attributes have the same name in subject_id, species, species"},
		{"project one attribute to two", all.Project("a = species", "b = species"), `project: "species" is renamed twice, to "a" and "b": one can be computed, as "b = (species)"`},
		{"project and rename", all.Project("species", "a = species"), `project: "species" is mentioned twice, for different ends`},
		{"project and leave out", all.Project("species", "-species"), `project: "species" is mentioned twice, for different ends`},
		{"project to no name", all.Project("= species"), `project: "= species": "" is no name for an attribute`},
		{"project to a bad name", all.Project("Kind = species"), `project: "Kind = species": "Kind" is no name for an attribute`},

		{"join", all.Join(From(pairs).Project("species = note", "subject_id = a")),
			`both relations have an attribute "species" that is in no key, and only attributes of keys and of foreign keys join: leave it out of one with Project (Project() keeps the key alone), or rename it`},
		{"join with itself", all.Join(all), `both relations have an attribute "species" that is in no key`},
		{"join of different origins", From(sessions).Join(From(peaks).Project("session = peak", "peak = session")),
			`both relations have an attribute "session", and they mean different things (lab.session.session; lab.__spectrum__peak.peak)`},
		{"in of different origins", From(sessions).In(From(peaks).Project("session = peak", "peak = session")), "(lab.session.session; lab.__spectrum__peak.peak)"},
		{"not in of a computed attribute", From(methods).NotIn(From(sessions).Project("gain = rate_hz * 2")), `both relations have an attribute "gain"`},
		{"in nothing", all.In(), "In and NotIn want at least one relation"},
		{"not in nothing", all.NotIn(), "In and NotIn want at least one relation"},

		{"from nothing", From(), "From wants at least one table"},
		{"no relation", Rel{}, "the relation is empty: begin with From"},
		{"restricted no relation", Rel{}.Where("1 = 1"), "the relation is empty: begin with From"},
		{"in no relation", all.In(Rel{}), "the relation is empty: begin with From"},
		{"fail", Invalid(errors.New("my own")), "my own"},
		{"fail in a join", all.Join(Invalid(errors.New("my own"))), "my own"},
		{"fail in a restriction", all.NotIn(From(sessions), Invalid(errors.New("my own"))), "my own"},
		{"the first of several", all.Where("first = 1").Project("second").Match(3).In().Join(Rel{}), `no attribute "first"`},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				conn := &spy{DB: db}
				check := func(err error) {
					t.Helper()
					require.ErrorContains(t, err, c.wanted)
				}
				_, err := c.rel.Heading()
				check(err)
				_, err = Count(t.Context(), conn, c.rel)
				check(err)
				_, err = Fetch[Subject](t.Context(), conn, c.rel)
				check(err)
				_, err = One[Subject](t.Context(), conn, c.rel)
				check(err)
				_, err = Select(conn, c.rel, nil)
				check(err)
				n := 0
				for _, err := range Each[Subject](t.Context(), conn, c.rel) {
					check(err)
					n++
				}
				require.Equal(t, 1, n)
				require.Zero(t, conn.queries+conn.execs)
			})
		}
	})
}

// TestMistakesOfRows are row types that do not fit their relation.
// TestDeleteByWhatSaysNothing refuses to delete by a relation that has nothing in common with the table: that would be all.
func TestDeleteByWhatSaysNothing(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, rel := range []Rel{From(subjects).In(From(tags)), From(subjects).Where("subject_id > 1").NotIn(From(pairs).Project())} {
			_, err := Delete(t.Context(), db, rel, nil)
			require.ErrorContains(t, err, "delete: a relation says nothing of which rows are meant: it has none of the attributes subject_id, species, weight; its own are ")
		}
		require.Equal(t, 3, countOf(t, db, subjects))
	})
}

func TestMistakesOfRows(t *testing.T) {
	type wrong struct{ Specis string }
	type narrow struct{ SubjectID int8 }
	type empty struct{}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		_, err := Fetch[wrong](t.Context(), db, From(subjects))
		require.EqualError(t, err, `fetch query.wrong: the field Specis stands for an attribute "specis", which is not there; did you mean "species"?`)
		_, err = Fetch[narrow](t.Context(), db, From(subjects))
		require.ErrorContains(t, err, `"subject_id" is int32, which int8 cannot hold: an int32 or wider is wanted`)
		_, err = Fetch[empty](t.Context(), db, From(subjects))
		require.ErrorContains(t, err, "query.empty has no field that stands for an attribute")
		_, err = Fetch[int](t.Context(), db, From(subjects))
		require.ErrorContains(t, err, "int holds one attribute, and the relation has 3 (subject_id, species, weight)")
		_, err = One[Pair](t.Context(), db, From(pairs).Project("...", "-method").Where("b = 2"))
		require.ErrorContains(t, err, `"method", which is not there`)

		type strict struct{ N int }
		rel := From(subjects).Project("n = weight * 2").Where("subject_id = 2")
		_, err = One[strict](t.Context(), db, rel)
		require.ErrorContains(t, err, "n is NULL, which a int cannot hold: a pointer is wanted")
	})
}

// TestUnknownAttributesAreErrNoAttribute lets a caller tell this mistake from others.
func TestUnknownAttributesAreErrNoAttribute(t *testing.T) {
	all := From(subjects)
	for _, rel := range []Rel{
		all.Where("spam = 1"), all.Project("spam"), all.Project("-spam"), all.Project("n = spam + 1"),
		all.Match(map[string]any{"spam": 1}),
	} {
		_, err := rel.Heading()
		require.ErrorIs(t, err, rowmill.ErrNoAttribute)
	}
	_, err := Select(&spy{}, all, []string{"spam"})
	require.ErrorIs(t, err, rowmill.ErrNoAttribute)
}

// TestTablesThatAreNotThere are told as such.
func TestTablesThatAreNotThere(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		_, err := Fetch[Exact](t.Context(), db, From(exacts))
		require.ErrorIs(t, err, rowmill.ErrNoTable)
		require.ErrorIs(t, Insert(t.Context(), db, exacts, Exact{}), rowmill.ErrNoTable)
	})
}
