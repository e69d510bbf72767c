package sqlite

import (
	"database/sql/driver"
	"errors"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rowmill/rowmill/internal/datatype"
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

// PassOver names the key.
func (Dialect) PassOver(_ string, key []string) string {
	return " ON CONFLICT (" + dialect.QuoteAll(key) + ") DO NOTHING"
}

// Hasty is empty: whoever wants to write waits for his turn, and not for locks.
func (Dialect) Hasty() string { return "" }

// Scan is NOT INDEXED.
func (Dialect) Scan() string { return " NOT INDEXED" }

// SkipLocked is empty: readers see the file as the last commit left it.
func (Dialect) SkipLocked() string { return "" }

// Upsert names the key: a conflict in another index fails.
func (Dialect) Upsert(key, set []string) string {
	conflict := " ON CONFLICT (" + dialect.QuoteAll(key) + ") DO "
	if len(set) == 0 {
		return conflict + "NOTHING"
	}
	assign := make([]string, len(set))
	for i, c := range set {
		assign[i] = dialect.Quote(c) + " = excluded." + dialect.Quote(c)
	}
	return conflict + "UPDATE SET " + strings.Join(assign, ", ")
}

// Exact reads what is there: SQLite sends values as it keeps them.
func (Dialect) Exact(column string, _ datatype.Type) string { return column }

// Now is in UTC.
func (Dialect) Now() string { return clock("'now'") }

// After adds seconds to Now.
func (Dialect) After() string { return clock("'now', ? || ' seconds'") }

// clock spells a time as values of Go's do, without zeros at the end of its fraction: times
// are texts here, and equal times are equal only as equal texts.
func clock(modifiers string) string {
	return "rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', " + modifiers + "), '0'), '.')"
}

// Explain asks for the plan, and not for the program of SQLite's machine.
func (Dialect) Explain() string { return "EXPLAIN QUERY PLAN" }

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
stored TEXT NOT NULL,
unmarked INTEGER NOT NULL,
comment TEXT NOT NULL,
PRIMARY KEY (table_name, attribute_name)
) STRICT`}}
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
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_SCHEMA:
		return dialect.Busy
	case sqlite3.SQLITE_INTERRUPT: // for which there is no other cause
		return dialect.Interrupted
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
