package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// lineageOf are the rows of ~lineage of a table, as attribute|origin.
func lineageOf(t *testing.T, db *rowmill.DB, table *Table) []string {
	t.Helper()
	return texts(t, db, "SELECT attribute_name, lineage FROM "+lineageName(db.Dialect(), table.schema)+
		" WHERE table_name = ? ORDER BY attribute_name", table.Name())
}

// TestLineageIsThePeers has in testdata/lineage.txt what DataJoint for Python writes for the
// same definitions.
func TestLineageIsThePeers(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "lineage.txt"))
	require.NoError(t, err)
	wanted := strings.Split(strings.TrimSpace(string(file)), "\n")
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := newPeer("djddl")
		require.NoError(t, s.Declare(t.Context(), db))
		name := lineageName(db.Dialect(), s)
		all := "SELECT table_name, attribute_name, lineage FROM " + name
		require.ElementsMatch(t, wanted, texts(t, db, all))

		// What is missing or wrong is written again; what is of other tables is left alone.
		execute(t, db, "DELETE FROM "+name+" WHERE table_name = '__result' AND attribute_name = 'id'")
		execute(t, db, "UPDATE "+name+" SET lineage = 'djddl.wrong.id' WHERE table_name = 'uk' AND attribute_name = 'u'")
		execute(t, db, "INSERT INTO "+name+" (table_name, attribute_name, lineage) VALUES ('uk', 'gone', 'x'), ('pythons', 'id', 'y')")
		require.NoError(t, s.Declare(t.Context(), db))
		require.ElementsMatch(t, append(wanted, "pythons|id|y"), texts(t, db, all))
	})
}
