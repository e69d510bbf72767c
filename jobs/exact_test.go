package jobs

import (
	"context"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

type (
	Level struct{ Volts float32 }
	Gauge struct{ Volts float32 }
)

// TestClaimByAFloat32 has a key of which some servers show fewer digits than they keep: a job that
// is read so would be looked for in vain, again and again.
func TestClaimByAFloat32(t *testing.T) {
	levels := []Level{{0.1}, {math.Pi}, {16777215}}
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		defer func() { _ = db.Close() }()
		lab := schema.New("lab")
		table := schema.Manual[Level](lab, "volts : float32")
		q := For(schema.Computed[Gauge](lab, "-> Level", table))
		require.NoError(t, lab.Declare(ctx, db))
		require.NoError(t, q.Declare(ctx, db))
		require.NoError(t, query.Insert(ctx, db, table, levels...))
		_, err = q.Refresh(ctx, db, nil)
		require.NoError(t, err)

		key, err := q.Bind(reflect.TypeFor[Level]())
		require.NoError(t, err)
		w := &Worker{Host: "here", Lease: time.Minute}
		require.NoError(t, w.Identify(ctx, db))
		claimed, err := q.Claim(ctx, db, w, key, 10, query.Rel{})
		require.NoError(t, err)
		for i, r := range claimed {
			require.Equal(t, &levels[i], r.Key)
		}
		require.Len(t, claimed, len(levels))
		lost, err := q.Heartbeat(ctx, db, w, key, claimed)
		require.NoError(t, err)
		require.Empty(t, lost)
	})
}

type (
	Moment struct{ At time.Time }
	Look   struct{ At time.Time }
)

// TestAKeyThatIsSpelledOtherwise was entered by hand: its job is found, and cannot be reserved by
// the key as Rowmill spells it. That is told, and not tried for ever.
func TestAKeyThatIsSpelledOtherwise(t *testing.T) {
	ctx := t.Context()
	db, err := rowmill.Open(ctx, "sqlite:"+t.TempDir()+"/test.db")
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	lab := schema.New("lab")
	table := schema.Manual[Moment](lab, "at : datetime(3)")
	q := For(schema.Computed[Look](lab, "-> Moment", table))
	require.NoError(t, lab.Declare(ctx, db))
	require.NoError(t, q.Declare(ctx, db))
	_, err = db.Exec(ctx, "INSERT INTO "+db.Dialect().Table("lab", "moment")+" VALUES ('2024-01-02 03:04:05.000')")
	require.NoError(t, err)
	_, err = q.Refresh(ctx, db, nil)
	require.NoError(t, err)
	key, err := q.Bind(reflect.TypeFor[Moment]())
	require.NoError(t, err)
	_, err = q.Claim(ctx, db, &Worker{Host: "here", Lease: time.Minute}, key, 10, query.Rel{})
	require.ErrorContains(t, err, "the job of at=2024-01-02 03:04:05 +0000 UTC is found and cannot be reserved")
}

// TestAJobThatOthersAlwaysTakeFirst is pending whenever a claimer looks, and never when he would reserve it. Nothing is wrong
// with its key.
func TestAJobThatOthersAlwaysTakeFirst(t *testing.T) {
	f := newFixture(t, "sqlite:"+t.TempDir()+"/test.db")
	f.queue(1)
	f.exec("CREATE TRIGGER `first` BEFORE UPDATE ON {jobs} WHEN NEW.status = 'reserved' BEGIN SELECT RAISE(IGNORE); END")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := f.q.Claim(ctx, f.db, f.worker(time.Minute), f.key, 1, query.Rel{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
