package rowmill

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill/internal/testdb"
)

// soon bounds a test that would wait for ever if transactions waited for one another.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestDeferredOverlap has several transactions read and work at the same time: none goes on
// until all have read.
func TestDeferredOverlap(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		dbs := []*DB{open(t, dsn), open(t, dsn)}
		tb := createTable(t, dbs[0])
		require.NoError(t, tb.insert(t.Context(), dbs[0], 100))
		const makes = 4
		ctx := soon(t)
		var reading atomic.Int32
		allRead := make(chan struct{})
		var group errgroup.Group
		for id := range makes {
			group.Go(func() error {
				return dbs[id%2].TransactDeferred(ctx, func(tx *Tx) error {
					if _, err := tb.number(ctx, tx, "SELECT v FROM %"); err != nil {
						return err
					}
					if reading.Add(1) == makes {
						close(allRead)
					}
					select {
					case <-allRead:
						return tb.insert(ctx, tx, id)
					case <-ctx.Done():
						return ctx.Err()
					}
				})
			})
		}
		require.NoError(t, group.Wait())
		require.Equal(t, 1+makes, tb.count(t, dbs[0]))
	})
}

// TestDeferredSnapshot changes the table while a transaction reads, and after it has begun
// to write.
func TestDeferredSnapshot(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		require.NoError(t, tb.insert(t.Context(), db, 1))
		calls, ctx := 0, soon(t)
		require.NoError(t, db.TransactDeferred(ctx, func(tx *Tx) error {
			calls++
			require.Equal(t, 1, tb.count(t, tx))
			require.NoError(t, tb.insert(ctx, db, 2))
			require.Equal(t, 1, tb.count(t, tx), "its reads see one snapshot")
			require.NoError(t, tb.insert(t.Context(), tx, 3))
			if db.Dialect().SingleWriter() {
				require.Equal(t, 3, tb.count(t, tx), "what is read after the first write is current")
			} else {
				require.Equal(t, 2, tb.count(t, tx), "the snapshot, and what it wrote itself")
			}
			return nil
		}))
		require.Equal(t, 1, calls)
		require.Equal(t, 3, tb.count(t, db))
	})
}

// TestDeferredWithoutWrites holds nobody up, and is held up by nobody.
func TestDeferredWithoutWrites(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		ctx := soon(t)
		require.NoError(t, db.Transact(ctx, func(writer *Tx) error {
			require.NoError(t, tb.insert(ctx, writer, 1))
			require.NoError(t, db.TransactDeferred(ctx, func(reader *Tx) error {
				require.Zero(t, tb.count(t, reader))
				return nil
			}))
			return nil
		}))
		require.Equal(t, 1, tb.count(t, db))
	})
}

// TestDeferredFailureFreesTheTurn ends deferred transactions in every way after their first
// write: the next can write.
func TestDeferredFailureFreesTheTurn(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		write := func(then func() error) func(*Tx) error {
			return func(tx *Tx) error {
				require.Zero(t, tb.count(t, tx))
				require.NoError(t, tb.insert(t.Context(), tx, 1))
				return then()
			}
		}
		require.ErrorIs(t, db.TransactDeferred(t.Context(), write(func() error { return errUser })), errUser)
		require.Panics(t, func() { _ = db.TransactDeferred(t.Context(), write(func() error { panic("no") })) })
		require.NoError(t, db.TransactDeferred(t.Context(), write(func() error { return nil })))
		require.Equal(t, 1, tb.count(t, db))
	})
}
