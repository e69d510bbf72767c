package rowmill

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// everySentinel is what an error can be asked about.
var everySentinel = []error{
	ErrNotFound, ErrMultiple, ErrDuplicate, ErrReferenced, ErrValue, ErrNoTable, ErrNoAttribute, ErrDenied,
	ErrBusy, ErrLost, ErrCommitUnknown, ErrTooLarge, ErrReadOnly, ErrRefused,
}

// requireOnly wants an error that is one sentinel, or none, and holds the server's own.
func requireOnly(t *testing.T, want, err error, statement string) {
	t.Helper()
	require.Error(t, err, statement)
	for _, s := range everySentinel {
		require.Equal(t, errors.Is(s, want), errors.Is(err, s), "%s: is %q %q?", statement, err, s)
	}
	if want != nil {
		require.ErrorContains(t, err, want.Error()+": ")
	}
}

func TestSentinels(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		require.NoError(t, tb.insert(t.Context(), db, 1, 2))
		_, err := db.Exec(t.Context(), tb.in("UPDATE % SET parent = 1 WHERE id = 2"))
		require.NoError(t, err)
		missing := table{db.Dialect().Table("lab", "missing")}
		nowhere := table{db.Dialect().Table("nowhere", "rows")}

		for _, c := range []struct {
			statement string
			want      error
		}{
			{tb.in("INSERT INTO % (id) VALUES (1)"), ErrDuplicate},
			{tb.in("UPDATE % SET id = 1 WHERE id = 2"), ErrDuplicate},
			{tb.in("UPDATE % SET parent = 3"), ErrReferenced},
			{tb.in("DELETE FROM % WHERE id = 1"), ErrReferenced},
			{tb.in("UPDATE % SET word = 'long'"), ErrValue},
			{tb.in("UPDATE % SET kind = 'c'"), ErrValue},
			{tb.in("UPDATE % SET v = 3000000000"), ErrValue},
			{tb.in("INSERT INTO % (id) VALUES (NULL)"), ErrValue},
			{tb.in("UPDATE % SET missing = 1"), ErrNoAttribute},
			{missing.in("DELETE FROM %"), ErrNoTable},
			{nowhere.in("DELETE FROM %"), ErrNoTable},
			{"UPDATE", nil},
		} {
			_, err := db.Exec(t.Context(), c.statement)
			requireOnly(t, c.want, err, c.statement)
			_, err = db.Brief().Exec(t.Context(), c.statement)
			requireOnly(t, c.want, err, c.statement)
			err = db.Transact(t.Context(), func(tx *Tx) error {
				_, err := tx.Exec(t.Context(), c.statement)
				return fmt.Errorf("the user's words: %w", err)
			})
			requireOnly(t, c.want, err, c.statement)
		}
		for _, c := range []struct {
			query string
			want  error
		}{
			{missing.in("SELECT * FROM %"), ErrNoTable},
			{nowhere.in("SELECT * FROM %"), ErrNoTable},
			{tb.in("SELECT missing FROM %"), ErrNoAttribute},
			{"SELECT FROM", nil},
		} {
			for name, on := range map[string]Session{"db": db, "brief": db.Brief()} {
				_, err := on.Query(t.Context(), c.query)
				requireOnly(t, c.want, err, name+": "+c.query)
			}
			err := db.TransactDeferred(t.Context(), func(tx *Tx) error {
				_, err := tx.Query(t.Context(), c.query)
				return err
			})
			requireOnly(t, c.want, err, c.query)
		}
	})
}

// TestReadOnly makes sessions that cannot write, each server in its way.
func TestReadOnly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		db.write.SetMaxOpenConns(1) // so that the next statement is on the same session
		setting := "SET SESSION TRANSACTION READ ONLY"
		if db.Dialect().SingleWriter() {
			setting = "PRAGMA query_only = 1"
		}
		_, err := db.Exec(t.Context(), setting)
		require.NoError(t, err)
		requireOnly(t, ErrReadOnly, tb.insert(t.Context(), db, 1), "INSERT")
	})
}

func TestDeniedAndTooLarge(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		_, err := db.Exec(t.Context(), "CREATE USER rowmill_reader IDENTIFIED BY 'hunter2'")
		require.NoError(t, err)
		defer func() {
			_, err := db.Exec(t.Context(), "DROP USER rowmill_reader")
			require.NoError(t, err)
		}()
		_, err = db.Exec(t.Context(), "GRANT SELECT ON lab.* TO rowmill_reader")
		require.NoError(t, err)
		reader := open(t, "mysql://rowmill_reader:hunter2@"+address(t, dsn)+"/")
		require.Zero(t, tb.count(t, reader))
		requireOnly(t, ErrDenied, tb.insert(t.Context(), reader, 1), "INSERT")
		_, err = reader.Query(t.Context(), "SELECT * FROM mysql.user")
		requireOnly(t, ErrDenied, err, "SELECT")

		limit, err := tb.number(t.Context(), db, "SELECT @@max_allowed_packet")
		require.NoError(t, err)
		if limit > 64<<20 {
			t.Skipf("this server takes %d bytes at once, too many for a test", limit)
		}
		_, err = db.Exec(t.Context(), tb.in("INSERT INTO % (id, data) VALUES (1, ?)"), make([]byte, limit+1))
		requireOnly(t, ErrTooLarge, err, "INSERT")
		require.Zero(t, tb.count(t, db))
	})
}
