package sqlite

import (
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// CreateTable creates the table and its indexes, and writes down what SQLite does not keep of it, with the
// table itself as the last, so that what was begun is ended by whoever comes next. What was written of
// a table that has been dropped goes first.
func (d Dialect) CreateTable(t dialect.Table) []dialect.Statement {
	statements := []dialect.Statement{
		{
			SQL: "DELETE FROM " + d.Table(t.Schema, attributes) + " WHERE table_name = ?" +
				" AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)",
			Args: []any{t.Name, t.Schema + "." + t.Name},
		},
		{SQL: d.createTable(t)},
	}
	for _, i := range slices.Concat(t.Indexes, foreignIndexes(t)) {
		statements = append(statements, dialect.Statement{SQL: d.createIndex(t, i)})
	}
	return append(statements, d.describe(t)...)
}

// foreignIndexes are those by which the rows are found that refer to a row that is deleted. Other servers
// make them by themselves.
func foreignIndexes(t dialect.Table) []dialect.Index {
	there := append([]dialect.Index{{Parts: dialect.OnColumns(t.Key...)}}, t.Indexes...)
	known := len(there)
	for _, f := range t.Foreign {
		wanted := dialect.Index{Parts: dialect.OnColumns(f.Columns...)}
		n := len(wanted.Parts)
		if !slices.ContainsFunc(there, func(i dialect.Index) bool { return len(i.Parts) >= n && slices.Equal(i.Parts[:n], wanted.Parts) }) {
			there = append(there, wanted)
		}
	}
	return there[known:]
}

// describe writes down what is not there yet of a table. The table itself is position 0, with its comment.
func (d Dialect) describe(t dialect.Table) []dialect.Statement {
	var statements []dialect.Statement
	for i, c := range t.Columns {
		statements = append(statements, d.describeColumn(t, i+1, c))
	}
	return append(statements, d.describeColumn(t, 0, dialect.Column{Comment: t.Comment}))
}

func (d Dialect) describeColumn(t dialect.Table, position int, c dialect.Column) dialect.Statement {
	name := d.Table(t.Schema, attributes)
	return dialect.Statement{
		SQL: "INSERT OR IGNORE INTO " + name +
			" (table_name, position, attribute_name, type, stored, unmarked, comment) SELECT ?, ?, ?, ?, ?, ?, ?" +
			" WHERE NOT EXISTS (SELECT 1 FROM " + name + " WHERE table_name = ? AND position = 0)",
		Args: []any{t.Name, position, c.Name, c.Type.Spec, c.Type.Stored, c.Unmarked, c.Comment, t.Name},
	}
}

func (d Dialect) createTable(t dialect.Table) string {
	var lines []string
	numbered := false
	for _, c := range t.Columns {
		if c.Type.Auto && slices.Equal(t.Key, []string{c.Name}) {
			lines, numbered = append(lines, numberedLine(c)), true
			continue
		}
		lines = append(lines, columnLine(c))
	}
	if !numbered {
		lines = append(lines, "PRIMARY KEY ("+dialect.QuoteAll(t.Key)+")")
	}
	for _, f := range t.Foreign {
		lines = append(lines, "FOREIGN KEY ("+dialect.QuoteAll(f.Columns)+") REFERENCES "+
			d.Table(f.Schema, f.Table)+" ("+dialect.QuoteAll(f.ReferenceColumns)+") ON UPDATE CASCADE ON DELETE RESTRICT")
	}
	return "CREATE TABLE IF NOT EXISTS " + d.Table(t.Schema, t.Name) + " (\n" + strings.Join(lines, ",\n") + "\n) STRICT"
}

// createIndex lets an index that is not unique end in the key, as those of servers do: rows of
// equal columns are then in the key's order. SQLite does not tell what an index is over; its name does.
func (d Dialect) createIndex(t dialect.Table, i dialect.Index) string {
	var given, parts []string
	for _, p := range i.Parts {
		given, parts = append(given, p.String()), append(parts, indexPart(p))
	}
	create, name := "CREATE INDEX IF NOT EXISTS ", t.Schema+"."+t.Name+"("+strings.Join(given, ",")+")"
	if i.Unique || i.Foreign {
		create, name = "CREATE UNIQUE INDEX IF NOT EXISTS ", name+uniqueName
	} else {
		for _, k := range t.Key {
			if !slices.Contains(i.Columns(), k) {
				parts = append(parts, dialect.Quote(k))
			}
		}
	}
	return create + dialect.Quote(name) + " ON " + d.Table(t.Schema, t.Name) + " (" + strings.Join(parts, ", ") + ")"
}

// uniqueName ends the name of an index that is unique.
const uniqueName = " unique"

func indexPart(p dialect.IndexPart) string {
	switch {
	case p.Expression != "":
		return p.Expression
	case p.Path != "":
		return "json_extract(" + dialect.Quote(p.Column) + ", " + dialect.Literal("$."+p.Path) + ")"
	}
	return dialect.Quote(p.Column)
}
