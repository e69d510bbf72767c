package schema

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

var charset = regexp.MustCompile(` DEFAULT CHARSET=\w+ COLLATE=\w+`)

// TestShowCreateTable has in testdata/show what MariaDB says of the peer's tables after DataJoint
// for Python has made them, job metadata included.
func TestShowCreateTable(t *testing.T) {
	db := openDB(t, testdb.MariaDB(t))
	s := newPeer("djddl")
	require.NoError(t, s.Declare(t.Context(), db))
	files, err := filepath.Glob(filepath.Join("testdata", "show", "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		class := strings.TrimSuffix(filepath.Base(file), ".sql")
		t.Run(class, func(t *testing.T) {
			wanted, err := os.ReadFile(file)
			require.NoError(t, err)
			found := texts(t, db, "SHOW CREATE TABLE "+tableOf(db, find(s, class)))
			require.Len(t, found, 1)
			_, found[0], _ = strings.Cut(found[0], "|")
			require.Equal(t, strings.TrimSpace(string(wanted)), charset.ReplaceAllString(found[0], ""))
		})
	}
}
