package main

import (
	"context"
	"time"
)

// A line is one comparison: the same work, done in three ways.
type line struct {
	name string
	unit string           // what N counts
	n    map[string][]int // by the name of the scale
	// set brings a stage into the state in which the line begins, and says how it is run there.
	set func(ctx context.Context, s *stage) (*trial, error)
}

func (l line) sizes(s scale) []int { return l.n[s.Name] }

// sizes are those of the three scales.
func sizes(full, quick []int, tiny int) map[string][]int {
	return map[string][]int{"full": full, "quick": quick, "tiny": {tiny}}
}

// A trial is a line with one N on one stage.
type trial struct {
	// before brings the stage into the same state before each run; nil if nothing changes.
	before func(ctx context.Context) error
	// ways are how it is done. Without DataJoint, or where it has nothing of the kind, there are two.
	ways map[contender]way
	// check looks whether it was done; nil where each way does so itself.
	check func(ctx context.Context) error
}

// A contender is one of those that are compared.
type contender string

// The contenders, in the order in which they are told.
const (
	rowmillWay contender = "Rowmill"
	handWay    contender = "by hand"
	peerWay    contender = "DataJoint"
)

var contenders = []contender{rowmillWay, handWay, peerWay}

// A way does the work, and says what that took.
type way func(ctx context.Context) (spent, error)

// A scale says how large N is, and how much time there is.
type scale struct {
	Name    string `json:"name"`
	workers int    // how many work at once, where several do
	rounds  int    // how often each contender runs, if there is time
	most    int    // how often, if all its runs with an N take less than short
	short   time.Duration
	total   time.Duration // that a contender may take for all its runs with an N, if it is to run again
	longest time.Duration // that a contender may take to be run at all, by what it took with a smaller N
}

var (
	full  = scale{Name: "full", workers: 8, rounds: 5, most: 15, short: 6 * time.Second, total: 90 * time.Second, longest: 5 * time.Minute}
	quick = scale{Name: "quick", workers: 8, rounds: 3, total: 1500 * time.Millisecond, longest: 4 * time.Second}
	// tiny is for tests: does it run?
	tiny = scale{Name: "tiny", workers: 2, rounds: 1, total: time.Second, longest: time.Minute}
)

// lines are all comparisons.
var lines = join(refreshLines, populateLines, progressLines, rowLines, deleteLines, startLines, pipelineLines)

func join(groups ...[]line) (all []line) {
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}
