package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// TestLongLists asks for ten thousand keys at once: more than a server nests of what OR joins.
func TestLongLists(t *testing.T) {
	grid, line, diagonal := make([]SessionKey, 10_000), make([]SessionKey, 10_000), make([]SessionKey, 2_000)
	ids := make([]int32, 10_000)
	for i := range ids {
		ids[i] = int32(i)
		grid[i] = SessionKey{int32(i / 100), int16(i % 100)}
		line[i] = SessionKey{int32(i), 1}
	}
	for i := range diagonal {
		diagonal[i] = SessionKey{int32(i), int16(i)}
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		all := From(sessions).Project()
		require.Equal(t, []string{"1 1", "1 2", "2 1"}, texts(t, db, all.Where("subject_id IN (?)", ids)))
		require.Equal(t, []string{"1 1", "1 2", "2 1"}, texts(t, db, all.Match(grid)))
		require.Empty(t, texts(t, db, all.NotMatch(grid)))
		require.Equal(t, []string{"1 1", "2 1"}, texts(t, db, all.Match(line)))
		require.Equal(t, []string{"1 2"}, texts(t, db, all.NotMatch(line)))
		require.Equal(t, []string{"1 1"}, texts(t, db, all.Match(diagonal)))
		require.Equal(t, []string{"1 2", "2 1"}, texts(t, db, all.NotMatch(diagonal)))
		deleted, err := Delete(t.Context(), db, From(sessions).Match(line), &DeleteOptions{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, 2, deleted[0].Rows)
	})
}
