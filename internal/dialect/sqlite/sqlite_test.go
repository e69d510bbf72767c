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

func TestConformance(t *testing.T) {
	dialecttest.Run(t, open(t, Config{Path: filepath.Join(t.TempDir(), "test.db")}))
}
