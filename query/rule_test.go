package query

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
	"github.com/rowmill/rowmill/schema/jsonschema"
)

var errands = schema.New("errands")

// An Errand is asked for with parameters.
type Errand struct {
	Errand     int32
	Parameters json.RawMessage
}

var ruledErrands = schema.Manual[Errand](errands, `
	errand : int32
	---
	parameters = null : json
`).Ruled("parameters", jsonschema.Of(`{"type": "object", "properties": {"days": {"type": "integer", "minimum": 1}}, "required": ["days"]}`))

// TestRule enters and changes rows by each way that there is: what does not fit is refused, with its row, its place and why, and
// nothing is written.
func TestRule(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		db, err := rowmill.Open(ctx, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, errands.Declare(ctx, db))
		good := Errand{Errand: 1, Parameters: json.RawMessage(`{"days": 2}`)}
		bad := Errand{Errand: 2, Parameters: json.RawMessage(`{"days": 0}`)}
		const wrong = "at /days: minimum: got 0, want 1"

		require.EqualError(t, Insert(ctx, db, ruledErrands, good, bad),
			"insert into Errand: errand=2: a value does not fit its attribute: parameters: "+wrong)
		require.NoError(t, Insert(ctx, db, ruledErrands, good))
		_, err = InsertMissing(ctx, db, ruledErrands, bad)
		require.ErrorIs(t, err, rowmill.ErrValue)
		require.ErrorContains(t, err, wrong)
		bad.Errand = 1
		require.ErrorContains(t, Replace(ctx, db, ruledErrands, bad), wrong)

		type change = map[string]any
		err = Update(ctx, db, ruledErrands, change{"errand": 1, "parameters": json.RawMessage(`{"days": 0}`)})
		require.EqualError(t, err, "update Errand: errand=1: a value does not fit its attribute: parameters: "+wrong)
		require.ErrorIs(t, Update(ctx, db, ruledErrands, bad), rowmill.ErrValue)
		require.NoError(t, Update(ctx, db, ruledErrands, change{"errand": 1, "parameters": json.RawMessage(`{"days": 3}`)}))
		require.NoError(t, Insert(ctx, db, ruledErrands, Errand{Errand: 3}), "NULL obeys every rule")

		_, err = InsertFrom(ctx, db, ruledErrands, From(ruledErrands).Where("errand = 1").Project("parameters"))
		require.Error(t, err)
		_, err = InsertFrom(ctx, db, ruledErrands, From(ruledErrands))
		require.ErrorContains(t, err, `"parameters" has a rule`)

		rows, err := Fetch[Errand](ctx, db, From(ruledErrands).Top(All, "errand"))
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.JSONEq(t, `{"days": 3}`, string(rows[0].Parameters))
		require.NoError(t, ruledErrands.Check(rows[0]))
	})
}
