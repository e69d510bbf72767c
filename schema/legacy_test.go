package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
)

// onServers runs f on the kinds of server that DataJoint for Python uses.
func onServers(t *testing.T, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		if strings.HasPrefix(dsn, "sqlite:") {
			t.Skip("DataJoint for Python has no SQLite")
		}
		f(t, openDB(t, dsn))
	})
}

// described is the whole of a description: definitions, in the diagram's order, and what was left out.
func described(s *Schema) string {
	var b strings.Builder
	for _, table := range s.Diagram().Tables() {
		b.WriteString("## " + table.class + " (" + table.tier.String() + ") " + table.name + "\n" + table.definition + "\n")
	}
	for _, o := range s.Omitted() {
		b.WriteString("left out: " + o.Table + ": " + o.Reason + "\n")
	}
	return b.String()
}

// TestDescribeLegacy describes tables as DataJoint 0.12 to 0.14 made them, and as people make them by hand:
// testdata/describe has the statements, and beside them what they are described as.
func TestDescribeLegacy(t *testing.T) {
	statements, err := os.ReadFile(filepath.Join("testdata", "describe", "legacy.sql"))
	require.NoError(t, err)
	onServers(t, func(t *testing.T, db *rowmill.DB) {
		for statement := range strings.SplitSeq(string(statements), ";\n") {
			if strings.TrimSpace(statement) != "" {
				execute(t, db, statement)
			}
		}
		s, err := Describe(t.Context(), db, "lab")
		require.NoError(t, err)
		golden(t, described(s), "describe", "legacy.txt")

		found, err := describeSchema(t.Context(), db, "lab", "")
		require.NoError(t, err)
		var undeclarable []string
		for _, table := range s.Tables() {
			if err := table.Declarable(); err != nil {
				undeclarable = append(undeclarable, table.class+": "+err.Error())
			}
			for _, c := range found[table.name].Columns {
				require.True(t, table.heading.Has(c.Name), "%s.%s", table, c.Name)
			}
		}
		require.Equal(t, []string{
			`Unit: "unit" is in the primary key, and no foreign key brings it: the rows of computed tables are told by their parents; put it into a part`,
			`Unit.Loose: a part's primary key refers to its master: add a line "-> master" above the ---`,
		}, undeclarable)
		requireOrigin := func(class, attr, origin string) {
			a, ok := find(s, class).heading.Attr(attr)
			require.True(t, ok)
			require.Equal(t, origin, a.Origin)
		}
		requireOrigin("Session", "subject_id", "lab.subject.subject_id")
		requireOrigin("Implant", "surgeon", "people.#person.username")
		people := find(s, "Implant").foreign[1].Parent.Schema()
		require.Equal(t, "people", people.Name())
		require.Equal(t, "people.#person\n", people.Tables()[0].FullName()+"\n")
		require.Contains(t, find(people, "Person").Children(), find(s, "Implant"))
	})
}
