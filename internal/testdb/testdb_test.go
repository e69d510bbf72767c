package testdb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { Main(m) }

// query1 returns the one string that a query yields.
func query1(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var s string
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&s))
	return s
}

// execute runs statements, one by one.
func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
}

func openTest(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db := openServer(t, dsn)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestEachGivesAnEmptyDatabase(t *testing.T) {
	seen := map[string]bool{}
	for range 2 { // what the first round leaves behind must be gone in the second
		Each(t, func(t *testing.T, dsn string) {
			seen[dsn] = true
			if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
				require.NoFileExists(t, path)
				require.NoError(t, os.WriteFile(path, nil, 0o600))
				return
			}
			require.Empty(t, databases(t, dsn))
			// The key leads from one database to the other, so that no order of drops suits it.
			execute(t, openTest(t, dsn), "CREATE DATABASE `odd``name`", "CREATE DATABASE child",
				"CREATE TABLE `odd``name`.parent (id INT PRIMARY KEY)",
				"CREATE TABLE child.child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES `odd``name`.parent (id))",
				"CREATE TABLE `odd``name`.back (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES child.child (id))")
			require.Len(t, databases(t, dsn), 2)
		})
	}
	require.GreaterOrEqual(t, len(seen), 2, "two SQLite files, and a server where there is one")
}

func TestMariaDBIsSharedOneTestAtATime(t *testing.T) {
	dsn := MariaDB(t)
	execute(t, openTest(t, dsn), "CREATE DATABASE mine")
	t.Run("a subtest has what its parent made", func(t *testing.T) {
		require.Equal(t, dsn, MariaDB(t))
		require.Equal(t, []string{"mine"}, databases(t, dsn))
	})
	t.Run("a wrong password is refused", func(t *testing.T) {
		db := openTest(t, strings.Replace(dsn, ":secret@", ":wrong@", 1))
		require.ErrorContains(t, db.PingContext(t.Context()), "Access denied")
	})
	t.Run("a commit leaves the disk for later, unless asked", func(t *testing.T) {
		want := "2"
		if os.Getenv(envDurable) != "" {
			want = "1"
		}
		require.Equal(t, want, query1(t, openTest(t, dsn), "SELECT @@innodb_flush_log_at_trx_commit"))
	})
}

func TestParallelTestsWaitTheirTurn(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := MariaDB(t)
			execute(t, openTest(t, dsn), "CREATE DATABASE "+name)
			require.Equal(t, []string{name}, databases(t, dsn))
		})
	}
}

// TestMySQLIsWipedOnlyWhenItWasEmpty has MariaDB stand in for the user's server.
func TestMySQLIsWipedOnlyWhenItWasEmpty(t *testing.T) {
	dsn := MariaDB(t)
	t.Setenv(envMySQL, dsn)
	t.Run("empty", func(t *testing.T) {
		execute(t, openTest(t, MySQL(t)), "CREATE DATABASE from_test")
	})
	require.Empty(t, databases(t, dsn))

	execute(t, openTest(t, dsn), "CREATE DATABASE precious")
	f := &fakeTB{TB: t}
	f.run(func() { MySQL(f) })
	require.Contains(t, f.fatal, "holds databases (precious): want an empty one")
	require.NotContains(t, f.fatal, password)
	require.Equal(t, []string{"precious"}, databases(t, dsn))
}

func TestSkipFailsWhereTheServerIsRequired(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := lookPath("mariadbd"); err != nil {
		t.Setenv(envRequire, "mysql, mariadb")
		f := &fakeTB{TB: t}
		f.run(func() { MariaDB(f) })
		require.Contains(t, f.fatal, "MariaDB is not installed: apt-get install")
	}
	for _, c := range []struct{ list, skip, fatal string }{
		{"", "no llama: buy one", ""},
		{"mariadb", "no llama: buy one", ""},
		{"mariadb,llama", "", "no llama: buy one (ROWMILL_TEST_REQUIRE lists llama: not skipped)"},
	} {
		t.Setenv(envRequire, c.list)
		f := &fakeTB{TB: t}
		f.run(func() { Skip(f, "llama", "no llama: buy one") })
		require.Equal(t, c.skip, f.skip, c.list)
		require.Equal(t, c.fatal, f.fatal, c.list)
	}
}

func TestOpenWantsAServersDSN(t *testing.T) {
	for _, dsn := range []string{"", "sqlite:x.db", "mysql://127.0.0.1:3306/", "mysql://root:p%zz@h:1/", "mysql://root:pw@h/"} {
		_, err := open(dsn)
		require.EqualError(t, err, "a server's DSN: want mysql://user:password@host:port/", dsn)
	}
}

// A fakeTB records how a helper ended the test instead of ending it.
type fakeTB struct {
	testing.TB

	skip, fatal string
	cleanups    []func()
}

// run calls f as a test of its own, clean-up included.
func (f *fakeTB) run(body func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, c := range slices.Backward(f.cleanups) {
				c()
			}
		}()
		body()
	}()
	<-done
}

func (f *fakeTB) Helper()                  {}
func (f *fakeTB) Context() context.Context { return context.Background() }
func (f *fakeTB) Cleanup(c func())         { f.cleanups = append(f.cleanups, c) }

// Skip, Fatal and Fatalf end the goroutine, as they end that of a test.

func (f *fakeTB) Skip(args ...any) {
	f.skip = fmt.Sprint(args...)
	runtime.Goexit()
}

func (f *fakeTB) Fatal(args ...any) {
	f.fatal = fmt.Sprint(args...)
	runtime.Goexit()
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.Fatal(fmt.Sprintf(format, args...))
}
