package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) { testdb.Main(m) }

// rowmillCommand runs the command, and returns what it writes.
func rowmillCommand(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return out.String(), err.String(), code
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	wanted, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(wanted), text)
}

// TestGenerated generates the package of a database of many tables, with rows, and compiles it: it declares the
// tables without a difference, and fetches every row.
func TestGenerated(t *testing.T) {
	var program string
	folder := t.TempDir()
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		lab := declareLab()
		require.NoError(t, lab.Declare(t.Context(), db))
		tables := schema.NewDiagram(declared(lab.Tables())...).Up(schema.All).Tables()
		require.GreaterOrEqual(t, len(tables), 20)
		rows := fill(t, db, tables)

		source, stderr, code := rowmillCommand(t, "gen", "lab", "--dsn", dsn)
		require.Equal(t, 0, code, stderr)
		golden(t, "lab.go.txt", source)
		text, stderr, code := rowmillCommand(t, "describe", "lab", "rig-2", "--dsn", dsn)
		require.Equal(t, 0, code, stderr)
		golden(t, "lab.txt", text)

		if program == "" {
			program = compile(t, folder, source)
		}
		requireRows(t, rows, runProgram(t, program, dsn, "declare"))
	})
}

// TestGeneratedLegacy generates a package for the tables that package schema describes, too: those of DataJoint's
// early days, and such as people make by hand.
func TestGeneratedLegacy(t *testing.T) {
	dsn := testdb.MariaDB(t)
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	defer db.Close()
	statements, err := os.ReadFile(filepath.Join("..", "..", "schema", "testdata", "describe", "legacy.sql"))
	require.NoError(t, err)
	for statement := range strings.SplitSeq(string(statements), ";\n") {
		if strings.TrimSpace(statement) != "" {
			_, err := db.Exec(t.Context(), statement)
			require.NoError(t, err)
		}
	}
	lab, err := schema.Describe(t.Context(), db, "lab")
	require.NoError(t, err)
	var rows map[string][]row
	require.NoError(t, db.Transact(t.Context(), func(tx *rowmill.Tx) error {
		if _, err := tx.Exec(t.Context(), "SET FOREIGN_KEY_CHECKS = 0"); err != nil { // those that nobody can describe
			return err
		}
		rows = fill(t, tx, schema.NewDiagram(declared(lab.Tables())...).Up(schema.All).Tables())
		_, err := tx.Exec(t.Context(), "SET FOREIGN_KEY_CHECKS = 1")
		return err
	}))
	source, stderr, code := rowmillCommand(t, "gen", "lab", "--dsn", dsn, "--package", "legacy")
	require.Equal(t, 0, code, stderr)
	golden(t, "legacy.go.txt", source)
	delete(rows, "lab.__unit__loose") // a part that does not refer to its master
	requireRows(t, rows, runProgram(t, compile(t, t.TempDir(), source), dsn))
}

// runProgram runs a compiled program, which must not complain, and returns what it writes.
func runProgram(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%s", &errs)
	require.Empty(t, errs.String())
	return out.String()
}

func requireRows(t *testing.T, rows map[string][]row, out string) {
	t.Helper()
	var wanted []string
	for table, all := range rows {
		for _, r := range all {
			wanted = append(wanted, table+": "+r.String())
		}
	}
	require.ElementsMatch(t, wanted, strings.Split(strings.TrimSuffix(out, "\n"), "\n"))
}

func declared(tables []*schema.Table) []schema.Declared {
	all := make([]schema.Declared, len(tables))
	for i, t := range tables {
		all[i] = t
	}
	return all
}

// Variables of tables, and of schemas, in generated source.
var (
	ofTables  = regexp.MustCompile(`(?m)^var (\w+) = schema\.\w+\[`)
	ofSchemas = regexp.MustCompile(`(?m)^var (\w+) = schema\.New\(`)
)

func all(variables *regexp.Regexp, source, form string) string {
	text := ""
	for _, m := range variables.FindAllStringSubmatch(source, -1) {
		text += strings.ReplaceAll(form, "X", m[1])
	}
	return text
}

// compile compiles a program of a generated package, which writes every row of every table.
func compile(t *testing.T, into, source string) string {
	t.Helper()
	folder, err := os.MkdirTemp("testdata", "generated")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	main, err := os.ReadFile(filepath.Join("testdata", "main.go.txt"))
	require.NoError(t, err)
	text := strings.NewReplacer("FOLDER", filepath.Base(folder), "CALLS", all(ofTables, source, "dump(ctx, db, lab.X)\n"),
		"SCHEMAS", all(ofSchemas, source, "lab.X, ")).Replace(string(main))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "lab"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "lab", "lab.go"), []byte(source), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(text), 0o644))
	args := []string{"build", "-o", filepath.Join(into, "program")}
	if raceDetector {
		args = append(args, "-race")
	}
	args = append(args, "-ldflags=-w", "./"+filepath.ToSlash(folder))
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return args[2]
}
