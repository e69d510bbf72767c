package jobs

import (
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// The statements of the queue. In braces stand:
//
//	{jobs}, {target}      the names of the queue and of the table that it is for
//	{turns}               the name of the table of turns to refresh, which all queues of a schema share
//	{key}                 the key's columns
//	{j.key}, {ks.key}, …  the same, qualified
//	{read key}, {read j.key}  the same, to be read without loss
//	{t=j}, {t=jobs}, …    the key's columns of the one equal to those of the other
//	{gone}                whose lease ran out or whose worker is one of so many that died
//	{skip locked}         but those that others' transactions have locked
//	{only}                nothing, or a restriction of {j.…} to the keys of a relation, the next ?
//	{some}, {at most ?}   what stands around the conditions of a statement that changes some rows only
//	{within}              nothing, or the condition for a stretch of the queue
//	{keys}                "(a = ? AND b = ?) OR (…)", for each of the keys that are meant
//	{tokens}              the same, where each is reserved, and still its worker's own
//	{others}              the same, where each is somebody else's, and {mine} is the opposite
//	{j.keys}, {t.keys}    "j.a = ? AND j.b = ?", for one
//	{now}, {after}        the server's time; that, and a number of seconds
//
// NOT (status <> 'x') is how a status is wanted beside a list of keys: SQLite would otherwise
// rather look through all jobs of that status than find the keys. MySQL and MariaDB may do so nevertheless: that is
// what CASE is for, where somebody can hang who has locked a job of that status, or the gap behind the last.
//
// A question mark is a value, or a piece of SQL with values of its own.
//
// Of what stands in brackets, as [with|without], the first is for queues that have Rowmill's hidden columns, and the
// second, which may be missing, for those that lack them (see lacking.go). Neither holds a question mark.
const (
	// takeTurn makes this process the one that refreshes, unless another does, or has begun to lately or in a
	// certain round.
	// A round is for all keys; a turn that is for some of them is none.
	takeTurn = `UPDATE {turns} SET token = ?, worker = ?, lease_until = {after},
begun = CASE WHEN ? THEN {now} ELSE begun END, round = CASE WHEN ? THEN round + 1 ELSE round END
WHERE queue = ? AND (lease_until IS NULL OR lease_until < {now})
AND (finished < round OR round < ? AND (begun IS NULL OR begun <= {after}))`

	// lookTurn tells who refreshes: the rounds that have begun and were finished, whether there is one now and
	// whose, and whether one has begun lately.
	lookTurn = `SELECT round, finished, COALESCE(lease_until >= {now}, FALSE), COALESCE(begun > {after}, FALSE), worker
FROM {turns} WHERE queue = ?`

	// newTurn is there for a queue that nobody has refreshed.
	newTurn = `{insert ignore} INTO {turns} (queue) VALUES (?)`

	// keepTurn moves the lease of a turn on.
	keepTurn = `UPDATE {turns} SET lease_until = {after} WHERE queue = ? AND token = ?`

	// endTurn lets others refresh. Where it was a round it is finished, or is to be done again.
	endTurn = `UPDATE {turns} SET lease_until = NULL, finished = CASE WHEN ? THEN round ELSE finished END
WHERE queue = ? AND token = ?`

	// breakTurn takes the turn from a process that is dead.
	breakTurn = `UPDATE {turns} SET lease_until = NULL WHERE queue = ? AND worker = ?`

	// add queues keys of a source that have no result and no job.
	add = `{insert ignore} INTO {jobs} ({key}, status, priority, scheduled_time)
SELECT {ks.key}, 'pending', ?, {after} FROM (?) AS ks
WHERE NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {t=ks})
AND NOT EXISTS (SELECT 1 FROM {jobs} AS j WHERE {j=ks}) LIMIT ?`

	// repend queues kept successes again whose result is gone and whose key is still due.
	repend = `UPDATE {jobs} SET status = 'pending', completed_time = NULL, reserved_time = NULL,
duration = NULL, scheduled_time = {now}[, _token = NULL, _lease_until = NULL]
WHERE {some}status = 'success'
AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs})
AND EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs}){within}{at most ?}`

	// sweep removes old jobs whose key is no longer due.
	sweep = `DELETE FROM {jobs} WHERE {some}status IN ('pending', 'error', 'success')
AND created_time < {after}
AND NOT EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs}){within}{at most ?}`

	// settle removes jobs whose result is there: somebody made it who told the queue nothing. One that a
	// Python worker reserved is left for a while, since he tells the queue after he has made it.
	settle = `DELETE FROM {jobs} WHERE {some}(status IN ('pending', 'error')
OR status = 'reserved' AND [_token IS NULL AND ]reserved_time < {after})
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs}){within}{at most ?}`

	// settleKept is the same where jobs that were made are kept.
	settleKept = `UPDATE {jobs} SET status = 'success', completed_time = {now}
WHERE {some}(status IN ('pending', 'error')
OR status = 'reserved' AND [_token IS NULL AND ]reserved_time < {after})
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs}){within}{at most ?}`

	// bury makes errors of jobs whose workers keep dying.
	bury = `UPDATE {jobs} SET status = 'error', completed_time = {now}, error_message = ?,
_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL,
_first_failed = COALESCE(_first_failed, {now}), _last_failed = {now}
WHERE {some}status = 'reserved' AND _token IS NOT NULL AND _deaths >= ? AND {gone}{within}{at most ?}`

	// rescue queues the jobs of dead workers again.
	rescue = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL,
_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL
WHERE {some}status = 'reserved' AND _token IS NOT NULL AND {gone}{within}{at most ?}`

	// rescueOrphans queues jobs again that Python workers reserved long ago.
	rescueOrphans = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL[, _attempts = _attempts + 1]
WHERE {some}status = 'reserved' AND [_token IS NULL AND ]reserved_time < {after}{within}{at most ?}`

	// milestone is the key with which a stretch of so many jobs, and one, ends.
	milestone = `SELECT {read key} FROM {jobs} WHERE TRUE{within} ORDER BY {key} LIMIT 1 OFFSET ?`

	// anyJob finds a job that a statement which changes some would change.
	anyJob = `SELECT 1 FROM {jobs} WHERE {condition} LIMIT 1`

	// strays are jobs of dead workers that nobody has locked, as a worker has that hangs while it completes its
	// own: nobody waits for him.
	strays = `SELECT {read key} FROM {jobs} WHERE status = 'reserved' AND _token IS NOT NULL AND {gone} LIMIT ?{skip locked}`

	// workers are the processes that hold leases.
	workers = `SELECT DISTINCT _worker FROM {jobs} WHERE status = 'reserved' AND _token IS NOT NULL`

	// window reads the next jobs without locking them, and whether a result is there already. The time is by which jobs
	// are known that are reserved without a token.
	window = `SELECT {read j.key}, [j._attempts, j._deaths, j._state IS NOT NULL, ''|0, 0, FALSE, CAST({now} AS CHAR)], EXISTS (SELECT 1 FROM {target} AS t WHERE {t=j})
FROM {jobs} AS j WHERE j.status = 'pending' AND j.scheduled_time <= {now}{only}
ORDER BY j.priority, j.scheduled_time, {j.key} LIMIT ?`

	// candidate is the window on one job.
	candidate = `SELECT {read j.key}, [j._attempts, j._deaths, j._state IS NOT NULL, ''|0, 0, FALSE, CAST({now} AS CHAR)], EXISTS (SELECT 1 FROM {target} AS t WHERE {t=j})
FROM {jobs} AS j WHERE {j.keys} AND j.status = 'pending' AND j.scheduled_time <= {now}`

	// reserve takes those of the window that nobody else has taken meanwhile.
	reserve = `UPDATE {jobs} SET status = 'reserved', reserved_time = {now}, _lease_until = {after}, _completeness = NULL,
_token = ?, _worker = ?, host = ?, pid = ?, connection_id = ?, user = ?, version = ?
WHERE NOT (status <> 'pending') AND ({keys})`

	// reserveAt is the same without the hidden columns: the time and who he is are his token.
	reserveAt = `UPDATE {jobs} SET status = 'reserved', reserved_time = ?, host = ?, pid = ?, connection_id = ?,
user = ?, version = ?
WHERE NOT (status <> 'pending') AND ({keys})`

	// heartbeat moves leases on.
	heartbeat = `UPDATE {jobs} SET _lease_until = {after} WHERE {tokens}`

	// held tells which leases still hold.
	held = `SELECT {read key} FROM {jobs} WHERE {tokens}`

	// taken tells which jobs are somebody else's. What is there not at all is nobody's.
	taken = `SELECT {read key} FROM {jobs} WHERE {others}`

	// hold changes nothing, and finds the job whose lease holds: as it is now, not as it was
	// when the transaction first read.
	hold = `UPDATE {jobs} SET status = status WHERE {tokens}`

	// complete removes a job whose result is there. Its EXISTS finds a make that made nothing.
	complete = `DELETE FROM {jobs} WHERE {tokens}
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t.keys})`

	// completeAll removes jobs whose results are there.
	completeAll = `DELETE FROM {jobs} WHERE ({tokens})
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs})`

	// completeKept is the same where jobs that were made are kept.
	completeKept = `UPDATE {jobs} SET status = 'success', completed_time = {now}, duration = ?, version = ?,
error_message = '', error_stack = NULL[, _state = NULL, _token = NULL, _lease_until = NULL]
WHERE {tokens}
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t.keys})`

	// removeMine removes a job whose result is there, and which nobody else has taken, though the queue says otherwise.
	removeMine = `DELETE FROM {jobs} WHERE {mine}`

	// keepMine is the same where jobs that were made are kept.
	keepMine = `UPDATE {jobs} SET status = 'success', completed_time = {now}, duration = ?, version = ?,
error_message = '', error_stack = NULL[, _state = NULL, _token = NULL, _lease_until = NULL]
WHERE {mine}`

	// touch changes nothing, and finds a job, whoever's it is, as hold does.
	touch = `UPDATE {jobs} SET status = status WHERE {keys}`

	// made finds the result of a key.
	made = `SELECT 1 FROM {target} AS t WHERE {t.keys}`

	// fail keeps what went wrong, with a job that is an error now.
	fail = `UPDATE {jobs} SET status = 'error', completed_time = {now}, duration = ?,
error_message = ?, error_stack = ?, version = ?[,
_attempts = _attempts + 1, _token = NULL, _lease_until = NULL,
_first_failed = COALESCE(_first_failed, {now}), _last_failed = {now}]
WHERE {tokens}`

	// failLater keeps what went wrong, with a job that is to be tried again later.
	failLater = `UPDATE {jobs} SET status = 'pending', scheduled_time = {after}, reserved_time = NULL, duration = ?,
error_message = ?, error_stack = ?, version = ?[,
_attempts = _attempts + 1, _token = NULL, _lease_until = NULL,
_first_failed = COALESCE(_first_failed, {now}), _last_failed = {now}]
WHERE {tokens}`

	// postpone gives a job back that cannot be made yet.
	postpone = `UPDATE {jobs} SET status = 'pending', scheduled_time = {after}, reserved_time = NULL, error_message = ?[,
_token = NULL, _lease_until = NULL]
WHERE {tokens}`

	// suspend gives a job back that is not finished, with what it is to go on from.
	suspend = `UPDATE {jobs} SET status = 'pending', scheduled_time = {now}, reserved_time = NULL, _state = ?,
_token = NULL, _lease_until = NULL
WHERE {tokens}`

	// state reads what a job is to go on from.
	state = `SELECT _state FROM {jobs} WHERE {tokens}`

	// told reads what was logged of a job.
	told = `SELECT _log FROM {jobs} WHERE {tokens}`

	// tell keeps how far jobs are, and what they have logged.
	tell = `UPDATE {jobs} SET _completeness = ?, _log = ? WHERE {tokens}`

	// withdraw removes a reserved job whose key is no longer due.
	withdraw = `DELETE FROM {jobs} WHERE {tokens}
AND NOT EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs})`

	// ignoreHeld keeps a job from being made, and why.
	ignoreHeld = `UPDATE {jobs} SET status = 'ignore', completed_time = {now}, error_message = ?[,
_token = NULL, _lease_until = NULL]
WHERE {tokens}`

	// ignoreIdle keeps a job that nobody holds from being made.
	ignoreIdle = `UPDATE {jobs} SET status = 'ignore', completed_time = {now}, error_message = ?
WHERE {keys} AND status <> 'reserved'`

	// ignoreNew keeps a key from being made that is not queued.
	ignoreNew = `INSERT INTO {jobs} ({key}, status, priority, completed_time, error_message)
VALUES ({?}, 'ignore', ?, {now}, ?)`

	// release gives jobs back as if they had not been claimed.
	release = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL[, _token = NULL, _lease_until = NULL]
WHERE {tokens}`

	// ended finds a job that ended so.
	ended = `SELECT 1 FROM {jobs} WHERE {keys} AND status = ? AND error_message = ?[ AND _token IS NULL]`

	// retry queues errors again. What went wrong stays to be read until it goes otherwise. There is a token where a
	// Python worker made an error of what somebody had reserved.
	retry = `UPDATE {jobs} SET status = 'pending', scheduled_time = {now}, reserved_time = NULL,
completed_time = NULL, duration = NULL[, _deaths = 0, _token = NULL, _lease_until = NULL]
WHERE status = 'error'{only}`

	// reprioritize changes when, among those that are due, jobs are made that wait.
	reprioritize = `UPDATE {jobs} SET priority = ? WHERE status = 'pending'{only}`

	// reschedule changes when jobs become due that wait.
	reschedule = `UPDATE {jobs} SET scheduled_time = {after} WHERE status = 'pending'{only}`

	// purge removes jobs of a status.
	purge = `DELETE FROM {jobs} WHERE status = ? {only}`

	// hasHidden and hasStamps ask whether there are hidden columns, of the queue and of what is made.
	hasHidden = `SELECT {hidden} FROM {jobs} WHERE FALSE`
	hasStamps = `SELECT {stamps} FROM {target} WHERE FALSE`

	// counts is how many jobs have each status.
	counts = `SELECT status, COUNT(*) FROM {jobs} GROUP BY status`

	// ahead is how many jobs are claimed before one, if nothing changes.
	ahead = `SELECT COUNT(*) FROM {jobs} AS j JOIN {jobs} AS o ON o.status = 'pending' AND o.scheduled_time <= {now}
AND (o.priority, o.scheduled_time, {o.key}) < (j.priority, j.scheduled_time, {j.key})
WHERE {j.keys}`

	// clock is the server's time.
	clock = `SELECT {now}`

	// due is how many jobs may be claimed, how many are reserved with a lease, and how many are to be tried again later.
	// In one statement for all three, a server would look through all jobs.
	due = `SELECT 'pending', COUNT(*) FROM {jobs} AS j WHERE j.status = 'pending' AND j.scheduled_time <= {now}{only}
UNION ALL
SELECT 'reserved', COUNT(*) FROM {jobs} AS j WHERE j.status = 'reserved' AND [j._token IS NOT NULL|FALSE]{only}
UNION ALL
SELECT 'later', COUNT(*) FROM {jobs} AS j WHERE j.status = 'pending' AND j.scheduled_time > {now} AND [j._attempts > 0|FALSE]{only}`
)

// fill puts names into a statement; n is how many keys, or workers, are meant.
func (q *Queue) fill(d dialect.Dialect, statement string, n int) string {
	jobs := d.Table(q.table.Schema().Name(), q.table.Name())
	some, atMost := d.AtMost(jobs)
	return strings.NewReplacer(
		"{insert ignore}", d.InsertIgnore(),
		"{jobs}", jobs,
		"{turns}", d.Table(q.turns.Schema().Name(), q.turns.Name()),
		"{some}", some,
		"{within}", "", // the whole queue
		"{at most ?}", atMost,
		"{target}", d.Table(q.target.Schema().Name(), q.target.Name()),
		"{key}", dialect.QuoteAll(q.key),
		"{j.key}", q.qualified("j."),
		"{ks.key}", q.qualified("ks."),
		"{o.key}", q.qualified("o."),
		"{read key}", q.read(d, ""),
		"{read j.key}", q.read(d, "j."),
		"{t=ks}", q.equal("t.", "ks."),
		"{j=ks}", q.equal("j.", "ks."),
		"{t=j}", q.equal("t.", "j."),
		"{t=jobs}", q.equal("t.", jobs+"."),
		"{ks=jobs}", q.equal("ks.", jobs+"."),
		"{gone}", gone(d, n),
		"{skip locked}", d.SkipLocked(),
		"{keys}", q.alternatives(n, ""),
		"{tokens}", q.alternatives(n, " AND "+q.held()),
		"{others}", q.alternatives(n, " AND NOT "+q.mine()),
		"{mine}", q.alternatives(n, " AND "+q.mine()),
		"{hidden}", hiddenNames(),
		"{stamps}", dialect.QuoteAll([]string{schema.JobStartTime, schema.JobDuration, schema.JobVersion}),
		"{t.keys}", q.values("t."),
		"{j.keys}", q.values("j."),
		"{?}", strings.Repeat(", ?", len(q.key))[2:],
		"{now}", d.Now(),
		"{after}", d.After(),
	).Replace(q.choose(statement))
}

// brackets are [with|without], or [with].
var brackets = regexp.MustCompile(`\[([^|\]]*)\|?([^\]]*)\]`)

// choose keeps of brackets what is for this queue.
func (q *Queue) choose(statement string) string {
	if q.bare {
		return brackets.ReplaceAllString(statement, "$2")
	}
	return brackets.ReplaceAllString(statement, "$1")
}

// held is that a job is reserved, and still its worker's own; its placeholders are for what [Reservation.owner] has.
func (q *Queue) held() string {
	if q.bare {
		return "CASE WHEN status = 'reserved' THEN pid END = ? AND host = ? AND connection_id = ? AND reserved_time = ?"
	}
	return "CASE WHEN status = 'reserved' THEN _token END = ?"
}

// mine is that a job is its worker's though it does not say so, provided that his lease has not run out: a Python worker
// has changed its status behind his back, or has queued it anew. Whoever takes a job as Rowmill does draws a token, or
// counts an attempt. The placeholders are those of held. To ignore a job is up to everybody.
func (q *Queue) mine() string {
	if q.bare {
		return "CASE status WHEN 'reserved' THEN pid = ? AND host = ? AND connection_id = ? AND reserved_time = ? ELSE status <> 'ignore' END"
	}
	return "CASE WHEN _token = ? THEN status <> 'ignore' ELSE status = 'pending' AND _token IS NULL AND _attempts + _deaths = 0 END"
}

// gone is whose lease ran out or whose worker is one of n.
func gone(d dialect.Dialect, n int) string {
	return "(_lease_until IS NULL OR _lease_until < " + d.Now() + strings.Repeat(" OR _worker = ?", n) + ")"
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
