package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// Tables whose parts go with more than their master: with the rows of a table that only the part refers to.
var kitchen = schema.New("kitchen")

type (
	Spice  struct{ Spice string }
	Dish   struct{ Dish int32 }
	DishOf struct {
		_     struct{} `db:"Of"`
		Dish  int32
		Spice string
	}
	Step struct {
		Dish int32
		Step int8
		With *string
	}
	Meal struct {
		Meal, Dish int32
	}
)

var (
	spices = schema.Manual[Spice](kitchen, "spice : varchar(8)")
	dishes = schema.Manual[Dish](kitchen, "dish : int32")
	dishOf = schema.Part[DishOf](dishes, "-> master\n-> Spice", spices)
	steps  = schema.Part[Step](dishes, "-> master\nstep : int8\n---\n-> [nullable] Spice.proj(with='spice')", spices)
	meals  = schema.Manual[Meal](kitchen, "meal : int32\n---\n-> Dish", dishes)
)

// fillKitchen has salt in dishes 1 and 2, and pepper in dish 2, which are eaten once each; dish 3 is not seasoned.
func fillKitchen(t *testing.T, db *rowmill.DB) {
	t.Helper()
	ctx := t.Context()
	_, err := Delete(ctx, db, From(dishes), nil)
	require.NoError(t, err)
	_, err = Delete(ctx, db, From(spices), nil)
	require.NoError(t, err)
	require.NoError(t, Insert(ctx, db, spices, Spice{"salt"}, Spice{"pepper"}, Spice{"sugar"}))
	require.NoError(t, Insert(ctx, db, dishes, Dish{1}, Dish{2}, Dish{3}))
	require.NoError(t, Insert(ctx, db, dishOf, DishOf{Dish: 1, Spice: "salt"}, DishOf{Dish: 2, Spice: "salt"}, DishOf{Dish: 2, Spice: "pepper"}))
	require.NoError(t, Insert(ctx, db, steps, Step{1, 1, nil}, Step{1, 2, new("salt")}, Step{3, 1, new("sugar")}, Step{3, 2, nil}))
	require.NoError(t, Insert(ctx, db, meals, Meal{1, 1}, Meal{2, 2}))
}

// TestPartsRules deletes rows of parts: alone, with another table that they refer to, and with their master.
func TestPartsRules(t *testing.T) {
	all := func(n int) census { return census{"Dish": {n}} }
	cases := []struct {
		name                     string
		rel                      Rel
		refused                  string // what PartsRefuse says; empty where it lets everything go that PartsIgnore does
		ignored, cascaded, whole census
	}{
		{"a part alone", From(steps).Where("dish = 1 AND step = 1"),
			"delete from Dish.Step: refused: rows of Dish.Step would go, and their Dish with dish=1 would stay: delete from Dish, or say in the options what is to become of it",
			census{"Dish.Step": {1}}, plus(all(1), census{"Dish.Of": {1}, "Dish.Step": {2}, "Meal": {1}}), nil},
		{"a part of two dishes", From(dishOf).Where("spice = 'salt'"), "rows of Dish.Of would go, and their Dish with dish=",
			census{"Dish.Of": {2}}, plus(all(2), census{"Dish.Of": {3}, "Dish.Step": {2}, "Meal": {2}}), nil},
		{"what parts refer to", From(spices).Where("spice = 'pepper'"), "rows of Dish.Of would go, and their Dish with dish=2 would stay",
			census{"Spice": {1}, "Dish.Of": {1}}, census{"Spice": {1}, "Dish": {1}, "Dish.Of": {2}, "Meal": {1}}, nil},
		{"what parts may refer to", From(spices).Where("spice = 'sugar'"), "rows of Dish.Step would go, and their Dish with dish=3 would stay",
			census{"Spice": {1}, "Dish.Step": {1}}, census{"Spice": {1}, "Dish": {1}, "Dish.Step": {2}}, nil},
		{"the master", From(dishes).Where("dish = 2"), "", all(1), all(1), census{"Dish": {1}, "Dish.Of": {2}, "Meal": {1}}},
		{"no part", From(steps).Where("dish = 9"), "", census{}, census{}, census{}},
		{"what no part refers to", From(meals), "", census{"Meal": {2}}, census{"Meal": {2}}, census{"Meal": {2}}},
	}
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, kitchen.Declare(t.Context(), db))
		count := func() census {
			c := census{}
			for _, table := range []schema.Declared{spices, dishes, dishOf, steps, meals} {
				c[table.Untyped().String()] = [2]int{countOf(t, db, table)}
			}
			return c
		}
		for _, c := range cases {
			for rule, gone := range map[PartsRule]census{PartsRefuse: c.whole, PartsIgnore: c.ignored, PartsCascade: c.cascaded} {
				t.Run(c.name+map[PartsRule]string{PartsRefuse: ", refuse", PartsIgnore: ", ignore", PartsCascade: ", cascade"}[rule], func(t *testing.T) {
					if c.whole != nil {
						gone = c.whole
					}
					fillKitchen(t, db)
					before := count()
					for _, dry := range []bool{true, false} {
						deleted, err := Delete(t.Context(), db, c.rel, &DeleteOptions{Parts: rule, DryRun: dry})
						if gone == nil {
							require.ErrorIs(t, err, rowmill.ErrRefused)
							require.ErrorContains(t, err, c.refused)
							require.Nil(t, deleted)
							require.Equal(t, before, count())
							continue
						}
						require.NoError(t, err)
						require.Equal(t, gone, censusOf(deleted))
						if !dry {
							require.Equal(t, before.without(gone), count())
						}
					}
				})
			}
		}
	})
}

// TestPartsRuleThatIsNone deletes nothing.
func TestPartsRuleThatIsNone(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		_, err := Delete(t.Context(), db, From(subjects), &DeleteOptions{Parts: 3})
		require.EqualError(t, err, "delete from Subject: 3 is no rule for parts: PartsRefuse, PartsIgnore and PartsCascade are")
		require.Equal(t, 3, countOf(t, db, subjects))
	})
}

// TestManyMasters has more masters than one statement names go with their parts.
func TestManyMasters(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, kitchen.Declare(t.Context(), db))
		n := 3*keysAtOnce + 1
		var allDishes []Dish
		var allSteps []Step
		for i := range int32(n) {
			allDishes, allSteps = append(allDishes, Dish{i}), append(allSteps, Step{i, 1, nil}, Step{i, 2, nil})
		}
		require.NoError(t, Insert(t.Context(), db, dishes, allDishes...))
		require.NoError(t, Insert(t.Context(), db, steps, allSteps...))
		for _, opts := range []DeleteOptions{{Parts: PartsCascade, DryRun: true}, {Parts: PartsCascade}} {
			deleted, err := Delete(t.Context(), db, From(steps).Where("step = 1 AND dish > 0"), &opts)
			require.NoError(t, err)
			require.Equal(t, census{"Dish": {n - 1}, "Dish.Step": {2 * (n - 1)}}, censusOf(deleted))
		}
		require.Equal(t, []int{1, 2}, []int{countOf(t, db, dishes), countOf(t, db, steps)})
	})
}
