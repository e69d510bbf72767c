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

func TestClass(t *testing.T) {
	for _, name := range []string{"Session", "PowerSpectrum", "ABCTable", "Foo2D", "X", "X1Y2"} {
		require.Equal(t, name, Class(Table(name)))
	}
}

func TestField(t *testing.T) {
	for attr, want := range map[string]string{
		"subject_id": "SubjectID", "rate_hz": "RateHz", "x": "X", "x1": "X1", "id": "ID", "session_ts": "SessionTS",
		"http_server": "HTTPServer", "server_http": "ServerHTTP", "foo2_bar": "Foo2Bar", "session2": "Session2",
		"http_url": "HttpUrl", "a_id_b": "AIdB", "identity": "Identity", // HTTPURL would be httpurl
		"x_1": "X1", "a__b": "AB", "a_": "A", // these need a tag
	} {
		require.Equal(t, want, Field(attr), attr)
	}
	for _, attr := range []string{"subject_id", "rate_hz", "http_url", "id", "mean_per_minute"} {
		require.Equal(t, attr, Snake(Field(attr)))
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
