package populate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

var errAnswer = errors.New("no field wind")

// TestKind has makes fail with errors of kinds: those that Invalid and Corrupted made are not tried again, whatever the policy
// says, and each is counted and listed by its kind.
func TestKind(t *testing.T) {
	each(t, 6, func(b *bench) {
		calls := map[int32]int{}
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			calls[key.SubjectID]++
			switch key.SubjectID {
			case 1, 2:
				return fmt.Errorf("station 7: %w", Invalid(errAnswer))
			case 3:
				return Corrupted(errAnswer)
			case 4:
				return Kind("odd", errAnswer)
			case 5:
				return errAnswer
			}
			return simple(ctx, tx, key)
		}, func(o *Options) { o.Retry = jobs.RetryPolicy{MaxAttempts: 2, Backoff: time.Millisecond} })

		require.Equal(t, map[int32]int{1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 1}, calls)
		require.Equal(t, map[string]int{KindInvalid: 2, KindCorrupted: 1, "odd": 1}, report.Kinds)
		require.Contains(t, report.String(), "1 made, 5 failed (1 corrupted, 2 invalid, 1 odd), 2 retries")
		kinds, err := b.queue.Kinds(b.Context(), b.db)
		require.NoError(t, err)
		require.Equal(t, map[string]int{KindInvalid: 2, KindCorrupted: 1, "odd": 1, "": 1}, kinds)
		require.Equal(t, "station 7: invalid: no field wind", b.job(2).ErrorMessage)
		n, err := query.Count(b.Context(), b.db, b.queue.With(jobs.Error).Where("_kind = ?", KindCorrupted))
		require.NoError(t, err)
		require.Equal(t, 1, n)

		text, err := json.Marshal(report)
		require.NoError(t, err)
		require.Contains(t, string(text), `"kinds":{"corrupted":1,"invalid":2,"odd":1}`)
		require.Contains(t, string(text), `"kind":"corrupted"`)
		sum := &Report{}
		sum.add(report)
		sum.add(report)
		require.Equal(t, map[string]int{KindInvalid: 4, KindCorrupted: 2, "odd": 2}, sum.Kinds)
	})
}

func TestKindOf(t *testing.T) {
	require.NoError(t, Kind("odd", nil))
	require.NoError(t, Invalid(nil))
	require.NoError(t, Corrupted(nil))
	require.Empty(t, KindOf(nil))
	require.Empty(t, KindOf(errAnswer))
	require.Equal(t, "outer", KindOf(fmt.Errorf("told: %w", Kind("outer", Kind("inner", errAnswer)))))
	require.ErrorIs(t, Invalid(errAnswer), errAnswer)
	require.EqualError(t, Corrupted(errAnswer), "corrupted: no field wind")
}
