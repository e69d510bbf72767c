package populate

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFarewell has one time for all that is given back in a row, and none once that was not enough.
func TestFarewell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end()
		var f farewell
		left := func() time.Duration {
			ctx, done := f.context(ended)
			defer done()
			until, _ := ctx.Deadline()
			return time.Until(until)
		}
		require.Equal(t, releaseTime, left())
		time.Sleep(time.Second)
		require.Equal(t, releaseTime-time.Second, left(), "of the same time")
		time.Sleep(time.Hour)
		require.Equal(t, releaseTime, left(), "of a make that did not end before")

		began := time.Now()
		ctx, done := f.context(ended)
		<-ctx.Done()
		done()
		require.Equal(t, releaseTime, time.Since(began))
		time.Sleep(time.Hour)
		require.LessOrEqual(t, left(), time.Duration(0), "the database is dead")
	})
}

// TestGivenBackAtOnce has the run be told to end when there is no database: what a batch and a group have is given back by one
// attempt, and not key by key.
func TestGivenBackAtOnce(t *testing.T) {
	for name, maker := range map[string]func(gone func(ctx context.Context)) *Maker{
		"batch": func(gone func(ctx context.Context)) *Maker {
			return Batched(results, 8, func(ctx context.Context, _ *Tx, _ []Key) error {
				gone(ctx)
				return ctx.Err()
			})
		},
		"group": func(gone func(ctx context.Context)) *Maker {
			s := newStaging()
			var computed sync.WaitGroup
			computed.Add(8)
			s.compute = func(context.Context, Key, Subject) (float64, error) {
				computed.Done()
				return 0, nil
			}
			s.insert = func(ctx context.Context, _ *Tx, _ Key, _ float64) error {
				computed.Wait() // so that the others are ready when this one is given back
				gone(ctx)
				return ctx.Err()
			}
			return s.maker()
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, 8, func(b *bench) {
				ctx, cancel := context.WithCancel(b.Context())
				var once sync.Once
				gone := func(making context.Context) {
					once.Do(func() {
						cancel()
						<-making.Done() // the time of grace is over
						_ = b.db.Close()
					})
				}
				report, err := maker(gone).Populate(ctx, b.db, b.options(func(o *Options) { o.Workers = 8 }))
				require.Error(b, err, "which is that of ctx, or of a claim that met the closed database")
				require.Equal(b, 8, report.Released, report)
				attempts := strings.Count(b.log.String(), "jobs could not be given back")
				require.Positive(b, attempts)
				require.Less(b, attempts, 8, b.log)
			})
		})
	}
}
