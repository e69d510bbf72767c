package populate

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

var office = schema.New("office")

// A Wish is what somebody asks for.
type Wish struct {
	Wish    int32
	Urgency int8
}

var wishes = schema.Manual[Wish](office, `
	wish : int32
	---
	urgency : int8
`)

// A Desk is one of those at which each wish is worked on.
type Desk struct{ Desk string }

var desks = schema.Lookup(office, `desk : varchar(8)`, []Desk{{"a"}, {"b"}, {"c"}, {"d"}})

type StepKey struct {
	Wish int32
	Desk string
}

type Step struct{ StepKey }

var steps = schema.Computed[Step](office, `
	-> Wish
	-> Desk
`, wishes, desks)

// A Seal is put on what was done; its key knows the wish by another name.
type Seal struct {
	Granted int32
	Desk    string
}

var seals = schema.Computed[Seal](office, `
	-> Step.proj(granted='wish')
`, steps)

// at runs a test on every server, with wishes 1…3, of which the urgencies are 7, 1 and 4.
func atOffice(t *testing.T, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, office.Declare(t.Context(), db))
		require.NoError(t, query.Insert(t.Context(), db, wishes, Wish{1, 7}, Wish{2, 1}, Wish{3, 4}))
		f(t, db)
	})
}

func quiet() *Options { return (&bench{out: &testdb.Buffer{}, log: &testdb.Buffer{}}).options(nil) }

func insertStep(ctx context.Context, tx *Tx, key StepKey) error {
	return query.Insert(ctx, tx, steps, Step{key})
}

// TestRequests follows requests through their states, which are told by no row of theirs.
func TestRequests(t *testing.T) {
	atOffice(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		var maker *Maker
		states := func(makers ...*Maker) (all []RequestState, texts []string, list RequestList) {
			t.Helper()
			list, err := Requests(ctx, db, wishes, makers...)
			require.NoError(t, err)
			for _, r := range list.Requests {
				all, texts = append(all, r.State), append(texts, r.Steps())
			}
			return all, texts, list
		}
		type seen = []RequestState
		maker = New(steps, func(ctx context.Context, tx *Tx, key StepKey) error {
			switch {
			case key.Wish == 1 && key.Desk == "a":
				all, texts, list := states(maker)
				require.Equal(t, seen{RequestRunning, RequestQueued, RequestCreated}, all)
				require.Equal(t, []string{"0 of 4 steps (0.00 %) done", "0 of 4 steps (0.00 %) done", "0 of 4 steps (0.00 %) done"}, texts)
				require.NotNil(t, list.Requests[1].Changed)
				require.Nil(t, list.Requests[2].Changed)
			case key.Wish == 1 && key.Desk == "b":
				return Skip("the desk is empty")
			case key.Wish == 1 && key.Desk == "d":
				_, texts, _ := states(maker)
				require.Equal(t, "2 of 4 steps (50.00 %) done, 1 skipped", texts[0])
			case key.Wish == 2 && key.Desk >= "c":
				return errors.New("no ink is left: fill the pot of desk " + key.Desk)
			}
			return insertStep(ctx, tx, key)
		})

		all, texts, list := states(maker)
		require.Equal(t, seen{RequestCreated, RequestCreated, RequestCreated}, all)
		require.Equal(t, []string{"0 of 4 steps (0.00 %) done", "0 of 4 steps (0.00 %) done", "0 of 4 steps (0.00 %) done"}, texts)
		require.Equal(t, "wish  state    changed  steps\n"+
			"1     created  -        0 of 4 steps (0.00 %) done\n"+
			"2     created  -        0 of 4 steps (0.00 %) done\n"+
			"3     created  -        0 of 4 steps (0.00 %) done", list.String())

		opts := quiet()
		opts.Only = query.From(wishes).Where("wish < 3")
		_, err := maker.Populate(ctx, db, opts)
		require.NoError(t, err)
		now, err := jobs.For(steps).Now(ctx, db)
		require.NoError(t, err)
		all, texts, list = states(maker)
		require.Equal(t, seen{RequestFinished, RequestFailed, RequestCreated}, all)
		require.Equal(t, []string{"3 of 4 steps (75.00 %) done, 1 skipped", "2 of 4 steps (50.00 %) failed", "0 of 4 steps (0.00 %) done"}, texts)
		for _, r := range list.Requests[:2] {
			require.WithinDuration(t, now, *r.Changed, 30*time.Second)
			require.False(t, r.Changed.After(now.Add(time.Second)))
		}
		text, err := json.Marshal(list)
		require.NoError(t, err)
		require.Contains(t, string(text), `"table":"Wish","by":["wish"],"requests":[{"key":{"wish":1},"total":4,"done":3,`)

		_, err = jobs.For(steps).Retry(ctx, db, query.From(wishes).Where("wish = 2"))
		require.NoError(t, err)
		all, _, _ = states(maker)
		require.Equal(t, RequestRunning, all[1], "half of it is done")

		all, texts, _ = states(maker, New(seals, func(context.Context, *Tx, Seal) error { return nil }))
		require.Equal(t, seen{RequestRunning, RequestRunning, RequestCreated}, all)
		require.Equal(t, "3 of 7 steps (42.86 %) done, 1 skipped", texts[0], "what is done is to be sealed")

		_, err = query.Delete(ctx, db, query.From(wishes).Where("wish < 3"), nil)
		require.NoError(t, err)
		_, _, list = states(maker)
		require.Len(t, list.Requests, 1)
	})
}

// TestRequestsRefuses asks for what cannot be told.
func TestRequestsRefuses(t *testing.T) {
	atOffice(t, func(t *testing.T, db *rowmill.DB) {
		_, err := Requests(t.Context(), db, wishes)
		require.EqualError(t, err, "requests of Wish: the makers are wanted whose keys are the steps of a request; there are none")
		_, err = Requests(t.Context(), db, wishes, New(results, simple))
		require.EqualError(t, err, "requests of Wish: the key of Result has no attribute that comes from Wish.wish: its rows are made for no request")
	})
}

// TestRequestWithoutSteps is created as long as it has none.
func TestRequestWithoutSteps(t *testing.T) {
	require.Equal(t, RequestCreated, Counts{}.RequestState())
	require.Equal(t, "no steps", Counts{}.Steps())
	require.Equal(t, RequestRunning, Counts{Total: 2, Done: 1, Errors: 1, Reserved: 1}.RequestState(), "a step is made anew")
	require.Equal(t, "1 of 3 steps (33.33 %) done, 1 failed", Counts{Total: 3, Done: 1, Errors: 1, Pending: 1}.Steps())
}
