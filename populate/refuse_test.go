package populate

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// elsewhere is a schema that the lab's tables do not refer to.
var elsewhere = schema.New("elsewhere")

type Far struct{ Far int32 }

var fars = schema.Manual[Far](elsewhere, `far : int32`)

// TestRefusals has a make do what makes may not do: its job says what and why.
func TestRefusals(t *testing.T) {
	const reads = ", which is not upstream of it: add a foreign key, so that the result can be traced to what it came from"
	const writes = "; it may write to Result, its parts, and manual tables"
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, b *bench, tx *Tx, key Key) error
		want string
	}{
		{"reads a sibling", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			_, err := query.Fetch[Other](ctx, tx, query.From(others))
			return err
		}, "refused: the make of Result reads lab.__other" + reads},
		{"counts a sibling", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			_, err := query.Count(ctx, tx, query.From(others))
			return err
		}, "refused: the make of Result reads lab.__other" + reads},
		{"reads what is upstream, restricted by what is not", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			_, err := query.Fetch[Subject](ctx, tx, query.From(subjects).NotIn(query.From(others)))
			return err
		}, "refused: the make of Result reads lab.__other" + reads},
		{"joins what is not upstream", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			_, err := query.Count(ctx, tx, query.From(subjects, notes))
			return err
		}, "refused: the make of Result reads lab.note" + reads},
		{"reads a queue", func(ctx context.Context, b *bench, tx *Tx, _ Key) error {
			_, err := query.Count(ctx, tx, query.From(b.queue))
			return err
		}, "refused: the make of Result reads lab.~~result" + reads},
		{"asks for the upstream of a sibling", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			_, err := query.Fetch[Other](ctx, tx, tx.Upstream(others))
			return err
		}, "refused: Other is not upstream of Result"},
		{"writes to a sibling", func(ctx context.Context, _ *bench, tx *Tx, key Key) error {
			return query.Insert(ctx, tx, others, Other{key})
		}, "insert into Other: refused: the make of Result writes to lab.__other" + writes},
		{"writes to a lookup table", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			return query.Insert(ctx, tx, colours, Colour{"blue"})
		}, "insert into Colour: refused: the make of Result writes to lab.#colour" + writes},
		{"writes to a manual table of a schema that is not upstream", func(ctx context.Context, _ *bench, tx *Tx, _ Key) error {
			return query.Insert(ctx, tx, fars, Far{1})
		}, "insert into Far: refused: the make of Result writes to elsewhere.far" + writes},
		{"writes past its transaction", func(ctx context.Context, b *bench, _ *Tx, key Key) error {
			return query.Insert(ctx, b.db, results, Result{Key: key})
		}, "insert into Result: refused: rows of computed tables are made by their make function"},
		{"writes to a manual table past its transaction", func(ctx context.Context, b *bench, _ *Tx, _ Key) error {
			return query.Insert(ctx, b.db, notes, Note{1, ""})
		}, "insert into Note: refused: inside a make, write through its tx"},
		{"writes through a session for reading", func(ctx context.Context, b *bench, tx *Tx, _ Key) error {
			session, err := tx.Session(rowmill.Use{Reads: []string{"lab.subject"}})
			require.NoError(b, err)
			_, err = session.Exec(ctx, "COMMIT")
			return err
		}, "refused: these tables were asked for to be read"},
		{"does not say what it uses", func(_ context.Context, _ *bench, tx *Tx, _ Key) error {
			_, err := tx.Session(rowmill.Use{})
			return err
		}, "refused: a make names the tables that it uses"},
		{"begins a transaction past its own", func(ctx context.Context, b *bench, _ *Tx, _ Key) error {
			return b.db.Transact(ctx, func(*rowmill.Tx) error { return nil })
		}, "refused: inside a make, write through its tx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, 1, func(b *bench) {
				report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
					if err := simple(ctx, tx, key); err != nil {
						return err
					}
					return c.do(ctx, b, tx, key)
				}, nil)
				require.Equal(b, Report{Table: "Result", Failed: 1}, counts(report))
				require.ErrorIs(b, report.Err(), rowmill.ErrRefused)
				require.Contains(b, b.job(1).ErrorMessage, c.want)
				require.Zero(b, b.count(results))
			})
		})
	}
}

