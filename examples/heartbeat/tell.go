package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/heartbeat/ecg"
	"github.com/rowmill/rowmill/examples/heartbeat/figure"
	"github.com/rowmill/rowmill/examples/heartbeat/qrs"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// shownFailures is how many failures of a table are told one by one.
const shownFailures = 10

// failuresOf is an error that tells what has failed in the making of a table, of these recordings.
func failuresOf(ctx context.Context, db *rowmill.DB, m *populate.Maker, q *jobs.Queue, recordings []ecg.Recording) (failed, err error) {
	type failure struct {
		ecg.WindowKey
		ErrorMessage string
	}
	var these []query.Rel
	for _, r := range recordings {
		these = append(these, query.From(ecg.Recordings).Match(map[string]any{"recording": r.Recording}))
	}
	failures, err := query.Fetch[failure](ctx, db, q.With(jobs.Error).In(these...))
	if err != nil || len(failures) == 0 {
		return nil, err
	}
	slices.SortFunc(failures, func(a, b failure) int {
		return cmp.Or(cmp.Compare(a.Recording, b.Recording), cmp.Compare(a.Window, b.Window))
	})
	failed = fmt.Errorf("%s: %d failed; after mending, run again with -retry", m, len(failures))
	for _, f := range failures[:min(len(failures), shownFailures)] {
		failed = errors.Join(failed, fmt.Errorf("  %s, window %d: %s", f.Recording, f.Window, f.ErrorMessage))
	}
	if more := len(failures) - shownFailures; more > 0 {
		failed = errors.Join(failed, fmt.Errorf("  and %d more", more))
	}
	return failed, nil
}

// An entry is a line of the table that is printed.
type entry struct {
	ecg.Window
	Beats         int32
	MeanPerMinute *float64
	IntervalSDMS  *float64 `db:"interval_sd_ms"`
}

// tell prints what the default detector found in a recording, and draws it.
func tell(ctx context.Context, db *rowmill.DB, r ecg.Recording, plot string) error {
	found := query.From(ecg.Windows, ecg.HeartRates).
		Match(map[string]any{"recording": r.Recording, "detector": qrs.Presets()[0].Name})
	entries, err := query.Fetch[entry](ctx, db, found)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return fmt.Errorf("%s: no segment could be evaluated", r.Recording)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.StartS, b.StartS) })
	fmt.Printf("%s, detector %q\n\n", r.Recording, qrs.Presets()[0].Name)
	printTable(entries)
	if plot != "" {
		if err := draw(ctx, db, r, entries, plot); err != nil {
			return err
		}
		fmt.Printf("\ndrawn in %s\n", plot)
	}
	beats, rates := int32(0), []float64{}
	for _, e := range entries {
		beats += e.Beats
		if e.MeanPerMinute != nil {
			rates = append(rates, *e.MeanPerMinute)
		}
	}
	fmt.Printf("beats: %d\nmedian heart rate: %.1f per minute\n", beats, median(rates))
	return nil
}

func printTable(entries []entry) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "time (s)\tbeats\trate (1/min)\tSD of interval (ms)\t")
	for _, e := range entries {
		_, _ = fmt.Fprintf(w, "%.0f–%.0f\t%d\t%s\t%s\t\n", e.StartS, e.StartS+e.DurationS, e.Beats,
			number("%.1f", e.MeanPerMinute), number("%.0f", e.IntervalSDMS))
	}
	_ = w.Flush()
}

func number(format string, x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf(format, *x)
}

// median is the middle value, or the mean of the middle two; 0 of none.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// draw writes a picture of the recording with its beats, and of the rate.
func draw(ctx context.Context, db *rowmill.DB, r ecg.Recording, entries []entry, file string) error {
	trace := figure.Trace{Title: r.Recording, RateHz: r.RateHz}
	this := map[string]any{"recording": r.Recording}
	type piece struct {
		StartS   float64
		SignalMV []float64
	}
	for p, err := range query.Each[piece](ctx, db, query.From(ecg.Windows, ecg.Segments).Match(this)) {
		if err != nil {
			return err
		}
		trace.Windows = append(trace.Windows, figure.Window{StartS: p.StartS, MV: p.SignalMV})
	}
	slices.SortFunc(trace.Windows, func(a, b figure.Window) int { return cmp.Compare(a.StartS, b.StartS) })
	this["detector"] = qrs.Presets()[0].Name
	for b, err := range query.Each[ecg.Beat](ctx, db, query.From(ecg.Beats).Match(this)) {
		if err != nil {
			return err
		}
		trace.Beats = append(trace.Beats, qrs.Beat{TimeS: b.TimeS, AmplitudeMV: b.AmplitudeMV})
	}
	slices.SortFunc(trace.Beats, func(a, b qrs.Beat) int { return cmp.Compare(a.TimeS, b.TimeS) })
	for _, e := range entries {
		if e.MeanPerMinute != nil {
			trace.Rates = append(trace.Rates, figure.RatePoint{TimeS: e.StartS + e.DurationS/2, PerMinute: *e.MeanPerMinute})
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(figure.Write(f, trace), f.Close())
}
