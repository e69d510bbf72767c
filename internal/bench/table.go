package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// write writes the table: a block for each server, in it a line for each contender. In Rowmill's line stands how many
// times as fast as the others it is.
func (r *report) write(out io.Writer) {
	fmt.Fprintf(out, "Rowmill %s, %s, %d CPUs, %s, scale %s\n", r.Version, r.Go, r.CPUs, r.Time.Format("2006-01-02 15:04"), r.Scale.Name)
	for _, server := range r.servers() {
		fmt.Fprintf(out, "\n%s\n", server)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "operation\tN\twho\tmedian\tspread\truns\tstatements a key\tfsyncs a key\tmemory\tto by hand\tto DataJoint")
		for _, g := range r.groups() {
			if g[0].Server != server {
				continue
			}
			for i, res := range g {
				name, n := "", ""
				if i == 0 {
					name, n = res.Line, number(res.N)
				}
				cells := append([]string{name, n, string(res.Who)}, g.told(res).cells()...)
				if res.Who == rowmillWay {
					cells = append(cells, g.times(handWay), g.times(peerWay))
				}
				fmt.Fprintln(table, strings.Join(cells, "\t"))
			}
		}
		_ = table.Flush() // where it fails there is nobody to tell
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(out)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(out, n)
	}
}

func (t toldResult) cells() []string {
	return []string{
		duration(t.Seconds), duration(t.Least) + " to " + duration(t.Most), strconv.Itoa(len(t.Runs)),
		perKey(t.Statements), perKey(t.Fsyncs), bytesOf(t.Memory),
	}
}

// duration is so many seconds, with three digits.
func duration(seconds float64) string {
	if math.IsNaN(seconds) {
		return "?"
	}
	d := time.Duration(seconds * float64(time.Second))
	unit := time.Nanosecond
	for 1000*unit <= d {
		unit *= 10
	}
	return d.Round(unit).String()
}

func perKey(n *float64) string {
	switch {
	case n == nil:
		return "-"
	case *n >= 10:
		return strconv.FormatFloat(*n, 'f', 0, 64)
	case *n >= 0.1:
		return strconv.FormatFloat(*n, 'f', 2, 64)
	}
	return strconv.FormatFloat(*n, 'f', 4, 64)
}

func bytesOf(n int64) string {
	if n < 0 {
		return "-"
	}
	return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
}

// times is how many times as fast as another Rowmill is; a ratio below 1 is a part of his speed.
func (g group) times(to contender) string {
	ratio, known := g.ratio(to)
	switch {
	case !known:
		return ""
	case ratio >= 10:
		return strconv.FormatFloat(ratio, 'f', 0, 64) + " ×"
	}
	return strconv.FormatFloat(ratio, 'f', 2, 64) + " ×"
}

// number is a number with its thousands apart.
func number(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func grouped(numbers []int) []string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = number(n)
	}
	return texts
}
