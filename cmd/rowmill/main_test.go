package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
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
	folder, err := os.MkdirTemp("testdata", "generated") //nolint:usetesting // within the module
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

func sqliteLab(t *testing.T) string {
	t.Helper()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "lab.db")
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, declareLab().Declare(t.Context(), db))
	return dsn
}

func TestDescribeListsSchemas(t *testing.T) {
	t.Setenv("ROWMILL_DSN", sqliteLab(t))
	out, stderr, code := rowmillCommand(t, "describe")
	require.Equal(t, 0, code, stderr)
	require.Equal(t, "lab\nrig-2\n", out)
}

func TestGenWritesAFile(t *testing.T) {
	dsn := sqliteLab(t)
	file := filepath.Join(t.TempDir(), "new", "folder", "tables.go")
	out, stderr, code := rowmillCommand(t, "gen", "lab", "--dsn", dsn, "-o", file)
	require.Equal(t, []any{"", "", 0}, []any{out, stderr, code})
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	golden(t, "lab.go.txt", string(source))

	require.NoError(t, os.WriteFile(file, []byte("edited"), 0o644))
	_, stderr, code = rowmillCommand(t, "gen", "lab", "--dsn", dsn, "-o", file)
	require.Equal(t, 1, code)
	require.Equal(t, "rowmill: "+file+" is there already, and may have been edited: --force writes over it\n", stderr)
	_, stderr, code = rowmillCommand(t, "gen", "rig-2", "--dsn", dsn, "-o", file, "--force", "--package", "probes")
	require.Equal(t, 0, code, stderr)
	source, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(source), "\npackage probes\n")
	require.Contains(t, string(source), "type Unneeded struct")
}

// TestGenSchemasTogether generates one package for two schemas that were described one by one.
func TestGenSchemasTogether(t *testing.T) {
	dsn := sqliteLab(t)
	source, stderr, code := rowmillCommand(t, "gen", "rig-2", "lab", "rig-2", "--dsn", dsn)
	require.Equal(t, 0, code, stderr)
	require.Contains(t, source, "// Package rig2 declares the tables of the schemas rig-2, lab, as")
	require.Contains(t, source, `var Schema = schema.New("rig-2", `)
	require.Contains(t, source, `var LabSchema = schema.New("lab", `)
	require.Equal(t, 1, strings.Count(source, "schema.Manual[Probe]("))
	require.Equal(t, 1, strings.Count(source, "schema.Manual[Subject]("))
	require.Contains(t, source, "type Unneeded struct")
}

// TestMistakes wants one line for each, and no password in it.
func TestMistakes(t *testing.T) {
	dsn := sqliteLab(t)
	t.Setenv("ROWMILL_DSN", "")
	t.Setenv("DJ_HOST", "")
	for _, c := range []struct {
		args   []string
		wanted string
	}{
		{[]string{"descrbe"}, `"descrbe" is none of its commands; did you mean "describe"?`},
		{[]string{"describe", "--dns", dsn}, "unknown flag: --dns"},
		{[]string{"gen", "--dsn", dsn}, "gen wants the name of a schema: rowmill describe tells which are there"},
		{[]string{"describe", "lba", "--dsn", dsn}, `describe schema lba: no schema "lba" is there; did you mean "lab"?`},
		{[]string{"gen", "lab", "lbb", "--dsn", dsn}, `describe schema lbb: no schema "lbb" is there; did you mean "lab"?`},
		{[]string{"gen", "lab", "--dsn", dsn, "--package", "my lab"}, `a package cannot be called "my lab": small letters and digits are wanted, a letter first`},
		{[]string{"gen", "lab", "--dsn", dsn, "--package", "func"}, `a package cannot be called "func": small letters and digits are wanted, a letter first`},
		{[]string{"describe", "lab", "--dsn", "sqlite:nowhere/lab.db"}, "there is no file nowhere/lab.db"},
		{[]string{"describe", "lab"}, "no database is named: give a DSN"},
		{[]string{"describe", "lab", "--dsn", "mysql://ann:pa55word@127.0.0.1:1/"}, "no server answers at 127.0.0.1:1: "},
		{[]string{"describe", "lab", "--dsn", "mysql://ann:pa55/word@127.0.0.1:1/"}, "the DSN "},
		{[]string{"version", "x"}, `unknown command "x" for "rowmill version"`},
	} {
		out, stderr, code := rowmillCommand(t, c.args...)
		require.Equal(t, 1, code, c.args)
		require.Empty(t, out)
		require.True(t, strings.HasPrefix(stderr, "rowmill: "+c.wanted), "%s: %s", c.args, stderr)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		require.NotContains(t, stderr, "pa55")
	}
	require.NoDirExists(t, "nowhere")
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"help"}} {
		out, stderr, code := rowmillCommand(t, args...)
		require.Equal(t, []any{"", 0}, []any{stderr, code})
		golden(t, "help.txt", out)
	}
	out, _, code := rowmillCommand(t, "version")
	require.Equal(t, 0, code)
	require.Regexp(t, `^rowmill .* go1\.\d+.*\n$`, out)
}

func TestVersion(t *testing.T) {
	require.Equal(t, "rowmill of an unknown version", version(nil))
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}}
	require.Equal(t, "rowmill v1.2.3 go1.26.0 "+runtime.GOOS+"/"+runtime.GOARCH, version(info))
	info.Settings = []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
	}
	require.Equal(t, "rowmill v1.2.3 (commit 0123456789ab, 2026-01-02T03:04:05Z, modified) go1.26.0 "+runtime.GOOS+"/"+runtime.GOARCH, version(info))
}
