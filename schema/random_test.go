package schema

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// A chance makes random definitions.
type chance struct {
	*rand.Rand

	schema *Schema
}

func (c chance) pick(from ...string) string { return from[c.IntN(len(from))] }

func (c chance) yes(percent int) bool { return c.IntN(100) < percent }

// The types that random attributes have, each with a default, if it can have one. Those before cannotBeKeys can
// be in a primary key.
var (
	randomTypes = [][2]string{
		{"int8", "-5"}, {"int16", "7"}, {"int32", "0"}, {"int64", "-9223372036854775808"}, {"bool", "true"}, {"uuid", ""},
		{"varchar(12)", `"it's: # 'x'"`}, {"char(3)", "''"}, {"date", "2024-02-29"}, {"datetime", "'2024-02-29 01:02:03'"}, {"datetime(6)", "CURRENT_TIMESTAMP(6)"},
		{"datetime", "CURRENT_TIMESTAMP"}, {"enum('a', \"b's\", 'x:y#z')", "'x:y#z'"}, {"decimal(8,3)", "-1.5"},
		{"tinyint unsigned", "200"}, {"smallint unsigned", "1"}, {"mediumint", "-8388608"}, {"int unsigned", "4294967295"}, {"bigint unsigned", "18446744073709551615"}, {"int", "1"},
		{"year", "1999"}, {"time(3)", "'-838:59:59'"}, {"timestamp", "CURRENT_TIMESTAMP"}, {"binary(4)", ""}, {"varbinary(9)", ""},

		{"float32", "1.5"}, {"float64", "-1e-300"}, {"float", "2"}, {"double", "0.1"}, {"decimal(40,10)", "1"}, {"decimal(5)", "12345"},
		{"json", ""}, {"bytes", ""}, {"<blob>", ""}, {"<attach>", ""}, {"<odd@store>", ""}, {"longblob", ""}, {"mediumblob", ""}, {"text", ""}, {"longtext", ""}, {"bit(9)", ""}, {"set('p','q')", "'p,q'"},
	}
	cannotBeKeys = slices.IndexFunc(randomTypes, func(t [2]string) bool { return t[0] == "float32" })
)

