package populate

import (
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Upstream is a table upstream of the one that is made, restricted to the rows from which the
// present key comes, or in a batch the present keys, by following the foreign keys. Where several lead there, as to both of the
// rows that are compared, it has the rows of all.
func (tx *Tx) Upstream(table schema.Declared) query.Rel {
	t, made := table.Untyped(), tx.maker.table
	keys := make([]map[string]any, len(tx.keys))
	for i, k := range tx.keys {
		values, err := tx.maker.key.Values(k)
		if err != nil {
			return query.Invalid(err)
		}
		if len(keys) == 1 {
			if rel, ok := tx.maker.traced().OfKey(t, values); ok {
				return rel
			}
		}
		keys[i] = map[string]any{}
		for j, n := range tx.maker.key.Attrs() {
			keys[i][n] = values[j]
		}
	}
	if t == made || t.Master() == made {
		return query.From(t).Match(keys)
	}
	if rel, ok := tx.maker.traced().OfKeys(t, keys...); ok {
		return rel
	}
	traced := query.TraceKeys(made, keys...)
	switch {
	case traced.Has(t):
		return traced.Of(t)
	case tx.rights.reads[t.FullName()]:
		return query.Invalid(fmt.Errorf("%w: the key of %s does not tell which rows of %s it comes from: read it with query.From",
			rowmill.ErrRefused, tx.maker, t))
	}
	return query.Invalid(fmt.Errorf("%w: %s is not upstream of %s", rowmill.ErrRefused, t, tx.maker))
}
