package populate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/schema"
)

// TestRightsReachWhatPartsReferTo has a part that comes with its master lead to a table of its own.
func TestRightsReachWhatPartsReferTo(t *testing.T) {
	s := schema.New("rights")
	type Stim struct{ Stim int32 }
	type Sess struct{ Sess int32 }
	type Trial struct{ Sess, Trial, Stim int32 }
	type Res struct{ Sess, Trial int32 }
	stims := schema.Manual[Stim](s, "stim : int32")
	sessions := schema.Manual[Sess](s, "sess : int32")
	trials := schema.Part[Trial](sessions, "-> master\ntrial : int32\n---\n-> Stim", stims)
	results := schema.Computed[Res](s, "-> Sess\n-> Sess.Trial", sessions, trials)
	require.Equal(t, map[string]bool{
		"rights.__res": true, "rights.sess": true, "rights.sess__trial": true, "rights.stim": true,
	}, rightsOf(results.Untyped()).reads)
}
