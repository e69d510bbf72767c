package populate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill/query"
)

// deleteSubject removes a subject as a person does.
func (b *bench) deleteSubject(subject int32) error {
	_, err := query.Delete(b.Context(), b.db, query.From(subjects).Where("subject_id = ?", subject), nil)
	return err
}

// TestDeletedWhileMade deletes what a key comes from while its make hangs: the make is told to end within seconds, by a
// context that says why; the others go on.
func TestDeletedWhileMade(t *testing.T) {
	each(t, 3, func(b *bench) {
		hangs, told := make(chan struct{}), make(chan error, 1)
		hanging := func(ctx context.Context, key Key) {
			if key.SubjectID == 2 {
				close(hangs)
				<-ctx.Done()
				told <- context.Cause(ctx)
			}
		}
		for name, maker := range map[string]*Maker{
			"in one function": New(results, func(ctx context.Context, tx *Tx, key Key) error {
				hanging(ctx, key)
				return simple(ctx, tx, key)
			}),
			"in stages": Staged(results,
				func(ctx context.Context, tx *Tx, _ Key) (Subject, error) {
					return query.One[Subject](ctx, tx, tx.Upstream(subjects))
				},
				func(ctx context.Context, key Key, s Subject) (float64, error) {
					hanging(ctx, key)
					return s.Weight, ctx.Err()
				},
				func(ctx context.Context, tx *Tx, key Key, value float64) error {
					return query.Insert(ctx, tx, results, Result{key, value})
				}),
		} {
			hangs = make(chan struct{})
			var report *Report
			var group errgroup.Group
			group.Go(func() (err error) {
				report, err = maker.Populate(b.Context(), b.db, b.options(nil))
				return err
			})
			<-hangs
			began := time.Now()
			require.NoError(b, b.deleteSubject(2), name)
			require.ErrorIs(b, <-told, errGone, name)
			require.NoError(b, group.Wait(), name)
			require.Less(b, time.Since(began), 20*time.Second)
			require.Equal(b, Report{Table: "Result", Made: 2, Withdrawn: 1}, counts(report), name)
			require.Empty(b, b.statuses(), name)

			_, err := query.Delete(b.Context(), b.db, query.From(results), nil)
			require.NoError(b, err)
			require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{2}, 2}))
		}
	})
}

// TestEnteredAgainWhileMade has a key be gone when it is looked, and there again when its make has ended: it is given back.
func TestEnteredAgainWhileMade(t *testing.T) {
	each(t, 1, func(b *bench) {
		calls := 0
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if calls++; calls == 1 {
				_, err := b.db.Exec(b.Context(), "DELETE FROM "+b.db.Dialect().Table("lab", "subject")+" WHERE subject_id = 1")
				require.NoError(b, err) // and its job is still there
				<-ctx.Done()
				require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{1}, 7}))
				return ctx.Err()
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Equal(b, Report{Table: "Result", Made: 1, Released: 1}, counts(report))
	})
}

// TestNoLongerAskedFor has a key leave the relation given to From while it is made, and lets it be finished.
func TestNoLongerAskedFor(t *testing.T) {
	each(t, 1, func(b *bench) {
		maker := New(results, func(ctx context.Context, tx *Tx, key Key) error {
			require.NoError(b, query.Update(b.Context(), b.db, subjects, Subject{Key{1}, 0}))
			select {
			case <-ctx.Done():
			case <-time.After(2*gonePause + gonePause/2): // two looks
			}
			return simple(ctx, tx, key)
		}).From(query.From(subjects).Where("weight > 0"))
		report, err := maker.Populate(b.Context(), b.db, b.options(nil))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 1}, counts(report))
	})
}
