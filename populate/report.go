package populate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rowmill/rowmill/jobs"
)

// A Report says what became of the keys in one call of Populate, in this process.
type Report struct { //nolint:recvcheck // a value is the same JSON as its pointer
	Table        string         // the row struct's name
	Made         int            // rows that were made and kept
	AlreadyThere int            // keys that somebody else had made in the meantime
	Skipped      int            // keys whose make returned Skip
	Failed       int            // keys whose make failed; their jobs are errors
	NotReady     int            // times that a key could not be made yet, and waits
	Unfinished   int            // times that a make was to be continued
	Retried      int            // times that a key's make failed, which was tried again or is to be
	Withdrawn    int            // keys that failed since what they come from is gone
	LostLeases   int            // keys that were taken from this process, since it seemed dead; nothing was kept
	Released     int            // keys that were given back, since the process was asked to stop
	Errors       []KeyError     // those of the keys that failed; at most 1000
	Kinds        map[string]int // how many keys failed with an error of each kind (see [Kind]); nil where none has a kind
	FailedBefore int            // jobs that had failed before, which Populate leaves alone until they are retried
	Later        int            // jobs that wait for their scheduled time, where all keys were asked for
	Refreshed    jobs.Refreshed
	Elapsed      time.Duration // 0 where the run never began
	Durations    Durations     // how long the makes took of the keys that were made; of a key in a batch, the batch
}

// A KeyError is what went wrong with one key.
type KeyError struct {
	Key  any    // the key's struct
	Text string // the key as people read it: "subject_id=2 session=1"
	Err  error

	attrs map[string]any // the key by attributes
}

// Error is the key and what went wrong with it.
func (e KeyError) Error() string { return e.Text + ": " + e.Err.Error() }

// Unwrap is what went wrong.
func (e KeyError) Unwrap() error { return e.Err }

// maxErrors is how many errors a report holds; the queue keeps them all.
const maxErrors = 1000

// Err is nil if no key failed or was given up in this run, and else an error that tells how many,
// and the first of them.
func (r *Report) Err() error {
	if r.Refreshed.Buried > 0 && r.Failed == 0 {
		return fmt.Errorf("%s: %d given up, since their workers died again and again", r.Table, r.Refreshed.Buried)
	}
	if r.Failed == 0 {
		return nil
	}
	if len(r.Errors) == 0 {
		return fmt.Errorf("%s: %d failed", r.Table, r.Failed)
	}
	if r.Failed == 1 {
		return fmt.Errorf("%s: 1 failed: %w", r.Table, r.Errors[0])
	}
	return fmt.Errorf("%s: %d failed, the first: %w", r.Table, r.Failed, r.Errors[0])
}

// String is the report in a line: "Spectrum: 28 made, 2 failed in 1.3s".
func (r *Report) String() string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{r.Made, "made"}, {r.AlreadyThere, "already there"}, {r.Skipped, "skipped"}, {r.Failed, "failed"},
		{r.NotReady, "not ready"}, {r.Retried, "retries"}, {r.Withdrawn, "withdrawn"},
		{r.LostLeases, "taken by others"}, {r.Released, "given back"},
	} {
		if c.n == 1 && c.what == "retries" {
			c.what = "retry"
		}
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
		if c.what == "failed" {
			parts = r.addKinds(parts)
		}
	}
	text := r.Table + ": nothing to make"
	if r.Elapsed == 0 {
		text = r.Table + ": not begun"
	}
	if len(parts) > 0 {
		text = fmt.Sprintf("%s: %s in %s", r.Table, strings.Join(parts, ", "), round(r.Elapsed))
	}
	if r.Refreshed.Buried > 0 {
		text += fmt.Sprintf("; %d given up, since their workers died again and again", r.Refreshed.Buried)
	}
	if r.Later > 0 {
		text += fmt.Sprintf("; %d scheduled for later", r.Later)
	}
	if r.FailedBefore > 0 {
		text += fmt.Sprintf("; %d failed before, and wait for a retry", r.FailedBefore)
	}
	return text
}

const (
	firstErrors = 10   // how many errors Details shows
	longestLine = 300  // and how much of each, in letters
	longestText = 2047 // how much of an error is in JSON, in letters: as much as the queue keeps
)

