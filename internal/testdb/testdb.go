// Package testdb starts the servers that tests run on.
//
// A package whose tests need a database says so once,
//
//	func TestMain(m *testing.M) { testdb.Main(m) }
//
// and runs each test on every kind of server from there:
//
//	func TestDeclare(t *testing.T) {
//		testdb.Each(t, func(t *testing.T, dsn string) {
//			db, err := rowmill.Open(t.Context(), dsn)
//			…
//		})
//	}
//
// SQLite needs nothing. One throw-away MariaDB server a test process is started
// when the first test asks for it. It listens on loopback only and ends with the
// process, on Linux even when that is killed. A test that kills servers, or
// changes what is server-wide, starts one of its own: see [NewServer]. One that cuts
// connections puts a [Proxy] before a server.
//
// The environment decides the rest:
//
//   - ROWMILL_TEST_REQUIRE is a list, separated by commas, of what must be there
//     ("mariadb", "mysql", "python"): a test that would be skipped for want of it fails.
//   - ROWMILL_TEST_MYSQL is the DSN of an empty MySQL server that tests may fill
//     and wipe. Each then runs on it as well.
//   - ROWMILL_TEST_PYTHON is a Python interpreter that has DataJoint.
//   - ROWMILL_TEST_DURABLE, when set, makes MariaDB force every commit to disk, as
//     a server does out of the box. Without it a commit reaches the operating
//     system only: nothing is lost when a server is killed, all that is missing
//     is the wait for the disk.
package testdb

import (
	"os"
	"strings"
	"testing"
)

// running is true while Main runs the tests of this process.
var running bool

// Main runs the tests of a package, stops the servers that they started and ends
// the process with the tests' exit code. It is called by TestMain and does not return.
func Main(m *testing.M) {
	running = true
	code := m.Run()
	stopShared()
	os.Exit(code)
}

// Each runs f as a subtest on every kind of server: "sqlite", "mariadb" and, where
// ROWMILL_TEST_MYSQL is set, "mysql". Each time dsn names a database, or a server,
// that holds no table yet.
//
// The subtests on a server have it to themselves, so f must not call t.Parallel.
// A test that calls Each may: its turn comes when the server is free.
func Each(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, "sqlite:"+t.TempDir()+"/test.db") })
	EachServer(t, f)
}

// EachServer is Each without "sqlite": for what DataJoint for Python does, which knows none, and for what
// has to do with users and their rights.
func EachServer(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("mariadb", func(t *testing.T) { f(t, MariaDB(t)) })
	if os.Getenv(envMySQL) != "" || required("mysql") {
		t.Run("mysql", func(t *testing.T) { f(t, MySQL(t)) })
	}
}

// Python is the interpreter that has DataJoint for Python.
func Python(t testing.TB) string {
	t.Helper()
	path := os.Getenv(envPython)
	if path == "" {
		Skip(t, "python", "DataJoint for Python is not there: make test installs it, or set "+envPython+" to an interpreter that has it")
	}
	return path
}

// Skip skips t because what is missing, or fails it when ROWMILL_TEST_REQUIRE lists
// what: how says in one sentence what is missing and how to get it.
func Skip(t testing.TB, what, how string) {
	t.Helper()
	if required(what) {
		t.Fatalf("%s (%s lists %s: not skipped)", how, envRequire, what)
	}
	t.Skip(how)
}

const (
	envRequire = "ROWMILL_TEST_REQUIRE"
	envMySQL   = "ROWMILL_TEST_MYSQL"
	envPython  = "ROWMILL_TEST_PYTHON"
	envDurable = "ROWMILL_TEST_DURABLE"
)

// required reports whether ROWMILL_TEST_REQUIRE lists what.
func required(what string) bool {
	for item := range strings.SplitSeq(os.Getenv(envRequire), ",") {
		if strings.TrimSpace(item) == what {
			return true
		}
	}
	return false
}
