// Package retry says how long trouble of a database is waited out that may pass.
package retry

import (
	"context"
	"time"
)

const (
	// standard is time for a server to restart.
	standard = 30 * time.Second
	// leastTries is how often what takes longer than that is tried all the same.
	leastTries = 3
)

// key is the key of a context's patience.
type key struct{}

// With is a context with another patience than half a minute.
func With(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, key{}, d)
}

// A Patience is that with one thing which is tried again and again. Its zero value is for use.
type Patience struct {
	Tries   int       // that have failed
	trouble time.Time // when the first had
}

// Ends counts a try that has failed, and tells whether it was the last: there were three, and the first failed half a
// minute ago. How long a try takes does not count, which may have worked for hours before its trouble.
func (p *Patience) Ends(ctx context.Context) bool {
	if p.Tries++; p.Tries == 1 {
		p.trouble = time.Now()
	}
	d, ok := ctx.Value(key{}).(time.Duration)
	if !ok {
		d = standard
	}
	return p.Tries >= leastTries && time.Since(p.trouble) > d
}
