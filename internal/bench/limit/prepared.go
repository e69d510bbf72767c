package limit

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
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
	}{{&t.insertOne, t.insert(1)}, {&t.completeOne, t.complete()}, {&t.readOne, t.reading(1)}} {
		stmt, err := t.DB.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // it is kept as long as the database is open
		if err != nil {
			return err
		}
		*s.to = stmt
	}
	return nil
}

// exec runs a statement in a transaction, as it is prepared if it is.
func exec(ctx context.Context, s session, prepared *sql.Stmt, text string, args ...any) (sql.Result, error) {
	if tx, ok := s.(*sql.Tx); ok && prepared != nil {
		return tx.StmtContext(ctx, prepared).ExecContext(ctx, args...) //nolint:sqlclosecheck // it ends with the transaction
	}
	return s.ExecContext(ctx, text, args...)
}

// reading is a SELECT of what so many keys come from.
func (t *Table) reading(keys int) string {
	read := t.Read
	if read == "" {
		read = "weight"
	}
	return "SELECT " + t.Key + ", " + read + " FROM " + t.Source + " WHERE " + t.Key + " IN (" + strings.Repeat(", ?", keys)[2:] + ")"
}

// read reads what a job comes from, in a transaction.
func (t *Table) read(ctx context.Context, s session, j *job) error {
	if tx, ok := s.(*sql.Tx); ok && t.readOne != nil {
		return tx.StmtContext(ctx, t.readOne).QueryRowContext(ctx, j.key).Scan(&j.key, &j.weight) //nolint:sqlclosecheck // as above
	}
	return s.QueryRowContext(ctx, t.reading(1), j.key).Scan(&j.key, &j.weight)
}

// readAll reads what several jobs come from, in one statement.
func (t *Table) readAll(ctx context.Context, s session, jobs []job) error {
	keys, at := make([]any, len(jobs)), make(map[int64]int, len(jobs))
	for i, j := range jobs {
		keys[i], at[j.key] = j.key, i
	}
	rows, err := s.QueryContext(ctx, t.reading(len(jobs)), keys...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	found := 0
	for ; rows.Next(); found++ {
		var key int64
		var weight float64
		if err := rows.Scan(&key, &weight); err != nil {
			return err
		}
		jobs[at[key]].weight = weight
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if found != len(jobs) {
		return fmt.Errorf("%d keys are due no more, of %d", len(jobs)-found, len(jobs))
	}
	return nil
}
