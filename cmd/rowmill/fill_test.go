package main

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/blob"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// filled is how many rows fill puts into each table that can have several.
const filled = 3

// A row is what a row stores, by its attributes.
type row map[string]any

// String is the row as the programs spell it that tests compile.
func (r row) String() string {
	var pairs []string
	for name, v := range r {
		if b, ok := v.([]byte); ok {
			v = hex.EncodeToString(b)
		}
		pairs = append(pairs, fmt.Sprintf("%s=%v", name, v))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, " ")
}

// fill puts rows into each table, and returns them, by the tables' full names. The n-th row of a table refers to
// the n-th rows of others. Every second row has NULL where that can be.
func fill(t *testing.T, session rowmill.Session, tables []*schema.Table) map[string][]row {
	t.Helper()
	all := map[string][]row{}
	for _, table := range tables {
		n := filled
		if len(table.Heading().Key()) == 0 {
			n = 1
		}
		for i := range n {
			r := row{}
			for _, f := range table.ForeignKeys() {
				refer(r, table, f, all[f.Parent.FullName()][i], i%2 == 1)
			}
			var columns []string
			var args []any
			for _, a := range table.Heading().Attrs() {
				if _, ok := r[a.Name]; !ok {
					r[a.Name] = valueOf(t, a, i)
				}
				columns, args = append(columns, a.Name), append(args, r[a.Name])
			}
			_, err := session.Exec(t.Context(), "INSERT INTO "+session.Dialect().Table(table.Schema().Name(), table.Name())+
				" ("+dialect.QuoteAll(columns)+") VALUES ("+strings.Repeat(", ?", len(args))[2:]+")", args...)
			require.NoError(t, err, "%s: %s", table, r)
			all[table.FullName()] = append(all[table.FullName()], r)
		}
	}
	return all
}

// refer lets a row refer to one of a parent.
func refer(r row, table *schema.Table, f schema.ForeignKey, parent row, null bool) {
	for i, name := range f.Attrs {
		a, _ := table.Heading().Attr(name)
		if r[name] = parent[f.Referred[i]]; a.Nullable && null {
			r[name] = nil
		}
	}
}

// valueOf is what the i-th row stores in an attribute: as values come from a binding, so that they
// can be compared with what comes back.
func valueOf(t *testing.T, a schema.Attr, i int) any {
	t.Helper()
	if a.Nullable && i%2 == 1 {
		return nil
	}
	if a.Codec != nil {
		return codedValue(t, a, i)
	}
	text := fmt.Sprint(i)
	switch typ := a.Type; typ.Kind {
	case datatype.Integer:
		return int64(i + 1)
	case datatype.Bool:
		return i%2 == 0
	case datatype.Float:
		if typ.Bits == 32 {
			return float32(i) + 0.1
		}
		return float64(i) + 0.1
	case datatype.Year:
		return int64(2000 + i)
	case datatype.Decimal:
		return text + ".5" + strings.Repeat("0", typ.Scale-1)
	case datatype.Enum, datatype.Set:
		return typ.Members[i%len(typ.Members)]
	case datatype.Date:
		return "2024-02-0" + fmt.Sprint(i+1)
	case datatype.DateTime, datatype.Timestamp:
		return "2024-02-29 01:02:0" + text
	case datatype.Time:
		return "-01:02:0" + text
	case datatype.JSON:
		return `{"a":` + text + `}`
	case datatype.UUID:
		return append(make([]byte, 15), byte(i+1))
	case datatype.Binary:
		return append(make([]byte, typ.Size-1), byte(i+1))
	case datatype.Varbinary, datatype.Bytes:
		return []byte{1, 0, '\'', byte(i + 1)}
	case datatype.Bit:
		return append(make([]byte, (typ.Size-1)/8), byte(i+1))
	default:
		return text + "'☃"
	}
}

func codedValue(t *testing.T, a schema.Attr, i int) any {
	t.Helper()
	switch a.Codec.Name() {
	case "blob":
		b, err := blob.Encode([]any{[]float64{1, float64(i)}, map[string]int64{"a": int64(i)}, "text"}[i])
		require.NoError(t, err)
		return b
	case "attach":
		return fmt.Appendf(nil, "file-%d.txt\x00content \x00", i)
	}
	if a.Codec.Stored() == "json" {
		return `{"n": [1], "path": "x"}` // as MySQL spells it anew
	}
	return []byte{0xff, byte(i)}
}
