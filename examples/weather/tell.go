package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/weather/figure"
	"github.com/rowmill/rowmill/examples/weather/weather"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// A yearly is a line of the table that is printed.
type yearly struct {
	weather.YearKey

	Days   int64
	RainMM float64 `db:"rain_mm"`
	Mean   float64
}

// tell prints what is known of each year, and what failed.
func tell(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	summed := query.From(weather.DailyWeathers).Aggregate(query.From(weather.Days),
		"rain_mm = sum(precipitation_mm)", "mean = avg(temp_max_c + temp_min_c) / 2", "days")
	years, err := query.Fetch[yearly](ctx, db, summed.Top(query.All, "station", "year"))
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "station\tyear\tdays\tmean (°C)\train (mm)\t")
	for _, y := range years {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%.1f\t%.0f\t\n", y.Station, y.Year, y.Days, y.Mean, y.RainMM)
	}
	return errors.Join(w.Flush(), tellFailures(ctx, db, out))
}

// tellFailures lists what failed by its kind.
func tellFailures(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	queue := jobs.For(weather.DailyWeathers)
	kinds, err := queue.Kinds(ctx, db)
	if err != nil || len(kinds) == 0 {
		return err
	}
	var counted []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		counted = append(counted, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	fmt.Fprintf(out, "\nFailed: %s\n", strings.Join(counted, ", "))
	type failure struct {
		weather.YearKey
		jobs.Job
	}
	for f, err := range query.Each[failure](ctx, db, queue.With(jobs.Error).Top(query.All, "station", "year")) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %s %d: %s\n", f.Station, f.Year, f.ErrorMessage)
	}
	fmt.Fprintln(out, "These are not asked for again until the source is mended, and the program run with -retry.")
	return nil
}

// drawSeattle draws what is known of Seattle.
func drawSeattle(ctx context.Context, db *rowmill.DB, file string, out io.Writer) error {
	var days []figure.Day
	here := map[string]any{"station": "seattle"}
	for d, err := range query.Each[weather.Day](ctx, db, query.From(weather.Days).Match(here).Top(query.All, "date")) {
		if err != nil {
			return err
		}
		days = append(days, figure.Day{Date: d.Date, MinC: d.TempMinC, MaxC: d.TempMaxC})
	}
	var months []figure.Month
	for m, err := range query.Each[weather.MonthlySummary](ctx, db, query.From(weather.MonthlySummaries).Match(here).Top(query.All, "year", "month")) {
		if err != nil {
			return err
		}
		first := time.Date(int(m.Year), time.Month(m.Month), 1, 0, 0, 0, 0, time.UTC)
		months = append(months, figure.Month{First: first, RainMM: m.PrecipitationMM})
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := errors.Join(figure.Write(f, "Seattle", days, months), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "\ndrawn in %s\n", file)
	return nil
}
