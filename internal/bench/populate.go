package main

import (
	"context"
	"fmt"
)

// populateLines make trivial keys that are queued.
var populateLines = join(populateBy("New", false), populateBy("Staged", true))

// populateBy are the lines of one kind of maker. DataJoint has no workers in one process: its workers are processes that
// it starts itself, or, as on a cluster, processes that somebody starts.
func populateBy(kind string, staged bool) []line {
	n := sizes([]int{2000, 20_000}, []int{300}, 20)
	return []line{
		{fmt.Sprintf("populate: %s, 1 worker", kind), "key", n, func(ctx context.Context, s *stage) (*trial, error) {
			return s.populating(staged, 1), s.fillSubjects(ctx)
		}},
		{fmt.Sprintf("populate: %s, 8 workers", kind), "key", n, func(ctx context.Context, s *stage) (*trial, error) {
			return s.populating(staged, s.scale.workers), s.fillSubjects(ctx)
		}},
		{fmt.Sprintf("populate: %s, 8 processes", kind), "key", n, func(ctx context.Context, s *stage) (*trial, error) {
			t, many := s.populating(staged, 1), s.scale.workers
			t.ways = map[contender]way{
				rowmillWay: s.ours.together(many, s.open(staged), request{Do: "populate", Staged: staged, Workers: 1, Way: rowmillWay}),
				// So few are claimed at once that all processes share the work to its end.
				handWay: s.ours.together(many, s.open(staged), request{Do: "populate", Staged: staged, Workers: 1, Way: handWay, AtOnce: max(1, min(128, s.n/(4*many)))}),
			}
			if s.peers != nil {
				t.ways[peerWay] = s.peers.together(many, s.open(staged), request{Do: "populate", Workers: 1})
			}
			return t, s.fillSubjects(ctx)
		}},
	}
}

// populating is the trial of making all keys in this process.
func (s *stage) populating(staged bool, workers int) *trial {
	maker, hand := s.lab.maker(staged), s.byHand("subject", "first", "")
	return &trial{
		before: func(ctx context.Context) error {
			if err := s.empty(ctx, "__first", "~~first"); err != nil {
				return err
			}
			return s.fillJobs(ctx, 0)
		},
		ways: map[contender]way{
			rowmillWay: here(func(ctx context.Context) error { return makeAll(ctx, s, maker, workers) }),
			handWay: here(func(ctx context.Context) error {
				if err := hand.Refresh(ctx, false); err != nil {
					return err
				}
				if staged {
					return hand.Grouped(ctx, workers)
				}
				return hand.Each(ctx, workers)
			}),
			peerWay: s.peer(request{Do: "populate", Workers: workers, Staged: staged}),
		},
		check: func(ctx context.Context) error { return s.allMade(ctx, "first") },
	}
}

// allMade is an error unless each subject has its row, and no job is left.
func (s *stage) allMade(ctx context.Context, table string) error {
	if err := s.want(ctx, s.n, "SELECT COUNT(*) FROM {__"+table+"}"); err != nil {
		return err
	}
	return s.want(ctx, 0, "SELECT COUNT(*) FROM {~~"+table+"}")
}
