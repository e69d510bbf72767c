package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A runner runs lines.
type runner struct {
	scale  scale
	out    io.Writer // where it says what it does
	python string    // "" without DataJoint
	peers  *team     // nil without DataJoint, or on SQLite, which it does not know
	ours   *team
}

// on runs lines on a server of a name, if it is installed.
func (r *runner) on(ctx context.Context, server string, lines []line, report *report) error {
	g, err := newGround(server)
	if errors.Is(err, errNotInstalled) {
		report.note(err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	defer g.close()
	return r.run(ctx, g, lines, report)
}

// run runs lines on a server, and puts down what came of it.
func (r *runner) run(ctx context.Context, g *ground, lines []line, report *report) (err error) {
	if r.ours, err = ourTeam(); err != nil {
		return err
	}
	r.peers = nil
	if r.python != "" && g.server != "" {
		r.peers = peerTeam(r.python)
	}
	for _, l := range lines {
		took := map[contender]float64{} // a key, with the last N
		for _, n := range l.sizes(r.scale) {
			results, err := r.stage(ctx, g, l, n, took, report)
			if err != nil {
				return fmt.Errorf("%s, %s, N = %d: %w", g.name, l.name, n, err)
			}
			report.add(results)
		}
	}
	return nil
}

// stage runs a line with one N.
func (r *runner) stage(ctx context.Context, g *ground, l line, n int, took map[contender]float64, report *report) (results []*result, err error) {
	dsn, schema := g.place()
	s, err := openStage(ctx, dsn, schema)
	if err != nil {
		return nil, err
	}
	s.n, s.scale, s.ours, s.peers = n, r.scale, r.ours, r.peers
	defer func() {
		r.ours.stop()
		if r.peers != nil {
			r.peers.stop()
		}
		s.close()
		if cleared := g.clear(context.WithoutCancel(ctx), schema); err == nil {
			err = cleared
		}
	}()
	if err := s.warm(ctx); err != nil {
		return nil, err
	}
	t, err := l.set(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, who := range contenders {
		if t.ways[who] == nil || who == peerWay && r.peers == nil {
			continue
		}
		if expected := time.Duration(took[who] * float64(n) * float64(time.Second)); expected > r.scale.longest {
			report.note(fmt.Sprintf("%s, %s: %s was not run with N = %s, for which it would take about %s.",
				g.name, l.name, who, number(n), expected.Round(time.Second)))
			continue
		}
		results = append(results, &result{Server: g.name, Line: l.name, Unit: l.unit, N: n, Who: who})
	}
	err = r.rounds(ctx, g, s, t, results)
	for _, res := range results {
		took[res.Who] = res.Seconds() / float64(n)
	}
	return results, err
}

// rounds has contenders take turns, each time another first, and in another direction, until each has run often or long enough.
func (r *runner) rounds(ctx context.Context, g *ground, s *stage, t *trial, results []*result) error {
	if len(results) == 0 {
		return nil
	}
	for round := range max(r.scale.rounds, r.scale.most) {
		first := round % len(results)
		turns := slices.Concat(results[first:], results[:first])
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, res := range turns {
			if !res.another(r.scale) {
				continue
			}
			if err := r.one(ctx, g, s, t, res); err != nil {
				return fmt.Errorf("%s: %w", res.Who, err)
			}
		}
	}
	for _, res := range results {
		fmt.Fprintln(r.out, res)
	}
	return nil
}

// one is one run of one contender.
func (r *runner) one(ctx context.Context, g *ground, s *stage, t *trial, res *result) error {
	began := time.Now()
	if t.before != nil {
		if err := t.before(ctx); err != nil {
			return fmt.Errorf("before: %w", err)
		}
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	res.prepared += time.Since(began)
	before, err := g.counts(ctx)
	if err != nil {
		return err
	}
	took, err := t.ways[res.Who](ctx)
	if err != nil {
		return err
	}
	after, err := g.counts(ctx)
	if err != nil {
		return err
	}
	if t.check != nil {
		if err := t.check(ctx); err != nil {
			return err
		}
	}
	res.Runs = append(res.Runs, took)
	res.Counted = g.admin != nil
	res.statements = append(res.statements, float64(after.statements-before.statements-asked))
	res.fsyncs = append(res.fsyncs, float64(after.fsyncs-before.fsyncs))
	return nil
}
