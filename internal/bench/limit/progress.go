package limit

import (
	"context"
	"database/sql"
	"time"
)

// A Progress is how far the making of a table is.
type Progress struct {
	Total, Done int            // keys that are due, and those of them that have a row
	Jobs        map[string]int // by status
	Later       int            // jobs that wait for their time
	Lately      int            // rows of which is known when they were made, at most a thousand: what a rate is told by
}

// Progress asks for it, in one snapshot.
func (t *Table) Progress(ctx context.Context) (Progress, error) {
	p := Progress{Jobs: map[string]int{}}
	tx, err := t.DB.BeginTx(ctx, nil)
	if err != nil {
		return p, err
	}
	defer func() { _ = tx.Rollback() }()
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+t.Source).Scan(&p.Total); err != nil {
		return p, err
	}
	done := "SELECT COUNT(*) FROM " + t.Target // of which each refers to one of the source
	if err := tx.QueryRowContext(ctx, done).Scan(&p.Done); err != nil {
		return p, err
	}
	if err := t.countJobs(ctx, tx, &p); err != nil {
		return p, err
	}
	if p.Lately, err = t.lately(ctx, tx); err != nil {
		return p, err
	}
	return p, tx.Commit()
}

func (t *Table) countJobs(ctx context.Context, tx *sql.Tx, p *Progress) error {
	rows, err := tx.QueryContext(ctx, "SELECT status, COUNT(*), COUNT(CASE WHEN scheduled_time > "+t.Now+" THEN 1 END) FROM "+t.Queue+" GROUP BY status")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var status string
		var n, later int
		if err := rows.Scan(&status, &n, &later); err != nil {
			return err
		}
		p.Jobs[status] = n
		p.Later += later
	}
	return rows.Err()
}

// lately reads when the last rows were made.
func (t *Table) lately(ctx context.Context, tx *sql.Tx) (n int, err error) {
	const day = 24 * time.Hour
	rows, err := tx.QueryContext(ctx, "SELECT _job_start_time, _job_duration FROM "+t.Target+
		" WHERE _job_start_time >= "+t.After+" ORDER BY _job_start_time DESC LIMIT 1000", -day.Seconds())
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var started any
		var took float64
		if err := rows.Scan(&started, &took); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}
