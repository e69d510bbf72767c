package schema

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
)

// TestDeclareAtOnce declares the peer's tables in an empty database by many at once.
func TestDeclareAtOnce(t *testing.T) {
	check := func(t *testing.T, dsn string) {
		t.Helper()
		db, s := openDB(t, dsn), newPeer("djddl")
		requirePeerIsThere(t, db, s)
		n := texts(t, db, "SELECT COUNT(*), COUNT(DISTINCT table_name) FROM "+find(s, "Source").lineageName(db))
		require.Equal(t, []string{"36|13"}, n)
	}
	t.Run("goroutines", func(t *testing.T) {
		testdb.Each(t, func(t *testing.T, dsn string) {
			db, shared := openDB(t, dsn), newPeer("djddl")
			var all errgroup.Group
			for i := range 8 {
				s := shared
				if i%2 == 0 {
					s = newPeer("djddl")
				}
				all.Go(func() error { return s.Declare(t.Context(), db) })
			}
			require.NoError(t, all.Wait())
			check(t, dsn)
		})
	})
	t.Run("processes", func(t *testing.T) {
		testdb.Each(t, func(t *testing.T, dsn string) {
			var all errgroup.Group
			for range 4 {
				cmd := exec.CommandContext(t.Context(), os.Args[0])
				cmd.Env = append(os.Environ(), envDeclare+"="+dsn)
				all.Go(func() error {
					out, err := cmd.CombinedOutput()
					if err != nil {
						t.Errorf("a process that declares: %v\n%s", err, out)
					}
					return nil
				})
			}
			require.NoError(t, all.Wait())
			check(t, dsn)
		})
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
		require.ErrorContains(t, first, "wanted no such attribute, found int8")
		require.NoError(t, second)
	})
}
