package populate

import (
	"context"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/query"
)

// TestMemoryIsFlat looks how much memory is in use when a tenth of very many keys is made, and when nine tenths are.
func TestMemoryIsFlat(t *testing.T) {
	n, _ := rowsAsked(t, 20_000)
	each(t, int32(n), func(b *bench) {
		var made atomic.Int64
		var early, late sync.Once
		var before, after uint64
		look := func(inUse *uint64) func() {
			return func() {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				*inUse = m.HeapAlloc
			}
		}
		maker := Batched(results, 500, func(ctx context.Context, tx *Tx, keys []Key) error {
			rows := make([]Result, len(keys))
			for i, k := range keys {
				rows[i] = Result{k, 1}
			}
			switch done := int(made.Add(int64(len(keys)))); {
			case done > n*9/10:
				late.Do(look(&after))
			case done > n/10:
				early.Do(look(&before))
			}
			return query.Insert(ctx, tx, results, rows...)
		})
		for _, direct := range []bool{false, true} {
			made.Store(0)
			early, late = sync.Once{}, sync.Once{}
			_, err := query.Delete(b.Context(), b.db, query.From(results), nil)
			require.NoError(b, err)
			report, err := maker.Populate(b.Context(), b.db, &Options{Workers: 2, Output: io.Discard, Direct: direct})
			require.NoError(b, err)
			require.Equal(b, n, report.Made)
			b.Logf("direct %t: %d kB in use when a tenth of %d keys is made, %d kB when nine tenths are", direct, before>>10, n, after>>10)
			require.Positive(b, before)
			require.Positive(b, after)
			require.Less(b, after, before+(4<<20))
		}
	})
}
