package jobs

import (
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// The statements of the queue. In braces stand:
//
//	{jobs}, {target}      the names of the queue and of the table that it is for
//	{key}                 the key's columns
//	{j.key}, {ks.key}     the same, qualified
//	{read key}, {read j.key}  the same, to be read without loss
//	{t=j}, {t=jobs}, …    the key's columns of the one equal to those of the other
//	{gone}                whose lease ran out or whose worker is one of so many that died
//	{only}                nothing, or a restriction to the keys of a relation, the first ?
//	{keys}                "(a = ? AND b = ?) OR (…)", for each of the keys that are meant
//	{now}, {after}        the server's time; that, and a number of seconds
//
// NOT (status <> 'x') is how a status is wanted beside a list of keys: SQLite would otherwise
// rather look through all jobs of that status than find the keys.
//
// A question mark is a value, or a piece of SQL with values of its own.
const (
	// add queues the keys of a source that have no result and no job.
	add = `{insert ignore} INTO {jobs} ({key}, status, priority, scheduled_time)
SELECT {ks.key}, 'pending', ?, {after} FROM (?) AS ks
WHERE NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {t=ks})
AND NOT EXISTS (SELECT 1 FROM {jobs} AS j WHERE {j=ks})`

	// repend queues kept successes again whose result is gone and whose key is still due.
	repend = `UPDATE {jobs} SET status = 'pending', completed_time = NULL, reserved_time = NULL,
duration = NULL, scheduled_time = {now}
WHERE status = 'success'
AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs})
AND EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs})`

	// sweep removes old jobs whose key is no longer due.
	sweep = `DELETE FROM {jobs} WHERE status IN ('pending', 'error', 'success')
AND created_time < {after}
AND NOT EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs})`

	// bury makes errors of jobs whose workers keep dying.
	bury = `UPDATE {jobs} SET status = 'error', completed_time = {now}, error_message = ?,
_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL
WHERE status = 'reserved' AND _token IS NOT NULL AND _deaths >= ? AND {gone}`

	// rescue queues the jobs of dead workers again.
	rescue = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL,
_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL
WHERE status = 'reserved' AND _token IS NOT NULL AND {gone}`

	// workers are the processes that hold leases.
	workers = `SELECT DISTINCT _worker FROM {jobs} WHERE status = 'reserved' AND _token IS NOT NULL`

	// window reads the next jobs without locking them, and whether a result is there already.
	window = `SELECT {read j.key}, j._attempts, j._deaths, EXISTS (SELECT 1 FROM {target} AS t WHERE {t=j})
FROM {jobs} AS j WHERE j.status = 'pending' AND j.scheduled_time <= {now}
{only}ORDER BY j.priority, j.scheduled_time, {j.key} LIMIT ?`

	// reserve takes those of the window that nobody else has taken meanwhile.
	reserve = `UPDATE {jobs} SET status = 'reserved', reserved_time = {now}, _lease_until = {after},
_token = ?, _worker = ?, host = ?, pid = ?, connection_id = ?, user = ?, version = ?
WHERE NOT (status <> 'pending') AND ({keys})`

	// reserved tells which of the window were taken with a token.
	reserved = `SELECT {read key} FROM {jobs} WHERE NOT (status <> 'reserved') AND _token = ? AND ({keys})`

	// heartbeat moves leases on; what follows {keys} is each job's own token.
	heartbeat = `UPDATE {jobs} SET _lease_until = {after} WHERE NOT (status <> 'reserved') AND ({tokens})`

	// held tells which leases still hold.
	held = `SELECT {read key}, _token FROM {jobs} WHERE NOT (status <> 'reserved') AND ({tokens})`

	// hold changes nothing, and finds the job whose lease holds: as it is now, not as it was
	// when the transaction first read.
	hold = `UPDATE {jobs} SET status = status WHERE {keys} AND status = 'reserved' AND _token = ?`

	// complete removes a job whose result is there. Its EXISTS finds a make that made nothing.
	complete = `DELETE FROM {jobs} WHERE {keys} AND status = 'reserved' AND _token = ?
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t.keys})`

	// fail keeps what went wrong.
	fail = `UPDATE {jobs} SET status = 'error', completed_time = {now}, duration = ?,
error_message = ?, error_stack = ?, version = ?,
_attempts = _attempts + 1, _token = NULL, _lease_until = NULL
WHERE {keys} AND status = 'reserved' AND _token = ?`

	// ignoreHeld keeps a job from being made, and why.
	ignoreHeld = `UPDATE {jobs} SET status = 'ignore', completed_time = {now}, error_message = ?,
