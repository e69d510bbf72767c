package jobs

import "time"

// A Job is a row of a queue without its key. Embed it beside the key's struct to fetch jobs:
//
//	type failure struct {
//		lab.SessionKey
//		jobs.Job
//	}
//	failures, err := query.Fetch[failure](ctx, db, jobs.For(lab.Spectra).With(jobs.Error))
//
// All times are wall-clock times of the server.
type Job struct {
	Plain

	// How often it failed, or its worker died.
	Attempts int32 `db:"_attempts"`
	// When it failed for the first time and the last, or was given up since its workers died.
	FirstFailed *time.Time `db:"_first_failed"`
	LastFailed  *time.Time `db:"_last_failed"`
	// Of which kind its last failure was, where its make said so: see [Queue.Kinds].
	Kind string `db:"_kind"`
	// How much of it is made, from 0 to 1, as far as its make tells, and what it has logged.
	Completeness *float64 `db:"_completeness"`
	Log          *string  `db:"_log"`
}

// A Plain is what DataJoint's own columns say of a job: all that there is in a queue that Python declared and that lacks
// the hidden columns (see [Queue.Declare]).
type Plain struct {
	Status        Status
	Priority      int8 // lower is earlier
	CreatedTime   time.Time
	ScheduledTime time.Time  // when it may be claimed
	ReservedTime  *time.Time // when it was claimed
	CompletedTime *time.Time // when it was made, failed, or was ignored
	Duration      *float64   // of the last attempt, in seconds
	ErrorMessage  string     // at most 2047 letters
	ErrorStack    *string
	User          string // the worker's name in the database
	Host          string // the worker's machine
	PID           int32  `db:"pid"` // the worker's process
	ConnectionID  int64
	Version       string // of the worker's code
}
