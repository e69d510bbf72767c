package dialecttest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// testClassifyStatements runs statements that fail.
func testClassifyStatements(t *testing.T, x *suite) {
	x.create(t, "parent", column("id", "int32"))
	child := dialect.Table{
		Schema: x.schema, Name: "child", Key: []string{"id"},
		Columns: []dialect.Column{
			column("id", "int32"), unmarked(column("parent_id", "int32")),
			nullable(column("i8", "int8")), nullable(column("i16", "int16")), nullable(column("i32", "int32")),
			nullable(column("f32", "float32")), nullable(column("flag", "bool")), nullable(column("u", "uuid")),
			nullable(column("word", "varchar(3)")), nullable(column("letter", "char(1)")), nullable(column("doc", "json")),
			nullable(column("kind", "enum('a', 'b')")), nullable(column("quoted", `enum("quoted", "id")`)),
		},
		Foreign: []dialect.ForeignKey{
			{Columns: []string{"parent_id"}, Schema: x.schema, Table: "parent", ReferenceColumns: []string{"id"}},
		},
		Indexes: []dialect.Index{{Parts: dialect.OnColumns("i32"), Unique: true}},
	}
	x.run(t, x.d.CreateTable(child))
	x.exec(t, x.Write, "INSERT INTO %s (id) VALUES (1), (2)", "parent")
	x.exec(t, x.Write, "INSERT INTO %s (id, parent_id, i32) VALUES (1, 1, 1), (2, 1, 2)", "child")
	for _, c := range []struct {
		statement string
		args      []any
		want      dialect.Class
	}{
		{"INSERT INTO {parent} (id) VALUES (1)", nil, dialect.Duplicate},
		{"UPDATE {parent} SET id = 1 WHERE id = 2", nil, dialect.Duplicate},
		{"INSERT INTO {child} (id, parent_id) VALUES (1, 1)", nil, dialect.Duplicate},
		{"INSERT INTO {child} (id, parent_id, i32) VALUES (3, 1, 2)", nil, dialect.Duplicate},
		{"UPDATE {child} SET i32 = 1 WHERE id = 2", nil, dialect.Duplicate},

		{"INSERT INTO {child} (id, parent_id) VALUES (3, 9)", nil, dialect.Referenced},
		{"UPDATE {child} SET parent_id = 9", nil, dialect.Referenced},
		{"DELETE FROM {parent} WHERE id = 1", nil, dialect.Referenced},
		{"DROP TABLE {parent}", nil, dialect.Referenced},

		{"INSERT INTO {child} (id, parent_id) VALUES (NULL, 1)", nil, dialect.Value},
		{"INSERT INTO {child} (id, parent_id) VALUES (3, ?)", []any{nil}, dialect.Value},
		{"INSERT INTO {child} (parent_id) VALUES (1)", nil, dialect.Value},
		{"UPDATE {child} SET i8 = 128", nil, dialect.Value},
		{"UPDATE {child} SET i8 = -129", nil, dialect.Value},
		{"UPDATE {child} SET i16 = ?", []any{1 << 15}, dialect.Value},
		{"UPDATE {child} SET i32 = ? WHERE id = 1", []any{int64(1) << 31}, dialect.Value},
		{"UPDATE {child} SET i32 = ? WHERE id = 1", []any{"word"}, dialect.Value},
		{"UPDATE {child} SET flag = 300", nil, dialect.Value},
		{"UPDATE {child} SET f32 = 1e39", nil, dialect.Value},
		{"UPDATE {child} SET f32 = -1e39", nil, dialect.Value},
		{"UPDATE {child} SET u = ?", []any{make([]byte, 17)}, dialect.Value},
		{"UPDATE {child} SET word = ?", []any{"four"}, dialect.Value},
		{"UPDATE {child} SET letter = 'ab'", nil, dialect.Value},
		{"UPDATE {child} SET kind = 'c'", nil, dialect.Value},
		{"UPDATE {child} SET kind = ''", nil, dialect.Value},
		{"UPDATE {child} SET quoted = 'c'", nil, dialect.Value},
		{"UPDATE {child} SET doc = 'no {json'", nil, dialect.Value},

		{"SELECT * FROM {missing}", nil, dialect.NoTable},
		{"INSERT INTO {missing} (id) VALUES (1)", nil, dialect.NoTable},
		{"UPDATE {missing} SET id = 1", nil, dialect.NoTable},
		{"DELETE FROM {missing}", nil, dialect.NoTable},
		{"SELECT * FROM {nowhere}", nil, dialect.NoTable},
		{"INSERT INTO {nowhere} (id) VALUES (1)", nil, dialect.NoTable},

		{"SELECT missing FROM {parent}", nil, dialect.NoColumn},
		{"SELECT id FROM {parent} WHERE missing = ?", []any{1}, dialect.NoColumn},
		{"INSERT INTO {parent} (id, missing) VALUES (3, 3)", nil, dialect.NoColumn},
		{"UPDATE {parent} SET missing = 1", nil, dialect.NoColumn},

		{"SELEC id FROM {parent}", nil, dialect.Other},
	} {
		statement := strings.NewReplacer(
			"{parent}", x.d.Table(x.schema, "parent"), "{child}", x.d.Table(x.schema, "child"),
			"{missing}", x.d.Table(x.schema, "missing"), "{nowhere}", x.d.Table(x.schema+"_nowhere", "missing"),
		).Replace(c.statement)
		_, err := x.Write.ExecContext(t.Context(), statement, c.args...)
		require.Error(t, err, statement)
		require.Equal(t, c.want, x.d.Classify(err), "%s: %v", statement, err)
		require.Equal(t, c.want, x.d.Classify(fmt.Errorf("wrapped: %w", err)), "%s, wrapped", statement)
	}
	x.exec(t, x.Write, "UPDATE %s SET i8 = -128, i16 = 32767, f32 = 3.4e38, word = 'öäü', kind = 'b', quoted = 'id', doc = '{}'", "child")
}

