package testdb

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServerKeepsItsDataWhenKilledAndRestarted(t *testing.T) {
	s := NewServer(t, "--max-connections=11")
	db := openTest(t, s.DSN())
	require.Equal(t, "11", query1(t, db, "SELECT @@max_connections"))
	require.NoError(t, s.Start(), "a server that is up is left alone")
	execute(t, db, "CREATE DATABASE d", "CREATE TABLE d.t (n INT)", "INSERT INTO d.t VALUES (1)")

	s.Kill()
	require.Error(t, db.PingContext(t.Context()))
	s.Kill() // once more does no harm
	require.NoError(t, s.Start())
	require.Equal(t, "1", query1(t, db, "SELECT COUNT(*) FROM d.t"))

	execute(t, db, "INSERT INTO d.t VALUES (2)")
	require.NoError(t, s.Restart())
	require.Equal(t, "2", query1(t, db, "SELECT COUNT(*) FROM d.t"))

	require.NoError(t, s.Stop())
	require.NoError(t, s.Stop(), "a server that is down stays down")
	require.Error(t, db.PingContext(t.Context()))
}

func TestServerGoesWithItsTest(t *testing.T) {
	var s *Server
	t.Run("owner", func(t *testing.T) { s = NewServer(t) })
	if s == nil {
		t.Skip("MariaDB is not installed")
	}
	require.NoDirExists(t, s.dir)
	requireClosed(t, s.addr())
}

func TestServerSaysWhyItDoesNotStart(t *testing.T) {
	f := &fakeTB{TB: t}
	f.run(func() { NewServer(f, "--no-such-option") })
	if f.skip != "" {
		t.Skip(f.skip)
	}
	require.Contains(t, f.fatal, "starting MariaDB")
	require.Contains(t, f.fatal, "no-such-option")
}

// TestServerKnowsItselfFromAnother puts a server where another already answers, with
// the same password.
func TestServerKnowsItselfFromAnother(t *testing.T) {
	first, second := NewServer(t), NewServer(t)
	require.NoError(t, second.Stop())
	port := second.port
	second.port = first.port
	require.ErrorIs(t, second.Start(), errPortTaken)
	second.port = port
	require.NoError(t, second.Start())
}

const envOrphan = "ROWMILL_TESTDB_ORPHAN"

// TestOrphan is run by TestServerDiesWithAKilledTestProcess, in a process of its own:
// it starts a server and waits to be killed.
func TestOrphan(t *testing.T) {
	if os.Getenv(envOrphan) == "" {
		return
	}
	s := NewServer(t)
	fmt.Println("server", s.addr(), s.dir)
	select {}
}

func TestServerDiesWithAKilledTestProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a process with its parent")
	}
	findMariaDB(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOrphan$")
	cmd.Env = append(os.Environ(), envOrphan+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var addr, dir string
	for lines := bufio.NewScanner(out); addr == "" && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "server "); ok {
			addr, dir, _ = strings.Cut(rest, " ")
		}
	}
	require.NotEmpty(t, addr)
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	sweep(os.TempDir())
	require.DirExists(t, dir, "the directory of a live process is not swept")

	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	requireClosed(t, addr)
	require.Eventually(t, func() bool { // the server may still hold on to a file for a moment
		sweep(os.TempDir())
		_, err := os.Stat(dir)
		return errors.Is(err, os.ErrNotExist)
	}, 10*time.Second, 10*time.Millisecond)
}

// requireClosed waits until nothing listens on addr.
func requireClosed(t *testing.T, addr string) {
	t.Helper()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return true
		}
		_ = conn.Close()
		return false
	}, 10*time.Second, 10*time.Millisecond)
}

func TestSweepLeavesWhatIsNotItsOwn(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"other", dirPrefix + "young"} { // the second has no lock yet
		require.NoError(t, os.Mkdir(filepath.Join(parent, name), 0o700))
	}
	dir, lock, err := makeDir(parent)
	require.NoError(t, err)
	sweep(parent)
	require.DirExists(t, dir)
	require.NoError(t, lock.Close())
	sweep(parent)
	require.DirExists(t, filepath.Join(parent, "other"))
	require.DirExists(t, filepath.Join(parent, dirPrefix+"young"))
	if runtime.GOOS == "linux" {
		require.NoDirExists(t, dir)
	}
}
