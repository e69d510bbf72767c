package populate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// The tables of a family: people, with their doctors; visits of people, with probes; a Pair is of
// two people, and a Swap of the same two the other way round.
var family = schema.New("family")

type (
	Doctor struct{ Doctor string }
	Person struct {
		Person int32
		Doctor *string
	}
	Call struct {
		Person int32
		Call   int32
	}
	Probe struct {
		Call
		Probe int32
	}
	PairKey struct{ A, B int32 }
	Pair    struct{ PairKey }
	Swap    struct{ PairKey }
	// A Loan is of a call's, to another person.
	LoanKey struct {
		Call
		Borrower int32
	}
	Loan  struct{ LoanKey }
	Left  struct{ Call }
	Right struct {
		Call
		Doctor string
	}
	Both   struct{ Call }
	OfPart struct{ Probe }
)

var (
	doctors = schema.Manual[Doctor](family, `doctor : varchar(10)`)
	persons = schema.Manual[Person](family, `
		person : int32
		---
		-> [nullable] Doctor
		name = '' : varchar(10)  # which every relation of persons has, and no foreign key brought
	`, doctors)
	calls = schema.Manual[Call](family, `
		-> Person
		call : int32
	`, persons)
	probes = schema.Part[Probe](calls, `
		-> master
		probe : int32
	`)
	pairs = schema.Computed[Pair](family, `
		-> Person.proj(a='person')
		-> Person.proj(b='person')
	`, persons)
	swaps = schema.Computed[Swap](family, `
		-> Pair.proj(a='b', b='a')
	`, pairs)
	loans = schema.Computed[Loan](family, `
		-> Call
		-> Person.proj(borrower='person')
	`, calls, persons)
	lefts      = schema.Computed[Left](family, `-> Call`, calls)
	rightHands = schema.Computed[Right](family, `
		-> Call
		---
		-> Doctor
	`, calls, doctors)
	boths = schema.Computed[Both](family, `
		-> Left
		-> Right
	`, lefts, rightHands)
	ofParts = schema.Computed[OfPart](family, `-> Call.Probe`, probes)
)

