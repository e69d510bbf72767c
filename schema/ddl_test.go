package schema

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/mysql"
)

// golden compares text with a file below testdata, or writes the file.
func golden(t *testing.T, text string, path ...string) {
	t.Helper()
	file := filepath.Join(append([]string{"testdata"}, path...)...)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return
	}
	wanted, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(wanted), text)
}

// TestCreateTableIsThePeersToTheLetter has in testdata/ddl what DataJoint for Python sends for
// the same definitions, with the columns of its job metadata in all Imported and Computed tables.
func TestCreateTableIsThePeersToTheLetter(t *testing.T) {
	compare := func(name string, table dialect.Table) {
		t.Run(name, func(t *testing.T) {
			statements := mysql.Dialect{}.CreateTable(table)
			require.Len(t, statements, 1)
			require.Empty(t, statements[0].Args)
			golden(t, statements[0].SQL+"\n", "ddl", name+".sql")
		})
	}
	peer := newPeer("djddl")
	for _, table := range peer.Tables() {
		compare(table.String(), table.rendered())
	}
	compare("lineage", lineageTable(peer))

	files, err := os.ReadDir(filepath.Join("testdata", "ddl"))
	require.NoError(t, err)
	require.Len(t, files, len(peer.Tables())+1, "every statement of the peer is compared")
}

// hazardous declares what makes the peer fail: percent signs, braces, quotes and backslashes in comments,
// and a colon in a type.
func hazardous() *Table {
	type Hazard struct {
		ID    int32
		Ratio float64
		Kind  string
		Mode  string
	}
	return Manual[Hazard](New("hazards"), `
		# 100% of {database}: "quoted", it's, C:\temp, ? and # too
		id : int32        # %s %d %% {x} {0} {{}}
		---
		ratio : float64   # in % of "all" \ none
		kind : enum("x","it's","b:c#d")  # a "kind": one
		mode = 'a:b' : enum('a:b', 'c''d')
	`).Untyped()
}

func TestHazardsOfComments(t *testing.T) {
	table := hazardous()
	golden(t, mysql.Dialect{}.CreateTable(table.rendered())[0].SQL+"\n", "hazards.sql")
	requireHazards(t, table.rendered())
}

// TestHazardsOnServers finds in the database what the definition said.
func TestHazardsOnServers(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		table := hazardous()
		require.NoError(t, table.schema.Declare(t.Context(), db))
		found, err := describeSchema(t.Context(), db, "hazards", "hazard")
		require.NoError(t, err)
		requireHazards(t, found["hazard"])
		require.Empty(t, table.compare(found["hazard"]))
	})
}

func requireHazards(t *testing.T, table dialect.Table) {
	t.Helper()
	var comments []string
	for _, c := range table.Columns {
		comments = append(comments, c.Comment)
	}
	require.Equal(t, []string{`%s %d %% {x} {0} {{}}`, `in % of "all" \ none`, `a "kind": one`, ""}, comments)
	require.Equal(t, `100% of {database}: "quoted", it's, C:\temp, ? and # too`, table.Comment)
	require.Equal(t, []string{"x", "it's", "b:c#d"}, table.Columns[2].Type.Members)
	require.Equal(t, []string{"a:b", "c'd"}, table.Columns[3].Type.Members)
	require.Equal(t, "'a:b'", table.Columns[3].Default)
}
