package rowmill

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill/internal/testdb"
)

func TestOpen(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tb := createTable(t, db)
		require.NoError(t, tb.insert(t.Context(), db, 1, 2))

		t.Setenv("ROWMILL_DSN", dsn)
		again := open(t, "")
		require.Equal(t, 2, tb.count(t, again), "what was committed is there for the next")
		session, err := again.Session(Use{})
		require.NoError(t, err)
		require.Equal(t, 2, tb.count(t, session))

		closed, err := Open(t.Context(), dsn)
		require.NoError(t, err)
		require.NoError(t, closed.Close())
		_, err = closed.Query(t.Context(), "SELECT 1")
		require.Error(t, err)
	})
}

// TestOpenFromDataJoint uses the variables that a lab with DataJoint has set already.
func TestOpenFromDataJoint(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		password, _ := u.User.Password()
		t.Setenv("ROWMILL_DSN", "")
		t.Setenv("DJ_HOST", u.Hostname())
		t.Setenv("DJ_PORT", u.Port())
		t.Setenv("DJ_USER", u.User.Username())
		t.Setenv("DJ_PASS", password)
		createTable(t, open(t, ""))
	})
}

// requireRefused wants Open to fail within some seconds, with a sentence that names what is
// wrong, what to do, and not the password.
func requireRefused(t *testing.T, dsn string, want ...string) {
	t.Helper()
	started := time.Now()
	_, err := Open(t.Context(), dsn)
	require.Error(t, err)
	require.Less(t, time.Since(started), 15*time.Second)
	for _, w := range want {
		require.ErrorContains(t, err, w)
	}
	require.True(t, strings.HasPrefix(err.Error(), "rowmill: "), err)
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, err.Error(), "\n")
}

func TestOpenWithoutServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := l.Addr().String()
	require.NoError(t, l.Close())
	requireRefused(t, "mysql://ann:hunter2@"+free+"/", "no server answers at "+free+": start it, or check host and port")
	requireRefused(t, "mysql://ann:hunter2@no-such-host.invalid/", `no host is called "no-such-host.invalid": check the name`)
}

// TestOpenNotMySQL connects to servers of other kinds.
func TestOpenNotMySQL(t *testing.T) {
	for name, greeting := range map[string]string{
		"hangs up": "", "http": "HTTP/1.1 400 Bad Request\r\n\r\n", "ssh": "SSH-2.0-OpenSSH_9.2\r\n",
		"zeros": strings.Repeat("\x00", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Write([]byte(greeting))
					conn.Close()
				}
			}()
			requireRefused(t, "mysql://ann:hunter2@"+l.Addr().String()+"/", l.Addr().String(), "check host and port")
		})
	}
}

func TestOpenWrongPassword(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		name := u.User.Username()
		wrong := []*url.Userinfo{url.UserPassword(name, "hunter2"), url.UserPassword("nobody", "hunter2")}
		if _, has := u.User.Password(); has { // which users of a server that was there before the test may not have
			wrong = append(wrong, url.User(name))
		}
		for _, user := range wrong {
			u.User = user
			requireRefused(t, u.String(), "the server at "+u.Host+" does not let user", user.Username(), "in: check the user and the password")
		}
	})
}

func TestOpenTLS(t *testing.T) {
	eachServer(t, func(t *testing.T, dsn string) {
		open(t, dsn+"?tls=preferred")
	})
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := Open(ctx, dsn)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("these are notes. ", 100)), 0o600))
	requireRefused(t, "sqlite:"+dir+"/none/lab.db", "the folder "+dir+"/none of the SQLite file is not there: create it")
	requireRefused(t, "sqlite:"+dir, dir+" is a folder; a file is wanted")
	requireRefused(t, "sqlite:"+file+"/lab.db", file+" is a file; a folder for the SQLite file is wanted")
	requireRefused(t, "sqlite:"+file+"/deep/lab.db", "not a directory")
	requireRefused(t, "sqlite:"+file, file+" is not an SQLite database: name another file")
}

func TestOpenReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write to every file: run as another user to see one that cannot be written to")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "lab.db")
	db, err := Open(t.Context(), "sqlite:"+path)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.NoError(t, os.Chmod(path, 0o400))
	require.NoError(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o700)) })
	requireRefused(t, "sqlite:"+path, path+" and its folder must be writable: check their permissions")
	requireRefused(t, "sqlite:"+filepath.Join(dir, "new.db"), "new.db and its folder must be writable: check their permissions")
}

// TestOpenAtOnce opens what is new several times at once, as an array of jobs does.
func TestOpenAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		start := make(chan struct{})
		var group errgroup.Group
		for range 6 {
			group.Go(func() error {
				<-start
				db, err := Open(t.Context(), dsn)
				if err != nil {
					return err
				}
				return db.Close()
			})
		}
		close(start)
		require.NoError(t, group.Wait())
	})
}
