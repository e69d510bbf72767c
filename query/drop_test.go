package query

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// tablesOfLab are the names of the tables that are in the database.
func tablesOfLab(t *testing.T, db *rowmill.DB) []string {
	t.Helper()
	names, err := db.Dialect().Tables(t.Context(), queryOn(db), "lab")
	require.NoError(t, err)
	return names
}

// told is what goes, as text.
func told(all []Deleted) []string {
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = fmt.Sprintf("%s %d %d", d.Table, d.Rows, d.Jobs)
	}
	return texts
}

// lineages counts what is written of a table's lineage.
func lineages(t *testing.T, db *rowmill.DB, table string) int {
	t.Helper()
	rows, err := db.Query(t.Context(), "SELECT COUNT(*) FROM "+db.Dialect().Table("lab", "~lineage")+" WHERE table_name = ?", table)
	require.NoError(t, err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		require.NoError(t, rows.Scan(&n))
	}
	require.NoError(t, rows.Err())
	return n
}

func TestDrop(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		_, err := db.Exec(ctx, "CREATE TABLE "+db.Dialect().Table("lab", "~~spectrum")+" (subject_id int, session smallint, method varchar(8))")
		require.NoError(t, err)
		_, err = db.Exec(ctx, "INSERT INTO "+db.Dialect().Table("lab", "~~spectrum")+" VALUES (1, 1, 'x'), (2, 1, 'x')")
		require.NoError(t, err)
		wanted := []string{"Session 3 0", "Spectrum 3 2", "Spectrum.Peak 3 0", "Review 1 0"}
		before := tablesOfLab(t, db)

		dry, err := Drop(ctx, db, sessions, &DropOptions{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, wanted, told(dry))
		require.Equal(t, before, tablesOfLab(t, db))
		require.Equal(t, 3, lineages(t, db, "__spectrum"))

		dropped, err := Drop(ctx, db, sessions, nil)
		require.NoError(t, err)
		require.Equal(t, dry, dropped)
		for _, name := range tablesOfLab(t, db) {
			require.NotContains(t, []string{"session", "__spectrum", "__spectrum__peak", "review", "~~spectrum"}, name)
		}
		require.Len(t, tablesOfLab(t, db), len(before)-5)
		require.Zero(t, lineages(t, db, "__spectrum"))
		require.Equal(t, 3, countOf(t, db, subjects))

		dropped, err = Drop(ctx, db, sessions, nil)
		require.NoError(t, err)
		require.Empty(t, dropped, "they are gone already")
		require.NoError(t, lab.Declare(ctx, db))
		require.Zero(t, countOf(t, db, sessions))
		require.Equal(t, 3, lineages(t, db, "__spectrum"))
	})
}

func TestDropRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		before := tablesOfLab(t, db)
		refused := func(wanted error, text string, drop func() ([]Deleted, error)) {
			t.Helper()
			_, err := drop()
			require.ErrorIs(t, err, wanted)
			require.ErrorContains(t, err, text)
			require.Subset(t, tablesOfLab(t, db), before)
		}
		refused(rowmill.ErrRefused, "drop Spectrum.Peak: refused: the part Spectrum.Peak would go, and its master Spectrum would stay: drop Spectrum",
			func() ([]Deleted, error) { return Drop(ctx, db, peaks, nil) })
		refused(rowmill.ErrRefused, "drop Tag: refused: a server does not undo it", func() (dropped []Deleted, err error) {
			err = db.Transact(ctx, func(tx *rowmill.Tx) error {
				dropped, err = Drop(ctx, tx, tags, nil)
				return err
			})
			return dropped, err
		})
		_, err := Drop(ctx, db, tags, &DropOptions{Parts: 9})
		require.ErrorContains(t, err, "9 is no rule for parts")
		_, err = Drop(ctx, refusing{}, tags, nil)
		require.ErrorIs(t, err, errNo)

		// A table of another program, and of another schema.
		d := db.Dialect()
		stranger := dialect.Table{Schema: "others", Name: "label", Key: []string{"tag"}}
		stranger.Columns = []dialect.Column{{Name: "tag", Type: datatype.MustParse("varchar(8)"), Unmarked: true}}
		stranger.Foreign = []dialect.ForeignKey{{Columns: []string{"tag"}, Schema: "lab", Table: "tag", ReferenceColumns: []string{"tag"}}}
		for _, s := range slices.Concat(d.CreateSchema("others"), d.CreateTable(stranger)) {
			_, err := db.Exec(ctx, s.SQL, s.Args...)
			require.NoError(t, err, s.SQL)
		}
		refused(rowmill.ErrReferenced, "Tag is referred to by the table others.label, which this program does not declare: drop it first, or import",
			func() ([]Deleted, error) { return Drop(ctx, db, tags, nil) })
	})
}

// TestWhatIsNotThere deletes from a table that is not there, or from one above it, and drops it.
func TestWhatIsNotThere(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		_, err := Drop(ctx, db, peaks, &DropOptions{Parts: PartsIgnore})
		require.NoError(t, err)
		for _, dry := range []bool{true, false} {
			_, err = Delete(ctx, db, From(reviews), &DeleteOptions{DryRun: dry})
			require.ErrorIs(t, err, rowmill.ErrNoTable)
			dropped, err := Drop(ctx, db, reviews, &DropOptions{DryRun: dry})
			require.NoError(t, err)
			require.Empty(t, dropped)
		}
		deleted, err := Delete(ctx, db, From(sessions).Where("subject_id = 1"), nil)
		require.NoError(t, err)
		require.Equal(t, []string{"Session 2 0", "Spectrum 3 0"}, told(deleted))
	})
}

// TestDropParts drops a part alone, and one with its master.
func TestDropParts(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		dropped, err := Drop(t.Context(), db, peaks, &DropOptions{Parts: PartsCascade})
		require.NoError(t, err)
		require.Equal(t, []string{"Spectrum 3 0", "Spectrum.Peak 3 0", "Review 1 0"}, told(dropped))
		require.NoError(t, lab.Declare(t.Context(), db))
		dropped, err = Drop(t.Context(), db, peaks, &DropOptions{Parts: PartsIgnore})
		require.NoError(t, err)
		require.Equal(t, []string{"Spectrum.Peak 0 0", "Review 0 0"}, told(dropped))
		require.Contains(t, tablesOfLab(t, db), "__spectrum")
	})
}
