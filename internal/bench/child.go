package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime"

	"github.com/rowmill/rowmill/populate"
)

// serve does what requests want, one after the other, until there are no more.
func serve(in io.Reader, out io.Writer) {
	c := &child{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r request
		var a answer
		err := json.Unmarshal(lines.Bytes(), &r)
		if err == nil {
			a.spent, err = c.do(context.Background(), r)
		}
		if err != nil {
			a.Error = err.Error()
		}
		text, err := json.Marshal(a)
		if err != nil {
			panic(err) // numbers and a text are JSON
		}
		fmt.Fprintf(out, "%s\n", text)
	}
	if c.stage != nil {
		c.stage.close()
	}
}

// A child is a process that takes part.
type child struct {
	stage *stage
	at    request // where the stage is
}

func (c *child) do(ctx context.Context, r request) (spent, error) {
	switch r.Do {
	case "open":
		return spent{}, c.open(ctx, r)
	case "populate":
		return c.populate(ctx, r)
	case "start":
		err := startUp(ctx, r)
		return spent{Memory: memory("VmHWM:")}, err
	}
	return spent{}, fmt.Errorf("no request %q is known", r.Do)
}

// open opens a stage, unless it is open already.
func (c *child) open(ctx context.Context, r request) error {
	if c.stage != nil && c.at.DSN == r.DSN && c.at.Schema == r.Schema {
		return nil
	}
	if c.stage != nil {
		c.stage.close()
	}
	var err error
	c.stage, err = openStage(ctx, r.DSN, r.Schema)
	c.at = r
	return err
}

func (c *child) populate(ctx context.Context, r request) (spent, error) {
	runtime.GOMAXPROCS(min(r.Workers, runtime.NumCPU())) // as many as a cluster gives such a process; with more, Go has them look for work
	if r.Way == rowmillWay {
		maker := c.stage.lab.maker(r.Staged)
		return measure(func() error { return makeAll(ctx, c.stage, maker, r.Workers) })
	}
	table := c.stage.byHand("subject", "first", "")
	table.AtOnce = r.AtOnce
	return measure(func() error {
		if err := table.Refresh(ctx, false); err != nil {
			return err
		}
		if r.Staged {
			return table.Grouped(ctx, r.Workers)
		}
		return table.Each(ctx, r.Workers)
	})
}

// makeAll makes what a maker has to make.
func makeAll(ctx context.Context, s *stage, maker *populate.Maker, workers int) error {
	report, err := maker.Populate(ctx, s.db, quietly(workers))
	if err != nil {
		return err
	}
	return report.Err()
}

func quietly(workers int) *populate.Options {
	return &populate.Options{Workers: workers, Output: io.Discard, Log: slog.New(slog.DiscardHandler)}
}
