package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/alarms/alarms"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// requests asks how far all requests are.
func requests(ctx context.Context, db *rowmill.DB) (populate.RequestList, error) {
	return populate.Requests(ctx, db, alarms.Requests, alarms.MakeChecks(0))
}

// tell prints the table of requests.
func tell(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	list, err := requests(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", list)
	return nil
}

// watch prints the table of requests each time that it has changed, until nothing is left to do.
func watch(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	last := ""
	for {
		list, err := requests(ctx, db)
		if err != nil {
			return err
		}
		if text := list.String(); text != last {
			fmt.Fprintf(out, "%s\n\n", text)
			last = text
		}
		if isOver(list) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func isOver(list populate.RequestList) bool {
	for _, r := range list.Requests {
		if r.State != populate.RequestFinished && r.State != populate.RequestFailed {
			return false
		}
	}
	return true
}

// tellFailures prints why steps failed.
func tellFailures(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	type failure struct {
		alarms.CheckKey
		jobs.Job
	}
	fmt.Fprintln(out)
	for f, err := range query.Each[failure](ctx, db, jobs.For(alarms.Checks).With(jobs.Error).Top(query.All, "request", "alarm", "station", "year")) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "request %d, %s %d: %s\n", f.Request, f.Station, f.Year, f.ErrorMessage)
	}
	return nil
}

// tellFound prints when which alarm would have been given.
func tellFound(ctx context.Context, db *rowmill.DB, out io.Writer) error {
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "request\tstation\tsince\tdays\textreme")
	for f, err := range query.Each[alarms.Found](ctx, db, query.From(alarms.Founds).Top(query.All, "request", "alarm", "station", "since")) {
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%.1f\n", f.Request, f.Station, f.Since.Format(time.DateOnly), f.Days, f.Extreme)
	}
	return w.Flush()
}
