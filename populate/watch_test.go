package populate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

type Visit struct {
	Visit     int64
	SubjectID int32
}

// visits are written by makes: one for each that is committed.
var visits = schema.Manual[Visit](lab, `
	visit : int64  # a random number
	---
	subject_id : int32
`)

// A sight is what there is at one moment: all of it is read by one statement, in one snapshot.
type sight struct {
	Results int
	Errors  int // jobs that were given up since their workers died
	Failed  int // jobs that are errors for another reason
	Both    int // keys that have a result, and a job that says that it is to be made
	Neither int // keys that have no result, and no job either
	Parts   int // of results
	Visits  int
	Visited int // keys that were
}

// {…} stands for a table's name.
const sightOf = `SELECT
(SELECT COUNT(*) FROM {__result}),
(SELECT COUNT(*) FROM {~~result} WHERE status = 'error' AND error_message = 'its worker died 3 times'),
(SELECT COUNT(*) FROM {~~result} WHERE status NOT IN ('pending', 'reserved') AND error_message <> 'its worker died 3 times'),
(SELECT COUNT(*) FROM {~~result} AS j JOIN {__result} AS r ON r.subject_id = j.subject_id),
(SELECT COUNT(*) FROM {subject} AS s WHERE NOT EXISTS (SELECT 1 FROM {__result} AS r WHERE r.subject_id = s.subject_id)
AND NOT EXISTS (SELECT 1 FROM {~~result} AS j WHERE j.subject_id = s.subject_id)),
(SELECT COUNT(*) FROM {__result__peak}), (SELECT COUNT(*) FROM {visit}), (SELECT COUNT(DISTINCT subject_id) FROM {visit})`

// wrong tells what of a sight must never be seen, once all keys have been queued. A result and the completion of its job
// are one transaction, and a completed job is removed in it: so each key has either the one or the other. A refresh
// queues what has neither, as one statement sees it: so it cannot queue what is being completed.
func (s sight) wrong() error {
	switch {
	case s.Both > 0:
		return fmt.Errorf("%d keys have a result without its completion: %+v", s.Both, s)
	case s.Neither > 0:
		return fmt.Errorf("%d keys have a completion without its result: %+v", s.Neither, s)
	case s.Parts != 2*s.Results:
		return fmt.Errorf("there are results without their parts: %+v", s)
	case s.Visits != s.Results || s.Visited != s.Results:
		return fmt.Errorf("not every result was committed once: %+v", s)
	case s.Failed > 0:
		return fmt.Errorf("%d jobs have failed: %+v", s.Failed, s)
	}
	return nil
}

// look looks at one moment.
func (b *bench) look(ctx context.Context, db *rowmill.DB) (s sight, err error) {
	statement := sightOf
	for _, table := range []string{"__result", "~~result", "subject", "__result__peak", "visit"} {
		statement = strings.ReplaceAll(statement, "{"+table+"}", db.Dialect().Table("lab", table))
	}
	rows, err := db.Query(ctx, statement)
	if err != nil {
		return s, err
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		err = rows.Scan(&s.Results, &s.Errors, &s.Failed, &s.Both, &s.Neither, &s.Parts, &s.Visits, &s.Visited)
	}
	return s, errors.Join(err, rows.Err())
}

// A watch looks again and again while others work.
type watch struct {
	made   atomic.Int64 // results that were seen
	looks  atomic.Int64
	failed atomic.Bool
}

// watchFrom watches until it is told to stop. It takes a third of its time, since others need the machine too.
func (w *watch) watchFrom(b *bench) (stop func()) {
	b.Helper()
	db, err := rowmill.Open(b.Context(), b.dsn)
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(b.Context())
	var watching sync.WaitGroup
	watching.Go(func() {
		for ctx.Err() == nil {
			began := time.Now()
			s, err := b.look(ctx, db)
			switch {
			case ctx.Err() != nil:
			case errors.Is(err, rowmill.ErrLost), errors.Is(err, rowmill.ErrBusy): // it has its troubles too
			case err != nil, s.wrong() != nil:
				b.Error(errors.Join(err, s.wrong()))
				w.failed.Store(true)
				return
			default:
				w.made.Store(int64(s.Results))
				w.looks.Add(1)
			}
			time.Sleep(2 * time.Since(began))
		}
	})
	return func() {
		cancel()
		watching.Wait()
		_ = db.Close()
	}
}
