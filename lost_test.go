package rowmill

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// proxied opens the server of a DSN through a proxy.
func proxied(t *testing.T, dsn string) (*DB, *testdb.Proxy) {
	t.Helper()
	p := testdb.NewProxy(t, dsn)
	return open(t, p.DSN()), p
}

// TestCommitUnknown loses the connection during COMMIT: what the program is told is the
// same whether the server has heard of it or not, and nothing is run again.
func TestCommitUnknown(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		db, p := proxied(t, dsn)
		tb := createTable(t, db)
		for id, when := range []testdb.Moment{testdb.Before, testdb.After} {
			t.Run(when.String(), func(t *testing.T) {
				p.CutOnce("COMMIT", when)
				calls := 0
				err := db.Transact(t.Context(), func(tx *Tx) error {
					calls++
					return tb.insert(t.Context(), tx, id)
				})
				require.ErrorIs(t, err, ErrCommitUnknown)
				require.NotErrorIs(t, err, ErrLost, "it is not worth another try")
				require.Equal(t, 1, calls)
				n, err := tb.number(t.Context(), db, fmt.Sprintf("SELECT COUNT(*) FROM %% WHERE id = %d", id))
				require.NoError(t, err)
				require.Equal(t, when == testdb.After, n == 1, "the transaction is there, whole, or it is not")
			})
		}
	})
}

// TestTransactAfterLoss loses the connection in the middle: everything is run again.
func TestTransactAfterLoss(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		db, p := proxied(t, dsn)
		tb := createTable(t, db)
		for i, c := range []struct {
			name  string
			cut   func()
			calls int
		}{
			{"idle", p.CutAll, 1}, // a connection that is taken from its pool is looked at
			{"INSERT before", func() { p.CutOnce("INSERT", testdb.Before) }, 2},
			{"INSERT after", func() { p.CutOnce("INSERT", testdb.After) }, 2},
			{"SELECT before", func() { p.CutOnce("SELECT", testdb.Before) }, 2},
			{"SELECT after", func() { p.CutOnce("SELECT", testdb.After) }, 2},
		} {
			for name, transact := range map[string]func(func(*Tx) error) error{
				"Transact":         func(do func(*Tx) error) error { return db.Transact(t.Context(), do) },
				"TransactDeferred": func(do func(*Tx) error) error { return db.TransactDeferred(t.Context(), do) },
			} {
				t.Run(name+"/"+c.name, func(t *testing.T) {
					before := tb.count(t, db)
					c.cut()
					calls := 0
					require.NoError(t, transact(func(tx *Tx) error {
						calls++
						if err := tb.insert(t.Context(), tx, 1000*calls+before+i); err != nil {
							return err
						}
						_, err := tb.number(t.Context(), tx, "SELECT COUNT(*) FROM %")
						return err
					}))
					require.Equal(t, c.calls, calls)
					require.Equal(t, before+1, tb.count(t, db), "only the run that was committed is there")
				})
			}
		}
	})
}

func TestQueryIsRepeatedAfterLoss(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		db, p := proxied(t, dsn)
		tb := createTable(t, db)
		require.NoError(t, tb.insert(t.Context(), db, 1))
		p.Refuse(4)
		p.CutAll()
		require.Equal(t, 1, tb.count(t, db))
		require.Equal(t, 4, p.Refused(), "the server was away for some time")
		for _, when := range []testdb.Moment{testdb.Before, testdb.After} {
			p.CutOnce("SELECT COUNT", when)
			require.Equal(t, 1, tb.count(t, db), when)
		}
	})
}

// TestExecIsNotRepeatedAfterLoss: a statement that may have been run is not run twice, but
// through Brief, whose statements are made for it.
func TestExecIsNotRepeatedAfterLoss(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		db, p := proxied(t, dsn)
		tb := createTable(t, db)
		require.NoError(t, tb.insert(t.Context(), db, 1))
		for _, when := range []testdb.Moment{testdb.Before, testdb.After} {
			t.Run(when.String(), func(t *testing.T) {
				_, err := db.Exec(t.Context(), tb.in("UPDATE % SET v = 0"))
				require.NoError(t, err)
				p.CutOnce("v = v + 1", when)
				_, err = db.Exec(t.Context(), tb.in("UPDATE % SET v = v + 1"))
				require.ErrorIs(t, err, ErrLost)
				n, err := tb.number(t.Context(), db, "SELECT v FROM %")
				require.NoError(t, err)
				require.Equal(t, when == testdb.After, n == 1)

				p.CutOnce("v = 7", when)
				found, err := db.Brief().Exec(t.Context(), tb.in("UPDATE % SET v = 7"))
				require.NoError(t, err)
				require.Equal(t, int64(1), found)
			})
		}
	})
}

// TestRowsAfterLoss loses the connection while rows are being read: the error says so, and
// what was read is not taken for the whole.
func TestRowsAfterLoss(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		db, p := proxied(t, dsn)
		tb := createTable(t, db)
		for id := range 40 {
			_, err := db.Exec(t.Context(), tb.in("INSERT INTO % (id, data) VALUES (?, ?)"), id, make([]byte, 500_000))
			require.NoError(t, err)
		}
		rows, err := db.Query(t.Context(), tb.in("SELECT data FROM %"))
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		p.CutAll()
		n := 1
		for rows.Next() {
			n++
		}
		require.Less(t, n, 40)
		require.ErrorIs(t, rows.Err(), ErrLost)
	})
}
