package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// TestOften runs statements that are kept prepared: through errors, changes of the tables, and more of them than are kept.
func TestOften(t *testing.T) {
	server, err := Config{Path: filepath.Join(t.TempDir(), "often.db")}.Open(t.Context())
	require.NoError(t, err)
	db := server.Write
	defer func() { require.NoError(t, db.Close()) }()
	often := dialect.Often(t.Context())
	exec := func(ctx context.Context, query string, args ...any) (int64, error) {
		result, err := db.ExecContext(ctx, query, args...)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	}
	_, err = exec(t.Context(), "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT)")
	require.NoError(t, err)

	const insert = "INSERT INTO a (x, y) VALUES (?, ?)"
	for i := range 3 {
		n, err := exec(often, insert, i, "text")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	}
	_, err = exec(often, insert, 1, "again")
	require.Equal(t, dialect.Duplicate, Dialect{}.Classify(err))
	_, err = exec(often, insert, 3, nil)
	require.NoError(t, err, "an error leaves the statement as it was")

	_, err = exec(t.Context(), "ALTER TABLE a ADD COLUMN z INTEGER DEFAULT 7")
	require.NoError(t, err)
	_, err = exec(often, insert, 4, "text")
	require.NoError(t, err)
	_, err = exec(t.Context(), "DROP TABLE a")
	require.NoError(t, err)
	_, err = exec(often, insert, 5, "text")
	require.Equal(t, dialect.NoTable, Dialect{}.Classify(err))
	_, err = exec(t.Context(), "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT)")
	require.NoError(t, err)
	for i := range 3 * mostPrepared {
		n, err := exec(often, fmt.Sprintf("INSERT INTO a (x, y) VALUES (?, 'text %d')", i), i)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	}
	ended, cancel := context.WithCancel(often)
	cancel()
	_, err = exec(ended, insert, -1, "text")
	require.ErrorIs(t, err, context.Canceled)
}
