package process

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDead(t *testing.T) {
	self := Self()
	if self == "" {
		t.Skip("this system does not tell which processes live")
	}
	require.Len(t, strings.Split(self, "."), 4, self)
	require.LessOrEqual(t, len(self), 100)
	require.False(t, Dead(self))

	child := exec.Command("sleep", "60")
	require.NoError(t, child.Start())
	named := name(strconv.Itoa(child.Process.Pid))
	require.NotEmpty(t, named)
	require.False(t, Dead(named))
	require.NoError(t, child.Process.Kill())
	_, err := child.Process.Wait()
	require.NoError(t, err)
	require.True(t, Dead(named))
}

func TestDeadIsSure(t *testing.T) {
	self := Self()
	if self == "" {
		t.Skip("this system does not tell which processes live")
	}
	parts := strings.Split(self, ".")
	change := func(i int, to string) string {
		changed := append([]string{}, parts...)
		changed[i] = to
		return strings.Join(changed, ".")
	}
	require.False(t, Dead(change(0, "another-machine")))
	require.False(t, Dead(change(1, "another-container")))
	require.False(t, Dead(change(2, "no-number")))
	require.True(t, Dead(change(3, "1")), "the number %d was given to a later process", os.Getpid())
	require.False(t, Dead(""))
	require.False(t, Dead("x"))
}
