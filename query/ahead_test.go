package query

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// A farsighted connection counts what is asked of the database.
type farsighted struct {
	rowmill.Conn

	habit *Habit
	ahead *Ahead
	asked *int
	deny  error
}

func (f farsighted) Foresight() (*Habit, *Ahead) { return f.habit, f.ahead }

func (f farsighted) Session(use rowmill.Use) (rowmill.Session, error) {
	s, err := f.Conn.Session(use)
	return counted{s, f.asked}, errors.Join(err, f.deny)
}

type counted struct {
	rowmill.Session

	n *int
}

func (c counted) Query(ctx context.Context, sql string, args ...any) (*rowmill.Rows, error) {
	*c.n++
	return c.Session.Query(ctx, sql, args...)
}

// TestAhead reads ahead what is asked for each of some keys, and has the same answers without asking the database, but for what
// is not there, and what is too large, or cannot be told apart.
func TestAhead(t *testing.T) {
	s := schema.New("ahead")
	type Place struct {
		Country string
		Place   int64
		Name    string
		Since   time.Time
		Height  *float32
		Open    bool
		Notes   string
	}
	type Small struct {
		Place  int64
		Name   string
		Since  time.Time
		Height *float32
		Open   bool
	}
	type Visit struct {
		Country string
		Place   int64
	}
	places := schema.Manual[Place](s, `
		country : varchar(8)
		place : int64
		---
		name : varchar(16)
		since : datetime(3)
		height = null : float32
		open : bool
		notes : varchar(300)
	`)
	visits := schema.Computed[Visit](s, `-> Place`, places)
	since := time.Date(2024, 2, 3, 4, 5, 6, 7e6, time.UTC)
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, s.Declare(t.Context(), db))
		require.NoError(t, Insert(t.Context(), db, places,
			Place{"de", 1, "Ulm", since, new(float32(478.5)), true, ""}, Place{"de", 2, "Jena", since, nil, false, "x"}, Place{"fr", 1, "Metz", since, nil, true, "y"}))
		keys := [][]any{{"de", int64(1)}, {"de", int64(2)}, {"fr", int64(1)}, {"fr", int64(7)}}
		habit, asked := &Habit{}, 0
		conn := farsighted{Conn: db, habit: habit, asked: &asked}
		traced := TraceNames(visits, "country", "place")
		nothing, err := habit.Ahead(t.Context(), db, keys)
		require.NoError(t, err)
		require.Nil(t, nothing, "before anybody has asked")

		type answers struct {
			small []Small
			names []string
			whole []Place
			maps  []map[string]any
		}
		ask := func(key []any) (a answers) {
			rel := must(traced.OfKey(places, key))
			var err error
			a.small, err = Fetch[Small](t.Context(), conn, rel)
			require.NoError(t, err)
			a.names, err = Column[string](t.Context(), conn, rel, "name")
			require.NoError(t, err)
			a.whole, err = Fetch[Place](t.Context(), conn, rel)
			require.NoError(t, err)
			a.maps, err = Fetch[map[string]any](t.Context(), conn, rel)
			require.NoError(t, err)
			return a
		}
		var wanted []answers
		for _, key := range keys {
			wanted = append(wanted, ask(key))
		}
		require.Equal(t, 4*len(keys), asked)
		require.Len(t, wanted[0].small, 1)
		require.Empty(t, wanted[3].small)

		asked = 0
		conn.ahead, err = habit.Ahead(t.Context(), conn, keys)
		require.NoError(t, err)
		require.Equal(t, 2, asked, "small rows and names")
		for i, large := range []int{2, 2, 2, 4} {
			asked = 0
			require.Equal(t, wanted[i], ask(keys[i]))
			require.Equal(t, large, asked, "whole rows and maps, and all of what is not there")
		}
		one, err := One[Small](t.Context(), conn, must(traced.OfKey(places, keys[0])))
		require.NoError(t, err)
		require.Equal(t, wanted[0].small[0], one)

		asked = 0
		_, err = Fetch[Small](t.Context(), conn, must(traced.OfKey(places, keys[1])).Where("open"))
		require.NoError(t, err)
		require.Equal(t, 1, asked, "a restriction of it is another relation")
		type Nameless struct{ Height float32 }
		_, err = Fetch[Nameless](t.Context(), conn, must(traced.OfKey(places, keys[1])))
		require.ErrorContains(t, err, "NULL")

		conn.deny = rowmill.ErrRefused
		_, err = Fetch[Small](t.Context(), conn, must(traced.OfKey(places, keys[0])))
		require.ErrorIs(t, err, rowmill.ErrRefused)
	})
}

// TestHabitsAreFew has somebody ask for something else each time.
func TestHabitsAreFew(t *testing.T) {
	habit := &Habit{}
	for i := range 3 * mostAsks {
		habit.note(ask{nil, strings.Repeat("a", i)})
		habit.note(ask{nil, strings.Repeat("a", i)})
	}
	require.Len(t, habit.asks, mostAsks)
}
