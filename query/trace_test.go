package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect/sqlite"
	"github.com/rowmill/rowmill/schema"
)

// TestTrace asks what rows come from, table by table.
func TestTrace(t *testing.T) {
	for _, c := range []struct {
		name   string
		rel    Rel
		wanted map[schema.Declared][]string
	}{
		{"a root", From(subjects), nil},
		{"a child", From(sessions).Where("rate_hz > ?", 150), map[schema.Declared][]string{subjects: {subject1}}},
		{"two parents", From(spectra).Where("peak_hz > 40"), map[schema.Declared][]string{
			subjects: {subject1}, sessions: {session12}, methods: {"fft 1"},
		}},
		{"a part", From(peaks).Where("hz = 20"), map[schema.Declared][]string{
			subjects: {subject1}, sessions: {session11}, methods: {"fft 1"}, spectra: {fft11},
		}},
		{"renamed keys, and a nullable one", From(pairs).Match(map[string]any{"a": 1, "b": 3}), map[schema.Declared][]string{
			subjects: {subject1, subject3}, methods: none,
		}},
		{"all that is there", From(pairs), map[schema.Declared][]string{
			subjects: {subject1, subject2, subject3}, methods: {"fft 1"},
		}},
		{"a renamed key of a part, with its master", From(reviews), map[schema.Declared][]string{
			subjects: {subject1}, sessions: {session11}, methods: {"fft 1"}, spectra: {fft11}, peaks: {"1 1 fft 1 9.5"},
		}},
		{"rows that are found by others", From(spectra).In(From(reviews).Project("subject_id = subject", "session = run")), map[schema.Declared][]string{
			subjects: {subject1}, sessions: {session11}, methods: {"fft 1"},
		}},
		{"no rows", From(spectra).Where("peak_hz > 999"), map[schema.Declared][]string{subjects: none, sessions: none, methods: none}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, db *rowmill.DB) {
				traced := Trace(c.rel)
				counts, err := traced.Count(t.Context(), db)
				require.NoError(t, err)
				require.Len(t, counts, len(c.wanted))
				require.Len(t, traced.Tables(), len(c.wanted))
				for i, n := range counts {
					require.Equal(t, traced.Tables()[i], n.Table)
					require.Len(t, c.wanted[declared(n.Table)], n.Rows, n.Table)
				}
				for table, rows := range c.wanted {
					require.True(t, traced.Has(table))
					require.Equal(t, rows, texts(t, db, traced.Of(table)), table.Untyped())
				}
			})
		})
	}
}

// declared is the variable of a table.
func declared(t *schema.Table) schema.Declared {
	for _, d := range []schema.Declared{subjects, sessions, methods, spectra, peaks, pairs, reviews} {
		if d.Untyped() == t {
			return d
		}
	}
	return t
}

func TestTraceOrder(t *testing.T) {
	var names []string
	for _, table := range Trace(From(reviews)).Tables() {
		names = append(names, table.String())
	}
	require.Equal(t, "Subject Session Method Spectrum Spectrum.Peak", strings.Join(names, " "))
}

func TestTraceRefuses(t *testing.T) {
	_, err := Trace(From(subjects)).Of(sessions).Heading()
	require.ErrorIs(t, err, rowmill.ErrRefused)
	require.EqualError(t, err, "refused: Session is not upstream of Subject")
	_, err = Trace(From(subjects, sessions)).Of(subjects).Heading()
	require.ErrorContains(t, err, "trace: ")
	_, err = Trace(From(sessions).Where("rate > 1")).Count(t.Context(), nil)
	require.ErrorIs(t, err, rowmill.ErrNoAttribute)
	require.False(t, Trace(From(sessions)).Has(sessions), "a table is not upstream of itself")
}

// TestTraceOfDiamonds has several ways lead to the same rows: they are asked for once.
func TestTraceOfDiamonds(t *testing.T) {
	s := schema.New("diamonds")
	type Top struct{ Top int32 }
	type West struct{ Top int32 }
	type East struct{ Top int32 }
	type Middle struct{ Top int32 }
	type Left struct{ Top int32 }
	type Right struct{ Top int32 }
	type Bottom struct{ Top int32 }
	top := schema.Manual[Top](s, "top : int32")
	west, east := schema.Manual[West](s, "-> Top", top), schema.Manual[East](s, "-> Top", top)
	middle := schema.Manual[Middle](s, "-> West\n-> East", west, east)
	left, right := schema.Manual[Left](s, "-> Middle", middle), schema.Manual[Right](s, "-> Middle", middle)
	bottom := schema.Manual[Bottom](s, "-> Left\n-> Right", left, right)
	traced := Trace(From(bottom).Where("top > 0"))
	require.Len(t, traced.Tables(), 6)
	for _, table := range traced.Tables() {
		require.Len(t, traced.ways[table], 1, table)
	}
	rel := traced.Of(top)
	sql, _, err := rel.node.compile(&compiler{dialect: sqlite.Dialect{}}).sql([]string{"top"}).ToSql()
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(sql, "EXISTS"), sql)
}
