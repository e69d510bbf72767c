// Command etl copies what is new in one database to another, and turns it into other units on the way: a plain
// script, without makers, that leaves its traces in the log of runs.
//
//	etl [-from DSN] [-to DSN] [-measure N] [-overlap DURATION] [-runs]
//
// It may be killed at any moment: the next run copies what this one has not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// settings are what the command line says.
type settings struct {
	from, to string
	measure  int
	overlap  time.Duration
	runs     bool
}

func main() {
	var s settings
	flag.StringVar(&s.from, "from", "sqlite:station.db", "the database of the station: sqlite:PATH or mysql://user:password@host:port/")
	flag.StringVar(&s.to, "to", "sqlite:archive.db", "the database of the archive, likewise")
	flag.IntVar(&s.measure, "measure", 0, "how many readings to enter first, as the station would")
	flag.DurationVar(&s.overlap, "overlap", time.Minute, "how long the station may take from entering readings to committing them")
	flag.BoolVar(&s.runs, "runs", false, "print the log of runs, too")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "etl:", err)
		os.Exit(1)
	}
}

// run does it all: declare, measure, copy, tell.
func run(ctx context.Context, s settings, out io.Writer) error {
	from, err := rowmill.Open(ctx, s.from)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := rowmill.Open(ctx, s.to)
	if err != nil {
		return err
	}
	defer to.Close()
	if err := errors.Join(Station.Declare(ctx, from), Archive.Declare(ctx, to)); err != nil {
		return err
	}
	if err := measure(ctx, from, s.measure); err != nil {
		return err
	}
	if err := copyNew(ctx, from, to, s.overlap, out); err != nil {
		return err
	}
	if s.runs {
		return tell(ctx, from, out)
	}
	return nil
}

// measure enters readings, as the station would.
func measure(ctx context.Context, from *rowmill.DB, n int) error {
	last, err := query.Count(ctx, from, query.From(Readings))
	if err != nil {
		return err
	}
	var rows []Reading
	for i := last + 1; i <= last+n; i++ {
		rows = append(rows, Reading{int64(i), 50 + 18*math.Sin(float64(i)*math.Pi/12)})
	}
	return query.Insert(ctx, from, Readings, rows...)
}

// name is that of the runs in the log.
const name = "copy readings"

// copyNew copies what was entered since the last successful run began. The log is kept in the database of the station, whose
// clock says when readings were entered: two servers' clocks are never the same.
func copyNew(ctx context.Context, from, to *rowmill.DB, overlap time.Duration, out io.Writer) error {
	since, ok, err := populate.MostRecent(ctx, from, Station, name)
	if err != nil {
		return err
	}
	run, err := populate.StartRun(ctx, from, Station, name, &populate.RunOptions{
		Source: Readings.Untyped().FullName(), Destination: Temperatures.Untyped().FullName(),
	})
	if err != nil {
		return err
	}
	readings, which := query.From(Readings), "all"
	if ok {
		readings, which = readings.Where("entered >= ?", since.Add(-overlap)), "those since the last run"
	}
	read, copied, err := transfer(ctx, from, to, readings)
	if err != nil {
		return errors.Join(err, run.Error(err))
	}
	fmt.Fprintf(out, "%d readings (%s), of which %d are new\n", read, which, copied)
	return run.Success(copied)
}

// batch is how many rows are entered at once.
const batch = 500

// transfer copies readings. Those that are there already, from a run that was killed or from the overlap, stay as they are.
func transfer(ctx context.Context, from, to *rowmill.DB, readings query.Rel) (read, copied int, err error) {
	var rows []Temperature
	enter := func() error {
		n, err := query.InsertMissing(ctx, to, Temperatures, rows...)
		copied, rows = copied+n, rows[:0]
		return err
	}
	for r, err := range query.Each[Reading](ctx, from, readings) {
		if err != nil {
			return read, copied, err
		}
		read++
		rows = append(rows, Temperature{r.Reading, (r.Fahrenheit - 32) / 1.8})
		if len(rows) == batch {
			if err := enter(); err != nil {
				return read, copied, err
			}
		}
	}
	return read, copied, enter()
}

// tell prints the log, in the order in which the runs began.
func tell(ctx context.Context, from *rowmill.DB, out io.Writer) error {
	log := populate.Runs(Station).Top(query.All, "start_time")
	for r, err := range query.Each[populate.RunRow](ctx, from, log) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s, %d records", r.Name, r.Status, r.Records)
		if r.Message != "" {
			fmt.Fprint(out, ": ", r.Message)
		}
		fmt.Fprintln(out)
	}
	return nil
}
