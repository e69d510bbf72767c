// Package mysql is the dialect of MySQL (8.0 and later) and MariaDB (10.6 and later).
package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/rowmill/rowmill/internal/dialect"
)

// sqlMode is the mode in which DataJoint for Python runs its sessions, so that both write
// the same rows: strict, with double quotes around strings.
const sqlMode = "'NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO," +
	"STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'"

const (
	dialTimeout = 10 * time.Second
	// What takes connections and then does not answer, as a server of another kind may do,
	// is not waited for as a reply is.
	greetTimeout = 20 * time.Second
	// A reply may take as long as the longest set statement; what lasts longer is a
	// connection whose other end has vanished.
	readTimeout = 10 * time.Minute
	// How long statements wait for a lock, in seconds: the servers' own default, and, for
	// brief ones, long enough for any transaction that is not stuck in its commit.
	longLockWait, briefLockWait = 50, 5
	// How large a table may grow, in bytes, that a server makes for a statement, before it goes to the disk, if that is more
	// than the server would let it: the keys of a million jobs, and not of a hundred thousand.
	tableSize    = 64 << 20
	writeTimeout = time.Minute
	idleTimeout  = 5 * time.Minute
	idleConns    = 32
)

// Config says where a server is and who connects.
type Config struct {
	User, Password string
	Host           string // name or address
	Port           int
	TLS            string // "", "true", "skip-verify" or "preferred", as the driver has them
}

// Open connects to a server and checks that it is one that Rowmill works with.
func (c Config) Open(ctx context.Context) (*dialect.Server, error) {
	connector, err := c.connector()
	if err != nil {
		return nil, err
	}
	single := pool(session{Connector: connector, isolation: "REPEATABLE READ", lockWait: longLockWait})
	var version string
	if err := single.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		_ = single.Close()
		return nil, c.explain(err)
	}
	if err := checkVersion(version); err != nil {
		_ = single.Close()
		return nil, fmt.Errorf("%s: %w", c.address(), err)
	}
	transact := pool(session{Connector: connector, isolation: "REPEATABLE READ", lockWait: longLockWait, transacts: true})
	brief := pool(session{Connector: connector, isolation: "READ COMMITTED", lockWait: briefLockWait})
	return &dialect.Server{Dialect: Dialect{}, Transact: transact, Write: single, Read: single, Snapshot: transact, Brief: brief}, nil
}

// pool makes a pool of such sessions.
func pool(s session) *sql.DB {
	s.timeout = greetTimeout
	db := sql.OpenDB(s)
	db.SetMaxIdleConns(idleConns)
	db.SetConnMaxIdleTime(idleTimeout)
	return db
}

// connector makes connections.
func (c Config) connector() (driver.Connector, error) {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd = c.User, c.Password
	cfg.Net, cfg.Addr = "tcp", c.address()
	cfg.TLSConfig = c.TLS
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = dialTimeout, readTimeout, writeTimeout
	cfg.ParseTime = true // wall-clock times, labelled UTC: no zone is ever applied
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true // "affected" counts the rows that a WHERE found, as everywhere else
	cfg.MaxAllowedPacket = 0   // ask the server
	cfg.Params = map[string]string{"sql_mode": sqlMode}
	cfg.Logger = &mysql.NopLogger{} // every failure is returned; nothing is to be said twice
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", c.address(), err)
	}
	return connector, nil
}

// session connects and sets what a DSN has no word for.
type session struct {
	driver.Connector
	isolation string
	lockWait  int           // in seconds
	transacts bool          // it runs transactions, and nothing else
	timeout   time.Duration // for all of Connect
}

// Connect opens a connection at the session's isolation level.
func (s session) Connect(ctx context.Context) (driver.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := s.connect(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return nil, fmt.Errorf("no MySQL or MariaDB server has answered for %v: %w", s.timeout, os.ErrDeadlineExceeded)
	}
	return conn, err
}

func (s session) connect(ctx context.Context) (driver.Conn, error) {
	conn, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	autocommit := ""
	if s.transacts {
		autocommit = "autocommit = 0, "
	}
	// MariaDB 11.6 made it an error to change a row that was changed after the snapshot was
	// taken. A heartbeat does change the job of a running make: its completion must go through.
	for _, stmt := range []string{
		"SET SESSION TRANSACTION ISOLATION LEVEL " + s.isolation,
		// What waits to change a table, or to refer to it, keeps everybody else from it: servers would let it
		// wait for a day, or a year. MariaDB (10.11.19, say) loses rows where it makes groups once for each row that
		// a semijoin asks for. MySQL (9.7.4) finds rows that are none where it asks of a constant in the outer join of a
		// subquery what was asked of the subquery; and until it has statistics of new rows, it makes tables of
		// what NOT EXISTS asks, anew for each row.
		fmt.Sprintf("SET SESSION %sinnodb_lock_wait_timeout = %d, lock_wait_timeout = %d"+
			", tmp_table_size = GREATEST(@@tmp_table_size, %[4]d), max_heap_table_size = GREATEST(@@max_heap_table_size, %[4]d)"+
			" /*M!100300 , optimizer_switch = 'split_materialized=off' */"+
			" /*!80022 , optimizer_switch = 'derived_condition_pushdown=off,materialization=off' */", autocommit, s.lockWait, longLockWait, tableSize),
		"/*M!110602 SET SESSION innodb_snapshot_isolation = OFF */",
	} {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, stmt, nil); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	if s.transacts {
		return transacting{conn.(driverConn)}, nil
	}
	return conn, nil
}

func (c Config) address() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// checkVersion refuses servers that are too old, by the answer to SELECT VERSION().
func checkVersion(version string) error {
	name, least := "MySQL", [2]int{8, 0}
	if strings.Contains(version, "MariaDB") {
		name, least = "MariaDB", [2]int{10, 6}
	}
	var v [2]int
	if _, err := fmt.Sscanf(version, "%d.%d", &v[0], &v[1]); err != nil {
		return fmt.Errorf("the server calls itself version %q; MySQL 8.0 or MariaDB 10.6 or later is wanted", version)
	}
	if v[0] < least[0] || v[0] == least[0] && v[1] < least[1] {
		return fmt.Errorf("the server is %s %d.%d; %d.%d or later is wanted", name, v[0], v[1], least[0], least[1])
	}
	return nil
}