// testClassifyDeadlock has two transactions want what the other holds, where two can.
func testClassifyDeadlock(t *testing.T, x *suite) {
	if x.d.SingleWriter() {
		t.Skip("one transaction at a time writes: none meets another")
	}
	x.create(t, "rows", column("id", "int32"), column("v", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 0), (2, 0)", "rows")
	update := "UPDATE " + x.d.Table(x.schema, "rows") + " SET v = v + 1 WHERE id = ?"
	a, b := x.begin(t, x.Write), x.begin(t, x.Write)
	for id, tx := range []execer{a, b} {
		_, err := tx.ExecContext(t.Context(), update, id+1)
		require.NoError(t, err)
	}
	// Each waits for the other, or is told at once.
	failed := make(chan error, 1)
	go func() {
		_, err := a.ExecContext(t.Context(), update, 2)
		failed <- err
	}()
	_, errB := b.ExecContext(t.Context(), update, 1)
	if errB != nil {
		require.NoError(t, b.Rollback())
	}
	err := errors.Join(errB, <-failed)
	require.Error(t, err)
	require.Equal(t, dialect.Busy, x.d.Classify(err), "%v", err)
}

func testClassifyOther(t *testing.T, x *suite) {
	require.Equal(t, dialect.Other, x.d.Classify(nil))
	require.Equal(t, dialect.Other, x.d.Classify(errors.New("no such table: deadlock")), "texts do not count")
	require.Equal(t, dialect.Other, x.d.Classify(context.Canceled))
	require.Equal(t, dialect.Other, x.d.Classify(context.DeadlineExceeded))
	require.Equal(t, dialect.Lost, x.d.Classify(fmt.Errorf("wrapped: %w", driver.ErrBadConn)))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := x.Write.ExecContext(ctx, "SELECT 1")
	require.Equal(t, dialect.Other, x.d.Classify(err), "what the caller ended is no trouble of the server: %v", err)
}
