package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/rowmill/rowmill/internal/dialect"
)

// classes maps the numbers of server errors that MySQL and MariaDB send. MariaDB's own
// begin at 1900 (4025); the others are shared or MySQL's.
var classes = map[uint16]dialect.Class{
	1062: dialect.Duplicate, 1586: dialect.Duplicate,

	1216: dialect.Referenced, 1217: dialect.Referenced, 1451: dialect.Referenced, 1452: dialect.Referenced,
	3730: dialect.Referenced,

	1048: dialect.Value, 1242: dialect.Value, 1264: dialect.Value, 1265: dialect.Value, 1292: dialect.Value, 1364: dialect.Value,
	1366: dialect.Value, 1406: dialect.Value, 1416: dialect.Value, 1690: dialect.Value, 3140: dialect.Value,
	3751: dialect.Value, 3752: dialect.Value, 3819: dialect.Value, 3903: dialect.Value, 3904: dialect.Value, 4025: dialect.Value,

	1049: dialect.NoTable, 1146: dialect.NoTable,
	1054: dialect.NoColumn,
	1044: dialect.Denied, 1045: dialect.Denied, 1142: dialect.Denied, 1143: dialect.Denied,
	1227: dialect.Denied, 1698: dialect.Denied,

	// Lock wait timeout, deadlock, row or table changed since the snapshot, NOWAIT; and Galera's "not
	// ready for queries" and "error during commit".
	1205: dialect.Busy, 1213: dialect.Busy, 1020: dialect.Busy, 1412: dialect.Busy, 3572: dialect.Busy,
	1047: dialect.Busy, 1180: dialect.Busy,
	// All connections are taken, the server's or the user's: nothing was begun.
	1040: dialect.Busy, 1203: dialect.Busy,

	1053: dialect.Lost, 1152: dialect.Lost, 1158: dialect.Lost, 1159: dialect.Lost, 1160: dialect.Lost,
	1161: dialect.Lost, 1317: dialect.Lost, 1927: dialect.Lost, 4031: dialect.Lost,

	1153: dialect.TooLarge,
	1021: dialect.ReadOnly, 1114: dialect.ReadOnly, 1290: dialect.ReadOnly, 1792: dialect.ReadOnly, 1836: dialect.ReadOnly,
}

// Classify says what kind of failure err is.
func (Dialect) Classify(err error) dialect.Class {
	var my *mysql.MySQLError
	var network net.Error
	var dial *net.OpError
	switch {
	case errors.As(err, &my):
		return classOf(my)
	case errors.Is(err, context.Canceled):
		return dialect.Other
	case errors.As(err, &dial) && dial.Op == "dial": // one that timed out calls itself a context's deadline
		return dialect.Lost
	case errors.Is(err, context.DeadlineExceeded):
		return dialect.Other
	case errors.Is(err, mysql.ErrPktTooLarge):
		return dialect.TooLarge
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn),
		errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return dialect.Lost
	}
	return dialect.Other
}

// unknownError is the number of errors that have none of their own.
const unknownError = 1105

func classOf(err *mysql.MySQLError) dialect.Class {
	// A value that the driver sends in pieces. The name of the variable is in every language's text.
	if err.Number == unknownError && strings.Contains(err.Message, "max_allowed_packet") {
		return dialect.TooLarge
	}
	return classes[err.Number]
}

// explain says in a sentence why a connection could not be made, and what to do.
func (c Config) explain(err error) error {
	var my *mysql.MySQLError
	var dns *net.DNSError
	switch {
	case errors.As(err, &my) && (my.Number == 1045 || my.Number == 1698):
		return fmt.Errorf("the server at %s does not let user %q in: check the user and the password: %w", c.address(), c.User, err)
	case errors.As(err, &my) && (my.Number == 1040 || my.Number == 1203):
		return fmt.Errorf("the server at %s has no connection left: try again later, or raise its max_connections: %w", c.address(), err)
	case errors.Is(err, mysql.ErrPktSync), errors.Is(err, mysql.ErrMalformPkt), errors.Is(err, mysql.ErrOldProtocol):
		return fmt.Errorf("what answers at %s is no MySQL or MariaDB server: check host and port: %w", c.address(), err)
	case errors.As(err, &dns):
		return fmt.Errorf("no host is called %q: check the name: %w", c.Host, err)
	case Dialect{}.Classify(err) == dialect.Lost:
		return fmt.Errorf("no server answers at %s: start it, or check host and port: %w", c.address(), err)
	}
	return fmt.Errorf("connect to %s as %q: %w", c.address(), c.User, err)
}