// hostile are comments of which each is trouble to somebody.
var hostile = []string{
	"", "plain", "100% of {database}: \"quoted\", it's, C:\\temp, ? and # too", "`backquotes` and ünï ☃", "a : b : c", "# # #", "--- -> Nothing", "'",
	`"`, `\`, "%s %d %(x)s {} {0}", "ends in a backslash \\", "*/ // \t tab",
}

// table adds a random table to the schema, or fails where chance made nonsense.
func (c chance) table(i int) error {
	t := &Table{schema: c.schema, tier: Tier(c.IntN(5)), declaredAt: "random"}
	class := c.pick("Alpha", "BetaGamma", "X2Y", "ABTest", "S") + strconv.Itoa(i)
	tables := c.schema.Tables()
	if t.tier == TierPart {
		if len(tables) == 0 {
			return nil
		}
		t.master = tables[c.IntN(len(tables))]
		class = c.pick("Part", "Peak", "Alpha")
		if t.master.master != nil {
			class += strconv.Itoa(i) // "-> Part" alone means a part of a part
		}
	}
	if err := t.setName(class); err != nil {
		return err
	}
	var parents []Declared
	t.definition = c.text(t, &parents)
	def, err := c.schema.codecs.parse(t.definition)
	if err != nil {
		return err
	}
	if err := t.resolve(def, parents); err != nil || len(t.heading.Key()) > 6 {
		return fmt.Errorf("%w: %s", err, t.definition)
	}
	for i, index := range t.indexes {
		if slices.ContainsFunc(t.indexes[:i], func(other dialect.Index) bool { return list(other.Columns()) == list(index.Columns()) }) {
			return errors.New("one of two such indexes says nothing")
		}
	}
	return c.schema.add(t)
}

func (c chance) text(t *Table, parents *[]Declared) string {
	lines := []string{"# " + c.pick(hostile...)}
	section := func(key bool, n int) {
		for i := range n {
			switch tables := c.schema.Tables(); {
			case t.master != nil && key && i == 0:
				lines = append(lines, "-> master")
			case (t.tier.Made() && key || c.yes(35)) && len(tables) > 0:
				lines = append(lines, c.foreignKey(t, tables[c.IntN(len(tables))], key, parents))
			default:
				lines = append(lines, c.attribute(t, key, i))
			}
		}
	}
	section(true, c.IntN(4))
	lines = append(lines, "---")
	section(false, c.IntN(5))
	for range c.IntN(3) {
		lines = append(lines, c.pick("", "unique ")+"index("+c.pick("k0", "s0", "k1", "s0, k0", "s1, s2")+")")
	}
	return strings.Join(lines, "\n")
}

func (c chance) attribute(t *Table, key bool, i int) string {
	name, types := fmt.Sprintf("s%d", i), randomTypes
	if key {
		name, types = fmt.Sprintf("k%d", i), randomTypes[:cannotBeKeys]
	}
	if t.master == nil && c.yes(30) {
		name += t.class[len(t.class)-1:] // otherwise it is that of other tables, perhaps
	}
	typ := types[c.IntN(len(types))]
	switch {
	case !key && c.yes(30):
		name += " = null"
	case typ[1] != "" && c.yes(30):
		name += " = " + typ[1]
	}
	return name + " : " + typ[0] + " # " + c.pick(hostile...)
}

func (c chance) foreignKey(t, parent *Table, key bool, parents *[]Declared) string {
	var options, renamed []string
	if c.yes(20) {
		options = append(options, "unique")
	}
	if !key && c.yes(40) {
		options = append(options, "nullable")
	}
	for i, a := range parent.heading.Key() {
		if c.yes(30) {
			renamed = append(renamed, fmt.Sprintf("%s%d='%s'", c.pick("r", "k", "s"), i, a))
		}
	}
	line := "-> "
	if len(options) > 0 {
		line += "[" + strings.Join(options, ",") + "] "
	}
	switch {
	case parent == t.master:
		line += "master"
	case parent.master != nil && parent.master.master != nil:
		line += parent.class[strings.LastIndex(parent.class, ".")+1:]
	default:
		line += parent.class
	}
	if parent != t.master && !slices.Contains(*parents, Declared(parent)) {
		*parents = append(*parents, parent)
	}
	if len(renamed) > 0 {
		line += ".proj(" + strings.Join(renamed, ", ") + ")"
	}
	return line
}

// randomSchema makes a schema of many tables. What chance made that is none is passed over.
func randomSchema(t *testing.T, seed uint64) *Schema {
	t.Helper()
	known, err := newCodecs([]Codec{Opaque("odd@store", "json")})
	require.NoError(t, err)
	c := chance{rand.New(rand.NewPCG(seed, 0)), &Schema{name: fmt.Sprintf("random_%d", seed), codecs: known}}
	for i := 0; len(c.schema.Tables()) < 12; i++ {
		_ = c.table(i)
	}
	return c.schema
}

// TestDescribeRandom describes random tables: what is described is what was declared, and declares what
// is described alike.
func TestDescribeRandom(t *testing.T) {
	seeds := 5
	if n, err := strconv.Atoi(os.Getenv("ROWMILL_TEST_SEEDS")); err == nil {
		seeds = n
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		for seed := range seeds {
			s := randomSchema(t, uint64(seed))
			var texts []string
			for _, table := range s.Tables() {
				texts = append(texts, table.String()+"\n"+table.definition)
			}
			whole := strings.Join(texts, "\n\n")
			require.NoError(t, s.Declare(t.Context(), db), "seed %d\n%s", seed, whole)
			d := requireFixed(t, db, s.name)
			require.Len(t, d.Tables(), len(s.Tables()))
			for _, table := range s.Tables() {
				requireSame(t, table, find(d, table.class))
			}
		}
	})
}
