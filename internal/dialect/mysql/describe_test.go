package mysql

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

func describe(t *testing.T, s *dialect.Server, schema, table string) []dialect.Table {
	t.Helper()
	found, err := s.Dialect.Describe(t.Context(), func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return s.Read.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the dialect does
	}, schema, table)
	require.NoError(t, err)
	return found
}

// isMariaDB tells which of the family a server is.
func isMariaDB(t *testing.T, s *dialect.Server) bool {
	t.Helper()
	var version string
	require.NoError(t, s.Read.QueryRowContext(t.Context(), "SELECT VERSION()").Scan(&version))
	return strings.Contains(version, "MariaDB")
}

// TestDescribeDefaultsOfOthers has defaults that no definition has, and wants that CreateTable makes the same
// of what is found. Where the servers differ, MariaDB's spelling is the second.
func TestDescribeDefaultsOfOthers(t *testing.T) {
	columns := []struct {
		sql  string
		want []string
	}{
		{`VARCHAR(20) DEFAULT 'a\\b'`, []string{`'a\\b'`}},
		{`VARCHAR(20) DEFAULT 'it\'s \\\' "x"'`, []string{`'it''s \\'' "x"'`}},
		{`VARCHAR(20) DEFAULT 'a\nb\0c\td'`, []string{"'a\nb\x00c\td'"}},
		{`VARCHAR(20) DEFAULT '\\'`, []string{`'\\'`}},
		{`INT DEFAULT 5`, []string{"'5'"}},
		{`DECIMAL(5,2) DEFAULT -1.5`, []string{"'-1.50'"}},
		{`DOUBLE DEFAULT 1e-30`, []string{"'1e-30'"}},
		{`TINYINT(1) DEFAULT FALSE`, []string{"'0'"}},
		{`BIT(3) DEFAULT b'101'`, []string{`X'05'`}},
		{`BIT(16) DEFAULT b'100000101000010'`, []string{`'AB'`}},
		{`BINARY(3) DEFAULT 'a'`, []string{"'a'"}},
		{`VARBINARY(3) DEFAULT 0x61`, []string{"'a'"}},
		{`DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP`, []string{"CURRENT_TIMESTAMP"}},
		{`DATETIME(3) DEFAULT NOW(3)`, []string{"CURRENT_TIMESTAMP(3)"}},
		{`VARCHAR(3) DEFAULT (NULL)`, []string{"NULL"}},
		{`INT DEFAULT (1 + 1)`, []string{"((1 + 1))"}},
		{`VARCHAR(40) DEFAULT (UUID())`, []string{"(uuid())"}},
		{`VARCHAR(40) DEFAULT (CONCAT('it''s', 'a\\b'))`, []string{`(concat(_utf8mb4'it\'s',_utf8mb4'a\\b'))`, `(concat('it\'s','a\\b'))`}},
		{`JSON DEFAULT (JSON_ARRAY())`, []string{"(json_array())"}},
		{`TEXT DEFAULT ('abc')`, []string{"(_utf8mb4'abc')", "'abc'"}},
		{`INT DEFAULT ('a' = 'b')`, []string{"((_utf8mb4'a' = _utf8mb4'b'))", "(('a' = 'b'))"}},
		{`TEXT DEFAULT NULL`, []string{"NULL"}},
	}
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d CHARACTER SET utf8mb4", "CREATE DATABASE e CHARACTER SET utf8mb4")
		create := "CREATE TABLE d.t (id INT PRIMARY KEY"
		for i, c := range columns {
			create += ", c" + string(rune('a'+i)) + " " + c.sql
		}
		exec(t, s.Write, create+")")
		found := describe(t, s, "d", "t")
		for i, c := range columns {
			want := c.want[0]
			if isMariaDB(t, s) {
				want = c.want[len(c.want)-1]
			}
			require.Equal(t, want, found[0].Columns[i+1].Default, c.sql)
		}
		again := found[0]
		again.Schema = "e"
		for i := range again.Columns {
			again.Columns[i].Besides = ""
		}
		exec(t, s.Write, s.Dialect.CreateTable(again)[0].SQL)
		require.Equal(t, []dialect.Table{again}, describe(t, s, "e", ""))
	})
}

// TestDescribeBesides has columns of which a Column says less than the server does.
func TestDescribeBesides(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d CHARACTER SET utf8mb4", "CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, n INT, j JSON, v VARCHAR(9)"+
			", at DATETIME DEFAULT CURRENT_TIMESTAMP, stamp TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"+
			", old VARCHAR(9) COLLATE latin1_german1_ci, twice INT AS (2 * n) STORED, z INT(5) UNSIGNED ZEROFILL)")
		besides := map[string]string{}
		for _, column := range describe(t, s, "d", "t")[0].Columns {
			if column.Besides != "" {
				besides[column.Name] = strings.ToLower(strings.TrimSuffix(column.Besides, "()"))
			}
		}
		require.Equal(t, map[string]string{
			"stamp": "on update current_timestamp", "old": "collate latin1_german1_ci", "twice": "stored generated", "z": "zerofill",
		}, besides)
	})
}

