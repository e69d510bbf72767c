package schema

import (
	"context"
	"database/sql"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/testdb"
)

// requirePeerIsThere wants all that Declare makes of the peer's tables, and contents once.
func requirePeerIsThere(t *testing.T, db *rowmill.DB, s *Schema) {
	t.Helper()
	for _, table := range s.Tables() {
		found, err := describeSchema(t.Context(), db, s.name, table.name)
		require.NoError(t, err)
		require.Empty(t, table.compare(found[table.name]))
		require.Len(t, found[table.name].Columns, len(table.rendered().Columns), table.Name())
	}
	require.Equal(t, []string{"a|1", "b|2"},
		texts(t, db, "SELECT method, `order` FROM "+tableOf(db, find(s, "Method"))+" ORDER BY method"))
	require.Equal(t, []string{"7"}, texts(t, db, "SELECT v FROM "+tableOf(db, find(s, "Singleton"))))
}

func TestDeclareTwiceIsOnce(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := newPeer("djddl")
		_, err := db.Query(t.Context(), "SELECT * FROM "+tableOf(db, find(s, "Source")))
		require.ErrorIs(t, err, rowmill.ErrNoTable)
		require.NoError(t, s.Declare(t.Context(), db))
		requirePeerIsThere(t, db, s)

		// What people change in a lookup table stays; what they take away comes back.
		methods := tableOf(db, find(s, "Method"))
		execute(t, db, "UPDATE "+methods+" SET `order` = 5 WHERE method = 'a'")
		execute(t, db, "DELETE FROM "+methods+" WHERE method = 'b'")
		execute(t, db, "INSERT INTO "+methods+" (method, `order`) VALUES ('c', 3)")
		require.NoError(t, newPeer("djddl").Declare(t.Context(), db))
		require.Equal(t, []string{"a|5", "b|2", "c|3"}, texts(t, db, "SELECT method, `order` FROM "+methods+" ORDER BY method"))

		require.NoError(t, newPeer("Other-1_x").Declare(t.Context(), db), "the same tables in another schema")
	})
}

// TestDeclareTellsEveryDifference declares a table, and then others under its name.
func TestDeclareTellsEveryDifference(t *testing.T) {
	type Thing struct{ ID int32 }
	declare := func(t *testing.T, db *rowmill.DB, text string) error {
		t.Helper()
		s := New("lab")
		Manual[Thing](s, text)
		return s.Declare(t.Context(), db)
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, declare(t, db, "id : int32\n---\nn = 1 : int16\nkind = 'a' : enum('a', 'b')\nold = null : date\ngone = 0 : bool"))

		err := declare(t, db, "id : int32\n---\nn = 1 : int64\nkind = null : enum('a','b')\nold = '2020-01-01' : date\nfresh = '' : varchar(8)")
		require.Error(t, err)
		require.Regexp(t, `^declare schema lab: table Thing \(lab.thing\) is in the database, `+
			`and differs from its definition at schema/declare_test.go:\d+: `, err.Error())
		for _, wanted := range []string{
			`n: wanted int64, by default "1", found int16, by default "1"`,
			`kind: wanted enum('a','b') or null, found enum('a', 'b'), by default "a"`,
			`old: wanted date, by default "2020-01-01", found date or null`,
			`fresh: wanted varchar(8), by default "", found no such attribute`,
		} {
			require.ErrorContains(t, err, wanted)
		}

		// The key is compared as well.
		err = declare(t, db, "id : int32\nn = 1 : int16\n---\nkind = 'a' : enum('a', 'b')\nold = null : date\ngone = 0 : bool")
		require.ErrorContains(t, err, "primary key: wanted (id, n), found (id)")

		// Comments and the spelling of types and defaults may differ, and what others added may be there.
		require.NoError(t, declare(t, db, "# new\nid : int32  # new\n---\nn = '+1' : int16\nkind = \"a\" : enum(\"a\",   \"b\")\nold = null : date"))
	})
}

// TestDeclareReadsInheritedTypes declares, twice, keys of types that servers spell in their own way.
func TestDeclareReadsInheritedTypes(t *testing.T) {
	type Odd struct {
		A, B, C, D, E string
		F             bool
		G             time.Time
		H             float32
	}
	type Child struct {
		Odd
		A2, B2, C2, D2, E2 string
		F2                 bool
		G2                 time.Time
		H2                 float32
	}
	declare := func(t *testing.T, db *rowmill.DB) error {
		t.Helper()
		s := New("lab")
		odds := Manual[Odd](s, `
			a : enum("x", "it's")
			b : enum('a b','c,  d',   'e''f')
			c : decimal(5)
			d : decimal(5,  2)
			e : char(3)
			f = 1 : bool
			g = '2020-01-01' : datetime(0)
			h = 1 : float32
		`)
		Manual[Child](s, "-> Odd\n---\n-> Odd.proj(a2='a', b2='b', c2='c', d2='d', e2='e', f2='f', g2='g', h2='h')", odds)
		return s.Declare(t.Context(), db)
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, declare(t, db))
		require.NoError(t, declare(t, db))
	})
}

