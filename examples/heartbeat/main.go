// Command heartbeat finds the heart beats in electrocardiograms.
//
//	heartbeat [-dsn DSN] [-workers N] [-plot FILE] [-retry] [FILE.csv ...]
//
// It enters the recordings into a database, cuts them into segments, finds the beats of each
// segment with several detectors, computes heart rates, and prints and draws what came out.
// What is in the database already is not computed again. Without files it works on the
// recording that comes with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/heartbeat/ecg"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// settings are what the command line says.
type settings struct {
	dsn     string
	workers int
	plot    string
	retry   bool
	rateHz  float64
	files   []string
}

func main() {
	var s settings
	flag.StringVar(&s.dsn, "dsn", "sqlite:heartbeat.db", "the database: sqlite:PATH or mysql://user:password@host:port/")
	flag.IntVar(&s.workers, "workers", runtime.NumCPU(), "how many segments to work on at once")
	flag.StringVar(&s.plot, "plot", "heartbeat.png", "where to draw the recording, as PNG; nothing is drawn if empty")
	flag.BoolVar(&s.retry, "retry", false, "try again what failed before")
	flag.Float64Var(&s.rateHz, "rate", 360, "samples per second of the files that are named")
	flag.Parse()
	s.files = flag.Args()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "heartbeat:", err)
		os.Exit(1)
	}
}

// run does it all: declare, enter, populate, tell, draw.
func run(ctx context.Context, s settings) error {
	db, err := rowmill.Open(ctx, s.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := ecg.Schema.Declare(ctx, db); err != nil {
		return err
	}
	recordings, err := enter(ctx, db, s)
	if err != nil {
		return err
	}
	made, failed, err := compute(ctx, db, s, recordings)
	if err != nil {
		return err
	}
	if made == 0 && failed == nil {
		fmt.Println("Everything was computed already; nothing to do.")
	}
	for i, r := range recordings {
		if err := tell(ctx, db, r, numbered(s.plot, i)); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// numbered is the name of the picture of a recording: heartbeat.png, heartbeat-2.png, and so on.
func numbered(plot string, i int) string {
	if plot == "" || i == 0 {
		return plot
	}
	ext := filepath.Ext(plot)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(plot, ext), i+1, ext)
}

// enter enters the recordings of the command line, or the one that comes with the program.
func enter(ctx context.Context, db *rowmill.DB, s settings) ([]ecg.Recording, error) {
	recordings := []ecg.Recording{{
		Recording: "mitdb 208, MLII", File: ecg.Sample, RateHz: 360, CountsPerMV: 200, BaselineCount: 1024,
	}}
	if len(s.files) > 0 {
		recordings = nil
	}
	for _, f := range s.files {
		recordings = append(recordings, ecg.Recording{
			Recording: filepath.Base(f), File: f, RateHz: s.rateHz, CountsPerMV: 200, BaselineCount: 1024,
		})
	}
	for _, r := range recordings {
		if err := ecg.Enter(ctx, db, r); err != nil {
			return nil, fmt.Errorf("enter %s: %w", r.File, err)
		}
	}
	return recordings, nil
}

// compute makes all that is missing. It returns how many rows it made, and what of these
// recordings has failed, now or in an earlier run.
func compute(ctx context.Context, db *rowmill.DB, s settings, recordings []ecg.Recording) (made int, failed, err error) {
	for _, m := range []struct {
		maker *populate.Maker
		queue *jobs.Queue
	}{
		{ecg.MakeSegments, jobs.For(ecg.Segments)},
		{ecg.MakeBeatDetections, jobs.For(ecg.BeatDetections)},
		{ecg.MakeHeartRates, jobs.For(ecg.HeartRates)},
	} {
		if s.retry {
			if _, err := m.queue.Retry(ctx, db, query.Rel{}); err != nil && !errors.Is(err, rowmill.ErrNoTable) {
				return made, failed, err
			}
		}
		report, err := m.maker.Populate(ctx, db, &populate.Options{Workers: s.workers})
		made += report.Made
		if err != nil {
			return made, failed, err
		}
		failures, err := failuresOf(ctx, db, m.maker, m.queue, recordings)
		if err != nil {
			return made, failed, err
		}
		failed = errors.Join(failed, failures)
	}
	return made, failed, nil
}
