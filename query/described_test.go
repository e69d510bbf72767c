package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// TestDescribedTables asks of tables that were described what is asked of declared ones, and of both together.
func TestDescribedTables(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		found, err := schema.Describe(t.Context(), db, "lab")
		require.NoError(t, err)
		described := func(declared schema.Declared) schema.Declared {
			for _, table := range found.Tables() {
				if table.Name() == declared.Untyped().Name() {
					return table
				}
			}
			require.Fail(t, "not described", declared.Untyped().FullName())
			return nil
		}
		type row struct {
			Species string
			PeakHz  float64
		}
		ask := func(subjects, spectra schema.Declared) []row {
			rel := From(subjects, spectra).NotIn(From(described(reviews)).Project("subject_id = subject", "session = run", "method")).
				Where("_job_version IS NULL OR _job_version = ''")
			rows, err := Fetch[row](t.Context(), db, rel)
			require.NoError(t, err)
			return rows
		}
		wanted := []row{{"mouse", 12}, {"mouse", 50}}
		require.ElementsMatch(t, wanted, ask(subjects, spectra))
		require.ElementsMatch(t, wanted, ask(described(subjects), described(spectra)))
		require.ElementsMatch(t, wanted, ask(subjects, described(spectra)))

		rows, err := Fetch[Session](t.Context(), db, From(described(sessions)).Match(SessionKey{1, 1}))
		require.NoError(t, err)
		require.Equal(t, []Session{{SessionKey{1, 1}, 100, new("a"), 3}}, rows)
		_, err = Count(t.Context(), db, From(described(sessions)).Where("rate > 1"))
		require.ErrorIs(t, err, rowmill.ErrNoAttribute)
	})
}
