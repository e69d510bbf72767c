package populate

import (
	"context"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
)

// A ledger is where a run has its keys from, and where it is kept what became of them: the queue of the table, or with
// Options.Direct the run's own memory. Its methods may be called at once. Those that say what became of a job return
// jobs.ErrLeaseLost where it is somebody else's by now.
type ledger interface {
	// open gets ready, and tells how many keys there are to make.
	open(ctx context.Context) (int, error)
	// refresh looks for keys that have come since, unless somebody has looked within a while.
	refresh(ctx context.Context, every time.Duration) error
	// claim takes up to n jobs; none where none is due.
	claim(ctx context.Context, n int) ([]*jobs.Reservation, error)
	// left tells, when there was none to claim, whether there may yet be: jobs that are held, here or by others.
	left(ctx context.Context) (bool, error)
	// close reports what is left for another time.
	close(ctx context.Context) error

	// heartbeat keeps jobs ours, and returns those that no longer are.
	heartbeat(ctx context.Context, held []*jobs.Reservation) (lost []*jobs.Reservation, err error)
	// rescue takes back the jobs of processes that died.
	rescue(ctx context.Context) error
	// holds tells whether a job is still ours, and so is not completed.
	holds(ctx context.Context, job *jobs.Reservation) (bool, error)
	// state is what an attempt has left by Continue; nil where there is none.
	state(ctx context.Context, job *jobs.Reservation) ([]byte, error)

	// tell keeps how far jobs are, and what they have logged; told is the log of earlier attempts.
	tell(ctx context.Context, session rowmill.Session, batch []*jobs.Reservation, completeness *float64, log string) error
	told(ctx context.Context, session rowmill.Session, job *jobs.Reservation) (string, error)

	// complete ends a job in the transaction that has its rows. It is jobs.ErrNothingMade where it has none.
	complete(ctx context.Context, tx *rowmill.Tx, job *jobs.Reservation) error
	// completeAll ends several, all of them or none.
	completeAll(ctx context.Context, tx *rowmill.Tx, batch []*jobs.Reservation) error
	// acknowledge ends a job whose rows are there already. It is jobs.ErrNothingMade where they are not.
	acknowledge(ctx context.Context, job *jobs.Reservation) error
	// skip ends a job that is not to be made.
	skip(ctx context.Context, job *jobs.Reservation, reason string) error
	// fail keeps why a make failed; the key is tried again if f says so.
	fail(ctx context.Context, job *jobs.Reservation, f jobs.Failure) error
	// withdraw ends a job whose key ought no longer to exist, and tells whether it is so.
	withdraw(ctx context.Context, job *jobs.Reservation) (bool, error)
	// postpone gives a job back that is not to be made for a while.
	postpone(ctx context.Context, job *jobs.Reservation, after time.Duration, reason string) error
	// suspend gives a job back that is to go on from a state.
	suspend(ctx context.Context, job *jobs.Reservation, state []byte) error
	// release gives jobs back as they were.
	release(ctx context.Context, batch ...*jobs.Reservation) error
}
