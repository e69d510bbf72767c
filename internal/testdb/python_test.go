package testdb

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPythonPeer(t *testing.T) {
	p := StartPython(t, MariaDB(t), []string{"WHO=me"})
	p.Do("a = 2\nb = 3")
	var sum int
	p.Ask("a + b", &sum)
	require.Equal(t, 5, sum)
	var who string
	p.Ask("os.environ['WHO']", &who)
	require.Equal(t, "me", who)
	var rows []map[string]any
	p.Ask("[{'n': np.float64(1.5), 'b': b'\\x01', 'd': datetime.date(2024, 1, 2), 'l': np.arange(2)}]", &rows)
	require.Equal(t, []map[string]any{{"n": 1.5, "b": "01", "d": "2024-01-02", "l": []any{0.0, 1.0}}}, rows)
	p.Tell("int('x')")
	require.EqualError(t, p.Await(nil), "ValueError: invalid literal for int() with base 10: 'x'")
	require.Contains(t, p.Said(), "Traceback")
	p.Do("schema('lab').list_tables()")

	p.Tell("time.sleep(60)")
	p.Signal(syscall.SIGKILL)
	require.ErrorIs(t, p.Await(nil), ErrPythonEnded)
	p.Kill()
}
