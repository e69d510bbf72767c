package populate

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// runs are the rows of the log, in the order in which they began.
func (b *bench) runs() []RunRow {
	b.Helper()
	rows, err := query.Fetch[RunRow](b.Context(), b.db, Runs(lab).Top(query.All, "start_time", "run"))
	require.NoError(b, err)
	return rows
}

// lastRun is the row that began last.
func (b *bench) lastRun() RunRow {
	b.Helper()
	rows := b.runs()
	require.NotEmpty(b, rows)
	return rows[len(rows)-1]
}

// tick waits until the server's clock shows another time, so that what begins now began later than what has.
func (b *bench) tick() {
	b.Helper()
	now := func() (t string) {
		rows, err := b.db.Query(b.Context(), "SELECT "+b.db.Dialect().Now())
		require.NoError(b, err)
		defer func() { _ = rows.Close() }()
		require.True(b, rows.Next())
		require.NoError(b, rows.Scan(&t))
		return t
	}
	before := now()
	require.Eventually(b, func() bool { return now() != before }, patience, time.Millisecond)
}

func (b *bench) mostRecent(name string) (time.Time, bool) {
	b.Helper()
	began, ok, err := MostRecent(b.Context(), b.db, lab, name)
	require.NoError(b, err)
	return began, ok
}

// TestARunLeavesARow looks at the log from another connection while the run goes on, and afterwards.
func TestARunLeavesARow(t *testing.T) {
	each(t, 3, func(b *bench) {
		_, err := query.Fetch[RunRow](b.Context(), b.db, Runs(lab))
		require.ErrorIs(b, err, rowmill.ErrNoTable)
		require.ErrorContains(b, err, "(the first Populate makes it)")
		_, ok := b.mostRecent("Result")
		require.False(b, ok, "there is no log yet")

		other, err := rowmill.Open(b.Context(), b.dsn)
		require.NoError(b, err)
		defer func() { _ = other.Close() }()
		var during []RunRow
		b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if during == nil {
				if during, err = query.Fetch[RunRow](b.Context(), other, Runs(lab)); err != nil {
					return err
				}
			}
			if key.SubjectID == 3 {
				return Skip("no need")
			}
			return simple(ctx, tx, key)
		}, nil)
		require.Len(b, during, 1)
		require.Equal(b, RunInProgress, during[0].Status)
		require.Nil(b, during[0].EndTime)
		require.Equal(b, []string{"Result", "lab.subject", "lab.__result", "v1"},
			[]string{during[0].Name, during[0].Source, during[0].Destination, during[0].Version})
		require.Positive(b, during[0].PID)
		require.NotEmpty(b, during[0].Host)

		after := b.lastRun()
		require.Equal(b, RunSuccess, after.Status)
		require.EqualValues(b, 2, after.Records)
		require.Contains(b, after.Message, "Result: 2 made, 1 skipped in ")
		require.False(b, after.EndTime.Before(after.StartTime))
		require.Equal(b, during[0].Run, after.Run)

		b.tick()
		b.populate(simple, nil)
		require.Len(b, b.runs(), 2)
		require.Equal(b, "Result: nothing to make", b.lastRun().Message)
		require.Equal(b, RunSuccess, b.lastRun().Status)
		began, ok := b.mostRecent("Result")
		require.True(b, ok)
		require.Equal(b, b.lastRun().StartTime, began)
	})
}

