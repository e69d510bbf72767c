package query

import (
	"fmt"
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
		for name, rel := range map[string]Rel{
			"a map's key":                 From(tags).Match(map[string]any{text: 1}),
			"a new name":                  From(tags).Project(text + " = tag"),
			"a new name of an expression": From(tags).Project(text + "=1 + 1"),
			"an attribute to keep":        From(tags).Project(text),
			"an attribute to leave out":   From(tags).Project("...", "-"+text),
		} {
			_, err := rel.Heading()
			require.Error(t, err, "%q as %s", text, name)
		}
		if text != "`tag`" { // which is the attribute
			_, err := Select(&spy{}, From(tags), []string{text})
			require.Error(t, err, "%q", text)
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
