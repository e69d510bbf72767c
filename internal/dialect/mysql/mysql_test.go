package mysql

import (
	"database/sql"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/dialect/dialecttest"
	"github.com/rowmill/rowmill/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// each runs f on every server of the family.
func each(t *testing.T, f func(t *testing.T, c Config)) {
	t.Run("mariadb", func(t *testing.T) { f(t, config(t, testdb.MariaDB(t))) })
	t.Run("mysql", func(t *testing.T) { f(t, config(t, testdb.MySQL(t))) })
}

func config(t *testing.T, dsn string) Config {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	password, _ := u.User.Password()
	return Config{Host: u.Hostname(), Port: port, User: u.User.Username(), Password: password}
}

func open(t *testing.T, c Config) *dialect.Server {
	t.Helper()
	s, err := c.Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, pool := range []*sql.DB{s.Transact, s.Write, s.Brief} {
			require.NoError(t, pool.Close())
		}
	})
	return s
}

// mysqlOnly is for what MariaDB has not.
func mysqlOnly(t *testing.T) Config {
	t.Helper()
	return config(t, testdb.MySQL(t))
}

func TestConformance(t *testing.T) {
	can := dialecttest.Abilities{Modify: true, Capitals: true}
	run := func(t *testing.T, c Config) {
		s := open(t, c)
		dialecttest.Run(t, can, func(*testing.T) *dialect.Server { return s })
	}
	t.Run("mariadb", func(t *testing.T) { run(t, config(t, testdb.MariaDB(t))) })
	can.Expressions = true
	t.Run("mysql", func(t *testing.T) { run(t, mysqlOnly(t)) })
}
