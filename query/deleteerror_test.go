package query

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// TestDeleteRefuses deletes nothing, and says why.
func TestDeleteRefuses(t *testing.T) {
	cases := []struct {
		name   string
		rel    Rel
		conn   rowmill.Conn // the database where it is nil
		is     error
		wanted string
	}{
		{"a join", From(subjects, sessions), nil, nil, "delete: rows are deleted from a table, restricted or not, and this relation is something else: From(table).In(relation.Project()) are the rows"},
		{"a projection", From(subjects).Project(), nil, nil, "rows are deleted from a table"},
		{"some of a table's rows", From(subjects).Top(1), nil, nil, "rows are deleted from a table"},
		{"a restricted join", From(subjects, sessions).Where("rate_hz = 100"), nil, nil, "rows are deleted from a table"},
		{"an attribute that is not there", From(subjects).Where("specis = 'mouse'"), nil, rowmill.ErrNoAttribute, `delete: condition "specis = 'mouse'": no attribute "specis"`},
		{"no relation", Rel{}, nil, nil, "delete: the relation is empty"},
		{"a connection that refuses", From(subjects), refusing{}, errNo, "delete from Subject: no"},
		{"a table that is not there", From(exacts), nil, rowmill.ErrNoTable, "delete from Exact: "},
		{"by a table that is not there", From(subjects).In(From(sessions).In(From(exacts).Project("n"))), nil, rowmill.ErrNoTable, "delete from Subject: "},
		{"a condition that is no SQL", From(subjects).Where("subject_id = = 1"), nil, nil, "delete from Subject: "},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range cases {
			for _, dry := range []bool{true, false} {
				t.Run(fmt.Sprint(c.name, dry), func(t *testing.T) {
					conn := c.conn
					if conn == nil {
						conn = db
					}
					_, err := Delete(t.Context(), conn, c.rel, &DeleteOptions{DryRun: dry})
					require.ErrorContains(t, err, c.wanted)
					if c.is != nil {
						require.ErrorIs(t, err, c.is)
					}
				})
			}
		}
		require.Equal(t, 3, countOf(t, db, subjects))
		require.Equal(t, 3, countOf(t, db, sessions))
	})
}

// TestDeleteAsksForEveryTable holds Delete to name all that it reads and writes.
func TestDeleteAsksForEveryTable(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		var uses []rowmill.Use
		for _, dry := range []bool{true, false} {
			_, err := Delete(t.Context(), witness{db, &uses}, From(sessions).In(From(subjects).In(From(tags).Project("n = tag"))), &DeleteOptions{DryRun: dry})
			require.NoError(t, err)
		}
		writes := []string{"lab.session", "lab.__spectrum", "lab.~~spectrum", "lab.__spectrum__peak", "lab.review"}
		require.Len(t, uses, 2)
		for _, use := range uses {
			require.ElementsMatch(t, append([]string{"lab.tag", "lab.subject"}, writes...), use.Reads)
		}
		require.Empty(t, uses[0].Writes)
		require.ElementsMatch(t, writes, uses[1].Writes)
	})
}

// TestDeleteOfWhatOthersReferTo tells which table it is that refers to rows and that the program does not declare.
func TestDeleteOfWhatOthersReferTo(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		integer := datatype.MustParse("int32")
		outsider := dialect.Table{
			Schema: "lab", Name: "outsider", Key: []string{"who"}, Columns: []dialect.Column{{Name: "who", Type: integer}},
			Foreign: []dialect.ForeignKey{{Columns: []string{"who"}, Schema: "lab", Table: "subject", ReferenceColumns: []string{"subject_id"}}},
		}
		for _, s := range db.Dialect().CreateTable(outsider) {
			_, err := db.Exec(ctx, s.SQL, s.Args...)
			require.NoError(t, err)
		}
		_, err := db.Exec(ctx, "INSERT INTO "+db.Dialect().Table("lab", "outsider")+" VALUES (1)")
		require.NoError(t, err)
		wanted := "delete from Subject: Subject is referred to by the table lab.outsider, which this program does not declare:" +
			" delete its rows first, or import the package that declares it: a foreign key forbids it"
		for name, erase := range map[string]func() error{
			"alone": func() error {
				_, err := Delete(ctx, db, From(subjects), nil)
				return err
			},
			"in a transaction": func() error {
				return db.Transact(ctx, func(tx *rowmill.Tx) error {
					_, err := Delete(ctx, tx, From(subjects), nil)
					require.Error(t, tx.Err(), "it can only be rolled back")
					return err
				})
			},
		} {
			t.Run(name, func(t *testing.T) {
				err := erase()
				require.ErrorIs(t, err, rowmill.ErrReferenced)
				require.ErrorContains(t, err, wanted)
				require.Equal(t, []int{3, 3, 3}, []int{countOf(t, db, subjects), countOf(t, db, sessions), countOf(t, db, pairs)})
			})
		}
		deleted, err := Delete(ctx, db, From(subjects).Where("subject_id = 3"), nil)
		require.NoError(t, err, "it refers to others")
		require.Equal(t, census{"Subject": {1}, "Pair": {2}}, censusOf(deleted))
	})
}

