package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *fixture, r *Reservation) error
		want error
		left map[Status]int
		made int
	}{
		{"with a result", func(t *fixture, r *Reservation) error { return t.complete(r) }, nil, map[Status]int{}, 1},
		{"without a result", func(t *fixture, r *Reservation) error {
			return t.db.Transact(t.Context(), func(tx *rowmill.Tx) error { return t.q.Complete(t.Context(), tx, r) })
		}, ErrNothingMade, map[Status]int{Reserved: 1}, 0},
		{"with a result of another key", func(t *fixture, r *Reservation) error {
			return t.db.Transact(t.Context(), func(tx *rowmill.Tx) error {
				if err := makeResult(t.Context(), tx, ResultKey{2, "a"}); err != nil {
					return err
				}
				return t.q.Complete(t.Context(), tx, r)
			})
		}, ErrNothingMade, map[Status]int{Reserved: 1}, 0},
		{"in a transaction that is rolled back", func(t *fixture, r *Reservation) error {
			return t.db.Transact(t.Context(), func(tx *rowmill.Tx) error {
				return errors.Join(makeResult(t.Context(), tx, ResultKey{1, "a"}), t.q.Complete(t.Context(), tx, r), rowmill.ErrRefused)
			})
		}, rowmill.ErrRefused, map[Status]int{Reserved: 1}, 0},
		{"taken by somebody else", func(t *fixture, r *Reservation) error {
			t.take(ResultKey{1, "a"})
			return t.complete(r)
		}, ErrLeaseLost, map[Status]int{Reserved: 1}, 0},
		{"pending again", func(t *fixture, r *Reservation) error {
			t.expire()
			_, err := t.q.Rescue(t.Context(), t.db)
			require.NoError(t, err)
			return t.complete(r)
		}, ErrLeaseLost, map[Status]int{Pending: 1}, 0},
		{"twice", func(t *fixture, r *Reservation) error {
			require.NoError(t, t.complete(r))
			return t.q.Acknowledge(t.Context(), t.db, r)
		}, nil, map[Status]int{}, 1},
		{"though its lease ran out, since nobody else has it", func(t *fixture, r *Reservation) error {
			t.expire()
			return t.complete(r)
		}, nil, map[Status]int{}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.enter(2, 2)
				t.enter(1, 1, "a")
				t.refresh(&RefreshOptions{Only: query.From(subjects).Where("subject_id = 1")})
				require.ErrorIs(t, c.do(t, t.claimOne()), c.want)
				require.Equal(t, c.left, t.statuses())
				require.Equal(t, c.made, t.results())
			})
		})
	}
}

// TestEndsOfAReservation has each end change the job of its holder, and no job of anybody else.
func TestEndsOfAReservation(t *testing.T) {
	for _, c := range []struct {
		name     string
		end      func(t *fixture, r *Reservation) error
		status   Status
		message  string
		attempts int
	}{
		{"fail", func(t *fixture, r *Reservation) error {
			return t.q.Error(t.Context(), t.db, r, Failure{Message: "no", Duration: time.Second})
		}, Error, "no", 1},
		{"skip", func(t *fixture, r *Reservation) error { return t.q.Skip(t.Context(), t.db, r, "why") }, Ignore, "why", 0},
		{"release", func(t *fixture, r *Reservation) error { return t.q.Release(t.Context(), t.db, r) }, Pending, "", 0},
		{"postpone", func(t *fixture, r *Reservation) error {
			return t.q.Postpone(t.Context(), t.db, r, time.Hour, "later")
		}, Pending, "later", 0},
		{"suspend", func(t *fixture, r *Reservation) error {
			return t.q.Suspend(t.Context(), t.db, r, []byte("half"))
		}, Pending, "", 0},
		{"fail, to be tried again", func(t *fixture, r *Reservation) error {
			return t.q.Error(t.Context(), t.db, r, Failure{Message: "no", Again: true, After: time.Hour})
		}, Pending, "no", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.queue(2)
				claimed := t.claim(2)
				before := t.job(1, "a")
				require.NoError(t, c.end(t, claimed[0]))
				j := t.job(1, "a")
				require.Equal(t, c.status, j.Status)
				require.Equal(t, c.message, j.ErrorMessage)
				require.Equal(t, before.Priority, j.Priority)
				if c.name == "fail" || c.name == "skip" || c.name == "release" {
					require.Equal(t, before.ScheduledTime, j.ScheduledTime)
				}
				require.Equal(t, c.status == Pending, j.CompletedTime == nil)
				require.Equal(t, c.attempts, scan[int](t, "SELECT _attempts FROM {jobs} WHERE subject_id = 1"))
				require.Zero(t, scan[int](t, "SELECT COUNT(_token) + COUNT(_lease_until) FROM {jobs} WHERE subject_id = 1"))
				require.Equal(t, Reserved, t.job(2, "a").Status)

				require.NoError(t, c.end(t, claimed[0]), "said again, as where the reply was lost")
				require.Equal(t, c.status, t.job(1, "a").Status)
				t.take(ResultKey{2, "a"})
				require.ErrorIs(t, c.end(t, claimed[1]), ErrLeaseLost, "it is somebody else's")
				require.Equal(t, Reserved, t.job(2, "a").Status)
				require.Empty(t, t.job(2, "a").ErrorMessage)
			})
		})
	}
}

