package main

import (
	"context"
	"fmt"
)

// progressLines ask how far a table is of which half is made, and the other half queued.
var progressLines = []line{
	{"progress", "key", sizes([]int{100_000, 1_000_000}, []int{10_000, 100_000}, 20), func(ctx context.Context, s *stage) (*trial, error) {
		maker, hand := s.lab.maker(false), s.byHand("subject", "first", "")
		made := s.n / 2
		return &trial{
			ways: map[contender]way{
				rowmillWay: here(func(ctx context.Context) error {
					p, err := maker.Progress(ctx, s.db)
					if err == nil && (p.Total != s.n || p.Done != made || p.Pending != s.n-made || p.Rate == 0) {
						err = fmt.Errorf("the progress is wrong: %+v", p)
					}
					return err
				}),
				handWay: here(func(ctx context.Context) error {
					p, err := hand.Progress(ctx)
					if err == nil && (p.Total != s.n || p.Done != made || p.Jobs["pending"] != s.n-made || p.Lately == 0) {
						err = fmt.Errorf("the progress is wrong: %+v", p)
					}
					return err
				}),
				peerWay: s.peer(request{Do: "progress", N: s.n}),
			},
		}, s.halfMade(ctx)
	}},
}

// halfMade makes the first half of the keys, and queues the others.
func (s *stage) halfMade(ctx context.Context) error {
	if err := s.fillSubjects(ctx); err != nil {
		return err
	}
	if err := s.fillJobs(ctx, 0); err != nil {
		return err
	}
	if err := s.exec(ctx, "DELETE FROM {~~first} WHERE subject_id <= ?", s.n/2); err != nil {
		return err
	}
	return s.exec(ctx, "INSERT INTO {__first} (subject_id, value, _job_start_time, _job_duration, _job_version)"+
		" SELECT subject_id, 2 * weight, {now}, 0.001, 'v1' FROM {subject} WHERE subject_id <= ?", s.n/2)
}
