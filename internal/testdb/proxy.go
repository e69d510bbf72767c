package testdb

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// A Moment is when a Proxy cuts a connection.
type Moment int

// The moments.
const (
	Never  Moment = iota // it does not
	Before               // before the server has seen the command
	After                // when it has run it and its reply is on the way
)

// String is the moment's name in small letters.
func (m Moment) String() string { return [...]string{"never", "before", "after"}[m] }

// A Proxy stands between programs and a MySQL or MariaDB server, and cuts connections. Its methods may be called
// from any goroutine.
type Proxy struct {
	dsn    string
	server string

	refuse, refused atomic.Int32

	mu    sync.Mutex
	when  func(command []byte) Moment
	conns map[net.Conn]bool
}

// NewProxy starts a proxy before the server of a DSN, and ends it with t.
func NewProxy(t testing.TB, dsn string) *Proxy {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal("a server's DSN is wanted")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{server: u.Host, conns: map[net.Conn]bool{}}
	u.Host = l.Addr().String()
	p.dsn = u.String()
	t.Cleanup(func() {
		_ = l.Close()
		p.CutAll()
	})
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

// DSN is that of the server, reached through the proxy.
func (p *Proxy) DSN() string { return p.dsn }

// CutWhen has the proxy ask of every command when it is to cut the connection: one call at a time. The command is a
// packet of the protocol: four bytes, one that says which command it is (3 for a statement), and its text.
func (p *Proxy) CutWhen(when func(command []byte) Moment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.when = when
}

// CutOnce cuts the connection on which the next command is sent that holds a text.
func (p *Proxy) CutOnce(text string, when Moment) {
	done := false
	p.CutWhen(func(command []byte) Moment {
		if done || !bytes.Contains(command, []byte(text)) {
			return Never
		}
		done = true
		return when
	})
}

// CutAll cuts every connection.
func (p *Proxy) CutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}

// CutOne cuts a connection, if there is one.
func (p *Proxy) CutOne() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns { // the order is a random one
		_ = c.Close()
		delete(p.conns, c)
		return
	}
}

// Refuse has the proxy cut the next connections at once, so many of them.
func (p *Proxy) Refuse(n int) { p.refuse.Store(int32(n)) }

// Refused is how many connections it has cut so.
func (p *Proxy) Refused() int { return int(p.refused.Load()) }

func (p *Proxy) moment(command []byte) Moment {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.when == nil {
		return Never
	}
	return p.when(command)
}

// keep notes the ends of a connection, and returns what forgets them.
func (p *Proxy) keep(conns ...net.Conn) (forget func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range conns {
			delete(p.conns, c)
		}
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	if p.refuse.Add(-1) >= 0 {
		p.refused.Add(1)
		return
	}
	server, err := net.Dial("tcp", p.server) //nolint:noctx // to this machine
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	defer p.keep(client, server)()
	var deaf atomic.Bool // the client is not to hear of it any more
	go func() {
		defer func() { _ = client.Close() }()
		pass(server, func(reply []byte) bool {
			if deaf.Load() {
				return false
			}
			_, err := client.Write(reply)
			return err == nil
		})
	}()
	pass(client, func(command []byte) bool {
		switch p.moment(command) {
		case Before:
			return false
		case After:
			deaf.Store(true)
		case Never:
		}
		_, err := server.Write(command)
		return err == nil
	})
}

// pass hands over what is read until there is no more or it is not wanted. Commands are small as a rule: each is
// read in one piece.
func pass(from net.Conn, to func([]byte) bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !to(buffer[:n]) || err != nil {
			return
		}
	}
}
