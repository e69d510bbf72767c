package query

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// manySubjects are n subjects whose numbers begin at 1000.
func manySubjects(n int) []Subject {
	rows := make([]Subject, n)
	for i := range rows {
		rows[i] = Subject{int32(1000 + i), "many", new(float64(i))}
	}
	return rows
}

func countOf(t *testing.T, conn rowmill.Conn, table schema.Declared) int {
	t.Helper()
	n, err := Count(t.Context(), conn, From(table))
	require.NoError(t, err)
	return n
}

// TestInsertManyInFewStatements counts the statements that rows take.
func TestInsertManyInFewStatements(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.Greater(t, db.Dialect().MaxArgs()/3, maxRows, "rows of three attributes")
		for _, c := range []struct{ rows, statements int }{
			{0, 0}, {1, 1}, {maxRows, 1}, {maxRows + 1, 2}, {2*maxRows + 500, 3},
		} {
			conn := &spy{DB: db}
			require.NoError(t, Insert(t.Context(), conn, subjects, manySubjects(c.rows)...))
			require.Equal(t, c.statements, conn.execs, "%d rows", c.rows)
			require.Equal(t, 3+c.rows, countOf(t, db, subjects))
			_, err := db.Exec(t.Context(), "DELETE FROM "+db.Dialect().Table("lab", "subject")+" WHERE subject_id >= 1000")
			require.NoError(t, err)
		}
	})
}

type Big struct {
	N    int32
	Data []byte
}

var (
	bigLab = schema.New("big")
	bigs   = schema.Manual[Big](bigLab, "n : int32\n---\ndata : bytes")
)

// TestInsertLargeRows divides rows by their bytes: a statement has one row, or 4 MiB at most.
func TestInsertLargeRows(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, bigLab.Declare(t.Context(), db))
		conn := &spy{DB: db}
		row := func(n int32, mib int) Big { return Big{n, []byte(strings.Repeat("\x00'", mib<<19))} }
		rows := []Big{row(1, 1), row(2, 1), row(3, 1), row(4, 2), row(5, 5), row(6, 1)}
		require.NoError(t, Insert(t.Context(), conn, bigs, rows...))
		require.Equal(t, 4, conn.execs, "1, 1, 1 | 2 | 5 | 1")
		got, err := Fetch[Big](t.Context(), db, From(bigs).Where("n = 5"))
		require.NoError(t, err)
		require.Equal(t, rows[4:5], got)
	})
}

// TestInsertAllOrNothing has the last row of several statements fail.
func TestInsertAllOrNothing(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		rows := manySubjects(maxRows + 10)
		rows[len(rows)-1].SubjectID = 1
		err := Insert(t.Context(), db, subjects, rows...)
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.ErrorContains(t, err, "insert into Subject: ")
		require.Equal(t, 3, countOf(t, db, subjects))

		// In a transaction that goes on as if nothing had happened, too.
		err = db.Transact(t.Context(), func(tx *rowmill.Tx) error {
			require.NoError(t, Insert(t.Context(), tx, tags, Tag{"fresh"}))
			_ = Insert(t.Context(), tx, subjects, rows...)
			return nil
		})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.Equal(t, 3, countOf(t, db, subjects))
		require.Equal(t, 1, countOf(t, db, tags))

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, Insert(ctx, db, tags, Tag{"late"}), context.Canceled)
		require.Equal(t, 1, countOf(t, db, tags))
	})
}

