package query

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// update has the golden file of SQL written instead of compared.
var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) { testdb.Main(m) }

// onEach runs f on every kind of server, where the tables of the lab are declared and filled.
func onEach(t *testing.T, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, lab.Declare(t.Context(), db))
		fillLab(t, db)
		f(t, db)
	})
}

// made is a connection that may enter rows of computed tables, as that of a make.
type made struct{ *rowmill.DB }

func (made) Stamp(*schema.Table) ([]string, []squirrel.Sqlizer) { return nil, nil }

// A spy is a connection that notes the statements which are run on it.
type spy struct {
	*rowmill.DB

	queries, execs int
	rows           []*rowmill.Rows
}

func (s *spy) Session(rowmill.Use) (rowmill.Session, error) { return s, nil }

func (s *spy) Query(ctx context.Context, query string, args ...any) (*rowmill.Rows, error) {
	s.queries++
	rows, err := s.DB.Query(ctx, query, args...)
	s.rows = append(s.rows, rows)
	return rows, err
}

func (s *spy) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	s.execs++
	return s.DB.Exec(ctx, query, args...)
}

func (s *spy) Atomic(ctx context.Context, do func(rowmill.Session) error) error {
	return s.DB.Atomic(ctx, func(tx rowmill.Session) error { return do(&spied{tx, s}) })
}

// spied is the transaction of a spy.
type spied struct {
	rowmill.Session

	spy *spy
}

func (s *spied) Query(ctx context.Context, query string, args ...any) (*rowmill.Rows, error) {
	s.spy.queries++
	return s.Session.Query(ctx, query, args...)
}

func (s *spied) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	s.spy.execs++
	return s.Session.Exec(ctx, query, args...)
}

// texts are a relation's rows, sorted, each as the values of all its attributes with spaces
// between.
func texts(t *testing.T, db *rowmill.DB, rel Rel) []string {
	t.Helper()
	all := sequence(t, db, rel)
	slices.Sort(all)
	return all
}

// sequence are the rows of texts as they come.
func sequence(t *testing.T, db *rowmill.DB, rel Rel) []string {
	t.Helper()
	h, err := rel.Heading()
	require.NoError(t, err)
	s, session, err := prepare(db, rel, asItIs)
	require.NoError(t, err)
	rows, err := run(t.Context(), session, s.sql(h.Names()))
	require.NoError(t, err)
	defer rows.Close()
	all := []string{}
	for rows.Next() {
		values, err := scanAll(rows)
		require.NoError(t, err)
		for i, v := range values {
			switch v := v.(type) {
			case []byte:
				values[i] = string(v)
			case nil:
				values[i] = "NULL"
			}
		}
		all = append(all, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	require.NoError(t, rows.Err())
	return all
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
