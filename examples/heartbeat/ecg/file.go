package ecg

import (
	"bufio"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Sample is the file of the recording that comes with the pipeline: five minutes of record 208
// of the MIT-BIH Arrhythmia Database (see sample/README.md).
const Sample = "sample/mitdb-208-mlii.csv"

//go:embed sample/mitdb-208-mlii.csv
var samples embed.FS

// open opens a recording's file: one of those that come with the pipeline, or one on disk.
func open(name string) (fs.File, error) {
	if strings.HasPrefix(name, path.Dir(Sample)+"/") {
		if f, err := samples.Open(name); err == nil {
			return f, nil
		}
	}
	return os.Open(name)
}

// readCounts reads n counts of a file, after passing over the first of them. Its errors name
// the file and, where there is one, the line.
func readCounts(name string, first, n int) ([]float64, error) {
	f, err := open(name)
	if err != nil {
		return nil, err // which names the file
	}
	defer func() { _ = f.Close() }()
	counts := make([]float64, 0, n)
	lines := bufio.NewScanner(f)
	line := 0
	for ; len(counts) < n && lines.Scan(); line++ {
		if line == 0 && isNumber(lines.Text()) {
			return nil, fmt.Errorf("%s:1: %q is a number; a heading is wanted above the samples", name, lines.Text())
		}
		if line <= first { // line 0 is the heading
			continue
		}
		c, err := strconv.ParseFloat(strings.TrimSpace(lines.Text()), 64)
		if err != nil || math.IsNaN(c) || math.IsInf(c, 0) {
			return nil, fmt.Errorf("%s:%d: %q is no number; one count of the converter is wanted", name, line+1, lines.Text())
		}
		counts = append(counts, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, line+1, err)
	}
	if len(counts) < n {
		return nil, fmt.Errorf("%s:%d: the recording ends here, after %d samples; %d are wanted for this window",
			name, max(line, 1), max(line-1, 0), first+n)
	}
	return counts, nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}

// countSamples is the number of samples in a file. One that cannot be read has none, which is no
// error here: whoever reads its samples will say so.
func countSamples(name string) int {
	f, err := open(name)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	n, in := -1, bufio.NewReader(f)
	for {
		text, err := in.ReadString('\n')
		if text != "" {
			n++
		}
		if err != nil {
			return max(n, 0)
		}
	}
}
