package mysql

import (
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
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

// PassOver gives a row that is there its own key, which sessions count (clientFoundRows).
func (Dialect) PassOver(table string, key []string) string {
	column := table + "." + dialect.Quote(key[0])
	return " ON DUPLICATE KEY UPDATE " + column + " = " + column
}

// Hasty is MariaDB's. To MySQL it is a comment.
func (Dialect) Hasty() string { return "/*M!100600 SET STATEMENT innodb_lock_wait_timeout = 1 FOR */ " }

// Scan names the only index that every table has.
func (Dialect) Scan() string { return " USE INDEX (PRIMARY)" }

// SkipLocked locks what is free.
func (Dialect) SkipLocked() string { return " FOR UPDATE SKIP LOCKED" }

// Upsert is ON DUPLICATE KEY UPDATE, which servers do whatever index the row is a duplicate in: where that is
// another than the key, a condition has two values, which it cannot have. (NULL would not do for a key: one that
// numbers itself would be 0.)
func (Dialect) Upsert(key, set []string) string {
	same := make([]string, len(key))
	for i, k := range key {
		same[i] = dialect.Quote(k) + " = VALUES(" + dialect.Quote(k) + ")"
	}
	first := dialect.Quote(key[0])
	assign := []string{first + " = CASE WHEN " + strings.Join(same, " AND ") + " THEN " + first +
		" WHEN (SELECT 1 UNION ALL SELECT 2) THEN NULL END"}
	for _, c := range set {
		assign = append(assign, dialect.Quote(c)+" = VALUES("+dialect.Quote(c)+")")
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(assign, ", ")
}

// Exact reads a float as a double: of a float's nine digits the server sends six.
func (Dialect) Exact(column string, t datatype.Type) string {
	if t.Kind == datatype.Float && t.Bits == 32 {
		return column + " * 1e0"
	}
	return column
}

// Now is the session's clock, which DataJoint for Python reads too.
func (Dialect) Now() string { return "CURRENT_TIMESTAMP(3)" }

// After adds seconds to Now.
func (Dialect) After() string { return "(CURRENT_TIMESTAMP(3) + INTERVAL ? SECOND)" }

// Explain is EXPLAIN.
func (Dialect) Explain() string { return "EXPLAIN" }

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

func columnType(t datatype.Type) string {
	if n, ok := native[t.Stored]; ok {
		return n
	}
	return t.Stored
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

// Alter writes one ALTER TABLE, which the server does as a whole or not at all.
func (d Dialect) Alter(t dialect.Table, changes []dialect.Change) ([]dialect.Statement, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	actions := make([]string, len(changes))
	for i, c := range changes {
		actions[i] = action(c)
	}
	return []dialect.Statement{{SQL: "ALTER TABLE " + d.Table(t.Schema, t.Name) + wait(changes) + "\n" + strings.Join(actions, ",\n")}}, nil
}

// wait is nothing, or MariaDB's word for not to wait. To MySQL it is a comment.
func wait(changes []dialect.Change) string {
	if slices.ContainsFunc(changes, func(c dialect.Change) bool { return c.Add == nil || !c.Add.Hidden() }) {
		return ""
	}
	return " /*M!100600 NOWAIT */"
}

func action(c dialect.Change) string {
	switch {
	case c.Add != nil && c.After != "":
		return "ADD COLUMN " + columnLine(*c.Add) + " AFTER " + dialect.Quote(c.After)
	case c.Add != nil:
		return "ADD COLUMN " + columnLine(*c.Add)
	case c.Modify != nil:
		return "MODIFY COLUMN " + columnLine(*c.Modify)
	case c.Drop != nil:
		return "DROP COLUMN " + dialect.Quote(c.Drop.Name)
	case c.AddIndex != nil:
		return "ADD " + indexLine(*c.AddIndex)
	case c.DropIndex != nil:
		return "DROP INDEX " + dialect.Quote(c.DropIndex.Name)
	}
	return "COMMENT " + comment(*c.Comment)
}

func columnLine(c dialect.Column) string {
	var b strings.Builder
	b.WriteString(dialect.Quote(c.Name) + " " + columnType(c.Type))
	if !c.Nullable {
		b.WriteString(" NOT NULL")
	}
	if c.Default != "" {
		b.WriteString(" DEFAULT " + c.Default)
	}
	text := c.Comment
	if !c.Type.Native && !c.Unmarked {
		text = ":" + c.Type.Spec + ":" + text
	}
	if text != "" {
		b.WriteString(" COMMENT " + comment(text))
	}
	return b.String()
}

func indexLine(i dialect.Index) string {
	if i.Foreign {
		return "UNIQUE INDEX (" + dialect.QuoteAll(i.Columns()) + ")"
	}
	parts := make([]string, len(i.Parts))
	for n, p := range i.Parts {
		parts[n] = indexPart(p)
	}
	line := "index (" + strings.Join(parts, ",") + ")"
	if i.Unique {
		return "unique " + line
	}
	return line
}

// indexPart spells a path as DataJoint does.
func indexPart(p dialect.IndexPart) string {
	switch {
	case p.Expression != "":
		return p.Expression
	case p.Path == "":
		return dialect.Quote(p.Column)
	}
	returning := ""
	if p.Returns != "" {
		returning = " returning " + p.Returns
	}
	return "(json_value(" + dialect.Quote(p.Column) + ", _utf8mb4" + dialect.Literal("$."+p.Path) + returning + "))"
}

// comment quotes text as DataJoint does. A backslash escapes in the sessions' mode.
func comment(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
