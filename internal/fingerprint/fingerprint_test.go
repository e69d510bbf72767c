package fingerprint

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type row struct {
	Name  string
	Value *float64
	when  time.Time
	Data  any
}

type ring struct{ next *ring }

// values are each unlike the others, but for what follows them in the same list.
func values() [][]any {
	when := time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC)
	one, again := 1.0, 1.0
	circle := &ring{}
	circle.next = circle
	return [][]any{
		{nil}, {true, true}, {false}, {1}, {int64(-1)}, {uint8(1)}, {1.0}, {math.NaN(), math.NaN()}, {0.0, math.Copysign(0, -1)}, {complex(1, 2)}, {complex(2, 1)},
		{""}, {"a"}, {[]byte("a"), []byte("a")}, {[]byte(nil)}, {[]byte{}}, {[]string{"a", "b"}, []string{"a", "b"}}, {[]string{"ab", ""}}, {[]string{"", "ab"}},
		{[2]int{1, 2}}, {[]float64{1, 2}, append(make([]float64, 0, 9), 1, 2)}, {[]float64{2, 1}},
		{map[string]int{"a": 1, "b": 2}, map[string]int{"b": 2, "a": 1}}, {map[string]int{"a": 2, "b": 1}}, {map[string]int{}}, {map[string]int(nil)},
		{row{"a", &one, when, 1}, row{"a", &again, when, 1}}, {row{"a", nil, when, 1}}, {row{"a", &one, when.Add(1), 1}}, {row{"a", &one, when, int8(1)}},
		{circle, circle}, {[]any{[]any{1}, 2}}, {[]any{[]any{1, 2}}},
	}
}

func TestOf(t *testing.T) {
	seen := map[uint64]any{}
	for _, same := range values() {
		mark := Of(same[0])
		for _, v := range same {
			require.Equal(t, mark, Of(v), "%#v", v)
		}
		require.NotContains(t, seen, mark, "%#v and %#v", same[0], seen[mark])
		seen[mark] = same[0]
	}
}

// TestOfWhatChanges finds a change deep within.
func TestOfWhatChanges(t *testing.T) {
	rows := []row{{Name: "a", Data: map[string][]float64{"x": {1, 2, 3}}}}
	before := Of(rows)
	require.Equal(t, before, Of(rows))
	rows[0].Data.(map[string][]float64)["x"][1] = 2.5
	require.NotEqual(t, before, Of(rows))
}

func BenchmarkOf(b *testing.B) {
	signal := make([]float64, 1_000_000)
	b.SetBytes(int64(8 * len(signal)))
	for b.Loop() {
		Of(signal)
	}
}
