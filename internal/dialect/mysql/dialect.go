package mysql

import (
	"context"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// Dialect is the dialect of MySQL and MariaDB. A schema is a database.
type Dialect struct{}

// Name is "mysql".
func (Dialect) Name() string { return "mysql" }

// Table is `schema`.`table`.
func (Dialect) Table(schema, table string) string {
	return dialect.Quote(schema) + "." + dialect.Quote(table)
}

// InsertIgnore is INSERT IGNORE.
func (Dialect) InsertIgnore() string { return "INSERT IGNORE" }

// Exact reads a float as a double: of a float's nine digits the server sends six.
func (Dialect) Exact(column, core string) string {
	if core == "float32" {
		return column + " * 1e0"
	}
	return column
}

// Now is the session's clock, which DataJoint for Python reads too.
func (Dialect) Now() string { return "CURRENT_TIMESTAMP(3)" }

// After adds seconds to Now.
func (Dialect) After() string { return "(CURRENT_TIMESTAMP(3) + INTERVAL ? SECOND)" }

// Identity asks for the user at his host, and the connection's number.
func (Dialect) Identity() string { return "SELECT USER(), CONNECTION_ID()" }

// MaxArgs is the protocol's limit for a prepared statement.
func (Dialect) MaxArgs() int { return 65535 }

// SingleWriter is false: rows are locked one by one.
func (Dialect) SingleWriter() bool { return false }

// native are the server's types for the core types whose name it does not know.
var native = map[string]string{
	"int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
	"float32": "float", "float64": "double",
	"bool": "tinyint", "uuid": "binary(16)", "bytes": "longblob",
}

func columnType(c dialect.Column) string {
	core := c.Core
	if core == "" {
		core = c.Type
	}
	if n, ok := native[core]; ok {
		return n
	}
	return core
}

// CreateSchema creates a database that keeps every letter, whatever the server's default is.
func (Dialect) CreateSchema(schema string) []dialect.Statement {
	return []dialect.Statement{{SQL: "CREATE DATABASE IF NOT EXISTS " + dialect.Quote(schema) + " CHARACTER SET utf8mb4"}}
}

// CreateTable writes the statement as DataJoint for Python writes it, to the letter.
func (d Dialect) CreateTable(t dialect.Table) []dialect.Statement {
	var lines []string
	for _, c := range t.Columns {
		lines = append(lines, columnLine(c))
	}
	lines = append(lines, "PRIMARY KEY ("+dialect.QuoteAll(t.Key)+")")
	for _, f := range t.Foreign {
		lines = append(lines, "FOREIGN KEY ("+dialect.QuoteAll(f.Columns)+") REFERENCES "+
			d.Table(f.Schema, f.Table)+" ("+dialect.QuoteAll(f.ReferenceColumns)+") ON UPDATE CASCADE ON DELETE RESTRICT")
	}
	for _, i := range t.Indexes {
		lines = append(lines, indexLine(i))
	}
	sql := "CREATE TABLE IF NOT EXISTS " + d.Table(t.Schema, t.Name) + " (\n" +
		strings.Join(lines, ",\n") + "\n) ENGINE=InnoDB"
	if t.Comment != "" {
		sql += ", COMMENT " + comment(t.Comment)
	}
	return []dialect.Statement{{SQL: sql}}
}

// AddColumn alters the table.
func (d Dialect) AddColumn(t dialect.Table, c dialect.Column) []dialect.Statement {
	return []dialect.Statement{{SQL: "ALTER TABLE " + d.Table(t.Schema, t.Name) + " ADD COLUMN " + columnLine(c)}}
}

func columnLine(c dialect.Column) string {
	var b strings.Builder
	b.WriteString(dialect.Quote(c.Name) + " " + columnType(c))
	if !c.Nullable {
		b.WriteString(" NOT NULL")
	}
	if c.Default != "" {
		b.WriteString(" DEFAULT " + c.Default)
	}
	text := c.Comment
	if c.Core != "" && !c.Unmarked {
		text = ":" + c.Type + ":" + text
	}
	if text != "" {
		b.WriteString(" COMMENT " + comment(text))
	}
	return b.String()
}

func indexLine(i dialect.Index) string {
	switch {
	case i.Foreign:
		return "UNIQUE INDEX (" + dialect.QuoteAll(i.Columns) + ")"
	case i.Unique:
		return "unique index (" + strings.ReplaceAll(dialect.QuoteAll(i.Columns), ", ", ",") + ")"
	}
	return "index (" + strings.ReplaceAll(dialect.QuoteAll(i.Columns), ", ", ",") + ")"
}

// comment quotes text as DataJoint does. A backslash escapes in the sessions' mode.
func comment(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

const selectColumns = `SELECT column_name, column_type, is_nullable, column_comment, column_key = 'PRI'
FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`

// Columns reads information_schema. The core type stands in the comment.
func (Dialect) Columns(ctx context.Context, query dialect.Query, schema, table string) ([]dialect.Column, error) {
	rows, err := query(ctx, selectColumns, schema, table)
	if err != nil {
		return nil, err
	}
	return dialect.ScanColumns(rows, scanColumn)
}

// marker finds the type that a column's comment begins with. An enum's members may hold
// colons, so quoted text counts as one piece.
var marker = regexp.MustCompile(`(?s)^:((?:[^:'"]|'(?:[^']|'')*'|"[^"]*")+):(.*)$`)

func scanColumn(rows dialect.Rows) (dialect.Column, error) {
	var c dialect.Column
	var nullable string
	if err := rows.Scan(&c.Name, &c.Type, &nullable, &c.Comment, &c.Key); err != nil {
		return c, err
	}
	c.Nullable = nullable == "YES"
	if m := marker.FindStringSubmatch(c.Comment); m != nil {
		if c.Core = m[1]; strings.HasPrefix(m[1], "<") {
			c.Core = coreOf(c.Type)
		}
		c.Type, c.Comment = m[1], m[2]
		return c, nil
	}
	c.Type, c.Unmarked = coreOf(c.Type), true
	return c, nil
}

// widths are the display widths that MariaDB adds to integer types.
var widths = regexp.MustCompile(`^(tinyint|smallint|mediumint|int|bigint)\(\d+\)`)

// coreOf turns a column type into the core type it can have come from, as the columns of
// foreign keys have no marker, and a codec's marker does not tell; a type that no core type becomes is left as it is.
func coreOf(columnType string) string {
	t := widths.ReplaceAllString(columnType, "$1")
	for _, core := range []string{"int8", "int16", "int32", "int64", "float32", "float64", "uuid", "bytes"} {
		if native[core] == t {
			return core
		}
	}
	return t
}
