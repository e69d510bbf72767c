package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

// A refusing connection is to a server that ends no transaction, as a node of Galera's that has lost the others.
type refusing struct {
	driverConn

	closed bool
}

func (c *refusing) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, &mysql.MySQLError{Number: 1047, Message: "WSREP has not yet prepared node for application use"}
}

func (c *refusing) Close() error {
	c.closed = true
	return nil
}

func (c *refusing) IsValid() bool { return !c.closed }

// TestRefusedEnd has no connection used again whose transaction may still be open.
func TestRefusedEnd(t *testing.T) {
	for _, end := range []func(driver.Tx) error{driver.Tx.Commit, driver.Tx.Rollback} {
		c := &refusing{}
		tx, err := transacting{c}.BeginTx(t.Context(), driver.TxOptions{})
		require.NoError(t, err)
		require.Error(t, end(tx))
		require.False(t, transacting{c}.IsValid())
		_, err = transacting{c}.BeginTx(t.Context(), driver.TxOptions{})
		require.ErrorIs(t, err, driver.ErrBadConn)
	}
}

// TestTransactions runs transactions on one connection, one after the other, which end in each way that there is: what one has
// changed is there if it was committed, nothing of it reaches the next, and none was begun by a statement.
func TestTransactions(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE transactions", "CREATE TABLE transactions.t (id INT PRIMARY KEY)")
		s.Transact.SetMaxOpenConns(1)
		transact := func(ctx context.Context, opts *sql.TxOptions, id int, end func(*sql.Tx) error) error {
			tx, err := s.Transact.BeginTx(ctx, opts)
			require.NoError(t, err)
			if _, err := tx.ExecContext(ctx, "INSERT INTO transactions.t VALUES (?)", id); err != nil {
				return errors.Join(err, tx.Rollback())
			}
			return end(tx)
		}
		begun := func() (n int) {
			require.NoError(t, s.Write.QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE 'Com_begin'").Scan(new(string), &n))
			return n
		}
		before := begun()
		require.NoError(t, transact(t.Context(), nil, 1, (*sql.Tx).Commit))
		require.NoError(t, transact(t.Context(), nil, 2, (*sql.Tx).Rollback))
		require.NoError(t, transact(t.Context(), nil, 3, (*sql.Tx).Commit))
		require.Error(t, transact(t.Context(), nil, 3, nil), "it is there")
		ended, cancel := context.WithCancel(t.Context())
		err := transact(ended, nil, 4, func(tx *sql.Tx) error {
			cancel()
			return tx.Commit()
		})
		require.True(t, errors.Is(err, context.Canceled) || errors.Is(err, sql.ErrTxDone), "%v", err) // whichever is first
		require.Error(t, transact(t.Context(), nil, 5, func(tx *sql.Tx) error {
			var id int
			require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id))
			_, err := s.Write.ExecContext(t.Context(), "KILL ?", id)
			require.NoError(t, err)
			return tx.Commit()
		}))
		require.NoError(t, transact(t.Context(), nil, 6, (*sql.Tx).Commit))
		require.Equal(t, before, begun())
		require.Error(t, transact(t.Context(), &sql.TxOptions{ReadOnly: true}, 7, nil))
		require.NoError(t, transact(t.Context(), nil, 8, (*sql.Tx).Commit))

		rows, err := s.Read.QueryContext(t.Context(), "SELECT id FROM transactions.t ORDER BY id")
		require.NoError(t, err)
		defer rows.Close()
		var ids []int
		for rows.Next() {
			var id int
			require.NoError(t, rows.Scan(&id))
			ids = append(ids, id)
		}
		require.NoError(t, rows.Err())
		require.Equal(t, []int{1, 3, 6, 8}, ids)
		var open int
		require.NoError(t, s.Read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.innodb_trx").Scan(&open))
		require.Zero(t, open, "nothing is left open")
	})
}
