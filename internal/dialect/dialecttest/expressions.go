package dialecttest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/value"
)

func testInsertIgnore(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"), column("v", "int32"))
	insert := x.d.InsertIgnore() + " INTO %s (id, v) "
	for _, c := range []struct {
		rows string
		want int64
	}{
		{"VALUES (1, 1), (2, 2)", 2},
		{"VALUES (1, 9)", 0},
		{"VALUES (1, 9), (3, 3), (3, 9), (2, 9)", 1},
		{"SELECT id + 1, 9 FROM (SELECT 2 AS id UNION ALL SELECT 3) s", 1},
	} {
		require.Equal(t, c.want, x.exec(t, x.Write, insert+c.rows, "rows"), c.rows)
	}
	require.Equal(t, 4, x.number(t, x.Read, "SELECT COUNT(*) FROM %s", "rows"))
	require.Equal(t, 1+2+3+9, x.number(t, x.Read, "SELECT SUM(v) FROM %s", "rows"), "rows that were there are as they were")
}

func testPassOver(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"), column("v", "int32"))
	x.exec(t, x.Write, "INSERT INTO %s (id, v) VALUES (1, 1), (2, 2)", "rows")
	insert := func(from, to int) int64 {
		return x.exec(t, x.Write, fmt.Sprintf("INSERT INTO %%s (id, v) SELECT s.id, 9 FROM (SELECT 1 AS id UNION ALL SELECT 2 UNION ALL SELECT 3"+
			" UNION ALL SELECT 4) AS s WHERE s.id BETWEEN %d AND %d LIMIT 9", from, to)+x.d.PassOver(x.d.Table(x.schema, "rows"), []string{"id"}), "rows")
	}
	added, found := insert(1, 3), int64(3)
	if x.d.SingleWriter() {
		found = 1
	}
	require.Equal(t, found, added)
	require.EqualValues(t, 1, insert(4, 4))
	require.Zero(t, insert(5, 9))
	require.Equal(t, 1+2+9+9, x.number(t, x.Read, "SELECT SUM(v) FROM %s", "rows"), "rows that were there are as they were")
}

// moment reads a datetime as the driver hands it over.
func moment(t *testing.T, src any) time.Time {
	t.Helper()
	switch v := src.(type) {
	case time.Time:
		return v
	case []byte:
		src = string(v)
	}
	at, err := time.Parse("2006-01-02 15:04:05", src.(string))
	require.NoError(t, err)
	return at
}

// times reads a column of the table clock in the order of ids.
func (x *suite) times(t *testing.T, name string) []time.Time {
	t.Helper()
	rows, err := x.Read.QueryContext(t.Context(), "SELECT "+name+" FROM "+x.d.Table(x.schema, "clock")+" ORDER BY id")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var found []time.Time
	for rows.Next() {
		var v any
		require.NoError(t, rows.Scan(&v))
		found = append(found, moment(t, v))
	}
	require.NoError(t, rows.Err())
	return found
}

func testAfter(t *testing.T, x *suite) {
	x.create(t, "clock", column("id", "int32"), column("present", "datetime(3)"), column("moved", "datetime(3)"))
	seconds := []float64{
		0, 1, -1, 1.5, -1.5, 0.001, -0.001, 0.25, 0.999, 59.999, 3600.125, -86400, 40 * 86400, -400*86400 - 0.5,
		1e6, 1e8, 12345678.875, 0.1 + 0.2, 0.0001, -0.0001, 1e-9,
	}
	for i, s := range seconds {
		x.exec(t, x.Write, "INSERT INTO %s (id, present, moved) VALUES (?, "+x.d.Now()+", "+x.d.After()+")", "clock", i, s)
	}
	present, moved := x.times(t, "present"), x.times(t, "moved")
	for i, s := range seconds {
		exact := s * float64(time.Second)
		want := time.Duration(exact).Round(time.Millisecond)
		var rounding time.Duration // either way, where the argument is finer than a millisecond
		if math.Abs(exact-float64(want)) > 1e-6*float64(time.Millisecond) {
			rounding = time.Millisecond
		}
		require.InDelta(t, want, moved[i].Sub(present[i]), float64(rounding), "%v s after %v is %v", s, present[i], moved[i])
		require.Equal(t, present[i].Truncate(time.Millisecond), present[i])
		require.Equal(t, moved[i].Truncate(time.Millisecond), moved[i])
	}
	past := x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE moved < "+x.d.After(), "clock", -3600.5)
	require.Equal(t, 2, past, "of those that are an hour old: a day, 400 days")
	require.Zero(t, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE present > "+x.d.Now(), "clock"), "time goes forward")
}

// testNowIsSpelledAsValuesAre finds a time that the server wrote by the same time as an
// argument. Of ten milliseconds in a row one ends in a zero, which can be spelled in two ways.
func testNowIsSpelledAsValuesAre(t *testing.T, x *suite) {
	x.create(t, "clock", column("id", "int32"), column("at", "datetime(3)"))
	var args []any
	for i := range 10 {
		args = append(args, i, 5+float64(i)/1000)
	}
	values := strings.Repeat(", (?, "+x.d.After()+")", 10)[2:]
	x.exec(t, x.Write, "INSERT INTO %s (id, at) VALUES "+values, "clock", args...)
	for i, at := range x.times(t, "at") {
		arg := value.Arg(at)
		require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE id = ? AND at = ?", "clock", i, arg), "%v", arg)
		require.Equal(t, i+1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE at <= ?", "clock", arg), "%v", arg)
	}
}

func testNowAndDefaults(t *testing.T, x *suite) {
	created := column("created", "datetime(3)")
	created.Default = "CURRENT_TIMESTAMP(3)"
	x.create(t, "clock", column("id", "int32"), column("written", "datetime(3)"), created)
	x.exec(t, x.Write, "INSERT INTO %s (id, written) VALUES (1, "+x.d.Now()+")", "clock")
	require.Equal(t, x.times(t, "written"), x.times(t, "created"), "one statement has one time")
	require.Equal(t, 1, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE created <= "+x.d.Now()+
		" AND created > "+x.d.After(), "clock", -60.0))
}

func testIdentity(t *testing.T, x *suite) {
	conn, err := x.Write.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	for range 2 { // the same connection is the same number
		var user, again string
		var id, sameID int64
		require.NoError(t, conn.QueryRowContext(t.Context(), x.d.Identity()).Scan(&user, &id))
		require.NoError(t, conn.QueryRowContext(t.Context(), x.d.Identity()).Scan(&again, &sameID))
		require.Equal(t, user, again)
		require.Equal(t, id, sameID)
		require.GreaterOrEqual(t, id, int64(0))
	}
}

func testMaxArgs(t *testing.T, x *suite) {
	x.create(t, "rows", column("id", "int32"))
	limit := x.d.MaxArgs()
	require.GreaterOrEqual(t, limit, 1000)
	args := make([]any, limit)
	for i := range args {
		args[i] = i
	}
	values := strings.Repeat(", (?)", limit)[2:]
	require.Equal(t, int64(limit), x.exec(t, x.Write, "INSERT INTO %s (id) VALUES "+values, "rows", args...))
	marks := strings.Repeat(", ?", limit)[2:]
	require.Equal(t, limit, x.number(t, x.Read, "SELECT COUNT(*) FROM %s WHERE id IN ("+marks+")", "rows", args...))
}
