package linger

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "v"))
		no := errors.New("no")
		longer, end := Context(ctx, time.Minute, no)
		defer end()
		other, endOther := Context(ctx, time.Hour, nil)
		defer endOther()
		began := time.Now()
		time.Sleep(time.Second)
		cancel()
		<-longer.Done()
		require.Equal(t, time.Minute+time.Second, time.Since(began))
		require.Equal(t, no, context.Cause(longer))
		require.Equal(t, "v", longer.Value(key{}))
		<-other.Done()
		require.Equal(t, context.Canceled, context.Cause(other))
	})
}

// TestEnd leaves nothing behind: the test would wait for it.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for _, first := range []bool{true, false} {
			ctx, cancel := context.WithCancel(t.Context())
			longer, end := Context(ctx, time.Hour, nil)
			if first {
				cancel()
				synctest.Wait()
			}
			require.NoError(t, longer.Err())
			end()
			<-longer.Done()
			cancel()
			synctest.Wait()
		}
		require.Zero(t, time.Since(began))
	})
}
