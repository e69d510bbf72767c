package populate

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A Tx is the transaction of one make. It is a rowmill.Conn that lets a make read the tables
// upstream of its own, and write its own table, its parts, and Manual tables; anything else is
// an error that wraps rowmill.ErrRefused. It is used by one goroutine at a time, and not after
// the make has returned.
type Tx struct {
	tx      *rowmill.Tx
	maker   *Maker
	rights  *rights
	key     any
	version string
	started time.Time
}

// Session allows a make what it may do.
func (tx *Tx) Session(use rowmill.Use) (rowmill.Session, error) {
	if len(use.Reads)+len(use.Writes) == 0 {
		return nil, fmt.Errorf("%w: a make names the tables that it uses", rowmill.ErrRefused)
	}
	for _, name := range use.Reads {
		if !tx.rights.reads[name] {
			return nil, fmt.Errorf("%w: the make of %s reads %s, which is not upstream of it: add a foreign key, so that the result can be traced to what it came from",
				rowmill.ErrRefused, tx.maker, name)
		}
	}
	for _, name := range use.Writes {
		if !tx.rights.writes[name] {
			return nil, fmt.Errorf("%w: the make of %s writes to %s; it may write to %s, its parts, and manual tables",
				rowmill.ErrRefused, tx.maker, name, tx.maker)
		}
	}
	if len(use.Writes) == 0 {
		return reading{tx.tx}, nil
	}
	return tx.tx, nil
}

// A reading is a session of a make that said it would only read.
type reading struct{ *rowmill.Tx }

// Exec refuses.
func (reading) Exec(context.Context, string, ...any) (int64, error) {
	return 0, fmt.Errorf("%w: these tables were asked for to be read", rowmill.ErrRefused)
}

// Atomic lets do read.
func (r reading) Atomic(_ context.Context, do func(rowmill.Session) error) error { return do(r) }

// Stamp gives the rows of the made table when, in how long, and by which code they were made.
func (tx *Tx) Stamp(t *schema.Table) (columns []string, values []squirrel.Sqlizer) {
	if t != tx.maker.table {
		return nil, nil
	}
	elapsed := time.Since(tx.started).Seconds()
	return []string{schema.JobStartTime, schema.JobDuration, schema.JobVersion}, []squirrel.Sqlizer{
		squirrel.Expr(tx.tx.Dialect().After(), -elapsed),
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
