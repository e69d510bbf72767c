package rowmill

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A moment is when a proxy cuts a connection: before the server has seen a command, or
// when it has run it and its reply is on the way.
type moment bool

const (
	before moment = false
	after  moment = true
)

func (m moment) String() string {
	if m == after {
		return "after"
	}
	return "before"
}

// A proxy stands between a program and a server, and cuts connections.
type proxy struct {
	address string
	server  string

	refuse  atomic.Int32 // how many of the next connections are cut at once
	refused atomic.Int32 // how many have been

	mu      sync.Mutex
	command []byte // what a command holds that is to be cut; nil for none
	when    moment
	conns   map[net.Conn]bool
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{address: l.Addr().String(), server: server, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		p.cutAll()
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

// cutOnce cuts the connection on which the next command is sent that holds this text.
func (p *proxy) cutOnce(command string, when moment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.command, p.when = []byte(command), when
}

// cuts tells whether a command is the one to be cut, which it is once.
func (p *proxy) cuts(command []byte) (bool, moment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil || !bytes.Contains(command, p.command) {
		return false, before
	}
	p.command = nil
	return true, p.when
}

// cutAll cuts every connection.
func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	if p.refuse.Add(-1) >= 0 {
		p.refused.Add(1)
		return
	}
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	p.keep(client, server)
	var deaf atomic.Bool // the client is not to hear of it any more
	go func() {
		defer client.Close()
		pass(server, func(reply []byte) bool {
			if deaf.Load() {
				return false
			}
			_, err := client.Write(reply)
			return err == nil
		})
	}()
	pass(client, func(command []byte) bool {
		cut, when := p.cuts(command)
		if cut && when == before {
			return false
		}
		if cut {
			deaf.Store(true)
		}
		_, err := server.Write(command)
		return err == nil
	})
}

// pass hands over what is read until there is no more or it is not wanted. The commands of
// these tests are small: each is read in one piece.
func pass(from net.Conn, to func([]byte) bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !to(buffer[:n]) || err != nil {
			return
		}
	}
}
