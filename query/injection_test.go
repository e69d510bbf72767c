package query

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// hostile are texts that would do harm as SQL.
var hostile = []string{
	`'`, `''`, `"`, "`", `\`, `\'`, `' OR '1'='1`, `' OR 1=1 -- `, `" OR ""="`, `x'; DROP TABLE tag; --`, `' UNION SELECT 1 #`,
	`\' OR 1=1 -- `, "t` = 1 OR `tag", `?`, `??`, `$1`, `:tag`, `@x`, `%`, `_`, `%s`, "\x00b", "a\x00'", `/*`, `*/`, "\n--\n", `1 OR 1=1`, `NULL`,
}

// TestHostileValuesAreInert stores each text, and finds by it the one row that has it.
func TestHostileValuesAreInert(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		before := texts(t, db, From(subjects))
		var ids []Subject
		var rows []Pair
		for i, text := range hostile {
			ids, rows = append(ids, Subject{int32(100 + i), "none", nil}), append(rows, Pair{A: int32(100 + i), B: 1, Note: text})
		}
		require.NoError(t, Insert(t.Context(), db, subjects, ids...))
		require.NoError(t, Insert(t.Context(), db, pairs, rows...))
		for i, text := range hostile {
			for name, rel := range map[string]Rel{
				"where":          From(pairs).Where("note = ?", text),
				"where twice":    From(pairs).Where("note <> '?' OR a > 99").Where("? = note", text),
				"match a map":    From(pairs).Match(map[string]any{"note": text}),
				"match a struct": From(pairs).Match(struct{ Note string }{text}),
				"in":             From(pairs).In(From(pairs).Where("note = ?", text).Project()),
				"renamed":        From(pairs).Project("n = note").Where("n = ?", text).Project("note = n"),
			} {
				got, err := One[Pair](t.Context(), db, rel.Project("note").Join(From(pairs).Project("method")))
				require.NoError(t, err, "%q by %s", text, name)
				require.Equal(t, rows[i], got, "%q by %s", text, name)
			}
		}
		require.Subset(t, texts(t, db, From(subjects)), before)
		require.Equal(t, []string{"t"}, texts(t, db, From(tags)))
	})
}

// TestHostileNamesAreRefused tries the texts as names of attributes and as keys of maps.
func TestHostileNamesAreRefused(t *testing.T) {
	for _, text := range append(hostile, "", " ", "tag`", "`tag`", "tag t", "tag, tag", "Tag", "tag;", "täg", "tag.tag", "1", "_hidden") {
		attempts := map[string]Rel{
			"a map's key":                            From(tags).Match(map[string]any{text: 1}),
			"a new name":                             From(tags).Project(text + " = tag"),
			"a new name of an expression":            From(tags).Project(text + "=1 + 1"),
			"an attribute to keep":                   From(tags).Project(text),
			"an attribute to leave out":              From(tags).Project("...", "-"+text),
			"an attribute to keep of an aggregation": From(tags).Aggregate(From(tags).Project(), text),
			"a new name of an aggregate":             From(tags).Aggregate(From(tags).Project(), text+" = count(*)"),
			"a new name of a key of an aggregation":  From(tags).AggregateMatching(From(tags).Project(), text+" = tag"),
			"a universal name":                       Universal(text).In(From(tags)),
			"a universal name to aggregate by":       Universal("tag", text).Aggregate(From(tags), "n = count(*)"),
			"a new name of a universal aggregate":    Universal().Aggregate(From(tags), text+" = count(*)"),
			"a key not to match":                     From(tags).NotMatch(map[string]any{text: 1}, map[string]any{}),
			"a name on the other side of a union":    From(tags).Union(From(tags).Project(text + " = 1")),
			"an attribute in a condition, quoted":    From(tags).Where("`" + strings.ReplaceAll(text, "`", "``") + "x` = 1"),
		}
		if text != "`tag`" { // which is the attribute
			attempts["an order"] = From(tags).OrderBy(text)
			attempts["an order down"] = From(tags).Top(1, "KEY", text+" DESC")
			attempts["a page's order"] = From(tags).Page(1, 1, text)
		}
		for name, rel := range attempts {
			_, err := rel.Heading()
			require.Error(t, err, "%q as %s", text, name)
		}
		if text != "`tag`" { // which is the attribute
			_, err := Select(&spy{}, From(tags), []string{text})
			require.Error(t, err, "%q", text)
			_, err = Column[any](t.Context(), &spy{}, From(tags), text)
			require.Error(t, err, "%q", text)
		}
		for what, err := range map[string]error{
			"update":          Update(t.Context(), &spy{}, pairs, map[string]any{"a": 1, "b": 2, text: "x"}),
			"update of a key": Update(t.Context(), &spy{}, tags, map[string]any{text: "x"}),
		} {
			require.Error(t, err, "%q as an attribute to %s", text, what)
		}
	}
}

