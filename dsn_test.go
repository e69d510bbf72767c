package rowmill

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect/mysql"
	"github.com/rowmill/rowmill/internal/dialect/sqlite"
)

type environment map[string]string

func (e environment) get(name string) string { return e[name] }

func TestParseDSN(t *testing.T) {
	for _, c := range []struct {
		dsn  string
		env  environment
		want opener
	}{
		{"sqlite:lab.db", nil, sqlite.Config{Path: "lab.db"}},
		{"sqlite:/data/my lab#1%.db", nil, sqlite.Config{Path: "/data/my lab#1%.db"}},
		{"sqlite:///data/lab.db", nil, sqlite.Config{Path: "/data/lab.db"}},
		{"sqlite:a:b.db", nil, sqlite.Config{Path: "a:b.db"}},
		{"sqlite:lab.db?synchronous=full", nil, sqlite.Config{Path: "lab.db", Synchronous: "FULL"}},
		{"sqlite:lab.db?synchronous=Normal", nil, sqlite.Config{Path: "lab.db", Synchronous: "NORMAL"}},
		{"mysql://ann:pw@lab", nil, mysql.Config{Host: "lab", Port: 3306, User: "ann", Password: "pw"}},
		{"mysql://ann@lab/", nil, mysql.Config{Host: "lab", Port: 3306, User: "ann"}},
		{"mariadb://ann:pw@lab:3307/", nil, mysql.Config{Host: "lab", Port: 3307, User: "ann", Password: "pw"}},
		{"mysql://ann:p%40%3A%2F%3F%23%25@lab:3307/", nil, mysql.Config{Host: "lab", Port: 3307, User: "ann", Password: "p@:/?#%"}},
		{"mysql://ann:p@w:x@lab/", nil, mysql.Config{Host: "lab", Port: 3306, User: "ann", Password: "p@w:x"}},
		{"mysql://ann:pw@[::1]:3307/", nil, mysql.Config{Host: "::1", Port: 3307, User: "ann", Password: "pw"}},
		{"mysql://ann:pw@lab/?tls=true", nil, mysql.Config{Host: "lab", Port: 3306, User: "ann", Password: "pw", TLS: "true"}},
		{"mysql://ann:pw@lab?tls=skip-verify", nil, mysql.Config{Host: "lab", Port: 3306, User: "ann", Password: "pw", TLS: "skip-verify"}},

		{"", environment{"ROWMILL_DSN": "sqlite:env.db"}, sqlite.Config{Path: "env.db"}},
		{"sqlite:given.db", environment{"ROWMILL_DSN": "sqlite:env.db", "DJ_HOST": "lab"}, sqlite.Config{Path: "given.db"}},
		{"", environment{"ROWMILL_DSN": "sqlite:env.db", "DJ_HOST": "lab"}, sqlite.Config{Path: "env.db"}},
		{"", environment{"DJ_HOST": "lab", "DJ_USER": "ann", "DJ_PASS": "p@:/?#%"},
			mysql.Config{Host: "lab", Port: 3306, User: "ann", Password: "p@:/?#%"}},
		{"", environment{"DJ_HOST": "lab", "DJ_PORT": "3307", "DJ_USER": "ann"}, mysql.Config{Host: "lab", Port: 3307, User: "ann"}},
	} {
		got, err := parseDSN(c.dsn, c.env.get)
		require.NoError(t, err, c.dsn)
		require.Equal(t, c.want, got, c.dsn)
	}
}

