package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/dialecttest"
)

// open opens a file of t's own.
func open(t *testing.T, c Config) *dialect.Server {
	t.Helper()
	s, err := c.Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Read.Close()); require.NoError(t, s.Write.Close()) })
	return s
}

// TestConformance has a file for each test: SQLite reads all that it keeps of tables again whenever one changes.
func TestConformance(t *testing.T) {
	dialecttest.Run(t, dialecttest.Abilities{Expressions: true}, func(t *testing.T) *dialect.Server {
		t.Helper()
		return open(t, Config{Path: filepath.Join(t.TempDir(), "test.db")})
	})
}
