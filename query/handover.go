package query

import (
	"context"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// handOver calls write with the values of all attributes of each row, in their order, until it fails. The slice is
// the same each time. Values are what a map has (see [Each]), but for those of json and <blob>, which are
// JSON texts, and of other codecs, which are what is stored: a []byte or a string.
func handOver(ctx context.Context, conn rowmill.Conn, rel Rel, h *schema.Heading, write func(values []any) error) error {
	l := &landing[[]any]{attrs: h.Names(), fresh: func() {}}
	l.row = make([]any, len(l.attrs))
	l.natural = func(types []string) []any {
		dests := make([]any, len(l.attrs))
		for i, a := range h.Attrs() {
			dests[i] = schema.NewReading(a, plainly(a, types[i]), func(v any) { l.row[i] = v })
		}
		return dests
	}
	var failed error
	err := eachOf(ctx, conn, rel, 0, h, func(*schema.Heading) (*landing[[]any], error) { return l, nil }, func(values []any) bool {
		failed = write(values)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}

// plainly reads values of an attribute for those who know no codecs.
func plainly(a schema.Attr, column string) value.Reader {
	stored := a.Type
	stored.Codec = ""
	switch {
	case isBlob(a):
		read := value.NaturalReader(a.Type, a.Codec, column)
		return func(src any) (any, error) {
			v, err := read(src)
			if err != nil {
				return nil, err
			}
			return value.JSONText(v)
		}
	case a.Type.Kind == datatype.JSON:
		text := value.NaturalReader(datatype.Type{Kind: datatype.Text}, nil, column)
		return func(src any) (any, error) {
			s, err := text(src)
			if err != nil {
				return nil, err
			}
			return value.CanonicalJSON([]byte(s.(string)))
		}
	}
	return value.NaturalReader(stored, nil, column)
}

// isBlob tells whether an attribute keeps blobs that say what they hold.
func isBlob(a schema.Attr) bool { return a.Codec == schema.Blob }
