// Package populate computes the rows that ought to exist and do not.
//
// A maker is a table and a function that makes one of its rows:
//
//	var MakeSpectra = populate.New(Spectra, makeSpectrum)
//
//	func makeSpectrum(ctx context.Context, tx *populate.Tx, key SessionKey) error {
//		s, err := query.One[Session](ctx, tx, tx.Upstream(Sessions))
//		if err != nil {
//			return err
//		}
//		return query.Insert(ctx, tx, Spectra, Spectrum{SessionKey: key, PeakHz: peak(s)})
//	}
//
//	report, err := MakeSpectra.Populate(ctx, db, &populate.Options{Workers: 8})
//
// The keys that ought to exist are the combinations of the keys of the tables to which the
// table's primary key refers. [Maker.Populate] queues those that have no row, and calls the
// function for each, in this process and in any number of others that do the same.
//
// What a make inserts and the completion of its job are one transaction: a make that fails, or
// whose process dies, leaves nothing behind, and the key is made again.
//
// A make that returns an error has failed, and its job is an error until it is retried. Errors with another outcome are [Skip] (the key is
// not to be made), [NotReady] (it is for later), [Continue] (it goes on from a state) and [Permanent] (it is not tried again by itself);
// [Kind], [Invalid] and [Corrupted] say of which kind a failure is, by which the queue counts them.
//
// [Maker.From] makes other keys than all, and [Maker.PrioritizedBy] has a relation say which come first. [Maker.Plan] tells what Populate
// would do, and how long that may take.
//
// [Staged] makes a key in three stages, of which the longest has no transaction; [Batched] makes many keys at once.
// [All] runs the makers of a whole pipeline, and [Work] does so for ever.
//
// [Maker.Progress] tells how far a table is, [Maker.ProgressBy] so by attributes of its key, and [Overview] a whole schema;
// [Maker.Why] tells why a key is made, or is not. [Requests] tells how far what was asked for by rows of a table is, whose keys are part
// of those that are made.
//
// Each run leaves a row in a log ([Runs], [MostRecent]), as other code can ([StartRun]); [Job.Since] tells an
// incremental import since when its source is to be asked.
//
// The package keeps the loop: who makes what, and what became of it. It writes no SQL; the
// queue is package jobs, with the log, and the rows are package query.
package populate
