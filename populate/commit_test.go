package populate

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
)

// A cutter stands between a client and a server, and cuts connections at some of the COMMITs:
// before they have reached the server, or after, so that only the reply is lost.
type cutter struct {
	server  string
	commits atomic.Int32
	cuts    atomic.Int32
}

// commit is the packet's command and text.
var commit = []byte("\x03COMMIT")

// serve returns the address to connect to.
func (c *cutter) serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", c.server)
			if err != nil {
				_ = client.Close()
				return
			}
			go c.pass(client, server)
		}
	}()
	return listener.Addr().String()
}

func (c *cutter) pass(client, server net.Conn) {
	defer func() { _, _ = client.Close(), server.Close() }()
	var mute atomic.Bool // the next reply is not to arrive
	go func() {
		defer func() { _, _ = client.Close(), server.Close() }()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil || mute.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.Contains(buffer[:n], commit) {
			switch c.commits.Add(1) % 4 {
			case 1:
				c.cuts.Add(1)
				mute.Store(true)
			case 2:
				c.cuts.Add(1)
				return
			}
		}
		if _, err := io.Copy(server, bytes.NewReader(buffer[:n])); err != nil {
			return
		}
	}
}

// TestLostReplies loses the connection at every other COMMIT, with its reply or with itself. All
// results are there, once, and no job has failed.
func TestLostReplies(t *testing.T) {
	dsn := testdb.MariaDB(t)
	const n = 60
	b := newBench(t, dsn, n)
	b.refresh()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	c := &cutter{server: u.Host}
	u.Host = c.serve(t)
	direct := b.db
	b.db, err = rowmill.Open(t.Context(), u.String())
	require.NoError(t, err)
	report := b.populate(noted, func(o *Options) { o.Workers = 4 })
	require.NoError(t, b.db.Close())
	b.db = direct
	require.Equal(t, Report{Table: "Result", Made: n}, counts(report))
	require.Equal(t, n, b.count(results))
	require.Empty(t, b.statuses())
	b.whole()
	require.GreaterOrEqual(t, c.cuts.Load(), int32(n/2))
}
