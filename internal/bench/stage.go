package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/jobs"
)

// A stage is a database with the tables of one line, for one N, opened by those who take part.
type stage struct {
	dsn    string
	schema string
	n      int
	scale  scale

	db          *rowmill.DB
	hand        *limit.Database
	setter      *sql.DB // of whoever sets the stage, so that nobody's connections are warm from it
	lab         *lab
	ours, peers *team // processes that can be told to take part; peers are nil where DataJoint does not
}

// openStage opens a database, and makes the tables that are not there.
func openStage(ctx context.Context, dsn, schema string) (*stage, error) {
	s := &stage{dsn: dsn, schema: schema, lab: newLab(schema)}
	var err error
	if s.db, err = rowmill.Open(ctx, dsn); err != nil {
		return nil, err
	}
	if s.hand, err = limit.Open(dsn); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	if s.setter, err = limit.Connect(dsn, nil); err != nil {
		return nil, errors.Join(err, s.db.Close(), s.hand.Close())
	}
	s.setter.SetMaxOpenConns(1)
	if err := s.declare(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) declare(ctx context.Context) error {
	if err := s.lab.schema.Declare(ctx, s.db); err != nil {
		return err
	}
	for _, t := range s.lab.computed() {
		if err := jobs.For(t).Declare(ctx, s.db); err != nil {
			return err
		}
	}
	return nil
}

// warm connects, and makes what Rowmill makes at its first run in a schema, the tables of turns and of runs, which no later one
// has to.
func (s *stage) warm(ctx context.Context) error {
	if err := s.hand.Warm(ctx); err != nil {
		return err
	}
	return makeAll(ctx, s, s.lab.maker(false), 1)
}

func (s *stage) close() {
	_ = errors.Join(s.db.Close(), s.hand.Close(), s.setter.Close()) // nothing is to be kept
}

// single tells whether one transaction writes at a time.
func (s *stage) single() bool { return limit.IsFile(s.dsn) }

// byHand is a computed table as one who works without Rowmill has it.
func (s *stage) byHand(source, target, read string) *limit.Table {
	d := s.db.Dialect()
	return &limit.Table{
		Database: s.hand, Source: d.Table(s.schema, source), Read: read,
		Target: d.Table(s.schema, "__"+target), Queue: d.Table(s.schema, "~~"+target), Key: "subject_id",
		Now: d.Now(), After: d.After(),
	}
}

// exec runs statements with the names of tables in braces: {subject}, {__first}, {~~first}, …; {now}; {after} for so many seconds later.
func (s *stage) exec(ctx context.Context, statement string, args ...any) error {
	_, err := s.setter.ExecContext(ctx, s.fill(statement), args...)
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// count reads one number.
func (s *stage) count(ctx context.Context, query string) (n int, err error) {
	err = s.setter.QueryRowContext(ctx, s.fill(query)).Scan(&n)
	return n, err
}

// want is an error unless a SELECT is a number.
func (s *stage) want(ctx context.Context, n int, query string) error {
	got, err := s.count(ctx, query)
	if err == nil && got != n {
		err = fmt.Errorf("%s is %d, and %d is wanted", query, got, n)
	}
	return err
}

func (s *stage) fill(statement string) string {
	d := s.db.Dialect()
	statement = strings.NewReplacer("{now}", d.Now(), "{after}", d.After()).Replace(statement)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(statement, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(d.Table(s.schema, name))
		statement = after
	}
}

// numbers is a SELECT over the numbers n from 1 to N.
func (s *stage) numbers(list string) string {
	number, digits := "1", ""
	for power, i := 1, 0; power < max(s.n, 2); power, i = power*10, i+1 {
		number += fmt.Sprintf(" + %d * d%d.d", power, i)
		digits += fmt.Sprintf(", d AS d%d", i)
	}
	return "WITH d AS (SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)" +
		fmt.Sprintf(" SELECT %s FROM (SELECT %s AS n FROM %s) AS numbers WHERE n <= %d ORDER BY n", list, number, digits[2:], s.n)
}

// fillSubjects enters the subjects 1…N.
func (s *stage) fillSubjects(ctx context.Context) error {
	return s.exec(ctx, "INSERT INTO {subject} (subject_id, weight) "+s.numbers("n, n + 0.5"))
}

// fillJobs queues the keys 1…N of the first table, so many seconds ago.
func (s *stage) fillJobs(ctx context.Context, ago float64) error {
	return s.exec(ctx, "INSERT INTO {~~first} (subject_id, status, priority, created_time, scheduled_time) "+
		s.numbers("n, 'pending', 5, {after}, {after}"), -ago, -ago)
}

// empty removes all rows of tables, those before those that they refer to.
func (s *stage) empty(ctx context.Context, tables ...string) error {
	for _, t := range tables {
		statement := "DELETE FROM {" + t + "}"
		if strings.HasPrefix(t, "~~") && !s.single() {
			statement = "TRUNCATE TABLE {" + t + "}" // nothing refers to a queue
		}
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// settle does what the last run has left to be done, which would be the next one's work: what was removed is purged, and what
// was written gets to its place. A server is to know how many rows there are, which it would find out at some other time.
func (s *stage) settle(ctx context.Context) error {
	if s.single() {
		_, err := s.setter.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		return err
	}
	if _, err := s.setter.ExecContext(ctx, "SET GLOBAL innodb_max_purge_lag_wait = 0"); err != nil {
		return err
	}
	return s.exec(ctx, "ANALYZE TABLE {subject}, {__first}, {~~first}")
}

// open is the request by which a process opens the stage.
func (s *stage) open(staged bool) request {
	return request{Do: "open", DSN: s.dsn, Schema: s.schema, Tables: peerTables, Staged: staged}
}

// peer is a way of DataJoint's, in one process; nil without it.
func (s *stage) peer(r request) way {
	if s.peers == nil {
		return nil
	}
	return func(ctx context.Context) (spent, error) {
		workers, err := s.peers.of(ctx, 1)
		if err != nil {
			return spent{}, err
		}
		if _, err := workers[0].ask(s.open(r.Staged)); err != nil {
			return spent{}, err
		}
		return workers[0].ask(r)
	}
}
