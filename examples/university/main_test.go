package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// update has the golden file written instead of compared.
var update = flag.Bool("update", false, "write the golden file")

// binary is the program, as "go build" makes it: without the race detector, which slows SQLite down many
// times over.
var binary string

func TestMain(m *testing.M) { testdb.Main(m) }

// TestUniversity builds the program, and runs it as its users do.
func TestUniversity(t *testing.T) {
	binary = filepath.Join(t.TempDir(), "university")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	t.Run("RunTwice", runTwice)
	t.Run("WrongUse", wrongUse)
	t.Run("Questions", answerQuestions)
}

// runTwice runs the program in an empty folder. Run again, it enters nothing; with -sql, it prints a SELECT of
// each question besides.
func runTwice(t *testing.T) {
	dir := t.TempDir()
	first := output(t, dir)
	if *update {
		require.NoError(t, os.WriteFile("testdata/sqlite.txt", []byte(first), 0o644))
	}
	require.Equal(t, golden(t), first)
	require.Equal(t, first, output(t, dir))

	statement := regexp.MustCompile(`(?m)^    SELECT .*\n(    \? \d+: .*\n)*\n`)
	second := output(t, dir, "-sql")
	require.Len(t, statement.FindAllString(second, -1), len(questions()))
	require.Equal(t, first, statement.ReplaceAllString(second, ""))
}

// golden is what the program prints of SQLite.
func golden(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/sqlite.txt")
	require.NoError(t, err)
	return string(text)
}

// ages finds the last cells of the rows that tell students' ages, which grow by the year.
var ages = regexp.MustCompile(`(?m)^(    \d{4}  .*  [A-Z]{2}          )\d\d$`)

// output is what the program prints in a folder, without the ages.
func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return ages.ReplaceAllString(string(out), "${1}##")
}

// wrongUse has errors say what to do.
func wrongUse(t *testing.T) {
	out, err := exec.Command(binary, "-dsn", "sqlite:nowhere/x.db").CombinedOutput()
	require.Error(t, err)
	require.Equal(t, "university: rowmill: the folder nowhere of the SQLite file is not there: create it\n", string(out))
	out, err = exec.Command(binary, "-rows", "-1").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `invalid value "-1" for flag -rows`)
}
