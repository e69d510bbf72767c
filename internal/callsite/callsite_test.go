package callsite

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func declare() string { return Of(1) }

func nested() string { return func() string { return Of(2) }() }

func TestOf(t *testing.T) {
	require.Regexp(t, `^callsite/callsite_test\.go:\d+$`, Of(0))
	here, there := declare(), declare()
	require.Equal(t, here, there, "one line")
	require.NotEqual(t, here, declare(), "another")
	require.Equal(t, "callsite/callsite_test.go:18", declare())
	require.Equal(t, "callsite/callsite_test.go:19", nested())
	require.Equal(t, "an unknown place", Of(1000))
}
