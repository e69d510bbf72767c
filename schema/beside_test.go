package schema

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// TestDeclareWaitsForNoTransaction declares a table beside one to which somebody is writing.
func TestDeclareWaitsForNoTransaction(t *testing.T) {
	type A struct{ A int32 }
	type B struct{ B int32 }
	each(t, func(t *testing.T, db *rowmill.DB) {
		if db.Dialect().SingleWriter() {
			t.Skip("who declares a table writes to the file")
		}
		s := New("lab")
		a, b := Manual[A](s, "a : int32"), Manual[B](s, "b : int32")
		require.NoError(t, a.Untyped().Declare(t.Context(), db))
		require.NoError(t, db.Transact(t.Context(), func(tx *rowmill.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO "+tableOf(db, a)+" (a) VALUES (1)")
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			return b.Untyped().Declare(ctx, db)
		}))
	})
}
