package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/mysql"
)

// A pastedDefinition is one of testdata/pasted.txt, which says how it is written.
type pastedDefinition struct {
	tier, name, definition string
	theirs                 string // the statement that DataJoint for Python sends
	ours                   string // ours, or the error, where it differs on purpose
}

func pasted(t testing.TB) []pastedDefinition {
	t.Helper()
	heads, bodies := sections(readText(t, "pasted.txt"), "=== ")
	all := make([]pastedDefinition, len(heads))
	for i, head := range heads {
		p := pastedDefinition{}
		p.tier, p.name, _ = strings.Cut(head, " ")
		before, ours, differs := strings.Cut("\n"+bodies[i], "\n<<< ")
		definition, theirs, answered := strings.Cut(before, "\n>>>")
		require.True(t, answered, head)
		p.definition = strings.TrimPrefix(definition, "\n")
		_, p.theirs, _ = strings.Cut(theirs, "\n")
		if differs {
			_, p.ours, _ = strings.Cut(ours, "\n")
		}
		p.theirs, p.ours = strings.TrimSpace(p.theirs), strings.TrimSpace(p.ours)
		all[i] = p
	}
	return all
}

// pastedLibrary has the codecs that the pasted definitions name.
func pastedLibrary() *library {
	var l library
	for _, name := range []string{"blob@", "blob@raw", "hash@raw", "npy@raw", "object@raw", "filepath@raw", "attach@raw"} {
		l.codecs = append(l.codecs, Opaque(name, "json"))
	}
	return &l
}

// TestPasted takes what users of DataJoint for Python write, and sends what it sends.
func TestPasted(t *testing.T) {
	all := pasted(t)
	require.Greater(t, len(all), 180)
	l := pastedLibrary()
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			table, err := l.declare(p.tier, p.name, p.definition)
			if p.ours != "" && !strings.HasPrefix(p.ours, "CREATE") {
				require.EqualError(t, err, p.ours)
				return
			}
			require.NoError(t, err)
			l.tables = append(l.tables, table)
			statements := mysql.Dialect{}.CreateTable(table.rendered())
			require.Len(t, statements, 1)
			if p.ours != "" {
				require.NotEqual(t, p.theirs, p.ours)
				require.Equal(t, p.ours, statements[0].SQL)
				return
			}
			require.Equal(t, p.theirs, withoutMetadata(statements[0].SQL))
		})
	}
}

// withoutMetadata is a statement without the columns that tell how a row was made: DataJoint sends them
// where it is set to, and others from version to version.
func withoutMetadata(sql string) string {
	var lines []string
	for l := range strings.SplitSeq(sql, "\n") {
		if !strings.HasPrefix(l, "`_job_") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// TestPastedOnServers declares what users of DataJoint for Python write, and finds it in the database as it
// was written, comments included.
func TestPastedOnServers(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		l := pastedLibrary()
		for _, p := range pasted(t) {
			table, err := l.declare(p.tier, p.name, p.definition)
			if err != nil {
				continue
			}
			l.tables = append(l.tables, table)
			if err := table.Declare(t.Context(), db); err != nil {
				require.True(t, computes(table), "%s: %v", p.name, err)
				require.ErrorContains(t, err, "which not every server has")
				continue
			}
			found, err := describeSchema(t.Context(), db, table.schema.name, table.name)
			require.NoError(t, err)
			for _, d := range table.compare(found[table.name]) {
				spelled := computes(table) && strings.HasPrefix(d.Of, "index ") // as the server spells expressions
				serial := strings.HasPrefix(p.name, "Serial") && d.Of == "unique index (a)"
				require.True(t, d.Harmless && (spelled || serial), "%s: %s", p.name, d)
			}
		}
	})
}

// computes tells whether an index is over what is computed.
func computes(t *Table) bool {
	for _, i := range t.indexes {
		for _, p := range i.Parts {
			if p != (dialect.IndexPart{Column: p.Column}) {
				return true
			}
		}
	}
	return false
}
