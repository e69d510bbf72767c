package alarms

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// Enter enters a request, whole or not at all, and returns its number. The alarms are their parameters.
func Enter(ctx context.Context, db *rowmill.DB, asker string, urgency int8, alarms, stations []string) (int32, error) {
	request := Request{Request: 1, Urgency: urgency, Asker: asker}
	err := db.Transact(ctx, func(tx *rowmill.Tx) error {
		last, err := query.Column[int32](ctx, tx, query.From(Requests).Top(1, "request DESC"), "request")
		if err != nil {
			return err
		}
		if len(last) > 0 {
			request.Request = last[0] + 1
		}
		var objects []Object
		for _, s := range stations {
			objects = append(objects, Object{request.Request, s})
		}
		return enter(ctx, tx, request, alarms, objects)
	})
	return request.Request, err
}

func enter(ctx context.Context, tx *rowmill.Tx, r Request, alarms []string, objects []Object) error {
	var rows []Alarm
	for i, parameters := range alarms {
		rows = append(rows, Alarm{r.Request, int16(i + 1), json.RawMessage(parameters)})
	}
	if err := query.Insert(ctx, tx, Requests, r); err != nil {
		return err
	}
	if err := query.Insert(ctx, tx, Alarms, rows...); err != nil {
		return err
	}
	return query.Insert(ctx, tx, Objects, objects...)
}

// Change has a request ask for other alarms. What was made for the old ones goes, and what is being made of them stops.
func Change(ctx context.Context, db *rowmill.DB, request int32, alarms []string) error {
	this := map[string]any{"request": request}
	return db.Transact(ctx, func(tx *rowmill.Tx) error {
		r, err := query.One[Request](ctx, tx, query.From(Requests).Match(this))
		if err != nil {
			return err
		}
		objects, err := query.Fetch[Object](ctx, tx, query.From(Objects).Match(this))
		if err != nil {
			return err
		}
		if _, err := query.Delete(ctx, tx, query.From(Requests).Match(this), nil); err != nil {
			return err
		}
		return enter(ctx, tx, r, alarms, objects)
	})
}

// Cancel deletes a request, with all that was made of it. What is being made of it stops.
func Cancel(ctx context.Context, db *rowmill.DB, request int32) error {
	deleted, err := query.Delete(ctx, db, query.From(Requests).Match(map[string]any{"request": request}), nil)
	if err == nil && len(deleted) == 0 {
		err = fmt.Errorf("there is no request %d", request)
	}
	return err
}
