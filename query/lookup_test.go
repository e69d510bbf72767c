package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// TestLookups asks for what keys come from, one key after the other and in several ways, of which each keeps its SELECT: what is
// found is what a tracing of that one key finds.
func TestLookups(t *testing.T) {
	traced := TraceNames(reviews, "subject", "run", "method", "peak")
	require.NotEmpty(t, traced.lookups)
	keys := [][]any{
		{int64(1), int64(1), "fft", int64(1)},
		{int64(1), int64(2), "fft", int64(1)}, // of which there is no peak
		{int64(2), int64(1), "welch", int64(7)},
		{int64(9), int64(9), "none", int64(9)},
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, values := range keys {
			key := map[string]any{"subject": values[0], "run": values[1], "method": values[2], "peak": values[3]}
			each := TraceKeys(reviews, key)
			require.Len(t, traced.Tables(), len(each.Tables()))
			for _, table := range each.Tables() {
				wanted := texts(t, db, each.Of(table))
				rel, ok := traced.OfKey(table, values)
				require.True(t, ok, table)
				require.Equal(t, wanted, texts(t, db, rel), table)
				for _, most := range []int{0, 2} {
					maps, err := collect[map[string]any](t.Context(), db, rel, most)
					require.NoError(t, err)
					require.Len(t, maps, len(wanted), table)
				}
				n, err := Count(t.Context(), db, rel)
				require.NoError(t, err)
				require.Equal(t, len(wanted), n)
				there, err := Exists(t.Context(), db, rel.Where("1 = 1"))
				require.NoError(t, err)
				require.Equal(t, len(wanted) > 0, there)
			}
			found, err := Fetch[Subject](t.Context(), db, must(traced.OfKey(subjects, values)))
			require.NoError(t, err)
			ids, err := Column[int32](t.Context(), db, must(traced.OfKey(subjects, values)), "subject_id")
			require.NoError(t, err)
			require.Len(t, ids, len(found))
			for i, s := range found {
				require.EqualValues(t, values[0], s.SubjectID)
				require.Equal(t, s.SubjectID, ids[i])
			}
		}
		_, err := One[Subject](t.Context(), db, must(traced.OfKey(subjects, keys[3])))
		require.ErrorIs(t, err, rowmill.ErrNotFound)
		_, err = Fetch[struct{ Rate float64 }](t.Context(), db, must(traced.OfKey(sessions, keys[0])))
		require.ErrorContains(t, err, `"rate"`)
	})
	require.Len(t, traced.lookups[subjects.Untyped()].said, 2*3, "on two servers: maps of all, two of them, and the column; structs are as maps")
}

func must(rel Rel, ok bool) Rel {
	if !ok {
		return Rel{}
	}
	return rel
}

// TestLookupsWhereSeveralWaysLead leaves them to those who know what that means, as where a way leads through rows.
func TestLookupsWhereSeveralWaysLead(t *testing.T) {
	traced := TraceNames(pairs, "a", "b")
	_, ok := traced.OfKey(subjects, []any{int64(1), int64(3)})
	require.False(t, ok, "both a and b are subjects")
	_, ok = traced.OfKey(methods, []any{int64(1), int64(3)})
	require.False(t, ok, "the key does not tell the method")
	_, ok = traced.OfKey(sessions, []any{int64(1), int64(3)})
	require.False(t, ok, "it is not upstream")
	_, ok = Trace(From(spectra)).OfKey(subjects, nil)
	require.False(t, ok, "it has rows of its own")
}

// TestDeleteOfALookup deletes what a lookup finds, and nothing else.
func TestDeleteOfALookup(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		s := schema.New("lookups")
		type Top struct{ Top int32 }
		type Bottom struct{ Top int32 }
		top := schema.Manual[Top](s, "top : int32")
		bottom := schema.Computed[Bottom](s, "-> Top", top)
		require.NoError(t, s.Declare(t.Context(), db))
		require.NoError(t, Insert(t.Context(), db, top, Top{1}, Top{2}))
		_, err := Delete(t.Context(), db, must(TraceNames(bottom, "top").OfKey(top, []any{int64(2)})), nil)
		require.NoError(t, err)
		left, err := Fetch[Top](t.Context(), db, From(top))
		require.NoError(t, err)
		require.Equal(t, []Top{{1}}, left)
	})
}