// TestEndsAreNotTakenForAnothers has a job be as its holder would have left it, after he has lost it.
func TestEndsAreNotTakenForAnothers(t *testing.T) {
	failure := Failure{Message: "no", Again: true}
	for _, c := range []struct {
		name string
		end  func(t *fixture, r *Reservation) error
	}{
		{"suspend", func(t *fixture, r *Reservation) error { return t.q.Suspend(t.Context(), t.db, r, []byte("1")) }},
		{"fail, to be tried again", func(t *fixture, r *Reservation) error { return t.q.Error(t.Context(), t.db, r, failure) }},
		{"release", func(t *fixture, r *Reservation) error { return t.q.Release(t.Context(), t.db, r) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.queue(1)
				require.NoError(t, t.q.Error(t.Context(), t.db, t.claimOne(), failure))
				lost := t.claimOne()
				t.expire()
				require.Equal(t, 1, t.refresh(nil).Rescued)
				require.ErrorIs(t, c.end(t, lost), ErrLeaseLost)
				held := t.claimOne()
				require.ErrorIs(t, c.end(t, lost), ErrLeaseLost)
				require.NoError(t, c.end(t, held))
				next := t.claimOne()
				require.NoError(t, c.end(t, held), "said again, though somebody else has it by now")
				require.NoError(t, t.complete(next))
				require.ErrorIs(t, c.end(t, lost), ErrLeaseLost)
			})
		})
	}
}

func TestIgnore(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		ignore := func(subject int32, why string) error {
			return t.q.Ignore(t.Context(), t.db, ResultKey{subject, "a"}, why)
		}
		claimed := t.claim(1)
		require.ErrorIs(t, ignore(1, "no"), rowmill.ErrRefused)
		require.EqualError(t, ignore(1, "no"), "ignore a key of Result jobs: refused: it is being made")
		require.Equal(t, Reserved, t.job(1, "a").Status)
		require.Empty(t, t.job(1, "a").ErrorMessage)
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[0], Failure{Message: "x"}))
		for subject, was := range map[int32]string{1: "an error", 2: "pending", 9: "not queued"} {
			require.NoError(t, ignore(subject, was))
			require.NoError(t, ignore(subject, was), "again")
			require.Equal(t, Ignore, t.job(subject, "a").Status)
			require.Equal(t, was, t.job(subject, "a").ErrorMessage)
		}
		require.Equal(t, Refreshed{}, t.refresh(nil))
		require.Equal(t, []ResultKey{{3, "a"}}, keysOf(t.claim(9)))

		require.ErrorContains(t, t.q.Ignore(t.Context(), t.db, struct{ Method string }{"a"}, ""), "the whole key is wanted: [subject_id method]")
		require.ErrorContains(t, t.q.Ignore(t.Context(), t.db, 7, ""), "a int cannot be matched")
		require.Error(t, t.q.Ignore(t.Context(), t.db, ResultKey{8, strings.Repeat("a", 17)}, ""), "no other key is ignored in its place")
		require.Equal(t, map[Status]int{Ignore: 3, Reserved: 1}, t.statuses())
	})
}

// TestIgnoreAtOnce has several people ignore the same new key: none is told that it is being made.
func TestIgnoreAtOnce(t *testing.T) {
	each(t, func(t *fixture) {
		for subject := range int32(20) {
			var people errgroup.Group
			for range 4 {
				people.Go(func() error { return t.q.Ignore(t.Context(), t.db, ResultKey{subject, "a"}, "no") })
			}
			require.NoError(t, people.Wait())
		}
	})
}

func TestClear(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(4)
		claimed := t.claim(3)
		require.NoError(t, t.q.Error(t.Context(), t.db, claimed[0], Failure{Message: "x"}))
		require.NoError(t, t.q.Skip(t.Context(), t.db, claimed[1], "why"))
		_, err := t.q.Clear(t.Context(), t.db, query.Rel{}, Ignore, Reserved)
		require.ErrorContains(t, err, `"reserved" jobs cannot be cleared; pending, success, error and ignore can`)
		n, err := t.q.Clear(t.Context(), t.db, query.Rel{}, Error, Success)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, map[Status]int{Pending: 1, Reserved: 1}, t.statuses())
		t.refresh(nil)
		require.Equal(t, map[Status]int{Pending: 3, Reserved: 1}, t.statuses(), "what was cleared is queued again")
	})
}

