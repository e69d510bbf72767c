package retry

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			ctx   context.Context
			try   time.Duration // how long each takes
			tries int
		}{
			{t.Context(), time.Hour, 3},
			{t.Context(), 7 * time.Second, 6},
			{With(t.Context(), time.Second), 400 * time.Millisecond, 4},
			{With(t.Context(), 0), 0, 3},
		} {
			var p Patience
			for over := false; !over; {
				time.Sleep(c.try + time.Nanosecond)
				over = p.Ends(c.ctx)
			}
			require.Equal(t, c.tries, p.Tries, "%v", c)
		}
	})
}
