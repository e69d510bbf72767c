package schema

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/testdb"
)

// envRounds says how often processes of each kind declare at once: once unless it is set, to 20 for the whole of it.
const envRounds = "ROWMILL_TEST_DECLARES"

// manyTables declares thirty tables in two schemas that refer to each other, as a program does, or as
// it did before its last table and its last hidden column were added. It returns the first, lab.
func manyTables(older bool) *Schema {
	near, far := New("lab"), New("lab_far")
	type Method struct {
		Method string
		Order  int16
	}
	var rows []Method
	for i := range 12 {
		rows = append(rows, Method{fmt.Sprintf("m%d", i), int16(i)})
	}
	methods := Lookup(near, "# how\nmethod : varchar(16)\n---\norder : int16 # 'first' \"first\"", rows).Untyped()
	type Mode struct{ Mode string }
	modes := Lookup(far, "mode : enum('a','b')", []Mode{{"a"}, {"b"}}).Untyped()
	above := define(near, TierManual, "Subject", `
		# who
		subject : uuid  # ☃
		run     : int32
		---
		born = null : date
		note = ''   : varchar(80)
		index(born)`)
	of, to := near, far
	for i := range 9 {
		n := strconv.Itoa(i)
		session := define(of, TierManual, "Session"+n, strings.ReplaceAll(`
			-> `+above.class+`
			-> Mode
			n# : int16
			---
			at# = CURRENT_TIMESTAMP(3) : datetime(3)
			-> [nullable] Method
			unique index(n#, at#)`, "#", n), above, modes, methods)
		scan := define(to, TierImported, "Scan"+n, strings.ReplaceAll(`
			-> Session#
			---
			data : <blob>
			-> [unique, nullable] Session#.proj(s='subject', r='run', m='mode', o='n#')`, "#", n), session)
		define(to, TierComputed, "Mean"+n, strings.ReplaceAll(`
			-> Scan#.proj(k='n#')
			---
			mean : float64
			index(mean)`, "#", n), scan)
		above, of, to = session, to, of
	}
	if older {
		near.tables = near.tables[:len(near.tables)-1]
		for _, t := range append(near.Tables(), far.Tables()...) {
			if t.tier.Made() {
				t.heading = NewHeading(t.heading.all[:len(t.heading.all)-1])
			}
		}
	}
	return near
}

// define declares a table without a type of its rows.
func define(s *Schema, tier Tier, class, text string, parents ...*Table) *Table {
	t := &Table{schema: s, tier: tier, definition: text, declaredAt: class}
	def, err := s.codecs.parse(text)
	var declared []Declared
	for _, p := range parents {
		declared = append(declared, p)
	}
	if err = errors.Join(err, t.setName(class)); err == nil {
		err = errors.Join(t.resolve(def, declared), s.add(t))
	}
	if err != nil {
		panic(fmt.Sprintf("%s: %v", class, err))
	}
	for _, p := range t.parents() {
		p.schema.adopt(p, t)
	}
	return t
}

// programs are what a process that a test starts can declare.
var programs = map[string]func() *Schema{
	"many":  func() *Schema { return manyTables(false) },
	"older": func() *Schema { return manyTables(true) },
}

// declareProgram declares the tables of a program, "name dsn", once its parent closes its input.
func declareProgram(program string) error {
	name, dsn, _ := strings.Cut(program, " ")
	ctx := context.Background()
	db, err := rowmill.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	s := programs[name]()
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return s.Declare(ctx, db)
}

// declareTogether has processes declare their programs at the same moment, and returns their errors.
func declareTogether(t *testing.T, dsn string, names ...string) error {
	t.Helper()
	var all errgroup.Group
	var ready errgroup.Group
	begin := make(chan struct{})
	errs := make([]error, len(names))
	for i, name := range names {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), envDeclare+"="+name+" "+dsn)
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		var told strings.Builder
		cmd.Stderr = &told
		require.NoError(t, cmd.Start())
		lines := bufio.NewReader(out)
		ready.Go(func() error {
			_, err := lines.ReadString('\n')
			return err
		})
		all.Go(func() error {
			<-begin
			_ = in.Close()
			rest, _ := io.ReadAll(lines)
			if err := cmd.Wait(); err != nil {
				errs[i] = fmt.Errorf("%s: %w\n%s%s", name, err, rest, told.String())
			}
			return nil
		})
	}
	_ = ready.Wait()
	close(begin)
	_ = all.Wait()
	return errors.Join(errs...)
}

func rounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv(envRounds))
	if err != nil {
		return 1
	}
	return n
}

// madeIn is what Declare makes in the database of schemas: the tables, and the rows that it inserts.
func madeIn(t *testing.T, db *rowmill.DB, schemas ...string) (all []any) {
	t.Helper()
	for _, s := range schemas {
		found, err := describeSchema(t.Context(), db, s, "")
		require.NoError(t, err)
		all = append(all, found)
		for _, table := range []string{lineageTableName, "#method", "#mode"} {
			if _, ok := found[table]; ok {
				all = append(all, texts(t, db, "SELECT * FROM "+db.Dialect().Table(s, table)+" ORDER BY "+dialect.QuoteAll(found[table].Key)))
			}
		}
	}
	return all
}

// emptied is a database without tables: another file, or the server without its schemas.
func emptied(t *testing.T, dsn string, schemas ...string) string {
	t.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		return "sqlite:" + t.TempDir() + "/test.db"
	}
	db := openDB(t, dsn)
	require.NoError(t, db.Transact(t.Context(), func(tx *rowmill.Tx) error { // all in one session
		statements := []dialect.Statement{{SQL: "SET foreign_key_checks = 0"}}
		for _, s := range schemas {
			statements = append(statements, dialect.Statement{SQL: "DROP DATABASE IF EXISTS " + dialect.Quote(s)})
		}
		return runAll(t.Context(), tx, append(statements, dialect.Statement{SQL: "SET foreign_key_checks = 1"}))
	}))
	return dsn
}

// TestDeclareAtOnce has eight processes declare thirty tables in an empty database at the same moment,
// all of one program, or half of them of an older one. What comes of it is what one of them makes.
func TestDeclareAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		alone := openDB(t, dsn)
		require.NoError(t, manyTables(false).Declare(t.Context(), alone))
		wanted := madeIn(t, alone, "lab", "lab_far")
		require.Len(t, wanted, 6)
		for _, c := range []struct {
			name     string
			programs []string
		}{
			{"one program", []string{"many", "many", "many", "many", "many", "many", "many", "many"}},
			{"an older program", []string{"older", "many", "older", "many", "older", "many", "older", "many"}},
		} {
			for round := range rounds(t) {
				t.Run(fmt.Sprintf("%s, %d", c.name, round+1), func(t *testing.T) {
					dsn := emptied(t, dsn, "lab", "lab_far")
					require.NoError(t, declareTogether(t, dsn, c.programs...))
					require.Equal(t, wanted, madeIn(t, openDB(t, dsn), "lab", "lab_far"))
				})
			}
		}
	})
}

// TestDeclareAtOnceInOneProcess has goroutines share a DB, and some of them a Schema.
func TestDeclareAtOnceInOneProcess(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		shared := newPeer("djddl")
		var all errgroup.Group
		for i := range 8 {
			s := shared
			if i%2 == 0 {
				s = newPeer("djddl")
			}
			all.Go(func() error { return s.Declare(t.Context(), db) })
		}
		require.NoError(t, all.Wait())
		requirePeerIsThere(t, db, shared)
		n := texts(t, db, "SELECT COUNT(*), COUNT(DISTINCT table_name) FROM "+lineageName(db.Dialect(), shared))
		require.Equal(t, []string{"36|13"}, n)
	})
}

// TestDeclareAtOnceWithAnother has two programs want different tables of one name: one of them
// is told.
func TestDeclareAtOnceWithAnother(t *testing.T) {
	type Thing struct{ ID int32 }
	each(t, func(t *testing.T, db *rowmill.DB) {
		errs := make(chan error, 2)
		for _, text := range []string{"id : int32\n---\na = 1 : int8", "id : int32\n---\nb = 1 : int8"} {
			s := New("lab")
			Manual[Thing](s, text)
			go func() { errs <- s.Declare(t.Context(), db) }()
		}
		first, second := <-errs, <-errs
		if first == nil {
			first, second = second, nil
		}
		require.ErrorContains(t, first, "found no such attribute")
		require.NoError(t, second)
	})
}
