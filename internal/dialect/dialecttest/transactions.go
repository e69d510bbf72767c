package dialecttest

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// testSingleWriter has one transaction write, and another that would.
func testSingleWriter(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"))
	first := x.begin(t, x.Write)
	x.exec(t, first, "INSERT INTO %s (id) VALUES (1)", "rows")

	// A server that waits for its turn does so for longer than this.
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	second, err := x.Write.BeginTx(ctx, nil)
	if err == nil {
		defer func() { _ = second.Rollback() }()
		_, err = second.ExecContext(ctx, "INSERT INTO "+x.d.Table(x.schema, "rows")+" (id) VALUES (2)")
	}
	require.Equal(t, x.d.SingleWriter(), err != nil, "%v", err)
	require.Zero(t, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "rows"), "others can read meanwhile")
	require.NoError(t, first.Commit())
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "rows"))
}

// testSnapshot changes rows after a transaction's first read.
func testSnapshot(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"))
	from := x.Write
	if x.d.SingleWriter() {
		from = x.Read // which reads while others write
	}
	reader := x.begin(t, from)
	require.Zero(t, x.number(t, reader, "SELECT COUNT(*) FROM %s", "rows"))
	x.exec(t, x.Write, "INSERT INTO %s (id) VALUES (1)", "rows")
	require.Zero(t, x.number(t, reader, "SELECT COUNT(*) FROM %s", "rows"), "what the transaction sees does not change")
	require.NoError(t, reader.Rollback())
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "rows"))
}

// testBriefSeesTheLatest wants READ COMMITTED of Brief, where transactions run side by side.
func testBriefSeesTheLatest(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"))
	if x.d.SingleWriter() {
		x.exec(t, x.Brief, "INSERT INTO %s (id) VALUES (1)", "rows")
		require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "rows"))
		return
	}
	tx := x.begin(t, x.Brief)
	require.Zero(t, x.number(t, tx, "SELECT COUNT(*) FROM %s", "rows"))
	x.exec(t, x.Brief, "INSERT INTO %s (id) VALUES (10)", "rows")
	require.Equal(t, 1, x.number(t, tx, "SELECT COUNT(*) FROM %s", "rows"))

	// It locks rows, and no gaps between them: an update of 10 and below lets 5 in.
	x.exec(t, tx, "UPDATE %s SET id = id WHERE id <= 10", "rows")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := x.Brief.ExecContext(ctx, "INSERT INTO "+x.d.Table(x.schema, "rows")+" (id) VALUES (5)")
	require.NoError(t, err)
}

// testUpdateCountsWhatItFound wants the number of rows that the condition found, changed or not.
func testUpdateCountsWhatItFound(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"), column("v", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 1), (2, 2), (3, 3)", "rows")
	require.Equal(t, int64(2), x.exec(t, x.Write, "UPDATE %s SET v = 2 WHERE id >= 2", "rows"))
	require.Equal(t, int64(2), x.exec(t, x.Brief, "UPDATE %s SET v = 2 WHERE id >= 2", "rows"))
	require.Zero(t, x.exec(t, x.Write, "UPDATE %s SET v = 2 WHERE id > 3", "rows"))
}

// testHasty has a transaction change a row that another would change, in haste.
func testHasty(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"), column("v", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 1), (2, 2)", "rows")
	require.Equal(t, int64(1), x.exec(t, x.Brief, x.d.Hasty()+"UPDATE %s SET v = 3 WHERE id = 1", "rows"))
	require.Equal(t, int64(1), x.exec(t, x.Brief, x.d.Hasty()+"DELETE FROM %s WHERE id = 2", "rows"))
	if x.d.SingleWriter() {
		return
	}
	tx := x.begin(t, x.Write)
	x.exec(t, tx, "UPDATE %s SET v = 4 WHERE id = 1", "rows")
	start := time.Now()
	_, err := x.Brief.ExecContext(t.Context(), x.in(x.d.Hasty()+"UPDATE %s SET v = 5 WHERE id = 1", "rows"))
	require.Equal(t, dialect.Busy, x.d.Classify(err), "%v", err)
	require.Less(t, time.Since(start), 8*time.Second)
}

// testScan has a table that has an index read without it.
func testScan(t *testing.T, x *suite) {
	def := x.table("rows", column("id", "int32"), column("v", "int32"))
	def.Indexes = []dialect.Index{{Parts: dialect.OnColumns("v")}}
	x.run(t, x.d.CreateTable(def))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 1), (2, 2), (3, 1)", "rows")
	require.Equal(t, 2, x.number(t, x.Read, "SELECT COUNT(*) FROM %s"+x.d.Scan()+" WHERE v = 1", "rows"))
	require.Equal(t, 2, x.number(t, x.Read, "SELECT COUNT(*) FROM %s AS r"+x.d.Scan()+" WHERE r.v = 1", "rows"))
}

// testSkipLocked has a transaction change rows, and leave them so for a while.
func testSkipLocked(t *testing.T, x *suite) {
	def := x.table("rows", column("id", "int32"), column("v", "int32"))
	def.Indexes = []dialect.Index{{Parts: dialect.OnColumns("v")}}
	x.run(t, x.d.CreateTable(def))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 1), (2, 1), (3, 1), (4, 1), (5, 2)", "rows")
	free := func(on *sql.DB) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		rows, err := on.QueryContext(ctx, x.in("SELECT id FROM %s WHERE v = 1 LIMIT 10", "rows")+x.d.SkipLocked())
		require.NoError(t, err)
		defer func() { _ = rows.Close() }()
		var ids []string
		for rows.Next() {
			var id string
			require.NoError(t, rows.Scan(&id))
			ids = append(ids, id)
		}
		require.NoError(t, rows.Err())
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	tx := x.begin(t, x.Write)
	x.exec(t, tx, "DELETE FROM %s WHERE id = 2", "rows")
	x.exec(t, tx, "UPDATE %s SET v = 3 WHERE id = 3", "rows")
	if x.d.SingleWriter() {
		require.Equal(t, "1 2 3 4", free(x.Read), "as it was, without waiting")
	} else {
		require.Equal(t, "1 4", free(x.Read))
	}
	require.NoError(t, tx.Rollback())
	require.Equal(t, "1 2 3 4", free(x.Read))
}
