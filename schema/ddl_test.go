package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

// TestHazardsOfComments holds what makes the peer fail: percent signs, braces, quotes and
// backslashes, and a colon in a type.
func TestHazardsOfComments(t *testing.T) {
	s := New("hazards")
	type Hazard struct {
		ID    int32
		Ratio float64
		Kind  string
		Mode  string
	}
	table := Manual[Hazard](s, `
		# 100% of {database}: "quoted", it's, C:\temp, ? and # too
		id : int32        # %s %d %% {x} {0} {{}}
		---
		ratio : float64   # in % of "all" \ none
		kind : enum("x","it's","b:c#d")  # a "kind": one
		mode = 'a:b' : enum('a:b', 'c''d')
	`).Untyped()
	golden(t, mysql.Dialect{}.CreateTable(table.rendered())[0].SQL+"\n", "hazards.sql")

	var comments []string
	for _, a := range table.Heading().Attrs() {
		comments = append(comments, a.Comment)
	}
	require.Equal(t, []string{`%s %d %% {x} {0} {{}}`, `in % of "all" \ none`, `a "kind": one`, ""}, comments)
	require.Equal(t, `100% of {database}: "quoted", it's, C:\temp, ? and # too`, strings.TrimSpace(table.comment))
}