// TestAllowed has a make do what makes may do, all in one transaction.
func TestAllowed(t *testing.T) {
	each(t, 2, func(b *bench) {
		all := func(ctx context.Context, tx *Tx, key Key) error {
			if err := simple(ctx, tx, key); err != nil {
				return err
			}
			for i := range int16(3) {
				if err := query.Insert(ctx, tx, peaks, Peak{key, i}); err != nil {
					return err
				}
			}
			found, err := query.Count(ctx, tx, tx.Upstream(peaks)) // its own
			if err != nil {
				return err
			}
			own, err := query.Count(ctx, tx, query.From(results).Match(key))
			if err != nil {
				return err
			}
			return query.Insert(ctx, tx, notes, Note{int64(key.SubjectID)*100 + int64(10*found+own), ""})
		}
		first := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if err := all(ctx, tx, key); err != nil || key.SubjectID == 1 {
				return err
			}
			panic("after all was written")
		}, nil)
		require.Equal(b, Report{Table: "Result", Made: 1, Failed: 1}, counts(first))
		require.Equal(b, []int{1, 3, 1}, []int{b.count(results), b.count(peaks), b.count(notes)})
		n, err := b.queue.Retry(b.Context(), b.db, query.Rel{})
		require.NoError(b, err)
		require.Equal(b, 1, n)
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(b.populate(all, nil)))
		require.Equal(b, []int{2, 6, 2}, []int{b.count(results), b.count(peaks), b.count(notes)})
		written, err := query.Count(b.Context(), b.db, query.From(notes).Where("note IN (131, 231)"))
		require.NoError(b, err)
		require.Equal(b, 2, written)
		require.Empty(b, b.statuses())
	})
}

// TestNewPanics with the file and line of its call.
func TestNewPanics(t *testing.T) {
	for _, c := range []struct {
		declare func()
		want    string
	}{
		{func() { New(subjects, simple) }, "populate.New(Subject): rows of a manual table are not made; imported and computed tables are wanted"},
		{func() { New(peaks, simple) }, "populate.New(Result.Peak): rows of a part table are not made"},
		{func() { New(results, func(context.Context, *Tx, struct{ Subject int32 }) error { return nil }) },
			`populate.New(Result): the key of its make: the field Subject stands for an attribute "subject", which is not there; did you mean "subject_id"?`},
		{func() { New(results, func(context.Context, *Tx, struct{}) error { return nil }) }, "has no field"},
		{func() { New[Result, Key](results, nil) }, "populate.New(Result): a function that makes a row is wanted; it is nil"},
		{func() { New(results, func(context.Context, *Tx, int32) error { return nil }) }, "int32 is no struct"},
		{func() { New(mixed, func(context.Context, *Tx, struct{ ID int32 }) error { return nil }) },
			`populate.New(Mixed): the keys that ought to exist: both relations have an attribute "id", and they mean different things (lab.first.id; lab.second.id)`},
		{func() { New(units, func(context.Context, *Tx, struct{ SubjectID int32 }) error { return nil }) },
			`populate.New(Unit): "unit" is in the primary key, and no foreign key brings it`},
	} {
		func() {
			defer func() {
				said, _ := recover().(string)
				require.Regexp(t, `^populate/refuse_test\.go:\d+: populate\.New\(`, said)
				require.Contains(t, said, c.want)
			}()
			c.declare()
		}()
	}
}

// A Unit is a row of a table of which other programs make several rows for each key.
type Unit struct{ SubjectID, Unit int32 }

var units = schema.Existing[Unit](schema.New("others"), schema.TierComputed, "-> Subject\nunit : int32", subjects)

type (
	First  struct{ ID int32 }
	Second struct{ ID int32 }
	Mixed  struct{ ID int32 }
)

// mixed refers twice to an attribute id, which is not the same.
var (
	firsts  = schema.Manual[First](lab, `id : int32`)
	seconds = schema.Manual[Second](lab, `id : int32`)
	mixed   = schema.Computed[Mixed](lab, `
		-> First
		-> Second
	`, firsts, seconds)
)
