package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	sqlite "modernc.org/sqlite"

	"github.com/rowmill/rowmill/internal/dialect"
)

// A connector makes the connections of a pool.
type connector struct{ dsn string }

// Connect opens the file.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	inner, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &conn{driverConn: inner.(driverConn), prepared: map[string]driver.Stmt{}}, nil
}

// Driver is the driver whose connections these are.
func (connector) Driver() driver.Driver { return &sqlite.Driver{} }

// A driverConn is what the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A conn is a connection that keeps what is run often prepared. To parse and plan an INSERT of one row takes twice the
// time of the INSERT. Such a statement is not run again before its rows are closed: what a connection of database/sql
// is lent for are these rows, or a transaction, in which Rowmill reads no two results at once.
type conn struct {
	driverConn

	prepared map[string]driver.Stmt // by their text
}

// mostPrepared is how many statements are kept: more than a program has that runs one often.
const mostPrepared = 100

// ExecContext runs a statement.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !dialect.IsOften(ctx) {
		return c.driverConn.ExecContext(ctx, query, args)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.Exec(valuesOf(args)) //nolint:staticcheck // with a context, the driver would start a goroutine that waits for its end
}

// QueryContext runs a SELECT.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !dialect.IsOften(ctx) {
		return c.driverConn.QueryContext(ctx, query, args)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.Query(valuesOf(args)) //nolint:staticcheck // likewise
}

func valuesOf(args []driver.NamedValue) []driver.Value {
	values := make([]driver.Value, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	return values
}

// prepare is a statement that is kept, of a context that has not ended: what is run is not interrupted.
func (c *conn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s, ok := c.prepared[query]; ok {
		return s, nil
	}
	if len(c.prepared) >= mostPrepared {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	s, err := c.PrepareContext(ctx, query)
	if err == nil {
		c.prepared[query] = s
	}
	return s, err
}

// forget closes what is prepared.
func (c *conn) forget() (err error) {
	for _, s := range c.prepared {
		err = errors.Join(err, s.Close())
	}
	clear(c.prepared)
	return err
}

// Close ends the connection.
func (c *conn) Close() error {
	return errors.Join(c.forget(), c.driverConn.Close())
}
