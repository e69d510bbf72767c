package process

import (
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestGone(t *testing.T) {
	alive := stat{"7", "S", "100"}
	for _, c := range []struct {
		what           string
		signal, unread error
		found          stat
		wanted         bool
	}{
		{"alive", nil, nil, alive, false},
		{"another user's", unix.EPERM, nil, alive, false},
		{"another user's, hidden", unix.EPERM, fs.ErrNotExist, stat{}, false},
		{"one of ours, hidden", nil, fs.ErrNotExist, stat{}, false},
		{"no such number", unix.ESRCH, fs.ErrNotExist, stat{}, true},
		{"ended after it was looked at", unix.ESRCH, nil, alive, true},
		{"a later process of the number", unix.EPERM, nil, stat{"7", "S", "200"}, true},
		{"a zombie", nil, nil, stat{"7", "Z", "100"}, true},
		{"dead", nil, nil, stat{"7", "X", "100"}, true},
	} {
		require.Equal(t, c.wanted, gone(c.signal, c.found, c.unread, "100"), c.what)
	}
	for _, pid := range []string{"0", "-1"} {
		require.False(t, Dead(place()+"."+pid+".1"), "a group of processes")
	}
}

// envName holds the name of a process on which a test's child judges.
const envName = "ROWMILL_PROCESS_TEST_NAME"

// TestAHiddenProcessIsNotDead has another user, from whom /proc hides this process, judge on it.
func TestAHiddenProcessIsNotDead(t *testing.T) {
	if named := os.Getenv(envName); named != "" {
		require.False(t, Dead(named))
		_, err := readStat(strings.Split(named, ".")[2])
		require.ErrorIs(t, err, fs.ErrNotExist)
		return
	}
	const hide = `mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" -test.run TestAHiddenProcess`
	prepared := exec.Command("unshare", "-m", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc && setpriv --reuid 65534 --clear-groups true")
	if err := prepared.Run(); err != nil {
		t.Skip("hiding processes from a user takes root, unshare and setpriv")
	}
	// The test's own program lies where only its user can reach it.
	program, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	copied, err := os.CreateTemp("/tmp", "process.test")
	require.NoError(t, err)
	defer os.Remove(copied.Name())
	_, err = copied.Write(program)
	require.NoError(t, err)
	require.NoError(t, copied.Close())
	require.NoError(t, os.Chmod(copied.Name(), 0o755))

	cmd := exec.Command("unshare", "-m", "sh", "-c", hide, copied.Name())
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), envName+"="+name(strconv.Itoa(os.Getpid())))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}
