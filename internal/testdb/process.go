package testdb

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A process is a server's operating system process.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read it after done
}

// startProcess starts cmd, which ends at the latest with this process.
func startProcess(cmd *exec.Cmd) (*process, error) {
	endWithParent(cmd)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux takes the thread that started a process for its parent. This one
		// is kept, by a goroutine that never unlocks it, for as long as cmd runs.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

// ended reports whether the process is gone.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill ends the process by SIGKILL and returns when it is gone.
func (p *process) kill() {
	if !p.ended() {
		_ = p.cmd.Process.Kill() // fails only for a process that has just ended
		<-p.done
	}
}

// binaries are the programs that make up MariaDB.
type binaries struct{ server, install string }

// findMariaDB is lookMariaDB for a test. It skips t when there is none.
func findMariaDB(t testing.TB) binaries {
	t.Helper()
	bin, err := lookMariaDB()
	if err != nil {
		Skip(t, "mariadb", "MariaDB is not installed: apt-get install mariadb-server-core mariadb-client-core, or make test")
	}
	return bin
}

// lookMariaDB finds MariaDB in PATH, or where distributions put servers outside of it.
func lookMariaDB() (binaries, error) {
	server, errServer := lookPath("mariadbd")
	install, errInstall := lookPath("mariadb-install-db")
	return binaries{server: server, install: install}, errors.Join(errServer, errInstall)
}

func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	for _, dir := range []string{"/usr/sbin", "/usr/libexec", "/usr/local/sbin"} {
		if err == nil {
			break
		}
		path, err = exec.LookPath(filepath.Join(dir, name))
	}
	return path, err
}

// dirPrefix begins the name of every server's directory.
const dirPrefix = "rowmill-testdb-"

// makeDir makes a server's directory in parent, with a lock on it that is let go
// when this process ends, however it ends.
func makeDir(parent string) (string, *os.File, error) {
	dir, err := os.MkdirTemp(parent, dirPrefix)
	if err != nil {
		return "", nil, err
	}
	// The server reports its own data directory without symbolic links.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", nil, err
	}
	lock, err := os.Create(filepath.Join(dir, "making"))
	if err == nil {
		_, err = tryLock(lock)
	}
	if err == nil {
		// Under this name sweep knows it, and it was never there unlocked.
		err = os.Rename(lock.Name(), filepath.Join(dir, "lock"))
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(dir, "data"), 0o700)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, lock, nil
}

// sweep removes the directories that killed test processes left in parent.
func sweep(parent string) {
	locks, _ := filepath.Glob(filepath.Join(parent, dirPrefix+"*", "lock"))
	for _, name := range locks {
		lock, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue // another user's, or another process sweeps too
		}
		if free, err := tryLock(lock); free && err == nil {
			removeDir(filepath.Dir(name))
		}
		_ = lock.Close()
	}
}

// removeDir removes a server's directory, and the data before the lock: should that
// not succeed, a later sweep does.
func removeDir(dir string) {
	if os.RemoveAll(filepath.Join(dir, "data")) == nil {
		_ = os.RemoveAll(dir)
	}
}
