package value

import (
	"database/sql"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTime(t *testing.T) {
	east, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		east = time.FixedZone("east", 5*3600+1800)
	}
	for _, c := range []struct {
		t      time.Time
		digits int
		want   string
	}{
		{time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), 6, "2024-01-02 03:04:05"},
		{time.Date(2024, 1, 2, 3, 4, 5, 999999999, time.UTC), 6, "2024-01-02 03:04:05.999999"}, // cut, not rounded up
		{time.Date(2024, 1, 2, 3, 4, 5, 999999999, time.UTC), 0, "2024-01-02 03:04:05"},
		{time.Date(2024, 1, 2, 3, 4, 5, 120000000, time.UTC), 3, "2024-01-02 03:04:05.12"}, // equal times, equal texts
		{time.Date(2024, 1, 2, 3, 4, 5, 120000000, time.UTC), 6, "2024-01-02 03:04:05.12"},
		{time.Date(2024, 1, 2, 3, 4, 5, 4000000, east), 3, "2024-01-02 03:04:05.004"}, // the wall clock
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), 3, "0001-01-01 00:00:00"},
		{time.Date(1969, 12, 31, 23, 59, 59, 999_500_000, time.UTC), 3, "1969-12-31 23:59:59.999"},
	} {
		require.Equal(t, c.want, Time(c.t, c.digits))
	}
	require.Equal(t, "2024-01-02", Date(time.Date(2024, 1, 2, 23, 59, 0, 0, east)))
}

// TestTimeOrder: as texts, times are in the order of time.
func TestTimeOrder(t *testing.T) {
	at := time.Date(2024, 12, 31, 23, 59, 59, 0, time.UTC)
	previous := Time(at, 6)
	for _, step := range []time.Duration{
		time.Microsecond, 9 * time.Microsecond, 90 * time.Microsecond, 900 * time.Microsecond, time.Millisecond,
		98 * time.Millisecond, 900 * time.Millisecond, time.Second, time.Hour,
	} {
		at = at.Add(step)
		require.Less(t, previous, Time(at, 6))
		previous = Time(at, 6)
	}
}

func TestArg(t *testing.T) {
	const text = "2024-02-29 23:59:58.123456"
	for _, c := range []struct{ in, want any }{
		{aMoment, text}, {&aMoment, text}, {(*time.Time)(nil), nil}, {null(aMoment), text}, {sql.Null[time.Time]{}, nil},
		{sql.NullTime{Time: aMoment, Valid: true}, text}, {sql.NullTime{}, nil}, {uuid.NullUUID{UUID: id, Valid: true}, id[:]}, {uuid.NullUUID{}, nil},
		{id, id[:]}, {&id, id[:]}, {(*uuid.UUID)(nil), nil}, {null(id), id[:]}, {sql.Null[uuid.UUID]{}, nil},
		{5, 5}, {"x", "x"}, {nil, nil}, {[]byte{1}, []byte{1}}, {null(5), null(5)}, {time.Second, time.Second}, {uint64(1 << 63), uint64(1 << 63)}, {money{5}, money{5}},
	} {
		require.Equal(t, c.want, Arg(c.in), "%T", c.in)
	}
}