// TestReleaseMany gives back a batch in one statement, but for what is somebody else's.
func TestReleaseMany(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		claimed := t.claim(3)
		require.NoError(t, t.q.Release(t.Context(), t.db))
		t.take(ResultKey{2, "a"})
		require.ErrorIs(t, t.q.Release(t.Context(), t.db, claimed...), ErrLeaseLost)
		require.Equal(t, map[Status]int{Pending: 2, Reserved: 1}, t.statuses())
	})
}

func TestRetry(t *testing.T) {
	each(t, func(t *fixture) {
		t.queue(3)
		claimed := t.claim(2)
		for _, r := range claimed {
			require.NoError(t, t.q.Error(t.Context(), t.db, r, Failure{Message: "no", Duration: time.Second}))
		}
		require.NoError(t, t.q.Ignore(t.Context(), t.db, ResultKey{3, "a"}, ""))
		n, err := t.q.Retry(t.Context(), t.db, query.Rel{})
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, map[Status]int{Pending: 2, Ignore: 1}, t.statuses())
		j := t.job(1, "a")
		require.Nil(t, j.CompletedTime)
		require.Nil(t, j.ReservedTime)
		require.Equal(t, 2, t.claim(1)[0].Attempt)
	})
}

// TestMessages are kept as DataJoint keeps them, whatever is in them.
func TestMessages(t *testing.T) {
	long := strings.Repeat("ä", 2047)
	for _, c := range []struct{ name, message, kept string }{
		{"empty", "", ""},
		{"plain", "it's \"no\" use\\\n", "it's \"no\" use\\\n"},
		{"just fits", long, long},
		{"too long", long + "ä", strings.Repeat("ä", 2047-len("...truncated")) + "...truncated"},
		{"many bytes", strings.Repeat("🐭", 2047), strings.Repeat("🐭", 2047)},
		{"not UTF-8", "at \xff\xfe, a byte", "at \ufffd, a byte"},
		{"not UTF-8, and too long", strings.Repeat("\xff|", 3000), strings.Repeat("\ufffd|", 1017) + "\ufffd...truncated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *fixture) {
				t.queue(3)
				claimed := t.claim(2)
				stack := c.message + "\x00\xff"
				require.NoError(t, t.q.Error(t.Context(), t.db, claimed[0], Failure{Message: c.message, Stack: stack}))
				require.NoError(t, t.q.Skip(t.Context(), t.db, claimed[1], c.message))
				require.NoError(t, t.q.Ignore(t.Context(), t.db, ResultKey{3, "a"}, c.message))
				require.NoError(t, t.q.Ignore(t.Context(), t.db, ResultKey{4, "a"}, c.message))
				for subject := int32(1); subject <= 4; subject++ {
					require.Equal(t, c.kept, t.job(subject, "a").ErrorMessage)
				}
				require.Equal(t, strings.ToValidUTF8(c.message, "\ufffd")+"\x00\ufffd", *t.job(1, "a").ErrorStack)
			})
		})
	}
}

// TestMessagesThatTheServerCannotHold are kept in ASCII: an old database is in Latin-1.
func TestMessagesThatTheServerCannotHold(t *testing.T) {
	dsn := testdb.MariaDB(t)
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "CREATE DATABASE lab CHARACTER SET latin1")
	require.NoError(t, err)
	require.NoError(t, db.Close())

	f := newFixture(t, dsn)
	f.queue(3)
	claimed := f.claim(2)
	const message, kept = "für μ = 3 \"mV\"\n🐭", `f\u00fcr \u03bc = 3 \"mV\"\n\U0001f42d`
	require.NoError(t, f.q.Error(t.Context(), f.db, claimed[0], Failure{Message: message, Stack: message}))
	require.NoError(t, f.q.Skip(t.Context(), f.db, claimed[1], message))
	for subject := int32(3); subject <= 4; subject++ {
		require.NoError(t, f.q.Ignore(t.Context(), f.db, ResultKey{subject, "a"}, message))
	}
	for subject := int32(1); subject <= 4; subject++ {
		require.Equal(t, kept, f.job(subject, "a").ErrorMessage)
	}
	require.Equal(t, message, *f.job(1, "a").ErrorStack, "a blob has no character set")

	require.NoError(t, f.q.Ignore(t.Context(), f.db, ResultKey{1, "a"}, "für"))
	require.Equal(t, "für", f.job(1, "a").ErrorMessage)
	require.NoError(t, f.q.Ignore(t.Context(), f.db, ResultKey{1, "a"}, strings.Repeat("μ", 2047)))
	require.Len(t, f.job(1, "a").ErrorMessage, maxMessage)
}
