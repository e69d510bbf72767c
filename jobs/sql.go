package jobs

// The statements of the queue. In braces stand:
//
//	{jobs}, {target}      the names of the queue and of the table that it is for
//	{turns}               the name of the table of turns to refresh, which all queues of a schema share
//	{key}                 the key's columns
//	{j.key}, {ks.key}, …  the same, qualified
//	{read key}, {read j.key}  the same, to be read without loss
//	{t=j}, {t=jobs}, …    the key's columns of the one equal to those of the other
//	{gone}                whose lease ran out or whose worker is one of so many that died
//	{condition}           those of a statement that changes jobs: what find looks for
//	{insert ignore}       INSERT that passes over rows that are there
//	{hidden}, {stamps}    the hidden columns of the queue, and those of the table that it is for
//	{?}                   a placeholder for each column of the key
//	{scan}                reading all jobs, and not by an index
//	{skip locked}         but those that others' transactions have locked
//	{pass over}           but those whose key is there by now, which are counted all the same
//	{only}                nothing, or a restriction of {j.…} to the keys of a relation, the next ?
//	{some}, {at most ?}   what stands around the conditions of a statement that changes some rows only
//	{within}              nothing, or the condition for a stretch of the queue
//	{elsewhere}           nothing: what follows, as far as {within}, is asked of other tables
//	{keys}                "(a = ? AND b = ?) OR (…)", for each of the keys that are meant
//	{tokens}              the same, where each is reserved, and still its worker's own
//	{others}              the same, where each is somebody else's, and {mine} is the opposite
//	{ended}               the same, where each was given up by who had it so
//	{given up}            what takes the token from a job, and leaves it as a trace of who gave the job up
//	{one more death}      what is noted of a job whose worker died
//	{failed now}          when it failed, for the first time and the last
//	{j.keys}, {t.keys}, …  "j.a = ? AND j.b = ?", for one
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
	// whose, whether it is that of a token, and whether one has begun lately.
	lookTurn = `SELECT round, finished, COALESCE(lease_until >= {now}, FALSE), COALESCE(lease_until >= {now} AND token = ?, FALSE),
COALESCE(begun > {after}, FALSE), worker
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

	// add queues keys of a source that have no result and no job. Of NOT EXISTS, MariaDB would look for each key by itself where
	// rows are inserted; no key is NULL.
	add = `INSERT INTO {jobs} ({key}, status, priority, scheduled_time)
SELECT {ks.key}, 'pending', ?, {after} FROM (?) AS ks
WHERE ({ks.key}) NOT IN (SELECT {j.key} FROM {jobs} AS j)
AND ({ks.key}) NOT IN (SELECT {t.key} FROM {target} AS t) LIMIT ?{pass over}`

	// What makes a job pending takes a token from it, too, that may be left: programs in Python, which know of none, make
	// errors of jobs that have one, and would reserve them with it.

	// repend queues kept successes again whose result is gone and whose key is still due. What it took to make them
	// is no longer held against them.
	repend = `UPDATE {jobs} SET status = 'pending', completed_time = NULL, reserved_time = NULL,
duration = NULL, scheduled_time = {now}[, _token = NULL, _lease_until = NULL,
_attempts = 0, _retried = 0, _deaths = 0, _first_failed = NULL, _last_failed = NULL]
WHERE {some}status = 'success'
{elsewhere}AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs})
AND EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs}){within}{at most ?}`

	// sweep removes old jobs whose key is no longer due.
	sweep = `DELETE FROM {jobs} WHERE {some}status IN ('pending', 'error', 'success')
AND created_time < {after}
{elsewhere}AND NOT EXISTS (SELECT 1 FROM (?) AS ks WHERE {ks=jobs}){within}{at most ?}`

	// settle removes jobs whose result is there: somebody made it who told the queue nothing. One that a
	// Python worker reserved is left for a while, since he tells the queue after he has made it. (Where OR joins conditions of
	// the status, SQLite keeps the numbers of all rows in memory.)
	settle = `DELETE FROM {jobs} WHERE {some}status IN ('pending', 'error', 'reserved')
AND (status <> 'reserved' OR [_token IS NULL AND ]reserved_time < {after})
{elsewhere}AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs}){within}{at most ?}`

	// settleKept is the same where jobs that were made are kept.
	settleKept = `UPDATE {jobs} SET status = 'success', completed_time = {now},