// TestHostileConditions are refused: none can end the parentheses around it, name what is not of the
// relation, or be read in two ways.
func TestHostileConditions(t *testing.T) {
	for _, text := range []string{
		"tag = 'a') OR (1 = 1", "1) OR (1", "tag) UNION (tag", ") (", "(", ")", "abs(1", "abs(1))",
		"tag = 'a", `tag = "a`, "`tag = 1", "tag = 'a\\' OR tag = '", `tag = "\" OR tag = "`, `tag = '\\'`,
		"tag = 1; DROP TABLE tag", "tag = 1 --", "tag = 1 -- x", "tag = 1 # x", "tag = 1 /* x */", "tag = 1 /*! OR 1 */",
		"tag IN (SELECT tag FROM secrets)", "tag IN (SELECT(tag)FROM(secrets))", "EXISTS (select (1))", "tag = (SELECT tag)", "(SELECT 1)",
		"tag UNION ALL tag", "tag INTO OUTFILE 'x'", "tag LIMIT 1", "tag GROUP BY tag", "t1.tag = 1", "lab.tag = 1", "secrets.`tag` = 1",
		"@@version = tag", "@tag := secret", ":secret = tag", "$secret = tag", "sqlite_master = tag", "_singleton = 1", "rowid = 1", "`tag``; --` = 1",
		"tag = x'41'", "tag = tägg",
	} {
		_, err := From(tags).Where(text).Heading()
		require.Error(t, err, "where %s", text)
		_, err = From(tags).Project("n = " + text).Heading()
		require.Error(t, err, "project %s", text)
	}
}

// TestHostilePaths are refused, here or by the server: a path and its type are words, and reach the server as a literal.
func TestHostilePaths(t *testing.T) {
	wrong := []string{
		"settings.name'", "settings.'name'", `settings."name"`, "settings.`name`", "settings.a b", "settings.*", "settings.$", "settings.a-'b",
		"settings[-1]", "settings[a]", "settings[0", "settings['a']", "settings[0]')", "settings[last]", "settings[*]", "settings..name", "settings.name)",
		"settings.name:text", "settings.name:char", "settings.name:char(0x10)", "settings.name:char(5))", "settings.name:char(5) OR (1", "settings.name:char(-1)",
		"settings.name:blob", "settings.name:enum('a')", "settings.name:json", "settings.name:int64)", "settings.name:int64 AS x", "settings.name:decimal(5", "settings.name:INT",
		"settings.name::int", "settings.name:'int'", "settings.name:int64; x", "settings.name(1)", "settings.name:int64(1)", "settings:int64", "recipe.name", "recipe:int64",
		"settings.name -- x", "settings.name /* x */", `settings.na\u006de`,
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, text := range wrong {
			requireRefused(t, db, From(recipes).Where(text+" = 1"), text)
			requireRefused(t, db, From(recipes).Project("n = "+text), text)
			requireRefused(t, db, Universal().Aggregate(From(recipes), "n = max("+text+")"), text)
		}
	})
}

// requireRefused wants a relation to be an error, when it is made or when the server is asked.
func requireRefused(t *testing.T, db *rowmill.DB, rel Rel, text string) {
	t.Helper()
	_, err := Fetch[map[string]any](t.Context(), db, rel)
	require.Error(t, err, text)
}

// TestHostileOrders are refused: an order is an attribute and a word.
func TestHostileOrders(t *testing.T) {
	for _, text := range []string{
		"tag; DROP TABLE tag", "tag DESC, tag", "tag DESC LIMIT 1", "tag DESC--", "1", "-tag", "tag + 1", "length(tag)", "(tag)", "tag COLLATE NOCASE", "(SELECT 1)",
		"CASE WHEN 1 THEN tag END", "tag DOWN", "DESC", "KEY DESC DESC", "tag,tag", "`tag` `DESC`", "'tag'", `"tag"`, "RAND()", "key", "?",
	} {
		for name, rel := range map[string]Rel{"order": From(tags).OrderBy(text), "top": From(tags).Top(1, text), "page": From(tags).Page(1, All, "KEY", text)} {
			_, err := rel.Heading()
			require.Error(t, err, "%s by %s", name, text)
		}
	}
}