// TestRunsThatAreNoSuccess are not what MostRecent finds.
func TestRunsThatAreNoSuccess(t *testing.T) {
	each(t, 3, func(b *bench) {
		boom := func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 2 {
				return errors.New("boom")
			}
			return simple(ctx, tx, key)
		}
		b.populate(boom, nil)
		require.Equal(b, RunError, b.lastRun().Status)
		require.Equal(b, "Result: 1 failed: subject_id=2: boom", b.lastRun().Message)
		require.EqualValues(b, 2, b.lastRun().Records)

		b.tick()
		ctx, cancel := context.WithCancel(b.Context())
		report, err := New(results, func(ctx context.Context, _ *Tx, _ Key) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}).Populate(ctx, b.db, b.options(func(o *Options) { o.RetryErrors = true }))
		require.ErrorIs(b, err, context.Canceled)
		require.Equal(b, 1, report.Released)
		require.Equal(b, RunError, b.lastRun().Status)
		require.Equal(b, "the run was told to end", b.lastRun().Message)

		b.tick()
		run, err := StartRun(b.Context(), b.db, lab, "Result", nil)
		require.NoError(b, err)
		require.Len(b, b.runs(), 3)
		_, ok := b.mostRecent("Result")
		require.False(b, ok)
		require.NoError(b, run.Success(0))
		began, ok := b.mostRecent("Result")
		require.True(b, ok)
		require.Equal(b, b.lastRun().StartTime, began)
		_, ok = b.mostRecent("Other")
		require.False(b, ok)
	})
}

// TestNothingIsLoggedOfWhatCannotBegin has options that cannot be meant.
func TestNothingIsLoggedOfWhatCannotBegin(t *testing.T) {
	each(t, 1, func(b *bench) {
		_, err := New(results, simple).Populate(b.Context(), b.db, b.options(func(o *Options) { o.Workers = -1 }))
		require.Error(b, err)
		_, err = query.Fetch[RunRow](b.Context(), b.db, Runs(lab))
		require.ErrorIs(b, err, rowmill.ErrNoTable)
	})
}

// TestAllAndWorkLeaveARowAMaker has Work look many times in vain: it is one run.
func TestAllAndWorkLeaveARowAMaker(t *testing.T) {
	each(t, 2, func(b *bench) {
		both := []*Maker{New(results, simple), New(others, func(ctx context.Context, tx *Tx, key Key) error {
			return query.Insert(ctx, tx, others, Other{key})
		})}
		said := func() (all []string) {
			for _, r := range b.runs() {
				all = append(all, fmt.Sprint(r.Name, " ", r.Status, " ", r.Records))
			}
			return all
		}
		_, err := All(b.Context(), b.db, b.options(nil), both...)
		require.NoError(b, err)
		require.ElementsMatch(b, []string{"Result success 2", "Other success 2"}, said())

		// What comes in a later round is of the same run, whose last rounds find nothing.
		b.tick()
		require.NoError(b, query.Insert(b.Context(), b.db, subjects, Subject{Key{3}, 3}))
		late := New(others, func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 3 {
				if err := query.Insert(b.Context(), b.db, subjects, Subject{Key{4}, 4}); err != nil {
					return err
				}
			}
			return query.Insert(ctx, tx, others, Other{key})
		})
		_, err = Work(b.Context(), b.db, &WorkOptions{Options: *b.options(nil), IdleLimit: 200 * time.Millisecond, LongestPause: 20 * time.Millisecond}, both[0], late)
		require.NoError(b, err)
		require.ElementsMatch(b, []string{"Result success 2", "Other success 2", "Result success 2", "Other success 2"}, said())
	})
}

// TestWorkThatIsToldToEndIsASuccess as long as it was idle then, and had left nothing undone.
func TestWorkThatIsToldToEndIsASuccess(t *testing.T) {
	inBubble(t, 1, func(b *bench) {
		ctx, cancel := context.WithCancel(b.Context())
		told := make(chan error, 1)
		go func() {
			_, err := Work(ctx, b.db, &WorkOptions{Options: *b.options(nil), LongestPause: time.Hour}, New(results, simple))
			told <- err
		}()
		time.Sleep(time.Minute)
		require.Equal(b, 1, b.count(results))
		require.Equal(b, RunInProgress, b.lastRun().Status)
		cancel()
		require.ErrorIs(b, <-told, context.Canceled)
		require.Equal(b, RunSuccess, b.lastRun().Status)
	})
}