error_message = '', error_stack = NULL[, _kind = '', _token = NULL, _lease_until = NULL]
WHERE {some}status IN ('pending', 'error', 'reserved')
AND (status <> 'reserved' OR [_token IS NULL AND ]reserved_time < {after})
{elsewhere}AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t=jobs}){within}{at most ?}`

	// bury makes errors of jobs whose workers keep dying.
	bury = `UPDATE {jobs} SET status = 'error', completed_time = {now}, _kind = '', error_message = ?, {one more death},
{failed now}
WHERE {some}status = 'reserved' AND _token IS NOT NULL AND _deaths >= ? AND {gone}{within}{at most ?}`

	// rescue queues the jobs of dead workers again.
	rescue = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL, {one more death}
WHERE {some}status = 'reserved' AND _token IS NOT NULL AND {gone}{within}{at most ?}`

	// buryOrphans makes errors of jobs that Python workers reserved long ago, if that was not the first time.
	buryOrphans = `UPDATE {jobs} SET status = 'error', completed_time = {now}, error_message = ?[, _kind = '',
{one more death}, {failed now}]
WHERE {some}status = 'reserved' AND [_token IS NULL AND _deaths|-1] >= ? AND reserved_time < {after}{within}{at most ?}`

	// rescueOrphans queues them again.
	rescueOrphans = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL[, {one more death}]
WHERE {some}status = 'reserved' AND [_token IS NULL AND ]reserved_time < {after}{within}{at most ?}`

	// milestone is the key with which a stretch of so many jobs, and one, ends.
	milestone = `SELECT {read key} FROM {jobs} WHERE TRUE{within} ORDER BY {key} LIMIT 1 OFFSET ?`

	// fewJobs are some of those that a statement would change, fewOfAll the same where it asks of most jobs what the index of
	// their status does not tell, and nextJobs are the next in the order of their keys.
	fewJobs  = `SELECT {read key} FROM {jobs} WHERE {condition} LIMIT ?`
	fewOfAll = `SELECT {read key} FROM {jobs}{scan} WHERE {condition} LIMIT ?`
	nextJobs = `SELECT {read key} FROM {jobs} WHERE {condition} ORDER BY {key} LIMIT ?`

	// free are those of the jobs that nobody has locked.
	free = `SELECT {read key} FROM {jobs} WHERE {keys}{skip locked}`

	// strays are jobs of dead workers that nobody has locked, as a worker has that hangs while it completes its
	// own: nobody waits for him.
	strays = `SELECT {read key} FROM {jobs} WHERE status = 'reserved' AND _token IS NOT NULL AND {gone} LIMIT ?{skip locked}`

	// workers are the processes that hold leases.
	workers = `SELECT DISTINCT _worker FROM {jobs} WHERE status = 'reserved' AND _token IS NOT NULL`

	// window reads the next jobs of a priority and later ones without locking them, and whether a result is there already.
	// It does not pass over those that are for later, which may be very many, but tells which are due: behind one that
	// is not, nothing else of its priority is. The time is by which jobs are known that are reserved without a token.
	window = `SELECT {read j.key}, [j._attempts, j._retried, j._deaths, j._state IS NOT NULL, ''|0, 0, 0, FALSE, CAST({now} AS CHAR)],
EXISTS (SELECT 1 FROM {target} AS t WHERE {t=j}), j.priority, j.scheduled_time <= {now}
FROM {jobs} AS j WHERE j.status = 'pending' AND j.priority >= ?{only}
ORDER BY j.priority, j.scheduled_time, {j.key} LIMIT ?`

	// candidate is the window on one job.
	candidate = `SELECT {read j.key}, [j._attempts, j._retried, j._deaths, j._state IS NOT NULL, ''|0, 0, 0, FALSE, CAST({now} AS CHAR)],
EXISTS (SELECT 1 FROM {target} AS t WHERE {t=j}), j.priority, TRUE
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

	// heldFree tells that of the jobs that nobody has locked.
	heldFree = `SELECT {read key} FROM {jobs} WHERE {tokens}{skip locked}`

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
error_message = '', error_stack = NULL[, _kind = '', _state = NULL, {given up}]
WHERE {tokens}
AND EXISTS (SELECT 1 FROM {target} AS t WHERE {t.keys})`

	// removeMine removes a job whose result is there, and which nobody else has taken, though the queue says otherwise.
	removeMine = `DELETE FROM {jobs} WHERE {mine}`

	// keepMine is the same where jobs that were made are kept.
	keepMine = `UPDATE {jobs} SET status = 'success', completed_time = {now}, duration = ?, version = ?,