// TestDeclareParentsFirst has a foreign key lead to another schema, which is declared with it.
func TestDeclareParentsFirst(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		far, near := New("far"), New("near")
		subjects := Lookup(far, "subject_id : int32\n---\nspecies : varchar(16)", []Subject{{1, "mouse"}})
		trials := Manual[Trial](near, "-> Subject\ntrial : int16", subjects)
		require.NoError(t, near.Declare(t.Context(), db))

		insert := "INSERT INTO " + tableOf(db, trials) + " (subject_id, trial) VALUES (?, 1)"
		execute(t, db, insert, 1)
		_, err := db.Exec(t.Context(), insert, 2)
		require.ErrorIs(t, err, rowmill.ErrReferenced)
		_, err = db.Exec(t.Context(), "DELETE FROM "+tableOf(db, subjects))
		require.ErrorIs(t, err, rowmill.ErrReferenced, "ON DELETE RESTRICT")
		execute(t, db, "UPDATE "+tableOf(db, subjects)+" SET subject_id = 3")
		require.Equal(t, []string{"3|1"}, texts(t, db, "SELECT subject_id, trial FROM "+tableOf(db, trials)), "ON UPDATE CASCADE")
		require.Equal(t, []string{"subject_id|far.#subject.subject_id", "trial|near.trial.trial"}, lineageOf(t, db, trials.Untyped()))
	})
}

// TestDeclareSchemasThatReferToEachOther has foreign keys lead from one schema to the other and back.
func TestDeclareSchemasThatReferToEachOther(t *testing.T) {
	type C struct{ C int32 }
	type B struct{ C int32 }
	type A struct{ C int32 }
	type D struct{ C int32 }
	type X struct{ C int32 }
	type Rest struct{ R int32 }
	each(t, func(t *testing.T, db *rowmill.DB) {
		near, far := New("near"), New("far")
		cs := Manual[C](near, "c : int32")
		bs := Manual[B](far, "-> C", cs)
		as := Manual[A](near, "-> B", bs)
		ds := Manual[D](near, "-> A", as)
		Manual[X](far, "-> D", ds)
		Manual[Rest](far, "r : int32")
		require.NoError(t, near.Declare(t.Context(), db))
		for _, table := range append(near.Tables(), far.Tables()...) {
			found, err := describeSchema(t.Context(), db, table.schema.name, table.name)
			require.NoError(t, err)
			require.Len(t, found[table.name].Columns, 1, table.FullName())
		}
		require.NoError(t, far.Declare(t.Context(), db))
	})
}

// TestDeclareAddsHiddenColumns has a computed table that lacks the columns which tell of a
// row's making, as DataJoint for Python makes it unless it is told otherwise.
func TestDeclareAddsHiddenColumns(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := newPeer("djddl")
		require.NoError(t, run(t.Context(), db, db.Dialect().CreateSchema("djddl")))
		for _, class := range []string{"Source", "MetaResult"} {
			bare := find(s, class).rendered()
			if class == "MetaResult" {
				bare.Columns = bare.Columns[:2]
			}
			require.NoError(t, run(t.Context(), db, db.Dialect().CreateTable(bare)))
		}
		execute(t, db, "INSERT INTO "+tableOf(db, find(s, "Source"))+" (id) VALUES (1)")
		execute(t, db, "INSERT INTO "+tableOf(db, find(s, "MetaResult"))+" (id, value) VALUES (1, 2.5)")

		require.NoError(t, s.Declare(t.Context(), db))
		requirePeerIsThere(t, db, s)
		require.Equal(t, []string{"1|2.5|<nil>|<nil>|"}, texts(t, db, "SELECT * FROM "+tableOf(db, find(s, "MetaResult"))))
		require.NoError(t, s.Declare(t.Context(), db))
	})
}

// TestContentsThatClash has two rows of a lookup table's contents with one value of a unique index.
func TestContentsThatClash(t *testing.T) {
	type Mode struct {
		Mode int32
		Name string
	}
	declare := func(t *testing.T, db *rowmill.DB, rows ...Mode) error {
		t.Helper()
		s := New("lab")
		Lookup(s, "mode : int32\n---\nname : varchar(8)\nunique index(name)", rows)
		return s.Declare(t.Context(), db)
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		err := declare(t, db, Mode{1, "fast"}, Mode{2, "fast"})
		require.ErrorIs(t, err, rowmill.ErrDuplicate)
		require.ErrorContains(t, err, "declare schema lab: table Mode: contents: row 2: ")
		require.ErrorIs(t, declare(t, db, Mode{1, "fast"}, Mode{3, "much too long"}), rowmill.ErrValue)
		require.NoError(t, declare(t, db, Mode{1, "slow"}, Mode{2, "slow"}), "the one is there already, as fast")
	})
}

