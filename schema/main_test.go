package schema

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
)

// update has the golden files below testdata written instead of compared.
var update = flag.Bool("update", false, "write the golden files")

// envDeclare holds what a process that a test starts is to declare: see declareProgram.
const envDeclare = "ROWMILL_SCHEMA_TEST_DECLARE"

func TestMain(m *testing.M) {
	if program := os.Getenv(envDeclare); program != "" {
		if err := declareProgram(program); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testdb.Main(m)
}

func openDB(t *testing.T, dsn string) *rowmill.DB {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// each runs f on every kind of server, with an empty database.
func each(t *testing.T, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) { f(t, openDB(t, dsn)) })
}

// texts are the rows of a SELECT, each as its values with | between.
func texts(t *testing.T, db *rowmill.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), query, args...)
	require.NoError(t, err, query)
	defer rows.Close()
	all := []string{}
	for rows.Next() {
		values, err := scanAll(rows)
		require.NoError(t, err)
		one := ""
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			if i > 0 {
				one += "|"
			}
			one += fmt.Sprint(v)
		}
		all = append(all, one)
	}
	require.NoError(t, rows.Err())
	return all
}

func execute(t *testing.T, db *rowmill.DB, statement string, args ...any) {
	t.Helper()
	_, err := db.Exec(t.Context(), statement, args...)
	require.NoError(t, err, statement)
}

// tableOf is a table's name in SQL.
func tableOf(db *rowmill.DB, t Declared) string {
	return db.Dialect().Table(t.Untyped().Schema().Name(), t.Untyped().Name())
}

// scanAll reads all columns of a row.
func scanAll(rows *rowmill.Rows) ([]any, error) {
	columns, err := rows.Columns()
	values, dests := make([]any, len(columns)), make([]any, len(columns))
	for i := range dests {
		dests[i] = &values[i]
	}
	return values, errors.Join(err, rows.Scan(dests...))
}
