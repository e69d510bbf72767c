package populate

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

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
