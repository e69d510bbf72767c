package testdb

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A turn lets one test at a time have a server. What the holder calls, and its
// subtests, are let through.
type turn struct {
	held sync.Mutex

	mu    sync.Mutex
	owner string // name of the test that holds it, "" for none
}

// take waits for the turn and gives it back when t ends. It reports false when
// the turn is t's already.
func (u *turn) take(t testing.TB) bool {
	t.Helper()
	u.mu.Lock()
	mine := u.owner == t.Name() || u.owner != "" && strings.HasPrefix(t.Name(), u.owner+"/")
	u.mu.Unlock()
	if mine {
		return false
	}
	u.held.Lock()
	u.own(t.Name())
	t.Cleanup(func() {
		u.own("")
		u.held.Unlock()
	})
	return true
}

func (u *turn) own(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.owner = name
}

// The servers that the tests of this process share.
var (
	mariaTurn, mysqlTurn turn

	shared *Server // guarded by mariaTurn; nil until it is first asked for
)

// MariaDB returns the DSN, "mysql://root:secret@127.0.0.1:PORT/", of the process's
// MariaDB server, emptied of databases and t's own until t ends. It skips t where
// MariaDB is not installed.
func MariaDB(t testing.TB) string {
	t.Helper()
	bin := findMariaDB(t)
	if !running {
		t.Fatal("testdb.MariaDB wants a TestMain that calls testdb.Main, which stops the server")
	}
	fresh := mariaTurn.take(t)
	if shared == nil {
		s, err := newServer(bin, nil)
		if err != nil {
			t.Fatal(err)
		}
		shared = s
	}
	if fresh {
		wipe(t, shared.DSN())
	}
	return shared.DSN()
}

// MySQL returns the DSN in ROWMILL_TEST_MYSQL, whose server is emptied when t ends
// and t's own until then, also among processes. It skips t where the variable is
// unset, and fails t when the server holds databases: they may be somebody's.
func MySQL(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv(envMySQL)
	if dsn == "" {
		Skip(t, "mysql", "no MySQL server: set "+envMySQL+" to the DSN of an empty one, as docker-compose.yml starts it")
	}
	if !mysqlTurn.take(t) {
		return dsn
	}
	lockServer(t, dsn)
	if found := databases(t, dsn); len(found) > 0 {
		t.Fatalf("%s names a server that holds databases (%s): want an empty one, since tests wipe it",
			envMySQL, strings.Join(found, ", "))
	}
	t.Cleanup(func() { wipe(t, dsn) })
	return dsn
}

// lockServer waits until no other process runs tests on the server of dsn, and
// keeps them off until t ends.
func lockServer(t testing.TB, dsn string) {
	t.Helper()
	ctx := context.Background() // the lock outlives t's own context, which ends before the clean-up
	db := openServer(t, dsn)
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	var got sql.NullInt64
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK('rowmill_testdb', 600)").Scan(&got)
	if err != nil || got.Int64 != 1 {
		t.Fatalf("waiting for other tests on the server of %s: got %v, error %v", envMySQL, got, err)
	}
	t.Cleanup(func() { _, _ = conn.ExecContext(ctx, "DO RELEASE_LOCK('rowmill_testdb')") })
}

// wipe drops every database of the server that is not the server's own.
func wipe(t testing.TB, dsn string) {
	t.Helper()
	found := databases(t, dsn)
	if len(found) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := openServer(t, dsn)
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // which the handle does not close
	// One session, since its settings matter: keys may lead from database to database.
	for _, setting := range []string{"SET foreign_key_checks = 0", "SET lock_wait_timeout = 10"} {
		if _, err := conn.ExecContext(ctx, setting); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range found {
		if _, err := conn.ExecContext(ctx, "DROP DATABASE `"+strings.ReplaceAll(name, "`", "``")+"`"); err != nil {
			t.Fatalf("dropping database %s: %v (an earlier test may have left a transaction open)", name, err)
		}
	}
}

// databases lists the databases of the server that are not the server's own.
func databases(t testing.TB, dsn string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := openServer(t, dsn)
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, "SELECT schema_name FROM information_schema.schemata"+
		" WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

func openServer(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// open returns a handle on the server of a DSN "mysql://user:password@host:port/".
func open(dsn string) (*sql.DB, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "mysql" || u.User == nil || u.Port() == "" {
		// Neither the DSN nor the error is repeated: both hold the password.
		return nil, fmt.Errorf("a server's DSN: want mysql://user:password@host:port/")
	}
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User = "tcp", u.Host, u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Logger = &mysql.NopLogger{} // a server that is not up yet is no news
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// stopShared ends the server that tests shared, if one was started.
func stopShared() {
	if shared != nil {
		shared.Remove()
		shared = nil
	}
}
