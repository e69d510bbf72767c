package query

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// envDeleting is, in the environment of a process that a test starts, the database from which it deletes.
const envDeleting = "ROWMILL_TEST_DELETING"

// TestDeletingProcess is what the process does that TestDeleteKilled starts and kills: it deletes one donor after
// the other, each as another kind of statement, and tells what it is about to do.
func TestDeletingProcess(t *testing.T) {
	dsn := os.Getenv(envDeleting)
	if dsn == "" {
		return
	}
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	keys, err := Keys[int32](t.Context(), db, From(donors).Top(1000, "KEY"))
	require.NoError(t, err)
	for _, key := range keys {
		rel := From(donors).Match(map[string]any{"donor": key})
		if key%2 == 0 {
			rel = From(donors).In(From(tissues).Where("donor = ?", key).Project())
		}
		_, _ = fmt.Println("deleting", key)
		_, err := Delete(t.Context(), db, rel, nil)
		require.NoError(t, err)
		_, _ = fmt.Println("deleted", key)
	}
}

// clinicByDonor is how many rows and jobs each donor has in each table, all of one snapshot.
func clinicByDonor(t *testing.T, db *rowmill.DB) (byDonor map[int]map[string]int) {
	t.Helper()
	err := db.Transact(t.Context(), func(tx *rowmill.Tx) error {
		byDonor = map[int]map[string]int{}
		for table, donor := range map[[2]string]string{
			{"clinic", "donor"}: "donor", {"clinic", "tissue"}: "donor", {"imaging", "_atlas"}: "source", {"imaging", "~~atlas"}: "source",
			{"imaging", "cut"}: "source", {"imaging", "cut__stain"}: "source", {"imaging", "__image"}: "source", {"imaging", "~~image"}: "source",
			{"imaging", "__image__nucleus"}: "source", {"imaging", "__contour"}: "animal", {"imaging", "~~contour"}: "animal", {"imaging", "remark"}: "animal",
		} {
			rows, err := tx.Query(t.Context(), "SELECT "+donor+", COUNT(*) FROM "+db.Dialect().Table(table[0], table[1])+
				" WHERE "+donor+" IS NOT NULL GROUP BY "+donor)
			if err != nil {
				return err
			}
			for rows.Next() {
				var key, n int
				if err := rows.Scan(&key, &n); err != nil {
					return err
				}
				if byDonor[key] == nil {
					byDonor[key] = map[string]int{}
				}
				byDonor[key][table[1]] = n
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	return byDonor
}

// TestDeleteKilled kills a process that deletes thousands of rows, at random moments: of what it was about to delete,
// all is gone or nothing. ROWMILL_TEST_KILLS is how often.
func TestDeleteKilled(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("ROWMILL_TEST_KILLS"))
	if err != nil {
		kills = 8
	}
	perImage := 120
	if raceDetector {
		perImage = 16
	}
	onClinics(t, func(t *testing.T, db *rowmill.DB, dsn string) {
		next, last, within := int32(1), int32(0), 0
		fillMore := func() {
			next, last = last+1, last+8
			fillClinic(t, db, next, last, int16(perImage))
			_, err := db.Exec(t.Context(), "UPDATE "+db.Dialect().Table("clinic", "tissue")+" SET recipient = NULL")
			require.NoError(t, err)
		}
		fillMore()
		whole := clinicByDonor(t, db)[1]
		require.Equal(t, map[string]int{
			"donor": 1, "tissue": 2, "_atlas": 2, "~~atlas": 2, "cut": 4, "cut__stain": 4, "__image": 8, "~~image": 8,
			"__image__nucleus": 8 * perImage, "__contour": 8 * perImage, "~~contour": 8 * perImage, "remark": 4 * perImage,
		}, whole)
		began := time.Now()
		_, err := Delete(t.Context(), db, From(donors).Match(map[string]any{"donor": 1}), nil)
		require.NoError(t, err)
		typical := time.Since(began)

		for range kills {
			if countOf(t, db, donors) < 4 {
				fillMore()
			}
			if killWithin(t, dsn, typical) {
				within++
			}
			left := clinicByDonor(t, db)
			for donor, rows := range left {
				require.Equal(t, whole, rows, "donor %d", donor)
			}
		}
		require.GreaterOrEqual(t, within, kills/4, "of the moments few were within a Delete")
		_, err = Delete(t.Context(), db, From(donors), nil)
		require.NoError(t, err, "what was killed has left no locks")
		require.Empty(t, clinicByDonor(t, db))
	})
}

// killWithin starts a process that deletes, and kills it at a moment of its first or second Delete, and tells
// whether it was in the middle of one.
func killWithin(t *testing.T, dsn string, typical time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestDeletingProcess$")
	cmd.Env = append(os.Environ(), envDeleting+"="+dsn)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "deleting")
	time.Sleep(rand.N(typical * 3 / 2)) // any moment will do
	_ = cmd.Process.Kill()
	said := lines.Text()
	for lines.Scan() {
		said = lines.Text()
	}
	_ = cmd.Wait()
	return strings.HasPrefix(said, "deleting ")
}

// A trap is a connection in which something happens before one of the statements that change rows.
type trap struct {
	tx   *rowmill.Tx
	at   int // how many statements come before
	jump func()
}

func (t *trap) Session(rowmill.Use) (rowmill.Session, error) { return trapped{t.tx, t}, nil }

// trapped is the session of a trap.
type trapped struct {
	rowmill.Session

	trap *trap
}

func (t trapped) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.trap.at--; t.trap.at == -1 {
		t.trap.jump()
	}
	return t.Session.Exec(ctx, query, args...)
}

func (t trapped) Atomic(ctx context.Context, do func(rowmill.Session) error) error {
	return t.Session.Atomic(ctx, func(s rowmill.Session) error { return do(trapped{s, t.trap}) })
}

// TestDeleteCancelled ends the context before each of the statements: nothing is gone.
func TestDeleteCancelled(t *testing.T) {
	onClinics(t, func(t *testing.T, db *rowmill.DB, _ string) {
		fillClinic(t, db, 1, 2, 3)
		before := countClinic(t, db)
		for at := 0; ; at++ {
			ctx, cancel := context.WithCancel(t.Context())
			t.Cleanup(cancel)
			s := &trap{at: at, jump: cancel}
			err := db.Transact(ctx, func(tx *rowmill.Tx) error {
				s.tx = tx
				_, err := Delete(ctx, s, From(donors).In(From(tissues).Project()), nil)
				return err
			})
			if s.at >= 0 { // there are no more
				require.NoError(t, err)
				require.Greater(t, at, 12)
				require.Zero(t, countOf(t, db, contours))
				return
			}
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, before, countClinic(t, db))
		}
	})
}

