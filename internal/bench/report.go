package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// A report is what came of a comparison.
type report struct {
	Time    time.Time `json:"time"`
	Version string    `json:"version"` // the commit
	Go      string    `json:"go"`
	CPUs    int       `json:"cpus"`
	Scale   scale     `json:"scale"`
	Results []*result `json:"results"`
	// Notes say what was left out, and why.
	Notes []string `json:"notes"`
}

func newReport(ctx context.Context, s scale) *report {
	return &report{Time: time.Now().Round(time.Second), Version: version(ctx), Go: runtime.Version(), CPUs: runtime.NumCPU(), Scale: s, Notes: []string{}}
}

func (r *report) note(sentence string) { r.Notes = append(r.Notes, sentence) }

func (r *report) add(results []*result) { r.Results = append(r.Results, results...) }

// groups are the results by server, line and N, in their order.
func (r *report) groups() (groups []group) {
	for _, res := range r.Results {
		last := len(groups) - 1
		if last >= 0 && groups[last][0].Server == res.Server && groups[last][0].Line == res.Line && groups[last][0].N == res.N {
			groups[last] = append(groups[last], res)
			continue
		}
		groups = append(groups, group{res})
	}
	return groups
}

// servers are the names of those that lines were run on.
func (r *report) servers() (names []string) {
	for _, res := range r.Results {
		if !slices.Contains(names, res.Server) {
			names = append(names, res.Server)
		}
	}
	return names
}

// A toldResult is a result with what is computed of it.
type toldResult struct {
	*result

	Seconds float64 `json:"median_seconds"`
	Least   float64 `json:"least_seconds"`
	Most    float64 `json:"most_seconds"`
	Memory  int64   `json:"most_memory"`
	// Statements and Fsyncs are for each of N; nil where they cannot be counted.
	Statements *float64 `json:"statements_per_key"`
	Fsyncs     *float64 `json:"fsyncs_per_key"`
	// Ratio is how many times as fast as this contender Rowmill is; nil for Rowmill.
	Ratio *float64 `json:"rowmill_times_as_fast"`
}

func (g group) told(r *result) toldResult {
	times := r.times()
	t := toldResult{result: r, Seconds: r.Seconds(), Least: slices.Min(times), Most: slices.Max(times), Memory: r.memory()}
	if r.Counted {
		t.Statements, t.Fsyncs = new(r.perKey(r.statements)), new(r.perKey(r.fsyncs))
	}
	if ratio, known := g.ratio(r.Who); known && r.Who != rowmillWay {
		t.Ratio = &ratio
	}
	return t
}

// MarshalJSON adds what is computed.
func (r *report) MarshalJSON() ([]byte, error) {
	type plain report
	told := struct {
		*plain

		Results []toldResult `json:"results"`
	}{plain: (*plain)(r), Results: []toldResult{}}
	for _, g := range r.groups() {
		for _, res := range g {
			told.Results = append(told.Results, g.told(res))
		}
	}
	return json.Marshal(told)
}

// keep writes bench.json and bench.png into a folder.
func (r *report) keep(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // it is for everybody to read
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "bench.json"), append(text, '\n'), 0o644); err != nil { //nolint:gosec // as above
		return err
	}
	picture, err := os.Create(filepath.Join(folder, "bench.png"))
	if err != nil {
		return err
	}
	if err := r.draw(picture); err != nil {
		_ = picture.Close()
		return fmt.Errorf("draw the picture: %w", err)
	}
	return picture.Close()
}
