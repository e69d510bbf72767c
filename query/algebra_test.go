package query

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/mysql"
	"github.com/rowmill/rowmill/internal/dialect/sqlite"
	"github.com/rowmill/rowmill/schema"
)

// TestAlgebra asks every question of algebraCases on every server.
func TestAlgebra(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range algebraCases() {
			t.Run(c.name, func(t *testing.T) {
				h, err := c.rel.Heading()
				require.NoError(t, err)
				require.Equal(t, c.key, strings.Join(h.Key(), " "))
				if c.inOrder {
					require.Equal(t, c.rows, sequence(t, db, c.rel))
				} else {
					require.Equal(t, c.rows, texts(t, db, c.rel))
				}
				n, err := Count(t.Context(), db, c.rel)
				require.NoError(t, err)
				require.Equal(t, len(c.rows), n)
				require.NotEmpty(t, c.rel.tables())

				// A question can be part of any other, wherever it stands.
				key := c.rel.Project()
				require.Len(t, texts(t, db, From(setups).In(key)), min(len(c.rows), 1))
				if agreeable(h) {
					require.Len(t, texts(t, db, c.rel.In(key.Where("1 = 1"))), len(c.rows))
					require.Empty(t, texts(t, db, c.rel.NotIn(key)))
				}
			})
		}
	})
}

// agreeable tells whether rows agree with themselves in their key: it comes from tables, and has no NULL.
func agreeable(h *schema.Heading) bool {
	return !slices.ContainsFunc(h.Attrs(), func(a schema.Attr) bool { return a.Key && (a.Origin == "" || a.Nullable) })
}

// TestAlgebraSQL has the SQL of every question, for each family of servers, in
// testdata/algebra.txtar.
func TestAlgebraSQL(t *testing.T) {
	var b strings.Builder
	seen := map[string]bool{}
	for _, c := range algebraCases() {
		require.False(t, seen[c.name], "two cases are called %q", c.name)
		seen[c.name] = true
		h, err := c.rel.Heading()
		require.NoError(t, err, c.name)
		for _, d := range []dialect.Dialect{mysql.Dialect{}, sqlite.Dialect{}} {
			sql, args, err := c.rel.node.compile(&compiler{dialect: d}).sql(h.Names()).ToSql()
			require.NoError(t, err, c.name)
			require.Len(t, args, strings.Count(sql, "?")-c.quotedMarks, c.name)
			fmt.Fprintf(&b, "-- %s (%s) --\n%s\n", c.name, d.Name(), sql)
			if len(args) > 0 {
				fmt.Fprintf(&b, "%#v\n", args)
			}
		}
	}
	file := filepath.Join("testdata", "algebra.txtar")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
		return
	}
	wanted, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, sections(string(wanted)), sections(b.String()))
}

// sections are the texts of a txtar archive by their names.
func sections(archive string) map[string]string {
	all := map[string]string{}
	name := ""
	for line := range strings.SplitSeq(archive, "\n") {
		if head, ok := strings.CutPrefix(line, "-- "); ok {
			name = strings.TrimSuffix(head, " --")
			continue
		}
		all[name] += line + "\n"
	}
	return all
}