// user makes a user of a server, who has what is granted to him, and opens the database as him.
func user(t *testing.T, dsn string, grants ...string) *rowmill.DB {
	t.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		t.Skip("an SQLite file has no users")
	}
	db := openDB(t, dsn)
	execute(t, db, "DROP USER IF EXISTS somebody@'%'")
	execute(t, db, "CREATE USER somebody@'%' IDENTIFIED BY 'secret'")
	t.Cleanup(func() { _, _ = db.Exec(context.WithoutCancel(t.Context()), "DROP USER somebody@'%'") })
	for _, g := range grants {
		execute(t, db, "GRANT "+g+" TO somebody@'%'")
	}
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.UserPassword("somebody", "secret")
	return openDB(t, u.String())
}

// TestDeclareNeedsNoRightToWrite reads what is there, and no more.
func TestDeclareNeedsNoRightToWrite(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openDB(t, dsn)
		require.NoError(t, newPeer("djddl").Declare(t.Context(), db))
		reader := user(t, dsn, "SELECT ON djddl.*")
		require.NoError(t, newPeer("djddl").Declare(t.Context(), reader))
		statements, err := newPeer("djddl").DeclareSQL(t.Context(), reader)
		require.NoError(t, err)
		require.Empty(t, statements)
		a, err := newPeer("djddl").Alter(t.Context(), reader, nil)
		require.NoError(t, err)
		require.NoError(t, a.Run(t.Context(), reader))
		require.ErrorIs(t, newPeer("fresh").Declare(t.Context(), reader), rowmill.ErrDenied)

		// Of what Python alone needs a reader is told, and goes on.
		execute(t, db, "DELETE FROM djddl.`~lineage` WHERE table_name = 'uk'")
		require.NoError(t, newPeer("djddl").Declare(t.Context(), reader))
		execute(t, db, "DROP TABLE djddl.`~lineage`")
		require.NoError(t, newPeer("djddl").Declare(t.Context(), reader))
		require.NoError(t, newPeer("djddl").Declare(t.Context(), db))
		requirePeerIsThere(t, db, newPeer("djddl"))

		execute(t, db, "DELETE FROM djddl.`#method` WHERE method = 'b'")
		require.ErrorIs(t, newPeer("djddl").Declare(t.Context(), reader), rowmill.ErrDenied)
	})
}

// TestDeclareNeedsTheRightsForWhatItDoes has users who may create tables in a database, but no databases.
func TestDeclareNeedsTheRightsForWhatItDoes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		grants := []string{"CREATE, REFERENCES, SELECT, INSERT ON djddl.`~lineage`"}
		for _, table := range newPeer("djddl").Tables() {
			grants = append(grants, "CREATE, REFERENCES, SELECT, INSERT ON djddl.`"+table.name+"`")
		}
		creator := user(t, dsn, grants...)
		require.ErrorIs(t, newPeer("djddl").Declare(t.Context(), creator), rowmill.ErrDenied)
		db := openDB(t, dsn)
		execute(t, db, "CREATE DATABASE djddl CHARACTER SET utf8mb4")
		_, err := creator.Exec(t.Context(), "CREATE DATABASE IF NOT EXISTS djddl")
		require.ErrorIs(t, err, rowmill.ErrDenied)
		require.NoError(t, newPeer("djddl").Declare(t.Context(), creator))
		requirePeerIsThere(t, db, newPeer("djddl"))

		queue := Auxiliary(find(newPeer("djddl"), "Result"), "~~result", "Result queue", "", NewHeading([]Attr{{Name: "id", Type: datatype.MustParse("int32"), Key: true}}), nil)
		require.ErrorIs(t, queue.Declare(t.Context(), creator), rowmill.ErrDenied)
		execute(t, db, "GRANT CREATE, SELECT ON djddl.`~~result` TO somebody@'%'")
		require.NoError(t, queue.Declare(t.Context(), creator))
	})
}

