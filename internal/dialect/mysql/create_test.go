package mysql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

func column(name, spec, def, comment string) dialect.Column {
	return dialect.Column{Name: name, Type: datatype.MustParse(spec), Nullable: def == "NULL", Default: def, Comment: comment}
}

// peers is what DataJoint for Python sends of a table of servers' types, and of indexes of what is computed. Those
// of the core types are in package schema's tests.
const peers = `CREATE TABLE IF NOT EXISTS ¬djddl¬.¬native_types¬ (
¬a¬ int unsigned NOT NULL,
¬ts¬ timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT "auto",
¬ts6¬ timestamp(6) NOT NULL,
¬num¬ numeric(6,2) DEFAULT NULL,
¬doc¬ json NOT NULL COMMENT ":json:",
¬vc¬ varchar(40) NOT NULL DEFAULT 'it''s' COMMENT ":varchar(40):apostrophe \"quoted\" comment",
PRIMARY KEY (¬a¬),
FOREIGN KEY (¬a¬) REFERENCES ¬djddl¬.¬source¬ (¬id¬) ON UPDATE CASCADE ON DELETE RESTRICT,
UNIQUE INDEX (¬a¬),
unique index (¬num¬,(lower(vc))),
index ((json_value(¬doc¬, _utf8mb4'$.a.b'))),
index ((json_value(¬doc¬, _utf8mb4'$.c' returning char(20))))
) ENGINE=InnoDB, COMMENT "native passthrough types"`

func TestCreateTableIsThePeersToTheLetter(t *testing.T) {
	table := dialect.Table{
		Schema: "djddl", Name: "native_types", Comment: "native passthrough types", Key: []string{"a"},
		Columns: []dialect.Column{
			column("a", "int unsigned", "", ""), column("ts", "timestamp", "CURRENT_TIMESTAMP", "auto"), column("ts6", "timestamp(6)", "", ""),
			column("num", "numeric(6,2)", "NULL", ""), column("doc", "json", "", ""),
			column("vc", "varchar(40)", "'it''s'", `apostrophe "quoted" comment`),
		},
		Foreign: []dialect.ForeignKey{{Columns: []string{"a"}, Schema: "djddl", Table: "source", ReferenceColumns: []string{"id"}}},
		Indexes: []dialect.Index{
			{Parts: dialect.OnColumns("a"), Unique: true, Foreign: true},
			{Parts: []dialect.IndexPart{{Column: "num"}, {Expression: "(lower(vc))"}}, Unique: true},
			{Parts: []dialect.IndexPart{{Column: "doc", Path: "a.b"}}},
			{Parts: []dialect.IndexPart{{Column: "doc", Path: "c", Returns: "char(20)"}}},
		},
	}
	require.Equal(t, []dialect.Statement{{SQL: ticks(peers)}}, Dialect{}.CreateTable(table))
}

func TestAlterIsOneStatement(t *testing.T) {
	add, modified, dropped := column("b", "int8", "'0'", ""), column("c", "int64", "NULL", `a "number"`), column("d", "date", "", "")
	comment := "changed"
	statements, err := Dialect{}.Alter(dialect.Table{Schema: "lab", Name: "t"}, []dialect.Change{
		{Add: &add}, {Add: &dropped, After: "b"}, {Modify: &modified, From: &add}, {Drop: &dropped},
		{AddIndex: &dialect.Index{Parts: dialect.OnColumns("a", "b"), Unique: true}}, {DropIndex: &dialect.Index{Name: "i`"}}, {Comment: &comment},
	})
	require.NoError(t, err)
	require.Equal(t, []dialect.Statement{{SQL: ticks(`ALTER TABLE ¬lab¬.¬t¬
ADD COLUMN ¬b¬ tinyint NOT NULL DEFAULT '0' COMMENT ":int8:",
ADD COLUMN ¬d¬ date NOT NULL COMMENT ":date:" AFTER ¬b¬,
MODIFY COLUMN ¬c¬ bigint DEFAULT NULL COMMENT ":int64:a \"number\"",
DROP COLUMN ¬d¬,
ADD unique index (¬a¬,¬b¬),
DROP INDEX ¬i¬¬¬,
COMMENT "changed"`)}}, statements)
}

// ticks puts backticks where ¬ stands.
func ticks(sql string) string { return strings.ReplaceAll(sql, "¬", "`") }
