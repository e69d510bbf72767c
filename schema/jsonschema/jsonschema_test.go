package jsonschema_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
	"github.com/rowmill/rowmill/schema/jsonschema"
)

type Request struct {
	Request    int32
	Parameters json.RawMessage
	Note       string
}

const definition = `
	request : int32
	---
	parameters = null : json
	note = ''         : varchar(30)
`

const wanted = `{
	"type": "object",
	"properties": {
		"threshold": {"type": "number", "exclusiveMinimum": 0},
		"since": {"type": "string", "format": "date"},
		"a/b": {"type": "boolean"},
		"objects": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/object"}}
	},
	"required": ["threshold"],
	"additionalProperties": false,
	"$defs": {"object": {"enum": ["wind", "rain"]}}
}`

// TestFits checks rows without a database: what is wrong is said with its place, in one line, and always the same.
func TestFits(t *testing.T) {
	requests := schema.Manual[Request](schema.New("lab"), definition).Ruled("parameters", jsonschema.Of(wanted))
	for _, c := range []struct{ parameters, wrong string }{
		{`{"threshold": 8, "since": "2012-01-31", "objects": ["wind"]}`, ""},
		{`{"threshold": 1e400}`, ""},
		{`{}`, "missing property 'threshold'"},
		{`8`, "got number, want object"},
		{`null`, "got null, want object"},
		{`{"threshold": "8"}`, "at /threshold: got string, want number"},
		{`{"threshold": -8}`, "at /threshold: exclusiveMinimum: got -8, want 0"},
		{`{"threshold": 8, "since": "2012-02-30"}`, "at /since: '2012-02-30' is not valid date: "},
		{`{"threshold": 8, "a/b": 1}`, "at /a~1b: got number, want boolean"},
		{`{"threshold": 8, "objects": []}`, "at /objects: minItems: got 0, want 1"},
		{`{"threshold": 8, "objects": ["wind", "snow"]}`, "at /objects/1: value must be one of 'wind', 'rain'"},
		{`{"treshold": 8}`, "additional properties 'treshold' not allowed; missing property 'threshold'"},
		{
			`{"threshold": "8", "objects": [1, 2, 3, 4, 5]}`,
			"at /objects/0: value must be one of 'wind', 'rain'; at /objects/1: value must be one of 'wind', 'rain'; " +
				"at /objects/2: value must be one of 'wind', 'rain'; at /objects/3: value must be one of 'wind', 'rain'; " +
				"at /objects/4: value must be one of 'wind', 'rain'; and 1 more",
		},
	} {
		err := requests.Check(Request{Request: 1, Parameters: json.RawMessage(c.parameters)})
		if c.wrong == "" {
			require.NoError(t, err, c.parameters)
			continue
		}
		require.ErrorIs(t, err, rowmill.ErrValue, c.parameters)
		require.Contains(t, err.Error(), "check a row of Request: a value does not fit its attribute: parameters: "+c.wrong)
		require.NotContains(t, err.Error(), "\n")
	}
	require.NoError(t, requests.Check(Request{Request: 1}), "NULL fits, where there may be one")
}

// panicsHere is the message with which f panics, which must begin with the file and the line of the call.
func panicsHere(t *testing.T, f func()) (message string) {
	t.Helper()
	_, file, line, _ := runtime.Caller(1)
	place := fmt.Sprintf("%s:%d: ", filepath.Base(file), line)
	defer func() {
		_, told, found := strings.Cut(fmt.Sprint(recover()), place)
		require.True(t, found, "a panic of line %d is wanted", line)
		message = told
	}()
	f()
	return ""
}

// TestDeclarationPanics declares what is wrong, in one line each.
func TestDeclarationPanics(t *testing.T) {
	requests := schema.Manual[Request](schema.New("lab"), definition)
	object := jsonschema.Of(`{"type": "object"}`)
	for _, c := range []struct{ wanted, message string }{
		{`table Request: the rule for "parameters": the document is not JSON: unexpected EOF`, panicsHere(t, func() { requests.Ruled("parameters", jsonschema.Of("{")) })},
		{`table Request: the rule for "parameters": the document is no JSON Schema: at /type: `, panicsHere(t, func() { requests.Ruled("parameters", jsonschema.Of(`{"type": "objct"}`)) })},
		{`table Request: the rule for "parameters": the document is no JSON Schema: `, panicsHere(t, func() { requests.Ruled("parameters", jsonschema.Of(`{"$ref": "file:///etc/passwd"}`)) })},
		{`table Request: the rule for "note": a JSON Schema is for attributes of type json, and it is varchar(30)`, panicsHere(t, func() { requests.Ruled("note", object) })},
		{`table Request: the rule is for "parametres", which is no attribute; did you mean "parameters"?`, panicsHere(t, func() { requests.Ruled("parametres", object) })},
		{`table Request: the rule for "note": it is nil`, panicsHere(t, func() { requests.Ruled("note", nil) })},
	} {
		require.Contains(t, c.message, c.wanted)
	}
	require.NoError(t, requests.Check(Request{Parameters: json.RawMessage("7")}), "none of these is its rule")
	require.Same(t, requests, requests.Ruled("parameters", jsonschema.Of(`{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}`)))
	require.Contains(t, panicsHere(t, func() { requests.Ruled("parameters", object) }), `the rule for "parameters": there is another; one at most is wanted`)
	require.Error(t, requests.Check(Request{Parameters: json.RawMessage("7")}))

	type Answer struct{ Request int32 }
	answers := schema.Manual[Answer](requests.Untyped().Schema(), "-> Request", requests)
	require.Contains(t, panicsHere(t, func() { answers.Ruled("request", odd{}) }),
		`table Answer: the rule for "request": a foreign key brings the attribute: the rule belongs to where it comes from, lab.request.request`)
}

// odd is a rule of a user's.
type odd struct{}

func (odd) Suits(schema.Attr) error { return nil }

func (odd) Allows(stored any) error {
	if stored.(int64)%2 == 0 {
		return fmt.Errorf("%d is even", stored)
	}
	return nil
}

// TestOtherRules has a rule that is no JSON Schema, for an attribute of the key.
func TestOtherRules(t *testing.T) {
	requests := schema.Manual[Request](schema.New("lab"), definition).Ruled("request", odd{})
	require.NoError(t, requests.Check(Request{Request: 3}))
	require.EqualError(t, requests.Check(Request{Request: 4}), "check a row of Request: a value does not fit its attribute: request: 4 is even")
}
