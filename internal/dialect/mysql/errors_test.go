package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
}

func TestClassifyLost(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		for name, statement := range map[string]string{"idle": "", "running": "SELECT SLEEP(60)"} {
			t.Run(name, func(t *testing.T) {
				tx, err := s.Write.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				defer func() { _ = tx.Rollback() }()
				var id int64
				require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id))
				failed := make(chan error, 1)
				if statement != "" {
					go func() {
						_, err := tx.ExecContext(t.Context(), statement)
						failed <- err
					}()
					require.Eventually(t, func() bool {
						var n int
						err := s.Write.QueryRowContext(t.Context(),
							"SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND info = ?", id, statement).Scan(&n)
						return err == nil && n == 1
					}, 30*time.Second, time.Millisecond)
				}
				exec(t, s.Write, fmt.Sprintf("KILL %d", id))
				if statement == "" {
					_, err := tx.ExecContext(t.Context(), "SELECT 1")
					failed <- err
				}
				err = <-failed
				require.Equal(t, dialect.Lost, s.Dialect.Classify(err), "%v", err)
				require.Equal(t, dialect.Lost, s.Dialect.Classify(fmt.Errorf("wrapped: %w", err)))
			})
		}
	})
}

func TestClassifyDenied(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v INT)",
			"CREATE USER limited IDENTIFIED BY 'pw'", "GRANT SELECT ON d.t TO limited")
		defer exec(t, s.Write, "DROP USER limited")
		weak := c
		weak.User, weak.Password = "limited", "pw"
		l := open(t, weak)
		for _, statement := range []string{
			"INSERT INTO d.t (id) VALUES (1)", "UPDATE d.t SET v = 1", "DROP TABLE d.t", "CREATE DATABASE e",
			"CREATE TABLE d.u (id INT)", "SELECT * FROM mysql.user", "SET GLOBAL read_only = 1",
		} {
			_, err := l.Write.ExecContext(t.Context(), statement)
			require.Equal(t, dialect.Denied, l.Dialect.Classify(err), "%s: %v", statement, err)
		}
		weak.Password = "wrong"
		_, err := weak.Open(t.Context())
		require.Equal(t, dialect.Denied, l.Dialect.Classify(err), "%v", err)
	})
}

func TestClassifyBusyAndReadOnly(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)", "INSERT INTO d.t VALUES (1)")

		holder, err := s.Write.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { _ = holder.Rollback() }()
		_, err = holder.ExecContext(t.Context(), "DELETE FROM d.t")
		require.NoError(t, err)
		_, err = s.Write.ExecContext(t.Context(), "SELECT * FROM d.t FOR UPDATE NOWAIT")
		require.Equal(t, dialect.Busy, s.Dialect.Classify(err), "%v", err)

		reader, err := s.Write.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
		require.NoError(t, err)
		defer func() { _ = reader.Rollback() }()
		_, err = reader.ExecContext(t.Context(), "INSERT INTO d.t VALUES (2)")
		require.Equal(t, dialect.ReadOnly, s.Dialect.Classify(err), "%v", err)
	})
}

// TestClassifyAltered reads a table that was altered after the transaction's snapshot was taken.
func TestClassifyAltered(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)", "CREATE TABLE d.u (id INT PRIMARY KEY, a INT)", "INSERT INTO d.u VALUES (1, 1)")
		tx, err := s.Write.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		var n int
		require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM d.t").Scan(&n))
		exec(t, s.Write, "ALTER TABLE d.u MODIFY COLUMN a BIGINT, ADD INDEX (a)")
		err = tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM d.u").Scan(&n)
		require.Equal(t, dialect.Busy, s.Dialect.Classify(err), "%v", err)
	})
}