func family1(ctx context.Context, db *rowmill.DB) error {
	anna, berta := "anna", "berta"
	if err := family.Declare(ctx, db); err != nil {
		return err
	}
	for _, err := range []error{
		query.Insert(ctx, db, doctors, Doctor{anna}, Doctor{berta}, Doctor{"clara"}),
		query.Insert(ctx, db, persons, Person{1, &anna}, Person{2, &berta}, Person{3, nil}, Person{4, &anna}),
		query.Insert(ctx, db, calls, Call{1, 10}, Call{1, 11}, Call{2, 10}, Call{3, 10}),
		query.Insert(ctx, db, probes, Probe{Call{1, 10}, 5}, Probe{Call{1, 10}, 6}, Probe{Call{1, 11}, 5}, Probe{Call{2, 10}, 5}),
		query.Insert(ctx, stranger{db}, pairs, Pair{PairKey{1, 2}}, Pair{PairKey{2, 1}}, Pair{PairKey{2, 2}}),
		query.Insert(ctx, stranger{db}, lefts, Left{Call{1, 10}}),
		query.Insert(ctx, stranger{db}, rightHands, Right{Call{1, 10}, "clara"}),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// rowsOf are rows as text, in order.
func rowsOf[Row any](ctx context.Context, tx *Tx, table *schema.TableOf[Row]) (string, error) {
	found, err := query.Fetch[Row](ctx, tx, tx.Upstream(table))
	var texts []string
	for _, row := range found {
		texts = append(texts, fmt.Sprint(row))
	}
	slices.Sort(texts)
	return strings.Join(texts, " "), err
}

type numbered struct{ Person int32 }

// peopleOf are the numbers of people.
func peopleOf(ctx context.Context, tx *Tx) (string, error) {
	found, err := query.Fetch[numbered](ctx, tx, tx.Upstream(persons))
	slices.SortFunc(found, func(a, b numbered) int { return int(a.Person - b.Person) })
	return fmt.Sprint(found), err
}

func doctorsOf(ctx context.Context, tx *Tx) (string, error) { return rowsOf(ctx, tx, doctors) }
func callsOf(ctx context.Context, tx *Tx) (string, error)   { return rowsOf(ctx, tx, calls) }
func probesOf(ctx context.Context, tx *Tx) (string, error)  { return rowsOf(ctx, tx, probes) }
func pairsOf(ctx context.Context, tx *Tx) (string, error)   { return rowsOf(ctx, tx, pairs) }

func TestUpstream(t *testing.T) {
	ofPair := New(pairs, func(context.Context, *Tx, PairKey) error { return nil })
	ofSwap := New(swaps, func(context.Context, *Tx, PairKey) error { return nil })
	ofLoan := New(loans, func(context.Context, *Tx, LoanKey) error { return nil })
	ofBoth := New(boths, func(context.Context, *Tx, Call) error { return nil })
	ofRight := New(rightHands, func(context.Context, *Tx, Call) error { return nil })
	ofPart := New(ofParts, func(context.Context, *Tx, Probe) error { return nil })
	cases := []struct {
		maker *Maker
		key   any
		ask   func(ctx context.Context, tx *Tx) (string, error)
		want  string // or the beginning of an error
	}{
		{ofPair, &PairKey{1, 2}, peopleOf, "[{1} {2}]"}, // both, by their new names
		{ofPair, &PairKey{2, 2}, peopleOf, "[{2}]"},
		{ofPair, &PairKey{1, 2}, doctorsOf, "{anna} {berta}"}, // through a secondary foreign key
		{ofPair, &PairKey{1, 4}, doctorsOf, "{anna}"},
		{ofPair, &PairKey{3, 4}, doctorsOf, "{anna}"}, // one of them has none
		{ofPair, &PairKey{3, 3}, doctorsOf, ""},
		{ofPair, &PairKey{1, 2}, callsOf, "refused: Call is not upstream of Pair"},

		{ofSwap, &PairKey{1, 2}, pairsOf, "{{2 1}}"}, // not the pair whose attributes have these names
		{ofSwap, &PairKey{1, 2}, peopleOf, "[{1} {2}]"},

		{ofLoan, &LoanKey{Call{1, 10}, 4}, callsOf, "{1 10}"},
		{ofLoan, &LoanKey{Call{1, 10}, 4}, probesOf, "{{1 10} 5} {{1 10} 6}"},
		{ofLoan, &LoanKey{Call{3, 10}, 4}, probesOf, ""},
		{ofLoan, &LoanKey{Call{1, 10}, 2}, peopleOf, "[{1} {2}]"}, // both, though the key has one's very name
		{ofLoan, &LoanKey{Call{1, 10}, 2}, doctorsOf, "{anna} {berta}"},

		{ofBoth, &Call{1, 10}, callsOf, "{1 10}"}, // both ways lead to the same row
		{ofBoth, &Call{1, 10}, peopleOf, "[{1}]"},
		{ofBoth, &Call{1, 10}, doctorsOf, "{anna} {clara}"},
		{ofBoth, &Call{2, 10}, doctorsOf, "{berta}"},
		{ofRight, &Call{1, 10}, doctorsOf, "{anna}"}, // clara is chosen by the make

		{ofPart, &Probe{Call{1, 10}, 6}, probesOf, "{{1 10} 6}"},
		{ofPart, &Probe{Call{1, 10}, 6}, callsOf, "{1 10}"},
		{ofPart, &Probe{Call{1, 10}, 6}, doctorsOf, "{anna}"},
	}
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, family1(ctx, db))
		for i, c := range cases {
			err := db.Transact(ctx, func(tx *rowmill.Tx) error {
				got, err := c.ask(ctx, &Tx{session: tx, maker: c.maker, rights: rightsOf(c.maker.table), keys: []any{c.key}})
				if err != nil {
					got = strings.TrimPrefix(err.Error(), "fetch populate.Call: ")
				}
				require.Equal(t, c.want, got, "case %d: %s of %+v", i, c.maker, c.key)
				return nil
			})
			require.NoError(t, err)
		}
	})
}

// TestSources counts the keys that ought to exist.
func TestSources(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, family1(ctx, db))
		none := func(context.Context, *Tx, Call) error { return nil }
		for _, c := range []struct {
			maker *Maker
			want  string
		}{
			{New(lefts, none), "Left: 1 of 4 done"},
			{New(rightHands, none), "Right: 1 of 4 done"},
			{New(boths, none), "Both: 0 of 1 done"},
			{New(pairs, func(context.Context, *Tx, PairKey) error { return nil }), "Pair: 3 of 16 done"},
			{New(swaps, func(context.Context, *Tx, PairKey) error { return nil }), "Swap: 0 of 3 done"},
			{New(loans, func(context.Context, *Tx, LoanKey) error { return nil }), "Loan: 0 of 16 done"},
			{New(ofParts, func(context.Context, *Tx, Probe) error { return nil }), "OfPart: 0 of 4 done"},
		} {
			p, err := c.maker.Progress(ctx, db)
			require.NoError(t, err)
			require.Equal(t, c.want+"; none made lately, time left unknown", p.String())
			_, err = c.maker.queue.Refresh(ctx, db, nil)
			require.ErrorIs(t, err, rowmill.ErrNoTable, "Progress has declared nothing")
			require.NoError(t, c.maker.queue.Declare(ctx, db))
			r, err := c.maker.queue.Refresh(ctx, db, nil)
			require.NoError(t, err)
			require.Equal(t, p.Total-p.Done, r.Added, c.maker.String())
		}
	})
}
