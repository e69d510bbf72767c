package rowmill

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/mysql"
	"github.com/rowmill/rowmill/internal/dialect/sqlite"
)

// defaultPort is where MySQL and MariaDB listen.
const defaultPort = 3306

// tlsModes are what a DSN may ask of the encryption of connections.
var tlsModes = []string{"", "true", "false", "skip-verify", "preferred"}

const dsnForms = `"sqlite:PATH" or "mysql://user:password@host:port/"`

// An opener opens the server that a DSN names.
type opener interface {
	Open(ctx context.Context) (*dialect.Server, error)
}

// parseDSN reads a DSN, or the environment where the DSN is empty. Its errors never hold
// the DSN itself, nor a part of it that can be one of a password whose special characters
// are not escaped: the port, the path and the parameters can.
func parseDSN(dsn string, getenv func(string) string) (opener, error) {
	if dsn == "" {
		dsn = getenv("ROWMILL_DSN")
	}
	if dsn == "" && getenv("DJ_HOST") != "" {
		return fromDataJoint(getenv)
	}
	scheme, rest, found := strings.Cut(dsn, ":")
	switch {
	case dsn == "":
		return nil, fmt.Errorf("no database is named: give a DSN, %s, or set ROWMILL_DSN", dsnForms)
	case found && scheme == "sqlite":
		return parseSQLite(rest)
	case found && (scheme == "mysql" || scheme == "mariadb"):
		return parseMySQL(dsn)
	case found && !strings.ContainsAny(scheme, "/@"):
		return nil, fmt.Errorf("a DSN cannot begin with %q: %s is wanted", scheme+":", dsnForms)
	}
	return nil, fmt.Errorf("the DSN does not say what it is: %s is wanted", dsnForms)
}

func parseSQLite(rest string) (opener, error) {
	path, query, _ := strings.Cut(rest, "?")
	path = strings.TrimPrefix(path, "//")
	params, err := parseParams(query, "synchronous")
	if err != nil {
		return nil, err
	}
	c := sqlite.Config{Path: path, Synchronous: strings.ToUpper(params["synchronous"])}
	switch {
	case path == "":
		return nil, errors.New(`an SQLite DSN names its file, as in "sqlite:lab.db"`)
	case path == ":memory:":
		return nil, errors.New("a database in memory is seen by one connection only: name a file, in a temporary folder if need be")
	case c.Synchronous != "" && c.Synchronous != "NORMAL" && c.Synchronous != "FULL":
		return nil, fmt.Errorf("synchronous=%s: normal or full is wanted", params["synchronous"])
	}
	return c, nil
}

func parseMySQL(dsn string) (opener, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New(`the DSN is not of the form "mysql://user:password@host:port/":` +
			` characters such as @ : / ? # % in a password are written as %40 %3A %2F %3F %23 %25`)
	}
	params, err := parseParams(u.RawQuery, "tls")
	if err != nil {
		return nil, err
	}
	c := mysql.Config{Host: u.Hostname(), Port: defaultPort, User: u.User.Username(), TLS: params["tls"]}
	c.Password, _ = u.User.Password()
	switch {
	case c.Host == "":
		return nil, errors.New(`the DSN names no host; "mysql://user:password@host:port/" is wanted`)
	case c.User == "":
		return nil, errors.New(`the DSN names no user; "mysql://user:password@host:port/" is wanted`)
	case u.Path != "" && u.Path != "/":
		return nil, errors.New("the DSN names a database, and must end after the port: each schema names its own")
	case !slices.Contains(tlsModes, params["tls"]):
		return nil, errors.New("the DSN's tls is none of true, false, skip-verify and preferred")
	}
	if p := u.Port(); p != "" {
		if c.Port, err = parsePort(p); err != nil {
			return nil, fmt.Errorf("the DSN's port: %w", err)
		}
	}
	return c, nil
}

// fromDataJoint reads the variables that DataJoint for Python reads.
func fromDataJoint(getenv func(string) string) (opener, error) {
	c := mysql.Config{
		Host: getenv("DJ_HOST"), Port: defaultPort,
		User: getenv("DJ_USER"), Password: getenv("DJ_PASS"),
	}
	if c.User == "" {
		return nil, errors.New("DJ_HOST is set and DJ_USER is not: set the user too")
	}
	if p := getenv("DJ_PORT"); p != "" {
		var err error
		if c.Port, err = parsePort(p); err != nil {
			return nil, fmt.Errorf("DJ_PORT: %w", err)
		}
	}
	return c, nil
}

func parsePort(text string) (int, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, errors.New("a number from 1 to 65535 is wanted")
	}
	return int(port), nil
}

// parseParams reads the part of a DSN after the question mark.
func parseParams(query string, known ...string) (map[string]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("the DSN's part after ? cannot be read; name=value is wanted, of %s", strings.Join(known, ", "))
	}
	params := map[string]string{}
	for name, v := range values {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("the DSN's part after ? may set %s, and sets something else", strings.Join(known, ", "))
		}
		params[name] = v[len(v)-1]
	}
	return params, nil
}