// TestInsertErrors are those that a caller may test for. None leaves anything behind.
func TestInsertErrors(t *testing.T) {
	key := SpectrumKey{SessionKey{1, 2}, "welch"}
	cases := []struct {
		name   string
		wanted error
		text   string
		table  schema.Declared
		insert func(ctx context.Context, db *rowmill.DB) error
	}{
		{"a key that is there", rowmill.ErrDuplicate, "insert into Tag: ", tags,
			func(ctx context.Context, db *rowmill.DB) error { return Insert(ctx, db, tags, Tag{"new"}, Tag{"t"}) }},
		{"a key twice", rowmill.ErrDuplicate, "insert into Tag: ", tags,
			func(ctx context.Context, db *rowmill.DB) error { return Insert(ctx, db, tags, Tag{"new"}, Tag{"new"}) }},
		{"the second row of a table of one", rowmill.ErrDuplicate, "insert into Setup: ", setups,
			func(ctx context.Context, db *rowmill.DB) error { return Insert(ctx, db, setups, Setup{8}) }},
		{"no parent", rowmill.ErrReferenced, "insert into Session: ", sessions,
			func(ctx context.Context, db *rowmill.DB) error {
				return Insert(ctx, db, sessions, Session{SessionKey: SessionKey{3, 1}}, Session{SessionKey: SessionKey{9, 1}})
			}},
		{"no parent of a renamed key", rowmill.ErrReferenced, "insert into Pair: ", pairs,
			func(ctx context.Context, db *rowmill.DB) error { return Insert(ctx, db, pairs, Pair{A: 3, B: 9}) }},
		{"no parent of a secondary key", rowmill.ErrReferenced, "insert into Pair: ", pairs,
			func(ctx context.Context, db *rowmill.DB) error {
				return Insert(ctx, db, pairs, Pair{A: 3, B: 1, Method: new("none")})
			}},
		{"a text that is too long", rowmill.ErrValue, "insert into Tag: ", tags,
			func(ctx context.Context, db *rowmill.DB) error {
				return Insert(ctx, db, tags, Tag{"new"}, Tag{"123456789"})
			}},
		{"a number that is none", rowmill.ErrValue, "insert into Subject: subject_id=8: ", subjects,
			func(ctx context.Context, db *rowmill.DB) error {
				return Insert(ctx, db, subjects, Subject{7, "ok", nil}, Subject{8, "odd", new(math.NaN())})
			}},
		{"a computed table", rowmill.ErrRefused, "insert into Spectrum: refused: rows of computed tables are made by their make function", spectra,
			func(ctx context.Context, db *rowmill.DB) error { return Insert(ctx, db, spectra, Spectrum{key, 1}) }},
		{"a computed table in a transaction", rowmill.ErrRefused, "insert into Spectrum: ", spectra,
			func(ctx context.Context, db *rowmill.DB) error {
				return db.Transact(ctx, func(tx *rowmill.Tx) error { return Insert(ctx, tx, spectra, Spectrum{key, 1}) })
			}},
		{"a part of a computed table", rowmill.ErrRefused, "insert into Spectrum.Peak: refused: ", peaks,
			func(ctx context.Context, db *rowmill.DB) error {
				return Insert(ctx, db, peaks, Peak{SpectrumKey{SessionKey{1, 1}, "fft"}, 9, 1})
			}},
		{"a connection that refuses", errNo, "insert into Tag: no", tags,
			func(ctx context.Context, _ *rowmill.DB) error { return Insert(ctx, refusing{}, tags, Tag{"new"}) }},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := countOf(t, db, c.table)
				err := c.insert(t.Context(), db)
				require.ErrorIs(t, err, c.wanted)
				require.ErrorContains(t, err, c.text)
				require.Equal(t, before, countOf(t, db, c.table))
			})
		}
		require.NoError(t, Insert[Tag](t.Context(), refusing{}, tags), "no rows are no statement")
		require.NoError(t, Insert(t.Context(), db, peaks))
	})
}

// stamped is a connection whose rows are stamped with a version, as those of a make are.
type stamped struct{ *rowmill.DB }

func (stamped) Stamp(*schema.Table) ([]string, []squirrel.Sqlizer) {
	return []string{schema.JobVersion, schema.JobDuration}, []squirrel.Sqlizer{squirrel.Expr("?", "it's v1"), squirrel.Expr("1.5")}
}

// TestInsertStamps enters the hidden columns of made rows.
func TestInsertStamps(t *testing.T) {
	key := SpectrumKey{SessionKey{2, 1}, "fft"}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), stamped{db}, spectra, Spectrum{key, 1}, Spectrum{SpectrumKey{key.SessionKey, "welch"}, 2}))
		rows, err := db.Query(t.Context(), "SELECT COUNT(*) FROM "+db.Dialect().Table("lab", "__spectrum")+
			" WHERE _job_version = ? AND _job_duration = 1.5 AND subject_id = 2", "it's v1")
		require.NoError(t, err)
		defer rows.Close()
		n := 0
		for rows.Next() {
			require.NoError(t, rows.Scan(&n))
		}
		require.NoError(t, rows.Err())
		require.Equal(t, 2, n)
		require.Len(t, texts(t, db, From(spectra).In(From(sessions).Where("subject_id = 2"))), 2)
	})
}

// errNo is what a refusing connection says.
var errNo = errors.New("no")

type refusing struct{}

func (refusing) Session(rowmill.Use) (rowmill.Session, error) { return nil, errNo }

// A witness is a connection that notes what it was asked for.
type witness struct {
	*rowmill.DB

	uses *[]rowmill.Use
}

func (w witness) Session(use rowmill.Use) (rowmill.Session, error) {
	*w.uses = append(*w.uses, use)
	return w.DB, nil
}

// TestConnectionsAreAskedForEveryTable holds queries to name all that they read and write: what a
// make may do is decided by it.
func TestConnectionsAreAskedForEveryTable(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		rel := From(subjects).Join(From(sessions).In(From(spectra), From(pairs).Project("subject_id = a"))).
			Project("species").NotIn(From(reviews).Project("subject_id = subject", "session = run"))
		var uses []rowmill.Use
		conn := witness{db, &uses}
		_, err := Count(t.Context(), conn, rel)
		require.NoError(t, err)
		require.NoError(t, Insert(t.Context(), conn, tags, Tag{"new"}))
		require.Len(t, uses, 2)
		require.ElementsMatch(t, []string{"lab.subject", "lab.session", "lab.__spectrum", "lab.pair", "lab.review"}, uses[0].Reads)
		require.Equal(t, rowmill.Use{Writes: []string{"lab.tag"}}, uses[1])
		_, err = Fetch[Subject](t.Context(), refusing{}, From(subjects))
		require.ErrorIs(t, err, errNo)
	})
}
