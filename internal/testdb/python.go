package testdb

import (
	"bufio"
	_ "embed" // the peer's script
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

//go:embed peer.py
var peerScript string

// answerLimit is how long a Python process may take to answer: on a machine under load.
const answerLimit = 2 * time.Minute

// A PythonPeer is a process of Python in which DataJoint is imported and connected to a server, and which does what it is
// told: what a colleague does who works with the same tables. The script peer.py says what it knows. It is used
// by one goroutine at a time, but for Kill.
type PythonPeer struct {
	t    testing.TB
	proc *process
	in   io.WriteCloser
	out  *bufio.Reader
	said said
}

// said is what a process has written to its standard error.
type said struct {
	mu   sync.Mutex
	text []byte
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, b...)
	return len(b), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.text)
}

// StartPython starts a process of Python on the server of a DSN, which runs files first, and ends it with t. The
// environment is that of this process and what env adds, each as "NAME=value". It skips t where there is no
// DataJoint for Python.
func StartPython(t testing.TB, dsn string, env []string, files ...string) *PythonPeer {
	t.Helper()
	interpreter := Python(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal("a server's DSN: want mysql://user:password@host:port/")
	}
	password, _ := u.User.Password()
	cmd := exec.Command(interpreter, append([]string{"-c", peerScript}, files...)...) //nolint:noctx // it runs until it is killed
	cmd.Env = append(os.Environ(), "DJ_HOST="+u.Hostname(), "DJ_PORT="+u.Port(), "DJ_USER="+u.User.Username(), "DJ_PASS="+password,
		"DJ_IGNORE_CONFIG_FILE=true", "DJ_LOG_STREAM=stderr", "PYTHONDONTWRITEBYTECODE=1")
	cmd.Env = append(cmd.Env, env...)
	p := &PythonPeer{t: t}
	cmd.Stderr = &p.said
	p.in, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if p.proc, err = startProcess(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// Do has a statement run, which must not raise.
func (p *PythonPeer) Do(code string) {
	p.t.Helper()
	p.Ask(code, nil)
}

// Ask has an expression evaluated, which must not raise, and reads its value into what answer points to, as JSON. What
// JSON has no word for comes as a text. With nil, the value is left.
func (p *PythonPeer) Ask(code string, answer any) {
	p.t.Helper()
	p.Tell(code)
	if err := p.Await(answer); err != nil {
		p.t.Fatalf("%s\n%v\n%s", code, err, p.Said())
	}
}

// Tell has code run and does not wait for it.
func (p *PythonPeer) Tell(code string) {
	p.t.Helper()
	line, err := json.Marshal(code)
	if err == nil {
		_, err = p.in.Write(append(line, '\n'))
	}
	if err != nil {
		p.t.Fatalf("telling Python: %v\n%s", err, p.Said())
	}
}

// ErrPythonEnded says that the process has ended.
var ErrPythonEnded = errors.New("the process of Python has ended")

// Await waits for what was told to be done, and reads its value as Ask does. The error is what was raised, as
// "ValueError: what", or wraps ErrPythonEnded.
func (p *PythonPeer) Await(answer any) error {
	type reply struct {
		line []byte
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		line, err := p.out.ReadBytes('\n')
		replies <- reply{line, err}
	}()
	var r reply
	select {
	case r = <-replies:
	case <-time.After(answerLimit):
		return fmt.Errorf("no answer after %v", answerLimit)
	}
	if r.err != nil {
		return fmt.Errorf("%w: %w", ErrPythonEnded, r.err)
	}
	var told struct {
		Value  json.RawMessage `json:"value"`
		Raised string          `json:"raised"`
	}
	if err := json.Unmarshal(r.line, &told); err != nil {
		return fmt.Errorf("an answer in JSON is wanted: %w: %s", err, r.line)
	}
	if told.Raised != "" {
		return errors.New(told.Raised)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(told.Value, answer)
}

// Said is what it has written to standard error so far: what it has logged, and the traces of what was raised.
func (p *PythonPeer) Said() string { return p.said.String() }

// Kill ends the process by SIGKILL and returns when it is gone.
func (p *PythonPeer) Kill() { p.proc.kill() }

// Signal sends the process a signal.
func (p *PythonPeer) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.proc.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}
