package schema

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// TestExisting declares a computed table whose key has more than foreign keys bring, which others made.
func TestExisting(t *testing.T) {
	type Unit struct {
		SubjectID int32
		Unit      int16
	}
	type Only struct{ V int32 }
	const text = "-> Subject\nunit : int16"
	require.Contains(t, panicsHere(func() { Existing[Unit](New("lab"), TierPart, "-> Subject\nunit : int16") }),
		"table Unit: a part has a master: schema.Part declares it")
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := New("lab")
		subjects := Manual[Subject](s, "subject_id : int32\n---\nspecies : varchar(8)")
		require.Contains(t, panicsHere(func() { Computed[Unit](s, text, subjects) }), `"unit" is in the primary key, and no foreign key brings it`)
		units := Existing[Unit](s, TierComputed, text, subjects)
		onlies := Existing[Only](s, TierLookup, "---\nv : int32")
		require.Equal(t, "__unit", units.Untyped().Name())
		require.Equal(t, TierComputed, units.Untyped().Tier())
		require.Error(t, units.Untyped().Declarable())
		require.NoError(t, onlies.Untyped().Declarable())
		require.False(t, units.Untyped().Heading().Has(JobVersion), "which only makes write")

		require.NoError(t, s.Declare(t.Context(), db))
		execute(t, db, "INSERT INTO "+tableOf(db, subjects)+" (subject_id, species) VALUES (1, 'mouse')")
		execute(t, db, "INSERT INTO "+tableOf(db, units)+" (subject_id, unit) VALUES (1, 1), (1, 2)")
		execute(t, db, "INSERT INTO "+tableOf(db, onlies)+" (v) VALUES (1)")
		_, err := db.Exec(t.Context(), "INSERT INTO "+tableOf(db, onlies)+" (v) VALUES (2)")
		require.ErrorIs(t, err, rowmill.ErrDuplicate)

		d := requireDescribed(t, db, "lab")
		requireSame(t, units.Untyped(), find(d, "Unit"))
		requireSame(t, onlies.Untyped(), find(d, "Only"))
	})
}

func requireDescribed(t *testing.T, db *rowmill.DB, name string) *Schema {
	t.Helper()
	d, err := Describe(t.Context(), db, name)
	require.NoError(t, err)
	require.Empty(t, d.Omitted())
	return d
}

// TestNamedByATag has structs that cannot be called as their tables.
func TestNamedByATag(t *testing.T) {
	type MousePeak struct {
		_         struct{} `db:"Peak"`
		SubjectID int32
		Peak      int8
	}
	type Bad struct {
		_  struct{} `db:"small"`
		ID int32
	}
	s := New("lab")
	subjects := Manual[Subject](s, "subject_id : int32\n---\nspecies : varchar(8)")
	peaks := Part[MousePeak](subjects, "-> master\npeak : int8")
	require.Equal(t, "Subject.Peak", peaks.String())
	require.Equal(t, "subject__peak", peaks.Untyped().Name())
	require.Equal(t, []string{"subject_id", "peak"}, peaks.Binding().Attrs())
	require.Equal(t, `table small: its rows are of type "small"; a struct name of letters and digits, a capital first, is wanted`,
		panicsHere(func() { Manual[Bad](s, "id : int32") }))
}
