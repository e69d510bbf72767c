package query

import (
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// dated is a connection whose rows are stamped with all that is kept of a make.
type dated struct{ *rowmill.DB }

func (dated) Stamp(*schema.Table) ([]string, []squirrel.Sqlizer) {
	return []string{schema.JobStartTime, schema.JobDuration, schema.JobVersion},
		[]squirrel.Sqlizer{squirrel.Expr("?", "2024-01-02 03:04:05.5"), squirrel.Expr("?", 0.1), squirrel.Expr("?", "v1")}
}

// TestHiddenAttributesAreReachedByName finds what tells of a row's making wherever it is named, and
// nowhere else.
func TestHiddenAttributesAreReachedByName(t *testing.T) {
	type row struct {
		SpectrumKey
		Started  *time.Time `db:"_job_start_time"`
		Duration *float32   `db:"_job_duration"`
		Version  *string    `db:"_job_version"`
	}
	type renamed struct{ Took *float32 }
	key := SpectrumKey{SessionKey{2, 1}, "fft"}
	made := row{key, new(time.Date(2024, 1, 2, 3, 4, 5, 500_000_000, time.UTC)), new(float32(0.1)), new("v1")}
	stamped := From(spectra).Match(key)
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), dated{db}, spectra, Spectrum{key, 1}))
		for what, rel := range map[string]Rel{
			"fetch":        stamped,
			"where":        From(spectra).Where("_job_duration > ? AND _job_version = 'v1'", 0.05),
			"where quoted": From(spectra).Where("`_job_start_time` < ?", time.Now()),
			"match a map":  From(spectra).Match(map[string]any{"_job_version": "v1"}),
			"match a struct": From(spectra).Match(struct {
				V *string `db:"_job_version"`
			}{new("v1")}),
			"project":        stamped.Project("_job_start_time", "_job_duration", "_job_version"),
			"project twice":  stamped.Project("_job_start_time", "_job_duration", "_job_version", "n = 1").Where("n = 1 AND _job_duration < 1"),
			"join":           From(subjects).Join(stamped),
			"join on a side": stamped.Join(From(sessions)).Where("_job_version = ?", "v1"),
			"in":             From(spectra).In(From(spectra).Project("_job_version").Where("_job_version = 'v1'")),
		} {
			got, err := One[row](t.Context(), db, rel)
			require.NoError(t, err, what)
			require.Equal(t, made, got, what)
		}
		took, err := One[renamed](t.Context(), db, stamped.Project("took = _job_duration"))
		require.NoError(t, err)
		require.Equal(t, renamed{new(float32(0.1))}, took)

		// Two tables that both have them are joined by their keys alone.
		n, err := Count(t.Context(), db, From(spectra).Join(From(spectra).Where("_job_version = ?", "v1").Project("_job_version")))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		old, err := One[row](t.Context(), db, From(spectra).Where("_job_start_time IS NULL AND peak_hz = 50"))
		require.NoError(t, err)
		require.Nil(t, old.Duration)
	})
	for what, rel := range map[string]Rel{
		"a table": From(spectra), "kept": From(spectra).Project("...", "_job_version"), "joined": From(subjects, spectra), "the only row": From(setups),
	} {
		h, err := rel.Heading()
		require.NoError(t, err)
		for _, name := range append(h.Names(), h.Key()...) {
			require.NotEqual(t, '_', rune(name[0]), what)
		}
	}
}
