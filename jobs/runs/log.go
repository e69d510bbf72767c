package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/process"
	"github.com/rowmill/rowmill/schema"
)

// The states of a run.
const (
	InProgress = "in_progress"
	Success    = "success"
	Error      = "error"
)

// The lengths of texts, in letters. What is longer is cut.
const (
	MaxName    = 255
	maxPlace   = 1023
	maxMessage = 2047
)

// Died is the message of a run that was closed by another.
const Died = "its process died"

// A Log is the log of a schema. It is immutable and safe for concurrent use.
type Log struct{ table *schema.Table }

// Of is the log of a schema.
func Of(s *schema.Schema) *Log {
	return &Log{s.Auxiliary("~run", "log of runs", "What ran, when, and how it ended",
		schema.NewHeading(append(columns(), hidden...)),
		[]dialect.Index{{Parts: dialect.OnColumns("status", "name", "start_time")}})}
}

// columns are those that are for all to read.
func columns() []schema.Attr {
	def, err := schema.Parse(`
		run : uuid
		---
		name : varchar(255)
		status : enum('in_progress', 'success', 'error')
		start_time : datetime(3)
		end_time = null : datetime(3)
		message = "" : varchar(2047)
		records = 0 : int64
		source = "" : varchar(1023)
		destination = "" : varchar(1023)
		user = "" : varchar(255)
		host = "" : varchar(255)
		pid = 0 : int32
		version = "" : varchar(64)`)
	if err != nil {
		panic(err)
	}
	return def.Attrs()
}

// hidden are the columns that tell whether a run is alive.
var hidden = []schema.Attr{
	{Name: "_worker", Type: datatype.MustParse("varchar(128)"), Unmarked: true, Default: "''"},
	{Name: "_lease_until", Type: datatype.MustParse("datetime(3)"), Unmarked: true, Nullable: true, Default: "NULL"},
}

// Untyped is the log as a table: its rows can be asked for as those of any table.
func (l *Log) Untyped() *schema.Table { return l.table }

// An Entry is what a row says of a run from its beginning.
type Entry struct {
	Name                string
	Source, Destination string
	Version             string        // of the code; at most 64 letters
	Lease               time.Duration // after how long without [Log.Keep] it is taken for dead
}

// Begin enters a run, and returns its key. Before that it closes those of the dead. The log is declared where it is
// not there.
func (l *Log) Begin(ctx context.Context, db *rowmill.DB, e Entry) (run uuid.UUID, err error) {
	err = l.closeDead(ctx, db)
	if errors.Is(err, rowmill.ErrNoTable) {
		err = l.table.Declare(ctx, db)
	}
	if err != nil {
		return run, err
	}
	user, err := userOf(ctx, db)
	if err != nil {
		return run, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	run = uuid.New()
	_, err = l.exec(ctx, db, begin, run[:], cut(e.Name, MaxName), cut(e.Source, maxPlace), cut(e.Destination, maxPlace),
		cut(user, MaxName), cut(host, MaxName), os.Getpid(), cut(e.Version, schema.MaxVersion), process.Self(), e.Lease.Seconds())
	return run, err
}

// Keep says that a run goes on: its lease begins anew.
func (l *Log) Keep(ctx context.Context, db *rowmill.DB, run uuid.UUID, lease time.Duration) error {
	_, err := l.exec(ctx, db, keep, lease.Seconds(), run[:])
	return err
}

// End says how a run ended. The error wraps rowmill.ErrNotFound where somebody has removed its row.
func (l *Log) End(ctx context.Context, db *rowmill.DB, run uuid.UUID, status, message string, records int) error {
	n, err := l.exec(ctx, db, end, status, cut(message, maxMessage), records, run[:])
	if errors.Is(err, rowmill.ErrValue) { // the database's alphabet lacks a letter of it
		n, err = l.exec(ctx, db, end, status, cut(strconv.QuoteToASCII(message), maxMessage), records, run[:])
	}
	if err == nil && n == 0 {
		return rowmill.ErrNotFound
	}
	return err
}

// closeDead closes the runs of processes that died.
func (l *Log) closeDead(ctx context.Context, db *rowmill.DB) error {
	dead, some, err := l.dead(ctx, db)
	if err != nil || !some {
		return err
	}
	_, err = db.Brief().Exec(ctx, l.fill(db.Dialect(), bury, len(dead)), append([]any{Died}, dead...)...)
	return err
}

// dead are the workers of runs in progress that surely died, and whether there are any, or others whose leases ran out.
func (l *Log) dead(ctx context.Context, db *rowmill.DB) (workers []any, some bool, err error) {
	rows, err := db.Query(ctx, l.fill(db.Dialect(), open, 0))
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var worker string
		var late bool
		if err := rows.Scan(&worker, &late); err != nil {
			return nil, false, err
		}
		if process.Dead(worker) {
			workers = append(workers, worker)
		}
		some = some || late || len(workers) > 0
	}
	return workers, some, rows.Err()
}

func (l *Log) exec(ctx context.Context, db *rowmill.DB, statement string, args ...any) (int64, error) {
	return db.Brief().Exec(ctx, l.fill(db.Dialect(), statement, 0), args...)
}

// userOf asks who we are, as the server sees it.
func userOf(ctx context.Context, db *rowmill.DB) (user string, err error) {
	rows, err := db.Query(ctx, db.Dialect().Identity())
	if err != nil {
		return "", fmt.Errorf("ask who the user is: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var connection int64
		if err := rows.Scan(&user, &connection); err != nil {
			return "", err
		}
	}
	return user, rows.Err()
}

// cut is a text of valid letters, at most so many.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}