// TestClassifyValue has what is not a plain insert of a plain type.
func TestClassifyValue(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, u INT UNSIGNED, d DOUBLE, p POINT)",
			"INSERT INTO d.t (id, u, d) VALUES (1, 0, 1e308)")
		wanted := []string{"UPDATE d.t SET u = u - 1", "UPDATE d.t SET d = d * 10", "UPDATE d.t SET p = 'word'", "UPDATE d.t SET id = 1 + 9223372036854775807"}
		if !isMariaDB(t, s) {
			exec(t, s.Write, "CREATE TABLE d.f (id INT PRIMARY KEY, doc JSON, a VARCHAR(40), INDEX ((CAST(a AS CHAR(3)))),"+
				" INDEX ((CAST(doc->'$.a' AS UNSIGNED ARRAY))))")
			wanted = append(wanted, "INSERT INTO d.f VALUES (1, '{}', 'long')", `INSERT INTO d.f VALUES (1, '{"a": ["x"]}', '')`,
				`INSERT INTO d.f VALUES (1, '{"a": [-1]}', '')`)
		}
		for _, statement := range wanted {
			_, err := s.Write.ExecContext(t.Context(), statement)
			require.Equal(t, dialect.Value, s.Dialect.Classify(err), "%s: %v", statement, err)
		}
	})
}

// TestClassifyTooLarge sends a value that is larger than the server takes in one piece.
func TestClassifyTooLarge(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v LONGBLOB)")
		var limit int
		require.NoError(t, s.Write.QueryRowContext(t.Context(), "SELECT @@max_allowed_packet").Scan(&limit))
		if limit > 64<<20 {
			t.Skipf("this server takes %d bytes, too many for a test", limit)
		}
		for _, size := range []int{limit + 1, 2 * limit} {
			_, err := s.Write.ExecContext(t.Context(), "INSERT INTO d.t (id, v) VALUES (?, ?)", size, make([]byte, size))
			require.Equal(t, dialect.TooLarge, s.Dialect.Classify(err), "%d bytes: %v", size, err)
		}
		_, err := s.Write.ExecContext(t.Context(), "INSERT INTO d.t (id, v) VALUES (?, ?)", 1, make([]byte, limit/4))
		require.NoError(t, err)
	})
}

// TestClassifyNumbers has what takes more than a test to provoke.
func TestClassifyNumbers(t *testing.T) {
	for number, want := range map[uint16]dialect.Class{
		1205: dialect.Busy, 1040: dialect.Busy, 1203: dialect.Busy, 1053: dialect.Lost,
		1021: dialect.ReadOnly, 1290: dialect.ReadOnly, 1064: dialect.Other,
	} {
		err := fmt.Errorf("wrapped: %w", &mysql.MySQLError{Number: number})
		require.Equal(t, want, Dialect{}.Classify(err), number)
	}
}

// TestClassifyNetwork tells the network's failures from a caller who gave up.
func TestClassifyNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()

	_, err = (&net.Dialer{Timeout: time.Nanosecond}).DialContext(t.Context(), "tcp", l.Addr().String())
	require.ErrorIs(t, err, context.DeadlineExceeded, "as the library has it")
	require.Equal(t, dialect.Lost, Dialect{}.Classify(err), "%v", err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	require.Equal(t, dialect.Other, Dialect{}.Classify(err), "%v", err)

	require.Equal(t, dialect.Lost, Dialect{}.Classify(mysql.ErrInvalidConn))
	require.Equal(t, dialect.TooLarge, Dialect{}.Classify(mysql.ErrPktTooLarge))
}

// TestOpenExplains maps what goes wrong at the door to sentences.
func TestOpenExplains(t *testing.T) {
	c := Config{Host: "lab", Port: 3306, User: "ann", Password: "secret"}
	for _, e := range []struct {
		err  error
		want string
	}{
		{&mysql.MySQLError{Number: 1045}, `the server at lab:3306 does not let user "ann" in: check the user and the password: `},
		{&mysql.MySQLError{Number: 1698}, `the server at lab:3306 does not let user "ann" in: check the user and the password: `},
		{&mysql.MySQLError{Number: 1040}, "the server at lab:3306 has no connection left: try again later, or raise its max_connections: "},
		{mysql.ErrPktSync, "what answers at lab:3306 is no MySQL or MariaDB server: check host and port: "},
		{&net.OpError{Op: "dial", Err: &net.DNSError{}}, `no host is called "lab": check the name: `},
		{mysql.ErrInvalidConn, "no server answers at lab:3306: start it, or check host and port: "},
		{errors.New("x509: unknown authority"), `connect to lab:3306 as "ann": `},
	} {
		require.EqualError(t, c.explain(e.err), e.want+e.err.Error())
		require.ErrorIs(t, c.explain(e.err), e.err)
	}
}
