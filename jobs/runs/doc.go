// Package runs keeps the log of what ran on a schema: who ran what, when, on which machine, and how it
// ended. It is for the packages of Rowmill; package populate is what users call.
//
// The log is the table ~run of the schema, which DataJoint does not see, as it sees none whose name
// begins so. A row is entered when something begins, in progress, and has a lease by the server's clock, as a
// reserved job has: whoever has begun it moves the lease on, and says at last how it ended. Whoever
// begins anything in the schema first closes, as errors, the rows of others whose lease ran out, or whose process
// died on this machine.
//
//	begin ──▶ in_progress ──▶ success
//	               │  └─────▶ error
//	               └─ its process died: error, by whoever begins next
//
// One that was closed since it seemed dead, and was not, still says how it ended.
package runs
