package jobs

import "github.com/rowmill/rowmill/internal/dialect"

// A fixedKey is a statement about one job, as a server spells it.
type fixedKey struct {
	dialect   dialect.Dialect
	statement string
}

// fixed is fill for one job, for the constants that are run for each key: what is filled in is always the same, and is
// kept.
func (q *Queue) fixed(d dialect.Dialect, statement string) string {
	key := fixedKey{d, statement}
	if sql, ok := q.filled.Load(key); ok {
		return sql.(string)
	}
	sql := q.fill(d, statement, 1)
	q.filled.Store(key, sql)
	return sql
}
