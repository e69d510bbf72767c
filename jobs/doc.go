// Package jobs is the queue of a table: which of its rows ought to be made, who is making
// them, and what became of them.
//
// The queue of __spectrum is a table ~~spectrum in the same schema, with a row for each key
// that is to be made; its columns are DataJoint's, so that programs in Python share it. It is
// derived data: dropping it loses no result, and [Queue.Refresh] makes it anew.
//
// # States
//
//	            Refresh: a key without a result
//	                       │
//	                       ▼   Claim, Reserve
//	  ┌────────────────▶ pending ────────────▶ reserved ───────▶ (gone) or success
//	  │                    ▲ ▲                  │  │  │  Complete, CompleteAll: with the result;
//	  │ Retry              │ └──────────────────┘  │  │  Acknowledge: it was there already
//	  │                    │   Release: asked to   │  │
//	  │                    │   stop; Postpone: not │  │ Skip
//	  │                    │   ready; Suspend: not │  └──────▶ ignore ◀─────── Ignore: whatever
//	  │                    │   finished; Error: to │                           is not reserved
//	  │                    │   be tried again      │
//	  │                    └───────────────────────┤
//	  │                        Refresh: the lease  │ Error; or the third worker died
//	error ◀────────────────────────────────────────┘
//
// Who moves a job:
//
//	workers   Claim, Reserve, Heartbeat, Tell, Complete, CompleteAll, Acknowledge, Error, Skip, Postpone, Suspend,
//	          Release, Withdraw
//	anybody   Refresh adds, removes what is no longer due, rescues the jobs of dead workers, settles
//	          jobs whose result somebody made who did not tell the queue, and has a kept success whose
//	          result is gone pending again; Rescue does the third of these alone
//	people    Ignore, also for keys that are not queued; Retry, Reprioritize, Reschedule, Clear: jobs that nobody holds
//
// A reservation is a lease with a token. Whoever claims a job gets a token that nobody else
// has, and a time until which the job is his; [Queue.Heartbeat] moves that time on. Every
// later change of the job is one guarded statement that wants the token: where it changes no
// row, the lease was lost, and [ErrLeaseLost] says so. Whoever gives a job up leaves his token in it, by which the same
// is told from a statement that is said again since its reply was lost. Complete runs in the transaction that
// writes the result, so that the result and its completion are there together or not at all,
// and a worker that lost its lease cannot commit.
//
// Python workers, and people, change a job without a look at whose it is: they delete it, queue it anew, or make it an
// error or a success. The lease is not lost by that. Complete finds that the job is nobody else's, and as long as the
// worker's heartbeats have kept his lease nobody else can have made it, either. Only to Ignore it is up to everybody.
//
// The job of a worker that died is found by anybody's Refresh, when its lease has run out, or
// at once by a process on the same machine. It goes back to pending with one more attempt and
// one more death; after the third death it is an error. A job that a Python worker reserved has
// no lease, and is left alone unless RefreshOptions.OrphanTimeout says for how long.
//
// A queue that a Python worker declared has no room for leases until [Queue.Declare] adds the hidden columns. Who may not
// do so works without them: a reservation is known by host, process, connection and time, and is like a Python worker's.
//
// Nobody waits for long for somebody who has locked a job, or what it comes from, and hangs: what is about many jobs
// leaves that one to the next time.
//
// A job that failed is an error, or pending again after a while: [RetryPolicy] says which. It
// keeps the last message and stack, how often it was attempted, and when it failed first and last.
//
// One process at a time refreshes a queue, by a lease in the table ~refresh of the schema; others
// who ask meanwhile wait, and one of them does it for all.
//
// All times are the server's.
package jobs
