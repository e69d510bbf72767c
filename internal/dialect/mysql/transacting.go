package mysql

import (
	"context"
	"database/sql/driver"
)

// A driverConn is what the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A transacting connection runs transactions, and nothing else: its session commits nothing by itself, so that a transaction begins with
// its first statement, and no round trip is spent to say so.
type transacting struct{ driverConn }

// BeginTx has the driver begin what is no plain transaction. Any other begins with its first statement: whether there is a
// connection still is asked without a round trip.
func (c transacting) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	switch {
	case opts != driver.TxOptions{}:
		return c.driverConn.BeginTx(ctx, opts)
	case !c.IsValid():
		return nil, driver.ErrBadConn
	}
	return transaction{c}, ctx.Err()
}

// A transaction ends by a statement of its own. What it leaves to the driver is to know when a connection is no more.
type transaction struct{ on transacting }

// Commit commits.
func (t transaction) Commit() error { return t.end("COMMIT") }

// Rollback rolls back.
func (t transaction) Rollback() error { return t.end("ROLLBACK") }

func (t transaction) end(statement string) error {
	_, err := t.on.ExecContext(context.Background(), statement, nil)
	if err != nil { // what may still be open is not to be the beginning of the next one
		_ = t.on.Close()
	}
	return err
}
