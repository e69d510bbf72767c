package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rowmill/rowmill/jobs"
)

// old is the age of what is old enough to be looked at, in seconds: two hours.
const old = 7200

// refreshLines bring a queue up to date. All three are told that reservations without a lease are those of the dead after
// an hour, which is how DataJoint's are found.
var refreshLines = []line{
	{"refresh: add N", "key", refreshSizes, func(ctx context.Context, s *stage) (*trial, error) {
		return s.refreshing(jobs.Refreshed{Added: s.n}, func(ctx context.Context) error {
			return s.empty(ctx, "~~first")
		}), s.fillSubjects(ctx)
	}},
	{"refresh: nothing to do", "key", refreshSizes, func(ctx context.Context, s *stage) (*trial, error) {
		if err := s.fillSubjects(ctx); err != nil {
			return nil, err
		}
		return s.refreshing(jobs.Refreshed{}, nil), s.fillJobs(ctx, old)
	}},
	{"refresh: N stale", "key", refreshSizes, func(_ context.Context, s *stage) (*trial, error) {
		return s.refreshing(jobs.Refreshed{Removed: s.n}, func(ctx context.Context) error {
			return s.fillJobs(ctx, old)
		}), nil
	}},
	{"refresh: N orphans", "key", refreshSizes, func(ctx context.Context, s *stage) (*trial, error) {
		return s.refreshing(jobs.Refreshed{Rescued: s.n}, func(ctx context.Context) error {
			if err := s.empty(ctx, "~~first"); err != nil {
				return err
			}
			return s.exec(ctx, "INSERT INTO {~~first} (subject_id, status, priority, created_time, scheduled_time, reserved_time) "+
				s.numbers("n, 'reserved', 5, {after}, {after}, {after}"), -float64(old), -float64(old), -float64(old))
		}), s.fillSubjects(ctx)
	}},
}

var refreshSizes = sizes([]int{1000, 10_000, 100_000, 1_000_000}, []int{1000, 10_000}, 20)

// refreshing is the trial of a refresh that does what is wanted. After it there is a pending job for each subject.
func (s *stage) refreshing(want jobs.Refreshed, before func(ctx context.Context) error) *trial {
	queue, hand := jobs.For(s.lab.first), s.byHand("subject", "first", "")
	return &trial{
		before: before,
		ways: map[contender]way{
			rowmillWay: here(func(ctx context.Context) error {
				did, err := queue.Refresh(ctx, s.db, &jobs.RefreshOptions{OrphanTimeout: time.Hour})
				if err == nil && did != want {
					err = fmt.Errorf("it did %+v, and %+v is wanted", did, want)
				}
				return err
			}),
			handWay: here(func(ctx context.Context) error { return hand.Refresh(ctx, true) }),
			peerWay: s.peer(request{Do: "refresh"}),
		},
		check: func(ctx context.Context) error {
			subjects, err := s.count(ctx, "SELECT COUNT(*) FROM {subject}")
			if err != nil {
				return err
			}
			if err := s.want(ctx, subjects, "SELECT COUNT(*) FROM {~~first} WHERE status = 'pending'"); err != nil {
				return err
			}
			return s.want(ctx, subjects, "SELECT COUNT(*) FROM {~~first}")
		},
	}
}