// TestStartRun opens and closes runs by hand.
func TestStartRun(t *testing.T) {
	each(t, 0, func(b *bench) {
		start := func(name string, opts *RunOptions) *Run {
			run, err := StartRun(b.Context(), b.db, lab, name, opts)
			require.NoError(b, err)
			return run
		}
		first := start("nightly", &RunOptions{Source: "https://example.org", Destination: "lab.note", Version: "v7"})
		row := b.lastRun()
		require.Equal(b, []string{"nightly", "https://example.org", "lab.note", "v7"}, []string{row.Name, row.Source, row.Destination, row.Version})
		b.tick()
		second := start("nightly", nil) // two at once
		require.NoError(b, first.Success(12))
		began, ok := b.mostRecent("nightly")
		require.True(b, ok)
		require.Equal(b, row.StartTime, began)
		require.ErrorContains(b, first.Error(nil), "end the run of nightly: it has ended before")
		require.NoError(b, second.Error(errors.New("a bad day: "+strings.Repeat("ä", 3000)+"\xff")))
		again, _ := b.mostRecent("nightly")
		require.Equal(b, began, again)
		rows := b.runs()
		require.EqualValues(b, 12, rows[0].Records)
		require.Equal(b, RunError, rows[1].Status)
		require.Len(b, []rune(rows[1].Message), 2047)
		require.True(b, strings.HasPrefix(rows[1].Message, "a bad day: ää"))

		_, err := StartRun(b.Context(), b.db, lab, "", nil)
		require.EqualError(b, err, "start a run: a name is wanted, and it is empty")
		_, err = StartRun(b.Context(), b.db, lab, strings.Repeat("x", 256), nil)
		require.ErrorContains(b, err, "more than 255 letters")
		_, err = StartRun(b.Context(), b.db, lab, "x", &RunOptions{Lease: 1})
		require.ErrorContains(b, err, "RunOptions.Lease is 1ns")

		ctx, cancel := context.WithCancel(b.Context())
		third, err := StartRun(ctx, b.db, lab, "interrupted", nil)
		require.NoError(b, err)
		cancel()
		require.NoError(b, third.Error(ctx.Err()), "that ctx has ended is the very reason")
		require.Len(b, b.runs(), 3)

		deleted, err := query.Delete(b.Context(), b.db, Runs(lab).Where("name = 'nightly'"), nil)
		require.NoError(b, err)
		require.Equal(b, 2, deleted[0].Rows)
	})
}

// TestRunsOfTheDead has a process killed in the middle of its run, and another that seemed dead.
func TestRunsOfTheDead(t *testing.T) {
	each(t, 3, func(b *bench) {
		victim := start(b, "slow")
		require.Eventually(b, func() bool { return strings.Count(victim.out.String(), "making") == 3 }, patience, time.Millisecond)
		require.Equal(b, RunInProgress, b.lastRun().Status)
		require.NoError(b, victim.cmd.Process.Kill())
		<-victim.done
		require.Equal(b, RunInProgress, b.lastRun().Status, "nobody has looked yet")

		b.tick()
		slow, err := StartRun(b.Context(), b.db, lab, "another", nil) // of whatever name
		require.NoError(b, err)
		rows := b.runs()
		require.Equal(b, RunError, rows[0].Status)
		require.Equal(b, "its process died", rows[0].Message)
		require.NotNil(b, rows[0].EndTime)
		require.Equal(b, RunInProgress, rows[1].Status, "we live")

		// One of another machine is dead when its lease has run out.
		_, err = b.db.Exec(b.Context(), "UPDATE "+b.db.Dialect().Table("lab", "~run")+" SET _worker = 'elsewhere', _lease_until = "+b.db.Dialect().After()+" WHERE name = 'another'", -1)
		require.NoError(b, err)
		b.tick()
		b.populate(simple, nil)
		rows = b.runs()
		require.Equal(b, RunError, rows[1].Status)
		require.Equal(b, RunSuccess, rows[2].Status)
		require.NoError(b, slow.Success(5), "it was not dead")
		require.Equal(b, RunSuccess, b.runs()[1].Status)
		require.EqualValues(b, 5, b.runs()[1].Records)
	})
}

