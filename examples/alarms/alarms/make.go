package alarms

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rowmill/rowmill/examples/weather/weather"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// MakeChecks is the maker of checks, of which each takes so much longer than it needs: in life there would be more to look
// through.
func MakeChecks(pause time.Duration) *populate.Maker {
	return populate.New(Checks, func(ctx context.Context, tx *populate.Tx, key CheckKey) error { return check(ctx, tx, key, pause) }).
		PrioritizedBy(query.From(Requests), "urgency")
}

// parameters are those of an alarm.
type parameters struct {
	Quantity string   `json:"quantity"`
	Above    *float64 `json:"above"`
	Below    *float64 `json:"below"`
	Days     int      `json:"days"`
}

// check looks through one year of a station.
func check(ctx context.Context, tx *populate.Tx, key CheckKey, pause time.Duration) error {
	// The request's objects lead to the request, too, and so to all its alarms: this one is meant.
	alarm, err := query.One[Alarm](ctx, tx, tx.Upstream(Alarms).Match(map[string]any{"alarm": key.Alarm}))
	if err != nil {
		return err
	}
	if err := Alarms.Check(alarm); err != nil { // it may have been entered by a program that knows no rules
		return populate.Invalid(err)
	}
	var p parameters
	if err := json.Unmarshal(alarm.Parameters, &p); err != nil {
		return populate.Invalid(err)
	}
	days, err := query.Fetch[weather.Day](ctx, tx, tx.Upstream(weather.Days).Top(query.All, "date"))
	if err != nil {
		return err
	}
	found, err := look(ctx, tx.Job(), key, p, days, pause)
	if err != nil {
		return err
	}
	if err := query.Insert(ctx, tx, Checks, Check{key, int16(len(found))}); err != nil {
		return err
	}
	return query.Insert(ctx, tx, Founds, found...)
}

// look finds the times at which the alarm would have been given.
func look(ctx context.Context, job *populate.Job, key CheckKey, p parameters, days []weather.Day, pause time.Duration) ([]Found, error) {
	var found []Found
	tick := job.Ticks(len(days))
	run := Found{CheckKey: key}
	end := func() {
		if int(run.Days) >= p.Days {
			found = append(found, run)
		}
		run = Found{CheckKey: key}
	}
	for _, d := range days {
		x, err := p.of(key, d)
		if err != nil {
			return nil, err
		}
		if p.isOver(x) {
			if run.Days == 0 {
				run.Since, run.Extreme = d.Date, x
			}
			run.Days++
			if p.Above != nil {
				run.Extreme = max(run.Extreme, x)
			} else {
				run.Extreme = min(run.Extreme, x)
			}
		} else {
			end()
		}
		if err := sleep(ctx, pause/time.Duration(len(days))); err != nil {
			return nil, err
		}
		tick()
	}
	end()
	return found, nil
}

func (p parameters) isOver(x float64) bool {
	return p.Above != nil && x > *p.Above || p.Below != nil && x < *p.Below
}

// of is the quantity on a day. Where it is not known the error tells a person what he can do.
func (p parameters) of(key CheckKey, d weather.Day) (float64, error) {
	switch p.Quantity {
	case "rain":
		return d.PrecipitationMM, nil
	case "greatest temperature":
		return d.TempMaxC, nil
	case "least temperature":
		return d.TempMinC, nil
	}
	if d.WindMS == nil {
		return 0, fmt.Errorf("nobody measures the wind at %s: take the station out of request %d, or ask for another quantity", key.Station, key.Request)
	}
	return *d.WindMS, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