// TestDescribeTypesOfOthers has types that no definition has.
func TestDescribeTypesOfOthers(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d")
		specs := map[string]string{"VECTOR(3)": "vector(3)", "GEOMCOLLECTION": "", "BOOLEAN": "", "NATIONAL VARCHAR(5)": "", "CHAR": ""}
		if isMariaDB(t, s) {
			specs = map[string]string{"UUID": "uuid", "INET6": "inet6", "BOOLEAN": "", "NATIONAL VARCHAR(5)": "", "CHAR": ""}
		}
		for spec, unknown := range specs {
			exec(t, s.Write, "CREATE TABLE d.t (id "+spec+" NOT NULL COMMENT 'one: two')")
			column := describe(t, s, "d", "t")[0].Columns[0]
			require.Equal(t, "one: two", column.Comment)
			require.True(t, column.Unmarked)
			if unknown != "" {
				require.Equal(t, datatype.Type{Spec: unknown, Stored: unknown, Native: true}, column.Type)
			} else {
				require.NotEqual(t, datatype.Unknown, column.Type.Kind, spec)
			}
			exec(t, s.Write, "DROP TABLE d.t")
		}
		// A mark that is none of DataJoint's is part of the comment.
		exec(t, s.Write, "CREATE TABLE d.t (a INT COMMENT ':complex128:a', b INT COMMENT ':x', c INT COMMENT ':<>:c')")
		for i, comment := range []string{":complex128:a", ":x", ":<>:c"} {
			column := describe(t, s, "d", "t")[0].Columns[i]
			require.Equal(t, comment, column.Comment)
			require.True(t, column.Unmarked)
			require.Equal(t, datatype.Integer, column.Type.Kind)
		}
	})
}

// TestDescribeWhatOthersMake has what a Table has no word for: it is left out, or as near as can be.
func TestDescribeWhatOthersMake(t *testing.T) {
	each(t, func(t *testing.T, c Config) {
		s := open(t, c)
		exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.p (id INT PRIMARY KEY, b VARCHAR(50))",
			"CREATE TABLE d.t (a INT, b VARCHAR(50), c INT AS (d + 1) STORED, d INT CHECK (d > 0), FULLTEXT (b), KEY x (b(3), a DESC),"+
				" CONSTRAINT zz FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE, CONSTRAINT b FOREIGN KEY (d) REFERENCES p (id), UNIQUE u (d))",
			"CREATE VIEW d.v AS SELECT * FROM d.t")
		if isMariaDB(t, s) {
			exec(t, s.Write, "CREATE SEQUENCE d.s")
		}
		found := describe(t, s, "d", "")
		require.Len(t, found, 2)
		table := found[1]
		require.Empty(t, table.Key)
		require.Len(t, table.Columns, 4)
		require.Equal(t, []dialect.ForeignKey{
			{Columns: []string{"d"}, Schema: "d", Table: "p", ReferenceColumns: []string{"id"}},
			{Columns: []string{"a"}, Schema: "d", Table: "p", ReferenceColumns: []string{"id"}},
		}, table.Foreign, "by the length of their names")
		require.Equal(t, []dialect.Index{
			{Name: "b", Parts: dialect.OnColumns("b")},
			{Name: "u", Parts: dialect.OnColumns("d"), Unique: true, Foreign: true},
			{Name: "x", Parts: dialect.OnColumns("b", "a")},
		}, table.Indexes)
	})
}

// TestDescribeExpressions has what MySQL alone can index.
func TestDescribeExpressions(t *testing.T) {
	s := open(t, mysqlOnly(t))
	exec(t, s.Write, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, doc JSON, a VARCHAR(20))")
	for expression, want := range map[string]dialect.IndexPart{
		"JSON_VALUE(doc, '$.a.b')":                              {Column: "doc", Path: "a.b"},
		"JSON_VALUE(doc, '$.a' RETURNING DECIMAL)":              {Column: "doc", Path: "a", Returns: "decimal(10,0)"},
		"JSON_VALUE(doc, '$.a' RETURNING CHAR(512))":            {Column: "doc", Path: "a"},
		"JSON_VALUE(doc, '$.a' RETURNING SIGNED NULL ON EMPTY)": {Column: "doc", Path: "a", Returns: "signed null on empty"},
		`JSON_VALUE(doc, '$."a b"')`:                            {Expression: "(json_value(`doc`, _utf8mb4'$.\"a b\"' returning char(512)))"},
		"JSON_VALUE(doc, '$')":                                  {Expression: "(json_value(`doc`, _utf8mb4'$' returning char(512)))"},
		`CONCAT(a, 'it\'s \\')`:                                 {Expression: `(concat(` + "`a`" + `,_utf8mb4'it\'s \\'))`},
		"(a + 1) * 2":                                           {Expression: "(((`a` + 1) * 2))"},
	} {
		exec(t, s.Write, "ALTER TABLE d.t ADD INDEX i (("+expression+"))")
		found := describe(t, s, "d", "t")[0]
		require.Equal(t, []dialect.Index{{Name: "i", Parts: []dialect.IndexPart{want}}}, found.Indexes, expression)
		statements, err := s.Dialect.Alter(found, []dialect.Change{{DropIndex: &found.Indexes[0]}, {AddIndex: &found.Indexes[0]}})
		require.NoError(t, err)
		exec(t, s.Write, statements[0].SQL)
		found.Indexes[0].Name = "functional_index"
		require.Equal(t, []dialect.Table{found}, describe(t, s, "d", "t"), expression)
		exec(t, s.Write, "ALTER TABLE d.t DROP INDEX functional_index")
	}
}
