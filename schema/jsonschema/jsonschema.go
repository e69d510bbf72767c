// Package jsonschema binds the values of json attributes to JSON Schemas: what a person may ask for in a request is said
// once, beside the table, and whoever asks for something else is told so when the row is entered. It is a package of its own
// since the library that it uses is linked by those alone who import it.
package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/schema"
)

// Of is the rule that the values of a json attribute fit a JSON Schema:
//
//	var Requests = schema.Manual[Request](Schema, `
//		request : int32
//		---
//		parameters : json
//	`).Ruled("parameters", jsonschema.Of(`{
//		"type": "object",
//		"properties": {"threshold": {"type": "number", "exclusiveMinimum": 0}},
//		"required": ["threshold"],
//		"additionalProperties": false
//	}`))
//
// A row that does not fit is refused when it is entered or changed, with an error that wraps rowmill.ErrValue and says
// where what is wrong: "parameters: at /threshold: got string, want number". NULL fits, where there may be one. Who is
// bound by it [schema.Rule] says.
//
// The document is read as draft 2020-12, unless its $schema says otherwise. A format, as in "format": "date", is asserted.
// A $ref leads to places in the document itself. Where the document is no JSON Schema, or the attribute is none of type
// json, Ruled panics with the file and line of its call.
func Of(document string) schema.Rule {
	r := &rule{}
	r.compiled, r.err = compile(document)
	return r
}

// A rule is a document that was read, or why it cannot be.
type rule struct {
	compiled *jsonschema.Schema
	err      error
}

// place is what the document is called among those that it may refer to.
const place = "document.json"

func compile(document string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("the document is not JSON: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(nowhere{})
	c.AssertFormat()
	if err := c.AddResource(place, doc); err != nil {
		return nil, fmt.Errorf("the document is no JSON Schema: %w", err)
	}
	compiled, err := c.Compile(place)
	if err != nil {
		return nil, fmt.Errorf("the document is no JSON Schema: %w", phrase(err))
	}
	return compiled, nil
}

// nowhere loads no other documents: what a program accepts is not to depend on files that lie about.
type nowhere struct{}

func (nowhere) Load(string) (any, error) {
	return nil, errors.New("a $ref can lead to the document itself only")
}

// Suits wants the document to be a JSON Schema, and the attribute to be json.
func (r *rule) Suits(a schema.Attr) error {
	switch {
	case r.err != nil:
		return r.err
	case a.Type.Kind != datatype.JSON || a.Codec != nil:
		return fmt.Errorf("a JSON Schema is for attributes of type json, and it is %s", a.Type.Spec)
	}
	return nil
}

// Allows validates the text of a value.
func (r *rule) Allows(stored any) error {
	var text string
	switch v := stored.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("a %T is no text of JSON", stored)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	if err := r.compiled.Validate(doc); err != nil {
		return phrase(err)
	}
	return nil
}

// mostFaults is how many faults a sentence tells.
const mostFaults = 5

// phrase says a validation's faults, each with its place, in one line. Another error stays what it is.
func phrase(err error) error {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if wrong, is := errors.AsType[*jsonschema.SchemaValidationError](err); is && !ok {
		invalid, ok = errors.AsType[*jsonschema.ValidationError](wrong.Err)
	}
	if !ok {
		return err
	}
	faults := faultsOf(invalid)
	slices.Sort(faults) // members of an object are validated in no order
	faults = slices.Compact(faults)
	if more := len(faults) - mostFaults; more > 0 {
		faults = append(faults[:mostFaults], fmt.Sprintf("and %d more", more))
	}
	return errors.New(strings.Join(faults, "; "))
}

var english = message.NewPrinter(language.English)

// faultsOf are what is wrong at the leaves of an error, which is a tree like the schema.
func faultsOf(e *jsonschema.ValidationError) (faults []string) {
	for _, cause := range e.Causes {
		faults = append(faults, faultsOf(cause)...)
	}
	if len(faults) == 0 {
		reason := e.ErrorKind.LocalizedString(english)
		if len(e.InstanceLocation) == 0 {
			return []string{reason}
		}
		return []string{"at " + pointer(e.InstanceLocation) + ": " + reason}
	}
	return faults
}

// escaped spells a member's name in a JSON pointer (RFC 6901).
var escaped = strings.NewReplacer("~", "~0", "/", "~1")

func pointer(location []string) string {
	var b strings.Builder
	for _, name := range location {
		b.WriteString("/" + escaped.Replace(name))
	}
	return b.String()
}
