package populate

import (
	"bytes"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
)

// commit is the packet's command and text.
var commit = []byte("\x03COMMIT")

// TestLostReplies loses the connection at every other COMMIT, with its reply or with itself. All results are there,
// once, and no job has failed.
func TestLostReplies(t *testing.T) {
	for form, maker := range notedMakers {
		t.Run(form, func(t *testing.T) {
			dsn := testdb.MariaDB(t)
			const cuts = 30
			n := 200
			if form == "staged" { // which has no COMMIT but those of many keys
				n = 4000
			}
			b := newBench(t, dsn, int32(n))
			b.refresh()
			p := testdb.NewProxy(t, dsn)
			var commits, lost atomic.Int32
			p.CutWhen(func(command []byte) testdb.Moment {
				if !bytes.Contains(command, commit) {
					return testdb.Never
				}
				switch commits.Add(1) % 4 {
				case 1:
					lost.Add(1)
					return testdb.After
				case 2:
					return testdb.Before
				}
				return testdb.Never
			})
			db, err := rowmill.Open(t.Context(), p.DSN())
			require.NoError(t, err)
			report, err := maker.Populate(t.Context(), db, b.options(func(o *Options) { o.Workers = 4 }))
			require.NoError(t, errors.Join(err, db.Close()))
			require.Equal(t, Report{Table: "Result", Made: n}, counts(report), "%v", report.Errors)
			require.Equal(t, n, b.count(results))
			require.Empty(t, b.statuses())
			b.whole()
			require.GreaterOrEqual(t, lost.Load(), int32(cuts))
		})
	}
}