// TestHostileAggregates are refused, here or by the server.
func TestHostileAggregates(t *testing.T) {
	wrong := []string{
		"count(*)) FROM secrets --", "count(*); DROP TABLE tag", "count(*", "count(*))", "max((SELECT 1))", "max(tag) FROM tag", "group_concat(tag SEPARATOR x)",
		"count(*) + secret", "max(t1.tag)", "max(`tag``)", "max('a)", `max("\")`, "max(tag) OVER w", "count(?)", "sum(@x := 1)", "max(tag) UNION (tag)", "max(tag) INTO x",
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, text := range wrong {
			requireRefused(t, db, From(tags).Aggregate(From(tags).Project(), "n = "+text), text)
			requireRefused(t, db, Universal().Aggregate(From(tags), "n = "+text), text)
			requireRefused(t, db, Universal("tag").Aggregate(From(tags), "n = "+text), text)
		}
	})
}

// TestHostileTextsAreInertEverywhere hands the texts on as values of all other operators, and of changes.
func TestHostileTextsAreInertEverywhere(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		require.NoError(t, Insert(ctx, db, pairs, Pair{A: 3, B: 1}))
		mine := From(pairs).Match(map[string]any{"a": 3})
		for _, text := range hostile {
			require.NoError(t, Update(ctx, db, pairs, map[string]any{"a": 3, "b": 1, "note": text}), "%q", text)
			for name, rel := range map[string]Rel{
				"a list":              From(pairs).Where("note IN (?)", []string{text, text}),
				"a list of keys":      From(pairs).Match([]map[string]any{{"note": text}, {"note": text + "x"}}),
				"not match":           mine.NotMatch(map[string]any{"note": text + "x"}, map[string]any{"note": "x" + text}),
				"an aggregation":      From(pairs).Project().AggregateMatching(From(pairs).Where("note = ?", text), "n = count(*)"),
				"a universal":         Universal("a", "b").In(From(pairs).Where("note = ?", text)),
				"a union":             From(pairs).Where("note = ?", text).Project().Union(mine.Match(map[string]any{"note": text}).Project()),
				"an extension":        mine.Project().Extend(From(pairs).Where("note = ?", text)).Where("note = ?", text),
				"a top":               From(pairs).Where("note = ?", text).Top(1, "note DESC"),
				"a condition of none": mine.NotIn(From(pairs).Where("note <> ?", text).Project()),
			} {
				got, err := Keys[struct{ A, B int32 }](ctx, db, rel)
				require.NoError(t, err, "%q by %s", text, name)
				require.Equal(t, []struct{ A, B int32 }{{3, 1}}, got, "%q by %s", text, name)
			}
			notes, err := Column[string](ctx, db, mine, "note")
			require.NoError(t, err)
			require.Equal(t, []string{text}, notes)
		}
		for _, text := range hostile {
			n, err := Count(ctx, db, From(recipes).Where("settings.name = ?", text))
			require.NoError(t, err)
			require.Zero(t, n, "%q", text)
		}
		_, err := Delete(ctx, db, From(pairs).Where("note IN (?)", hostile), nil)
		require.NoError(t, err)
		require.Len(t, texts(t, db, From(pairs)), 3)
		require.Equal(t, []string{"t"}, texts(t, db, From(tags)))
	})
}

// TestArgumentsAreNeverSQL gives arguments that are pieces of SQL to the library below.
func TestArgumentsAreNeverSQL(t *testing.T) {
	evil := squirrel.Expr("1 OR 1 = 1")
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, rel := range []Rel{
			From(tags).Where("tag = ?", evil),
			From(tags).Match(map[string]any{"tag": evil}),
			From(tags).Where("tag = ?", []squirrel.Sqlizer{evil}),
			From(tags).Where("tag = ?", fmt.Errorf("x")),
		} {
			_, err := Count(t.Context(), db, rel)
			require.Error(t, err)
		}
	})
}