_token = NULL, _lease_until = NULL
WHERE {keys} AND status = 'reserved' AND _token = ?`

	// ignoreIdle keeps a job that nobody holds from being made.
	ignoreIdle = `UPDATE {jobs} SET status = 'ignore', completed_time = {now}, error_message = ?
WHERE {keys} AND status <> 'reserved'`

	// ignoreNew keeps a key from being made that is not queued.
	ignoreNew = `INSERT INTO {jobs} ({key}, status, priority, completed_time, error_message)
VALUES ({?}, 'ignore', ?, {now}, ?)`

	// release gives jobs back as if they had not been claimed.
	release = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL, _token = NULL, _lease_until = NULL
WHERE NOT (status <> 'reserved') AND ({tokens})`

	// ended finds a job that ended so.
	ended = `SELECT 1 FROM {jobs} WHERE {keys} AND status = ? AND error_message = ? AND _token IS NULL`

	// retry queues errors again.
	retry = `UPDATE {jobs} SET status = 'pending', scheduled_time = {now}, reserved_time = NULL,
completed_time = NULL, duration = NULL, _deaths = 0
WHERE status = 'error'`

	// purge removes jobs of a status.
	purge = `DELETE FROM {jobs} WHERE status = ?`

	// counts is how many jobs have each status.
	counts = `SELECT status, COUNT(*) FROM {jobs} GROUP BY status`

	// due is how many jobs may be claimed, and how many are reserved with a lease.
	due = `SELECT j.status, COUNT(*) FROM {jobs} AS j
WHERE (j.status = 'pending' AND j.scheduled_time <= {now} OR j.status = 'reserved' AND j._token IS NOT NULL)
{only}GROUP BY j.status`
)

// fill puts names into a statement; n is how many keys, or workers, are meant.
func (q *Queue) fill(d dialect.Dialect, statement string, n int) string {
	jobs := d.Table(q.table.Schema().Name(), q.table.Name())
	return strings.NewReplacer(
		"{insert ignore}", d.InsertIgnore(),
		"{jobs}", jobs,
		"{target}", d.Table(q.target.Schema().Name(), q.target.Name()),
		"{key}", dialect.QuoteAll(q.key),
		"{j.key}", q.qualified("j."),
		"{ks.key}", q.qualified("ks."),
		"{read key}", q.read(d, ""),
		"{read j.key}", q.read(d, "j."),
		"{t=ks}", q.equal("t.", "ks."),
		"{j=ks}", q.equal("j.", "ks."),
		"{t=j}", q.equal("t.", "j."),
		"{t=jobs}", q.equal("t.", jobs+"."),
		"{ks=jobs}", q.equal("ks.", jobs+"."),
		"{gone}", "(_lease_until IS NULL OR _lease_until < "+d.Now()+strings.Repeat(" OR _worker = ?", n)+")",
		"{keys}", q.alternatives(n, ""),
		"{tokens}", q.alternatives(n, " AND _token = ?"),
		"{t.keys}", q.values("t."),
		"{?}", strings.Repeat(", ?", len(q.key))[2:],
		"{now}", d.Now(),
		"{after}", d.After(),
	).Replace(statement)
}

func (q *Queue) qualified(prefix string) string {
	return q.join(", ", func(column string) string { return prefix + column })
}

// read is the key's columns in the list of a SELECT.
func (q *Queue) read(d dialect.Dialect, prefix string) string {
	var columns []string
	for _, a := range q.target.MakeKey() {
		columns = append(columns, d.Exact(prefix+dialect.Quote(a.Name), a.Type))
	}
	return strings.Join(columns, ", ")
}

func (q *Queue) equal(left, right string) string {
	return q.join(" AND ", func(column string) string { return left + column + " = " + right + column })
}

// values is "a = ? AND b = ?".
func (q *Queue) values(prefix string) string {
	return q.join(" AND ", func(column string) string { return prefix + column + " = ?" })
}

// alternatives wants one of n keys. Servers scan the whole table for (a, b) IN ((?, ?)), and
// use the primary key for this.
func (q *Queue) alternatives(n int, also string) string {
	if n == 0 {
		return "FALSE"
	}
	one := "(" + q.values("") + also + ")"
	return strings.Repeat(one+" OR ", n-1) + one
}

func (q *Queue) join(sep string, column func(string) string) string {
	parts := make([]string, len(q.key))
	for i, k := range q.key {
		parts[i] = column(dialect.Quote(k))
	}
	return strings.Join(parts, sep)
}
