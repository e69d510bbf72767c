package rowmill

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// eachServer runs f on the servers that are reached over a network: what a connection
// between machines does to a program, a file does not.
func eachServer(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Run("mariadb", func(t *testing.T) { f(t, testdb.MariaDB(t)) })
	t.Run("mysql", func(t *testing.T) { f(t, testdb.MySQL(t)) })
}

func open(t *testing.T, dsn string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// address is where the server of a DSN listens.
func address(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	return u.Host
}

// A table of tests: id is its key, v a number, parent refers to id.
type table struct{ name string }

// createTable creates an empty table, lab.rows.
func createTable(t *testing.T, db *DB) table {
	t.Helper()
	d := db.Dialect()
	column := func(name, core string) dialect.Column {
		return dialect.Column{Name: name, Type: datatype.MustParse(core), Nullable: name != "id"}
	}
	def := dialect.Table{
		Schema: "lab", Name: "rows", Key: []string{"id"},
		Columns: []dialect.Column{
			column("id", "int32"), column("v", "int32"), column("parent", "int32"), column("word", "varchar(3)"),
			column("kind", "enum('a','b')"), column("data", "bytes"),
		},
		Foreign: []dialect.ForeignKey{
			{Columns: []string{"parent"}, Schema: "lab", Table: "rows", ReferenceColumns: []string{"id"}},
		},
	}
	for _, s := range append(d.CreateSchema("lab"), d.CreateTable(def)...) {
		_, err := db.Exec(t.Context(), s.SQL, s.Args...)
		require.NoError(t, err)
	}
	return table{d.Table("lab", "rows")}
}

// in puts the table's name where % stands.
func (tb table) in(statement string) string { return strings.ReplaceAll(statement, "%", tb.name) }

// insert inserts rows with these keys.
func (tb table) insert(ctx context.Context, on Session, ids ...int) error {
	for _, id := range ids {
		if _, err := on.Exec(ctx, tb.in("INSERT INTO % (id, v) VALUES (?, 0)"), id); err != nil {
			return err
		}
	}
	return nil
}

// number asks for one number.
func (tb table) number(ctx context.Context, on Session, query string) (int, error) {
	rows, err := on.Query(ctx, tb.in(query))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var n int
	if !rows.Next() {
		return 0, fmt.Errorf("no row: %w", rows.Err())
	}
	if err := rows.Scan(&n); err != nil {
		return 0, err
	}
	return n, nil
}

func (tb table) count(t *testing.T, on Session) int {
	t.Helper()
	n, err := tb.number(t.Context(), on, "SELECT COUNT(*) FROM %")
	require.NoError(t, err)
	return n
}
