package rowmill

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill/internal/testdb"
)

// eachTransact runs f on every server, with either way to begin a transaction.
func eachTransact(t *testing.T, f func(t *testing.T, db *DB, transact func(context.Context, func(*Tx) error) error)) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		t.Run("Transact", func(t *testing.T) { f(t, db, db.Transact) })
		t.Run("TransactDeferred", func(t *testing.T) { f(t, db, db.TransactDeferred) })
	})
}

var errUser = errors.New("the user's own error")

func TestTransactCommitsOrRollsBack(t *testing.T) {
	eachTransact(t, func(t *testing.T, db *DB, transact func(context.Context, func(*Tx) error) error) {
		tb := createTable(t, db)
		defer func() {
			_, err := db.Exec(t.Context(), tb.in("DELETE FROM %"))
			require.NoError(t, err)
		}()
		require.NoError(t, transact(t.Context(), func(tx *Tx) error {
			session, err := tx.Session(Use{})
			require.NoError(t, err)
			require.Equal(t, db.Dialect(), session.Dialect())
			require.NoError(t, tb.insert(t.Context(), session, 1, 2))
			require.Equal(t, 2, tb.count(t, tx), "it sees what it wrote")
			require.Zero(t, tb.count(t, db), "nobody else does")
			return nil
		}))
		require.Equal(t, 2, tb.count(t, db))

		calls := 0
		err := transact(t.Context(), func(tx *Tx) error {
			calls++
			require.NoError(t, tb.insert(t.Context(), tx, 3))
			return errUser
		})
		require.Equal(t, errUser, err, "as it is")
		require.Equal(t, 1, calls)
		require.Equal(t, 2, tb.count(t, db))

		require.PanicsWithValue(t, "the user's panic", func() {
			_ = transact(t.Context(), func(tx *Tx) error {
				require.NoError(t, tb.insert(t.Context(), tx, 3))
				panic("the user's panic")
			})
		})
		require.Equal(t, 2, tb.count(t, db))
		require.NoError(t, transact(t.Context(), func(tx *Tx) error { return tb.insert(t.Context(), tx, 3) }), "it goes on")
		require.NoError(t, transact(t.Context(), func(*Tx) error { return nil }))
		require.Equal(t, 3, tb.count(t, db))
	})
}

// TestTransactRefusesAfterFailure passes over the error of a statement. A server may have
// rolled the transaction back by then: what comes later must not be run on its own.
func TestTransactRefusesAfterFailure(t *testing.T) {
	eachTransact(t, func(t *testing.T, db *DB, transact func(context.Context, func(*Tx) error) error) {
		tb := createTable(t, db)
		for name, fail := range map[string]func(tx *Tx) error{
			"Exec":  func(tx *Tx) error { return tb.insert(t.Context(), tx, 1) },
			"Query": func(tx *Tx) error { _, err := tb.number(t.Context(), tx, "SELECT missing FROM %"); return err },
		} {
			var first error
			err := transact(t.Context(), func(tx *Tx) error {
				require.NoError(t, tb.insert(t.Context(), tx, 1))
				first = fail(tx)
				require.Error(t, first, name)
				err := tb.insert(t.Context(), tx, 2)
				require.EqualError(t, err, "the transaction has failed and is rolled back: "+first.Error())
				_, err = tx.Query(t.Context(), "SELECT 1")
				require.EqualError(t, err, "the transaction has failed and is rolled back: "+first.Error())
				return nil
			})
			require.ErrorIs(t, err, first, "what do kept to itself is told")
			require.Zero(t, tb.count(t, db), name)
		}
	})
}

func TestTransactRefusesWhileRowsAreRead(t *testing.T) {
	eachTransact(t, func(t *testing.T, db *DB, transact func(context.Context, func(*Tx) error) error) {
		tb := createTable(t, db)
		defer func() {
			_, err := db.Exec(t.Context(), tb.in("DELETE FROM %"))
			require.NoError(t, err)
		}()
		require.NoError(t, tb.insert(t.Context(), db, 1, 2))
		require.NoError(t, transact(t.Context(), func(tx *Tx) error {
			for _, finish := range []func(*Rows){
				func(rows *Rows) { require.NoError(t, rows.Close()) },
				func(rows *Rows) {
					require.True(t, rows.Next())
					require.False(t, rows.Next())
				},
			} {
				rows, err := tx.Query(t.Context(), tb.in("SELECT id FROM %"))
				require.NoError(t, err)
				require.True(t, rows.Next())
				require.ErrorContains(t, tb.insert(t.Context(), tx, 3), "rows of the transaction are still being read")
				_, err = tx.Query(t.Context(), "SELECT 1")
				require.ErrorContains(t, err, "rows of the transaction are still being read")
				finish(rows)
				require.NoError(t, rows.Err())
			}
			return tb.insert(t.Context(), tx, 3)
		}))
		require.Equal(t, 3, tb.count(t, db))
	})
}

func TestTransactEndsWithItsContext(t *testing.T) {
	eachTransact(t, func(t *testing.T, db *DB, transact func(context.Context, func(*Tx) error) error) {
		tb := createTable(t, db)
		for name, do := range map[string]func(context.Context, context.CancelFunc, *Tx) error{
			"before a statement": func(ctx context.Context, cancel context.CancelFunc, tx *Tx) error {
				cancel()
				return tb.insert(ctx, tx, 2)
			},
			"before COMMIT": func(_ context.Context, cancel context.CancelFunc, _ *Tx) error {
				cancel()
				return nil
			},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			err := transact(ctx, func(tx *Tx) error {
				calls++
				require.NoError(t, tb.insert(ctx, tx, 1))
				return do(ctx, cancel, tx)
			})
			require.ErrorIs(t, err, context.Canceled, name)
			require.Equal(t, 1, calls, name)
			require.Zero(t, tb.count(t, db), name)
		}
		require.ErrorIs(t, transact(canceled(t), func(*Tx) error { panic("not run") }), context.Canceled)
	})
}

