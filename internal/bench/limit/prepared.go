package limit

import (
	"context"
	"database/sql"
)

// prepare prepares what is run for each key, where that pays: SQLite takes longer to plan such a statement than to run
// it, and a server is sent the text in one round trip.
func (t *Table) prepare(ctx context.Context) error {
	if !t.Single || t.readOne != nil {
		return nil
	}
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{{&t.insertOne, t.insert(1)}, {&t.completeOne, t.complete()}, {&t.readOne, t.reading()}} {
		stmt, err := t.DB.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // it is kept as long as the database is open
		if err != nil {
			return err
		}
		*s.to = stmt
	}
	return nil
}

// exec runs a statement in a transaction, as it is prepared if it is.
func exec(ctx context.Context, tx *sql.Tx, prepared *sql.Stmt, text string, args ...any) (sql.Result, error) {
	if prepared == nil {
		return tx.ExecContext(ctx, text, args...)
	}
	return tx.StmtContext(ctx, prepared).ExecContext(ctx, args...) //nolint:sqlclosecheck // it ends with the transaction
}

func (t *Table) reading() string {
	read := t.Read
	if read == "" {
		read = "weight"
	}
	return "SELECT " + t.Key + ", " + read + " FROM " + t.Source + " WHERE " + t.Key + " = ?"
}

// read reads what a job comes from: in a transaction, or outside of one where tx is nil.
func (t *Table) read(ctx context.Context, tx *sql.Tx, j *job) error {
	var row *sql.Row
	switch {
	case t.readOne != nil && tx != nil:
		row = tx.StmtContext(ctx, t.readOne).QueryRowContext(ctx, j.key) //nolint:sqlclosecheck // as above
	case t.readOne != nil:
		row = t.readOne.QueryRowContext(ctx, j.key)
	case tx != nil:
		row = tx.QueryRowContext(ctx, t.reading(), j.key)
	default:
		row = t.DB.QueryRowContext(ctx, t.reading(), j.key)
	}
	return row.Scan(&j.key, &j.weight)
}

// brief is for statements that are alone.
func (t *Table) brief() *sql.DB {
	if t.Brief == nil {
		return t.DB
	}
	return t.Brief
}
