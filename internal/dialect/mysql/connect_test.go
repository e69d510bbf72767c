package mysql

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// TestSessions asks the server what the sessions of each pool are set to.
func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		for _, p := range []struct {
			name, isolation string
			db              *sql.DB
		}{
			{"transact", "REPEATABLE-READ", s.Transact}, {"write", "REPEATABLE-READ", s.Write}, {"read", "REPEATABLE-READ", s.Read}, {"brief", "READ-COMMITTED", s.Brief},
		} {
			var isolation, mode, version string
			// MySQL has the one spelling of the variable, MariaDB of every age the other.
			err := p.db.QueryRowContext(t.Context(), "SELECT variable_value FROM performance_schema.session_variables"+
				" WHERE variable_name = 'transaction_isolation'").Scan(&isolation)
			if err != nil {
				err = p.db.QueryRowContext(t.Context(), "SELECT @@tx_isolation").Scan(&isolation)
			}
			require.NoError(t, err)
			require.Equal(t, p.isolation, isolation, p.name)
			require.NoError(t, p.db.QueryRowContext(t.Context(), "SELECT @@sql_mode, VERSION()").Scan(&mode, &version))
			require.Contains(t, mode, "STRICT_ALL_TABLES", p.name)
			require.NotContains(t, mode, "ANSI_QUOTES", p.name)
			require.NotContains(t, mode, "NO_BACKSLASH_ESCAPES", p.name)
			require.NoError(t, checkVersion(version))
			var wait int
			require.NoError(t, p.db.QueryRowContext(t.Context(), "SELECT @@lock_wait_timeout").Scan(&wait))
			require.Equal(t, longLockWait, wait, p.name)
			var size, heap int
			require.NoError(t, p.db.QueryRowContext(t.Context(), "SELECT @@tmp_table_size, @@max_heap_table_size").Scan(&size, &heap))
			require.GreaterOrEqual(t, size, tableSize, p.name)
			require.GreaterOrEqual(t, heap, tableSize, p.name)
		}
	})
}

func TestCheckVersion(t *testing.T) {
	for _, c := range []struct{ version, want string }{
		{"8.0.11", ""}, {"8.4.3", ""}, {"9.1.0-commercial", ""}, {"8.0.36-0ubuntu0.22.04.1", ""},
		{"10.6.18-MariaDB", ""}, {"11.8.2-MariaDB-deb13", ""}, {"10.11.6-MariaDB-0+deb12u1-log", ""},
		{"5.7.44", "the server is MySQL 5.7; 8.0 or later is wanted"},
		{"10.5.23-MariaDB", "the server is MariaDB 10.5; 10.6 or later is wanted"},
		{"5.5.68-MariaDB", "the server is MariaDB 5.5; 10.6 or later is wanted"},
		{"next", `the server calls itself version "next"; MySQL 8.0 or MariaDB 10.6 or later is wanted`},
		{"", `the server calls itself version ""; MySQL 8.0 or MariaDB 10.6 or later is wanted`},
	} {
		err := checkVersion(c.version)
		if c.want == "" {
			require.NoError(t, err, c.version)
			continue
		}
		require.EqualError(t, err, c.want)
	}
}

// listen takes connections, says greeting on each, and keeps them open.
func listen(t *testing.T, greeting string) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(greeting))
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return l.Addr().(*net.TCPAddr)
}

// TestSilentServer connects to what says nothing, or the beginning of something else.
func TestSilentServer(t *testing.T) {
	for _, greeting := range []string{"", "SSH-2.0-OpenSSH_9.2\r\n"} {
		addr := listen(t, greeting)
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.Logger = "tcp", addr.String(), &mysql.NopLogger{}
		connector, err := mysql.NewConnector(cfg)
		require.NoError(t, err)

		_, err = session{Connector: connector, isolation: "READ COMMITTED", lockWait: 1, timeout: 20 * time.Millisecond}.Connect(t.Context())
		require.EqualError(t, err, "no MySQL or MariaDB server has answered for 20ms: i/o timeout")
		require.Equal(t, dialect.Lost, Dialect{}.Classify(err))

		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("the user has had enough"))
		_, err = session{Connector: connector, isolation: "READ COMMITTED", lockWait: 1, timeout: time.Minute}.Connect(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, dialect.Other, Dialect{}.Classify(err))
	}
}

func TestAnotherProtocol(t *testing.T) {
	addr := listen(t, "\x05\x00\x00\x07hello") // a packet, out of turn
	_, err := Config{Host: "127.0.0.1", Port: addr.Port, User: "ann"}.Open(t.Context())
	require.ErrorContains(t, err, "what answers at "+addr.String()+" is no MySQL or MariaDB server: check host and port: ")
}
