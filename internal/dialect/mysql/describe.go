package mysql

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
)

// The statements that read information_schema. Between the two halves stands a condition on the
// table's name where one is asked for. The server numbers names, and ten comes after nine where the
// shorter go first.
var (
	selectTables = [2]string{"SELECT table_name, table_comment, COALESCE(table_collation, '') FROM information_schema.tables" +
		" WHERE table_type = 'BASE TABLE' AND table_schema = ?", ""}
	selectColumns = [2]string{"SELECT table_name, column_name, column_type, is_nullable, column_default, extra, column_comment," +
		" COALESCE(collation_name, ''), VERSION() LIKE '%MariaDB%' FROM information_schema.columns WHERE table_schema = ?",
		" ORDER BY ordinal_position"}
	// Of MySQL since 8.0.13 alone indexes have expressions; MariaDB passes over such comments.
	selectIndexes = [2]string{"SELECT table_name, index_name, non_unique, column_name, COALESCE(NULL /*!80013 , expression */)" +
		" FROM information_schema.statistics WHERE table_schema = ?",
		" ORDER BY LENGTH(index_name), index_name, seq_in_index"}
	selectForeign = [2]string{"SELECT table_name, constraint_name, column_name," +
		" referenced_table_schema, referenced_table_name, referenced_column_name" +
		" FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL AND table_schema = ?",
		" ORDER BY LENGTH(constraint_name), constraint_name, ordinal_position"}
)

const oneTable = " AND table_name = ?"

// Describe reads information_schema. The core type stands in the comment of a column.
func (Dialect) Describe(ctx context.Context, query dialect.Query, schema, table string) ([]dialect.Table, error) {
	r := reader{schema: schema, tables: map[string]*described{}}
	for _, step := range []struct {
		statement [2]string
		scan      func(dialect.Rows) error
	}{
		{selectTables, r.scanTable}, {selectColumns, r.scanColumn}, {selectIndexes, r.scanIndex}, {selectForeign, r.scanForeign},
	} {
		condition, args := "", []any{schema}
		if table != "" {
			condition, args = oneTable, []any{schema, table}
		}
		if err := dialect.Scan(ctx, query, step.scan, step.statement[0]+condition+step.statement[1], args...); err != nil {
			return nil, err
		}
	}
	tables := make([]dialect.Table, 0, len(r.tables))
	for _, t := range r.tables {
		t.Indexes = t.OwnIndexes()
		tables = append(tables, t.Table)
	}
	slices.SortFunc(tables, func(a, b dialect.Table) int { return strings.Compare(a.Name, b.Name) })
	return tables, nil
}

// A reader collects what is said of tables in several places.
type reader struct {
	schema string
	tables map[string]*described
}

// described is a table, the collation of its texts, and what its last foreign key is called.
type described struct {
	dialect.Table

	collation, constraint string
}

func (r *reader) scanTable(rows dialect.Rows) error {
	t := described{Table: dialect.Table{Schema: r.schema}}
	if err := rows.Scan(&t.Name, &t.Comment, &t.collation); err != nil {
		return err
	}
	r.tables[t.Name] = &t
	return nil
}

func (r *reader) scanColumn(rows dialect.Rows) error {
	var table, columnType, nullable, extra, collation string
	var def sql.NullString
	var mariaDB bool
	var c dialect.Column
	if err := rows.Scan(&table, &c.Name, &columnType, &nullable, &def, &extra, &c.Comment, &collation, &mariaDB); err != nil {
		return err
	}
	t := r.tables[table]
	if t == nil {
		return nil
	}
	if strings.Contains(extra, "auto_increment") {
		columnType += " auto_increment"
	}
	c.Nullable = nullable == "YES"
	c.Type, c.Comment, c.Unmarked = typeOf(columnType, c.Comment)
	c.Besides = besides(columnType, extra)
	if collation != "" && collation != t.collation && !strings.HasPrefix(columnType, "longtext") { // as which MariaDB keeps json
		c.Besides = strings.TrimSpace(c.Besides + " collate " + collation)
	}
	switch {
	case !def.Valid && c.Nullable:
		c.Default = "NULL"
	case !def.Valid:
	case mariaDB:
		c.Default = defaultOfSQL(c.Type, def.String)
	case strings.Contains(extra, "DEFAULT_GENERATED"):
		c.Default = defaultOfSQL(c.Type, unescape(def.String))
	default:
		c.Default = defaultOfText(c.Type, def.String)
	}
	t.Columns = append(t.Columns, c)
	return nil
}

// besides is what CREATE TABLE says of a column elsewhere than a dialect.Column does.
func besides(columnType, extra string) string {
	rest := strings.NewReplacer("auto_increment", "", "DEFAULT_GENERATED", "").Replace(extra)
	if strings.Contains(columnType, "zerofill") {
		rest += " zerofill"
	}
	return strings.TrimSpace(rest)
}

func (r *reader) scanIndex(rows dialect.Rows) error {
	var table, name string
	var notUnique bool
	var column, expression sql.NullString
	if err := rows.Scan(&table, &name, &notUnique, &column, &expression); err != nil {
		return err
	}
	t := r.tables[table]
	switch {
	case t == nil:
		return nil
	case name == "PRIMARY":
		t.Key = append(t.Key, column.String)
		return nil
	}
	if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != name {
		t.Indexes = append(t.Indexes, dialect.Index{Name: name, Unique: !notUnique})
	}
	i := &t.Indexes[len(t.Indexes)-1]
	i.Parts = append(i.Parts, partOf(column.String, unescape(expression.String)))
	return nil
}

func (r *reader) scanForeign(rows dialect.Rows) error {
	var table, constraint, column, referred string
	var f dialect.ForeignKey
	if err := rows.Scan(&table, &constraint, &column, &f.Schema, &f.Table, &referred); err != nil {
		return err
	}
	t := r.tables[table]
	if t == nil {
		return nil
	}
	if t.constraint != constraint {
		t.constraint, t.Foreign = constraint, append(t.Foreign, f)
	}
	last := &t.Foreign[len(t.Foreign)-1]
	last.Columns, last.ReferenceColumns = append(last.Columns, column), append(last.ReferenceColumns, referred)
	return nil
}
