package spell

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"SubjectID": "subject_id", "RateHz": "rate_hz", "X": "x", "X1": "x1", "ID": "id",
		"HTTPServer": "http_server", "Foo2Bar": "foo2_bar", "PID": "pid", "Peak_Hz": "peak_hz",
		"HTTPPort": "http_port", "Session2": "session2", "PeakΔ": "peak_δ", "Größe": "größe",
	} {
		require.Equal(t, want, Snake(name), name)
	}
}

func TestTable(t *testing.T) {
	for name, want := range map[string]string{
		"Session": "session", "PowerSpectrum": "power_spectrum", "ABCTable": "a_b_c_table", "Foo2D": "foo2_d",
	} {
		require.Equal(t, want, Table(name), name)
	}
}

func TestGuess(t *testing.T) {
	names := []string{"subject_id", "species", "session"}
	require.Equal(t, `; did you mean "species"?`, Guess("specis", names))
	require.Equal(t, `; did you mean "species"?`, Guess("spceies", names))
	require.Equal(t, `; did you mean "session"?`, Guess("Sesion", names))
	require.Empty(t, Guess("weight", names))
	require.Empty(t, Guess("x", names))
	require.Empty(t, Guess("", nil))
}
