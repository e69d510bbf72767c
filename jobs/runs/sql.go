package runs

import (
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// The statements of the log. In braces stand:
//
//	{runs}           the name of the log
//	{now}, {after}   the server's time; that, and a number of seconds
//	{dead}           nothing, or one of so many workers
//
// A row is changed by its key alone, so that nobody waits for anybody.
const (
	// begin enters a run. Where its reply was lost it is run again, and does nothing then.
	begin = `{insert ignore} INTO {runs} (run, name, status, start_time, source, destination, user, host, pid, version, _worker, _lease_until)
VALUES (?, ?, 'in_progress', {now}, ?, ?, ?, ?, ?, ?, ?, {after})`

	// keep moves the lease of a run on, unless somebody has closed it.
	keep = `UPDATE {runs} SET _lease_until = CASE WHEN status = 'in_progress' THEN {after} END WHERE run = ?`

	// end says how a run ended, also of one that somebody has closed, who knew less.
	end = `UPDATE {runs} SET status = ?, end_time = {now}, message = ?, records = ?, _lease_until = NULL WHERE run = ?`

	// open are the workers of runs in progress, and whether their leases ran out.
	open = `SELECT DISTINCT _worker, COALESCE(_lease_until < {now}, TRUE) FROM {runs} WHERE status = 'in_progress'`

	// bury closes the runs of workers that are dead.
	bury = `UPDATE {runs} SET status = 'error', end_time = {now}, message = ?, _lease_until = NULL
WHERE status = 'in_progress' AND (_lease_until IS NULL OR _lease_until < {now}{dead})`
)

// fill puts names into a statement; dead is how many workers are meant.
func (l *Log) fill(d dialect.Dialect, statement string, dead int) string {
	return strings.NewReplacer(
		"{insert ignore}", d.InsertIgnore(),
		"{runs}", d.Table(l.table.Schema().Name(), l.table.Name()),
		"{now}", d.Now(),
		"{after}", d.After(),
		"{dead}", strings.Repeat(" OR _worker = ?", dead),
	).Replace(statement)
}