// hostileTables are named, commented on and filled with what is trouble in one place or another.
func hostileTables(name string) *Schema {
	s := New(name)
	far := New("Far-1_" + name)
	select_ := define(far, TierManual, "Select", "# it's \"a\" \\ `comment` ? ?? %s {0} ; -- /* ☃ 𝄞 \\\nkey : varchar(9) # it's \"a\" \\ `comment` ? ?? %s {0} ; -- /* ☃ 𝄞 \\\nindex : int")
	define(s, TierComputed, "Table", "-> Select\n---\norder = 'it''s ? \"x\" ; -- ☃ 𝄞 `' : varchar(80)\ngroup = null : enum('?', 'it''s', \"d\"\"q\", ':', ';')\nwhere = CURRENT_TIMESTAMP(3) : datetime(3)\nunique index(where, index)", select_)
	return s
}

// TestDeclareSQL runs the statements by hand, one by one, through the driver alone.
func TestDeclareSQL(t *testing.T) {
	for name, program := range map[string]func() *Schema{
		"peer": func() *Schema { return newPeer("lab") }, "many": func() *Schema { return manyTables(false) }, "hostile": func() *Schema { return hostileTables("lab") },
	} {
		t.Run(name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, dsn string) {
				schemas := []string{"lab", "lab_far", "Far-1_lab"}
				declared := openDB(t, dsn)
				require.NoError(t, program().Declare(t.Context(), declared))
				wanted := madeIn(t, declared, schemas...)
				statements, err := program().DeclareSQL(t.Context(), declared)
				require.NoError(t, err)
				require.Empty(t, statements)

				dsn = emptied(t, dsn, schemas...)
				db := openDB(t, dsn)
				statements, err = program().DeclareSQL(t.Context(), db)
				require.NoError(t, err)
				require.Len(t, slices.Compact(slices.Sorted(slices.Values(statements))), len(statements), "each once")
				byHand(t, dsn, statements)
				statements, err = program().DeclareSQL(t.Context(), db)
				require.NoError(t, err)
				require.Empty(t, statements)
				require.NoError(t, program().Declare(t.Context(), db), "the contents")
				require.Equal(t, wanted, madeIn(t, db, schemas...))
			})
		})
	}
}

// byHand runs statements as any client of the server would.
func byHand(t *testing.T, dsn string, statements []string) {
	t.Helper()
	driver, source, _ := strings.Cut(dsn, ":")
	if driver == "mysql" {
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		source = u.User.String() + "@tcp(" + u.Host + ")/"
		if _, set := u.User.Password(); !set {
			source = u.User.Username() + ":" + "@tcp(" + u.Host + ")/"
		}
	}
	db, err := sql.Open(driver, source)
	require.NoError(t, err)
	defer db.Close()
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
}

// TestDeclareSQLOfSomeTables has some tables there already, one without its hidden columns.
func TestDeclareSQLOfSomeTables(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openDB(t, dsn)
		require.NoError(t, manyTables(true).Declare(t.Context(), db))
		statements, err := manyTables(false).DeclareSQL(t.Context(), db)
		require.NoError(t, err)
		require.NotContains(t, strings.Join(statements, "\n"), "CREATE DATABASE")
		byHand(t, dsn, statements)
		statements, err = manyTables(false).DeclareSQL(t.Context(), db)
		require.NoError(t, err)
		require.Empty(t, statements)
		found := madeIn(t, db, "lab", "lab_far")

		db = openDB(t, emptied(t, dsn, "lab", "lab_far"))
		require.NoError(t, manyTables(false).Declare(t.Context(), db))
		require.Equal(t, madeIn(t, db, "lab", "lab_far"), found)
	})
}

// TestDeclareTakesFewStatements counts what a server is sent where all is there.
func TestDeclareTakesFewStatements(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		if db.Dialect().SingleWriter() {
			t.Skip("SQLite is sent nothing; what it is asked is as many")
		}
		questions := func() int {
			_, n, _ := strings.Cut(texts(t, db, "SHOW GLOBAL STATUS LIKE 'Questions'")[0], "|")
			count, err := strconv.Atoi(n)
			require.NoError(t, err)
			return count
		}
		count := func(do func() error) int {
			before := questions()
			require.NoError(t, do())
			return questions() - before - 1
		}
		require.NoError(t, manyTables(false).Declare(t.Context(), db))
		s := manyTables(false)
		require.Len(t, append(s.Tables(), find(s, "Mean1").ForeignKeys()[0].Parent.ForeignKeys()[0].Parent.schema.Tables()...), 30)
		require.Equal(t, 2*5+2, count(func() error { return s.Declare(t.Context(), db) }), "tables, columns, indexes, foreign keys and lineage of two schemas; two contents")
		require.Equal(t, 2*5, count(func() error { _, err := s.DeclareSQL(t.Context(), db); return err }))
		require.Equal(t, 4, count(func() error { _, err := s.Alter(t.Context(), db, nil); return err }))
		require.Equal(t, 4, count(func() error { return s.tables[0].Declare(t.Context(), db) }))
	})
}
