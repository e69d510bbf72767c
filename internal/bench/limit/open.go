package limit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// A Database has the connections of a program to its database.
type Database struct {
	DB *sql.DB
	// Transact are a server's sessions for transactions, which begin with their first statement, since autocommit is off; nil
	// for an SQLite file.
	Transact *sql.DB
	Brief    *sql.DB // for statements that are alone, at READ COMMITTED; DB for an SQLite file
	Single   bool    // one transaction writes at a time, as in an SQLite file: then statements are kept prepared
}

// Open opens what rowmill.Open opens, with database/sql alone. It connects when it is used.
func Open(dsn string) (*Database, error) {
	if IsFile(dsn) {
		db, err := Connect(dsn, nil)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		return &Database{DB: db, Brief: db, Single: true}, nil
	}
	d := &Database{}
	for _, p := range []struct {
		to                    **sql.DB
		isolation, autocommit string
	}{{&d.DB, "REPEATABLE-READ", "1"}, {&d.Transact, "REPEATABLE-READ", "0"}, {&d.Brief, "READ-COMMITTED", "1"}} {
		db, err := Connect(dsn, map[string]string{
			"tx_isolation": "'" + p.isolation + "'", "autocommit": p.autocommit,
			// The keys of a million jobs are to have room in the memory of a server, as they have with Rowmill.
			"tmp_table_size": strconv.Itoa(tableSize), "max_heap_table_size": strconv.Itoa(tableSize),
		})
		if err != nil {
			return nil, err
		}
		*p.to = db
	}
	return d, nil
}

// tableSize is how large a table may grow that a server makes for a statement, in bytes.
const tableSize = 64 << 20

// Warm connects.
func (d *Database) Warm(ctx context.Context) error {
	if d.Single {
		return d.DB.PingContext(ctx)
	}
	return errors.Join(d.DB.PingContext(ctx), d.Transact.PingContext(ctx), d.Brief.PingContext(ctx))
}

// Close closes all connections.
func (d *Database) Close() error {
	if d.Single {
		return d.DB.Close()
	}
	return errors.Join(d.DB.Close(), d.Transact.Close(), d.Brief.Close())
}

// IsFile tells whether a DSN names an SQLite file, and no server.
func IsFile(dsn string) bool { return strings.HasPrefix(dsn, "sqlite:") }

// Connect makes a pool of connections to what a DSN of Rowmill's names, in which a server is told these settings.
func Connect(dsn string, settings map[string]string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+path+
			"?_pragma=busy_timeout(60000)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_pragma=journal_mode(WAL)&_txlock=immediate")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("the DSN is none that can be read") // it may have a password
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.Params = u.User.Username(), "tcp", u.Host, settings
	cfg.Passwd, _ = u.User.Password()
	cfg.ParseTime, cfg.InterpolateParams, cfg.ClientFoundRows, cfg.MaxAllowedPacket = true, true, true, 0
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", u.Host, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(32)
	return db, nil
}

// A session is what runs statements, in a transaction or not.
type session interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// transact runs do in a transaction.
func (d *Database) transact(ctx context.Context, do func(s session) error) error {
	if d.Single {
		tx, err := d.DB.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if err := do(tx); err != nil {
			return err
		}
		return tx.Commit()
	}
	conn, err := d.Transact.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err = do(conn); err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // where that fails, the connection is no more
	}
	return err
}