// TestDeleteInATransaction goes with the transaction, and sees what is entered in it.
func TestDeleteInATransaction(t *testing.T) {
	errStop := errors.New("stop")
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		for _, transact := range []func(context.Context, func(*rowmill.Tx) error) error{db.Transact, db.TransactDeferred} {
			do := func(end error) error {
				return transact(ctx, func(tx *rowmill.Tx) error {
					require.NoError(t, Insert(ctx, tx, subjects, Subject{SubjectID: 4, Species: "cat"}))
					require.NoError(t, Insert(ctx, tx, sessions, Session{SessionKey: SessionKey{4, 1}}))
					dry, err := Delete(ctx, tx, From(subjects).Where("species = 'cat'"), &DeleteOptions{DryRun: true})
					require.NoError(t, err)
					require.Equal(t, census{"Subject": {1}, "Session": {1}}, censusOf(dry))
					_, err = Delete(ctx, tx, From(peaks), nil)
					require.ErrorIs(t, err, rowmill.ErrRefused)
					deleted, err := Delete(ctx, tx, From(subjects).Where("species = 'cat'"), nil)
					require.NoError(t, err, "nothing was done that would have to be undone")
					require.Equal(t, dry, deleted)
					require.Equal(t, 3, countOf(t, tx, subjects))
					require.NoError(t, Insert(ctx, tx, subjects, Subject{SubjectID: 4, Species: "dog"}))
					return end
				})
			}
			require.ErrorIs(t, do(errStop), errStop)
			require.Equal(t, 3, countOf(t, db, subjects))
			require.NoError(t, do(nil))
			deleted, err := Delete(ctx, db, From(subjects).Where("species = 'dog'"), nil)
			require.NoError(t, err)
			require.Equal(t, census{"Subject": {1}}, censusOf(deleted))
		}
	})
}

type (
	// A Keyed has a key of every type that servers compare.
	Keyed struct {
		Whole   int64
		Single  float32
		Double  float64
		Exactly string
		Word    string
		Fixed   string
		Day     time.Time
		Moment  time.Time
		Clock   time.Duration
		Which   string
		Yes     bool
		ID      uuid.UUID `db:"id"`
		Raw     []byte
	}
	Keys2 struct {
		Keyed
		N int8
	}
)

var (
	keyLab = schema.New("keylab")
	keyeds = schema.Manual[Keyed](keyLab, `
		whole : int64
		single : float32
		double : float64
		exactly : decimal(30,5)
		word : varchar(8)
		fixed : char(4)
		day : date
		moment : datetime(3)
		clock : time(3)
		which : enum('a','b')
		yes : bool
		id : uuid
		raw : varbinary(8)
	`)
	keys2 = schema.Manual[Keys2](keyLab, "-> Keyed\nn : int8", keyeds)
)

// someKeys are keys each two of which differ in one attribute or two, and there a little.
func someKeys() []Keyed {
	at := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	one := Keyed{1<<62 + 1, 0.1, 0.1, "1234567890123456789012345.00001", "Größe", "ab", at, at.Add(4567 * time.Millisecond), -90*time.Minute + 500*time.Millisecond, "a", true, uuid.UUID{1, 0xff}, []byte{0, 0xff}}
	like := []func(*Keyed){
		func(k *Keyed) { k.Whole++ }, func(k *Keyed) { k.Single = 0.10000001 }, func(k *Keyed) { k.Double = 0.10000000000000002 },
		func(k *Keyed) { k.Exactly = "1234567890123456789012345.00002" }, func(k *Keyed) { k.Word = "Größen" }, func(k *Keyed) { k.Fixed = "abc" },
		func(k *Keyed) { k.Day = at.AddDate(0, 0, 1) }, func(k *Keyed) { k.Moment = k.Moment.Add(time.Millisecond) }, func(k *Keyed) { k.Clock = time.Second },
		func(k *Keyed) { k.Which = "b" }, func(k *Keyed) { k.Yes = false }, func(k *Keyed) { k.ID[15] = 1 }, func(k *Keyed) { k.Raw = []byte{0, 0xff, 0} },
	}
	rows := []Keyed{one}
	for _, change := range like {
		other := one
		change(&other)
		rows = append(rows, other)
	}
	return rows
}

// TestDeleteByKeysThatAreRead deletes the rows whose keys were read before, and none that is like them.
func TestDeleteByKeysThatAreRead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, keyLab.Declare(t.Context(), db))
		rows := someKeys()
		require.NoError(t, Insert(t.Context(), db, keyeds, rows...))
		for i, row := range rows {
			require.NoError(t, Insert(t.Context(), db, keys2, Keys2{row, 1}, Keys2{row, 2}), i)
		}
		for i, row := range rows {
			rel := From(keyeds).Match(row).Where("NOT COALESCE(NULL, FALSE)").In(From(keys2).Where("n = 1"))
			for _, opts := range []DeleteOptions{{DryRun: true}, {}} {
				deleted, err := Delete(t.Context(), db, rel, &opts)
				require.NoError(t, err)
				require.Equal(t, census{"Keyed": {1}, "Keys2": {2}}, censusOf(deleted), "row %d", i)
			}
		}
	})
}
