package jobs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/query"
)

// statements are the constants of sql.go, by name.
func statements(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "sql.go", nil, 0)
	require.NoError(t, err)
	all := map[string]string{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			all[spec.Names[0].Name] = text
		}
	}
	for name, s := range all { // what refresh looks for before it changes it
		if _, condition, found := strings.Cut(s, "{some}"); found {
			all["few to "+name] = strings.Replace(few(s), "{condition}", strings.Replace(condition, "{at most ?}", "", 1), 1)
		}
	}
	delete(all, "fewJobs")
	delete(all, "fewOfAll")
	delete(all, "nextJobs") // see TestAStretchIsFoundByKey
	return all
}

// plan is how the server goes about a statement of the queue, with values of the kinds that it wants.
// It names n jobs, if it names any.
func (t *fixture) plan(statement string, n int) string {
	t.Helper()
	source, err := query.Select(t.db, t.q.Source(), t.q.key)
	require.NoError(t, err)
	filled := t.q.fill(t.db.Dialect(), strings.ReplaceAll(statement, "{only}", ""), n)
	var args []any
	subject := 0
	pieces := strings.Split(filled, "?")
	for _, before := range pieces[:len(pieces)-1] {
		switch {
		case strings.HasSuffix(before, "`subject_id` = "):
			subject += 7
			args = append(args, subject)
		case strings.HasSuffix(before, "FROM ("):
			args = append(args, source)
		case strings.HasSuffix(before, "LIMIT "), strings.HasSuffix(before, "OFFSET "):
			args = append(args, 64)
		case strings.HasSuffix(before, "status = "):
			args = append(args, string(Error))
		default:
			args = append(args, "7") // a subject, a method, a time, …
		}
	}
	sql, values, err := squirrel.Expr(filled, args...).ToSql()
	require.NoError(t, err)
	return t.explain(sql, values...)
}

// names finds statements that name jobs by their keys.
var names = regexp.MustCompile(`\{(keys|tokens|ended)\}`)

// TestEveryStatementFindsItsJobs has no statement look through all jobs, or sort them, but for those that are about all of them.
func TestEveryStatementFindsItsJobs(t *testing.T) {
	n, asked := rowsAsked(t)
	if !asked {
		n = 5000 // with fewer, servers need no plan
	}
	aboutAll := map[string]string{
		"add":          "is the difference of all keys and all jobs, once in a refresh",
		"hasHidden":    "reads no row",
		"counts":       "counts all jobs, in the index alone",
		"sweep":        "looks once in a refresh how old all jobs are, which no index tells",
		"settle":       "looks once in a refresh which jobs of many have results",
		"due":          "counts jobs that failed among those that wait, which may be all",
		"reprioritize": "changes all pending jobs, and by the index that it looks in: a server may prefer to look in none",
		"reschedule":   "likewise",
		"milestone":    "passes over as many jobs as are changed next",
	}
	each(t, func(t *fixture) {
		t.enterMany(n, "7")
		t.refresh(nil)
		claimed := t.claim(300)
		require.NoError(t, makeResult(t.Context(), t.db, ResultKey{7, "7"}))
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[0], Failure{Message: "no"}))
		if t.onServer() {
			t.exec("ANALYZE TABLE {jobs}")
		}
		for name, statement := range statements(t.T) {
			plan := t.plan(statement, 1)
			if names.MatchString(statement) {
				plan += t.plan(statement, handful)
			}
			for line := range strings.Lines(plan) {
				if !strings.Contains(line, "~~result") && !strings.Contains(line, "table=j ") && !strings.Contains(line, "SCAN j ") {
					continue // it is not about the queue
				}
				scans := strings.Contains(line, "type=ALL") || strings.Contains(line, "type=index") || strings.Contains(line, "SCAN ")
				sorts := strings.Contains(line, "filesort") || strings.Contains(line, "TEMP B-TREE FOR ORDER")
				inserted := strings.HasPrefix(statement, "INSERT") || strings.HasPrefix(statement, "{insert ignore}") // which MariaDB shows as a scan
				if scans && !inserted || sorts {
					require.Contains(t, aboutAll, strings.TrimSuffix(strings.TrimPrefix(name, "few to "), "Kept"), "%s:\n%s", name, line)
				}
			}
		}
		for name := range aboutAll {
			require.Contains(t, statements(t.T), name)
		}
	})
}
