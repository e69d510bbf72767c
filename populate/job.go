package populate

import (
	"context"
	"encoding/json"
	"fmt"
)

// A Job is what a make may know of its job, and tell.
type Job struct {
	run *run
	m   *making
}

// Job is the job of the present key; in a batch, of the first of them.
func (tx *Tx) Job() *Job { return tx.job }

func (r *run) jobOf(m *making) *Job { return &Job{run: r, m: m} }

// Attempt counts the attempts at the key, from 1.
func (j *Job) Attempt() int { return j.m.job.Attempt }

// State reads the state that an earlier call has left by [Continue] into what into points to, and tells whether
// there is one.
func (j *Job) State(ctx context.Context, into any) (bool, error) {
	text, err := j.run.ledger.state(ctx, j.m.job)
	if err != nil || text == nil {
		return false, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("the state of the job: %w", err)
	}
	return true, nil
}
