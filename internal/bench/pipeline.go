package main

import (
	"context"

	"github.com/rowmill/rowmill/populate"
)

// pipelineLines make a whole pipeline, one table from the other, of which nothing is there but the subjects. Rowmill makes
// all tables at once; by hand, and with DataJoint, it is one after the other.
var pipelineLines = []line{
	{"pipeline: 3 tables of N", "key", sizes([]int{2000, 20_000}, []int{200}, 20), func(ctx context.Context, s *stage) (*trial, error) {
		makers, workers := s.lab.makers(), s.scale.workers
		return &trial{
			before: func(ctx context.Context) error {
				return s.empty(ctx, "__third", "__second", "__first", "~~third", "~~second", "~~first")
			},
			ways: map[contender]way{
				rowmillWay: here(func(ctx context.Context) error {
					reports, err := populate.All(ctx, s.db, quietly(workers), makers...)
					if err != nil {
						return err
					}
					return reports.Err()
				}),
				handWay: here(func(ctx context.Context) error { return s.pipelineByHand(ctx, workers) }),
				peerWay: s.peer(request{Do: "pipeline", Workers: workers}),
			},
			check: func(ctx context.Context) error {
				for _, table := range []string{"first", "second", "third"} {
					if err := s.allMade(ctx, table); err != nil {
						return err
					}
				}
				return nil
			},
		}, s.fillSubjects(ctx)
	}},
}

func (s *stage) pipelineByHand(ctx context.Context, workers int) error {
	for _, step := range []struct{ source, target, read string }{
		{"subject", "first", "weight"}, {"__first", "second", "value"}, {"__second", "third", "value"},
	} {
		table := s.byHand(step.source, step.target, step.read)
		if err := table.Refresh(ctx, false); err != nil {
			return err
		}
		if err := table.Each(ctx, workers); err != nil {
			return err
		}
	}
	return nil
}