// Details is the report in some lines: String, then how long makes took and how many were made a second, then the
// first errors with their keys.
//
//	Spectrum: 28 made, 2 failed in 1.3s
//	  half of the makes took 31ms at most, 95 % of them 45ms, the longest 120ms; 23 a second
//	  subject_id=2 session=1: no signal
//	  subject_id=7 session=3: no signal
func (r *Report) Details() string {
	lines := []string{r.String()}
	if d := &r.Durations; d.Count() > 0 {
		lines = append(lines, fmt.Sprintf("half of the makes took %v at most, 95 %% of them %v, the longest %v; %s",
			brief(d.Median()), brief(d.Quantile(0.95)), brief(d.Longest()), perTime(r.Throughput())))
	}
	for _, e := range r.Errors[:min(firstErrors, len(r.Errors))] {
		lines = append(lines, strings.ReplaceAll(cut(e.Error(), longestLine), "\n", "\n    "))
	}
	if more := r.Failed - firstErrors; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more that failed", more))
	}
	return strings.Join(lines, "\n  ")
}

// add adds what happened in another run of the same maker.
func (r *Report) add(o *Report) {
	for _, outcome := range outcomes {
		*r.counter(outcome) += *o.counter(outcome)
	}
	r.Errors = append(r.Errors, o.Errors[:min(len(o.Errors), maxErrors-len(r.Errors))]...)
	for kind, n := range o.Kinds {
		r.countKind(kind, n)
	}
	r.FailedBefore, r.Later = o.FailedBefore, o.Later
	r.Refreshed = sum(r.Refreshed, o.Refreshed)
	r.Elapsed += o.Elapsed
	r.Durations.addAll(&o.Durations)
}

// outcomes are those that a report counts.
var outcomes = []Outcome{
	OutcomeMade, OutcomeAlreadyThere, OutcomeSkipped, OutcomeFailed, OutcomeNotReady, OutcomeUnfinished,
	OutcomeRetried, OutcomeWithdrawn, OutcomeLostLease, OutcomeReleased,
}

// counter is the field that counts an outcome.
func (r *Report) counter(o Outcome) *int {
	switch o {
	case OutcomeMade:
		return &r.Made
	case OutcomeAlreadyThere:
		return &r.AlreadyThere
	case OutcomeSkipped:
		return &r.Skipped
	case OutcomeFailed:
		return &r.Failed
	case OutcomeNotReady:
		return &r.NotReady
	case OutcomeUnfinished:
		return &r.Unfinished
	case OutcomeRetried:
		return &r.Retried
	case OutcomeWithdrawn:
		return &r.Withdrawn
	case OutcomeLostLease:
		return &r.LostLeases
	case OutcomeReleased:
		return &r.Released
	case OutcomeUnknown: // the end of a run that has an error, and no report
	}
	panic("populate: a report does not count the outcome " + string(o))
}

// Throughput is how many keys were finished a second of the run: made, found there already, skipped or failed. It is 0
// where no time has passed.
func (r *Report) Throughput() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.finished()) / r.Elapsed.Seconds()
}

func (r *Report) finished() int {
	return r.Made + r.AlreadyThere + r.Skipped + r.Failed
}

// round keeps as much of a duration as a person reads.
func round(d time.Duration) time.Duration {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond)
	case d < time.Minute:
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

// brief keeps the first two digits of a duration, however short it is; more are not known.
func brief(d time.Duration) time.Duration {
	for unit := time.Microsecond; unit < time.Second; unit *= 10 {
		if d < 100*unit {
			return d.Round(unit)
		}
	}
	return round(d)
}

// cut is a text, or its first letters.
func cut(text string, letters int) string {
	n := 0
	for at := range text {
		if n++; n > letters {
			return text[:at] + "…"
		}
	}
	return text
}

// fail notes a key that failed.
func (r *Report) fail(e KeyError) {
	r.Failed++
	if kind := KindOf(e.Err); kind != "" {
		r.countKind(kind, 1)
	}
	if len(r.Errors) < maxErrors {
		r.Errors = append(r.Errors, e)
	}
}

// errNothingMade is what a make is told that inserted nothing.
var errNothingMade = errors.New("the make inserted no row for its key: insert one, or return populate.Skip with the reason")
