package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rowmill/rowmill/internal/dialect"
)

// Dialect is the dialect of SQLite.
type Dialect struct{}

// attributes is the table that keeps what SQLite has no place for.
const attributes = "~attribute"

// Name is "sqlite".
func (Dialect) Name() string { return "sqlite" }

// Table is `schema.table`. A schema's name has no dot, so that no two pairs collide.
func (Dialect) Table(schema, table string) string { return dialect.Quote(schema + "." + table) }

// InsertIgnore is INSERT OR IGNORE.
func (Dialect) InsertIgnore() string { return "INSERT OR IGNORE" }

// Exact reads what is there: SQLite sends values as it keeps them.
func (Dialect) Exact(column, _ string) string { return column }

// Now is in UTC.
func (Dialect) Now() string { return clock("'now'") }

// After adds seconds to Now.
func (Dialect) After() string { return clock("'now', ? || ' seconds'") }

// clock spells a time as values of Go's do, without zeros at the end of its fraction: times
// are texts here, and equal times are equal only as equal texts.
func clock(modifiers string) string {
	return "rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', " + modifiers + "), '0'), '.')"
}

// Identity has neither users nor connections to tell of.
func (Dialect) Identity() string { return "SELECT '', 0" }

// MaxArgs is SQLITE_MAX_VARIABLE_NUMBER.
func (Dialect) MaxArgs() int { return 32766 }

// SingleWriter is true: a file has one writer at a time.
func (Dialect) SingleWriter() bool { return true }

// CreateSchema creates the table that keeps the schema's attributes.
func (d Dialect) CreateSchema(schema string) []dialect.Statement {
	return []dialect.Statement{{SQL: "CREATE TABLE IF NOT EXISTS " + d.Table(schema, attributes) + ` (
table_name TEXT NOT NULL,
position INTEGER NOT NULL,
attribute_name TEXT NOT NULL,
type TEXT NOT NULL,
core TEXT NOT NULL,
unmarked INTEGER NOT NULL,
comment TEXT NOT NULL,
PRIMARY KEY (table_name, attribute_name)
) STRICT`}}
}

// CreateTable creates the table and its indexes, and writes its attributes down. The table
// itself is position 0, with its comment.
func (d Dialect) CreateTable(t dialect.Table) []dialect.Statement {
	statements := []dialect.Statement{{SQL: d.createTable(t)}}
	for _, i := range t.Indexes {
		statements = append(statements, dialect.Statement{SQL: d.createIndex(t, i)})
	}
	statements = append(statements, d.describe(t, 0, dialect.Column{Comment: t.Comment}))
	for i, c := range t.Columns {
		statements = append(statements, d.describe(t, i+1, c))
	}
	return statements
}

// AddColumn alters the table, and writes the attribute down.
func (d Dialect) AddColumn(t dialect.Table, c dialect.Column) []dialect.Statement {
	return []dialect.Statement{
		{SQL: "ALTER TABLE " + d.Table(t.Schema, t.Name) + " ADD COLUMN " + columnLine(c)},
		d.describe(t, len(t.Columns), c),
	}
}

// describe writes down what SQLite does not keep of a column.
func (d Dialect) describe(t dialect.Table, position int, c dialect.Column) dialect.Statement {
	return dialect.Statement{
		SQL: "INSERT OR IGNORE INTO " + d.Table(t.Schema, attributes) +
			" (table_name, position, attribute_name, type, core, unmarked, comment) VALUES (?, ?, ?, ?, ?, ?, ?)",
		Args: []any{t.Name, position, c.Name, c.Type, c.Core, c.Unmarked, c.Comment},
	}
}

func (d Dialect) createTable(t dialect.Table) string {
	var lines []string
	for _, c := range t.Columns {
		lines = append(lines, columnLine(c))
	}
	lines = append(lines, "PRIMARY KEY ("+dialect.QuoteAll(t.Key)+")")
	for _, f := range t.Foreign {
		lines = append(lines, "FOREIGN KEY ("+dialect.QuoteAll(f.Columns)+") REFERENCES "+
			d.Table(f.Schema, f.Table)+" ("+dialect.QuoteAll(f.ReferenceColumns)+") ON UPDATE CASCADE ON DELETE RESTRICT")
	}
	return "CREATE TABLE IF NOT EXISTS " + d.Table(t.Schema, t.Name) + " (\n" + strings.Join(lines, ",\n") + "\n) STRICT"
}

// createIndex lets an index that is not unique end in the key, as those of servers do: rows of
// equal columns are then in the key's order.
func (d Dialect) createIndex(t dialect.Table, i dialect.Index) string {
	create, name := "CREATE INDEX IF NOT EXISTS ", t.Schema+"."+t.Name+"("+strings.Join(i.Columns, ",")+")"
	columns := slices.Clone(i.Columns)
	if i.Unique || i.Foreign {
		create, name = "CREATE UNIQUE INDEX IF NOT EXISTS ", name+" unique"
	} else {
		for _, k := range t.Key {
			if !slices.Contains(columns, k) {
				columns = append(columns, k)
			}
		}
	}
	return create + dialect.Quote(name) + " ON " + d.Table(t.Schema, t.Name) + " (" + dialect.QuoteAll(columns) + ")"
}

func (d Dialect) selectColumns(schema string) string {
	return "SELECT i.name, coalesce(a.type, i.type), coalesce(a.core, ''), coalesce(a.unmarked, 0), NOT i.\"notnull\", coalesce(a.comment, ''), i.pk > 0" +
		" FROM pragma_table_info(?) i LEFT JOIN " + d.Table(schema, attributes) +
		" a ON a.table_name = ? AND a.attribute_name = i.name ORDER BY i.cid"
}

// Columns reads the table's own list of columns, and what ~attribute says of them.
func (d Dialect) Columns(ctx context.Context, query dialect.Query, schema, table string) ([]dialect.Column, error) {
	rows, err := query(ctx, d.selectColumns(schema), schema+"."+table, table)
	if err != nil {
		if isMissingTable(err) {
			return nil, nil
		}
		return nil, err
	}
	return dialect.ScanColumns(rows, scanColumn)
}

func scanColumn(rows dialect.Rows) (dialect.Column, error) {
	var c dialect.Column
	err := rows.Scan(&c.Name, &c.Type, &c.Core, &c.Unmarked, &c.Nullable, &c.Comment, &c.Key)
	return c, err
}

// primary masks the primary code of an extended result code.
const primary = 0xff

// Classify goes by SQLite's result codes.
func (Dialect) Classify(err error) dialect.Class {
	if errors.Is(err, driver.ErrBadConn) {
		return dialect.Lost
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return dialect.Other
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return dialect.Duplicate
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return dialect.Referenced
	}
	switch e.Code() & primary {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH:
		return dialect.Value
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return dialect.Busy
	case sqlite3.SQLITE_TOOBIG:
		return dialect.TooLarge
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PERM:
		return dialect.ReadOnly
	case sqlite3.SQLITE_ERROR:
		return missing(e)
	}
	return dialect.Other
}

// missing tells tables and columns that are not there. SQLite has one code for both and
// for any other mistake in a statement; only its text tells them apart.
func missing(e *sqlite.Error) dialect.Class {
	switch text := e.Error(); {
	case strings.Contains(text, "no such table"):
		return dialect.NoTable
	case strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return dialect.NoColumn
	}
	return dialect.Other
}

func isMissingTable(err error) bool {
	return (Dialect{}).Classify(err) == dialect.NoTable
}
