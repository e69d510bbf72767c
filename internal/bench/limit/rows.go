package limit

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// A Sample is a row of the kinds of values that tables of measurements have.
type Sample struct {
	Subject int32
	Sample  int64
	Channel int16
	Value   float64
	Noise   *float64
	Label   string
}

const (
	sampleColumns = "subject, sample, channel, value, noise, label"
	// rowsAtOnce is how many rows a statement inserts.
	rowsAtOnce = 1000
)

// Insert enters rows into a table, in one transaction.
func Insert(ctx context.Context, db *sql.DB, table string, rows []Sample) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for some := range slices.Chunk(rows, rowsAtOnce) {
		args := make([]any, 0, 6*len(some))
		for _, s := range some {
			args = append(args, s.Subject, s.Sample, s.Channel, s.Value, s.Noise, s.Label)
		}
		statement := "INSERT INTO " + table + " (" + sampleColumns + ") VALUES " + strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(some))[2:]
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Fetch reads all rows of a table.
func Fetch(ctx context.Context, db *sql.DB, table string) (all []Sample, err error) {
	err = Each(ctx, db, table, func(s Sample) { all = append(all, s) })
	return all, err
}

// Each has a function called with each row of a table.
func Each(ctx context.Context, db *sql.DB, table string, do func(Sample)) error {
	rows, err := db.QueryContext(ctx, "SELECT "+sampleColumns+" FROM "+table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s Sample
		if err := rows.Scan(&s.Subject, &s.Sample, &s.Channel, &s.Value, &s.Noise, &s.Label); err != nil {
			return err
		}
		do(s)
	}
	return rows.Err()
}

// Delete deletes the rows with keys up to most of tables that have this key, and the jobs of these keys, in one
// transaction. Tables come before those that they refer to.
func Delete(ctx context.Context, db *sql.DB, tables []string, key string, most int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, table := range tables {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE "+key+" <= ?", most); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Declare creates tables that are not there, by their statements.
func Declare(ctx context.Context, db *sql.DB, statements []string) error {
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
