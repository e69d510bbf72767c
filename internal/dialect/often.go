package dialect

import "context"

type oftenKey struct{}

// Often returns a context for statements that are run again and again, and are soon done: a server's driver may keep them
// prepared, and not interrupt them when the context ends.
func Often(ctx context.Context) context.Context { return context.WithValue(ctx, oftenKey{}, true) }

// IsOften tells whether a context was made by Often.
func IsOften(ctx context.Context) bool { return ctx.Value(oftenKey{}) != nil }
