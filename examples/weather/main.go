// Command weather imports the weather of three stations, four years of it, from a slow and faulty source on the internet, which the
// program brings along.
//
//	weather [-dsn DSN] [-workers N] [-until YEAR] [-mended] [-retry] [-plot FILE]
//
// It asks the source which years are new since the last time, fetches them, looks at the answers, sums up months, tells
// what came out and what failed, and draws four years of Seattle. It may be killed at any moment: the next run goes on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/weather/source"
	"github.com/rowmill/rowmill/examples/weather/weather"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// settings are what the command line says.
type settings struct {
	dsn, state, plot string
	workers, until   int
	latency, overlap time.Duration
	mended, retry    bool
}

func main() {
	var s settings
	flag.StringVar(&s.dsn, "dsn", "sqlite:weather.db", "the database: sqlite:PATH or mysql://user:password@host:port/")
	flag.IntVar(&s.workers, "workers", 4, "how many years to fetch at once")
	flag.IntVar(&s.until, "until", source.LastYear, "the last year that the source has published by now")
	flag.BoolVar(&s.mended, "mended", false, "the source has mended the years that it answered wrongly")
	flag.BoolVar(&s.retry, "retry", false, "try again what failed before")
	flag.DurationVar(&s.latency, "latency", 30*time.Millisecond, "how long the source takes to answer")
	flag.DurationVar(&s.overlap, "overlap", time.Minute, "how much farther back than the last visit the source is asked for years")
	flag.StringVar(&s.state, "source", "weather-source.json", "where the source keeps when it published what")
	flag.StringVar(&s.plot, "plot", "weather.png", "where to draw Seattle's weather, as PNG; nothing is drawn if empty")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "weather:", err)
		os.Exit(1)
	}
}

// run does it all: declare, ask, fetch, sum up, tell, draw.
func run(ctx context.Context, s settings, out io.Writer) error {
	published, err := source.Publish(s.state, s.until)
	if err != nil {
		return err
	}
	src := source.Start(source.Options{
		Published: published, Latency: s.latency, TokenLife: 8 * s.latency, FailEvery: 5, Mended: s.mended,
	})
	defer src.Close()
	db, err := rowmill.Open(ctx, s.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := weather.Schema.Declare(ctx, db); err != nil {
		return err
	}
	client := weather.NewClient(src.URL, 100)
	if err := importNew(ctx, db, client, s, out); err != nil {
		return err
	}
	renewed, busy := client.Troubles()
	fmt.Fprintf(out, "(The token was renewed %s, and the source was too busy to answer %s.)\n", times(renewed), times(busy))
	if err := tell(ctx, db, out); err != nil {
		return err
	}
	if s.plot == "" {
		return nil
	}
	return drawSeattle(ctx, db, s.plot, out)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// importNew asks the source what is new, and makes what is missing.
func importNew(ctx context.Context, db *rowmill.DB, client *weather.Client, s settings, out io.Writer) error {
	importer := weather.NewImporter(db, client, s.overlap)
	opts := &populate.Options{Workers: s.workers, Retry: weather.Patience, RetryErrors: s.retry}
	if err := weather.Ask(ctx, db); err != nil {
		return err
	}
	visits, err := importer.Visits().Populate(ctx, db, opts)
	if err != nil {
		return err
	}
	if err := tellVisits(ctx, db, out); err != nil {
		return errors.Join(visits.Err(), err)
	}
	reports, err := populate.All(ctx, db, opts, importer.DailyWeathers(), weather.MakeMonthlySummaries)
	for _, r := range reports {
		fmt.Fprintf(out, "%s: %d made, %d failed\n", r.Table, r.Made, r.Failed)
	}
	return errors.Join(visits.Err(), err)
}

// tellVisits prints what the last visits found.
func tellVisits(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	last, err := query.Count(ctx, db, query.From(weather.Askings))
	if err != nil {
		return err
	}
	for v, err := range query.Each[weather.Visit](ctx, db, query.From(weather.Visits).Match(weather.Asking{Asking: int32(last)}).Top(query.All, "station")) {
		if err != nil {
			return err
		}
		which := "what is new"
		if v.Whole {
			which = "all years"
		}
		fmt.Fprintf(out, "%s, asked for %s: %d years, of which %d were not known\n", v.Station, which, v.Listed, v.Found)
	}
	return nil
}