func TestParseDSNRefuses(t *testing.T) {
	const escapes = `the DSN is not of the form "mysql://user:password@host:port/":` +
		` characters such as @ : / ? # % in a password are written as %40 %3A %2F %3F %23 %25`
	const port = "the DSN's port: a number from 1 to 65535 is wanted"
	for _, c := range []struct {
		dsn  string
		env  environment
		want string
	}{
		{"", nil, `no database is named: give a DSN, "sqlite:PATH" or "mysql://user:password@host:port/", or set ROWMILL_DSN`},
		{"lab.db", nil, `the DSN does not say what it is: "sqlite:PATH" or "mysql://user:password@host:port/" is wanted`},
		{"ann@lab:3306", nil, `the DSN does not say what it is: "sqlite:PATH" or "mysql://user:password@host:port/" is wanted`},
		{"/data/a:b.db", nil, `the DSN does not say what it is: "sqlite:PATH" or "mysql://user:password@host:port/" is wanted`},
		{"postgres://ann:pw@lab/", nil, `a DSN cannot begin with "postgres:": "sqlite:PATH" or "mysql://user:password@host:port/" is wanted`},
		{"ann:pw@tcp(lab:3306)/", nil, `a DSN cannot begin with "ann:": "sqlite:PATH" or "mysql://user:password@host:port/" is wanted`},

		{"sqlite:", nil, `an SQLite DSN names its file, as in "sqlite:lab.db"`},
		{"sqlite:?synchronous=full", nil, `an SQLite DSN names its file, as in "sqlite:lab.db"`},
		{"sqlite::memory:", nil, "a database in memory is seen by one connection only: name a file, in a temporary folder if need be"},
		{"sqlite:lab.db?synchronous=off", nil, "synchronous=off: normal or full is wanted"},
		{"sqlite:lab.db?mode=ro", nil, "the DSN's part after ? may set synchronous, and sets something else"},
		{"sqlite:lab.db?%zz", nil, "the DSN's part after ? cannot be read; name=value is wanted, of synchronous"},

		{"mysql://ann:p/w@lab/", nil, escapes},
		{"mysql://ann:p%w@lab/", nil, escapes},
		{"mysql://ann:p#w@lab/", nil, escapes},
		{"mysql://ann:pw@lab:port/", nil, escapes},
		{"mysql://", nil, `the DSN names no host; "mysql://user:password@host:port/" is wanted`},
		{"mysql:ann", nil, `the DSN names no host; "mysql://user:password@host:port/" is wanted`},
		{"mysql://ann:pw@:3306/", nil, `the DSN names no host; "mysql://user:password@host:port/" is wanted`},
		{"mysql://lab/", nil, `the DSN names no user; "mysql://user:password@host:port/" is wanted`},
		{"mysql://:pw@lab/", nil, `the DSN names no user; "mysql://user:password@host:port/" is wanted`},
		{"mysql://ann:pw@lab/db", nil, "the DSN names a database, and must end after the port: each schema names its own"},
		{"mysql://ann:pw@lab:0/", nil, port},
		{"mysql://ann:pw@lab:65536/", nil, port},
		{"mysql://ann:pw@lab/?timeout=5s", nil, "the DSN's part after ? may set tls, and sets something else"},
		{"mysql://ann:pw@lab/?tls=maybe", nil, "the DSN's tls is none of true, false, skip-verify and preferred"},

		{"", environment{"ROWMILL_DSN": "lab.db"}, `the DSN does not say what it is: "sqlite:PATH" or "mysql://user:password@host:port/" is wanted`},
		{"", environment{"DJ_HOST": "lab"}, "DJ_HOST is set and DJ_USER is not: set the user too"},
		{"", environment{"DJ_HOST": "lab", "DJ_USER": "ann", "DJ_PORT": "many"}, "DJ_PORT: a number from 1 to 65535 is wanted"},
	} {
		_, err := parseDSN(c.dsn, c.env.get)
		require.EqualError(t, err, c.want, c.dsn)
	}
}

// FuzzDSN puts a password into DSNs of any shape, escaped and as it is: no error may show it.
// Escaped, between a user and a host, it arrives as it was.
func FuzzDSN(f *testing.F) {
	const marker = "hunter2"
	for _, before := range []string{"", "p", "12", "12?", "12#", "12/", "a:b", "@", "@lab:12?", "@lab:12/", "%", "[", "é", "\x00", " "} {
		for _, after := range []string{"", "@", "=1", "/", "?tls=", ":"} {
			f.Add("mysql://ann:", before, after, "@lab:3306/")
		}
	}
	f.Add("postgres://ann:", "", "", "@lab/?tls=1")
	f.Add("sqlite:lab.db?", "", "", "=1")
	f.Add("ann:", "", "", "@tcp(lab)/")
	f.Add("mysql://ann:", "", "", "")
	f.Fuzz(func(t *testing.T, scheme, before, after, rest string) {
		password := before + marker + after
		// The name of a user, a scheme or a file is no password, nor is what is not behind a colon.
		if strings.Contains(scheme+rest, marker) || !strings.Contains(scheme, ":") {
			t.Skip()
		}
		for _, dsn := range []string{scheme + password + rest, scheme + url.QueryEscape(password) + rest, scheme + url.PathEscape(password) + rest} {
			if _, err := parseDSN(dsn, environment{}.get); err != nil {
				require.NotContains(t, err.Error(), marker, dsn)
			}
		}
		got, err := parseDSN((&url.URL{Scheme: "mysql", User: url.UserPassword("ann", password), Host: "lab:3307"}).String(), nil)
		require.NoError(t, err)
		require.Equal(t, mysql.Config{Host: "lab", Port: 3307, User: "ann", Password: password}, got)
	})
}
