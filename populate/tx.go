package populate

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A Tx is the transaction of one make. It is a rowmill.Conn that lets a make read the tables
// upstream of its own, and write its own table, its parts, and Manual tables; anything else is
// an error that wraps rowmill.ErrRefused. It is used by one goroutine at a time, and not after
// the make has returned.
type Tx struct {
	session rowmill.Session // the transaction, or what only reads
	maker   *Maker
	rights  *rights
	keys    []any // pointers to the keys' structs; one, but in a batch
	version string
	stamps  bool // the table has room for hidden columns
	started time.Time
	job     *Job

	readOnly bool
	habit    *query.Habit // of the stage that fetches; nil in others
	ahead    *query.Ahead // what was read ahead of what it asks for
	collects *collection  // where inserts go that are kept with those of other keys; nil where they are run
}

// Session allows a make what it may do.
func (tx *Tx) Session(use rowmill.Use) (rowmill.Session, error) {
	if err := tx.allow(use); err != nil {
		return nil, err
	}
	session := tx.session
	if len(use.Writes) == 0 {
		session = reading{session}
	}
	if tx.collects != nil && !tx.readOnly {
		session = flushing{session, tx.session, tx.collects}
	}
	return session, nil
}

// reader is the Tx for the stage that fetches, which only reads. What was read ahead is what it would read.
func (tx *Tx) reader(habit *query.Habit, ahead *query.Ahead) *Tx {
	r := *tx
	r.readOnly, r.collects, r.habit, r.ahead = true, nil, habit, ahead
	return &r
}

// Foresight is what package query is to answer from.
func (tx *Tx) Foresight() (*query.Habit, *query.Ahead) { return tx.habit, tx.ahead }

// allow refuses what a make may not do.
func (tx *Tx) allow(use rowmill.Use) error {
	switch {
	case len(use.Reads)+len(use.Writes) == 0:
		return fmt.Errorf("%w: a make names the tables that it uses", rowmill.ErrRefused)
	case tx.readOnly && len(use.Writes) > 0:
		return fmt.Errorf("%w: %s is written to by the stage that fetches, which only reads: insert in the last stage", rowmill.ErrRefused, use.Writes[0])
	}
	for _, name := range use.Reads {
		if !tx.rights.reads[name] {
			return fmt.Errorf("%w: the make of %s reads %s, which is not upstream of it: add a foreign key, so that the result can be traced to what it came from",
				rowmill.ErrRefused, tx.maker, name)
		}
	}
	for _, name := range use.Writes {
		if !tx.rights.writes[name] {
			return fmt.Errorf("%w: the make of %s writes to %s; it may write to %s, its parts, and manual tables",
				rowmill.ErrRefused, tx.maker, name, tx.maker)
		}
	}
	return nil
}

// A reading is a session of a make that said it would only read.
type reading struct{ rowmill.Session }

// Exec refuses.
func (reading) Exec(context.Context, string, ...any) (int64, error) {
	return 0, fmt.Errorf("%w: these tables were asked for to be read", rowmill.ErrRefused)
}

// Atomic lets do read.
func (r reading) Atomic(_ context.Context, do func(rowmill.Session) error) error { return do(r) }

// Stamp gives the rows of the made table when, in how long, and by which code they were made.
func (tx *Tx) Stamp(t *schema.Table) (columns []string, values []squirrel.Sqlizer) {
	if t != tx.maker.table || !tx.stamps {
		return nil, nil
	}
	elapsed := time.Since(tx.started).Seconds()
	return []string{schema.JobStartTime, schema.JobDuration, schema.JobVersion}, []squirrel.Sqlizer{
		squirrel.Expr(tx.session.Dialect().After(), -elapsed),
		squirrel.Expr("?", elapsed),
		squirrel.Expr("?", tx.version),
	}
}

// rights are the names of the tables that a make may use.
type rights struct{ reads, writes map[string]bool }

func rightsOf(t *schema.Table) *rights {
	r := &rights{reads: map[string]bool{}, writes: map[string]bool{}}
	schemas := map[*schema.Schema]bool{t.Schema(): true}
	for _, o := range append([]*schema.Table{t}, t.Parts()...) {
		r.reads[o.FullName()], r.writes[o.FullName()] = true, true
		for _, a := range o.Ancestors() {
			r.reads[a.FullName()], schemas[a.Schema()] = true, true
		}
	}
	for s := range schemas {
		for _, other := range s.Tables() {
			if other.Tier() == schema.TierManual || other.Master() != nil && other.Master().Tier() == schema.TierManual {
				r.writes[other.FullName()] = true
			}
		}
	}
	return r
}