// TestARunIsHeardOf keeps the lease of a run beyond its length.
func TestARunIsHeardOf(t *testing.T) {
	each(t, 0, func(b *bench) {
		lease := func() (until string) {
			got, err := query.Column[*time.Time](b.Context(), b.db, Runs(lab).Where("name = 'long'"), "_lease_until")
			require.NoError(b, err)
			return got[0].String()
		}
		run, err := StartRun(b.Context(), b.db, lab, "long", &RunOptions{Lease: 2 * time.Second})
		require.NoError(b, err)
		first := lease()
		require.Eventually(b, func() bool { return lease() != first }, patience, 10*time.Millisecond)
		require.NoError(b, run.Success(0))
	})
}

// TestTheFirstRunsAtOnce has several processes create the log.
func TestTheFirstRunsAtOnce(t *testing.T) {
	each(t, 30, func(b *bench) {
		var processes []*process
		for range 4 {
			processes = append(processes, start(b, "quick new"))
		}
		for _, p := range processes {
			require.NotContains(b, p.wait(b), "log of runs")
		}
		rows := b.runs()
		require.Len(b, rows, 4)
		sum := int64(0)
		for _, r := range rows {
			require.Equal(b, RunSuccess, r.Status, r.Message)
			sum += r.Records
		}
		require.EqualValues(b, 30, sum)
	})
}

// TestAUserWithoutTheRightToTheLog works all the same, and is told once.
func TestAUserWithoutTheRightToTheLog(t *testing.T) {
	each(t, 2, func(b *bench) {
		if b.db.Dialect().SingleWriter() {
			b.Skip("a file has no users")
		}
		b.refresh()
		for _, s := range []string{
			"DROP USER IF EXISTS worker@'%'", "CREATE USER worker@'%' IDENTIFIED BY 'secret'", "GRANT SELECT ON lab.* TO worker@'%'",
			"GRANT INSERT, UPDATE, DELETE ON lab.`~~result` TO worker@'%'", "GRANT INSERT, UPDATE, DELETE ON lab.`~refresh` TO worker@'%'",
			"GRANT INSERT ON lab.`__result` TO worker@'%'",
		} {
			_, err := b.db.Exec(b.Context(), s)
			require.NoError(b, err)
		}
		b.Cleanup(func() { _, _ = b.db.Exec(context.WithoutCancel(b.Context()), "DROP USER worker@'%'") })
		u, err := url.Parse(b.dsn)
		require.NoError(b, err)
		u.User = url.UserPassword("worker", "secret")
		db, err := rowmill.Open(b.Context(), u.String())
		require.NoError(b, err)
		defer func() { _ = db.Close() }()
		report, err := New(results, func(ctx context.Context, tx *Tx, key Key) error {
			if _, ok, err := tx.Job().Since(ctx); ok || err != nil {
				return fmt.Errorf("Since: %v, %w", ok, err)
			}
			return simple(ctx, tx, key)
		}).Populate(b.Context(), db, b.options(nil))
		require.NoError(b, err)
		require.Equal(b, Report{Table: "Result", Made: 2}, counts(report))
		require.Equal(b, 1, strings.Count(b.log.String(), "this run is not in the log of runs"), b.log.String())
		require.Equal(b, 1, strings.Count(b.log.String(), "\n"), b.log.String())
		_, err = StartRun(b.Context(), db, lab, "by hand", nil)
		require.ErrorIs(b, err, rowmill.ErrDenied)
	})
}

// TestWhatTheLogCosts counts the statements of one call: they are as many however many keys there are.
func TestWhatTheLogCosts(t *testing.T) {
	b := newBench(t, testdb.NewServer(t, "--general-log", "--log-output=TABLE").DSN(), 20)
	logged := func() int {
		return b.number("SELECT COUNT(*) FROM mysql.general_log WHERE command_type = 'Query' AND argument LIKE CONCAT('%~', 'run`%')")
	}
	b.populate(simple, nil) // which creates it
	require.NoError(t, query.Insert(t.Context(), b.db, subjects, Subject{Key{21}, 1}, Subject{Key{22}, 1}))
	before := logged()
	b.populate(simple, nil)
	require.Equal(t, 3, logged()-before, "a look for the dead, the beginning, the end")
	require.Equal(t, 22, b.count(results))
}