error_message = '', error_stack = NULL[, _kind = '', _state = NULL, _token = NULL, _lease_until = NULL]
WHERE {mine}`

	// touch changes nothing, and finds a job, whoever's it is, as hold does.
	touch = `UPDATE {jobs} SET status = status WHERE {keys}`

	// made finds the result of a key.
	made = `SELECT 1 FROM {target} AS t WHERE {t.keys}`

	// fail keeps what went wrong, with a job that is an error now.
	fail = `UPDATE {jobs} SET status = 'error', completed_time = {now}, duration = ?,
error_message = ?, error_stack = ?, version = ?[, _kind = ?,
_attempts = _attempts + 1, {given up},
{failed now}]
WHERE {tokens}`

	// failLater keeps what went wrong, with a job that is to be tried again later.
	failLater = `UPDATE {jobs} SET status = 'pending', scheduled_time = {after}, reserved_time = NULL, duration = ?,
error_message = ?, error_stack = ?, version = ?[, _kind = ?,
_attempts = _attempts + 1, {given up},
{failed now}]
WHERE {tokens}`

	// postpone gives a job back that cannot be made yet.
	postpone = `UPDATE {jobs} SET status = 'pending', scheduled_time = {after}, reserved_time = NULL, error_message = ?[, _kind = '', {given up}]
WHERE {tokens}`

	// suspend gives a job back that is not finished, with what it is to go on from. It got on: what went wrong before is over.
	suspend = `UPDATE {jobs} SET status = 'pending', scheduled_time = {now}, reserved_time = NULL, _state = ?,
error_message = '', error_stack = NULL, _kind = '', {given up}
WHERE {tokens}`

	// state reads what a job is to go on from.
	state = `SELECT _state FROM {jobs} WHERE {tokens}`

	// told reads what was logged of a job.
	told = `SELECT _log FROM {jobs} WHERE {tokens}`

	// tell keeps how far jobs are, and what they have logged.
	tell = `UPDATE {jobs} SET _completeness = ?, _log = ? WHERE {tokens}`

	// isDue tells whether a key is due. It is asked by itself: in a DELETE, servers would wait for whoever has locked
	// a row that the key comes from.
	isDue = `SELECT 1 FROM (?) AS ks WHERE {ks.keys} LIMIT 1`

	// withdraw removes a reserved job whose key is no longer due.
	withdraw = `DELETE FROM {jobs} WHERE {tokens}`

	// isQueued tells whether a key has a job.
	isQueued = `SELECT 1 FROM {jobs} WHERE {keys}`

	// ignoreHeld keeps a job from being made, and why.
	ignoreHeld = `UPDATE {jobs} SET status = 'ignore', completed_time = {now}, error_message = ?[, _kind = '', {given up}]
WHERE {tokens}`

	// ignoreIdle keeps a job that nobody holds from being made.
	ignoreIdle = `UPDATE {jobs} SET status = 'ignore', completed_time = {now}, error_message = ?[, _kind = '']
WHERE {keys} AND status <> 'reserved'`

	// ignoreNew keeps a key from being made that is not queued.
	ignoreNew = `INSERT INTO {jobs} ({key}, status, priority, completed_time, error_message)
VALUES ({?}, 'ignore', ?, {now}, ?)`

	// release gives jobs back as if they had not been claimed.
	release = `UPDATE {jobs} SET status = 'pending', reserved_time = NULL[, {given up}]
WHERE {tokens}`

	// ended finds the jobs whose last holders gave them up, each by what he held it by.
	ended = `SELECT {read key} FROM {jobs} WHERE {ended}`

	// retry queues errors again. What went wrong stays to be read until it goes otherwise, and how often it did. There is a
	// token where a Python worker made an error of what somebody had reserved.
	retry = `UPDATE {jobs} SET status = 'pending', scheduled_time = {now}, reserved_time = NULL,
completed_time = NULL, duration = NULL[, _deaths = 0, _retried = _attempts, _token = NULL, _lease_until = NULL]
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
