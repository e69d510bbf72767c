// Command alarms answers requests about the weather: when would which alarm have been given, and where?
//
//	alarms [-dsn DSN]                    enters some requests, works on them, and tells what came out
//	alarms [-dsn DSN] -ask ALARMS [-at STATIONS] [-urgency N]   enters a request
//	alarms [-dsn DSN] -change N -ask ALARMS                     has it ask for other alarms
//	alarms [-dsn DSN] -work              works on requests as they come, until it is interrupted
//	alarms [-dsn DSN] -watch             shows the requests, until nothing is left to do
//	alarms [-dsn DSN] -cancel N          deletes a request, even while it runs
//
// An alarm is JSON, as in -ask '{"quantity": "wind", "above": 8, "days": 2}'; a list of several is one, too. Any number of
// each may run at once, on any number of machines; each may be killed at any moment.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/alarms/alarms"
	"github.com/rowmill/rowmill/examples/weather/source"
	"github.com/rowmill/rowmill/examples/weather/weather"
	"github.com/rowmill/rowmill/populate"
)

// settings are what the command line says.
type settings struct {
	dsn, ask, at string
	urgency      int
	work, watch  bool
	change       int
	cancel       int
	pause        time.Duration
	workers      int
}

func main() {
	var s settings
	flag.StringVar(&s.dsn, "dsn", "sqlite:alarms.db", "the database: sqlite:PATH or mysql://user:password@host:port/")
	flag.StringVar(&s.ask, "ask", "", "enter a request for this alarm, or for the alarms of this list")
	flag.StringVar(&s.at, "at", strings.Join(source.Stations, ","), "the stations that the request is about")
	flag.IntVar(&s.urgency, "urgency", 5, "of the request, -128…127, lower first")
	flag.BoolVar(&s.work, "work", false, "work on requests as they come")
	flag.BoolVar(&s.watch, "watch", false, "show the requests until nothing is left to do")
	flag.IntVar(&s.change, "change", 0, "with -ask, have the request of this number ask for these alarms instead of its own")
	flag.IntVar(&s.cancel, "cancel", 0, "delete the request of this number")
	flag.DurationVar(&s.pause, "pause", 0, "how much longer than necessary a step takes")
	flag.IntVar(&s.workers, "workers", 2, "how many steps to work on at once")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "alarms:", err)
		os.Exit(1)
	}
}

// run does what the command line says.
func run(ctx context.Context, s settings, out io.Writer) error {
	db, err := rowmill.Open(ctx, s.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := alarms.Schema.Declare(ctx, db); err != nil { // and that of the weather, to which it refers
		return err
	}
	switch {
	case s.ask != "":
		return ask(ctx, db, s, out)
	case s.cancel != 0:
		return alarms.Cancel(ctx, db, int32(s.cancel))
	case s.watch:
		return watch(ctx, db, out)
	}
	if err := importWeather(ctx, db); err != nil {
		return err
	}
	if s.work {
		_, err := populate.Work(ctx, db, &populate.WorkOptions{Options: options(s), LongestPause: time.Second}, alarms.MakeChecks(s.pause))
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	return demonstrate(ctx, db, s, out)
}

func options(s settings) populate.Options { return populate.Options{Workers: s.workers} }

// importWeather imports all that the source has, as examples/weather does, from one that makes no trouble.
func importWeather(ctx context.Context, db *rowmill.DB) error {
	published := map[int]time.Time{}
	for year := source.FirstYear; year <= source.LastYear; year++ {
		published[year] = time.Now()
	}
	src := source.Start(source.Options{Published: published, TokenLife: time.Minute, Mended: true})
	defer src.Close()
	importer := weather.NewImporter(db, weather.NewClient(src.URL, 1000), time.Minute)
	if err := weather.Ask(ctx, db); err != nil {
		return err
	}
	for _, m := range importer.Makers()[:2] { // the months are of no interest here
		report, err := m.Populate(ctx, db, &populate.Options{Workers: 4, Output: io.Discard, Retry: weather.Patience})
		if err = errors.Join(err, report.Err()); err != nil {
			return err
		}
	}
	return nil
}

// ask enters the request of the command line.
func ask(ctx context.Context, db *rowmill.DB, s settings, out io.Writer) error {
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(s.ask), &list); err != nil {
		list = []json.RawMessage{json.RawMessage(s.ask)}
	}
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = string(a)
	}
	if s.change != 0 {
		return alarms.Change(ctx, db, int32(s.change), texts)
	}
	if s.urgency < math.MinInt8 || s.urgency > math.MaxInt8 {
		return fmt.Errorf("the urgency is %d; -128…127 is wanted", s.urgency)
	}
	number, err := alarms.Enter(ctx, db, cmp.Or(os.Getenv("USER"), "somebody"), int8(s.urgency), texts, strings.Split(s.at, ","))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "request %d is entered\n", number)
	return nil
}

// demonstrate enters requests, one of which is refused, works on them, and tells what came out.
func demonstrate(ctx context.Context, db *rowmill.DB, s settings, out io.Writer) error {
	for _, r := range []struct {
		asker, alarm string
		stations     []string
	}{
		{"sailor", `{"quantity": "wind", "above": 8, "days": 2}`, []string{"hill", "seattle", "valley"}},
		{"gardener", `{"quantity": "least temperature", "below": -4, "days": 3}`, []string{"hill", "seattle"}},
		{"poet", `{"quantity": "melancholy", "above": "much", "days": 0}`, []string{"seattle"}},
	} {
		number, err := alarms.Enter(ctx, db, r.asker, 5, []string{r.alarm}, r.stations)
		switch {
		case errors.Is(err, rowmill.ErrValue):
			fmt.Fprintf(out, "The %s is refused: %v\n", r.asker, err)
		case err != nil:
			return err
		default:
			fmt.Fprintf(out, "The %s has request %d.\n", r.asker, number)
		}
	}
	if err := tell(ctx, db, out); err != nil {
		return err
	}
	opts := options(s)
	if _, err := alarms.MakeChecks(s.pause).Populate(ctx, db, &opts); err != nil {
		return err
	}
	if err := tell(ctx, db, out); err != nil {
		return err
	}
	return errors.Join(tellFailures(ctx, db, out), tellFound(ctx, db, out))
}
