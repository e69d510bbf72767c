// Package rowmill connects to the database that holds the tables, the results and the
// queues of a pipeline.
//
// [Open] opens an SQLite file, for one machine, or a MySQL or MariaDB server, for any
// number of them; a pipeline's code is the same on all. Tables are declared with package
// schema, read and written with package query, computed with package populate, and their
// queues are seen through package jobs. All of these take a [Conn] as their second
// argument: a [DB], or a transaction.
package rowmill
