package main

import (
	"context"
	"fmt"

	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/query"
)

// deleteLines delete half of the subjects, with what is computed of them in three tables, and jobs.
var deleteLines = []line{
	{"delete N subjects, cascading", "subject", sizes([]int{1000, 10_000, 100_000}, []int{1000}, 20), func(_ context.Context, s *stage) (*trial, error) {
		n := s.n
		s.n *= 2
		children := []string{"__third", "__second", "__first", "~~third", "~~second", "~~first"}
		return &trial{
			before: func(ctx context.Context) error {
				if err := s.empty(ctx, append(children, "subject")...); err != nil {
					return err
				}
				return s.allThere(ctx)
			},
			ways: map[contender]way{
				rowmillWay: here(func(ctx context.Context) error {
					deleted, err := query.Delete(ctx, s.db, query.From(s.lab.subjects).Where("subject_id <= ?", n), nil)
					jobs := 0
					for _, d := range deleted {
						jobs += d.Jobs
					}
					if err == nil && jobs != n {
						err = fmt.Errorf("%d jobs were deleted, of %d", jobs, n)
					}
					return err
				}),
				handWay: here(func(ctx context.Context) error {
					var tables []string
					for _, name := range append(children, "subject") {
						tables = append(tables, s.fill("{"+name+"}"))
					}
					return limit.Delete(ctx, s.hand.DB, tables, "subject_id", n)
				}),
				peerWay: s.peer(request{Do: "delete", N: n}),
			},
			check: func(ctx context.Context) error {
				for _, name := range []string{"__third", "__second", "__first", "subject"} {
					if err := s.want(ctx, n, fmt.Sprintf("SELECT COUNT(*) FROM {%s} WHERE subject_id > %d", name, n)); err != nil {
						return err
					}
					if err := s.want(ctx, n, "SELECT COUNT(*) FROM {"+name+"}"); err != nil {
						return err
					}
				}
				return nil
			},
		}, nil
	}},
}

// allThere enters all subjects, all that is computed, and jobs of the first table, as if its queue had been told of no result.
func (s *stage) allThere(ctx context.Context) error {
	if err := s.fillSubjects(ctx); err != nil {
		return err
	}
	for _, name := range []string{"__first", "__second", "__third"} {
		if err := s.exec(ctx, "INSERT INTO {"+name+"} (subject_id, value) "+s.numbers("n, n")); err != nil {
			return err
		}
	}
	return s.fillJobs(ctx, 0)
}
