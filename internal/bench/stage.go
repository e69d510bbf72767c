package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"

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
	hand, brief *sql.DB // of the program by hand
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
	s.hand, s.brief = openHand(dsn, "REPEATABLE-READ"), openHand(dsn, "READ-COMMITTED")
	s.setter = openHand(dsn, "")
	s.setter.SetMaxOpenConns(1)
	if s.single() {
		_ = s.brief.Close()
		s.brief = s.hand
		s.hand.SetMaxOpenConns(1)
	}
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

// warm makes what Rowmill makes at its first run in a schema, the tables of turns and of runs, which no later one has to.
func (s *stage) warm(ctx context.Context) error { return makeAll(ctx, s, s.lab.maker(false), 1) }

func (s *stage) close() {
	_ = errors.Join(s.db.Close(), s.hand.Close(), s.brief.Close(), s.setter.Close()) // nothing is to be kept
}

// single tells whether one transaction writes at a time.
func (s *stage) single() bool { return isFile(s.dsn) }

func isFile(dsn string) bool { return strings.HasPrefix(dsn, "sqlite:") }

// openHand opens what rowmill.Open opens, with database/sql alone. It connects when it is used.
func openHand(dsn, isolation string) *sql.DB {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_pragma=journal_mode(WAL)&_txlock=immediate")
		if err != nil {
			panic(err) // the driver is linked
		}
		return db
	}
	u, err := url.Parse(dsn)
	if err != nil {
		panic("a server's DSN is wanted") // it is our own
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr = u.User.Username(), "tcp", u.Host
	cfg.Passwd, _ = u.User.Password()
	cfg.ParseTime, cfg.InterpolateParams, cfg.ClientFoundRows, cfg.MaxAllowedPacket = true, true, true, 0
	if isolation != "" {
		cfg.Params = map[string]string{"tx_isolation": "'" + isolation + "'"}
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		panic(err) // the settings are our own
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(32)
	return db
}

// byHand is a computed table as one who works without Rowmill has it.
func (s *stage) byHand(source, target, read string) *limit.Table {
	d := s.db.Dialect()
	return &limit.Table{
		DB: s.hand, Brief: s.brief, Source: d.Table(s.schema, source), Read: read,
		Target: d.Table(s.schema, "__"+target), Queue: d.Table(s.schema, "~~"+target), Key: "subject_id",
		Now: d.Now(), After: d.After(), Single: s.single(),
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

// settle writes what a run has left to be written, which would be the next one's work. A server does so in its own time.
func (s *stage) settle(ctx context.Context) error {
	if !s.single() {
		return nil
	}
	_, err := s.setter.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
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