func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// TestTransactRetriesDeadlocks has two transactions want what the other holds.
func TestTransactRetriesDeadlocks(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		require.NoError(t, tb.insert(t.Context(), db, 1, 2))
		var runs atomic.Int32
		var met sync.WaitGroup // both hold their first row; where one writes at a time, they never meet
		met.Add(2)
		var group errgroup.Group
		for first := 1; first <= 2; first++ {
			var once sync.Once
			group.Go(func() error {
				return db.Transact(t.Context(), func(tx *Tx) error {
					runs.Add(1)
					for _, id := range []int{first, 3 - first} {
						if _, err := tx.Exec(t.Context(), tb.in("UPDATE % SET v = v + 1 WHERE id = ?"), id); err != nil {
							return err
						}
						if !db.Dialect().SingleWriter() {
							once.Do(func() {
								met.Done()
								met.Wait()
							})
						}
					}
					return nil
				})
			})
		}
		require.NoError(t, group.Wait())
		n, err := tb.number(t.Context(), db, "SELECT SUM(v) FROM % WHERE v = 2")
		require.NoError(t, err)
		require.Equal(t, 4, n, "both are there, each once")
		if !db.Dialect().SingleWriter() {
			require.Greater(t, runs.Load(), int32(2), "one was run again")
		}
	})
}

// TestTransactUnderContention opens the database twice, as two processes do, and lets many
// transactions meet.
func TestTransactUnderContention(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		dbs := []*DB{open(t, dsn), open(t, dsn)}
		tb := createTable(t, dbs[0])
		require.NoError(t, tb.insert(t.Context(), dbs[0], 1, 2, 3))
		const workers, each = 6, 15
		var group errgroup.Group
		for w := range workers {
			group.Go(func() error {
				for range each {
					err := dbs[w%2].Transact(t.Context(), func(tx *Tx) error {
						for _, i := range rand.Perm(3) {
							if _, err := tx.Exec(t.Context(), tb.in("UPDATE % SET v = v + 1 WHERE id = ?"), i+1); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.NoError(t, group.Wait())
		n, err := tb.number(t.Context(), dbs[0], "SELECT COUNT(*) FROM % WHERE v = 90")
		require.NoError(t, err)
		require.Equal(t, 3, n)
	})
}

// TestWaitingEndsWithItsContext waits for a transaction of another process, and gives up.
func TestWaitingEndsWithItsContext(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		holder, waiter := open(t, dsn), open(t, dsn)
		tb := createTable(t, holder)
		require.NoError(t, holder.Transact(t.Context(), func(tx *Tx) error {
			require.NoError(t, tb.insert(t.Context(), tx, 1))
			for name, wait := range map[string]func(context.Context) error{
				"Exec":  func(ctx context.Context) error { return tb.insert(ctx, waiter, 1) },
				"Brief": func(ctx context.Context) error { return tb.insert(ctx, waiter.Brief(), 1) },
				"Transact": func(ctx context.Context) error {
					return waiter.Transact(ctx, func(tx *Tx) error { return tb.insert(ctx, tx, 1) })
				},
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				started := time.Now()
				require.ErrorIs(t, wait(ctx), context.DeadlineExceeded, name)
				require.Less(t, time.Since(started), 5*time.Second, name)
				cancel()
			}
			return nil
		}))
		require.Equal(t, 1, tb.count(t, waiter))
	})
}

// TestHasty waits for a row of another transaction for a moment, and says so.
func TestHasty(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		holder, waiter := open(t, dsn), open(t, dsn)
		tb := createTable(t, holder)
		require.NoError(t, tb.insert(t.Context(), waiter.Hasty(), 1))
		if holder.Dialect().SingleWriter() {
			t.Skip("a file has no rows that are locked by themselves")
		}
		require.NoError(t, holder.Transact(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), tb.in("UPDATE % SET v = 2 WHERE id = 1"))
			require.NoError(t, err)
			started := time.Now()
			_, err = waiter.Hasty().Exec(t.Context(), tb.in("UPDATE % SET v = 3 WHERE id = 1"))
			require.ErrorIs(t, err, ErrBusy)
			require.Less(t, time.Since(started), 8*time.Second)
			return nil
		}))
	})
}

// TestAgain has time of its own: half a minute passes at once.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started, calls := time.Now(), 0
		err := again(t.Context(), func() error { calls++; return ErrBusy }, ErrBusy)
		require.ErrorIs(t, err, ErrBusy)
		require.InDelta(t, 30*time.Second, time.Since(started), float64(2*longPause), "as long as patience lasts")
		require.Greater(t, calls, 20)
		require.Less(t, calls, 100, "with pauses that grow")

		calls = 0
		require.ErrorIs(t, again(t.Context(), func() error { calls++; return ErrLost }, ErrBusy), ErrLost)
		require.Equal(t, 1, calls, "another kind of trouble is told at once")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started = time.Now()
		err = again(ctx, func() error { return ErrBusy }, ErrBusy)
		require.ErrorIs(t, err, ErrBusy)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(started), "the context ends the pause")
	})
}
