package jobs

import (
	"slices"

	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Source is the relation of the keys that ought to exist (DataJoint's key_source): the join of the tables to
// which foreign keys in the primary key refer, each projected to its key under the names that it has in
// the target.
func (q *Queue) Source() query.Rel {
	var source query.Rel
	for _, f := range q.target.ForeignKeys() {
		if !f.Primary {
			continue
		}
		var renamed []string
		for i, name := range f.Attrs {
			if name != f.Referred[i] {
				renamed = append(renamed, name+" = "+f.Referred[i])
			}
		}
		parent := query.From(f.Parent).Project(renamed...)
		if source.IsZero() {
			source = parent
		} else {
			source = source.Join(parent)
		}
	}
	return source
}

// Keyed is a source that has keys alone: where attributes of the key may be NULL, it is what [Queue.Source] has of it.
func (q *Queue) Keyed(source query.Rel) (query.Rel, error) {
	h, err := source.Heading()
	if err != nil {
		return query.Rel{}, err
	}
	if slices.ContainsFunc(h.Attrs(), func(a schema.Attr) bool { return a.Nullable && slices.Contains(q.key, a.Name) }) {
		return q.Source().In(source), nil
	}
	return source, nil
}