// TestDeleteCut has the connection cut before each of the statements: everything is done again.
func TestDeleteCut(t *testing.T) {
	onClinics(t, func(t *testing.T, db *rowmill.DB, dsn string) {
		if strings.HasPrefix(dsn, "sqlite:") {
			return // a file has no connection
		}
		var wanted []Deleted
		for at := 0; ; at++ {
			fillClinic(t, db, 1, 2, 3)
			tries := 0
			var deleted []Deleted
			s := &trap{at: at}
			require.NoError(t, db.Transact(t.Context(), func(tx *rowmill.Tx) (err error) {
				tries, s.tx = tries+1, tx
				id := numberOf(t, tx, "SELECT CONNECTION_ID()")
				s.jump = func() {
					_, err := db.Exec(t.Context(), fmt.Sprint("KILL CONNECTION ", id))
					require.NoError(t, err)
				}
				deleted, err = Delete(t.Context(), s, From(donors), nil)
				return err
			}))
			require.Zero(t, countOf(t, db, contours))
			_, err := Delete(t.Context(), db, From(remarks), nil)
			require.NoError(t, err)
			if at == 0 {
				wanted = deleted
			}
			require.Equal(t, wanted, deleted)
			if s.at >= 0 {
				require.Equal(t, 1, tries)
				return
			}
			require.Equal(t, 2, tries)
		}
	})
}

// TestDeleteWhileOthersEnter has rows come all the time that refer to what goes: in the end there are none, and no
// error but that a donor is not there.
func TestDeleteWhileOthersEnter(t *testing.T) {
	onClinics(t, func(t *testing.T, db *rowmill.DB, _ string) {
		require.NoError(t, Insert(t.Context(), db, donors, Donor{1, "donor"}, Donor{2, "donor"}))
		entered := make(chan int, 1)
		ended := make(chan error, 1)
		go func() {
			n := 0
			for i := int16(0); ; i++ {
				err := Insert(t.Context(), db, tissues, Tissue{1, i, new(int32(2))})
				if err == nil {
					err = Insert(t.Context(), db, cuts, Cut{CutKey{1, i, 1}, 1})
				}
				if err != nil {
					entered <- n
					ended <- err
					return
				}
				if n++; n == 5 {
					entered <- n
				}
			}
		}()
		<-entered
		deleted, err := Delete(t.Context(), db, From(donors).Where("donor = 1"), nil)
		require.NoError(t, err)
		require.ErrorIs(t, <-ended, rowmill.ErrReferenced)
		require.GreaterOrEqual(t, deleted[1].Rows, 5)
		require.Equal(t, []int{1, 0, 0}, []int{countOf(t, db, donors), countOf(t, db, tissues), countOf(t, db, cuts)})
	})
}
