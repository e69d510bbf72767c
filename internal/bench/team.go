package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // peer.py
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// envChild says, in a process, that it is to take part and not to compare.
const envChild = "ROWMILL_BENCH_CHILD"

func isChild() bool { return os.Getenv(envChild) != "" }

//go:embed peer.py
var peerProgram string

// A request is what a process is told to do: a line of JSON.
type request struct {
	Do     string      `json:"do"`
	DSN    string      `json:"dsn,omitempty"`
	Schema string      `json:"schema,omitempty"`
	Tables []peerTable `json:"tables,omitempty"`
	Staged bool        `json:"staged,omitempty"`
	Way    contender   `json:"way,omitempty"` // of those that Go has
	N      int         `json:"n,omitempty"`
	// Workers is how many work at once in the process.
	Workers int `json:"workers,omitempty"`
	// AtOnce is how many jobs are claimed at once by hand.
	AtOnce int `json:"at_once,omitempty"`
}

// An answer is what it answers.
type answer struct {
	spent

	Error string `json:"error"`
}

// A worker is a process that takes requests.
type worker struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

// startWorker starts a process that ends when its standard input does, and at the latest with ctx.
func startWorker(ctx context.Context, path string, args ...string) (*worker, error) {
	w := &worker{cmd: exec.CommandContext(ctx, path, args...)}
	w.cmd.Env = append(os.Environ(), envChild+"=1", "DJ_LOG_LEVEL=ERROR", "DJ_IGNORE_CONFIG_FILE=true")
	w.cmd.Dir = os.TempDir() // where no configuration of DataJoint's is found
	w.cmd.Stderr = &w.stderr
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReader(out)
	return w, w.cmd.Start()
}

// ask has the process do something, and waits until it has.
func (w *worker) ask(r request) (spent, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return spent{}, err
	}
	if _, err = w.in.Write(append(text, '\n')); err != nil {
		return spent{}, w.died(err)
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		return spent{}, w.died(err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return spent{}, fmt.Errorf("an answer that is none: %s", line)
	}
	if a.Error != "" {
		return a.spent, fmt.Errorf("%s: %s", r.Do, a.Error)
	}
	return a.spent, nil
}

// died is why a process answers no more. Its standard error is whole once it has been waited for.
func (w *worker) died(err error) error {
	w.stop()
	return fmt.Errorf("a process has ended: %w\n%s", err, &w.stderr)
}

func (w *worker) stop() {
	_ = w.in.Close()
	_ = w.cmd.Wait() // how it ends is nobody's business any more
}

// A team are the processes of one kind, which are kept for the runs of a stage.
type team struct {
	path    string
	args    []string
	workers []*worker
}

// ourTeam are processes of this program.
func ourTeam() (*team, error) {
	path, err := os.Executable()
	return &team{path: path}, err
}

func peerTeam(python string) *team {
	return &team{path: python, args: []string{"-u", "-c", peerProgram}}
}

// of is so many of them, of which those that are not there yet are started.
func (t *team) of(ctx context.Context, n int) ([]*worker, error) {
	for len(t.workers) < n {
		w, err := startWorker(ctx, t.path, t.args...)
		if err != nil {
			return nil, err
		}
		t.workers = append(t.workers, w)
	}
	return t.workers[:n], nil
}

// stop ends all of them.
func (t *team) stop() {
	for _, w := range t.workers {
		w.stop()
	}
	t.workers = nil
}

// together is a way in which so many processes do the same at once: opened is how each gets ready, which takes no time.
func (t *team) together(n int, opened, r request) way {
	return func(ctx context.Context) (spent, error) {
		workers, err := t.of(ctx, n)
		if err != nil {
			return spent{}, err
		}
		if _, err := askAll(workers, opened); err != nil {
			return spent{}, err
		}
		return askAll(workers, r)
	}
}

// askAll asks several at once.
func askAll(workers []*worker, r request) (spent, error) {
	var group errgroup.Group
	each := make([]spent, len(workers))
	start := time.Now()
	for i, w := range workers {
		group.Go(func() (err error) {
			each[i], err = w.ask(r)
			return err
		})
	}
	err := group.Wait()
	all := spent{Seconds: time.Since(start).Seconds()}
	for _, s := range each {
		if s.Memory < 0 || all.Memory < 0 {
			all.Memory = -1
			continue
		}
		all.Memory += s.Memory
	}
	return all, err
}

// whole is a way whose time is that of a process from its start until it has done something.
func (t *team) whole(r func() request) way {
	return func(ctx context.Context) (spent, error) {
		start := time.Now()
		w, err := startWorker(ctx, t.path, t.args...)
		if err != nil {
			return spent{}, err
		}
		s, err := w.ask(r())
		s.Seconds = time.Since(start).Seconds()
		w.stop()
		return s, err
	}
}

// findPython finds the interpreter that has DataJoint, or says why it is left out, or which it is.
func findPython(ctx context.Context) (path, note string) {
	const env = "ROWMILL_TEST_PYTHON"
	path = pythonHere()
	if set := os.Getenv(env); set != "" {
		path = set
	}
	path, err := filepath.Abs(path) // a process is started elsewhere
	if err != nil {
		return "", err.Error()
	}
	said, err := exec.CommandContext(ctx, path, "-c", "import datajoint, sys; print(datajoint.__version__, 'and Python', sys.version.split()[0])").Output() //nolint:gosec // it is the user's own
	if err != nil {
		return "", "DataJoint for Python is not there, and was left out: .ci/python installs it, or set " + env + " to an interpreter that has it."
	}
	return path, fmt.Sprintf("DataJoint is %s.", bytes.TrimSpace(said))
}

// pythonHere is where .ci/python makes the interpreter; "" if it has not.
func pythonHere() string {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, ".cache", "python", "bin", "python")
		if _, failed := os.Stat(path); failed == nil {
			return path
		}
		if dir == filepath.Dir(dir) {
			err = errors.New("nothing above")
		}
	}
	return ""
}
