package testdb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// password is that of root on every server of this package, so that every test
// goes the way of a user who has one.
const password = "secret"

// startLimit and stopLimit are how long a server may take to come up and to shut
// down: on a machine under load, not what they usually take (half a second).
const startLimit, stopLimit = 60 * time.Second, 30 * time.Second

// errPortTaken says that another process got the server's port first.
var errPortTaken = errors.New("port is taken")

// A Server is a throw-away MariaDB server on a loopback port, with its data in a
// temporary directory. Port, data and DSN stay the same when it is started again.
// Its methods may be called from any goroutine.
type Server struct {
	bin  binaries
	args []string // options besides our own
	dir  string
	lock *os.File // held while the directory is in use
	port int

	mu   sync.Mutex
	proc *process // nil while the server is down
}

// NewServer starts a server of t's own, for tests that stop or kill it, and ends it
// with t. The args are further options of mariadbd, such as "--max-connections=50".
// It skips t where MariaDB is not installed.
func NewServer(t testing.TB, args ...string) *Server {
	t.Helper()
	s, err := newServer(findMariaDB(t), args)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Remove)
	return s
}

// StartServer is NewServer for a program that measures, which calls Remove when it needs
// the server no more. The error wraps [exec.ErrNotFound] where MariaDB is not installed.
func StartServer(args ...string) (*Server, error) {
	bin, err := lookMariaDB()
	if err != nil {
		return nil, err
	}
	return newServer(bin, args)
}

// newServer makes a data directory and starts a server on it.
func newServer(bin binaries, args []string) (*Server, error) {
	sweep(os.TempDir())
	dir, lock, err := makeDir(os.TempDir())
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, args: args, dir: dir, lock: lock}
	if err := s.install(); err != nil {
		s.Remove()
		return nil, err
	}
	// A free port may be taken by the time the server asks for it.
	for range 20 {
		s.port, err = freePort()
		if err == nil {
			err = s.Start()
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		s.Remove()
		return nil, err
	}
	return s, nil
}

// DSN returns "mysql://root:secret@127.0.0.1:PORT/".
func (s *Server) DSN() string {
	return "mysql://root:" + password + "@" + s.addr() + "/"
}

// Port returns the loopback port that the server listens on.
func (s *Server) Port() int { return s.port }

func (s *Server) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Start starts the server, on the data that it left, and returns when it answers.
// It does nothing when the server is up.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil && !s.proc.ended() {
		return nil
	}
	out, err := os.Create(s.logFile())
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()                // the server has its own copy
	cmd := exec.Command(s.bin.server, s.options()...) //nolint:noctx // it runs until it is stopped
	cmd.Stdout, cmd.Stderr = out, out
	s.proc, err = startProcess(cmd)
	if err != nil {
		return fmt.Errorf("starting MariaDB: %w", err)
	}
	if err := s.awaitReady(); err != nil {
		s.proc.kill()
		return fmt.Errorf("starting MariaDB on port %d: %w\n%s", s.port, err, s.logTail())
	}
	return nil
}

// Stop asks the server to shut down, as a reboot does, and returns when it has.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil || s.proc.ended() {
		return nil
	}
	if err := s.proc.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping MariaDB: %w", err)
	}
	select {
	case <-s.proc.done:
		return nil
	case <-time.After(stopLimit):
		s.proc.kill()
		return fmt.Errorf("stopping MariaDB: still there after %v, so killed\n%s", stopLimit, s.logTail())
	}
}

// Kill ends the server by SIGKILL, as a crash does, and returns when it is gone.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		s.proc.kill()
	}
}

// Restart stops the server and starts it again on the same data and port.
func (s *Server) Restart() error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Start()
}

// Remove ends the server for good, and removes its data: as these are not wanted, it need not shut down.
func (s *Server) Remove() {
	s.Kill()
	removeDir(s.dir)
	_ = s.lock.Close()
}

// install fills the data directory with the system tables.
func (s *Server) install() error {
	// The server runs these statements before it takes connections. TCP connections
	// from loopback are root@127.0.0.1, since names are not resolved.
	accounts := `
ALTER USER root@localhost IDENTIFIED BY '` + password + `';
CREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY '` + password + `';
GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;
`
	if err := os.WriteFile(s.initFile(), []byte(accounts), 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	args := append([]string{"--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
		"--skip-name-resolve"}, s.storage()...)
	out, err := exec.CommandContext(ctx, s.bin.install, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("making MariaDB's data directory: %w\n%s", err, out)
	}
	return nil
}

// options returns the server's command line.
func (s *Server) options() []string {
	flush := "2" // what a commit leaves to the disk in its own time survives kill -9, not a power cut
	if os.Getenv(envDurable) != "" {
		flush = "1"
	}
	own := []string{
		"--no-defaults", "--bind-address=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--skip-name-resolve",
		"--socket=s.sock", // in the data directory: a socket's full path may not be long
		"--pid-file=" + filepath.Join(s.dir, "pid"), "--init-file=" + s.initFile(),
		"--innodb-flush-log-at-trx-commit=" + flush,
	}
	return append(append(own, s.storage()...), s.args...)
}

// storage returns the options that making and serving the data must agree on.
func (s *Server) storage() []string {
	args := []string{
		"--datadir=" + s.dataDir(), "--tmpdir=" + s.dir,
		"--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M",
		"--innodb-use-native-aio=0", // a machine has few such contexts, and a test run many servers
	}
	if os.Geteuid() == 0 {
		args = append(args, "--user=root") // it refuses to run as root unless told to
	}
	return args
}

func (s *Server) dataDir() string  { return filepath.Join(s.dir, "data") }
func (s *Server) initFile() string { return filepath.Join(s.dir, "init.sql") }
func (s *Server) logFile() string  { return filepath.Join(s.dir, "log") }

// logTail returns the last lines that the server wrote.
func (s *Server) logTail() string {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// awaitReady returns when this server, and no other, answers on the port.
func (s *Server) awaitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	db, err := open(s.DSN())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		var dir string
		err := db.QueryRowContext(ctx, "SELECT @@datadir").Scan(&dir)
		if err == nil && filepath.Clean(dir) == s.dataDir() {
			return nil
		}
		// What answers may be a server that took the port: then ours is about to end.
		select {
		case <-s.proc.done:
			if strings.Contains(s.logTail(), "Bind on TCP/IP port") {
				return errPortTaken
			}
			return fmt.Errorf("it ended: %w", s.proc.err)
		case <-ctx.Done():
			return fmt.Errorf("no answer after %v: %w", startLimit, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freePort returns a loopback port that nothing listens on. It stays below the ports
// that systems lend to outgoing connections (from 32768 on Linux, 49152 elsewhere):
// such a connection, even one by a client to the server that is down, would hold the
// port when the server is started again.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := 15000 + rand.IntN(17000)
		var l net.Listener
		l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // it does not wait
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free loopback port: %w", err)
}
