package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill/internal/dialect"
)

// TestClassifyBusy has somebody else write, whom a connection without patience meets.
func TestClassifyBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := open(t, Config{Path: path})
	_, err := s.Write.ExecContext(t.Context(), "CREATE TABLE t (id INT PRIMARY KEY)")
	require.NoError(t, err)
	tx, err := s.Write.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()

	impatient, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer impatient.Close()
	_, err = impatient.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	require.Equal(t, dialect.Busy, s.Dialect.Classify(err), "%v", err)
	require.Equal(t, dialect.Busy, s.Dialect.Classify(fmt.Errorf("wrapped: %w", err)))

	// A snapshot that is out of date when its owner wants to write, as well.
	require.NoError(t, tx.Commit())
	late, err := impatient.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = late.Rollback() }()
	var n int
	require.NoError(t, late.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n))
	_, err = s.Write.ExecContext(t.Context(), "INSERT INTO t VALUES (2)")
	require.NoError(t, err)
	_, err = late.ExecContext(t.Context(), "INSERT INTO t VALUES (3)")
	require.Equal(t, dialect.Busy, s.Dialect.Classify(err), "%v", err)
}

func TestClassifyReadOnly(t *testing.T) {
	s := open(t, Config{Path: filepath.Join(t.TempDir(), "test.db")})
	_, err := s.Write.ExecContext(t.Context(), "CREATE TABLE t (id INT PRIMARY KEY)")
	require.NoError(t, err)
	_, err = s.Read.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	require.Equal(t, dialect.ReadOnly, s.Dialect.Classify(err), "the pool that reads does not write: %v", err)

	_, err = s.Write.ExecContext(t.Context(), "PRAGMA max_page_count = 1")
	require.NoError(t, err)
	_, err = s.Write.ExecContext(t.Context(), "CREATE TABLE u AS SELECT randomblob(100000)")
	require.Equal(t, dialect.ReadOnly, s.Dialect.Classify(err), "the disk is full: %v", err)
}

// TestPaths opens files whose names have characters that mean something in a URL.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"a.db", "with space.db", "100%.db", "%41.db", "a#b.db", "a?b.db", "a&b=c.db", "größe.db", "file:a.db", "a:b.db", "it's.db", "+.db",
	} {
		s := open(t, Config{Path: filepath.Join(dir, name)})
		_, err := s.Write.ExecContext(t.Context(), "CREATE TABLE t (id INT)")
		require.NoError(t, err, name)
		var n int
		require.NoError(t, s.Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n), name)
		require.FileExists(t, filepath.Join(dir, name))
	}
	require.NoError(t, open(t, Config{Path: "/" + dir + "//a.db"}).Read.QueryRowContext(t.Context(), "SELECT id FROM t UNION SELECT 1").Err())
	t.Chdir(dir)
	s := open(t, Config{Path: "relative.db"})
	require.NoError(t, s.Write.PingContext(t.Context()))
	require.FileExists(t, filepath.Join(dir, "relative.db"))
}

func TestSettings(t *testing.T) {
	for synchronous, want := range map[string]int{"": 1, "NORMAL": 1, "FULL": 2} {
		s := open(t, Config{Path: filepath.Join(t.TempDir(), "test.db"), Synchronous: synchronous})
		for _, db := range []*sql.DB{s.Write, s.Read, s.Brief} {
			var mode string
			var level, keys int
			require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode))
			require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&level))
			require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA foreign_keys").Scan(&keys))
			require.Equal(t, "wal", mode)
			require.Equal(t, want, level, synchronous)
			require.Equal(t, 1, keys)
		}
	}
}

// TestOpenAtOnce opens one new file many times at the same moment, and writes through each.
func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	start := make(chan struct{})
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			<-start
			s, err := Config{Path: path}.Open(t.Context())
			if err != nil {
				return err
			}
			defer s.Read.Close()
			defer s.Write.Close()
			if _, err := s.Write.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)"); err != nil {
				return err
			}
			_, err = s.Write.ExecContext(t.Context(), "INSERT INTO t VALUES (?)", i)
			return err
		})
	}
	close(start)
	require.NoError(t, group.Wait())
	var n int
	require.NoError(t, open(t, Config{Path: path}).Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n))
	require.Equal(t, 8, n)
}

// TestPlaces tries places where there can be no database.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(file, []byte("these are notes, and long enough to be looked at as a header"), 0o600))
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "no", "a.db"), "the folder " + filepath.Join(dir, "no") + " of the SQLite file is not there: create it"},
		{dir, dir + " is a folder; a file is wanted"},
		{filepath.Join(file, "a.db"), file + " is a file; a folder for the SQLite file is wanted"},
		{file, file + " is not an SQLite database: name another file: "},
	} {
		_, err := Config{Path: c.path}.Open(t.Context())
		require.ErrorContains(t, err, c.want)
	}
	require.NoFileExists(t, filepath.Join(dir, "no"))
}
