// Package sqlite is the dialect of SQLite: a whole database in one file of one machine.
//
// Schemas are prefixes of table names ("lab.session"), since foreign keys cannot cross
// attached files. Tables are STRICT, and CHECKs hold values to the ranges and lengths that
// a server would hold them to. What SQLite has no place for, the types and comments of
// attributes, stands in a table ~attribute of each schema.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rowmill/rowmill/internal/dialect"
)

// Config says which file, and how durable a commit is.
type Config struct {
	Path string
	// Synchronous is "NORMAL" (a commit survives a crash of the program, and may be lost,
	// whole, in a power cut; the default) or "FULL" (it survives both).
	Synchronous string
}

// busyTimeout is how long a statement waits for another process's transaction before it
// fails as busy and is tried again. While SQLite waits, it does not see that the caller's
// context has ended.
const busyTimeout = time.Second

// openTimeout is how long the first that open a new file wait for one another.
const openTimeout = 10 * time.Second

// readers bounds the pool of connections that only read.
const readers = 16

// Open opens the file, and creates it if its directory is there.
func (c Config) Open(ctx context.Context) (*dialect.Server, error) {
	if err := checkPlace(c.Path); err != nil {
		return nil, err
	}
	write := c.pool("_txlock=immediate", 1)
	if err := toWAL(ctx, write); err != nil {
		_ = write.Close()
		return nil, c.explain(err)
	}
	const only = "_pragma=query_only(1)"
	return &dialect.Server{Dialect: Dialect{}, Transact: write, Write: write, Read: c.pool(only, readers), Snapshot: c.pool(only, 0), Brief: write}, nil
}

// pool makes a pool of at most so many connections; of any number for 0.
func (c Config) pool(params string, most int) *sql.DB {
	db := sql.OpenDB(connector{c.dsn(params)})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(readers)
	return db
}

func (c Config) dsn(extra string) string {
	synchronous := c.Synchronous
	if synchronous == "" {
		synchronous = "NORMAL"
	}
	path := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.Clean(c.Path)}).EscapedPath()}
	return fmt.Sprintf("%s?_pragma=busy_timeout(%d)&_pragma=foreign_keys(1)&_pragma=synchronous(%s)&%s",
		path.String(), busyTimeout.Milliseconds(), synchronous, extra)
}

// toWAL puts the file into the write-ahead mode, in which readers and the writer do not
// wait for one another. SQLite does not wait for its turn at that, so this does.
func toWAL(ctx context.Context, db *sql.DB) error {
	deadline := time.Now().Add(openTimeout)
	for {
		var mode string
		err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		if err == nil && mode != "wal" {
			return fmt.Errorf("the file cannot be put into write-ahead mode, it stays in %q: move it to a local disk", mode)
		}
		if (Dialect{}).Classify(err) != dialect.Busy || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// checkPlace refuses places where a database would not work or would not last.
func checkPlace(path string) error {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s of the SQLite file is not there: create it", dir)
	case err != nil:
		return fmt.Errorf("the folder of the SQLite file: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is a file; a folder for the SQLite file is wanted", dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; a file is wanted", path)
	}
	if name := networkFileSystem(dir); name != "" {
		return fmt.Errorf("%s lies on a network file system (%s), which damages SQLite files:"+
			" use a local disk, or a MySQL or MariaDB server", path, name)
	}
	return nil
}

// explain says in a sentence why a file cannot be used.
func (c Config) explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("open %s: %w", c.Path, err)
	}
	switch e.Code() & primary {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not an SQLite database: name another file: %w", c.Path, err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s and its folder must be writable: check their permissions: %w", c.Path, err)
	}
	return fmt.Errorf("open %s: %w", c.Path, err)
}
