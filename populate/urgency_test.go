package populate

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/query"
)

// TestPrioritizedBy makes what is urgent first, whoever asked first.
func TestPrioritizedBy(t *testing.T) {
	atOffice(t, func(t *testing.T, db *rowmill.DB) {
		var order []int32
		maker := New(steps, func(ctx context.Context, tx *Tx, key StepKey) error {
			order = append(order, key.Wish)
			return insertStep(ctx, tx, key)
		}).PrioritizedBy(query.From(wishes), "urgency")
		_, err := maker.Populate(t.Context(), db, quiet())
		require.NoError(t, err)
		require.Equal(t, []int32{2, 2, 2, 2, 3, 3, 3, 3, 1, 1, 1, 1}, order)

		// What comes later, too, and what a person has said meanwhile is kept.
		require.NoError(t, query.Insert(t.Context(), db, wishes, Wish{4, 5}, Wish{5, 4}, Wish{6, 6}, Wish{7, -128}))
		order = nil
		_, err = maker.Populate(t.Context(), db, func() *Options { o := quiet(); o.MaxCalls = 4; return o }())
		require.NoError(t, err)
		require.Equal(t, []int32{7, 7, 7, 7}, order)
		_, err = jobs.For(steps).Reprioritize(t.Context(), db, query.From(wishes).Where("wish = 6"), -1)
		require.NoError(t, err)
		order = nil
		_, err = maker.Populate(t.Context(), db, quiet())
		require.NoError(t, err)
		require.Equal(t, []int32{6, 6, 6, 6, 5, 5, 5, 5, 4, 4, 4, 4}, order)
	})
}

func TestPrioritizedByRefuses(t *testing.T) {
	maker := New(steps, insertStep)
	for wanted, f := range map[string]func(){
		`urgency_test.go:\d+: PrioritizedBy of the maker of Step: the relation has no attribute "urgent": it has \[wish urgency\]`: func() { maker.PrioritizedBy(query.From(wishes), "urgent") },
		`an int8 is wanted that is not null: "wish" is int32`:                                                                      func() { maker.PrioritizedBy(query.From(wishes), "wish") },
		`the relation has none of the key's attributes, which are \[wish desk\]`:                                                   func() { maker.PrioritizedBy(query.From(wishes).Project("other = wish", "urgency"), "urgency") },
		`no attribute`: func() { maker.PrioritizedBy(query.From(wishes).Where("wit > 1"), "urgency") },
	} {
		func() {
			defer func() { require.Regexp(t, wanted, recover()) }()
			f()
		}()
	}
}
