package populate

import (
	"fmt"
	"strings"
	"time"

	"github.com/rowmill/rowmill/jobs"
)

// A State is how far a key is.
type State string

// The states of a key.
const (
	StateMade      State = "made"       // it has a row
	StateNotDue    State = "not due"    // it is not among the keys that ought to exist, and has no job
	StateNotQueued State = "not queued" // it ought to exist, and has no job yet
	StateQueued    State = "queued"     // its job can be claimed
	StateLater     State = "later"      // its job can be claimed at some time to come
	StateReserved  State = "reserved"   // it is being made
	StateFailed    State = "failed"     // its job is an error
	StateIgnored   State = "ignored"    // it is not to be made
	StateGone      State = "gone"       // its job says that it was made, and it has no row
)

// An Explanation says why a key is made, or is not. All times are wall-clock times of the server.
type Explanation struct {
	Table string    // the row struct's name
	Key   any       // as it was asked for
	Text  string    // the key as people read it: "subject_id=2 session=1"
	State State     // what the rest explains
	Now   time.Time // when it was looked at

	// Made is what its row tells, if it has one.
	Made *Made
	// Job is its job, if it has one; a row may have one too, until a refresh settles it.
	Job *jobs.Job
	// LeaseUntil is until when its worker may be silent, who has reserved it; nil where there is no lease, as of those
	// of DataJoint for Python.
	LeaseUntil *time.Time
	// Ahead is how many jobs that are due come before its job, if it waits.
	Ahead int
	// Due tells that it is among the keys that ought to exist (see [Maker.Source]).
	Due bool
	// Missing are the rows upstream for lack of which it is not due, the nearest first. There are none where it is
	// not due since it is not among the keys of [Maker.From].
	Missing []Missing
}

// Made is what a row tells of its make. Where the row was not made by a make that tells, all is zero.
type Made struct {
	Started  time.Time // when the make began
	Duration time.Duration
	Version  string // of the code
}

// Missing is a row that is not there.
type Missing struct {
	Table string // its row struct's name
	Key   string // "subject_id=2 session=1"
	Made  bool   // it is one that a make makes, so that Why of its maker says more
}

// String is the explanation in a sentence or two.
func (e Explanation) String() string {
	text := e.name() + " " + e.sentence() + "."
	if e.waits() && e.Job.Attempts > 0 {
		text += " So far " + tried(e.Job) + "."
	}
	if !e.Due && e.Job != nil && e.State != StateMade {
		text += fmt.Sprintf(" It is no longer due: %s.", e.lack())
	}
	return text
}

func (e Explanation) name() string { return e.Table + " of " + e.Text }

func (e Explanation) waits() bool { return e.State == StateQueued || e.State == StateLater }

// sentence says it, after the key.
func (e Explanation) sentence() string {
	switch e.State {
	case StateMade:
		return "is made: " + e.Made.text()
	case StateNotDue:
		return "is not due: " + e.lack()
	case StateNotQueued:
		return "is not queued yet: Populate, or Refresh of its queue, queues it"
	case StateQueued:
		return "is queued: " + e.place()
	case StateLater:
		return fmt.Sprintf("is scheduled for later: %s%s", e.until(e.Job.ScheduledTime), e.postponed())
	case StateReserved:
		return e.reservation()
	case StateFailed:
		return fmt.Sprintf("is an error%s: %s; Retry of its queue, or Options.RetryErrors, queues it again", e.since(" since", e.Job.CompletedTime), tried(e.Job))
	case StateIgnored:
		reason := ended(e.Job.ErrorMessage)
		if reason == "" {
			reason = "no reason was given"
		}
		return fmt.Sprintf("is ignored%s: %s", e.since(" since", e.Job.CompletedTime), reason)
	case StateGone:
		return fmt.Sprintf("was made%s, and its row is gone: Populate, or Refresh of its queue, queues it again", e.since(" at", e.Job.CompletedTime))
	}
	return string(e.State)
}

// place is where in the queue its job is.
func (e Explanation) place() string {
	switch e.Ahead {
	case 0:
		return "it is next"
	case 1:
		return "1 job comes before it"
	}
	return fmt.Sprintf("%d jobs come before it", e.Ahead)
}

// postponed is why a job is for later that did not fail.
func (e Explanation) postponed() string {
	if e.Job.Attempts > 0 || e.Job.ErrorMessage == "" {
		return ""
	}
	return ": " + ended(e.Job.ErrorMessage)
}

// reservation says who makes it.
func (e Explanation) reservation() string {
	text := fmt.Sprintf("is being made%s by process %d on %s", e.since(" since", e.Job.ReservedTime), e.Job.PID, e.Job.Host)
	if e.Job.User != "" {
		text += ", user " + e.Job.User
	}
	text += "; "
	switch {
	case e.LeaseUntil == nil:
		return text + "it has no lease, as those of DataJoint for Python: if its worker died, RefreshOptions.OrphanTimeout frees it"
	case e.LeaseUntil.Before(e.Now):
		return text + fmt.Sprintf("its lease ran out at %s, so that Populate, or Refresh of its queue, queues it again", moment(*e.LeaseUntil))
	}
	return text + "its lease is good until " + moment(*e.LeaseUntil)
}

// until is a time to come.
func (e Explanation) until(t time.Time) string {
	return fmt.Sprintf("in %s, at %s by the server's clock", roughly(t.Sub(e.Now)), moment(t))
}

// since is a time that has passed, after a word, if it is known.
func (e Explanation) since(word string, t *time.Time) string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf("%s %s (%s ago)", word, moment(*t), roughly(max(e.Now.Sub(*t), 0)))
}

// lack is why it is not due.
func (e Explanation) lack() string {
	if len(e.Missing) == 0 {
		return "it is not among the keys of From"
	}
	rows := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		rows[i] = strings.TrimSpace("no " + m.Table + " with " + m.Key)
		if m.Made {
			rows[i] += ", which its own maker makes"
		}
	}
	return "there is " + strings.Join(rows, "; and ")
}

func (m *Made) text() string {
	if m.Started.IsZero() {
		return "when, in which time and by which version is not known"
	}
	text := fmt.Sprintf("begun at %s, in %s", moment(m.Started), roughly(m.Duration))
	if m.Version == "" {
		return text + ", by a version that is not known"
	}
	return text + ", by version " + m.Version
}

// tried is how often a job was attempted, and how that ended.
func tried(j *jobs.Job) string {
	text := fmt.Sprintf("it was tried %d times", j.Attempts)
	if j.Attempts == 1 {
		text = "it was tried once"
	}
	if j.ErrorMessage == "" {
		return text
	}
	return text + ", with the error: " + ended(j.ErrorMessage)
}

// ended is a message without what would end a sentence.
func ended(message string) string { return strings.TrimRight(strings.TrimSpace(message), ".") }
