// Command quickstart computes the means of trials, as the README tells it.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Schema holds the tables of this pipeline.
var Schema = schema.New("quickstart")

// A Trial is one run of an experiment.
type Trial struct {
	Trial   int32
	Samples []float64
}

// Trials are entered by hand.
var Trials = schema.Manual[Trial](Schema, `
	# One run of an experiment
	trial   : int32   # counting from 1
	---
	samples : <blob>  # what was measured, in mV
`)

// A TrialKey identifies a trial.
type TrialKey struct{ Trial int32 }

// A Summary is what there is to say about a trial.
type Summary struct {
	TrialKey
	Mean float64
}

// Summaries are computed from trials.
var Summaries = schema.Computed[Summary](Schema, `
	# What there is to say about a trial
	-> Trial
	---
	mean : float64  # of the samples, in mV
`, Trials)

// MakeSummaries computes the summaries that are missing.
var MakeSummaries = populate.New(Summaries, makeSummary)

// makeSummary computes the summary of one trial.
func makeSummary(ctx context.Context, tx *populate.Tx, key TrialKey) error {
	trial, err := query.One[Trial](ctx, tx, tx.Upstream(Trials))
	if err != nil {
		return err
	}
	if len(trial.Samples) == 0 {
		return populate.Skip("nothing was measured")
	}
	sum := 0.0
	for _, x := range trial.Samples {
		sum += x
	}
	return query.Insert(ctx, tx, Summaries, Summary{key, sum / float64(len(trial.Samples))})
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	db, err := rowmill.Open(ctx, "sqlite:quickstart.db")
	if err != nil {
		return err
	}
	defer db.Close()
	if err := Schema.Declare(ctx, db); err != nil { // creates what is missing, checks what is there
		return err
	}
	n, err := query.Count(ctx, db, query.From(Trials))
	if err != nil {
		return err
	}
	next := int32(n + 1)
	err = query.Insert(ctx, db, Trials,
		Trial{next, []float64{1, 2, 3}},
		Trial{next + 1, []float64{4, 5, 9}},
		Trial{next + 2, nil})
	if err != nil {
		return err
	}

	report, err := MakeSummaries.Populate(ctx, db, &populate.Options{Workers: 4})
	if err != nil {
		return err
	}
	fmt.Println(report.Made, "made,", report.Skipped, "skipped")

	high := query.From(Summaries).Where("mean > ?", 5)
	for s, err := range query.Each[Summary](ctx, db, high) {
		if err != nil {
			return err
		}
		fmt.Println("trial", s.Trial, "has a mean of", s.Mean, "mV")
	}
	progress, err := MakeSummaries.Progress(ctx, db)
	if err != nil {
		return err
	}
	fmt.Println(progress)
	return report.Err()
}
