package populate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
)

// TestUpstreamVanishes has what a key comes from be deleted when its job is reserved. The make fails, which is no failure.
func TestUpstreamVanishes(t *testing.T) {
	each(t, 3, func(b *bench) {
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				_, err := b.db.Exec(b.Context(), "DELETE FROM "+b.db.Dialect().Table("lab", "subject")+" WHERE subject_id = 2")
				require.NoError(b, err)
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Equal(b, Report{Table: "Result", Made: 2, Withdrawn: 1}, counts(report))
		require.NoError(b, report.Err())
		require.Equal(b, map[jobs.Status]int{}, b.statuses())
	})
}

// TestAFailureIsKeptBesideALock has a make fail while somebody else is about to change what its key comes from, which
// may be why: it is looked without waiting for him.
func TestAFailureIsKeptBesideALock(t *testing.T) {
	each(t, 3, func(b *bench) {
		if b.db.Dialect().SingleWriter() {
			b.Skip("a file has no rows that are locked by themselves")
		}
		b.refresh()
		require.NoError(b, b.db.Transact(b.Context(), func(tx *rowmill.Tx) error {
			_, err := tx.Exec(b.Context(), "UPDATE "+b.db.Dialect().Table("lab", "subject")+" SET weight = 7")
			require.NoError(b, err)
			start := time.Now()
			report := b.populate(func(context.Context, *Tx, Key) error { return errors.New("no") }, nil)
			require.Equal(b, 3, report.Failed)
			require.Less(b, time.Since(start), 4*time.Second)
			return nil
		}))
		require.Equal(b, map[jobs.Status]int{jobs.Error: 3}, b.statuses())
	})
}
