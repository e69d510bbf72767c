package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestREADME holds the README to this program: each of its blocks of Go stands here, to the
// letter, so that it compiles and runs.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, blocks)
	var shown strings.Builder
	for _, b := range blocks {
		shown.WriteString(b[1])
		require.Contains(t, string(program), b[1], "the README shows code that the example has not")
	}
	for _, must := range []string{"schema.Manual", "schema.Computed", "populate.New", "rowmill.Open", "Populate(", "query.Each"} {
		require.Contains(t, shown.String(), must, "the README does not show %s", must)
	}
}

// TestRun runs the program in an empty folder, twice.
func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, `2 made, 1 skipped
trial 2 has a mean of 6 mV
Summary: 2 of 3 done, 1 ignored
`, output(t))
	require.Equal(t, `2 made, 1 skipped
trial 2 has a mean of 6 mV
trial 5 has a mean of 6 mV
Summary: 4 of 6 done, 2 ignored
`, output(t))
}

// output is what a run prints on standard output.
func output(t *testing.T) string {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = w
	err = run(t.Context())
	os.Stdout = stdout
	require.NoError(t, err)
	require.NoError(t, w.Close())
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}
