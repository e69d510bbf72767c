// Package linger lets what has begun go on for a while when it is told to end.
package linger

import (
	"context"
	"time"
)

// Context is a context that ends a while after ctx, with a cause, which is context.Canceled where it is nil; its values are those
// of ctx. What it holds is let go when end is called.
func Context(ctx context.Context, wait time.Duration, cause error) (longer context.Context, end context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(cause)
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}
